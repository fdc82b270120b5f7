"""Attempts as real processes: started once, found again, ended whole. Names F… are of the list of faults."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from executor import processes
from executor.environments import Environments
from executor.launchers.base import EXIT, LOG
from executor.launchers.process import ProcessLauncher
from tests.executor.launchers.attempts import NODES, attempt, ended, events, log, said, start

# What Python itself ignores.
WITHOUT_EFFECT = ([], ["SIGPIPE"], ["SIGPIPE", "SIGXFSZ"])


@pytest.fixture(params=["cold", "warm"])
def launcher(request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessLauncher]:
    """Each case holds for attempts with a process of their own and for those forked from a warm worker."""
    monkeypatch.setenv("NODEGRAPH_WARM", "1" if request.param == "warm" else "0")
    launcher = restarted(tmp_path)
    yield launcher
    launcher.close()


def restarted(tmp_path: Path) -> ProcessLauncher:
    """The launcher of a server that was killed and started again: it knows nothing."""
    return ProcessLauncher(Environments(tmp_path / "envs", NODES))


def test_an_attempt_succeeds_and_leaves_status_events_and_outputs(launcher, tmp_path):
    spec = attempt(tmp_path / "a", "write")
    poll = ended(launcher, spec, start(launcher, spec))
    assert (poll.state, poll.exit_code) == ("exited", 0)
    assert '"event":"done"' in events(spec)
    assert (tmp_path / "a/out/text/said.txt").read_text() == "done"


def test_a_second_start_does_not_run_it_twice(launcher, tmp_path):
    spec = attempt(tmp_path / "a", "sleep", ledger=str(tmp_path / "ledger"))
    first = start(launcher, spec)
    assert restarted(tmp_path).start(spec) == first
    said(spec, "acting")
    launcher.stop(spec.directory, first, 5)
    assert restarted(tmp_path).start(spec)["pid"] == first["pid"]
    assert len((tmp_path / "ledger").read_text().splitlines()) == 1


def test_two_wrappers_at_once_run_it_once(launcher, tmp_path):
    """F4: even had two starts passed the check, the claim is exclusive."""
    spec = attempt(tmp_path / "a", "write", ledger=str(tmp_path / "ledger"))
    (tmp_path / "a" / "scratch").mkdir()
    for _ in range(5):
        launcher._spawn(spec, [sys.executable, "-P", "-m", "nodegraph.harness", str(tmp_path / "a/job.json")])
    ended(launcher, spec, launcher._claimed(spec.directory))
    assert len((tmp_path / "ledger").read_text().splitlines()) == 1


def test_f2_the_exit_status_is_there_though_nobody_watched(launcher, tmp_path):
    spec = attempt(tmp_path / "a", "exit7")
    start(launcher, spec)
    wait_for(tmp_path / "a" / EXIT)
    later = restarted(tmp_path)
    handle = later.adopt(spec.directory, None, "local")
    assert handle is not None
    assert later.poll(spec.directory, handle).exit_code == 7


def test_f5_found_again_by_its_mark_when_the_handle_was_never_saved(launcher, tmp_path):
    spec = attempt(tmp_path / "a", "sleep")
    started = start(launcher, spec)
    later = restarted(tmp_path)
    found = later.adopt(spec.directory, None, "local")
    assert found == started
    assert later.poll(spec.directory, found).state == "running"
    later.stop(spec.directory, found, 5)
    assert not processes.marked(processes.mark_of(spec.directory))


def test_an_attempt_that_never_started_is_not_found(launcher, tmp_path):
    assert launcher.adopt(attempt(tmp_path / "a", "sleep").directory, None, "local") is None


def test_f12_a_reused_pid_is_never_signalled(launcher, tmp_path):
    """The pid of a dead attempt now belongs to a stranger, who survives adoption, polling and stopping."""
    spec = attempt(tmp_path / "a", "sleep")
    handle = start(launcher, spec)
    launcher.stop(spec.directory, handle, 5)
    (tmp_path / "a" / EXIT).unlink()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        (tmp_path / "a/pid").write_text(str(stranger.pid))
        later = restarted(tmp_path)
        for known in ({**handle, "pid": stranger.pid}, None):
            found = later.adopt(spec.directory, known, "local")
            assert found is not None
            assert later.poll(spec.directory, found).state == "lost"
            later.stop(spec.directory, found, 0.1)
            later.cleanup(spec.directory, found)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_f20_the_node_keeps_its_own_time(launcher, tmp_path):
    """The deadline holds though no server is there to watch it."""
    spec = attempt(tmp_path / "a", "sleep", deadline=time.time() + 1)
    handle = start(launcher, spec)
    wait_for(tmp_path / "a" / EXIT)
    assert launcher.poll(spec.directory, handle).exit_code == 124
    assert '"category":"timeout"' in events(spec)


def test_f23_a_node_that_ignores_sigterm_is_killed_after_the_grace(launcher, tmp_path):
    spec = attempt(tmp_path / "a", "deaf")
    handle = start(launcher, spec)
    said(spec, "deaf")
    began = time.monotonic()
    launcher.stop(spec.directory, handle, 0.5)
    assert 0.5 <= time.monotonic() - began < 30
    assert launcher.poll(spec.directory, handle).exit_code == -signal.SIGKILL
    assert not processes.marked(processes.mark_of(spec.directory))


def test_f24_a_stopped_node_says_so_and_its_log_is_kept(launcher, tmp_path):
    spec = attempt(tmp_path / "a", "sleep")
    handle = start(launcher, spec)
    said(spec, "acting")
    launcher.stop(spec.directory, handle, 10)
    assert '"category":"cancelled"' in events(spec)
    assert "acting" in log(spec)
    assert launcher.poll(spec.directory, handle).state == "exited"


@pytest.mark.parametrize("act", ["setsid", "fork"])
def test_f30_children_with_a_session_of_their_own_go_with_the_node(launcher, tmp_path, act):
    """Both where the node ends by itself and where it is stopped."""
    spec = attempt(tmp_path / "a", act)
    handle = start(launcher, spec)
    if act == "fork":
        said(spec, "stray ")
        launcher.stop(spec.directory, handle, 5)
    else:
        ended(launcher, spec, handle)
        launcher.stop(spec.directory, handle, 0)
    stray = int(log(spec).split("stray ")[1].split()[0])
    assert not psutil.pid_exists(stray) or psutil.Process(stray).status() == psutil.STATUS_ZOMBIE


def test_a_killed_wrapper_takes_the_node_along(launcher, tmp_path):
    """Lost means gone: a retry must never run beside the first attempt."""
    spec = attempt(tmp_path / "a", "sleep")
    handle = start(launcher, spec)
    said(spec, "acting")
    os.kill(handle["pid"], signal.SIGKILL)
    assert ended(launcher, spec, handle).state == "lost"
    launcher.stop(spec.directory, handle, 0)
    assert not processes.marked(processes.mark_of(spec.directory))


def test_a_killed_harness_is_told_by_its_signal(launcher, tmp_path):
    spec = attempt(tmp_path / "a", "die")
    assert ended(launcher, spec, start(launcher, spec)).exit_code == -signal.SIGKILL


def test_f50_the_log_is_kept_byte_for_byte(launcher, tmp_path):
    spec = attempt(tmp_path / "a", "noise")
    ended(launcher, spec, start(launcher, spec))
    assert b"\x00\x1b[31mred\xff\xfe\r\n" + "错误 🙂\n".encode() in (spec.directory / LOG).read_bytes()


def test_a41_secrets_travel_by_a_private_file_alone(launcher, tmp_path, monkeypatch):
    monkeypatch.setenv("JUDGE", "canary-1234")
    monkeypatch.setenv("OTHER_API_KEY", "canary-5678")
    monkeypatch.setenv("PLAIN", "kept")
    spec = attempt(tmp_path / "a", "look", key="JUDGE", secrets={"JUDGE": "canary-1234"})
    ended(launcher, spec, start(launcher, spec))
    seen = (tmp_path / "a/out/text/seen.json").read_text()
    assert "canary" not in seen
    assert json.loads(seen)["environment"]["PLAIN"] == "kept"
    assert not list((tmp_path / "a").rglob("secrets.json"))


def test_secrets_that_no_harness_took_are_removed(launcher, tmp_path):
    spec = attempt(tmp_path / "a", "sleep", secrets={"JUDGE": "canary"})
    handle = start(launcher, spec)
    launcher.stop(spec.directory, handle, 0)
    launcher.cleanup(spec.directory, handle)
    assert not (tmp_path / "a/secrets.json").exists()


def test_what_a_node_sees(launcher, tmp_path):
    spec = attempt(tmp_path / "a", "look")
    handle = start(launcher, spec)
    ended(launcher, spec, handle)
    seen = json.loads((tmp_path / "a/out/text/seen.json").read_text())
    assert seen["cwd"] == spec.job.scratch_dir
    assert seen["stdin"] == ""
    assert seen["sid"] != os.getsid(0)
    assert seen["environment"]["OMP_NUM_THREADS"] == "1"
    assert seen["environment"]["TOKENIZERS_PARALLELISM"] == "false"
    assert seen["ignored"] in WITHOUT_EFFECT


def test_a_node_hears_signals_that_its_server_ignores(launcher, tmp_path):
    """As one does that was started with nohup, or with & in a script."""
    deaf = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in deaf}
    try:
        spec = attempt(tmp_path / "a", "look")
        ended(launcher, spec, start(launcher, spec))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert json.loads((tmp_path / "a/out/text/seen.json").read_text())["ignored"] in WITHOUT_EFFECT


def wait_for(path: Path, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < until, path
        time.sleep(0.02)
