"""The artifacts that go into a node of a run and come out of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from executor.services.views import NodeView, OutputView, RunView
from nodegraph.pipeline import Pipeline
from ui import kit
from ui.i18n import t
from ui.results.units import size


def kind_mark(kind: str) -> None:
    """A kind of artifact by its glyph and name."""
    with kit.el("span", "kind", data_kind=kind):
        kit.el("i", "pt")
        kit.text(kind)


def draw_outputs(node: NodeView, on_open: Callable[[OutputView], Any]) -> None:
    """The artifacts that a node has made; `on_open` shows what is in one."""
    if not node.outputs:
        kit.empty("package", t("No artifacts yet"), t("They are kept once the node has succeeded."))
        return
    for port, output in node.outputs.items():
        draw_artifact(port, output, on_open)


def draw_artifact(port: str, output: OutputView, on_open: Callable[[OutputView], Any]) -> None:
    """One artifact: its port, kind, size, digest, and a way to its files."""
    with kit.div("artifact", data_artifact=output.digest):
        with kit.div("row"):
            kind_mark(output.kind)
            kit.text(port, "grow cut", "b")
            kit.text(size(output.bytes), "sub")
        with kit.div("row"):
            kit.text(output.digest, "dim mono cut grow", title=output.digest)
            kit.button(
                t("Look inside"), lambda: on_open(output), kind="ghost", size="mini", action="open-artifact"
            )
            kit.link(
                t("Download"), f"/files/{output.digest}.zip", "link xs", download="", data_action="download"
            )


def draw_inputs(run: RunView, node: str, pipeline: Pipeline | None) -> None:
    """Where each input of a node comes from, and the parameters that were set, with the values they had."""
    asked = pipeline.nodes.get(node) if pipeline else None
    if asked is None:
        return
    for port, source, source_port in asked.edges():
        made = run.nodes[source].outputs.get(source_port) if source in run.nodes else None
        with kit.div("artifact"):
            with kit.div("row"):
                kit.text(port, "", "b")
                kit.text(f"{source}.{source_port}", "dim mono grow cut")
                kit.text(size(made.bytes) if made else "", "sub")
            if made:
                with kit.div("row"):
                    kind_mark(made.kind)
                    kit.text(made.digest, "dim mono cut grow", title=made.digest)
    _params(asked.params)


def _params(params: dict[str, Any]) -> None:
    if params:
        kit.text(t("Parameters"), "", "h3")
        with kit.el("dl", "values"):
            for name, value in params.items():
                kit.text(name, "dim mono", "dt")
                kit.text(value, "", "dd")
