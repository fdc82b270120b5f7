"""Copy and paste: the browser's own clipboard, and one beside it for where that cannot be read.

Browsers give the clipboard's text to those who press Ctrl+V only; the page keeps it for the moment after.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from nicegui import ui

from ui.editor.session import Session

_KEY = "nodegraph_clip"

# What is copied elsewhere comes with the event that follows the key.
LISTEN = f"""<script>
document.addEventListener("paste", (event) => {{
  if (event.target.closest?.("input, textarea, [contenteditable=true]")) return;
  const text = event.clipboardData?.getData("text/plain");
  if (text) sessionStorage.setItem("{_KEY}", text);
}});
</script>"""


def copy(session: Session, ids: Collection[str] | None = None) -> None:
    """Copy these things, or what is selected."""
    _keep(session.document.copy(session.selected if ids is None else ids))


def cut(session: Session) -> None:
    """Copy what is selected, and take it away."""
    _keep(session.document.cut(session.selected))


async def read() -> str:
    """What was copied last."""
    found = await ui.run_javascript(
        f'const own = sessionStorage.getItem("{_KEY}"); sessionStorage.removeItem("{_KEY}");'
        f'return own ?? localStorage.getItem("{_KEY}") ?? "";'
    )
    return str(found or "")


def _keep(text: str) -> None:
    if text:
        written = json.dumps(text).replace("<", "\\u003c")
        ui.run_javascript(
            f'localStorage.setItem("{_KEY}", {written});'
            f"navigator.clipboard?.writeText({written}).catch(() => {{}});"
        )
