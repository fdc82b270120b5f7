"""Commands that other packages add: found by entry point, imported only when they are asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MODULE = """\
import sys

SUMMARY = "say hello to somebody"
print("greeting was imported", file=sys.stderr)

def arguments(parser):
    parser.add_argument("somebody")

def execute(args):
    print(f"hello {args.somebody}")
    return 0
"""


@pytest.fixture
def nodegraph(tmp_path):
    """The command line, in a process where a package is installed that adds the command `greet`."""
    (tmp_path / "greeting.py").write_text(MODULE, encoding="utf-8")
    information = tmp_path / "greeting-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[nodegraph.commands]\ngreet = greeting\n")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        code = (
            f"import sys; sys.path.insert(0, {str(tmp_path)!r});"
            "from executor.cli.main import main; sys.exit(main(sys.argv[1:]))"
        )
        root = Path(__file__).resolve().parents[2]
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)

    return run


def test_an_added_command_runs_with_its_own_arguments(nodegraph):
    done = nodegraph("greet", "world")
    assert (done.returncode, done.stdout) == (0, "hello world\n"), done.stderr


def test_help_lists_it_with_its_summary(nodegraph):
    done = nodegraph("--help")
    line = next(line for line in done.stdout.splitlines() if line.split()[:1] == ["greet"])
    assert line.split(maxsplit=1)[1] == "say hello to somebody"


def test_a_word_that_is_no_command_names_it_among_the_choices(nodegraph):
    done = nodegraph("gret")
    assert done.returncode == 2
    assert "greet" in done.stderr


def test_our_own_commands_do_not_import_it(nodegraph):
    done = nodegraph("templates")
    assert done.returncode == 0
    assert "imported" not in done.stderr


def test_the_interface_adds_serve_and_demo(nodegraph):
    done = nodegraph("--help")
    first = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("    ") and line.split()}
    assert {"serve", "demo"} <= first
