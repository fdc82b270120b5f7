"""What a terminal shows while a run goes on."""

from __future__ import annotations

import io

from rich.console import Console

from executor.cli.summary import print_run
from executor.cli.watching import Bars, Lines
from executor.services.runs import Update
from tests.executor.support import pipeline, run, workspace


def shown(bars: Bars) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(bars._progress.get_renderable())
    return console.file.getvalue()


def test_why_a_node_waits() -> None:
    bars = Bars()
    bars.show(Update("node", 1, "b", {"state": "queued", "reason": ""}))
    bars.show(Update("node", 1, "a", {"state": "queued", "reason": "The Docker engine does not answer."}))
    assert "a" in shown(bars) and "The Docker engine does not answer." in shown(bars)
    bars.show(Update("node", 1, "a", {"state": "running", "reason": ""}))
    bars.show(Update("progress", 1, "a", {"done": 3, "total": 4, "unit": "rows"}))
    assert "3 / 4 rows" in shown(bars) and "b " not in shown(bars)
    error = {"category": "infrastructure", "message": "The host does not answer."}
    bars.show(Update("node", 1, "a", {"state": "running", "reason": error["message"], "error": error}))
    assert "(infrastructure) The host does not answer." in shown(bars), "rather than how far it was"
    bars.show(Update("node", 1, "a", {"state": "cancelled", "reason": ""}))
    assert shown(bars).strip() == ""


def test_f17_f27_without_a_terminal_too_a_reason_is_said_when_it_comes(capsys) -> None:
    """Of many nodes that wait for the same, one says so."""
    lines, away = Lines(), "The Docker engine does not answer."
    for position, node in enumerate("abc", 1):
        lines.show(Update("node", 1, node, {"state": "queued", "reason": ""}))
        waits = f"waiting for 1 core, position {position}"
        lines.show(Update("node", 1, node, {"state": "queued", "reason": waits}))
    lines.show(Update("node", 1, "a", {"state": "running", "reason": ""}))
    error = {"category": "infrastructure", "message": away}
    lines.show(Update("node", 1, "a", {"state": "running", "reason": away, "error": error}))
    lines.show(Update("node", 1, "b", {"state": "queued", "reason": away}))
    said = [line.split("] ")[1] for line in capsys.readouterr().err.splitlines()]
    assert said == [
        "a queued: waiting for 1 core, position 1",
        "a running",
        f"a running (infrastructure): {away}",
    ]


def test_a_failed_node_is_told_with_category_reason_and_next_step(tmp_path, capsys) -> None:
    text = pipeline(
        "a: {type: custom.fill, params: {megabytes: 3000, pause: 0.02}, resources: {disk_gb: 0.03}}"
    )
    with workspace(tmp_path) as space:
        print_run(run(space, text))
    printed = capsys.readouterr().out
    assert "a failed (storage): It wrote" in printed
    assert "→ Raise resources.disk_gb of the node, or have it write less." in printed
    assert "nodegraph logs 1 a" in printed and "nodegraph rerun 1 --from a" in printed
