"""Who talks: a random name in a cookie, so that a conversation is there again after a reload."""

from __future__ import annotations

import re
import secrets

from nicegui import context, ui

COOKIE = "nodegraph_visitor"
_NAME = re.compile(r"[A-Za-z0-9_-]{22}")


def visitor() -> str:
    """The name of whoever looks at the page at work; a new one gets one."""
    request = context.client.request
    known = str((request.cookies if request else {}).get(COOKIE, ""))
    if _NAME.fullmatch(known):
        return known
    name = secrets.token_urlsafe(16)
    # Only letters, digits, "-" and "_" get into the script.
    ui.add_head_html(f'<script>document.cookie = "{COOKIE}={name}; path=/; SameSite=Strict";</script>')
    return name
