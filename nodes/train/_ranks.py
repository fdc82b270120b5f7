"""Several processes train one model: what one of them does for all."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nodegraph import Context

_LOOK_EVERY = 0.05


def count() -> int:
    """How many processes train."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """Whether this process reads, reports and saves for all."""
    return int(os.environ.get("RANK", "0")) == 0


def local_index() -> int:
    """The number of this process on its machine, and of its GPU."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def shared(ctx: Context, name: str, make: Callable[[], Any]) -> Any:
    """What `make` answers in the first process, as JSON carries it to the others, who wait for it.

    By a file: reading a large dataset may take longer than processes wait for one another. Where the
    first fails, whoever started them ends the others.
    """
    if count() == 1:
        return make()
    path = Path(ctx.scratch) / f"{name}.shared.json"
    if is_first():
        made = make()
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(made), encoding="utf-8")
        temporary.replace(path)
        return made
    while not path.exists():
        time.sleep(_LOOK_EVERY)
    return json.loads(path.read_text(encoding="utf-8"))
