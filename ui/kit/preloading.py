"""Has the browser fetch the modules of elements while it still reads the page, not when they are drawn."""

from __future__ import annotations

from functools import cache

from nicegui import context, ui
from nicegui.dependencies import esm_modules
from nicegui.version import __version__

_DONE = "nodegraph_preloaded"
_LINKS = {".js": 'rel="modulepreload"', ".css": 'rel="preload" as="style"'}


def preload(*names: str) -> None:
    """Name the files of these modules at the head of the page at work, which is not sent yet."""
    client = context.client
    done: set[str] = client.storage.setdefault(_DONE, set())
    if client.has_socket_connection or done.issuperset(names):
        return
    ui.add_head_html("".join(_links(name) for name in names if name not in done))
    done.update(names)


@cache
def _links(name: str) -> str:
    key, folder = next((key, module.path) for key, module in esm_modules.items() if module.name == name)
    files = sorted(path for path in folder.rglob("*") if path.suffix in _LINKS)
    top = f"/_nicegui/{__version__}/esm/{key}"
    return "".join(
        f'<link {_LINKS[path.suffix]} href="{top}/{path.relative_to(folder).as_posix()}">' for path in files
    )
