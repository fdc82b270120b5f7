"""The pipeline as a file to keep elsewhere, and a file from elsewhere in its place."""

from __future__ import annotations

import asyncio

from nicegui import ui
from nicegui.events import GenericEventArguments

from nodegraph.problems import Problem
from ui import kit
from ui.editor.session import Session
from ui.i18n import t, t_message

_LARGEST = 1_000_000
# The browser reads the file; one that is too large is not sent at all.
_READ = """async (event) => {
  const file = event.target.files[0];
  if (file) emit({ name: file.name, text: file.size <= LARGEST ? await file.text() : null });
}""".replace("LARGEST", str(_LARGEST))


async def export(session: Session) -> None:
    """Download the pipeline file."""
    text = await asyncio.to_thread(session.document.snapshot.text)
    ui.download.content(text, f"{session.document.pipeline.name}.yaml", "application/yaml")


def replace_dialog(session: Session) -> None:
    """Take a file in place of all there is, as one step."""
    document = session.document

    def take(event: GenericEventArguments) -> None:
        name, text = str(event.args["name"]), event.args["text"]
        if text is None:
            _say([t("The file is larger than {n} bytes.", n=f"{_LARGEST:,}")])
            return
        problems = session.do(lambda: document.set_text(text, keep_name=True))
        if problems is None:
            return
        if problems:
            _say([_sentence(one) for one in problems[:5]])
            return
        asked.close()
        with session.where:
            kit.toast(
                t("Replaced with {file}", file=name), label=t("Undo"), on_click=document.undo,
                action="undo",
            )  # fmt: skip

    def _say(sentences: list[str]) -> None:
        said.clear()
        with said:
            for sentence in sentences:
                kit.message(sentence, "error")

    with session.where, kit.dialog(t("Replace with a file"), name="replace", width=420) as asked:
        kit.text(t("All of this pipeline is replaced; Undo brings it back."), "sub", "p")
        with kit.div("row"), kit.el("label", "btn"):
            kit.icon("upload", "s")
            kit.text(t("Choose a file"))
            chooser = kit.el("input", "away", type="file", accept=".yaml,.yml", aria_label=t("Pipeline file"))
        chooser.on("change", take, js_handler=_READ)
        said = kit.div("col said")


def _sentence(problem: Problem) -> str:
    where = f"{t('Line {n}', n=problem.line)}: " if problem.line else ""
    return f"{where}{t_message(problem.message, problem.hint)}"
