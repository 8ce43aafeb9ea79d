"""The file of what was said: kept beside the log, and refused with one message where it's wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.rehearsed import made_up_record, made_up_voice, small_talk

from pipeline.rehearsal.log import append, read_log
from pipeline.rehearsal.record import Rehearsal
from pipeline.rehearsal.voice.record import MAX_BYTES, keep_voice, read_voices, voice_path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    return made_up_record(small_talk(tmp_path_factory.mktemp("voice") / "bread"))


def test_it_is_kept_beside_the_log_which_stays_as_it_is(run: Rehearsal, tmp_path: Path) -> None:
    """The log reads as before; the voice is found by its rehearsal's id, and by no other."""
    append(run, tmp_path)
    kept = made_up_voice(run)
    assert keep_voice(kept, tmp_path) == tmp_path / "voice" / "made-up-0001.json"
    log = read_log(tmp_path, run.talk)
    assert (log.records, log.findings) == ((run,), ())
    found = read_voices(tmp_path, run.talk, log.records)
    assert (dict(found.records), found.findings) == ({run.id: kept}, ())
    assert not read_voices(tmp_path, run.talk, ()).records


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "a voice record in format 2, this program reads 1"),
        ({"id": "made-up-0002"}, "the voice of another rehearsal: `made-up-0002`"),
        ({"id": "../../../etc/passwd"}, "no voice record"),
        ({"talk": "another"}, "a voice record of another talk: `another`"),
        ({"script": "f" * 12}, "the voice of another script or cut"),
        ({"cut": "short"}, "the voice of another script or cut"),
        ({"recognised": 1.5}, "no voice record"),
        ({"listened_s": -1}, "no voice record"),
        ({"sentences": [{"slide": "hello", "key": "x", "status": "said", "words": 1}]}, "no voice"),
        ({"more": 1}, "unknown field"),
    ],
)
def test_what_is_wrong_is_one_finding(
    run: Rehearsal, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    """One message with the file and what to do; the log is read all the same."""
    path = voice_path(tmp_path, run.id)
    path.parent.mkdir(parents=True)
    path.write_bytes(msgspec.json.encode({**msgspec.to_builtins(made_up_voice(run)), **changes}))
    found = read_voices(tmp_path, run.talk, (run,))
    assert not found.records
    assert len(found.findings) == 1
    assert message in found.findings[0].message
    assert found.findings[0].where is not None
    assert found.findings[0].where.path == path
    assert found.findings[0].hint


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no JSON"),
        (b'{"format": 1, "id": "made', "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no voice record"),
        (b" " * (MAX_BYTES + 1), "larger than 4 MiB"),
    ],
    ids=["empty", "cut off", "no text", "deep", "big"],
)
def test_a_broken_file_is_one_finding(
    run: Rehearsal, tmp_path: Path, content: bytes, message: str
) -> None:
    """Whatever its bytes are."""
    path = voice_path(tmp_path, run.id)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    (finding,) = read_voices(tmp_path, run.talk, (run,)).findings
    assert message in finding.message


def test_a_pipe_or_folder_in_its_place_is_a_finding(run: Rehearsal, tmp_path: Path) -> None:
    """Nothing waits, and nothing ends the report."""
    path = voice_path(tmp_path, run.id)
    path.mkdir(parents=True)
    assert len(read_voices(tmp_path, run.talk, (run,)).findings) == 1
    if hasattr(os, "mkfifo"):
        path.rmdir()
        os.mkfifo(path)
        (finding,) = read_voices(tmp_path, run.talk, (run,)).findings
        assert "pipe" in finding.message
