"""Tars that are sent and that come: any name arrives, nothing reaches outside. No engine is needed."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from executor.launchers.base import LaunchError
from executor.launchers.docker.streaming.packing import packed, tree
from executor.launchers.docker.streaming.unpacking import unpack
from executor.store.digests import digest_of, entry_of, scan


def digest(folder: Path) -> str:
    return digest_of(entry_of(path, folder) for path in scan(folder))


def test_a_folder_arrives_as_it_was_sent(tmp_path: Path) -> None:
    """Names that are long, Chinese, or no text at all; files of any size around a block's."""
    source = tmp_path / "source"
    names = ["a", "深/" * 60 + "层.json", "x" * 200, os.fsdecode(b"raw-\xff\xfe"), "🙂"]
    for number, name in enumerate(names):
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * (511 + number))
    (source / "large").write_bytes(os.urandom(3_000_000))
    (source / "none").touch()
    unpack(packed(tree("top", source)), tmp_path / "target")
    assert digest(tmp_path / "target") == digest(source)


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


LINK, HARD, DIR = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE
HOSTILE = {
    "climbs": [member("top/../../x")],
    "a link to an absolute place": [member("top/x", LINK, "/etc/passwd")],
    "a link that climbs": [member("top/x", LINK, "../../x")],
    "a hard link to outside": [member("top/x", HARD, "top/../../x")],
    "a device": [member("top/x", tarfile.CHRTYPE)],
    "a pipe": [member("top/x", tarfile.FIFOTYPE)],
    "a link that climbs from behind another": [
        member("top/up", LINK, "."), member("top/up/x", LINK, "..")
    ],
    "no folder at the top": [member("top", LINK, "/etc")],
}  # fmt: skip


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE.keys())
def test_a17_members_that_reach_outside_are_refused(tmp_path: Path, members: list[tarfile.TarInfo]) -> None:
    with pytest.raises(LaunchError, match="was not taken"):
        unpack(tar(members), tmp_path / "in" / "target")
    assert not (tmp_path / "x").exists() and not (tmp_path / "in" / "x").exists()


def test_a17_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    """A file behind a link that came before it lies in a folder of its own, and the link finds no place."""
    (tmp_path / "other").mkdir()
    inside = [member("top/d", DIR), member("top/l", LINK, "d"), member("top/l/x")]
    with pytest.raises(LaunchError, match="is there twice"):
        unpack(tar(inside), tmp_path / "target")
    assert (tmp_path / "target/l/x").is_file() and not (tmp_path / "target/d/x").exists()


def test_a_tar_that_is_cut_off_is_no_tar(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/t").write_bytes(b"x" * 100_000)
    half = b"".join(packed(tree("top", tmp_path / "source")))[:50_000]
    with pytest.raises(tarfile.TarError):
        unpack(iter([half]), tmp_path / "target")


def tar(members: list[tarfile.TarInfo]) -> Iterator[bytes]:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as file:
        for info in members:
            file.addfile(info)
    return iter([written.getvalue()])
