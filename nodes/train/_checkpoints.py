"""Checkpoints of a run that broke: which are whole, and which one a retry goes on from.

Hugging Face's trainer writes a checkpoint in place and its state last. A kill may leave one half written,
so nothing is believed: weights must be as long as their header says, the rest must pass its checksums.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

from nodegraph import Context

_STATE = "trainer_state.json"
_SETTINGS = "settings.json"
_WEIGHTS = ("model.safetensors", "adapter_model.safetensors")
_INDEX = "model.safetensors.index.json"


def open_folder(ctx: Context, settings: dict[str, Any]) -> Path:
    """The folder for checkpoints; those of a run with other settings or inputs are removed."""
    folder = ctx.resume / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()
    seal = folder / _SETTINGS
    if not seal.is_file() or seal.read_text(encoding="utf-8") != key:
        remove(folder)
        seal.write_text(key, encoding="utf-8")
    return folder


def newest(folder: Path, ctx: Context) -> Path | None:
    """The newest whole checkpoint; broken ones are removed, and said."""
    found = sorted(folder.glob("checkpoint-*"), key=_step, reverse=True)
    whole = []
    for checkpoint in found:
        if fault := fault_of(checkpoint):
            ctx.log(f"{checkpoint.name} is not used: {fault}.", level="warning")
            shutil.rmtree(checkpoint)
        else:
            whole.append(checkpoint)
    if not whole:
        return None
    _settle_best(whole[0])
    return whole[0]


def remove(folder: Path) -> None:
    """Remove all checkpoints: the run is over, or they belong to another one."""
    for checkpoint in folder.glob("checkpoint-*"):
        shutil.rmtree(checkpoint)


def fault_of(checkpoint: Path) -> str | None:
    """What is wrong with a checkpoint, None where it is whole."""
    try:
        json.loads((checkpoint / _STATE).read_text(encoding="utf-8"))
        weights = _weights(checkpoint)
    except (OSError, ValueError, KeyError):
        return "its state is missing or unreadable"
    if not weights:
        return "it has no weights"
    broken = [path.name for path in weights if not is_whole(path)]
    saved = [checkpoint / "optimizer.pt", checkpoint / "scheduler.pt", *checkpoint.glob("rng_state*.pth")]
    broken += [path.name for path in saved if not _passes(path)]
    if not any(checkpoint.glob("rng_state*.pth")):
        broken.append("rng_state.pth")
    return f"{', '.join(broken)} incomplete or damaged" if broken else None


def is_whole(path: Path) -> bool:
    """Whether a safetensors file is as long as its header says."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 0 < length < path.stat().st_size:
                return False
            header = json.loads(file.read(length))
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        return path.stat().st_size == 8 + length + max(ends, default=0)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _weights(checkpoint: Path) -> list[Path]:
    if (checkpoint / _INDEX).is_file():
        index = json.loads((checkpoint / _INDEX).read_text(encoding="utf-8"))
        return [checkpoint / name for name in sorted(set(index["weight_map"].values()))]
    return [checkpoint / name for name in _WEIGHTS if (checkpoint / name).is_file()]


def _passes(path: Path) -> bool:
    """Whether a file of torch.save, a zip archive with checksums, is undamaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (OSError, ValueError, zipfile.BadZipFile):
        return False


def _settle_best(checkpoint: Path) -> None:
    """Point the state at the best checkpoint where it now lies; forget it where it is gone."""
    path = checkpoint / _STATE
    state = json.loads(path.read_text(encoding="utf-8"))
    best = checkpoint.parent / f"checkpoint-{state.get('best_global_step')}"
    if best.is_dir():
        state["best_model_checkpoint"] = str(best)
    else:
        state.update(best_model_checkpoint=None, best_global_step=None, best_metric=None)
    path.write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")


def _step(checkpoint: Path) -> int:
    number = checkpoint.name.rpartition("-")[2]
    return int(number) if number.isdigit() else -1
