"""What there is to work with: node types, templates, datasets, secrets, services, hosts, the queue."""

from __future__ import annotations

import io

from jsonschema import Draft202012Validator

from tests.executor.api.support import V1, error_of
from tests.executor.support import pipeline, until


def test_node_types_with_their_parameters_as_json_schema(server):
    listed = server.get("/node-types")["node_types"]
    assert "custom.make" in [one["id"] for one in listed]
    made = server.get("/node-types/custom.make")
    Draft202012Validator.check_schema(made["parameters"])
    assert made["parameters"]["properties"]["seconds"]["type"] == "number"
    assert made["outputs"]["text"]["kind"] == "text"
    error = error_of(server.client.get(f"{V1}/node-types/custom.mak"), 404, "not-found")
    assert "custom.make" in error["hint"]


def test_a_template_becomes_a_pipeline(server):
    (first, *_) = server.get("/templates")["templates"]
    template = server.get(f"/templates/{first['name']}")
    assert template["text"] and isinstance(template["parameters"], dict)
    made = server.post(f"/templates/{first['name']}/use", {"name": "made-here", "title": "Made here"})
    assert made["name"] == "made-here" and made["title"] == "Made here"
    assert server.get("/pipelines/made-here")["text"] == made["text"]
    error_of(
        server.client.post(f"{V1}/templates/{first['name']}/use", json={"name": "made-here"}),
        422,
        "invalid-input",
    )
    unnamed = server.post(f"/templates/{first['name']}/use", {})
    assert unnamed["name"].startswith(first["name"])
    error_of(server.client.post(f"{V1}/templates/nobody/use", json={}), 404, "not-found")


def test_datasets_are_listed_without_the_servers_paths(server):
    server.workspace.datasets.add("tickets", io.BytesIO(b'{"text": "x"}\n'), "tickets.jsonl")
    (dataset,) = server.get("/datasets")["datasets"]
    assert dataset["source"] == "dataset:tickets@1" and "path" not in dataset
    assert str(server.workspace.data_dir.root) not in str(dataset)


def test_A41_of_secrets_there_are_only_names(server):
    canary = "canary-7f3a"
    server.workspace.secrets.set("MY_KEY", canary)
    assert server.get("/secrets") == {"secrets": [{"name": "MY_KEY"}]}
    text = pipeline("a: {type: custom.whisper, params: {key: MY_KEY, shout: true}}", name="whisper")
    run = server.ended(server.start(text))
    assert run["status"] == "failed"
    base = f"{V1}/runs/{run['id']}"
    for path in (
        "",
        "/pipeline",
        "/nodes",
        "/nodes/a",
        "/nodes/a/log",
        "/nodes/a/log?follow=true",
        "/events",
    ):
        answer = server.client.get(f"{base}{path}")
        assert answer.status_code == 200 and canary not in answer.text, path


def test_services_are_listed(server):
    assert server.get("/services") == {"services": []}
    error_of(server.client.get(f"{V1}/services/nobody"), 404, "not-found")
    error_of(server.client.get(f"{V1}/services/nobody/logs"), 404, "not-found")


def test_the_hosts_begin_with_this_machine(server):
    (local,) = server.get("/hosts")["hosts"]
    assert local["name"] == "local" and local["cpus"] == 4 and server.get("/hosts/local")["memory_gb"] > 0
    assert server.post("/hosts/local/drain", status=200)["draining"] is True
    assert server.post("/hosts/local/drain", {"on": False}, status=200)["draining"] is False
    changed = server.client.patch(f"{V1}/hosts/local", json={"prices": {"cpu": 0.5}, "labels": ["fast"]})
    assert changed.status_code == 200 and changed.json()["prices"] == {"cpu": 0.5}
    assert changed.json()["labels"] == ["fast"]
    error_of(server.client.delete(f"{V1}/hosts/local"), 422, "invalid-input")


def test_a_host_is_added_and_removed(server, tmp_path):
    asked = {"name": "nobody-home", "address": f"unix://{tmp_path}/no.sock", "gpus": ["2xA100:80"]}
    made = server.post("/hosts", asked)
    assert made["state"] == "unreachable" and made["reason"]
    assert [gpu["kind"] for gpu in made["gpus"]] == ["A100", "A100"]
    assert (made["declared_gpus"], made["files"], made["cache_gb"]) == (["2xA100:80"], "auto", 200)
    again = server.client.post(f"{V1}/hosts", json=asked)
    assert {one["code"] for one in error_of(again, 422, "invalid-input")["problems"]} == {"name-taken"}
    assert server.post("/hosts/nobody-home/check", status=200)["checked"] >= made["checked"]
    assert server.client.delete(f"{V1}/hosts/nobody-home").status_code == 204
    error_of(server.client.get(f"{V1}/hosts/nobody-home"), 404, "not-found")


def test_A49_a_host_without_tls_is_refused(server):
    answer = server.client.post(f"{V1}/hosts", json={"name": "open", "address": "tcp://10.0.0.8:2375"})
    (problem,) = error_of(answer, 422, "invalid-input")["problems"]
    assert problem["param"] == "tls" and problem["hint"]


def test_the_queue_says_who_waits_and_why(server):
    assert server.get("/queue") == {"queue": []}
    node = "a: {{type: custom.make, params: {{text: {}, seconds: 60}}, resources: {{cpu: 4}}}}"
    first, second = (server.start(pipeline(node.format(user)), user=user) for user in ("one", "two"))
    waiting = until(lambda: [one for one in server.get("/queue")["queue"] if one["reason"]])
    assert (waiting[0]["run"], waiting[0]["user"], waiting[0]["position"]) == (second, "two", 1)
    for run in (first, second):
        server.post(f"/runs/{run}/cancel", status=202)
        server.ended(run)
    until(lambda: server.get("/queue") == {"queue": []})
