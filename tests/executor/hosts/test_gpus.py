"""GPUs in texts: the output of nvidia-smi, the kinds that people ask for, what they declare by hand."""

from __future__ import annotations

import pytest

from executor.hosts.gpus import declared_texts, parse_declared, parse_query
from executor.hosts.machine import short_kind
from executor.hosts.model import Gpu

TWO = """\
0, NVIDIA A100-SXM4-80GB, 81920, GPU-5bd1f7c6-3b4a-a9b5-2a1e-6d1c2f3a4b5c, 535.161.08, 37
1, NVIDIA A100-SXM4-80GB, 81920, GPU-0f0e0d0c-3b4a-a9b5-2a1e-6d1c2f3a4b5c, 535.161.08, 0
"""


def test_each_line_is_a_gpu_with_its_memory_in_gb_and_its_utilisation_as_a_share():
    first, second = parse_query(TWO)
    assert first == Gpu(0, "A100", 80.0, "GPU-5bd1f7c6-3b4a-a9b5-2a1e-6d1c2f3a4b5c", "535.161.08", 0.37)
    assert (second.index, second.utilisation) == (1, 0.0)


@pytest.mark.parametrize("unknown", ["[N/A]", "[Not Supported]", "N/A", "[Unknown Error]"])
def test_what_the_driver_does_not_know_is_unknown(unknown):
    (gpu,) = parse_query(f"0, Tesla T4, {unknown}, {unknown}, {unknown}, {unknown}")
    assert gpu == Gpu(0, "T4", 0.0, "", "", None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No devices were found",
        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
        "sh: 1: nvidia-smi: not found",
        "Filesystem 1024-blocks Used Available Capacity Mounted on\noverlay 264 1 2 70% /",
    ],
)
def test_lines_that_name_no_gpu_are_passed_over(text):
    assert parse_query(text) == ()
    assert len(parse_query(f"{text}\n{TWO}")) == 2


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("A100-SXM4-80GB", "A100"),
        ("NVIDIA A100-SXM4-40GB", "A100"),
        ("NVIDIA A100 80GB PCIe", "A100"),
        ("NVIDIA H200", "H200"),
        ("NVIDIA H100 80GB HBM3", "H100"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("GeForce RTX 4090", "RTX 4090"),
        ("NVIDIA GeForce GTX 1080 Ti", "GTX 1080"),
        ("NVIDIA RTX A6000", "RTX A6000"),
        ("Tesla T4", "T4"),
        ("Tesla V100-SXM2-32GB", "V100"),
        ("NVIDIA L40S", "L40S"),
    ],
)
def test_a_model_has_the_kind_that_people_ask_for(model, kind):
    assert short_kind(model) == kind
    assert short_kind(kind) == kind


def test_gpus_are_declared_by_count_kind_and_memory():
    gpus = parse_declared(["2xA100:80", "T4"])
    assert [(gpu.index, gpu.kind, gpu.memory_gb) for gpu in gpus] == [
        (0, "A100", 80.0), (1, "A100", 80.0), (2, "T4", 0.0)
    ]  # fmt: skip
    assert declared_texts(gpus) == ["2xA100:80", "1xT4"]
    assert parse_declared(declared_texts(gpus)) == gpus


def test_a_kind_may_have_spaces_and_a_count_may_be_left_out():
    assert declared_texts(parse_declared(["RTX 4090 : 24", "3 × NVIDIA A100-SXM4-80GB:80"])) == [
        "1xRTX 4090:24", "3xA100:80"
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "4", "0xA100", "65xA100", "A100:much", "A100:80:1", "-1xA100"])
def test_a_text_that_declares_nothing_is_named(text):
    with pytest.raises(ValueError, match=r"^" + text):
        parse_declared([text])
