"""Parameters that cannot be right are refused before anything is asked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import ValidationError

from nodegraph import NodeFailure
from nodes.judge import _address
from nodes.judge._rubric_params import Params


def given(**params: Any) -> Params:
    return Params.model_validate({"base_url": "http://localhost:8000/v1", "model": "m", **params})


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://host/", "ftp://host/", "localhost:8000", "//host/v1", "http://", "",
        "http://name:word@host/v1", "http://host/v1?key=x", "http://host/v1#x", "http://ho st/v1",
        "http://host:99999/v1", "http://169.254.169.254/latest", "http://[fe80::1]/v1", "http://[::]/v1",
        "http://0.0.0.0/v1", "http://[::ffff:169.254.169.254]/v1", "http://[fd00:ec2::254]/v1",
        "http://100.100.100.200/v1", "http://[64:ff9b::a9fe:a9fe]/v1", "http://host/v1\r\nX: y",
    ],
)  # fmt: skip
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        given(base_url=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v1", "https://10.0.0.5/v1", "http://[::1]:8/v1/"])
def test_ones_own_services_are_allowed(url: str) -> None:
    assert given(base_url=url).base_url == url


def test_what_a_name_stands_for_is_checked() -> None:
    for host in ("2852039166", "0xA9FEA9FE", "0251.0376.0251.0376"):  # all 169.254.169.254
        with pytest.raises(NodeFailure, match=r"stands for 169\.254\.169\.254"):
            asyncio.run(_address.resolve(host, 80))
    assert "127.0.0.1" in asyncio.run(_address.resolve("localhost", 80))


@pytest.mark.parametrize(
    "params",
    [
        {"scale": [5, 1]}, {"scale": [1, 1]}, {"scale": [1]}, {"scale": [1, 2.5]}, {"scale": [0, 1000]},
        {"dimensions": []}, {"dimensions": [{"name": "a"}, {"name": "a"}]}, {"dimensions": [{"name": "a b"}]},
        {"dimensions": [{"name": "a", "weight": 0.0}]}, {"dimensions": [{"name": "a", "wieght": 2.0}]},
        {"dimensions": [{"name": "score"}]}, {"template": "no answer"}, {"template": "{answer} {question}"},
        {"template": "{answer} {answer}"}, {"model": ""}, {"timeout": 0.0}, {"votes": 0},
    ],
)  # fmt: skip
def test_rubrics_that_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        given(**params)


def test_names_may_be_chinese() -> None:
    assert given(dimensions=[{"name": "正确性", "weight": 2}]).dimensions[0].name == "正确性"
