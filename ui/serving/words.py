"""How the states of services are shown: which colour and icon, which word, and why it is so."""

from __future__ import annotations

import time

from nicegui.element import Element

from ui import kit
from ui.i18n import language, t, t_message
from ui.results.units import duration
from ui.serving.desk import Seen

# Services share the colours and icons of runs.
_LOOK = {
    "starting": "running", "stopping": "running", "healthy": "succeeded", "unhealthy": "stale",
    "stopped": "cancelled", "failed": "failed",
}  # fmt: skip


def chip(seen: Seen) -> Element:
    """The state as a chip, with the time that a start has taken."""
    return kit.chip(_LOOK[seen.state], word(seen))


def word(seen: Seen) -> str:
    """The state in a word or two."""
    if seen.state == "starting":
        began = seen.work.began if seen.work else seen.live.started or seen.live.created
        return t(
            "starting, {time}", time=duration(float(round(max(1.0, time.time() - began)))).replace(".0", "")
        )
    words = {
        "stopping": t("stopping"), "healthy": t("live"), "unhealthy": t("not answering"),
        "stopped": t("stopped"), "failed": t("failed"),
    }  # fmt: skip
    return words[seen.state]


def reason(seen: Seen) -> str:
    """Why it is not live, as a sentence; empty where there is nothing to say."""
    if seen.failure is not None:
        return t_message(seen.failure.message)
    said = seen.work.said if seen.work is not None else seen.live.reason
    return t_message(said)


def joined(*sentences: str) -> str:
    """Sentences one after the other, as the reader's language does it."""
    return ("" if language() == "zh" else " ").join(filter(None, sentences))


def origin(seen: Seen) -> str:
    """The pipeline that its model came from, or its model."""
    if seen.pipeline is None:
        return seen.live.model
    return f"{seen.pipeline} v{seen.version}" if seen.version is not None else seen.pipeline
