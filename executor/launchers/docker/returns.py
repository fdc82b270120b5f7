"""What a container wrote down of its attempt's end, put where the engine looks for it."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel

from executor.launchers.base import EVENTS, EXIT, PREVIEW, Poll
from executor.launchers.docker.boxes import RETURNED, SENT, job_of, returned_text
from executor.launchers.docker.wrapper import EXIT_FILE, OOM_FILE, PREVIEW_FILE
from nodegraph.events import Artifact, Done, Failed, encode

_MOST_PREVIEW = 16 << 20
# How a shell says that it could not even start the command.
_NOT_STARTED = (126, 127)


def exit_status(directory: Path) -> int | None:
    """The attempt's exit status; None while its container has not written one."""
    text = returned_text(directory / RETURNED / EXIT_FILE, 16)
    try:
        return int(text) if text and text.endswith("\n") else None
    except ValueError:
        return None


def collect(directory: Path) -> Poll | None:
    """How the attempt ended; None where nothing says so yet. The first call brings its files into place."""
    status = exit_status(directory)
    if status is None:
        return None
    if not (directory / EXIT).exists():
        _place(directory, PREVIEW, returned_text(directory / RETURNED / PREVIEW_FILE, _MOST_PREVIEW))
        if not (directory / SENT).exists():
            _speak_for(directory, status)
        _place(directory, EXIT, f"{status}\n", at=(directory / RETURNED / EXIT_FILE).stat().st_mtime)
    out_of_memory = status != 0 and (directory / RETURNED / OOM_FILE).exists()
    reason = "The container ran out of memory." if out_of_memory else ""
    return Poll("exited", status, reason, "oom" if out_of_memory else None)


def _speak_for(directory: Path, status: int) -> None:
    """The events of an image of its own, which knows nothing of them."""
    job = job_of(directory)
    events: list[BaseModel] = []
    if status in _NOT_STARTED:
        message = "The command is not in the image, or cannot be run there."
        events.append(Failed(category="input", message=message, hint="The log says which; mend the command."))
    elif status == 0:
        outputs = {port: Path(job.output_dir, port) for port in job.outputs}
        empty = [port for port, path in outputs.items() if not any(path.iterdir())]
        events += [Artifact(port=port, kind=job.outputs[port], path=str(outputs[port])) for port in outputs]
        if empty:
            message = f"The command wrote nothing to its output {empty[0]}."
            hint = f"It is to write files into the folder that NODEGRAPH_OUTPUT_{empty[0].upper()} names."
            events = [Failed(category="node", message=message, hint=hint)]
        else:
            events.append(Done())
    with (directory / EVENTS).open("ab") as file:
        file.writelines(encode(event) for event in events)


def _place(directory: Path, name: str, text: str | None, at: float | None = None) -> None:
    if text is not None:
        temporary = directory / f"{name}.new"
        temporary.write_text(text, encoding="utf-8")
        if at is not None:
            os.utime(temporary, (at, at))
        temporary.replace(directory / name)
