"""Says in words why libraries cannot load a model: unusable files, a hub out of reach, code of its own."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nodegraph import NodeFailure
from nodegraph.harness.failures import is_out_of_memory
from nodes.common.hub import hub_failure

_LAYOUT_HINT = (
    "It must be a causal language model in Hugging Face's layout: config.json, safetensors, tokenizer."
)


@contextmanager
def readable(source: str, part: str = "model") -> Iterator[None]:
    """Turn what libraries say while they load `source`, a directory or a hub id, into one clear failure."""
    try:
        yield
    except (NodeFailure, ImportError):
        raise
    except Exception as error:
        # What the machine lacks (memory, disk) is not the model's fault.
        if is_out_of_memory(error) or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise _failure(source, part, error) from error


def _failure(source: str, part: str, error: BaseException) -> NodeFailure:
    text = str(error)
    if "trust_remote_code" in text:
        return NodeFailure(
            "input", f"The {part} brings its own code, which is not run.",
            "Use a model whose architecture is part of transformers.",
        )  # fmt: skip
    if not Path(source).is_dir():
        return hub_failure(source, error)
    line = text.strip().splitlines()[0][:300] if text.strip() else type(error).__name__
    # An artifact lies in a directory that is named by its digest, which tells nobody anything.
    name = "" if re.fullmatch("[0-9a-f]{64}", Path(source).name) else f" {Path(source).name}"
    return NodeFailure("input", f"The {part}{name} cannot be loaded: {line}", _LAYOUT_HINT)
