"""CONTRIBUTING.md tells the truth: what it shows is all that a node type needs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULE, TEST = "nodes/preprocess/reverse.py", "tests/nodes/preprocess/test_reverse.py"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the tree with the node type and the test that CONTRIBUTING.md shows."""
    for package in ("nodegraph", "nodes", "executor"):
        shutil.copytree(ROOT / package, tmp_path / package)
    (tmp_path / "tests").mkdir()
    for name in ("pyproject.toml", "tests/support.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    shown = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.S)
    for name, source in zip((MODULE, TEST), shown, strict=True):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source, encoding="utf-8")
    return tmp_path


def python(tree: Path, *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=tree, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_one_file_and_one_test_are_enough(tree: Path) -> None:
    assert "1 passed" in python(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", TEST)
    (tree / "rows.jsonl").write_text('{"prompt": "ab", "completion": "cd"}\n', encoding="utf-8")
    (tree / "pipeline.yaml").write_text(
        "name: turned\nnodes:\n"
        "  data: {type: preprocess.load, params: {source: rows.jsonl}}\n"
        "  turned: {type: preprocess.reverse, inputs: {dataset: data.dataset}}\n",
        encoding="utf-8",
    )
    nodegraph = ("-m", "executor.cli.main")
    assert "keep_first" in python(tree, *nodegraph, "nodes", "preprocess.reverse")
    python(tree, *nodegraph, "run", "pipeline.yaml", "--data-dir", "data")
    (made,) = (path for path in tree.glob("data/artifacts/**/data.jsonl") if "ba" in path.read_text())
    assert '"prompt": "ba", "completion": "dc"' in made.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "tool", [("ruff", "check", "--no-cache"), ("ruff", "format", "--no-cache", "--check")]
)
def test_it_passes_the_checks(tree: Path, tool: tuple[str, ...]) -> None:
    python(tree, "-m", *tool, MODULE, TEST)
