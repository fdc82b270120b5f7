"""What is known about a service: how busy it is, its model, where from, when it ends; and its log."""

from __future__ import annotations

import time
from collections.abc import Callable

from executor.services.deployments import Live
from ui import kit
from ui.chat.conversation import Message
from ui.i18n import t
from ui.results.units import duration, moment, number
from ui.serving.desk import Seen


def numbers(health: dict[str, object] | None, answer: Message | None) -> list[object]:
    """Calls so far, running, waiting, and how fast the last answer here came; None for what is not known."""
    told = health or {}
    speed = round(answer.tokens / answer.seconds, 1) if answer and answer.tokens and answer.seconds else None
    return [told.get("served"), told.get("active"), told.get("queued"), speed]


def draw_busy(health: dict[str, object] | None, answer: Message | None) -> None:
    """Those four numbers."""
    labels = (t("Calls"), t("Running"), t("Waiting"), t("Tokens/s"))
    with kit.div("k4"):
        for label, value in zip(labels, numbers(health, answer), strict=True):
            with kit.div():
                kit.text(label, "over")
                kit.text("–" if value is None else number(value), "", "b")


def draw_facts(seen: Seen, open_log: Callable[[], None]) -> None:
    """The rest, as names and values."""
    live = seen.live
    with kit.el("dl", "kv"):
        _fact(t("Address"), live.base_url, mono=True)
        _model(live)
        if live.run_id is not None:
            kit.text(t("From run"), "dim", "dt")
            with kit.el("dd", "row"):
                kit.link(live.run_id, f"/runs/{live.run_id}", data_field="run")
                kit.text(" · ".join(filter(None, (seen.pipeline, live.node))), "dim cut")
        _fact(t("API key"), live.api_key or t("none"), mono=bool(live.api_key))
        _fact(t("Asked as"), t("chat") if live.chat else t("text to go on from"))
        for name, value in times(live, time.time()):
            _fact(name, value)
        if live.pid is not None:
            _fact(t("Process"), str(live.pid), mono=True)
    if seen.state in ("failed", "unhealthy"):
        kit.button(t("Show its log"), open_log, glyph="scroll-text", size="mini", action="log")


def times(live: Live, now: float) -> list[tuple[str, str]]:
    """When it was started and used, and when it ends by itself."""
    idle, lifetime = live.limits.get("idle_minutes") or 0, live.limits.get("lifetime_hours") or 0
    found = [(t("Started"), moment(live.started, now))]
    if live.stopped is not None and live.state in ("stopped", "failed"):
        found.append((t("Ended"), moment(live.stopped, now)))
    found.append((t("Last used"), moment(live.last_used, now) or t("not yet")))
    found.append((t("Stops if idle for"), duration(idle * 60) if idle else t("never")))
    if live.state in ("healthy", "starting", "unhealthy"):
        ends = moment((live.started or now) + lifetime * 3600, now) if lifetime else t("when it is stopped")
        found.append((t("Ends"), ends))
    return found


def _model(live: Live) -> None:
    digest = live.model_digest
    _fact(
        t("Model"),
        f"{digest[:12]}…{digest[-4:]}" if digest and len(digest) == 64 else live.model,
        mono=True,
        tip=digest or live.model,
    )


def _fact(name: str, value: str, *, mono: bool = False, tip: str | None = None) -> None:
    kit.text(name, "dim", "dt")
    kit.text(value, "mono cut" if mono else "", "dd", title=tip)
