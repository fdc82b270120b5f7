"""What the page shows at the moment, kept here so that a page that comes back can be told all of it."""

from __future__ import annotations

from typing import Any, cast

from ui.canvas.views import GraphView, Op, Viewport


class Shown:
    """A graph as it is on the page: what was loaded, and every change since."""

    def __init__(self, graph: GraphView) -> None:
        self._records: dict[str, dict[str, dict[str, Any]]] = {
            "node": {card["id"]: dict(card) for card in graph["nodes"]},
            "edge": {edge["id"]: dict(edge) for edge in graph["edges"]},
            "note": {note["id"]: dict(note) for note in graph["notes"]},
        }
        self._selected = list(graph["selected"])
        self._viewport = graph["viewport"]

    def apply(self, ops: list[Op]) -> None:
        """Follow the changes that the page is told."""
        for op in ops:
            if op["op"] == "remove":
                self._remove(op["ids"])
            elif op["op"] == "select":
                self._selected = list(op["ids"])
            else:
                records = self._records[op["op"]]
                records.setdefault(op["id"], {"id": op["id"]}).update(op["patch"])

    def hear(self, intent: str, detail: dict[str, Any]) -> None:
        """Follow what the person has moved, selected or written on the page already."""
        if intent == "select":
            self._selected = list(detail["ids"])
        elif intent == "viewport":
            self._viewport = cast(Viewport, dict(detail))
        elif intent == "move":
            for name, (x, y) in detail["positions"].items():
                for records in self._records.values():
                    if name in records:
                        records[name].update(x=x, y=y)
        elif intent in ("note_text", "resize") and detail["id"] in self._records["note"]:
            self._records["note"][detail["id"]].update(detail)

    def graph(self) -> GraphView:
        """All of it, as the page takes it."""
        return cast(
            GraphView,
            {
                "nodes": list(self._records["node"].values()),
                "edges": list(self._records["edge"].values()),
                "notes": list(self._records["note"].values()),
                "selected": self._selected,
                "viewport": self._viewport,
            },
        )

    def _remove(self, ids: list[str]) -> None:
        for name in ids:
            for records in self._records.values():
                records.pop(name, None)
        self._selected = [name for name in self._selected if name not in ids]
