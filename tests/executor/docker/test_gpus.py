"""How GPUs are asked for: the shape of the request; no GPU is needed for it, and no engine."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from executor.hosts.model import Facts, Gpu, Host
from executor.launchers.docker.container import Ground, settings
from executor.launchers.docker.gpus import named
from nodegraph.contract import Resources
from tests.executor.launchers.attempts import attempt


def test_gpus_are_asked_for_by_their_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On this machine we count among those left to us."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    host, _ = asked_gpus(tmp_path / "a", Host("local"), (0, 3))
    assert host["DeviceRequests"] == [
        {"Driver": "nvidia", "DeviceIDs": ["0", "3"], "Capabilities": [["gpu"]]}
    ]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5,6,GPU-7")
    host, _ = asked_gpus(tmp_path / "b", Host("local"), (0, 3))
    assert host["DeviceRequests"][0]["DeviceIDs"] == ["4", "GPU-7"]


def test_gpus_of_another_host_are_its_own_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By id where its runtime hands them out; by variables where they were only declared by hand."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5")
    found = (Gpu(0, "A100", id="GPU-a"), Gpu(1, "A100"))
    there = Host("gpu2", facts=Facts(8, 64, nvidia=True, gpus=found))
    host, _ = asked_gpus(tmp_path / "a", there, (0, 1))
    assert host["DeviceRequests"][0]["DeviceIDs"] == ["GPU-a", "1"]
    declared = Host("gpu3", declared=(Gpu(0, "910B"), Gpu(1, "910B")), facts=Facts(8, 64))
    host, variables = asked_gpus(tmp_path / "b", declared, (1,))
    assert "DeviceRequests" not in host
    assert {"CUDA_VISIBLE_DEVICES=1", "NVIDIA_VISIBLE_DEVICES=1"} <= set(variables)


def asked_gpus(folder: Path, host: Host, gpus: tuple[int, ...]) -> tuple[dict, list[str]]:
    spec = attempt(folder / "1/act/1", "write", resources=Resources(gpu=len(gpus)))
    devices, visible = named(host, gpus)
    ground = Ground("image", ["true"], [], "owner", cores=8, devices=devices, visible=visible)
    body = settings(dataclasses.replace(spec, gpus=gpus), ground)
    return body["HostConfig"], body["Env"]
