"""Environments: this interpreter where it will do, else a venv that is made once and whole, or not at all."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from executor.environments import Environments
from executor.launchers.base import Cancelled, LaunchError


@pytest.fixture
def nodes(tmp_path: Path) -> Path:
    """A nodes folder whose environments need no package index: a wheel of our own lies beside them."""
    folder = tmp_path / "nodes" / "environments"
    folder.mkdir(parents=True)
    wheel = tmp_path / "nodegraph_tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("nodegraph_tiny.py", "WORD = 'tiny'\n")
        archive.writestr("nodegraph_tiny-1.0.dist-info/METADATA", "Name: nodegraph-tiny\nVersion: 1.0\n")
        archive.writestr("nodegraph_tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("nodegraph_tiny-1.0.dist-info/RECORD", "")
    (folder / "tiny.txt").write_text(f"# ours\nnodegraph-tiny @ {wheel.as_uri()}\n")
    (folder / "here.txt").write_text("pydantic>=2  # has it\nold-thing>=1; python_version < '3'\n")
    (folder / "newer.txt").write_text("pydantic>=99\n")
    (folder / "broken.txt").write_text(
        f"nodegraph-tiny @ {(tmp_path / 'gone-1.0-py3-none-any.whl').as_uri()}\n"
    )
    return folder.parent


@pytest.fixture
def environments(tmp_path: Path, nodes: Path) -> Environments:
    return Environments(tmp_path / "envs", nodes)


def test_this_interpreter_is_used_where_it_has_what_is_required(environments):
    assert environments.satisfied("here")
    assert environments.prepare("here", print) == Path(sys.executable)


def test_what_is_missing_is_named(environments):
    assert not environments.satisfied("newer")
    (lack,) = environments.missing("newer")
    assert lack.startswith("pydantic>=99 (here: 2.")
    assert environments.interpreter("newer") is None


def test_our_own_environments_are_satisfied_by_the_tested_set(tmp_path):
    ours = Environments(tmp_path)
    assert [(name, ours.missing(name)) for name in ours.names() if ours.missing(name)] == []


def test_an_unknown_environment_is_a_clear_error(environments):
    with pytest.raises(LaunchError, match="There is no environment tyni") as error:
        environments.prepare("tyni", print)
    assert error.value.category == "dependency"
    assert "tiny" in error.value.hint


def test_the_digest_follows_the_requirements_alone(environments, nodes):
    before = environments.digest("tiny")
    assert before == environments.digest("tiny") != environments.digest("here")
    (nodes / "environments" / "tiny.txt").write_text("nodegraph-tiny>=2\n")
    assert environments.digest("tiny") != before


def test_a_venv_is_made_once_though_two_ask_at_once(environments):
    lines: list[list[str]] = [[], []]
    makers = [threading.Thread(target=environments.prepare, args=("tiny", said.append)) for said in lines]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    python = environments.interpreter("tiny")
    assert python is not None and python.is_relative_to(environments.root)
    word = subprocess.check_output([python, "-c", "import nodegraph_tiny as t; print(t.WORD)"], text=True)
    assert word == "tiny\n"
    assert sum("Making the environment tiny" in line for said in lines for line in said) == 1
    assert any("nodegraph-tiny-1.0" in line for said in lines for line in said), "pip's lines are said"
    assert subprocess.call([python.with_name("pip"), "--version"]) == 0, "scripts find the moved interpreter"
    assert [path.name for path in environments.root.iterdir() if path.name.endswith(".making")] == []


def test_a_broken_install_says_why_and_leaves_nothing_behind(environments):
    with pytest.raises(LaunchError, match=r"broken could not be made: .*gone-1.0") as error:
        environments.prepare("broken", print)
    assert error.value.category == "dependency"
    assert "pip install" in error.value.hint
    assert not environments.venv("broken").exists()


def test_a_cancelled_node_stops_the_making(environments):
    def say(sentence: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        environments.prepare("tiny", say)
    assert not environments.venv("tiny").exists()


def commands() -> Iterator[str]:
    """What this process has running; not what has ended, whoever left it."""
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it ended meanwhile, and perhaps nobody has asked how
            yield " ".join(child.cmdline())


def test_what_runs_for_a_cancelled_node_is_ended(environments):
    """The venv is made by processes of processes; none of them goes on."""

    def say(sentence: str) -> None:
        if not sentence:
            raise Cancelled

    with pytest.raises(Cancelled):
        environments.prepare("tiny", say)
    assert [line for line in commands() if ".making" in line] == []
    assert not environments.venv("tiny").exists()
