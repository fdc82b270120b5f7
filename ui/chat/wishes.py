"""The dialog that says how a service should answer: system prompt, temperature, longest answer."""

from __future__ import annotations

import math
from collections.abc import Callable

from executor.services.deployments import Live
from ui import kit
from ui.chat.conversation import Wishes
from ui.chat.entry import Entry
from ui.i18n import t

LONGEST_SYSTEM = 16_000
MOST_TOKENS = 100_000


def in_force(live: Live, wishes: Wishes) -> Wishes:
    """What counts: the wishes, and where there are none what the service was told."""
    own = live.defaults
    return Wishes(
        system=str(own.get("system_prompt", "")) if wishes.system is None else wishes.system,
        temperature=own.get("temperature") if wishes.temperature is None else wishes.temperature,
        max_tokens=own.get("max_new_tokens") if wishes.max_tokens is None else wishes.max_tokens,
    )


def ask_for_wishes(live: Live, wishes: Wishes, on_save: Callable[[Wishes], None]) -> None:
    """Open it; `on_save` gets what was chosen."""
    now = in_force(live, wishes)
    typed = {
        "system": now.system or "",
        "temperature": "" if now.temperature is None else f"{now.temperature:g}",
        "max_tokens": "" if now.max_tokens is None else str(now.max_tokens),
    }
    with kit.dialog(t("How it answers here"), name="wishes", width=520) as opened:
        if live.chat:
            _system_field(typed)
        with kit.div("pair"):
            _number_field(
                "temperature", t("Temperature"), t("0 to 2; 0 always takes the likeliest token"), typed
            )
            _number_field("max_tokens", t("Longest answer"), t("in tokens"), typed)
        kit.text(
            t("This holds for your conversation only; the service itself stays as it is."), "dim xs", "p"
        )
        trouble = kit.div("wrong")

        def save() -> None:
            chosen = read(typed)
            trouble.clear()
            if isinstance(chosen, str):
                with trouble:
                    kit.message(t(chosen), "error")
                return
            opened.close()
            on_save(chosen)

        def reset() -> None:
            opened.close()
            on_save(Wishes())

        with opened.foot:
            kit.button(t("As the service does"), reset, kind="ghost", glyph="undo-2", action="reset-wishes")
            kit.div("grow")
            kit.button(t("Cancel"), opened.close, action="keep")
            kit.button(t("Save"), save, kind="primary", action="save-wishes")


def read(typed: dict[str, str]) -> Wishes | str:
    """The wishes, or the sentence that says what is wrong; an empty number leaves it to the service."""
    try:
        temperature = float(typed["temperature"]) if typed["temperature"].strip() else None
    except ValueError:
        temperature = math.nan
    if temperature is not None and not 0 <= temperature <= 2:
        return "The temperature is a number from 0 to 2."
    tokens = typed["max_tokens"].strip()
    if tokens and not (tokens.isascii() and tokens.isdigit() and 1 <= int(tokens[:9]) <= MOST_TOKENS):
        return "The longest answer is a whole number from 1 to 100,000."
    return Wishes(typed["system"], temperature, int(tokens) if tokens else None)


def _system_field(typed: dict[str, str]) -> None:
    with kit.div("field"):
        kit.text(t("System prompt"), "lab")
        Entry(
            typed["system"], lines=6, label=t("System prompt"), longest=LONGEST_SYSTEM, data_field="system",
            hint=t("Who it is and how it should answer"),
            on_typed=lambda text: typed.update(system=text),
        )  # fmt: skip


def _number_field(name: str, label: str, help_: str, typed: dict[str, str]) -> None:
    with kit.div("field"):
        kit.text(label, "lab")
        Entry(
            typed[name], label=label, longest=12, inputmode="decimal", data_field=name,
            on_typed=lambda text: typed.update({name: text}),
        )  # fmt: skip
        kit.text(help_, "help")
