"""/openapi.json: valid, complete, and true to what is answered."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.executor.api.support import V1, Server
from tests.executor.support import pipeline

# Their names are others than the pipeline's.
OTHERS = tuple(f"{V1}/{kind}/" for kind in ("services", "hosts", "templates"))


@pytest.fixture(scope="module")
def described(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = server.client.get("/openapi.json").json()
    return found


def operations(described: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_valid_openapi_3_1(described):
    assert described["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(described).validate()


def test_every_route_is_described_and_nothing_else(server, described):
    routes = {
        (method, route.path)
        for route in iter_route_contexts(server.app.routes)
        if route.path and route.path.startswith(V1)
        for method in route.methods or ()
    }
    assert len(routes) > 35
    documented = {(method, path.replace("{path}", "{path:path}")) for method, path in operations(described)}
    assert documented == routes


def test_every_operation_has_an_id_a_tag_and_a_sentence(described):
    found = operations(described)
    ids = [operation["operationId"] for operation in found.values()]
    assert len(set(ids)) == len(ids) and all(name.isidentifier() for name in ids)
    for operation in found.values():
        assert operation["tags"] and operation["summary"] and operation["description"].endswith(".")
        assert list(operation["responses"]["default"]["content"]) == ["application/json"], "errors have one"
        assert all(given.get("description") for given in operation.get("parameters", ()))


def test_every_field_has_a_description(described):
    ours = {name: one for name, one in described["components"]["schemas"].items() if "Error" not in name}
    bare = [
        f"{name}.{key}"
        for name, one in ours.items()
        for key, value in one.get("properties", {}).items()
        if name != "Problem" and not value.get("description") and "$ref" not in value
    ]
    assert bare == []


def test_what_may_be_new_or_not_has_both_answers(described):
    both = [one for one in operations(described).values() if {"200", "201"} <= one["responses"].keys()]
    assert {one["operationId"] for one in both} == {"start_run", "import_pipeline"}


def test_answers_are_as_described(server, described):
    run = server.ended(server.start(pipeline("a: {type: custom.make}")))
    server.post("/pipelines", {"text": pipeline("a: {type: custom.make}")})
    schemas = described["components"]["schemas"]
    assert run.keys() <= schemas["RunObject"]["properties"].keys()
    assert run["nodes"]["a"].keys() <= schemas["NodeResult"]["properties"].keys()
    digest = run["nodes"]["a"]["outputs"]["text"]["digest"]
    values = {"run": run["id"], "node": "a", "name": "toy", "version": 1, "digest": digest}
    values["type_id"] = "custom.make"
    looked = 0
    for (method, path), operation in operations(described).items():
        answered = operation["responses"].get("200", {}).get("content", {}).get("application/json")
        if method != "GET" or not answered or path.startswith(OTHERS):
            continue
        answer = server.client.get(path.format(**values))
        assert answer.status_code == 200, (path, answer.text)
        schema = {**answered["schema"], "components": described["components"]}
        Draft202012Validator(schema).validate(answer.json())
        looked += 1
    assert looked >= 15
