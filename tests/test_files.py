"""Files are whole or as they were, and what is kept is used only while it is right."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.damage import DAMAGE
from support.needs import posix

from pipeline.files import kept, read_bytes, read_text, replaced, take_place, write_all, write_whole
from pipeline.problems import TalkError


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder, hidden ones too."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def full_after(writes: int) -> Callable[[int, str], object]:
    """A disk with room for so many files: stands in for os.fdopen."""
    left = [writes]

    def opened(handle: int, mode: str) -> object:
        if left[0] == 0:
            os.close(handle)
            raise OSError(28, "No space left on device")
        left[0] -= 1
        return open(handle, mode)

    return opened


def test_a_set_of_files_is_old_or_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a disk that fills up at the last of three files, all three stay the old ones."""
    old = {"a.html": b"old", "sub/b.js": b"old", "c.js": b"old"}
    new = dict.fromkeys(old, b"new")
    write_all(old, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("os.fdopen", full_after(2))
        with pytest.raises(OSError, match="No space left"):
            write_all(new, tmp_path)
    assert contents(tmp_path) == old
    write_all(new, tmp_path)
    assert contents(tmp_path) == new


def test_a_folder_where_a_page_belongs_is_refused_before_anything_changes(tmp_path: Path) -> None:
    """The other files of the set stay as they were."""
    write_all({"a": b"old"}, tmp_path)
    (tmp_path / "b").mkdir()
    with pytest.raises(IsADirectoryError):
        write_all({"a": b"new", "b": b"new"}, tmp_path)
    assert contents(tmp_path) == {"a": b"old"}


def test_what_is_the_same_stays_untouched(tmp_path: Path) -> None:
    """A server that watches the folder sees only what changed."""
    write_all({"a": b"1", "b": b"1"}, tmp_path)
    before = {name: (tmp_path / name).stat().st_ino for name in ("a", "b")}
    write_all({"a": b"1", "b": b"2"}, tmp_path)
    assert (tmp_path / "a").stat().st_ino == before["a"]
    assert (tmp_path / "b").stat().st_ino != before["b"]


def test_a_name_as_long_as_the_system_takes(tmp_path: Path) -> None:
    """The name that a file has while it is written is no longer than its own."""
    name = "n" * 250 + ".txt"
    assert write_whole(tmp_path / name, "x").read_bytes() == b"x"
    assert list(contents(tmp_path)) == [name]


def test_rights_are_those_of_any_new_file(tmp_path: Path) -> None:
    """Pages in a folder that others read can be read by them."""
    (tmp_path / "plain").write_text("x")
    write_whole(tmp_path / "whole", "x")
    assert (tmp_path / "whole").stat().st_mode == (tmp_path / "plain").stat().st_mode


@posix
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_kept_thing_that_changed_is_made_again(tmp_path: Path, damage: str) -> None:
    """Cut off, filled with zeros or replaced by a folder: made again, and whole then."""
    made: list[int] = []

    def make() -> bytes:
        made.append(1)
        return b"made"

    assert kept(tmp_path, "a.woff2", "key", make) == b"made"
    assert kept(tmp_path, "a.woff2", "key", make) == b"made"
    assert len(made) == 1
    (path,) = tmp_path.iterdir()
    DAMAGE[damage](path)
    assert kept(tmp_path, "a.woff2", "key", make) == b"made"
    assert kept(tmp_path, "a.woff2", "key", make) == b"made"
    assert kept(tmp_path, "a.woff2", "other key", make) == b"made"
    assert len(made) == 3


def test_nothing_is_kept_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A talk on a read-only disk builds; without a folder nothing is kept either."""
    (tmp_path / "file").write_text("")
    assert kept(tmp_path / "file" / "cache", "a", "key", lambda: b"made") == b"made"
    assert kept(None, "a", "key", lambda: b"made") == b"made"


def test_a_replaced_folder_is_old_or_new(tmp_path: Path) -> None:
    """An error leaves the old one and nothing beside it; files of others are never touched."""
    site = tmp_path / "public"
    with replaced(site) as made:
        (made / "a").write_text("old")
    with pytest.raises(FileNotFoundError), replaced(site) as made:
        (made / "a" / "b").write_text("new")
    assert (site / "a").read_text() == "old"
    assert list(tmp_path.iterdir()) == [site]
    (site / "CNAME").write_text("example.org")
    with pytest.raises(TalkError, match="CNAME"), replaced(site) as made:
        (made / "a").write_text("new")
    assert (site / "a").read_text() == "old"


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    """However young it is: who replaces a folder holds its lock."""
    (tmp_path / ".public.killed.part").mkdir()
    (tmp_path / ".public.old").mkdir()
    (tmp_path / ".public.old" / ".published").write_text("\na\n")
    with replaced(tmp_path / "public") as made:
        assert (tmp_path / "public" / ".published").exists()  # it came back
        (made / "a").write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == ["public"]


def test_a_folder_is_never_missing_while_it_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system swaps two names at once: no rename of the old one."""
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "b").write_text("")
    (tmp_path / "old").mkdir()
    renamed: list[Path] = []
    monkeypatch.setattr(Path, "rename", lambda path, _: renamed.append(path))
    take_place(tmp_path / "new", tmp_path / "old")
    assert contents(tmp_path) == {"old/b": b""}
    assert renamed == []


def test_text_is_read_as_utf8(tmp_path: Path) -> None:
    """Line ends of any system, a byte-order mark dropped; another encoding names its line."""
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfa\r\nb\rc")
    assert read_text(tmp_path / "a", "it") == "a\nb\nc"
    (tmp_path / "b").write_bytes(b"a\nCaf\xe9")
    with pytest.raises(TalkError, match=r"b:2: it is not UTF-8 \(byte 0xe9\)"):
        read_text(tmp_path / "b", "it")
    with pytest.raises(TalkError, match="it can't be read"):
        read_text(tmp_path, "it")


@posix
def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    """Nobody writes to it, so to open it as a file would wait for ever."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(TalkError, match="the text is a pipe or a device, no file") as caught:
            read_text(path, "the text")
        assert caught.value.hint == "write its content to a file first"


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    """A sparse file takes no room on the disk; read whole it would fill the memory."""
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(TalkError, match="the text is larger than 1 MiB"):
        read_bytes(tmp_path / "sparse", "the text", most=2**20)
    (tmp_path / "large").write_bytes(bytes(2**20))
    assert read_bytes(tmp_path / "large", "the text", most=2**20) == bytes(2**20)
