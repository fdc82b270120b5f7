"""What an attempt may leave on disk: a log that is cut, and an amount that ends it.

Used by the engine for attempts whose files lie here, and by launchers that bring them from elsewhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from nodegraph.events import Failed

LOG_LIMIT = "NODEGRAPH_LOG_LIMIT_MB"
_LOG_MB = 256.0
_MB = 1_000_000
# What was written last says why a node failed: it outlives the cut.
_KEPT_END = 64_000
_MOST_ENTRIES = 200_000
_HINT = "Raise resources.disk_gb of the node, or have it write less."


def log_limit() -> int:
    """How many bytes a log may grow to; NODEGRAPH_LOG_LIMIT_MB says so in megabytes."""
    text = os.environ.get(LOG_LIMIT, "")
    megabytes = float(text) if re.fullmatch(r"\d{1,9}(\.\d+)?", text) else _LOG_MB
    return max(_MB // 10, round(megabytes * _MB))


def log_head(limit: int) -> int:
    """How many bytes from its beginning a log keeps when it is cut."""
    return limit // 2


def log_notice(limit: int) -> bytes:
    """The line that stands in a log where it was cut."""
    return (
        f"\n[nodegraph] The log grew beyond {limit / _MB:g} MB: the first {log_head(limit) / _MB:g} MB are "
        "kept, and from here on the latest.\n"
    ).encode()


def cut_log(path: Path, limit: int, *, ended: bool = False) -> bool:
    """Bring a log that has outgrown its limit back: its head, a notice, and its end; False where it has not.

    Whoever writes it goes on at its new end, for logs are opened to append; what it writes in the moment
    between reading the end and cutting is lost. Once nobody writes any more (`ended`), as much stays as fits.
    """
    try:
        if os.stat(path).st_size <= limit:  # noqa: PTH116 - of every attempt that ends
            return False
        with path.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            if size <= limit:
                return False
            head, notice = log_head(limit), log_notice(limit)
            if ended:
                _bring_up_end(file.fileno(), size, head, notice, limit)
                return True
            kept = min(_KEPT_END, limit // 8)
            # To where it ends by now, and then at once.
            last = os.pread(file.fileno(), 16 * kept, max(head, size - kept))
            os.ftruncate(file.fileno(), head)
    except OSError:
        return False
    # In one write, and appended, like what the node writes meanwhile.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(descriptor, notice + _whole_lines(last[-kept:]))
    finally:
        os.close(descriptor)
    return True


def resume_at(offset: int, size: int, limit: int) -> int:
    """Where a reader goes on who has read a log up to `offset`, and now finds it `size` long."""
    return offset if offset <= size else min(log_head(limit), size)


def written(folders: Iterable[Path]) -> int:
    """The bytes that files below these folders take on disk; of very many files, those that were met first.

    Links are not followed; what a file system leaves out of a sparse file does not count.
    """
    total, seen = 0, 0
    waiting, linked = [str(folder) for folder in folders], set()
    while waiting and seen < _MOST_ENTRIES:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            seen += 1
            try:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                    continue
                found = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if found.st_nlink > 1:
                if (found.st_dev, found.st_ino) in linked:
                    continue
                linked.add((found.st_dev, found.st_ino))
            total += found.st_blocks * 512
    return total


def disk_limit(disk_gb: float | None, free: int, used: int) -> int:
    """How many bytes an attempt may write, where `free` are left after it has written `used`."""
    return round(disk_gb * 1e9) if disk_gb is not None else round(0.9 * (free + used))


def over_disk(used: int, limit: int) -> Failed | None:
    """Why an attempt that has written so much is to be stopped; None where it may go on."""
    if used <= limit:
        return None
    return Failed(
        category="storage",
        message=f"It wrote {_size(used)}, more than its limit of {_size(limit)}.",
        hint=_HINT,
    )


def _bring_up_end(descriptor: int, size: int, head: int, notice: bytes, limit: int) -> None:
    """Put the notice behind the head, and behind it as much of the end as fits, in pieces."""
    target = head + len(notice)
    # Always behind the target, for the log is longer than its limit: nothing is lost before it is read.
    source = size - (limit - target)
    os.pwrite(descriptor, notice, head)
    while piece := os.pread(descriptor, min(1 << 20, size - source), source):
        os.pwrite(descriptor, piece, target)
        source, target = source + len(piece), target + len(piece)
    os.ftruncate(descriptor, target)


def _whole_lines(piece: bytes) -> bytes:
    """From the beginning of a line, where there is one."""
    return piece[piece.find(b"\n") + 1 :]


def _size(count: int) -> str:
    return f"{count / 1e9:.3g} GB" if count >= 1e9 else f"{count / 1e6:.3g} MB"
