"""results.json: what was written is read again, and only that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace
from support.made_up import made_up_results
from support.needs import posix

from pipeline.problems import TalkError
from pipeline.results import digest_of, read_results, write_results

EDITED = "results were edited by hand: their digest no longer fits"


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    """New ones are sealed by their digest when they are written; sealed ones stay as they are."""
    path = tmp_path / "results.json"
    written = write_results(replace(made_up_results(), digest=""), path)
    again = read_results(path)
    assert again == written
    assert again.digest == digest_of(again)
    assert write_results(again, tmp_path / "copy.json") == again
    assert (tmp_path / "copy.json").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"messages": 5574', '"messages": 5572'),
        ('"digest": "', '"digest": "0'),
        ('"digest": "', '"digest": "", "was": "'),
    ],
    ids=["a number", "the digest", "no digest"],
)
def test_an_edit_by_hand_is_refused(tmp_path: Path, old: str, new: str) -> None:
    """A value that was not measured is never read, so nothing passes it on; a hint says more."""
    path = tmp_path / "results.json"
    write_results(made_up_results(), path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(TalkError) as caught:
        read_results(path)
    assert caught.value.message == EDITED
    assert caught.value.where is not None
    assert caught.value.where.path == path
    assert "pin --undo" in caught.value.hint


def test_what_was_sealed_is_never_sealed_again(tmp_path: Path) -> None:
    """Results whose values were changed after their digest was made can't be written."""
    with pytest.raises(TalkError, match=EDITED):
        write_results(replace(made_up_results(), elsewhere_name="other"), tmp_path / "r.json")
    assert list(tmp_path.iterdir()) == []


BROKEN = [
    ("", "results are broken"),
    ('{"schema": 3, "run": {', "results are broken"),
    ('{"schema": 99}', "results have schema 99"),
    ('{"schema": 1, "run": {}}', "results have schema 1, this version reads 3"),
    ('{"schema": 3}', "results are broken: Object missing required field"),
    ("[]", "results are broken"),
    ("[" * 100_000, "results are broken"),
]
NAMES = ["empty", "half", "new", "old", "bare", "list", "deep"]


@pytest.mark.parametrize(("text", "message"), BROKEN, ids=NAMES)
def test_broken_results_are_one_clear_error(tmp_path: Path, text: str, message: str) -> None:
    """A half-written or foreign results.json is named, with what to do."""
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(TalkError) as caught:
        read_results(path)
    assert message in caught.value.message
    assert "python build.py" in caught.value.hint


@posix
def test_results_in_a_pipe_are_refused(tmp_path: Path) -> None:
    """It would be waited for."""
    os.mkfifo(tmp_path / "results.json")
    with pytest.raises(TalkError, match="the file of results is a pipe or a device, no file"):
        read_results(tmp_path / "results.json")
