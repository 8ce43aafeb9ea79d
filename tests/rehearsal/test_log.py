"""The log of rehearsals: what it keeps, what it refuses, and that it loses nothing."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.needs import posix
from support.rehearsed import made_up_record, small_talk

from pipeline.problems import TalkError
from pipeline.rehearsal.log import append, import_log, read_log
from pipeline.rehearsal.record import MAX_BYTES, Rehearsal, Visit, read_record
from pipeline.talk import Talk

TALK = "bread-at-home"


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return small_talk(tmp_path / "bread")


def line(record: Rehearsal, **changes: object) -> bytes:
    return json.dumps({**msgspec.to_builtins(record), **changes}).encode()


def test_a_record_comes_back_as_it_was_written(talk: Talk, tmp_path: Path) -> None:
    """What is appended is what is read, oldest first, a file for each day."""
    late = made_up_record(talk, id="made-up-0002", started="2026-11-21T09:00:00Z")
    early = made_up_record(talk)
    for record in (late, early):
        assert append(record, tmp_path / "log")
    log = read_log(tmp_path / "log", TALK)
    assert log.records == (early, late)
    assert log.findings == ()
    names = sorted(path.name for path in (tmp_path / "log").iterdir())
    assert names == ["2026-11-20.jsonl", "2026-11-21.jsonl"]


def test_the_same_record_is_kept_once(talk: Talk, tmp_path: Path) -> None:
    """A record that is sent again, because its answer was lost, isn't written twice."""
    assert append(made_up_record(talk), tmp_path)
    assert not append(made_up_record(talk), tmp_path)
    assert len(read_log(tmp_path, TALK).records) == 1


def test_nothing_is_ever_overwritten(talk: Talk, tmp_path: Path) -> None:
    """Each append leaves the bytes before it as they were."""
    path, before = tmp_path / "2026-11-20.jsonl", b""
    for number in range(5):
        append(made_up_record(talk, id=f"made-up-000{number}"), tmp_path)
        assert path.read_bytes().startswith(before)
        assert len(path.read_bytes()) > len(before)
        before = path.read_bytes()


def test_two_at_once_do_not_mix(talk: Talk, tmp_path: Path) -> None:
    """Eight threads that write twenty records each leave 160 whole lines."""

    def write(thread: int) -> None:
        for number in range(20):
            append(made_up_record(talk, id=f"thread-{thread}-{number:04}"), tmp_path)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = read_log(tmp_path, TALK)
    assert log.findings == ()
    assert len({record.id for record in log.records}) == 160


@posix
def test_two_processes_at_once_do_not_mix(talk: Talk, tmp_path: Path) -> None:
    """Two processes that append to one day's file leave whole lines."""
    children = []
    for child in range(2):
        pid = os.fork()
        if pid == 0:
            for number in range(30):
                append(made_up_record(talk, id=f"child-{child}-{number:04}"), tmp_path)
            os._exit(0)
        children.append(pid)
    for pid in children:
        assert os.waitpid(pid, 0)[1] == 0
    log = read_log(tmp_path, TALK)
    assert log.findings == ()
    assert len(log.records) == 60


def test_a_full_disk_leaves_the_log_as_it_was(
    talk: Talk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record of which half fits is taken back, and the error says so."""
    append(made_up_record(talk), tmp_path)
    before = (tmp_path / "2026-11-20.jsonl").read_bytes()
    real = os.write
    monkeypatch.setattr("os.write", lambda handle, data: real(handle, data[:100]))
    with pytest.raises(OSError, match="No space left on device"):
        append(made_up_record(talk, id="made-up-0002"), tmp_path)
    assert (tmp_path / "2026-11-20.jsonl").read_bytes() == before


def test_a_line_cut_off_does_not_swallow_the_next(talk: Talk, tmp_path: Path) -> None:
    """After a line without an end a new record begins on a line of its own."""
    append(made_up_record(talk), tmp_path)
    path = tmp_path / "2026-11-20.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    append(made_up_record(talk, id="made-up-0002"), tmp_path)
    log = read_log(tmp_path, TALK)
    assert [record.id for record in log.records] == ["made-up-0002"]
    assert log.findings[0].message == "the record is cut off in the middle"
    assert str(log.findings[0].where).endswith("2026-11-20.jsonl:1")


BAD = [
    ({"talk": "another-talk"}, "a rehearsal of another talk: `another-talk`"),
    ({"format": 2, "more": 1}, "a rehearsal in format 2, this program reads 1"),
    ({"format": "one"}, "no rehearsal: Expected `int`, got `str` - at `$.format`"),
    ({"total_s": 9999}, "the slides took 90 s together, the talk 9999 s"),
    ({"started": "2026-13-45T09:00:00Z"}, "`2026-13-45T09:00:00Z` is no date"),
    ({"more": 1}, "no rehearsal: Object contains unknown field `more`"),
    ({"visits": []}, "no rehearsal: Expected `array` of length >= 1 - at `$.visits`"),
    ({"q_and_a_s": -1}, "no rehearsal: Expected `float` >= 0.0 - at `$.q_and_a_s`"),
    (
        {
            "visits": [
                {"slide": "hello", "at_s": 60, "seconds": 45},
                {"slide": "steps", "at_s": 30, "seconds": 45},
            ]
        },
        "times run backwards: steps begins at 30 s, what comes before it ends at 105 s",
    ),
    (
        {
            "pauses": [
                {"slide": "hello", "at_s": 60, "seconds": 5},
                {"slide": "hello", "at_s": 10, "seconds": 5},
            ]
        },
        "times run backwards: hello begins at 10 s",
    ),
]


@pytest.mark.parametrize(("changes", "message"), BAD, ids=[m[:40] for _, m in BAD])
def test_a_bad_record_is_named(talk: Talk, changes: dict[str, object], message: str) -> None:
    """Each kind of record that can't be used has its own message, and a hint."""
    with pytest.raises(TalkError) as caught:
        read_record(line(made_up_record(talk), **changes), TALK)
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("name", ["format", "pace_wpm", "total_s", "id", "more"])
def test_a_number_of_5000_digits_is_one_finding(name: str, talk: Talk, tmp_path: Path) -> None:
    """Python refuses to convert one that long."""
    text = line(made_up_record(talk), **{name: "HERE"}).replace(b'"HERE"', b"9" * 5000)
    (tmp_path / "2026-11-20.jsonl").write_bytes(text)
    log = read_log(tmp_path, TALK)
    assert log.records == ()
    assert [len(finding.message) < 80 for finding in log.findings] == [True]
    assert log.findings[0].message.startswith("no rehearsal: ")


def test_a_bad_line_costs_only_itself(talk: Talk, tmp_path: Path) -> None:
    """Bad lines are findings with path:line; the good ones around them are kept."""
    good = [line(made_up_record(talk, id=f"made-up-000{n}")) for n in range(3)]
    big = b'{"format": 1, "id": "' + b"a" * (2 * MAX_BYTES) + b'"}'
    other = line(made_up_record(talk, id="made-up-0009"), talk="another")
    text = b"\n".join([good[0], b"nonsense", good[1], big, other, b"", good[2][:-30]])
    (tmp_path / "2026-11-20.jsonl").write_bytes(text)
    log = read_log(tmp_path, TALK)
    assert [record.id for record in log.records] == ["made-up-0000", "made-up-0001"]
    found = {finding.where.line: finding.message for finding in log.findings if finding.where}
    assert list(found) == [2, 4, 5, 7]
    assert found[2].startswith("no JSON")
    assert found[4] == "a rehearsal of more than 256 kB"
    assert "another talk" in found[5]
    assert found[7] == "the record is cut off in the middle"


def test_two_records_with_one_id_are_said(talk: Talk, tmp_path: Path) -> None:
    """Different records under one id: the first counts, the second is a finding."""
    two = [line(made_up_record(talk)), line(made_up_record(talk), cut="other")]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(two))
    log = read_log(tmp_path, TALK)
    assert [record.cut for record in log.records] == ["full"]
    assert log.findings[0].message == "another rehearsal with the same id: the first is used"


def test_import_merges_and_says_what_it_did(talk: Talk, tmp_path: Path) -> None:
    """A download is merged once; importing it again adds nothing."""
    log, download = tmp_path / "log", tmp_path / "download.jsonl"
    append(made_up_record(talk), log)
    records = [made_up_record(talk, id=f"made-up-000{n}") for n in (1, 2, 3)]
    download.write_bytes(b"\n".join([*map(line, records), b"{}"]))
    first = import_log(download, log, TALK)
    assert (first.added, first.known) == (2, 1)
    assert str(first.findings[0].where).endswith("download.jsonl:4")
    again = import_log(download, log, TALK)
    assert (again.added, again.known) == (0, 3)
    assert len(read_log(log, TALK).records) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no such log"),
        (b"", "the log is empty"),
        (b'{"format": 1, "id": "abc', "the record is cut off in the middle"),
        (b"PK\x03\x04\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no rehearsal"),
    ],
)
def test_a_log_without_one_good_record_is_an_error(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    """Nothing usable: one error that names the place, and no log is begun."""
    path = tmp_path / "download.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TalkError, match=message) as caught:
        import_log(path, tmp_path / "log", TALK)
    assert "download.jsonl" in str(caught.value.where)
    assert not (tmp_path / "log").exists()


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail_otherwise(content: bytes) -> None:
    """Whatever stands in a line: a record, or a TalkError."""
    with pytest.raises(TalkError):
        read_record(content, TALK)


@given(st.lists(st.floats(0, 500), min_size=1, max_size=30))
def test_visits_in_their_order_are_never_backwards(times: list[float]) -> None:
    """Visits one after the other are a sound record, however long each is."""
    at_s, visits = 0.0, []
    for seconds in times:
        visits.append(Visit("slide", at_s, seconds))
        at_s += seconds
    record = Rehearsal(
        1, "made-up-0001", TALK, "v", "full", "2026-11-20T09:00:00Z", 150, None, {},
        tuple(visits), (), (), at_s, 0,
    )  # fmt: skip
    assert read_record(msgspec.json.encode(record), TALK).total_s == at_s
