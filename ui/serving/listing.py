"""The services at the left: name, state, where from, where to."""

from __future__ import annotations

from collections.abc import Callable

from ui import kit
from ui.i18n import t
from ui.serving import words
from ui.serving.desk import Seen


def draw(services: list[Seen], selected: str | None, choose: Callable[[str], None]) -> None:
    """The head and a line for each service."""
    with kit.div("phead"):
        kit.text(t("All services"), "", "b")
        kit.count(len(services))
    with kit.el("nav", "pbody lines", aria_label=t("All services")):
        for service in services:
            _line(service, service.name == selected, choose)


def seen(service: Seen) -> tuple[object, ...]:
    """What of a service its line shows."""
    live = service.live
    return (
        service.name,
        words.word(service),
        words.origin(service),
        live.port,
        live.run_id,
        words.reason(service),
    )


def _line(service: Seen, here: bool, choose: Callable[[str], None]) -> None:
    line = kit.el(
        "a", "sv on" if here else "sv", href=f"/services/{service.name}", data_service=service.name,
        data_health=service.state, aria_current="true" if here else None,
    )  # fmt: skip
    line.on("click.exact.prevent", lambda: choose(service.name), [])
    with line:
        with kit.div("row"):
            kit.text(service.name, "cut grow", "b", title=service.name)
            words.chip(service)
        kit.text(words.origin(service), "cut xs dim", title=words.origin(service))
        with kit.div("row xs dim"):
            kit.text(f"127.0.0.1:{service.live.port}" if service.live.port else "", "cut grow", "code")
            if service.live.run_id is not None:
                kit.text(t("run {id}", id=service.live.run_id), "nw")
        if service.state in ("failed", "unhealthy", "stopped") and (why := words.reason(service)):
            kit.text(why, "cut xs why", title=why)
