"""A folder is used only while each of its files is what it was when it was made."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.needs import posix

from pipeline.seals import SEAL, put_in_place, seal, sealed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sealed folder of two files."""
    made = tmp_path / "made"
    (made / "sub").mkdir(parents=True)
    (made / "weights").write_bytes(b"0123456789")
    (made / "sub" / "words").write_bytes(b"one\ntwo")
    seal(made, {"score": 0.5})
    return made


def test_a_whole_folder_gives_its_record(folder: Path) -> None:
    assert sealed(folder, dict[str, float]) == {"score": 0.5}
    assert sealed(folder, list[str]) is None  # of another kind
    assert sealed(folder.parent, dict[str, float]) is None  # never sealed


def change_record(folder: Path) -> None:
    text = (folder / SEAL).read_bytes()
    (folder / SEAL).write_bytes(text.replace(b"0.5", b"0.9"))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a byte": lambda f: (f / "weights").write_bytes(b"0123456780"),
    "cut off": lambda f: (f / "weights").write_bytes(b"01234"),
    "gone": lambda f: (f / "sub" / "words").unlink(),
    "one more": lambda f: (f / "more").write_bytes(b""),
    "a link to nothing": lambda f: (f / "more").symlink_to(f / "nothing"),
    "a pipe": lambda f: os.mkfifo(f / "more"),
    "the record": change_record,
    "half a seal": lambda f: (f / SEAL).write_bytes((f / SEAL).read_bytes()[:80]),
    "no seal": lambda f: (f / SEAL).unlink(),
}


@posix
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_folder_has_none(folder: Path, change: Callable[[Path], object]) -> None:
    change(folder)
    assert sealed(folder, dict[str, float]) is None


def test_a_folder_is_put_in_place_when_it_is_done(tmp_path: Path) -> None:
    """Until then, and after an error, the old one stands; what a killed process left goes."""
    target = tmp_path / "model"
    with put_in_place(target) as made:
        (made / "weights").write_text("1")
    (tmp_path / ".model.part").mkdir()
    (tmp_path / ".model.part" / "left").write_text("behind")
    with pytest.raises(FileNotFoundError), put_in_place(target) as made:
        (made / "nothing" / "weights").write_text("2")
    assert [p.read_text() for p in target.iterdir()] == ["1"]
    with put_in_place(target) as made:
        assert list(made.iterdir()) == []
        (made / "weights").write_text("3")
        assert (target / "weights").read_text() == "1"
    assert [p.read_text() for p in target.iterdir()] == ["3"]
    assert list(tmp_path.iterdir()) == [target]
