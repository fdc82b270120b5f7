"""Where everything is kept, which version this is, and whose work is in it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from ui import kit
from ui.assets import VENDOR
from ui.i18n import t
from ui.site import Site


@dataclass(frozen=True)
class Borrowed:
    """Work of others that pages use: what it is here for, and its licence."""

    title: str
    purpose: str
    folder: str
    licence: str


BORROWED = (
    Borrowed("Inter", "Typeface", "inter", "OFL 1.1"),
    Borrowed("Lucide", "Icons", "lucide", "ISC"),
    Borrowed("Vue Flow", "Canvas", "vue-flow-core", "MIT"),
)


class About:
    """The part of the page."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def build(self) -> None:
        """Fill the part."""
        root = str(self._site.workspace.data_dir.root)
        with kit.div("card"):
            with kit.el("dl", "about-facts"):
                kit.text(t("Data directory"), "", "dt")
                with kit.el("dd", "row"):
                    kit.text(root, "mono cut", title=root, data_fact="data-dir")
                    kit.copy_button(root)
                kit.text(t("Version"), "", "dt")
                kit.text(f"NodeGraph {version('nodegraph')}", "", "dd", data_fact="version")
                kit.text(t("Licence"), "", "dt")
                kit.text("Apache 2.0", "", "dd")
            with kit.table([t("Work of others"), t("For"), t("Licence"), ""], classes="borrowed"):
                for part in BORROWED:
                    _row(part)


def _row(part: Borrowed) -> None:
    with kit.el("tr"):
        kit.text(part.title, "", "td")
        kit.text(t(part.purpose), "sub", "td")
        kit.text(part.licence, "sub", "td")
        with kit.el("td", "r acts"):
            kit.button(t("Read"), lambda: _read(part), size="mini", action=f"licence-{part.folder}")


async def _read(part: Borrowed) -> None:
    text = await asyncio.to_thread(licence_text, part)
    with kit.dialog(part.title, name="licence", width=720):
        kit.text(text, "licence", "pre")


def licence_text(part: Borrowed) -> str:
    """The licence as it came with the part."""
    path: Path = VENDOR / part.folder / "LICENSE"
    return path.read_text(encoding="utf-8", errors="replace")
