"""Nodes in containers: they get what they need, no more, and leave everything where the engine looks."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.executor.docker.support import (
    containers,
    logged,
    nothing_is_left,
    real,
    run,
    running,
    shell,
    submit,
    toys,
)  # fmt: skip
from tests.executor.support import pipeline, states, text_of, until

pytestmark = pytest.mark.docker
CANARY = "canary-5f3a9c"


def test_a_pipeline_runs_in_containers(tmp_path: Path, base_image: str) -> None:
    text = pipeline("""
    a: {type: custom.make, params: {text: hello}}
    b: {type: custom.make, params: {text: " world"}, inputs: {after: a.text}}
    """)
    with toys(tmp_path) as space:
        view = run(space, text)
        assert states(view) == {"a": "succeeded", "b": "succeeded"}, view.nodes["a"].error
        assert text_of(view, "b") == "hello world"
        assert view.nodes["b"].metrics == {"length": 6.0}
        assert states(run(space, text)) == {"a": "cached", "b": "cached"}
    attempt = tmp_path / "data/runs/1/b/1"
    assert (attempt / "log").read_text() == "made  world\n"
    assert json.loads((attempt / "preview.json").read_text())[0]["text"] == "hello world"
    assert (attempt / "exit").read_text() == "0\n"
    nothing_is_left(tmp_path)


def test_f50_the_log_is_kept_byte_for_byte(tmp_path: Path, base_image: str) -> None:
    said = b"\x00\x1b[31mred\xff\xfe\r\n" + "错误 🙂\n".encode() + b"x" * 100_000
    with toys(tmp_path) as space:
        text = pipeline(f"a: {{type: custom.speak, params: {{hexadecimal: '{said.hex()}'}}}}")
        assert run(space, text).state == "succeeded"
    assert (tmp_path / "data/runs/1/a/1/log").read_bytes() == said


def test_a45_a_container_has_no_privileges_and_sees_nothing_but_its_job(tmp_path: Path) -> None:
    with real(tmp_path) as space:
        number = submit(space, shell("sleep 600", resources={"cpu": 0.5, "memory_gb": 0.5}))
        container = running(tmp_path)
        space.runs.cancel(number)
        space.runs.wait(number, 120)
    host = container["HostConfig"]
    uid, gid = container["Config"]["User"].split(":")
    assert int(uid) and int(gid)
    assert (host["Privileged"], host["CapAdd"], host["CapDrop"]) == (False, None, ["ALL"])
    assert host["SecurityOpt"] == ["no-new-privileges"] and host["Init"] is True
    assert (host["NetworkMode"], host["PidMode"], host["Devices"] or []) == ("none", "", [])
    assert (host["NanoCpus"], host["Memory"], host["MemorySwap"]) == (5 * 10**8, 2**29, 2**29)
    assert (host["PidsLimit"], host["ShmSize"]) == (4096, 2**28)
    own = str(tmp_path / "data")
    assert [mount["Source"] for mount in container["Mounts"] if not mount["Source"].startswith(own)] == []
    labels = container["Config"]["Labels"]
    assert [labels[f"nodegraph.{name}"] for name in ("run", "node", "attempt")] == ["1", "a", "1"]
    assert container["Name"].startswith("/nodegraph-1-a-1-")


def test_inputs_and_code_cannot_be_changed(tmp_path: Path) -> None:
    text = pipeline(f"""
    a: {{type: custom.container, params: {{image: "python:3.11-slim", outputs: {{text: text}},
        command: [/bin/sh, -c, "echo first >$NODEGRAPH_OUTPUT_TEXT/t"]}}}}
    b:
      type: custom.container
      params:
        image: python:3.11-slim
        inputs: {{given: text}}
        outputs: {{text: text}}
        command: [/bin/sh, -c, "echo more >>$NODEGRAPH_INPUT_GIVEN/t; cat $NODEGRAPH_INPUT_GIVEN/t
          >$NODEGRAPH_OUTPUT_TEXT/t; id -u >>$NODEGRAPH_OUTPUT_TEXT/t; ls {tmp_path}/data; ls /sys/class/net"]
      inputs: {{given: a.text}}
    """)
    with real(tmp_path) as space:
        view = run(space, text)
        assert view.state == "succeeded", view.nodes["b"].error
        written = (Path(view.nodes["b"].outputs["text"].path) / "t").read_text().split()
    log = (tmp_path / "data/runs/1/b/1/log").read_text()
    assert "cannot create" in log
    assert written[0] == "first" and int(written[1]) != 0
    # Of the data directory only the job's own is there; of networks only the loopback.
    assert "nodegraph.db" not in log and "secrets" not in log
    assert log.split()[-1] == "lo"


def test_a48_a_parameter_does_not_open_the_machine(tmp_path: Path, base_image: str) -> None:
    for place in ("/", "/var/run", str(tmp_path / "data")):
        with toys(tmp_path) as space:
            text = pipeline(
                f"a: {{type: custom.read, params: {{source: '{tmp_path}/here', further: [{place}]}}}}"
            )
            (tmp_path / "here").write_text("data")
            view = run(space, text)
            error = view.nodes["a"].error
            assert error and error["category"] in ("input", "storage"), (place, error)
        assert containers(tmp_path) == []


def test_a_file_that_a_parameter_names_is_there(tmp_path: Path, base_image: str) -> None:
    (tmp_path / "here.txt").write_text("data")
    with toys(tmp_path) as space:
        view = run(space, pipeline(f"a: {{type: custom.read, params: {{source: '{tmp_path}/here.txt'}}}}"))
        assert text_of(view, "a") == "data"


def test_a41_a_secret_reaches_the_node_and_nothing_else(
    tmp_path: Path, base_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_KEY", CANARY)
    with toys(tmp_path) as space:
        view = run(space, pipeline("a: {type: custom.whisper, params: {key: CANARY_KEY}}"))
        assert text_of(view, "a") == str(len(CANARY))
        assert found(tmp_path, CANARY) == []


def test_a41_a_secret_of_an_own_image_stands_in_no_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_KEY", CANARY)
    environment = {"KEY": "it's ${secrets.CANARY_KEY}", "PLAIN": "yes"}
    script = 'echo "$PLAIN ${#KEY}" >$NODEGRAPH_OUTPUT_TEXT/t; echo ready; sleep 600'
    with real(tmp_path) as space:
        number = submit(space, shell(script, params={"environment": environment}))
        container = running(tmp_path)
        logged(tmp_path, "ready")
        assert found(tmp_path, CANARY) == []
        assert CANARY not in json.dumps(container)
        assert "PLAIN=yes" in container["Config"]["Env"]
        written = tmp_path / "data/runs/1/a/1/out/text/t"
        assert written.read_text() == f"yes {len(CANARY) + 5}\n"
        space.runs.cancel(number)
        assert space.runs.wait(number, 120).state == "cancelled"


def test_a46_words_are_words_and_no_shell_looks_at_them(tmp_path: Path) -> None:
    words = ["$(touch /tmp/x)", "; rm -rf /", "a b", "`id`", "*", "-n", "'", '"']
    code = (
        "import json,os,sys; json.dump(sys.argv[1:], open(os.environ['NODEGRAPH_OUTPUT_TEXT'] + '/t', 'w'))"
    )
    command = json.dumps(["python", "-c", code, *words])
    with real(tmp_path) as space:
        params = f'{{image: "python:3.11-slim", command: {command}}}'
        view = run(space, pipeline(f"a: {{type: custom.container, params: {params}}}"))
        assert view.state == "succeeded", view.nodes["a"].error
        assert json.loads((Path(view.nodes["a"].outputs["text"].path) / "t").read_text()) == words


@pytest.mark.parametrize(
    ("script", "category", "words"),
    [
        ("exit 7", "node", "status 7"),
        ("true", "node", "wrote nothing to its output text"),
        ("kill -9 $$", "infrastructure", "SIGKILL"),
    ],
)
def test_an_own_image_that_fails_says_why(tmp_path: Path, script: str, category: str, words: str) -> None:
    with real(tmp_path) as space:
        error = run(space, shell(script)).nodes["a"].error
        assert error and (error["category"], words in error["message"]) == (category, True), error
    nothing_is_left(tmp_path)


def test_a_command_that_is_not_in_the_image(tmp_path: Path) -> None:
    with real(tmp_path) as space:
        params = '{image: "python:3.11-slim", command: [no-such-program]}'
        error = run(space, pipeline(f"a: {{type: custom.container, params: {params}}}")).nodes["a"].error
        assert error and error["category"] == "input" and "not in the image" in error["message"]


def test_a_link_in_place_of_an_output_is_not_followed(tmp_path: Path) -> None:
    """The server, which may be root, would follow it."""
    script = "cd $NODEGRAPH_OUTPUT_TEXT/..; rm -rf text; ln -sT /etc text; ln -s /etc text/etc; ls -l .."
    with real(tmp_path) as space:
        error = run(space, shell(script)).nodes["a"].error
        assert error and "leads outside it" in error["message"], error
    log = (tmp_path / "data/runs/1/a/1/log").read_text()
    assert "cannot remove 'text'" in log


def found(tmp_path: Path, words: str) -> list[str]:
    """The files below the data directory that hold these words, secrets themselves left out."""
    command = ["grep", "-rlaF", "--exclude-dir=secrets", words, str(tmp_path / "data")]
    return subprocess.run(command, capture_output=True, text=True).stdout.split()


def test_f23_cancelled_nodes_leave_no_container_though_they_ignore_the_signal(tmp_path: Path) -> None:
    with real(tmp_path) as space:
        number = submit(space, shell("trap '' TERM; echo deaf; while :; do sleep 1; done"))
        logged(tmp_path, "deaf")
        space.runs.cancel(number)
        assert space.runs.wait(number, 120).state == "cancelled"
        until(lambda: not containers(tmp_path))
    nothing_is_left(tmp_path)
