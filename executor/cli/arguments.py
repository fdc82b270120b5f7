"""Arguments that several commands share, and what they mean."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from nodegraph.errors import InvalidInput


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """--data-dir, which every command takes."""
    parser.add_argument(
        "--data-dir",
        metavar="DIR",
        type=Path,
        help="where results are kept (default: $NODEGRAPH_DATA_DIR, else ~/.nodegraph)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """--json: one JSON object on standard output and nothing else."""
    parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")


def add_params(parser: argparse.ArgumentParser) -> None:
    """--param K=V, any number of times."""
    parser.add_argument(
        "--param",
        metavar="K=V",
        action="append",
        default=[],
        help="a value for a parameter of the pipeline; may be given several times",
    )


def pairs(given: list[str], option: str) -> dict[str, Any]:
    """`K=V` texts as a dictionary; a text without `=` is the person's mistake."""
    found = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise InvalidInput(
                f"{option} {text} is not of the form NAME=VALUE.", f"Write {option} {text or 'name'}=…"
            )
        found[key.strip()] = value
    return found


def read_file(path: Path) -> bytes:
    """The bytes of a file that a person named."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
