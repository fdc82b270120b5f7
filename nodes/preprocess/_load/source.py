"""What a source is: a file, a folder, an address or a hub dataset; yields its records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nodegraph import Context, NodeFailure
from nodes.preprocess._load.download import download, refuse_scheme, shown_url
from nodes.preprocess._load.files import data_files, refuse_archive
from nodes.preprocess._load.hub import HUB_ID, HubDataset, hub_records
from nodes.preprocess._load.opening import MB, DataFile
from nodes.preprocess._load.reading import FileFacts, ReadOptions, read_records, suffix_format
from nodes.preprocess._load.record import Record


@dataclass
class Part:
    """One file, or one split of a hub dataset: its name, its records, and what was found out about it."""

    name: str
    records: Iterator[Record]
    facts: FileFacts
    file: DataFile | None = None
    bytes_before: int = 0


@dataclass
class Source:
    """All parts of a source; `shown` names it without secrets and without folders of this machine."""

    kind: str
    shown: str
    parts: Iterator[Part]
    notes: list[str]
    total_bytes: int | None = None


def open_source(given: str, options: ReadOptions, hub: HubDataset, max_file_mb: int, ctx: Context) -> Source:
    """The source that `given` names; fails where there is none."""
    given = given.strip()
    max_bytes = max_file_mb * MB
    if "://" in given:
        refuse_scheme(given)
        path = download(given, ctx.scratch, max_bytes, lambda done, total: _downloaded(ctx, done, total))
        source = _files("url", path.parent, [path], [], options, max_bytes, ctx)
        source.shown = shown_url(given)
        return source
    path = Path(given).expanduser()
    _require_readable(path)
    if path.is_dir():
        found, left_out = data_files(path, options.split)
        return _files("folder", path, found, left_out, options, max_bytes, ctx)
    if path.is_file():
        refuse_archive(path)
        return _files("file", path.parent, [path], [], options, max_bytes, ctx)
    if not HUB_ID.match(given) or suffix_format(given):
        raise NodeFailure(
            "input",
            f"There is no file or folder {given}.",
            "Check the path; or upload the data in the editor.",
        )
    name = f"{given}{f' ({hub.subset})' if hub.subset else ''}"
    facts = FileFacts(format="hub")
    part = Part(name, hub_records(hub, facts.notes), facts)
    return Source("hub", given, iter([part]), [])


def _require_readable(path: Path) -> None:
    """Fail where something lies there that is neither file nor folder, or where no path could be."""
    try:
        odd = path.exists() and not path.is_file() and not path.is_dir()
    except OSError as error:
        shown = str(path) if len(str(path)) < 200 else f"{str(path)[:200]}…"
        raise NodeFailure("input", f"{shown} cannot be read: {error.strerror}.", "Check the path.") from error
    if odd:
        raise NodeFailure("input", f"{path} is a pipe or a device, not a file.", "Give a file or a folder.")


def _downloaded(ctx: Context, done: float, total: float | None) -> None:
    ctx.progress(done / MB, total / MB if total else None, "MB", "downloading")


def _files(
    kind: str,
    base: Path,
    paths: list[Path],
    notes: list[str],
    options: ReadOptions,
    max_bytes: int,
    ctx: Context,
) -> Source:
    sizes = [path.stat().st_size for path in paths]

    def parts() -> Iterator[Part]:
        for number, path in enumerate(paths):
            file = DataFile(path, path.relative_to(base).as_posix(), max_bytes)
            facts = FileFacts()
            records = read_records(file, options, facts, ctx.scratch)
            yield Part(file.name, records, facts, file, sum(sizes[:number]))

    shown = base.name if kind == "folder" else paths[0].name
    return Source(kind, shown, parts(), notes, sum(sizes))
