"""The frame round every page: the rail at the left, the bar on top, and what changes with the reader.

A page is a `View`; `show` builds it, and builds it again in place when the reader changes the language.
What must outlive that belongs into the view, not into elements.
"""

from __future__ import annotations

from typing import Any, Protocol

from nicegui import context, ui

from ui import kit, preferences
from ui.i18n import OWN_NAMES, Language, language, t, use_language
from ui.login import SESSION

SECTIONS = {
    "gallery": ("/", "layout-grid", "Gallery"),
    "pipelines": ("/pipelines", "workflow", "Pipelines"),
    "runs": ("/runs", "activity", "Runs"),
    "services": ("/services", "radio", "Services"),
    "hosts": ("/hosts", "server", "Hosts"),
}
_BUILD_SECONDS = 60.0  # NiceGUI would give up after three
# A page whose network comes back within this time goes on where it was; what was done meanwhile arrives then.
_AWAY_SECONDS = 30.0
_REBUILD = "nodegraph_rebuild"
_SETTINGS = ("/settings", "settings", "Settings")


class View(Protocol):
    """A page: its section in the rail, the left part of the bar, the buttons at its right, and the rest."""

    section: str

    def heading(self) -> None:
        """Fill the left of the top bar: a title, or where one is."""

    def actions(self) -> None:
        """Fill the right of the top bar."""

    def body(self) -> None:
        """Fill the page; it takes all the room that is left."""


def page(address: str, **options: Any) -> ui.page:
    """Decorates what builds a page; where the machine is busy, it comes late rather than not at all."""
    return ui.page(address, response_timeout=_BUILD_SECONDS, reconnect_timeout=_AWAY_SECONDS, **options)


def show(view: View) -> None:
    """Build the page at work."""
    preferences.prepare_page()
    root = kit.div("app")

    def build() -> None:
        root.clear()
        with root:
            _rail(view.section)
            with kit.div("main"):  # in the <main> that NiceGUI gives each page
                with kit.el("header", "topbar"):
                    view.heading()
                    kit.div("grow")
                    view.actions()
                    kit.div("vr")
                    _language_button()
                    _theme_button()
                view.body()

    context.client.storage[_REBUILD] = build
    build()


def speak(chosen: Language) -> None:
    """Switch the page at work to a language, and keep it for those to come; the view keeps what it has."""
    use_language(chosen)
    preferences.remember_language(chosen)
    context.client.storage[_REBUILD]()


def _rail(section: str) -> None:
    with kit.el("nav", "rail", aria_label=t("Sections")):
        with kit.el("a", "logo", href="/", title="NodeGraph", aria_label="NodeGraph"):
            kit.div("mark")
        for name, (target, glyph, label) in SECTIONS.items():
            _entry(target, glyph, t(label), name == section)
        kit.div("gap")
        _entry(_SETTINGS[0], _SETTINGS[1], t(_SETTINGS[2]), section == "settings")
        if context.client.request.scope.get(SESSION):
            with (
                kit.el("form", method="post", action="/logout"),
                kit.el("button", type="submit", data_action="logout"),
            ):
                kit.icon("log-out", "l")
                kit.text(t("Log out"))


def _entry(target: str, glyph: str, label: str, here: bool) -> None:
    with kit.el("a", href=target, aria_current="page" if here else None):
        kit.icon(glyph, "l")
        kit.text(label)


def _language_button() -> None:
    other: Language = "en" if language() == "zh" else "zh"
    tip = OWN_NAMES[other]
    kit.button("", lambda: speak(other), kind="ghost", glyph="languages", tip=tip, action="language")


def _theme_button() -> None:
    kit.button("", preferences.flip_theme, kind="ghost", glyph="sun", tip=t("Light or dark"), action="theme")


def crumbs(*parts: tuple[str, str | None]) -> None:
    """Where one is: (text, address) from the section down; the last one has no address."""
    for index, (label, target) in enumerate(parts):
        if index:
            kit.text("/", "crumb")
        if target:
            kit.link(label, target, "crumb")
        else:
            kit.text(label, "cut", "b")


def go(target: str) -> None:
    """Open another page of ours."""
    ui.navigate.to(target)
