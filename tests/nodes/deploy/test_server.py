"""The service as its clients see it: a real openai client, a real model, real HTTP."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest

from tests.nodes.deploy.serving import KEY, Running, serving
from tests.support import tiny_model

HELLO = [{"role": "user", "content": "the quick brown fox"}]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    directory = tmp_path_factory.mktemp("service")
    model = tiny_model(directory / "model")
    limits = {"max_concurrency": 1, "queue": 1, "max_new_tokens": 400, "max_body_mb": 0.1}
    with serving(model, directory, name="tiny", api_key="SERVICE_KEY", **limits) as running:
        yield running


@pytest.fixture(scope="module")
def client(service: Running) -> openai.OpenAI:
    return service.client()


def post(service: Running, body: object, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    standard = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    return service.http.post("/v1/completions", content=content, headers={**standard, **headers})


def test_models_are_listed(client):
    assert [model.id for model in client.models.list()] == ["tiny"]
    assert client.models.retrieve("tiny").owned_by == "nodegraph"


def test_chat(client):
    answer = client.chat.completions.create(model="tiny", messages=HELLO, max_tokens=8, temperature=0)
    assert answer.object == "chat.completion" and answer.id.startswith("chatcmpl-")
    assert abs(answer.created - time.time()) < 60
    assert answer.choices[0].message.role == "assistant"
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason in ("stop", "length")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.completion_tokens <= 8


def test_a_streamed_chat_says_the_same_as_a_whole_one(client):
    asked = {"model": "tiny", "messages": HELLO, "max_completion_tokens": 12, "temperature": 1, "seed": 5}
    whole = client.chat.completions.create(**asked)
    chunks = list(
        client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
    )
    assert chunks[0].choices[0].delta.role == "assistant"
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said == whole.choices[0].message.content
    assert len(chunks) > 4, "it comes piece by piece"
    assert chunks[-2].choices[0].finish_reason == whole.choices[0].finish_reason
    assert chunks[-1].choices == [] and chunks[-1].usage == whole.usage
    assert len({chunk.id for chunk in chunks}) == 1


def test_completions_whole_and_streamed(client):
    asked = {"model": "tiny", "prompt": "the quick", "max_tokens": 10, "temperature": 0}
    whole = client.completions.create(**asked)
    streamed = "".join(chunk.choices[0].text for chunk in client.completions.create(**asked, stream=True))
    assert whole.object == "text_completion"
    assert whole.choices[0].text == streamed


def test_several_prompts_and_choices(client):
    two = client.completions.create(
        model="tiny", prompt=["the", "fox"], n=2, max_tokens=3, seed=1, temperature=2
    )
    assert [choice.index for choice in two.choices] == [0, 1, 2, 3]
    assert two.choices[0].text != two.choices[1].text


def test_a_seed_makes_sampling_repeatable(client):
    def ask(seed: int) -> str:
        asked = {"model": "tiny", "prompt": "the", "max_tokens": 20, "temperature": 1.5, "top_p": 0.9}
        return client.completions.create(**asked, seed=seed).choices[0].text

    assert ask(1) == ask(1) != ask(2)


def test_stop_sequences_end_the_text_before_them(client):
    asked = {"model": "tiny", "prompt": "the quick", "max_tokens": 40, "temperature": 1.2, "seed": 11}
    text = client.completions.create(**asked).choices[0].text
    stop = text[5:7]
    cut = client.completions.create(**asked, stop=[stop, "never said"]).choices[0]
    assert cut.text == text[: text.index(stop)]
    assert cut.finish_reason == "stop"
    chunks = client.completions.create(**asked, stop=stop, stream=True)
    assert "".join(chunk.choices[0].text for chunk in chunks) == cut.text


def test_an_answer_ends_where_the_trained_template_ends_a_turn(client):
    """<|im_end|> is the template's end of a turn, and <|endoftext|> the padding: neither is ever shown."""
    answers = [
        client.chat.completions.create(model="tiny", messages=HELLO, temperature=2, seed=seed, max_tokens=400)
        for seed in range(6)
    ]
    ended = [answer for answer in answers if answer.choices[0].finish_reason == "stop"]
    assert ended, "one of 320 tokens ends the turn: 400 steps meet it nearly always"
    assert not any("<|" in answer.choices[0].message.content for answer in answers)


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"model": "other"}, 404, "this service has 'tiny'"),
        ({"prompt": ""}, 400, "prompt is empty"),
        ({"prompt": "the " * 2000}, 400, "context holds 512"),
        ({"prompt": [0, 99999]}, 400, "outside the vocabulary"),
        ({"prompt": "\ud800"}, 400, "half a character"),
        ({"max_tokens": 0}, 400, "max_tokens: "),
        ({"temperature": 3}, 400, "temperature: "),
        ({"temperature": float("nan")}, 400, "finite"),
        ({"top_p": 0}, 400, "top_p: "),
        ({"n": 5}, 400, "n: "),
        ({"seed": 2**70}, 400, "seed: "),
        ({"stop": ["x"] * 99}, 400, "stop: "),
        ({"logprobs": 5}, 400, "does not offer"),
        ({"prompt": None}, 400, "prompt"),
    ],
)
def test_bad_requests_are_answered_in_openais_shape(service, changes, status, words):
    answer = post(service, {"model": "tiny", "prompt": "the", **changes})
    assert answer.status_code == status
    error = answer.json()["error"]
    assert words in error["message"]
    assert set(error) == {"message", "type", "param", "code"}


@pytest.mark.parametrize("body", [b"{broken", b"[" * 50_000, b"[]", b"\xff", b""])
def test_what_is_no_json_is_a_bad_request(service, body):
    answer = post(service, body)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


def test_a15_a_large_body_is_refused(service):
    assert post(service, {"model": "tiny", "prompt": "a" * 200_000}).status_code == 413
    pieces = (b"a" * 1000 for _ in range(200))
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    assert service.http.post("/v1/completions", content=pieces, headers=headers).status_code == 413


def test_a_wrong_key_is_refused_everywhere_but_health(service):
    with pytest.raises(openai.AuthenticationError):
        service.client("wrong").models.list()
    for path in ("/v1/models", "/v1/models/tiny", "/v1/none"):
        assert service.http.get(path).status_code == 401
    assert service.http.get("/health").json()["status"] == "ok"


def test_a39_a_foreign_host_header_is_refused(service):
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil:80", ""):
        assert service.http.get("/health", headers={"Host": host}).status_code == 400
    port = service.url.rpartition(":")[2]
    assert service.http.get("/health", headers={"Host": f"localhost:{port}"}).status_code == 200


def test_a37_another_sites_page_cannot_post(service):
    plain = post(service, {"model": "tiny", "prompt": "the"}, **{"Content-Type": "text/plain"})
    assert plain.status_code == 400
    asked = service.http.options("/v1/completions", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in asked.headers


def test_unknown_paths_and_methods(service):
    headers = {"Authorization": f"Bearer {KEY}"}
    assert service.http.get("/nothing").json()["error"]["type"] == "not_found_error"
    assert service.http.get("/v1/completions", headers=headers).status_code == 405


def test_more_than_it_takes_is_turned_away_at_once(service, client):
    """One runs, one waits, the third hears 429; when a client leaves, its place is free again."""
    asked = {"model": "tiny", "messages": HELLO, "temperature": 1, "max_tokens": 400, "n": 4}
    running = client.chat.completions.create(**asked, stream=True)
    next(iter(running))
    waiting = threading.Thread(
        target=lambda: client.chat.completions.create(**{**asked, "n": 1, "max_tokens": 1})
    )
    waiting.start()
    until = time.monotonic() + 60
    while service.health()["queued"] == 0 and time.monotonic() < until:
        time.sleep(0.01)
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(**asked)
    running.close()
    waiting.join(timeout=60)
    assert not waiting.is_alive()


def test_a_client_that_leaves_ends_its_generation(service, client):
    began = service.health()["served"]
    body = {"model": "tiny", "messages": HELLO, "max_tokens": 400, "n": 4, "stop": []}
    headers = {"Authorization": f"Bearer {KEY}"}
    with pytest.raises(httpx.ReadTimeout):
        service.http.post("/v1/chat/completions", json=body, headers=headers, timeout=0.3)
    until = time.monotonic() + 20
    while service.health()["active"] and time.monotonic() < until:
        time.sleep(0.02)
    assert service.health()["active"] == 0
    assert service.health()["served"] == began + 1


def test_a41_the_key_is_in_no_argument_environment_or_file(service):
    proc = Path(f"/proc/{service.process.pid}")
    assert KEY.encode() not in (proc / "cmdline").read_bytes() + (proc / "environ").read_bytes()
    files = [path for path in service.directory.rglob("*") if path.is_file()]
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Serves an adapter, on a base that has no chat template."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    directory = tmp_path_factory.mktemp("plain")
    base, adapter = tiny_model(directory / "base"), directory / "adapter"
    (base / "chat_template.jinja").unlink(missing_ok=True)
    config = json.loads((base / "tokenizer_config.json").read_text())
    config.pop("chat_template", None)
    (base / "tokenizer_config.json").write_text(json.dumps(config))
    model = AutoModelForCausalLM.from_pretrained(base)
    adapted = get_peft_model(model, LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False))
    adapted.save_pretrained(adapter)
    (adapter / "card.json").write_text(json.dumps({"kind": "adapter", "base": {"path": str(base)}}))
    with serving(adapter, directory, name="plain", idle_minutes=0.1) as running:
        yield running


def test_an_adapter_is_served_on_its_base(plain):
    answer = plain.client("none asked for").completions.create(model="plain", prompt="the", max_tokens=3)
    assert answer.usage.completion_tokens


def test_a_model_without_a_template_does_not_chat(plain):
    with pytest.raises(openai.BadRequestError, match="no chat template"):
        plain.client("none").chat.completions.create(model="plain", messages=HELLO)


def test_health_checks_do_not_keep_an_idle_service_alive(plain):
    until = time.monotonic() + 60
    while plain.process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(httpx.TransportError):
            plain.health()
        time.sleep(0.1)
    assert plain.process.wait(1) == 0
    assert json.loads((plain.directory / "exit.json").read_text())["reason"] == "idle"


def test_a_taken_port_is_a_sentence_not_a_traceback(service, tmp_path):
    model = service.directory / "model"
    port = int(service.url.rpartition(":")[2])
    with serving(model, tmp_path, name="second", port=port) as second:
        assert second.process.wait(timeout=60) == 2
    log = (tmp_path / "log").read_text()
    assert f"The port {port} is taken" in log and "Traceback" not in log
