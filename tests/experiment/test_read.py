"""The other forms in which a collection of messages is passed on, and what is no file of them."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from pathlib import Path

import pytest
from support.needs import posix
from support.tiny_model import write_messages

from pipeline.experiment.data.messages import Raw
from pipeline.experiment.data.read import Form, read_raw
from pipeline.problems import TalkError

LABELS = Form(("ham", "spam"))


@pytest.fixture
def plain(tmp_path: Path) -> Raw:
    """Lines of label, tab, text: what all other forms below hold too."""
    path = write_messages(tmp_path / "messages.tsv", 60)
    lines = path.read_text("utf-8").splitlines()
    lines[1] = "ham\tok, see you: “it’s” £5, at 9"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return read_raw(path, LABELS)


def as_csv(rows: Raw, head: list[str], more: int = 0) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head + [""] * more)
    for label, text in rows.rows:
        cells = {"label": label, "text": text, "id": "7"}
        cells |= {"v1": cells["label"], "v2": text}
        writer.writerow([cells[column] for column in head] + [""] * more)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize(
    ("head", "more"), [(["v1", "v2"], 3), (["label", "text"], 0), (["id", "text", "label"], 0)]
)
def test_csv_with_a_header_is_read(
    plain: Raw, tmp_path: Path, head: list[str], more: int, encoding: str
) -> None:
    """Kaggle's file has the columns v1 and v2, three empty ones, and is no UTF-8."""
    path = tmp_path / "spam.csv"
    path.write_bytes(as_csv(plain, head, more).encode(encoding))
    assert read_raw(path, LABELS).rows == plain.rows


def test_a_text_that_its_commas_cut_is_whole_again(tmp_path: Path) -> None:
    """In Kaggle's file the ends of some messages stand in the columns behind."""
    path = tmp_path / "spam.csv"
    path.write_text('v1,v2,,\nham,"He said:""if",this wont, start\n\nspam,win,,\n', "utf-8")
    assert read_raw(path, LABELS).rows == (
        ("ham", 'He said:"if,this wont, start'),
        ("spam", "win"),
    )


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("label,text\nham,hello\nsapm,win\n", 3, "unknown label `sapm`"),
        ("label,text\nham,hello\nham\n", 3, "the text is empty"),
        ("text,label\nhello,ham\nhello\n", 3, "the row has no label"),
        ('label,text\nham,"' + "x" * 140_000, 2, "not valid CSV: field larger than"),
        ("a,b\nham,hello\n", 1, "there is no tab between label and text"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = tmp_path / "spam.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(TalkError) as caught:
        read_raw(path, LABELS)
    assert caught.value.message.startswith(message)
    assert caught.value.where is not None
    assert caught.value.where.line == line


NAMED = Form(("ham", "spam"), text="sms", label="kind")


@pytest.mark.parametrize(
    "text",
    [
        "id,kind,sms\n1,ham,hello\n2,spam,win\n",
        "id;sms;kind\n1;hello;ham\n2;win;spam\n",
        "id\tKind\tSMS\n1\tham\thello\n2\tspam\twin\n",
        '{"id": 1, "kind": "ham", "sms": "hello"}\n\n{"kind": "spam", "sms": "win"}\n',
        '[{"kind": "ham", "sms": "hello"},\n {"kind": "spam", "sms": "win"}]\n',
        '[ {"kind": "ham", "sms": "hello"}, {"kind": "spam", "sms": "win"} ]',
        '[\r\n  {"kind": "ham", "sms": "hello"},\r\n  {"kind": "spam", "sms": "win"}\r\n]\r\n',
    ],
    ids=["comma", "semicolon", "tab", "lines of objects", "list", "in a line", "Windows"],
)
def test_columns_go_by_the_names_that_the_talk_gives(tmp_path: Path, text: str) -> None:
    path = tmp_path / "data"
    path.write_text(text, "utf-8")
    assert read_raw(path, NAMED).rows == (("ham", "hello"), ("spam", "win"))


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("kind,smss\nham,hi\n", 1, "there is no column `sms`", "did you mean `smss`?"),
        ("ham\thello\n", 1, "there is no column `kind`", "known: `ham`, `hello`"),
        ('{"kind": "ham"}\n', 1, "there is no `sms`", "known: `kind`"),
        ('{"kind": "ham", "sms": "a"}\n{"kind"', 2, "not valid JSON", "one object a line"),
        ('{"kind": "ham", "sms": "a"}\n["ham"]\n', 2, "this is no object", "such as {"),
        ('{"kind": "junk", "sms": "a"}\n', 1, "unknown label `junk`", "known: `ham`, `spam`"),
        ('[{"kind": "ham", "sms": ""}]', None, "the text is empty", "delete the line"),
    ],
)
def test_a_missing_column_is_named(
    tmp_path: Path, text: str, line: int | None, message: str, hint: str
) -> None:
    path = tmp_path / "data.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(TalkError) as caught:
        read_raw(path, NAMED)
    assert caught.value.message.startswith(message)
    assert caught.value.where is not None
    assert caught.value.where.line == line
    assert hint in caught.value.hint


def test_any_label_is_read_where_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "three.tsv"
    path.write_text("a\tone\nb\ttwo\nc\tthree\n", "utf-8")
    assert [label for label, _ in read_raw(path, Form()).rows] == ["a", "b", "c"]
    with pytest.raises(TalkError, match="unknown label `c`"):
        read_raw(path, Form(("a", "b")))


def test_texts_of_any_language_are_read(tmp_path: Path) -> None:
    path = tmp_path / "any.csv"
    rows = (("ham", "Grüße, bis später"), ("spam", "今すぐ当選!"), ("ham", "до встречи"))
    path.write_text("label,text\n" + "".join(f'{a},"{b}"\n' for a, b in rows), "utf-8")
    assert read_raw(path, LABELS).rows == rows


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_the_collection_is_the_same_when_it_is_zipped(plain: Raw, tmp_path: Path) -> None:
    """As UCI gives it, beside a readme: the messages and the hash that they are known by."""
    content = (tmp_path / "messages.tsv").read_bytes()
    path = zipped(tmp_path / "sms.zip", {"readme": b"About", "SMSSpamCollection": content})
    found = read_raw(path, LABELS)
    assert (found.rows, found.sha256) == (plain.rows, plain.sha256)
    table = zipped(tmp_path / "a.zip", {"spam.csv": as_csv(plain, ["v1", "v2"]).encode("cp1252")})
    assert read_raw(table, LABELS).rows == plain.rows


def test_a_zip_that_is_broken_or_holds_more_is_refused(tmp_path: Path) -> None:
    two = zipped(tmp_path / "two.zip", {"a.tsv": b"ham\thi", "b.tsv": b"ham\thi"})
    with pytest.raises(TalkError, match="is no zip of a single file of messages") as caught:
        read_raw(two, LABELS)
    assert caught.value.hint == "unzip it, and name the file with the messages"
    one = zipped(tmp_path / "one.zip", {"a.tsv": b"ham\thi\n" * 500})
    whole = one.read_bytes()
    for broken in (whole[:60], whole[:40] + bytes(20) + whole[60:]):
        one.write_bytes(broken)
        with pytest.raises(TalkError, match="the data file can't be unzipped"):
            read_raw(one, LABELS)


def test_a_small_zip_of_something_endless_is_refused(tmp_path: Path) -> None:
    """70 MB of zeros are 70 kB when they are zipped."""
    path = zipped(tmp_path / "bomb.zip", {"messages.tsv": bytes(70_000_000)})
    with pytest.raises(TalkError, match="is no zip of a single file"):
        read_raw(path, LABELS)


@posix
def test_what_comes_through_a_pipe_is_refused(tmp_path: Path) -> None:
    """It can be read once only, so a run on it could never be made again."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TalkError) as caught:
        read_raw(tmp_path / "pipe", LABELS)
    assert caught.value.message == "the data file is a pipe or a device, no file"
    assert caught.value.hint == "write its content to a file first"
