"""The id of a data directory among all that use an engine: kept in it, so that it moves with it."""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path


def identity(folder: Path) -> str:
    """The id in `folder`, made when first asked for; the same for all who ask at once."""
    path = folder / "id"
    if not path.exists():
        folder.mkdir(exist_ok=True)
        temporary = folder / f"id.{uuid.uuid4().hex}"
        temporary.write_text(uuid.uuid4().hex[:12])
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
        temporary.unlink()
    return path.read_text()
