"""Reads Parquet batch by batch."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from nodegraph import NodeFailure
from nodes.preprocess._load.opening import DataFile
from nodes.preprocess._load.record import Record

_BATCH = 512


def parquet(file: DataFile, scratch: Path) -> Iterator[Record]:
    """A record for each row; a file packed with gzip is unpacked first."""
    import pyarrow
    import pyarrow.parquet

    path = _unpacked(file, scratch)
    row = 0
    try:
        with pyarrow.parquet.ParquetFile(path) as table:
            for batch in table.iter_batches(batch_size=_BATCH):
                for value in batch.to_pylist():
                    row += 1
                    yield Record(value, row=row)
    except (pyarrow.ArrowException, OSError) as error:
        where = f" after row {row}" if row else ""
        raise NodeFailure(
            "input",
            f"{file.name} cannot be read as Parquet{where}: {' '.join(str(error).split())[:300]}",
            "The file is damaged or cut off; copy or download it again.",
        ) from error
    finally:
        if path != file.path:
            path.unlink(missing_ok=True)


def _unpacked(file: DataFile, scratch: Path) -> Path:
    if not file.packed:
        return file.path
    path = scratch / "unpacked.parquet"
    with file.open_bytes() as packed, path.open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)
    return path
