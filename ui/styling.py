"""The style sheets, ours and those put together at install: served under /assets, linked from every page."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from nicegui import ui
from starlette.staticfiles import StaticFiles

from ui.assets import VENDOR

STYLES = Path(__file__).parent / "styles"
WEB = Path(__file__).parent / "web"
# Values first; what takes NiceGUI's own look back comes last.
_ORDER = ["tokens", "base", "panels", "overlays"]
_LAST = ["nicegui"]


def serve_assets(app: FastAPI) -> None:
    """Serve style sheets, fonts and icons from this machine."""
    app.mount("/assets/styles", StaticFiles(directory=STYLES))
    app.mount("/assets/web", StaticFiles(directory=WEB))
    app.mount("/assets/vendor", StaticFiles(directory=VENDOR))


def link_styles() -> None:
    """Link the style sheets and the script from every page, behind what loads a page again without them."""
    addresses = [f"/assets/vendor/{path}" for path in ("inter/fonts.css", "icons.css")]
    addresses += [f"/assets/styles/{name}.css" for name in _names()]
    version = _version()
    links = "".join(f'<link rel="stylesheet" href="{address}?{version}">' for address in addresses)
    script = f'<script type="module" src="/assets/web/page.js?{version}"></script>'
    # Within the page: a file of its own could fail to arrive as well.
    reopening = f"<script>{(WEB / 'reopening.js').read_text(encoding='utf-8')}</script>"
    ui.add_head_html(reopening + links + script, shared=True)


def _names() -> list[str]:
    found = sorted(path.stem for path in STYLES.glob("*.css"))
    return [*_ORDER, *(name for name in found if name not in (*_ORDER, *_LAST)), *_LAST]


@cache
def _version() -> str:
    """Changes with the files, so that browsers may keep them."""
    digest = hashlib.sha256()
    for path in [*sorted(STYLES.glob("*.css")), VENDOR / "icons.css", WEB / "page.js"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
