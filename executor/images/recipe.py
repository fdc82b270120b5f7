"""What an image is made from, and the tag that follows from it: an unchanged recipe is an unchanged tag."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass

BASE = "python:3.11-slim"
REPOSITORY = "nodegraph"
# Raise it when the way images are made changes, so that they are made anew.
_EDITION = "1"
_TORCH = re.compile(r"^(torch==[^+\s]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Recipe:
    """The image of an environment: what it starts from, its requirements, and the versions allowed."""

    environment: str
    base: str
    requirements: tuple[str, ...]
    constraints: str
    cpu: bool = False

    @property
    def bounds(self) -> str:
        """The versions: with `cpu`, torch's build without CUDA, which is gigabytes smaller."""
        return _TORCH.sub(r"\1+cpu", self.constraints) if self.cpu else self.constraints

    @property
    def digest(self) -> str:
        """A digest over all that goes in."""
        parts = [_EDITION, self.base, list(self.requirements), self.bounds]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]

    @property
    def tag(self) -> str:
        """The image's name."""
        return f"{REPOSITORY}/{self.environment}:{self.digest}"
