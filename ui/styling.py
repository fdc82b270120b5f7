"""The style sheets, ours and those put together at install: served under /assets, linked from every page."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from nicegui import ui
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from ui.assets import VENDOR

STYLES = Path(__file__).parent / "styles"
WEB = Path(__file__).parent / "web"
# Values first; what takes NiceGUI's own look back comes last.
_ORDER = ["tokens", "base", "panels", "overlays"]
_LAST = ["nicegui"]


def serve_assets(app: FastAPI) -> None:
    """Serve style sheets, fonts and icons from this machine."""

    # One file for all: a page asks for it once, and what it was sent is good for as long as its address.
    @app.get("/assets/all.css")
    def _all() -> Response:
        kept = {"Cache-Control": "max-age=31536000, immutable"}
        return Response(_sheets(), media_type="text/css", headers=kept)

    app.mount("/assets/styles", StaticFiles(directory=STYLES))
    app.mount("/assets/web", StaticFiles(directory=WEB))
    app.mount("/assets/vendor", StaticFiles(directory=VENDOR))


def link_styles() -> None:
    """Link the style sheets and the script from every page, behind what loads a page again without them."""
    version = _version()
    addresses = ("/assets/vendor/inter/fonts.css", "/assets/all.css")
    links = "".join(f'<link rel="stylesheet" href="{address}?{version}">' for address in addresses)
    script = f'<script type="module" src="/assets/web/page.js?{version}"></script>'
    # Within the page: a file of its own could fail to arrive as well.
    reopening = f"<script>{(WEB / 'reopening.js').read_text(encoding='utf-8')}</script>"
    ui.add_head_html(reopening + links + script, shared=True)


@cache
def _sheets() -> bytes:
    paths = [VENDOR / "icons.css", *(STYLES / f"{name}.css" for name in _names())]
    return b"\n".join(path.read_bytes() for path in paths)


def _names() -> list[str]:
    found = sorted(path.stem for path in STYLES.glob("*.css"))
    return [*_ORDER, *(name for name in found if name not in (*_ORDER, *_LAST)), *_LAST]


@cache
def _version() -> str:
    """Changes with the files, so that browsers may keep them."""
    return hashlib.sha256(_sheets() + (WEB / "page.js").read_bytes()).hexdigest()[:12]
