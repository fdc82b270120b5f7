"""The front-end files that are put together at install; see ui/front/build.py."""

from __future__ import annotations

import json
from pathlib import Path

from nodegraph.errors import BrokenWorld

VENDOR = Path(__file__).parent / "vendor"


def check(vendor: Path = VENDOR) -> None:
    """BrokenWorld where a file that pages need is missing, since they would come up blank."""
    try:
        names = json.loads((vendor / "files.json").read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError) as error:
        raise _missing("The front-end files are missing.") from error
    gone = [name for name in names if not (vendor / name).is_file()]
    if gone:
        raise _missing(f"{len(gone)} of the front-end files are missing, such as {gone[0]}.")


def _missing(message: str) -> BrokenWorld:
    return BrokenWorld(message, "Run `make install` in the checkout, or install NodeGraph again with pip.")
