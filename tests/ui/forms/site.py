"""A server with nothing but a form on its page, checked by the core as a person fills it in.

`GET /form/train.sft` shows the form of a node type · `?params=…` (JSON) what is set already · `?only=a,b`
a few of its fields
`GET /parameters?parameters=…` (JSON) shows the form of a pipeline's parameters
`GET /heard` what was changed · `POST /again` builds the form again, `POST /again/slowly` in several
messages to the page · `POST /model` makes a model
`POST /datasets` the names of what was uploaded
`POST /call` {"method": "set_values", "args": [...]} calls the form that was opened last
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from nicegui import ui
from starlette.responses import JSONResponse

from executor.database.tables import Artifact
from executor.services.workspace import Workspace
from nodegraph.pipeline import Node, Parameter, Pipeline
from nodegraph.problems import Problem
from nodegraph.references import resolve
from nodegraph.registry import Registry
from nodegraph.validation import validate
from ui import kit, preferences, styling, uploads
from ui.forms import ParamsForm, schema_of
from ui.kit.fields import Field
from ui.site import Options, Site

REFERENCES = ["${parameters.base_model}", "${parameters.learning_rate}"]
_PAUSE = 0.1  # longer than it takes to press a key
app = FastAPI()
heard: list[list[Any]] = []
opened: list[ParamsForm] = []
pages: list[Page] = []
workspace = Workspace(sys.argv[2])
site = Site(workspace, Options(max_upload_gb=0.002))
registry = Registry.scan()


class Page:
    """A form of a node type, and what is set in it."""

    def __init__(self, type_id: str, params: dict[str, Any], only: list[str] | None) -> None:
        self._type, self._params, self._only = type_id, params, only
        self._box = kit.div()
        self._box.style("width: 304px; background: var(--surface); border-right: 1px solid var(--line)")
        kit.text("Another node", data_other="").on("pointerdown", self._box.clear, [])
        self.build()

    async def build_slowly(self) -> None:
        """After the old form there is none for a while, then one of fields that are nothing yet."""
        self._box.clear()
        await asyncio.sleep(_PAUSE)
        self.build()
        fields = [part for part in self._box.descendants() if isinstance(part, Field)]
        specs = [dict.pop(part._props, "spec") for part in fields]
        await asyncio.sleep(_PAUSE)
        for part, spec in zip(fields, specs, strict=True):
            part._props["spec"] = spec

    def set_values(self, params: dict[str, Any]) -> None:
        """Have other values, as after a change elsewhere."""
        self._params = params
        opened[-1].set_values(params)

    def build(self) -> None:
        self._box.clear()
        with self._box:
            form = ParamsForm(
                workspace.node_types.get(self._type)["parameters"], self._params, on_change=self._changed,
                on_reset=self._reset, problems=self._problems(), references=REFERENCES, site=site,
                only=self._only, key=f"test/{self._type}",
            )  # fmt: skip
        opened.append(form)

    def _changed(self, name: str, value: Any) -> None:
        heard.append(["change", name, value])
        self._params = {**self._params, name: value}
        self._after()

    def _reset(self, name: str) -> None:
        heard.append(["reset", name])
        self._params = {key: value for key, value in self._params.items() if key != name}
        self._after()

    def _after(self) -> None:
        opened[-1].set_values(self._params)
        opened[-1].show_problems(self._problems())

    def _problems(self) -> dict[str, list[Problem]]:
        parameters = {
            "base_model": Parameter(kind="model", default="a/b"),
            "learning_rate": Parameter(kind="number", default=0.001),
        }
        node = Node(type=self._type, params=self._params)
        pipeline = Pipeline(name="form", parameters=parameters, nodes={"node": node})
        found: dict[str, list[Problem]] = {}
        for problem in validate(resolve(pipeline).pipeline, registry):
            if problem.param:
                found.setdefault(problem.param.partition(".")[0], []).append(problem)
        return found


@ui.page("/form/{type_id}")
def form_page(type_id: str, params: str = "{}", only: str = "") -> None:
    preferences.prepare_page()
    heard.clear()
    pages.append(Page(type_id, json.loads(params), only.split(",") if only else None))


@ui.page("/parameters")
def parameters_page(parameters: str) -> None:
    preferences.prepare_page()
    heard.clear()
    declared = {name: Parameter.model_validate(part) for name, part in json.loads(parameters).items()}
    with kit.div().style("width: 448px"):
        form = ParamsForm(
            schema_of(declared), {}, grouped=False, site=site,
            on_change=lambda name, value: heard.append(["change", name, value]),
            on_reset=lambda name: heard.append(["reset", name]),
        )  # fmt: skip
    opened.append(form)


@app.get("/heard")
def tell_heard() -> JSONResponse:
    return JSONResponse(heard)


@app.post("/again")
async def build_again() -> dict[str, str]:
    pages[-1].build()
    return {}


@app.post("/again/slowly")
async def build_again_slowly() -> dict[str, str]:
    await pages[-1].build_slowly()
    return {}


@app.post("/call")
async def call(request: Request) -> dict[str, str]:
    wanted = await request.json()
    of = pages[-1] if wanted["method"] == "set_values" else opened[-1]
    getattr(of, wanted["method"])(*wanted.get("args", []))
    return {}


@app.post("/datasets")
def list_datasets() -> list[str]:
    return [view.name for view in workspace.datasets.list()]


@app.post("/model")
def add_model() -> dict[str, str]:
    """A model in the store, as a run would have left it."""
    folder = workspace.data_dir.root / "made"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    stored = workspace.store.put(folder)
    row = Artifact(
        digest=stored.digest, kind="model", bytes=stored.bytes, files=stored.files, node="train",
        port="model", created=time.time(),
    )  # fmt: skip
    with workspace.database.write() as session:
        session.add(row)
    return {"path": str(workspace.store.path(row.digest))}


styling.serve_assets(app)
styling.link_styles()
uploads.register(app, site)
ui.run_with(app, tailwind=False, reconnect_timeout=10.0, show_welcome_message=False)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
