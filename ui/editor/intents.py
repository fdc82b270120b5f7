"""What a person does on the canvas, as commands on the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol, cast

from ui.canvas.canvas import Canvas
from ui.canvas.views import Viewport
from ui.editor import clipboard
from ui.editor.refused import Refused
from ui.editor.session import Session
from ui.i18n import t_message


class Desktop(Protocol):
    """What the page does that is no command on the pipeline."""

    @property
    def canvas(self) -> Canvas:
        """The canvas."""

    def select(self, ids: list[str]) -> None:
        """Show that these are selected."""

    def selected(self) -> None:
        """Something else is selected on the canvas."""

    def open_node(self, node: str) -> None:
        """Show a node's form."""

    def open_menu(self, detail: Mapping[str, Any]) -> None:
        """Open a menu at a place."""

    async def act(self, node: str, name: str) -> None:
        """A button on a card was pressed."""

    async def run(self) -> None:
        """Start a run."""

    async def save(self) -> None:
        """Save a version."""


class Intents:
    """Hears the canvas."""

    def __init__(self, session: Session, page: Desktop) -> None:
        self._session = session
        self._page = page
        self._known: dict[str, Callable[[dict[str, Any]], Any]] = {
            "move": lambda d: self._do(lambda: self._document.move(d["positions"])),
            "connect": self._connect,
            "reconnect": self._connect,
            "refused": self._refused,
            "remove": lambda d: self._do(lambda: self._document.remove(d["ids"])),
            "select": self._select,
            "viewport": self._look,
            "drop": lambda d: self.add(d["type"], d["x"], d["y"]),
            "open": lambda d: page.open_node(d["id"]),
            "action": lambda d: page.act(d["id"], d["name"]),
            "note": self._note,
            "note_text": lambda d: self._do(lambda: self._document.edit_sketch(d["id"], text=str(d["text"]))),
            "resize": self._resize,
            "context": page.open_menu,
            "copy": lambda d: clipboard.copy(session),
            "cut": lambda d: clipboard.cut(session),
            "paste": self._paste,
            "duplicate": lambda d: self.duplicate(),
            "undo": lambda d: self._document.undo(),
            "redo": lambda d: self._document.redo(),
            "arrange": lambda d: self.arrange(),
            "select_all": lambda d: page.select(list(self._document.pipeline.nodes)),
            "run": lambda d: page.run(),
            "save": lambda d: page.save(),
        }

    def __call__(self, name: str, detail: dict[str, Any]) -> Any:
        """Hear one."""
        known = self._known.get(name)
        return known(detail) if known else None

    def add(self, type_id: str, x: float, y: float) -> None:
        """A new node, selected."""
        name = self._do(lambda: self._document.add_node(type_id, x, y))
        if name:
            self._page.select([name])

    def duplicate(self, ids: Collection[str] | None = None) -> None:
        """These things once more, or what is selected."""
        wanted = self._session.selected if ids is None else ids
        made = self._do(lambda: self._document.duplicate(wanted))
        if made:
            self._page.select(made)

    def arrange(self) -> None:
        """Lay the cards out anew, and show them all."""
        self._do(self._document.arrange)
        self._page.canvas.fit()

    @property
    def _document(self) -> Any:
        return self._session.document

    def _do(self, command: Callable[[], Any]) -> Any:
        return self._session.do(command)

    def _connect(self, detail: dict[str, Any]) -> None:
        source, target = str(detail["source"]), str(detail["target"])
        try:
            self._document.connect(source, target, detail.get("edge"))
        except Refused as refused:
            self._page.canvas.refuse(source, target, t_message(refused.message))

    def _refused(self, detail: dict[str, Any]) -> None:
        """The page has refused an edge; the reason is known here."""
        self._connect(detail)

    def _select(self, detail: dict[str, Any]) -> None:
        self._session.selected = [str(one) for one in detail["ids"]]
        self._page.selected()

    def _look(self, detail: dict[str, Any]) -> None:
        self._session.viewport = cast(Viewport, detail)

    def _note(self, detail: dict[str, Any]) -> None:
        name = self._do(lambda: self._document.add_note(detail["x"], detail["y"]))
        if name:
            self._page.select([name])

    def _resize(self, detail: dict[str, Any]) -> None:
        size = {"width": detail["width"], "height": detail["height"]}
        self._do(lambda: self._document.edit_sketch(detail["id"], **size))

    async def _paste(self, detail: dict[str, Any]) -> None:
        text = await clipboard.read()
        ids = text and self._do(lambda: self._document.paste(text, detail["x"], detail["y"]))
        if ids:
            self._page.select(ids)
