"""Pipelines over HTTP: kept, changed by version, refused with every problem."""

from __future__ import annotations

import pytest

from tests.executor.api.support import V1, error_of
from tests.executor.support import pipeline

YAML = {"content-type": "application/yaml"}


def text(name: str, word: str = "one") -> str:
    return pipeline(f"a: {{type: custom.make, params: {{text: {word}}}}}", name=name)


def test_a_pipeline_has_versions(server):
    sent = server.client.post(f"{V1}/pipelines", content=text("versions"), headers=YAML)
    assert sent.status_code == 201 and sent.json()["version"] == 1
    again = server.client.post(f"{V1}/pipelines", content=text("versions"), headers=YAML)
    assert again.status_code == 200 and again.json()["new"] is False
    changed = server.client.put(
        f"{V1}/pipelines/versions", json={"text": text("versions", "two"), "expected": 1}
    )
    assert changed.status_code == 200 and changed.json()["version"] == 2
    assert [one["version"] for one in server.get("/pipelines/versions/versions")["versions"]] == [2, 1]
    assert server.get("/pipelines/versions/versions/1")["text"] == text("versions")
    assert server.get("/pipelines/versions")["text"] == text("versions", "two")
    error_of(server.client.get(f"{V1}/pipelines/versions/versions/9"), 404, "not-found")


def test_F57_the_second_who_saves_gets_409_and_nothing_is_lost(server):
    server.post("/pipelines", {"text": text("shared"), "expected": 0})
    url = f"{V1}/pipelines/shared"
    assert server.client.put(url, json={"text": text("shared", "mine"), "expected": 1}).status_code == 200
    error = error_of(
        server.client.put(url, json={"text": text("shared", "yours"), "expected": 1}), 409, "conflict"
    )
    assert error["hint"]
    refused = server.client.put(f"{url}?expected=1", content=text("shared", "yours"), headers=YAML)
    error_of(refused, 409, "conflict")
    error_of(
        server.client.post(f"{V1}/pipelines", json={"text": text("shared"), "expected": 0}), 409, "conflict"
    )
    assert server.get("/pipelines/shared")["text"] == text("shared", "mine")


def test_the_name_in_the_address_is_that_in_the_file(server):
    error_of(server.client.put(f"{V1}/pipelines/other", json={"text": text("one")}), 422, "invalid-input")


def test_lists_are_searched_and_paged(server):
    for number in range(3):
        server.post("/pipelines", {"text": text(f"found-{number}")})
    page = server.get("/pipelines", params={"search": "FOUND", "limit": 2, "offset": 1})
    assert [one["name"] for one in page["pipelines"]] == ["found-1", "found-2"] and page["total"] == 3
    assert "text" not in page["pipelines"][0]


def test_a_deleted_pipeline_is_not_listed(server):
    server.post("/pipelines", {"text": text("gone")})
    assert server.client.delete(f"{V1}/pipelines/gone").status_code == 204
    assert server.get("/pipelines", params={"search": "gone"})["total"] == 0
    error_of(server.client.delete(f"{V1}/pipelines/never-there"), 404, "not-found")


def test_validate_names_every_problem_and_keeps_nothing(server):
    wrong = pipeline("a: {type: custom.mak}\nb: {type: custom.make, params: {seconds: soon}}", name="wrong")
    found = server.post("/validate", {"text": wrong}, 200)
    assert not found["ok"]
    assert {(one["code"], one["node"]) for one in found["problems"]} == {
        ("unknown-type", "a"),
        ("bad-param", "b"),
    }
    assert all(one["message"] for one in found["problems"])
    assert server.post("/validate", {"text": text("right")}, 200) == {"ok": True, "problems": []}
    one_set = {"text": text("right"), "sets": {"a.seconds": "soon"}}
    assert not server.post("/validate", one_set, 200)["ok"]
    error_of(server.client.get(f"{V1}/pipelines/wrong"), 404, "not-found")
    error_of(server.client.get(f"{V1}/pipelines/right"), 404, "not-found")


HOSTILE = {
    "A1": "nodegraph: 1\nname: x\nnodes:\n  a: &a [lol]\n" + "  b: [*a, *a]\n" * 99,
    "A2": "nodegraph: 1\nname: !!python/object/apply:os.system [id]\nnodes: {}",
    "A3": "nodegraph: 1\nname: x\nnodes: " + "[" * 5000,
    "A4": "&a [*a]",
    "A5": "nodegraph: 1\nname: x\nname: y\nnodes: {a: {type: custom.make}}",
    "A6": "nodegraph: 1\nname: x\nnodes: {a: {type: custom.make, params: {seconds: 12:30:45}}}",
    "A7": "nodegraph: 1\nname: x\nnodes:\n" + "".join(map("  n{}: {{}}\n".format, range(100_000))),
    "A8": pipeline("a: {type: custom.make, inputs: {after: a.text}}"),
    "A9": pipeline("a: {type: custom.nobody}"),
    "A10": pipeline("a: {type: custom.gauge}\nb: {type: custom.make, inputs: {after: a.metrics}}"),
    "A11": pipeline("b: {type: custom.make, inputs: {after: a.text}}"),
    "A12": "nodegraph: 99\nname: x\nnodes: {a: {type: custom.make}}",
    "A13": pipeline("a: {type: custom.make, params: {seconds: .nan}}"),
    "A14": pipeline("a: {type: custom.make, params: {seconds: 9223372036854775808}}"),
    "A14-nul": pipeline('a: {type: custom.make, params: {text: "\\0"}}'),
    "A14-half": pipeline('a: {type: custom.make, params: {text: "\\ud800"}}'),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_A1_to_A14_hostile_files_are_422_and_nothing_is_saved(server, case, kind):
    before = server.get("/pipelines")["total"]
    hostile = HOSTILE[case]
    if kind == "yaml":
        answer = server.client.post(f"{V1}/pipelines", content=hostile.encode(), headers=YAML)
    else:
        answer = server.client.post(f"{V1}/pipelines", json={"text": hostile})
    problems = error_of(answer, 422, "invalid-input")["problems"]
    assert problems and all(problem["message"] for problem in problems)
    error_of(server.client.post(f"{V1}/runs", json={"text": hostile}), 422, "invalid-input")
    assert server.get("/pipelines")["total"] == before


def test_bytes_that_are_no_text_are_422(server):
    for body in (b"\xff\xfe\x00", b"", b"\x80abc", b"\x00"):
        error_of(server.client.post(f"{V1}/pipelines", content=body, headers=YAML), 422, "invalid-input")
