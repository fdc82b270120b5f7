"""A hand on the canvas: opens a page with one, drags, and asks its server what it heard."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect


class Canvas:
    """A page with a canvas, and the intents that its server has heard."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address

    def open(self, graph: str = "small", **query: str) -> Canvas:
        more = "".join(f"&{key}={value}" for key, value in query.items())
        self.page.goto(f"{self.address}/?graph={graph}{more}")
        expect(self.page.locator("[data-canvas][data-ready]")).to_be_visible()
        return self

    def node(self, name: str) -> Locator:
        return self.page.locator(f'[data-node="{name}"]')

    def port(self, name: str, side: str) -> Locator:
        return self.page.locator(f'[data-port="{name}"][data-side="{side}"]')

    def drag(self, start: Locator | tuple[float, float], end: Locator | tuple[float, float]) -> None:
        (x, y), (to_x, to_y) = (middle(place) for place in (start, end))
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move((x + to_x) / 2, (y + to_y) / 2, steps=3)
        self.page.mouse.move(to_x, to_y, steps=3)
        self.page.mouse.up()

    def tell(self, method: str, *arguments: Any) -> None:
        self.page.request.post(f"{self.address}/call", data={"method": method, "args": list(arguments)})

    def heard(self, intent: str, **wanted: Any) -> dict[str, Any]:
        """The last intent of a name, once it has what is wanted; the page's events reach Python in order."""
        for _ in range(600):
            found = [heard["detail"] for heard in self._intents() if heard["name"] == intent]
            if found and all(found[-1].get(key) == value for key, value in wanted.items()):
                return found[-1]
            self.page.wait_for_timeout(50)
        raise AssertionError(f"no {intent} with {wanted}; there was {self._intents()}")

    def never_heard(self, name: str) -> None:
        """Not even before an intent that was sent later."""
        self.page.keyboard.press("/")
        self.heard("search")
        assert name not in [intent["name"] for intent in self._intents()]

    def _intents(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.request.get(f"{self.address}/intents").json()
        return found


def middle(place: Locator | tuple[float, float]) -> tuple[float, float]:
    if isinstance(place, tuple):
        return place
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
