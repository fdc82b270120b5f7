"""Runs from the command line, as a person meets them: what is printed, what is kept, what survives a kill."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from executor.cli.main import main
from tests.executor.support import until
from tests.support import write_jsonl

CHAIN = """\
nodegraph: 1
name: chain
parameters:
  minimum: {kind: integer, default: 2, min: 0}
nodes:
  load:
    type: preprocess.load
    params: {source: SOURCE}
  clean:
    type: preprocess.clean
    params: {min_chars: "${parameters.minimum}"}
    inputs: {dataset: load.dataset}
  split:
    type: preprocess.split
    inputs: {dataset: clean.dataset}
"""
ROWS = [{"question": f"第{number}个问题？", "answer": f"Answer {number}"} for number in range(40)]


class Cli:
    """A folder with a pipeline file and a data directory, and the commands on them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        write_jsonl(folder / "rows.jsonl", ROWS)

    def pipeline(self, source: str = "rows.jsonl") -> str:
        file = self.folder / "chain.yaml"
        file.write_text(CHAIN.replace("SOURCE", source), encoding="utf-8")
        return str(file)

    def __call__(self, *words: str) -> tuple[int, str, str]:
        """Exit status, standard output, standard error of a command in this process."""
        status = main([*words, "--data-dir", str(self.folder / "data")])
        printed = self._capsys.readouterr()
        assert "Traceback" not in printed.err + printed.out
        return status, printed.out, printed.err

    def json(self, *words: str) -> dict[str, Any]:
        """What a command prints with --json: one object and nothing else."""
        found: dict[str, Any] = json.loads(self(*words, "--json")[1])
        return found

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A command in a process of its own."""
        command = [sys.executable, "-m", "executor.cli.main", *words, "--data-dir", str(self.folder / "data")]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=_hears_ctrl_c
        )

    def processes(self) -> list[str]:
        """The command lines of node processes of this data directory."""
        place, found = str(self.folder / "data" / "runs"), []
        for process in psutil.process_iter(["cmdline"]):
            line = " ".join(process.info["cmdline"] or [])
            if place in line:
                found.append(line)
        return found


def _hears_ctrl_c() -> None:
    """Where the tests run in the background, Ctrl-C is ignored, and a child would ignore it too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    return Cli(tmp_path, capsys)


class Slow:
    """A web server whose rows come when `go` is set: a node that runs for as long as a test wants."""

    def __init__(self) -> None:
        self.asked = 0
        self.go = threading.Event()
        slow = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                slow.asked += 1
                slow.go.wait(120)
                body = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.source = f"http://127.0.0.1:{self._server.server_port}/rows.jsonl"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.go.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def slow() -> Iterator[Slow]:
    server = Slow()
    yield server
    server.close()


def statuses(result: dict[str, Any]) -> dict[str, str]:
    return {name: node["status"] for name, node in result["nodes"].items()}


def test_a_run_prints_one_json_object_that_says_all(cli: Cli) -> None:
    status, out, err = cli("run", cli.pipeline(), "--json")
    result = json.loads(out)
    assert status == 0 and "split succeeded" in err
    assert set(result) == {"run", "status", "seconds", "nodes"}
    assert result["status"] == "succeeded" and result["seconds"] > 0
    assert list(result["nodes"]) == ["load", "clean", "split"]
    for node in result["nodes"].values():
        assert set(node) == {"status", "seconds", "cached", "attempts", "error", "metrics", "outputs"}
        assert (node["status"], node["cached"], node["attempts"], node["error"]) == (
            "succeeded",
            False,
            1,
            None,
        )
    train = result["nodes"]["split"]["outputs"]["train"]
    assert set(train) == {"kind", "digest", "path", "bytes"} and train["kind"] == "dataset"
    lines = (Path(train["path"]) / "data.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 32 and set(json.loads(lines[0])) == {"prompt", "completion"}
    assert cli.json("show", "1") == result


def test_only_what_changed_runs_again(cli: Cli) -> None:
    cli("run", cli.pipeline())
    again = cli.json("run", cli.pipeline())
    assert set(statuses(again).values()) == {"cached"}
    assert all(node["cached"] and node["attempts"] == 0 for node in again["nodes"].values())
    stricter = cli.json("run", cli.pipeline(), "--param", "minimum=3")
    assert statuses(stricter)["load"] == "cached" and statuses(stricter)["clean"] == "succeeded"
    cleaned = cli.json("run", cli.pipeline(), "--set", "clean.dedup=exact", "--until", "clean")
    assert statuses(cleaned) == {"load": "cached", "clean": "succeeded", "split": "skipped"}
    write_jsonl(cli.folder / "rows.jsonl", ROWS[:30])
    assert statuses(cli.json("run", cli.pipeline()))["load"] == "succeeded"
    status, out, _ = cli("rerun", "1", "--from", "split")
    assert status == 0 and "cached from run 5" in out
    assert set(statuses(cli.json("run", cli.pipeline(), "--no-cache")).values()) == {"succeeded"}


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (
            b'[{"question": "Q", "answer": "A"},\n {"question": "Q", "ans',
            "line 2",
            "Copy or download it again.",
        ),
        (b"\x00\x01\x02" * 50, "binary data", "Give JSON"),
        (b"", "is empty", "Give a file that holds rows."),
        (b'[{"a": 1}]', "its columns are a", "mapping:"),
    ],
    ids=["cut off", "binary", "empty", "wrong columns"],
)
def test_a_broken_file_fails_the_run_with_place_and_hint(
    cli: Cli, content: bytes, message: str, hint: str
) -> None:
    (cli.folder / "rows.json").write_bytes(content)
    status, out, err = cli("run", cli.pipeline("rows.json"))
    assert status == 1
    assert "load failed (input): rows.json" in out and message in out and hint in out
    assert "nodegraph rerun 1 --from load" in out
    assert "clean skipped: load has failed" in err
    result = cli.json("show", "1")
    assert (result["status"], result["nodes"]["load"]["error"]["category"]) == ("failed", "input")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--set", "clean.dedupe=near"], "Did you mean dedup?"),
        (["--set", "claen.dedup=near"], "Did you mean clean?"),
        (["--param", "minimum=-1"], "must be at least 0"),
        (["--until", "spilt"], "Did you mean split?"),
    ],
)
def test_wrong_input_starts_nothing_and_is_said_in_json_too(cli: Cli, options: list[str], words: str) -> None:
    status, out, err = cli("run", cli.pipeline(), *options, "--json")
    assert status == 2 and words in err
    printed = json.loads(out)
    assert words in json.dumps(printed) and printed["error"]["message"]
    assert cli.json("runs")["runs"] == []


def test_a_run_is_cancelled_from_another_terminal(cli: Cli, slow: Slow) -> None:
    running = cli.start("run", cli.pipeline(slow.source), "--json")
    until(lambda: slow.asked)
    status, out, _ = cli("cancel", "1")
    assert status == 0 and "cancelled" in out
    out, err = running.communicate(timeout=120)
    assert running.returncode == 1
    assert statuses(json.loads(out)) == {"load": "cancelled", "clean": "cancelled", "split": "cancelled"}
    assert "Traceback" not in err and cli.processes() == []


def test_ctrl_c_cancels_the_run(cli: Cli, slow: Slow) -> None:
    running = cli.start("run", cli.pipeline(slow.source), "--json")
    until(lambda: slow.asked)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=120)
    assert running.returncode == 1 and json.loads(out)["status"] == "cancelled"
    assert "Cancelling run 1" in err and "Traceback" not in err
    assert cli.processes() == []


def test_ctrl_c_before_anything_has_begun_ends_in_silence(cli: Cli) -> None:
    started = cli.start("runs")
    until(lambda: psutil.Process(started.pid).memory_info().rss > 12_000_000)  # in the middle of its imports
    started.send_signal(signal.SIGINT)
    _, err = started.communicate(timeout=120)
    assert started.returncode in (-signal.SIGINT, 130, 0) and "Traceback" not in err


def test_a_killed_command_loses_nothing_and_doubles_nothing(cli: Cli, slow: Slow) -> None:
    running = cli.start("run", cli.pipeline(slow.source))
    until(lambda: slow.asked)
    running.kill()
    running.communicate()
    status, out, err = cli("show", "1")
    assert status == 0 and "running" in out and "No engine is at work on run 1" in err
    assert cli.processes() != [], "the node goes on by itself"
    slow.go.set()
    again = cli.json("rerun", "1")
    assert again["status"] == "succeeded" and again["nodes"]["load"]["attempts"] == 0
    first = cli.json("show", "1")
    assert first["nodes"]["load"]["status"] == "succeeded" and first["nodes"]["load"]["attempts"] == 1
    assert slow.asked == 1


def test_two_commands_at_once_share_the_work(cli: Cli, slow: Slow) -> None:
    file = cli.pipeline(slow.source)
    first = cli.start("run", file, "--json")
    until(lambda: slow.asked)
    second = cli.start("run", file, "--json")
    until(lambda: len(cli.json("runs")["runs"]) == 2)
    slow.go.set()
    results = [json.loads(command.communicate(timeout=120)[0]) for command in (first, second)]
    assert [result["status"] for result in results] == ["succeeded", "succeeded"]
    assert statuses(results[1]) == {"load": "cached", "clean": "cached", "split": "cached"}
    assert slow.asked == 1


def test_logs_are_followed_to_the_end(cli: Cli, slow: Slow) -> None:
    running = cli.start("run", cli.pipeline(slow.source))
    until(lambda: slow.asked)
    following = cli.start("logs", "1", "load", "--follow")
    slow.go.set()
    out, _ = following.communicate(timeout=120)
    assert following.returncode == 0 and "40 rows of" in out
    assert running.wait(120) == 0
