"""What a run tells while it goes on: updates, metrics, the bytes of its log."""

from __future__ import annotations

from pathlib import Path

from tests.executor.support import pipeline, run, states, until, workspace


def test_follow_tells_the_whole_story(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        number = space.runs.submit(pipeline("a: {type: custom.make, params: {seconds: 1.2}}"))
        updates = list(space.runs.follow(number))
        kinds = [update.kind for update in updates]
        assert kinds[0] == kinds[-1] == "run" and updates[-1].data == {"state": "succeeded"}
        assert {"node", "progress", "metric", "log"} <= set(kinds)
        assert [u.data["state"] for u in updates if u.kind == "node"][-1] == "succeeded"
        log = next(update for update in updates if update.kind == "log")
        assert space.runs.log(number, "a", offset=log.data["offset"]) == b"made hello\n"
        left = [u.data["seconds_left"] for u in updates if u.kind == "progress" and u.data["seconds_left"]]
        assert left and 0 <= left[0] <= 1.5


def test_subscribers_hear_everything_at_once(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        subscription = space.runs.subscribe()
        assert subscription is not None
        number = space.runs.submit(pipeline("a: {type: custom.make}"))
        heard = []
        until(lambda: (heard.extend(subscription.take(0.1)) or heard[-1:]) and heard[-1].kind == "run"
              and heard[-1].data["state"] == "succeeded")  # fmt: skip
        assert [u.data["state"] for u in heard if u.kind == "run"] == ["running", "succeeded"]
        assert {u.run for u in heard} == {number}
        subscription.close()
        run(space, pipeline("a: {type: custom.make, params: {text: again}}"))
        assert subscription.take(0) == []


def test_f50_log_bytes_are_kept_as_they_were(tmp_path: Path) -> None:
    raw = b"\x00\x1b[31mred\xff\xfe no newline"
    text = pipeline(f"a: {{type: custom.speak, params: {{hexadecimal: '{raw.hex()}'}}}}")
    with workspace(tmp_path) as space:
        view = run(space, text)
        assert space.runs.log(view.id, "a") == raw
        assert states(run(space, text)) == {"a": "succeeded"}, "a type that is not cached runs each time"
