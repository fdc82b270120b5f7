"""Services for those who look at them: listed, started, stopped, with their logs and examples to copy."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

from executor.deployments.deployments import Deployments
from executor.deployments.looking import Live as Live
from executor.launchers.base import Say
from nodegraph.errors import NodeFailure, NodeGraphError


def _silent(_sentence: str) -> None:
    return None


def _never() -> bool:
    return False


class Services:
    """What pages, REST and the command line do with services; NotFound for unknown names."""

    def __init__(self, deployments: Deployments) -> None:
        self._deployments = deployments

    def list(self) -> list[Live]:
        """Every service as it stands now, the latest first."""
        return self._deployments.all()

    def get(self, name: str) -> Live:
        """One service as it stands now."""
        return self._deployments.get(name)

    def serves(self, digest: str) -> bool:
        """Whether the service that an artifact describes is up, as far as its row says; asks no process."""
        rows = self._deployments.rows.all()
        return any(row.digest == digest and row.state in ("starting", "healthy") for row in rows)

    def start(self, name: str, say: Say = _silent, cancelled: Callable[[], bool] = _never) -> Live:
        """Start a service again; returns once it answers, raises NodeFailure where it does not.

        `cancelled` is asked while it starts; where it says so, the service is stopped again.
        """

        def heard(sentence: str) -> None:
            if cancelled():
                raise NodeFailure("cancelled", "Its start was cancelled.")
            if sentence:
                say(sentence)

        return self._deployments.start(name, heard)

    def start_soon(self, name: str) -> Live:
        """Start a service in the background; why it failed, where it does, its state says later."""
        live = self._deployments.get(name)
        if live.state in ("healthy", "starting"):
            return live

        def starting() -> None:
            with suppress(NodeGraphError):
                self._deployments.start(name)

        threading.Thread(target=starting, name=f"start-{name}", daemon=True).start()
        return replace(live, state="starting", reason="")

    def stop(self, name: str) -> Live:
        """End a service."""
        self._deployments.get(name)  # NotFound, before a lock file is made for a name that nothing has
        return self._deployments.stop(name)

    def health(self, name: str) -> dict[str, Any]:
        """State and reason, and what the service says of itself while it is healthy."""
        live = self._deployments.get(name)
        return {"name": name, "state": live.state, "reason": live.reason, **(live.health or {})}

    def logs(self, name: str, lines: int = 200) -> str:
        """The end of a service's log."""
        return self._deployments.logs(name, lines)

    def examples(self, name: str) -> dict[str, str]:
        """How to ask a service, by tool: curl and python."""
        live = self._deployments.get(name)
        return {"curl": curl_example(live), "python": python_example(live)}


def as_record(live: Live) -> dict[str, Any]:
    """A service as JSON."""
    return asdict(live)


def curl_example(live: Live) -> str:
    """A command that asks a service."""
    if live.chat:
        path = "chat/completions"
        body: dict[str, Any] = {"model": live.name, "messages": [{"role": "user", "content": "…"}]}
    else:
        path, body = "completions", {"model": live.name, "prompt": "…", "max_tokens": 64}
    lines = [f"curl {live.base_url}/{path}", "-H 'Content-Type: application/json'"]
    if live.api_key:
        lines.append(f'-H "Authorization: Bearer ${live.api_key}"')
    lines.append(f"-d '{json.dumps(body, ensure_ascii=False)}'")
    return " \\\n  ".join(lines)


def python_example(live: Live) -> str:
    """A Python program that asks a service with the openai package."""
    key = f'os.environ["{live.api_key}"]' if live.api_key else '"none"'
    head = ["import os", ""] if live.api_key else []
    if live.chat:
        said = '[{"role": "user", "content": "…"}]'
        call = f'client.chat.completions.create(model="{live.name}", messages={said})'
        show = "print(answer.choices[0].message.content)"
    else:
        call = f'client.completions.create(model="{live.name}", prompt="…", max_tokens=64)'
        show = "print(answer.choices[0].text)"
    made = f'client = OpenAI(base_url="{live.base_url}", api_key={key})'
    return "\n".join([*head, "from openai import OpenAI", "", made, f"answer = {call}", show, ""])
