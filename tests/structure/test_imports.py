"""The editor starts at once: nothing heavy is imported before a node runs."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = [
    "accelerate", "bitsandbytes", "datasets", "docker", "evaluate", "fastapi", "matplotlib", "mergekit",
    "nicegui",
    "numpy", "openai", "pandas", "peft", "plotly", "pyarrow", "ray", "rouge_score", "sacrebleu",
    "safetensors", "scipy",
    "sklearn", "tokenizers", "torch", "transformers", "trl", "vllm",
]  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "import nodegraph",
        "import executor",
        "import nodegraph.validation, nodegraph.plan, nodegraph.templates, nodegraph.describe",
        "from nodegraph.registry import Registry; assert Registry.scan().types",
    ],
    ids=["nodegraph", "executor", "core", "all node types"],
)
def test_importing_pulls_in_no_heavy_library(statement):
    code = f"{statement}\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_every_module_of_the_executor_imports_without_a_heavy_library():
    code = (
        "import importlib, pkgutil, sys, executor\n"
        "for found in pkgutil.walk_packages(executor.__path__, 'executor.'):\n"
        # Only the server imports the REST interface.
        "    if not found.name.endswith('__main__') and not found.name.startswith('executor.api'):\n"
        "        importlib.import_module(found.name)\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
