"""GPUs in texts: what nvidia-smi prints, and what people declare by hand."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from executor.hosts.machine import short_kind
from executor.hosts.model import Gpu

QUERY = (
    "nvidia-smi",
    "--query-gpu=index,name,memory.total,uuid,driver_version,utilization.gpu",
    "--format=csv,noheader,nounits",
)
_FIELDS = 6
_MOST = 64
_DECLARED = re.compile(r"(?:(\d{1,3}) *[x×] *)?([A-Za-z][\w. -]*?)(?: *: *(\d+(?:\.\d+)?))?", re.ASCII)


def parse_query(text: str) -> tuple[Gpu, ...]:
    """The GPUs in what `QUERY` printed; lines that name none, such as warnings, are passed over.

    A value that the driver does not know (`[N/A]`, `[Not Supported]`) counts as unknown.
    """
    lines = ([part.strip() for part in line.split(",")] for line in text.splitlines())
    return tuple(_gpu(parts) for parts in lines if len(parts) == _FIELDS and parts[0].isdigit())


def _gpu(parts: Sequence[str]) -> Gpu:
    index, name, memory, uuid, driver, busy = parts
    # The driver counts what it keeps for itself: 81559 MiB are sold as 80 GB.
    mebibytes, percent = _number(memory), _number(busy)
    return Gpu(
        int(index), short_kind(name), round((mebibytes or 0.0) / 1024, 1), _known(uuid), _known(driver),
        None if percent is None else min(percent / 100, 1.0),
    )  # fmt: skip


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _known(text: str) -> str:
    return "" if text.startswith("[") or text == "N/A" else text


def parse_declared(texts: Iterable[str]) -> tuple[Gpu, ...]:
    """The GPUs that people declare: `4xA100:80` is four A100 of 80 GB each, `T4` is one T4.

    ValueError, which names the text, where one cannot be read.
    """
    counted: list[tuple[str, float]] = []
    for text in texts:
        found = _DECLARED.fullmatch(text.strip())
        count = int(found[1] or 1) if found else 0
        if found is None or not 0 < count <= _MOST:
            raise ValueError(text)
        counted += [(short_kind(found[2]), float(found[3] or 0))] * count
    if len(counted) > _MOST:
        raise ValueError(f"{len(counted)} GPUs")
    return tuple(Gpu(index, kind, memory) for index, (kind, memory) in enumerate(counted))


def declared_texts(gpus: Iterable[Gpu]) -> list[str]:
    """Declared GPUs as people write them."""
    groups = itertools.groupby(gpus, key=lambda gpu: (gpu.kind, gpu.memory_gb))
    return [
        f"{len(list(group))}x{kind}{f':{memory:g}' if memory else ''}" for (kind, memory), group in groups
    ]
