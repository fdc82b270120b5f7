"""Reads a dataset of a Hugging Face hub by its id; nothing that it holds is ever executed."""

from __future__ import annotations

import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nodegraph import NodeFailure
from nodes.preprocess._load.record import Record

HUB_ID = re.compile(r"^[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?$")
_TIMEOUT = 15
_ON = ("1", "true", "yes", "on")


@dataclass(frozen=True)
class HubDataset:
    """What to read: an id, and which part and version of it."""

    id: str
    subset: str = ""
    split: str = ""
    revision: str = ""
    streaming: bool = False


def hub_records(wanted: HubDataset, notes: list[str]) -> Iterator[Record]:
    """A record for each row; `notes` tells where they are not from the hub itself."""
    for number, row in enumerate(_load(wanted, notes), start=1):
        yield Record(row, row=number)


def _load(wanted: HubDataset, notes: list[str]) -> Any:
    offline = is_offline()
    unreachable = None if offline else _hub_fault(wanted)
    if unreachable:
        # What was downloaded earlier can still be read.
        os.environ["HF_HUB_OFFLINE"] = "1"
        notes.append(f"{endpoint()} cannot be reached ({unreachable}); read from the local cache")
    import datasets

    if unreachable:
        datasets.config.HF_HUB_OFFLINE = True
    datasets.disable_progress_bars()
    try:
        split = wanted.split or _only_split(datasets, wanted)
        return datasets.load_dataset(
            wanted.id, wanted.subset or None, split=split, revision=wanted.revision or None,
            streaming=wanted.streaming and not offline and not unreachable,
        )  # fmt: skip
    except NodeFailure:
        raise
    except Exception as error:  # the library raises many kinds, and wraps those of others
        if offline or unreachable:
            raise _absent(wanted, unreachable) from error
        raise _explained(wanted, error) from error


def is_offline() -> bool:
    """Whether the environment forbids asking the hub."""
    names = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE")
    return any(os.environ.get(name, "").lower() in _ON for name in names)


def endpoint() -> str:
    """The hub's address: HF_ENDPOINT, or the public one."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"


def _only_split(datasets: Any, wanted: HubDataset) -> str:
    names = datasets.get_dataset_split_names(
        wanted.id, wanted.subset or None, revision=wanted.revision or None
    )
    return "train" if "train" in names else names[0]


def _hub_fault(wanted: HubDataset) -> str | None:
    """Why the hub cannot be reached, None where it can; fails where it has no such dataset."""
    request = urllib.request.Request(f"{endpoint()}/api/datasets/{wanted.id}")
    if token := os.environ.get("HF_TOKEN"):
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT):
            return None
    except urllib.error.HTTPError as error:
        if error.code in (401, 403, 404):
            raise NodeFailure(
                "input",
                f"There is no file or folder {wanted.id} here, and no dataset of that name on {endpoint()} "
                "that may be read.",
                "Check the name; for a private or gated dataset set HF_TOKEN.",
            ) from error
        return f"HTTP {error.code}"
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", None) or error)


def _absent(wanted: HubDataset, unreachable: str | None) -> NodeFailure:
    why = f"{endpoint()} cannot be reached ({unreachable})" if unreachable else "HF_HUB_OFFLINE is set"
    return NodeFailure(
        "infrastructure" if unreachable else "input",
        f"The dataset {wanted.id} is not here: it is no file or folder, {why}, "
        "and it is not in the local cache.",
        "Set HF_ENDPOINT to a mirror that can be reached; or download the dataset on another machine "
        f"(hf download {wanted.id} --repo-type dataset --local-dir DIR) and give the folder as source; "
        "with HF_HUB_OFFLINE=1 only the local cache is read.",
    )


def _explained(wanted: HubDataset, error: Exception) -> NodeFailure:
    text = " ".join(str(error).split())[:400]
    if "script" in text.lower():
        return NodeFailure(
            "input",
            f"The dataset {wanted.id} needs a loading script, and those are never executed.",
            "Set revision to refs/convert/parquet, where the hub keeps most of them as Parquet.",
        )
    return NodeFailure(
        "input",
        f"The dataset {wanted.id} cannot be loaded: {text}",
        "Check subset, split and revision; or download it to a folder and give that as source.",
    )
