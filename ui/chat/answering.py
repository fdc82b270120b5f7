"""Gets an answer into a conversation, as a task of the server: pages may come and go meanwhile."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from nicegui import background_tasks

from executor.services.deployments import Live
from executor.services.workspace import Workspace
from nodegraph.errors import NodeGraphError
from ui.chat.asking import NoAnswer, ask
from ui.chat.conversation import LONGEST_ANSWER, Conversation, Message, Problem
from ui.kit import showable

_log = logging.getLogger(__name__)


def begin(workspace: Workspace, conversation: Conversation, question: str) -> None:
    """Ask; the answer grows in the conversation. Not while another one is under way."""
    assert not conversation.running
    answer = conversation.ask(showable(question))
    work = _answer(workspace, conversation, answer)
    conversation.task = background_tasks.create(work, name=f"answer of {conversation.service}")


async def _answer(workspace: Workspace, conversation: Conversation, answer: Message) -> None:
    began = time.monotonic()
    try:
        # Looked at anew: the key goes to the service itself, not to what else may have its port by now.
        live = await asyncio.to_thread(workspace.services.get, conversation.service)
        key = await asyncio.to_thread(workspace.secrets.value, live.api_key) if live.api_key else None
        _check(live, key)
        path, body = request(live, conversation)
        async for piece in ask(live.port or 0, path, body, key):
            if piece.text and answer.first is None:
                answer.first = time.monotonic() - began
            answer.text += showable(piece.text)
            answer.cut |= piece.cut
            answer.tokens = piece.tokens or answer.tokens
            conversation.changed()
            if len(answer.text) > LONGEST_ANSWER:
                answer.cut = True
                break
        answer.state = "done"
    except asyncio.CancelledError:
        answer.state = "stopped"
        raise
    except NoAnswer as error:
        answer.state, answer.problem = "failed", error.problem
    except NodeGraphError as error:
        answer.state, answer.problem = "failed", Problem(error.message, error.hint)
    except Exception as error:  # the page must say something in any case
        _log.exception("No answer of %s", conversation.service)
        answer.state, answer.problem = "failed", Problem(f"{type(error).__name__}: {error}")
    finally:
        answer.seconds = time.monotonic() - began
        conversation.changed()


def _check(live: Live, key: str | None) -> None:
    if live.api_key and not key:
        sentence = f"The secret {live.api_key}, the service's API key, is not set."
        raise NoAnswer(Problem(sentence, "Set it under Settings.", "settings"))
    if live.state == "starting":
        raise NoAnswer(Problem("The service is still starting.", "", "again"))
    if live.state != "healthy":
        raise NoAnswer(Problem("The service does not run.", live.reason, "start"))


def request(live: Live, conversation: Conversation) -> tuple[str, dict[str, Any]]:
    """The path and the body of what is asked; without a chat template only the last question counts."""
    wishes, history = conversation.wishes, conversation.history()
    body: dict[str, Any] = {"model": live.name}
    if wishes.temperature is not None:
        body["temperature"] = wishes.temperature
    if wishes.max_tokens is not None:
        body["max_tokens"] = wishes.max_tokens
    if not live.chat:
        return "completions", {**body, "prompt": history[-1]["content"]}
    system = wishes.system
    said = [] if system is None or system == live.defaults.get("system_prompt", "") else [system]
    return "chat/completions", {
        **body, "messages": [*({"role": "system", "content": text} for text in said), *history]
    }  # fmt: skip
