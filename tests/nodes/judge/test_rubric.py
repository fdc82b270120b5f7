"""judge.rubric against a real HTTP service: good verdicts, bad ones, and a service that misbehaves."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from nodegraph import NodeFailure
from nodes.common.metrics import read_indicators
from tests.nodes.judge.conftest import JudgeServer, verdict
from tests.support import NodeResult, dataset, run_node

KEY = "sk-canary-4f9a-never-seen"


def samples(*answers: str) -> list[dict[str, Any]]:
    return [
        {"index": n, "prompt": f"Question {n}?", "prediction": answer, "reference": f"truth {n}"}
        for n, answer in enumerate(answers)
    ]


def run(tmp_path: Path, server: JudgeServer, rows: list[dict[str, Any]], **params: Any) -> NodeResult:
    data = dataset(tmp_path / f"data-{len(list(tmp_path.glob('data-*')))}", rows)
    given: dict[str, Any] = {
        "base_url": server.url, "model": "judge-1", "canaries": 0, "retry_delay": 0.01, "timeout": 5.0,
        **params,
    }  # fmt: skip
    return run_node("judge.rubric", tmp_path, {"samples": data}, secrets={"JUDGE_KEY": KEY}, **given)


def rubric_of(result: NodeResult) -> dict[str, Any]:
    return read_indicators(result.outputs["metrics"])["rubric"]


def test_scores_are_weighted_and_summed_up(tmp_path: Path, judge: JudgeServer) -> None:
    mixed = json.dumps({"rationale": "why", "scores": {"truth": 5, "style": 2}})
    dimensions = [{"name": "truth", "weight": 3.0}, {"name": "style", "description": "Is it short?"}]
    rows = samples(f"reply {mixed}", f"reply {mixed.replace('5', '1')}")
    result = run(tmp_path, judge, rows, dimensions=dimensions)
    found = rubric_of(result)
    assert found["score"] == ((5 * 3 + 2) / 4 + (1 * 3 + 2) / 4) / 2 == result.metric("score")
    assert found["mean"] == 2.5
    assert found["normalised"] == (found["score"] - 1) / 4
    assert found["dimensions"]["truth"] == {"mean": 3.0, "std": 2.0, "median": 3.0, "weight": 3.0}
    assert result.metric("truth") == 3.0 and result.metric("style") == 2.0
    assert (found["samples"], found["errors"], found["invalid"], found["cached"]) == (2, 0, 0, 0)
    counts = read_indicators(result.outputs["metrics"])["rubric_distribution"]["dimensions"]
    assert counts == {"truth": {"1": 1, "5": 1}, "style": {"2": 2}}
    first = result.rows("samples")[0]
    assert first["score"] == 4.25 and first["scores"] == {"truth": 5.0, "style": 2.0}
    assert first["rationale"] == "why" and first["error"] is None
    assert first["prediction"] == rows[0]["prediction"]


def test_what_the_judge_is_told(tmp_path: Path, judge: JudgeServer) -> None:
    template = "Q: {prompt}\nA: {answer}"
    run(tmp_path, judge, samples("score 4"), instructions="Be kind {to} all.", scale=[0, 10])
    run(
        tmp_path,
        judge,
        samples("score 4"),
        template=template,
        use_reference=False,
        seed=None,
        temperature=None,
    )
    first, second = judge.bodies
    system, user = (turn["content"] for turn in first["messages"])
    assert "from 0 (worst) to 10 (best)" in system and "Be kind {to} all." in system
    assert "Question 0?" in user and "truth 0" in user
    assert (first["model"], first["temperature"], first["seed"]) == ("judge-1", 0.0, 0)
    schema = first["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["scores"]["properties"]["clarity"]["enum"] == list(range(11))
    assert "truth 0" not in second["messages"][1]["content"]
    assert not {"seed", "temperature"} & set(second)


def test_conversations_and_datasets_are_judged_too(tmp_path: Path, judge: JudgeServer) -> None:
    chat = [{"role": "user", "content": "Hi?"}, {"role": "assistant", "content": "score 4"}]
    rows: list[dict[str, Any]] = [
        {"messages": chat}, {"prompt": "p", "completion": "score 4"}, {"text": "score 4"},
        {"prompt": chat[:1], "prediction": "score 4", "reference": "r"},
    ]  # fmt: skip
    for number, row in enumerate(rows):
        assert rubric_of(run(tmp_path, judge, [row], seed=number))["score"] == 4.0
    assert "Hi?" in judge.bodies[0]["messages"][1]["content"]
    named = run(tmp_path, judge, [{"q": "x", "a": "score 2"}], prompt_field="q", answer_field="a")
    assert rubric_of(named)["score"] == 2.0


@pytest.mark.parametrize(
    "reply",
    [
        verdict(99), verdict(0), verdict("5"), verdict(4.5), verdict(5.0), verdict(True), verdict(None),
        verdict(3).replace("3", "NaN"), verdict(3).replace("3", "1e999"),
        verdict(5, scores={"correctness": 5}),
        verdict(5, scores=[5, 5, 5]), verdict(5, rationale=None), verdict(5, overall=5), "5", "null", "[]",
        f"Sure! {verdict(5)}", verdict(5) * 2, verdict(5)[:-1], "",
        verdict(5).replace('"clarity": 5', '"clarity": 5, "clarity": 1'), "[" * 100_000,
    ],
)  # fmt: skip
def test_an_invalid_reply_is_asked_again_then_counted_never_averaged(
    tmp_path: Path, judge: JudgeServer, reply: str
) -> None:
    result = run(tmp_path, judge, samples("score 2", f"reply {reply}"), max_retries=1)
    found = rubric_of(result)
    assert (found["score"], found["samples"], found["errors"], found["invalid"]) == (2.0, 1, 1, 2)
    bad = result.rows("samples")[1]
    assert bad["score"] is None and bad["scores"] is None and bad["error"]
    assert len(judge.bodies) == 3


@pytest.mark.parametrize(
    "reply", [f"```json\n{verdict(4)}\n```", f"&lt;think>{{5}}&lt;/think>\n{verdict(4)}"]
)
def test_a_fence_or_a_thought_around_the_verdict_is_allowed(
    tmp_path: Path, judge: JudgeServer, reply: str
) -> None:
    assert rubric_of(run(tmp_path, judge, samples(f"reply {reply}")))["score"] == 4.0


def test_a_busy_service_is_asked_again_after_the_time_it_names(tmp_path: Path, judge: JudgeServer) -> None:
    started = time.monotonic()
    found = rubric_of(run(tmp_path, judge, samples("busy 2"), retry_delay=0.0))
    assert (found["samples"], found["errors"], found["retries"]) == (1, 0, 2)
    assert time.monotonic() - started >= 0.1


@pytest.mark.parametrize("fault", ["busy 99", "broken", "garbage", "hang", "drip"])
def test_retries_are_bounded_and_the_error_is_counted(tmp_path: Path, judge: JudgeServer, fault: str) -> None:
    started = time.monotonic()
    params = {"timeout": 0.3, "max_retries": 1, "max_delay": 0.01}
    result = run(tmp_path, judge, samples("score 3", fault), **params)
    assert (rubric_of(result)["samples"], rubric_of(result)["errors"]) == (1, 1)
    assert len(judge.bodies) == 3
    assert time.monotonic() - started < 3


def test_too_many_errors_fail_the_node(tmp_path: Path, judge: JudgeServer) -> None:
    rows = samples("score 3", *["reply no"] * 9)
    with pytest.raises(NodeFailure, match=r"could not be judged: .* no JSON object") as caught:
        run(tmp_path, judge, rows, max_retries=0, max_error_rate=0.2, concurrency=1)
    assert caught.value.category == "infrastructure"
    assert len(judge.bodies) == 4  # the third error is one too many: the rest is not asked
    with pytest.raises(NodeFailure, match="Sample 2 could not be judged"):
        run(tmp_path, judge, rows, max_retries=0, on_error="fail", concurrency=1)


def test_a_service_that_is_not_there_is_an_error_soon(tmp_path: Path, judge: JudgeServer) -> None:
    with pytest.raises(NodeFailure, match="cannot be reached"):
        run(tmp_path, judge, samples("score 3"), base_url="http://127.0.0.1:9/v1", max_retries=1)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("status 401", "refuses the key"), ("status 403", "refuses the key"),
        ("status 404", "no such address or model"), ("redirect", "redirect"),
    ],
)  # fmt: skip
def test_what_no_retry_can_mend_stops_at_once(
    tmp_path: Path, judge: JudgeServer, fault: str, message: str
) -> None:
    with pytest.raises(NodeFailure, match=message) as caught:
        run(tmp_path, judge, samples(*[fault] * 5), api_key="JUDGE_KEY", concurrency=1)
    assert caught.value.category == "input"
    assert KEY not in f"{caught.value} {caught.value.hint}"
    assert len(judge.bodies) == 1


def test_a_retry_asks_only_for_what_is_missing(tmp_path: Path, judge: JudgeServer) -> None:
    from nodegraph.contract import InputArtifact, Inputs, Outputs
    from nodegraph.harness.context import EventFile, RunContext
    from nodegraph.harness.job import Job
    from nodes.judge import rubric
    from nodes.judge._rubric_params import Params

    data = dataset(tmp_path / "data", samples("score 3", "score 5", "busy 1"))
    places = {"output_dir": "out", "scratch_dir": "scratch", "resume_dir": "resume"}
    paths = {name: str(tmp_path / place) for name, place in places.items()}
    events, shown = str(tmp_path / "events"), str(tmp_path / "preview")
    job = Job(run="r", node="n", attempt=1, type="judge.rubric", nodes_root="", events_file=events,
              preview_file=shown, **paths)  # fmt: skip
    (tmp_path / "resume").mkdir()
    params = {"base_url": judge.url, "model": "m", "max_retries": 0, "on_error": "fail", "concurrency": 1}
    checked = Params.model_validate({**params, "canaries": 0})
    inputs = Inputs({"samples": [InputArtifact(data, "dataset", "d")]})
    outputs = Outputs({port: tmp_path / "out" / port for port in ("metrics", "samples")})
    context = RunContext(job, EventFile(events, {}), {})
    with pytest.raises(NodeFailure, match="Sample 3"):
        rubric.run(checked, inputs, outputs, context)
    with (tmp_path / "resume" / "verdicts.jsonl").open("a") as file:
        file.write('{"digest": "torn off he')
    rubric.run(checked, inputs, outputs, context)
    assert judge.asked == {"score 3": 1, "score 5": 1, "busy 1": 2}
    assert read_indicators(outputs["metrics"])["rubric"]["cached"] == 2
    rubric.run(checked.model_copy(update={"seed": 1}), inputs, outputs, context)
    assert judge.asked["score 3"] == 2  # another question


def test_questions_run_at_once_and_stay_in_order(tmp_path: Path, judge: JudgeServer) -> None:
    scores = [1 + n % 5 for n in range(12)]
    result = run(tmp_path, judge, samples(*(f"slow {score}" for score in scores)), concurrency=6)
    assert 2 <= judge.most_at_once <= 6
    assert [row["score"] for row in result.rows("samples")] == scores


def test_votes_are_their_median(tmp_path: Path, judge: JudgeServer) -> None:
    result = run(tmp_path, judge, samples("draw"), votes=3, seed=1)  # 2, 3, 4
    assert rubric_of(result)["score"] == 3.0
    assert result.rows("samples")[0]["votes"] == 3


@pytest.mark.parametrize("refuses", [{"json_schema"}, {"json_schema", "json_object"}])
def test_a_simpler_reply_format_is_tried_where_one_is_refused(
    tmp_path: Path, judge: JudgeServer, refuses: set[str]
) -> None:
    judge.refuses = refuses
    found = rubric_of(run(tmp_path, judge, samples("score 3", "score 4", "score 5"), concurrency=1))
    assert (found["score"], found["errors"]) == (4.0, 0)
    assert len(judge.bodies) == 3 + len(refuses)  # learned once
    with pytest.raises(NodeFailure, match="response_format json_schema is not supported"):
        run(tmp_path, judge, samples("score 3"), response_format="json_schema")


def test_the_key_is_sent_and_is_found_nowhere(
    tmp_path: Path, judge: JudgeServer, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = samples("echo", "broken", "status 418", "score 3", "score 4")
    result = run(tmp_path, judge, rows, api_key="JUDGE_KEY", max_retries=1, canaries=1)
    assert set(judge.keys) == {f"Bearer {KEY}"}
    assert rubric_of(result)["errors"] == 2
    assert "[secret]" in result.rows("samples")[0]["rationale"]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "verdicts.jsonl" for path in files)
    for path in files:
        assert KEY.encode() not in path.read_bytes(), path
    assert KEY not in "".join(capfd.readouterr())


def test_a_key_that_can_be_none(tmp_path: Path, judge: JudgeServer) -> None:
    data = dataset(tmp_path / "data", samples("score 3"))
    given: dict[str, Any] = {"base_url": judge.url, "model": "m", "api_key": "JUDGE_KEY", "canaries": 0}
    for value, message in (
        ("密钥", "cannot be a key"),
        ("two\nlines", "cannot be a key"),
        (None, "is not set"),
    ):
        secrets = {} if value is None else {"JUDGE_KEY": value}
        with pytest.raises(NodeFailure, match=message):
            run_node("judge.rubric", tmp_path, {"samples": data}, secrets=secrets, **given)
    run_node("judge.rubric", tmp_path, {"samples": data}, secrets={"JUDGE_KEY": "fine\n"}, **given)
    assert judge.keys == ["Bearer fine"]


@pytest.mark.parametrize("obeys", [True, False])
def test_a_judge_that_obeys_the_judged_is_flagged(tmp_path: Path, judge: JudgeServer, obeys: bool) -> None:
    judge.obeys = obeys
    result = run(tmp_path, judge, samples("score 2", "score 3"), canaries=4)
    found = read_indicators(result.outputs["metrics"])["judge_canaries"]
    assert (found["canaries"], found["flagged"], found["fooled"]) == (4, obeys, 4 * obeys)
    assert rubric_of(result)["score"] == 2.5  # canaries are not averaged
    assert len(result.rows("samples")) == 2
    warned = [event for event in result.events if event.event == "log" and event.level == "warning"]
    assert bool(warned) is obeys


@pytest.mark.parametrize(
    ("rows", "params", "message"),
    [
        ([], {}, "no rows"),
        ([{"prompt": "p"}], {}, "Row 1 has no answer to judge"),
        ([{"prompt": "p", "prediction": "x"}], {"answer_field": "said"}, "Row 1 has no field said"),
    ],
)
def test_what_cannot_be_judged_says_so(
    tmp_path: Path, judge: JudgeServer, rows: list[dict[str, Any]], params: dict[str, Any], message: str
) -> None:
    with pytest.raises(NodeFailure, match=message) as caught:
        run(tmp_path, judge, rows, **params)
    assert caught.value.category == "input" and not judge.bodies
