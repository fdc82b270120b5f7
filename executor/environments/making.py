"""Makes a venv: once even where two ask at once, whole or not at all, with every line of pip said."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from executor.environments.following import follow
from executor.environments.single_flight import single_flight
from executor.launchers.base import LaunchError, Say


def make(name: str, requirements: list[str], target: Path, constraints: Path, say: Say) -> None:
    """Make the venv `target` with these requirements. Raises LaunchError; Cancelled of `say` passes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with single_flight(target, say):
        if target.exists():
            return
        partial = target.with_name(f".{target.name}.making")
        shutil.rmtree(partial, ignore_errors=True)
        say(f"Making the environment {name}, once: {', '.join(requirements)}")
        try:
            _run([sys.executable, "-m", "venv", str(partial)], name, say)
            _run(_install(partial, requirements, constraints), name, say)
            _move_scripts(partial, target)
            partial.rename(target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        say(f"The environment {name} is ready.")


def _install(venv: Path, requirements: list[str], constraints: Path) -> list[str]:
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    bounds = ["--constraint", str(constraints)] if constraints.is_file() else []
    return [*pip, "--progress-bar", "off", *bounds, *requirements]


def _run(command: list[str], name: str, say: Say) -> None:
    """Run a command, say its lines, and end it where `say` raises."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        last = follow(lambda: _lines(process), say)
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        status = process.wait()
    if status != 0:
        raise _failure(name, command, last)


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    return (line.rstrip() for line in process.stdout if line.strip())


def _failure(name: str, command: list[str], last: list[str]) -> LaunchError:
    errors = [line.removeprefix("ERROR:").strip() for line in last if line.startswith("ERROR:")]
    reason = errors[0] if errors else (last[-1] if last else "no output")
    if "venv" in command:
        hint = "Install Python's venv module (on Debian: apt-get install python3-venv), then retry the node."
    else:
        hint = f"Check the network and pip's index, or install it yourself: pip install 'nodegraph[{name}]'."
    return LaunchError("dependency", f"The environment {name} could not be made: {reason}", hint)


def _move_scripts(venv: Path, target: Path) -> None:
    """The scripts name the interpreter by its path, which is about to change."""
    for script in (venv / "bin").iterdir():
        if script.is_symlink() or not script.is_file():
            continue
        content = script.read_bytes()
        if str(venv).encode() in content:
            script.write_bytes(content.replace(str(venv).encode(), str(target).encode()))
