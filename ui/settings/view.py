"""The settings page: a section each, its name and purpose at the left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ui import frame, kit, preferences
from ui.i18n import OWN_NAMES, language, t
from ui.settings.about import About
from ui.settings.machine import Machine
from ui.settings.notifications import NotificationsPart
from ui.settings.secrets import SecretsPart
from ui.site import Site


class SettingsView:
    """The page `/settings`."""

    section = "settings"

    def __init__(self, site: Site) -> None:
        self._secrets = SecretsPart(site)
        self._notifications = NotificationsPart(site)
        self._machine = Machine(site)
        self._about = About(site)

    async def load(self) -> None:
        """Read the secrets' names and what is set; this machine is looked at once the page is there."""
        await self._secrets.load()
        await self._notifications.load()

    def heading(self) -> None:
        """The title."""
        kit.text(t("Settings"), "", "b")

    def actions(self) -> None:
        """Each part has its own."""

    def body(self) -> None:
        """The parts."""
        with kit.div("page settings"), kit.div("inner"):
            with _part("language", t("Language"), t("What you have typed stays.")):
                kit.segmented(OWN_NAMES, language(), _speak, action="choose-language")
            with _part("appearance", t("Appearance"), t("System follows this computer.")):
                self._themes = kit.div()
                preferences.on_theme(self._show_themes)
                self._show_themes()
            with _part(
                "secrets", t("Secrets"),
                t("Pipelines name them; only the nodes that need them get their values. No page shows one."),
            ):  # fmt: skip
                self._secrets.build()
            with _part(
                "notifications", t("Notifications"),
                t("How those whom a pipeline names under “Notifications” are told of its runs."),
            ):  # fmt: skip
                self._notifications.build()
            with _part("machine", t("This machine"), t("What runs here can use, and what it lacks.")):
                self._machine.build()
            with _part("about", t("About"), t("Where everything is kept, and what NodeGraph is made of.")):
                self._about.build()

    def _show_themes(self) -> None:
        if self._themes.is_deleted:
            return
        self._themes.clear()
        labels = {"light": t("Light"), "dark": t("Dark"), "system": t("System")}
        with self._themes:
            kit.segmented(labels, preferences.theme(), preferences.choose_theme, action="choose-theme")  # type: ignore[arg-type]


def _speak(chosen: str) -> None:
    frame.speak("zh" if chosen == "zh" else "en")


@contextmanager
def _part(name: str, title: str, purpose: str) -> Iterator[None]:
    with kit.el("section", "part", id=name, data_part=name):
        with kit.div("what"):
            kit.text(title, "", "h2")
            kit.text(purpose, "sub sm", "p")
        with kit.div("how"):
            yield
