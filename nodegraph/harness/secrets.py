"""Secrets inside a node: read once from a file that is then removed, and blanked in all that is said."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from nodegraph.harness.rank import ALONE, Rank

REFERENCE = re.compile(r"\$\{secrets\.([A-Za-z_][A-Za-z0-9_]*)\}")
BLANK = "[secret]"


def take(path: str | None, rank: Rank = ALONE) -> dict[str, str]:
    """The secrets in the file at `path`, which is removed before anything else happens.

    Of several processes, the last that has read it removes it.
    """
    if path is None or not Path(path).is_file():
        return {}
    text = Path(path).read_text(encoding="utf-8")
    if rank.is_last_to_say("read-secrets"):
        Path(path).unlink(missing_ok=True)
    values: dict[str, str] = json.loads(text)
    return values


def fill(value: Any, secrets: Mapping[str, str], secret_fields: frozenset[str] = frozenset()) -> Any:
    """`value` with each `${secrets.NAME}` replaced; in a field that holds a secret's name, by the name."""
    if isinstance(value, dict):
        return {
            key: REFERENCE.sub(r"\1", item)
            if key in secret_fields and isinstance(item, str)
            else fill(item, secrets)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [fill(item, secrets) for item in value]
    if isinstance(value, str):
        return REFERENCE.sub(lambda match: secrets.get(match[1], match[0]), value)
    return value


def blank(text: str, secrets: Mapping[str, str]) -> str:
    """`text` with every secret value replaced."""
    for value in secrets.values():
        if value:
            text = text.replace(value, BLANK)
    return text


class BlankingStream:
    """A text stream that blanks secrets on their way to the log."""

    def __init__(self, stream: TextIO, secrets: Mapping[str, str]) -> None:
        self._stream = stream
        self._secrets = secrets

    def write(self, text: str) -> int:
        """Write `text` without secrets; answers the length of what was given, as a stream does."""
        self._stream.write(blank(text, self._secrets))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def blank_streams(secrets: Mapping[str, str]) -> None:
    """From now on, blank secrets in what this process prints."""
    if secrets:
        sys.stdout = BlankingStream(sys.stdout, secrets)
        sys.stderr = BlankingStream(sys.stderr, secrets)
