"""A server with nothing but the canvas on its page, and a list of the intents that came.

`GET /?graph=small&theme=dark&lang=zh` shows it · `GET /intents` what was heard · `POST /call` calls a
method of the canvas that was opened last: {"method": "apply", "args": [...]} · `POST /live` plays a run ·
`POST /move` takes the canvas out of the page and shows it elsewhere.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from nicegui import ui

from tests.ui.canvas.graphs import GRAPHS, activity
from ui import styling
from ui.canvas.canvas import Canvas

app = FastAPI()
intents: list[dict[str, Any]] = []
opened: list[Canvas] = []


@ui.page("/")
def page(graph: str = "small", theme: str = "light", lang: str = "en") -> None:
    intents.clear()
    ui.add_body_html(f"<script>document.documentElement.dataset.theme = {theme!r}</script>")
    ui.run_javascript(f"document.documentElement.lang = {lang!r}")
    with ui.element("div").style("position: fixed; inset: 0"):
        opened.append(Canvas(GRAPHS[graph](), on_intent=hear))
    ui.element("div").style("position: fixed; inset: 0; pointer-events: none").props("id=elsewhere")


def hear(name: str, detail: dict[str, Any]) -> None:
    intents.append({"name": name, "detail": detail})
    if name == "refused":
        opened[-1].refuse(detail["source"], detail["target"], f"{detail['target']} needs something else")
    if name == "action" and detail["name"] == "echo":
        opened[-1].apply([{"op": "node", "id": detail["id"], "patch": {"foot": f"echo {len(intents)}"}}])


@app.get("/intents")
def heard() -> list[dict[str, Any]]:
    return intents


@app.post("/call")
async def call(request: Request) -> dict[str, str]:
    wanted = await request.json()
    getattr(opened[-1], wanted["method"])(*wanted.get("args", []))
    return {}


@app.post("/move")
async def move() -> dict[str, str]:
    canvas = opened[-1]
    assert canvas.parent_slot
    canvas.move(canvas.parent_slot.parent.parent_slot.children[-1])  # type: ignore[union-attr]
    return {}


@app.post("/live")
async def live(request: Request) -> dict[str, str]:
    """Change every one of some nodes ten times a second, for some seconds."""
    wanted = await request.json()
    for step in range(round(wanted["seconds"] * 10)):
        await asyncio.gather(asyncio.sleep(0.1), _change(wanted["nodes"], step))
    return {}


async def _change(nodes: list[str], step: int) -> None:
    running = {"state": "running", "state_word": "running", "foot": "running", "time": f"{step} s left"}
    spark = [round(1.6 * 0.96 ** (step % 40 + k), 4) for k in range(40)]
    shown = {
        **activity(step % 100 / 100),
        "spark": spark,
        "value": f"{step / 7:.3f}",
        "count": f"{step} / 1,000",
    }
    opened[-1].apply([{"op": "node", "id": name, "patch": {**running, "activity": shown}} for name in nodes])


styling.serve_assets(app)
styling.link_styles()
ui.run_with(app, tailwind=False, reconnect_timeout=10.0, show_welcome_message=False)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
