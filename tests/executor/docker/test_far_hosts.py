"""Nodes on a host that shares no files with this machine, reached by TLS: a real engine, with real tars."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from executor.launchers.base import LaunchError
from executor.launchers.docker.engine import DockerEngine
from tests.executor.docker.far import FAR, files, found_in, go_on, only_far, running_there, there, volume
from tests.executor.docker.own_engine import OwnEngine, needs_dockerd
from tests.executor.docker.support import GATE, SMALL, logged, owner, real, run, shell, submit, toys
from tests.executor.support import pipeline, states, text_of, until

pytestmark = [pytest.mark.docker, needs_dockerd]
CANARY = "canary-81d0e2"
MAKE = "cd $NODEGRAPH_OUTPUT_TEXT; head -c 3000000 /dev/urandom >t; mkdir d; echo deep >d/e"
COPY = "cp -r $NODEGRAPH_INPUT_GIVEN/. $NODEGRAPH_OUTPUT_TEXT/; ls -ld $NODEGRAPH_INPUT_GIVEN"


def node(script: str, inputs: str = "") -> str:
    """A node that runs a script."""
    command, given = json.dumps(["/bin/sh", "-c", script]), ", inputs: {given: text}" if inputs else ""
    params = f'{{image: "{SMALL}", outputs: {{text: text}}, command: {command}{given}}}'
    return f"{{type: custom.container, params: {params}{inputs}}}"


def taking(script: str) -> str:
    """A node `b` that is given what `a` made."""
    taken = node(script, ", inputs: {given: a.text}")
    return f"\n  b: {taken}\n"


def test_a_pipeline_runs_there_and_its_second_node_is_sent_nothing(tmp_path: Path, far: OwnEngine) -> None:
    """Outputs come home and stay there: the same bytes under the same digest, here and there."""
    with real(tmp_path) as space:
        only_far(space, far)
        view = run(space, shell(MAKE) + taking(COPY))
        assert states(view) == {"a": "succeeded", "b": "succeeded"}, view.nodes["b"].error
        first, second = view.nodes["a"].outputs["text"], view.nodes["b"].outputs["text"]
        assert first.digest == second.digest and Path(first.path, "d/e").read_text() == "deep\n"
        assert files(space).sent == 0
        kept = volume(tmp_path, far) / "artifacts" / first.digest[:2] / first.digest
        until(lambda: kept.exists())
        assert (kept / "t").read_bytes() == Path(first.path, "t").read_bytes()
        assert space.docker_fleet.holds(FAR, [first.digest]) >= 3_000_000
        until(lambda: not there(tmp_path, far))
        until(lambda: not list((volume(tmp_path, far) / "runs").iterdir()))
    # Nothing of ours runs there once nobody needs it, and what it holds is known to the next server.
    assert there(tmp_path, far, "porter") == []
    with real(tmp_path, engine=False) as space:
        assert space.docker_fleet.holds(FAR, [first.digest, "unknown"]) >= 3_000_000


def test_node_types_run_there_in_an_image_that_is_sent_over(
    tmp_path: Path, far: OwnEngine, base_image: str
) -> None:
    text = pipeline("""
    a: {type: custom.make, params: {text: hello}}
    b: {type: custom.make, params: {text: " world"}, inputs: {after: a.text}}
    """)
    with toys(tmp_path) as space:
        only_far(space, far)
        view = run(space, text)
        assert states(view) == {"a": "succeeded", "b": "succeeded"}, view.nodes["a"].error
        assert text_of(view, "b") == "hello world"
        assert view.nodes["b"].metrics == {"length": 6.0}
    assert (tmp_path / "data/runs/1/b/1/log").read_text() == "made  world\n"
    assert DockerEngine(far.address).has_image(base_image) is not None


def test_what_is_here_is_sent_once_and_files_that_parameters_name_too(
    tmp_path: Path, far: OwnEngine, base_image: str
) -> None:
    (tmp_path / "here.txt").write_text("data")
    made_here = pipeline("a: {type: custom.make, params: {text: hello}}")
    more = "{type: custom.make, params: {text: %s}, inputs: {after: a.text}}"
    with toys(tmp_path) as space:
        space.runs.wait(space.runs.submit(made_here), 120)
        only_far(space, far)
        for word in ("one", "two"):
            view = run(space, made_here + f"\n  b: {more % word}")
            assert states(view) == {"a": "cached", "b": "succeeded"}, view.nodes["b"].error
            assert text_of(view, "b") == f"hello{word}"
            sent = files(space).sent if word == "one" else sent  # noqa: F821
        assert files(space).sent == sent > 0
        view = run(space, pipeline(f"a: {{type: custom.read, params: {{source: '{tmp_path}/here.txt'}}}}"))
        assert text_of(view, "a") == "data"
        (tmp_path / "here.txt").write_text("changed")
        view = run(space, pipeline(f"a: {{type: custom.read, params: {{source: '{tmp_path}/here.txt'}}}}"))
        assert text_of(view, "a") == "changed"


def test_the_log_comes_home_byte_for_byte(tmp_path: Path, far: OwnEngine) -> None:
    """Five megabytes of anything, as it was written; and it is here while the node still runs."""
    script = (
        f"head -c 5000000 /dev/urandom >$NODEGRAPH_OUTPUT_TEXT/t; echo first; {GATE};"
        " printf '\\000\\033[31mred\\377'; cat $NODEGRAPH_OUTPUT_TEXT/t; echo last"
    )
    with real(tmp_path) as space:
        only_far(space, far)
        number = submit(space, shell(script))
        log = logged(tmp_path, "first")
        assert not space.runs.get(number).final
        go_on(tmp_path, far)
        view = space.runs.wait(number, 120)
        assert view.state == "succeeded", view.nodes["a"].error
        written = Path(view.nodes["a"].outputs["text"].path, "t").read_bytes()
    assert log.read_bytes() == b"first\n\x00\x1b[31mred\xff" + written + b"last\n"


HOSTILE = {
    "absolute": ("ln -s /etc/passwd $NODEGRAPH_OUTPUT_TEXT/x", "leads outside it"),
    "relative": ("ln -s ../../../../x $NODEGRAPH_OUTPUT_TEXT/x", "leads outside it"),
    "pipe": ("mkfifo $NODEGRAPH_OUTPUT_TEXT/x", "is no file"),
    "seven": ("exit 7", "status 7"),
    "nothing": ("true", "wrote nothing to its output text"),
}


def test_a17_what_would_reach_outside_is_not_taken(tmp_path: Path, far: OwnEngine) -> None:
    """Side by side with nodes that fail by themselves; each says why."""
    text = shell("echo fine >$NODEGRAPH_OUTPUT_TEXT/t")
    for name, (script, _) in HOSTILE.items():
        text += f"\n  {name}: {node(script)}\n"
    with real(tmp_path) as space:
        only_far(space, far)
        view = run(space, text, 90)
        assert view.nodes["a"].state == "succeeded"
        for name, (_, words) in HOSTILE.items():
            error = view.nodes[name].error
            assert error and error["category"] == "node" and words in error["message"], (name, error)
        until(lambda: not there(tmp_path, far))


def test_links_inside_an_output_are_kept_as_files(tmp_path: Path, far: OwnEngine) -> None:
    script = "cd $NODEGRAPH_OUTPUT_TEXT; echo one >a; ln -s a b; ln a c; mkdir d; ln -s ../a d/e"
    with real(tmp_path) as space:
        only_far(space, far)
        view = run(space, shell(script))
        assert view.state == "succeeded", view.nodes["a"].error
        kept = Path(view.nodes["a"].outputs["text"].path)
    assert [(kept / name).read_text() for name in ("a", "b", "c", "d/e")] == ["one\n"] * 4
    assert not any(path.is_symlink() for path in kept.rglob("*"))


def test_a41_secrets_are_nowhere_there_once_the_node_has_read_them(
    tmp_path: Path, far: OwnEngine, base_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_KEY", CANARY)
    environment = {"KEY": "it's ${secrets.CANARY_KEY}"}
    script = 'echo "${#KEY}" >$NODEGRAPH_OUTPUT_TEXT/t; echo ready; sleep 600'
    with real(tmp_path) as space:
        only_far(space, far)
        number = submit(space, shell(script, params={"environment": environment}))
        logged(tmp_path, "ready")
        containers = [*there(tmp_path, far), *there(tmp_path, far, "porter")]
        assert len(containers) == 2 and CANARY not in json.dumps(containers)
        assert found_in(volume(tmp_path, far), CANARY) == []
        assert found_in(tmp_path / "data" / "runs", CANARY) == []
        space.runs.cancel(number)
        assert space.runs.wait(number, 120).state == "cancelled"
    with toys(tmp_path) as space:
        only_far(space, far)
        view = run(space, pipeline("a: {type: custom.whisper, params: {key: CANARY_KEY}}"))
        assert text_of(view, "a") == str(len(CANARY)), view.nodes["a"].error
    assert found_in(volume(tmp_path, far), CANARY) == []
    assert found_in(tmp_path / "data" / "runs", CANARY) == []


def test_a45_containers_there_see_their_job_alone(tmp_path: Path, far: OwnEngine) -> None:
    with real(tmp_path) as space:
        only_far(space, far)
        number = submit(space, shell("id -u; ls ${NODEGRAPH_SCRATCH%/runs/*}; echo ready; sleep 600"))
        log = logged(tmp_path, "ready")
        container, porter = running_there(tmp_path, far), there(tmp_path, far, "porter")[0]
        space.runs.cancel(number)
        space.runs.wait(number, 120)
    assert log.read_text() == "65532\nresume\nruns\nready\n" or log.read_text() == "65532\nruns\nready\n"
    own = str(volume(tmp_path, far))
    assert all(mount["Source"].startswith(f"{own}/r") for mount in container["Mounts"])
    host = porter["HostConfig"]
    assert (host["NetworkMode"], host["ReadonlyRootfs"], host["CapDrop"]) == ("none", True, ["ALL"])
    assert sorted(host["CapAdd"]) == ["CHOWN", "DAC_OVERRIDE", "FOWNER"]
    assert host["SecurityOpt"] == ["no-new-privileges"] and not host["Privileged"]


def test_artifacts_that_were_used_longest_ago_make_room(tmp_path: Path, far: OwnEngine) -> None:
    """With room for five megabytes, of three artifacts of two the first goes, and comes again when needed."""
    make = "head -c 2000000 /dev/urandom >$NODEGRAPH_OUTPUT_TEXT/t"
    with real(tmp_path) as space:
        only_far(space, far, cache_gb=0.005)
        digests = [run(space, shell(f"{make}; : {n}")).nodes["a"].outputs["text"].digest for n in range(3)]
        until(lambda: space.docker_fleet.holds(FAR, digests[:1]) == 0)
        artifacts = volume(tmp_path, far) / "artifacts"
        until(lambda: not list(artifacts.glob(f"*/{digests[0]}")))
        assert list(artifacts.glob(f"*/{digests[2]}"))


def test_a_host_is_removed_with_or_without_what_it_keeps_for_us(tmp_path: Path, far: OwnEngine) -> None:
    with real(tmp_path) as space:
        only_far(space, far)
        made = run(space, shell("head -c 1500000 /dev/urandom >$NODEGRAPH_OUTPUT_TEXT/t"))
        assert made.state == "succeeded"
        mounted, name = volume(tmp_path, far), f"nodegraph-{owner(tmp_path)}"
        until(lambda: list(mounted.glob("artifacts/*/*.used")))
        removed = space.hosts.remove(FAR)
        assert (removed.left, removed.freed) == (name, None) and mounted.exists()
        only_far(space, far)
        far.freeze()
        try:
            with pytest.raises(LaunchError, match="does not answer"):
                space.hosts.remove(FAR, purge=True)
        finally:
            far.thaw()
        assert space.hosts.get(FAR), "it can be tried again"
        freed = space.hosts.remove(FAR, purge=True).freed
        assert freed and freed.volume == name and freed.bytes > 1_500_000
        assert not mounted.exists() and there(tmp_path, far, "porter") == []
        only_far(space, far)
        assert space.hosts.remove(FAR).left == ""


def test_a_porter_that_is_killed_again_and_again_is_replaced(tmp_path: Path, far: OwnEngine) -> None:
    """The engine removes it by itself, and takes its time: its name is not free at once."""
    with real(tmp_path) as space, DockerEngine(far.address).asked() as client:
        only_far(space, far)
        kept = space.docker_fleet._on(FAR)._remote._volume
        for _ in range(3):
            assert kept.ask("look", artifacts=[], folders=[])[0]["free"] > 0
            client.kill(kept.porter)


def test_cancel_while_something_is_sent_starts_nothing(tmp_path: Path, far: OwnEngine) -> None:
    with real(tmp_path) as space:
        big = shell("truncate -s 500M $NODEGRAPH_OUTPUT_TEXT/t")
        assert run(space, big, 120).state == "succeeded"
        only_far(space, far)
        number = submit(space, big + taking("true"))
        until(lambda: "Sending to gpu2" in space.runs.get(number).nodes["b"].reason, 60)
        space.runs.cancel(number)
        assert space.runs.wait(number, 120).state == "cancelled"
        assert there(tmp_path, far) == []


def test_a47_what_a_node_writes_there_is_bounded(tmp_path: Path, far: OwnEngine) -> None:
    """Wherever it writes, all counts together."""
    fill = "head -c 60000000 /dev/zero >"
    script = f"echo kept; {fill}$NODEGRAPH_SCRATCH/x; {fill}/tmp/x; sleep 600"
    with real(tmp_path) as space:
        only_far(space, far)
        error = run(space, shell(script, resources={"disk_gb": 0.1})).nodes["a"].error
        assert error and error["category"] == "storage" and "disk_gb" in error["hint"], error
        assert (tmp_path / "data/runs/1/a/1/log").read_text() == "kept\n"
        until(lambda: not there(tmp_path, far))
