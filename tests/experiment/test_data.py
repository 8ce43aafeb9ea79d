"""Reading, cleaning and splitting messages."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.needs import file_of
from support.tiny_model import write_messages

from pipeline.experiment.data.copies import grams_of, group_key, group_numbers
from pipeline.experiment.data.messages import (
    Labels,
    Messages,
    clean,
    clean_all,
)
from pipeline.experiment.data.read import Form, read_raw
from pipeline.experiment.data.split import make_sets, plain_sets, split, subset
from pipeline.problems import TalkError

pytestmark = pytest.mark.slow

LABELS = Labels(("ham", "spam"), positive="spam")
FORM = Form(LABELS.names)


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def read(path: Path) -> Messages:
    return clean_all(read_raw(path, FORM), LABELS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_messages(tmp_path / "messages.tsv", 120)


def broken(file: Path, number: int, line: str) -> TalkError:
    """The error of the file with its line `number` (from 1) replaced."""
    rows = lines(file)
    rows[number - 1] = line
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(TalkError) as caught:
        read(file)
    return caught.value


def test_a_quotation_mark_is_only_a_quotation_mark(file: Path) -> None:
    """A CSV reader would join two lines between unpaired quotation marks."""
    rows = lines(file)
    rows[3] += ' he said "maybe'
    rows[7] += ' and "then'
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    messages = read(file)
    assert len(messages.items) == 120
    assert messages.texts[3].endswith('"maybe')


def test_blank_lines_crlf_and_a_byte_order_mark_are_read(file: Path) -> None:
    """Files saved on Windows are the same messages."""
    expected = read(file).texts
    text = "\ufeff" + "\r\n".join(lines(file)) + "\r\n\r\n"
    file.write_bytes(text.encode("utf-8"))
    assert read(file).texts == expected


def test_a_tab_in_the_text_stays_in_the_text(file: Path) -> None:
    """Only the first tab parts label and text."""
    rows = lines(file)
    rows[1] = "ham\tone\ttwo"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert read(file).texts[1] == "one two"


def test_entities_and_white_space_are_cleaned_and_counted(file: Path) -> None:
    """Each message with entities counts once, however many it has."""
    rows = lines(file)
    rows[1] += " &lt;#&gt;  &amp; more "
    rows[2] += " &pound;5"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    messages = read(file)
    assert messages.entities_cleaned == 2
    assert messages.texts[1].endswith("<#> & more")
    assert messages.texts[2].endswith("£5")


def test_a_missing_tab_is_named_with_its_line(file: Path) -> None:
    error = broken(file, 5, "ham see you later")
    assert str(error).endswith("messages.tsv:5: there is no tab between label and text")
    assert error.hint == "each line holds a label, a tab and the text"


def test_an_unknown_label_names_the_nearest_one(file: Path) -> None:
    error = broken(file, 9, "sapm\twin a prize")
    assert str(error).endswith("messages.tsv:9: unknown label `sapm`")
    assert error.hint == "did you mean `spam`?"


def test_a_label_of_another_case_is_unknown(file: Path) -> None:
    error = broken(file, 2, "HAM\tsee you")
    assert error.message == "unknown label `HAM`"
    assert error.hint == "did you mean `ham`?"


def test_label_and_text_the_wrong_way_round_is_said(file: Path) -> None:
    error = broken(file, 4, "see you later\tham")
    assert error.message == "unknown label `see you later`"
    assert error.hint == "the label comes first: label, tab, text"


def test_a_header_line_is_no_message(file: Path) -> None:
    rows = lines(file)
    file.write_text("\n".join(["label\ttext", *rows]) + "\n", encoding="utf-8")
    assert len(read(file).items) == len(rows)


@pytest.mark.parametrize("text", ["", "   ", "&nbsp; "])
def test_an_empty_text_is_named_with_its_line(file: Path, text: str) -> None:
    """Also one that is empty only after it was cleaned."""
    error = broken(file, 7, f"ham\t{text}")
    assert str(error).endswith("messages.tsv:7: the text is empty")
    assert "delete the line" in error.hint


def test_a_wrong_encoding_is_named_with_its_line(file: Path) -> None:
    rows = [line.encode() for line in lines(file)]
    rows[11] = "ham\tcall me, £5 ready".encode("latin-1")
    file.write_bytes(b"\n".join(rows))
    with pytest.raises(TalkError) as caught:
        read(file)
    assert str(caught.value).endswith("messages.tsv:12: the data file is not UTF-8 (byte 0xa3)")
    assert caught.value.hint == "save the file as UTF-8"


def test_ten_lines_are_too_few(tmp_path: Path) -> None:
    file = write_messages(tmp_path / "few.tsv", 10)
    with pytest.raises(TalkError) as caught:
        read(file)
    assert str(caught.value).endswith("few.tsv: 10 messages are too few, at least 50 are needed")
    assert "--data" in caught.value.hint


@pytest.mark.parametrize(("dropped", "label"), [("spam", "spam"), ("ham", "ham")])
def test_a_file_with_one_label_only_is_refused(tmp_path: Path, dropped: str, label: str) -> None:
    file = write_messages(tmp_path / "one.tsv", 240)
    kept = [line for line in lines(file) if not line.startswith(dropped)]
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    with pytest.raises(TalkError) as caught:
        read(file)
    assert caught.value.message == f"no message is labelled `{label}`"
    assert caught.value.hint == "both labels are needed to learn from"


def test_one_positive_repeated_does_not_count_as_many(tmp_path: Path) -> None:
    """Repeated messages stay together, so there would be parts without any."""
    file = write_messages(tmp_path / "m.tsv", 120)
    kept = [line for line in lines(file) if line.startswith("ham")]
    kept += [f"spam\tWin £{n} now!" for n in range(30)]
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    with pytest.raises(TalkError) as caught:
        read(file)
    assert caught.value.message == (
        "only 1 different messages are labelled `spam`, at least 10 are needed"
    )


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(TalkError, match="the data file is missing"):
        read(tmp_path / "nothing.tsv")
    with pytest.raises(TalkError, match="the data file can't be read"):
        read(tmp_path)


@given(st.text(max_size=60))
def test_cleaning_leaves_single_blanks_and_no_ends(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == " ".join(cleaned.split())


@given(st.text(alphabet="abc ABC019.,!? ", min_size=1, max_size=30))
def test_near_copies_share_a_group(text: str) -> None:
    """Case, digits and punctuation make no difference between two messages with words."""
    if any(c.isalpha() for c in text):
        changed = text.upper().replace("1", "9") + "!!"
        assert group_key(changed) == group_key(text)


def test_messages_of_punctuation_alone_are_no_near_copies() -> None:
    assert group_key(":-)") != group_key("!!!")


@given(st.lists(st.text(alphabet="abcdefgh 12", max_size=24), min_size=1, max_size=30))
def test_near_copies_are_those_that_each_pair_compared_would_find(texts: list[str]) -> None:
    """The rarest grams find each pair; groups are what such pairs connect, in their order."""

    def alike(one: str, other: str) -> bool:
        sets = [grams_of(re.sub(r"\d", "0", text.casefold())) for text in (one, other)]
        either = sets[0] | sets[1]
        close = bool(either) and len(sets[0] & sets[1]) / len(either) > 0.7
        return close or group_key(one) == group_key(other)

    expected = list(range(len(texts)))
    for at, text in enumerate(texts):
        for before in range(at):
            if alike(text, texts[before]):
                old, new = expected[at], expected[before]
                low, high = min(old, new), max(old, new)
                expected = [low if number == high else number for number in expected]
    seen: dict[int, int] = {}
    assert group_numbers(texts).tolist() == [seen.setdefault(n, len(seen)) for n in expected]


def test_near_copies_are_found_in_any_language() -> None:
    """Other words in a long text make a near copy; in a short one, another text."""
    texts = [
        "恭喜您获得一千元购物卡请立即点击链接领取奖品",
        "恭喜您获得一千元购物卡请立即点击链接领取奖励",
        "Call 0800 123 to claim your £500 prize before Friday",
        "call 0900 777 to claim your £250 prize before Sunday",
        "See you at six",
        "See you at seven",
    ]
    assert group_numbers(texts).tolist() == [0, 0, 1, 1, 2, 3]


def copied(file: Path, every: int) -> Messages:
    """The messages of a file, and of each so many a near copy."""
    rows = lines(file)
    more = [f"{row} ok{'!' * at}" for at, row in enumerate(rows[::every])]
    file.write_text("\n".join([*rows, *more]) + "\n", encoding="utf-8")
    return read(file)


def test_parts_are_grouped_and_stratified(file: Path) -> None:
    """Near copies are in one part, and count once in validation and test; the rest is whole."""
    messages = copied(file, 4)
    parts = split(messages, seed=3)
    sets = (parts.train, parts.validation, parts.test)
    every = [i for part in sets for i in part]
    assert len(every) == len(set(every))
    assert [len(part) for part in sets[1:]] == [12, 12]
    homes = [[messages.groups[i] for i in part] for part in sets]
    assert not set(homes[0]) & {*homes[1], *homes[2]}
    assert len({*homes[1], *homes[2]}) == 24
    assert {*homes[0], *homes[1], *homes[2]} == set(range(120))
    assert len(parts.train) == sum(messages.groups.count(group) for group in set(homes[0]))
    assert parts.test_repeats == sum(messages.groups.count(group) - 1 for group in homes[2]) > 0
    assert all(messages.groups.index(messages.groups[i]) == i for part in sets[1:] for i in part)
    assert parts.groups == 120
    few = make_sets(messages, 3).at_most(0, train=9, validation=9, test=5)
    tested = [messages.groups[i] for i in few.parts.test]
    assert few.parts.test_repeats == sum(messages.groups.count(group) - 1 for group in tested)
    for part in sets:
        found = sum(messages.items[i].label for i in part) / len(part)
        assert found == pytest.approx(1 / 3, abs=0.1)


def test_a_plain_split_is_as_large_and_leaks(file: Path) -> None:
    """With no copies nothing leaks; with everything twice most of the test set does."""
    assert split(read(file), 0).leak.messages == 0
    messages = copied(file, 1)
    apart, plain = make_sets(messages, 0), plain_sets(messages, 0)
    assert plain == plain_sets(messages, 0) != plain_sets(messages, 1)
    for name in ("train", "validation", "test"):
        assert len(getattr(plain, name)) == len(getattr(apart, name))
    seen = {messages.groups[i] for i in plain.parts.train}
    leaked = sum(messages.groups[i] in seen for i in plain.parts.test)
    leak = plain.parts.leak
    assert leak == apart.parts.leak
    assert (leak.messages, leak.test_messages) == (leaked, len(plain.test))
    assert leak.share == leaked / len(plain.test) > 0.5


def test_the_split_depends_on_the_seed_alone(file: Path) -> None:
    messages = read(file)
    assert split(messages, seed=1) == split(messages, seed=1)
    assert split(messages, seed=1).test != split(messages, seed=2).test


@given(
    st.lists(st.integers(0, 3), min_size=4, max_size=60),
    st.integers(4, 70),
    st.integers(0, 5),
)
def test_a_part_of_a_set_keeps_every_label(labels: list[int], size: int, seed: int) -> None:
    chosen = subset(range(len(labels)), labels, size, seed)
    assert len(chosen) == min(size, len(labels))
    assert list(chosen) == sorted(set(chosen))
    assert {labels[i] for i in chosen} == set(labels)
    if len(labels) > size:
        for label in set(labels):
            share = labels.count(label) / len(labels)
            assert abs(sum(labels[i] == label for i in chosen) - share * size) <= 2


def test_the_collection_is_read_whole() -> None:
    """The figures that are known of the full collection, where TALK_DATA names it.

    Of its messages 309 hold `&lt;`, `&gt;` or `&amp;`; 305 of them hold `&lt;` or `&amp;`.
    """
    path = file_of("TALK_DATA", "the collection of messages")
    messages = read(path)
    counts = Counter(messages.labels)
    assert (len(messages.items), counts[False], counts[True]) == (5574, 4827, 747)
    assert messages.repeated == 403
    assert messages.entities_cleaned == 309
    raw = [text for _, text in read_raw(path, FORM).rows]
    assert sum("&lt;" in text or "&amp;" in text for text in raw) == 305
    parts = split(messages, seed=42)
    assert (parts.groups, len(parts.test), len(parts.validation)) == (4950, 495, 495)
    assert sum(messages.items[i].label for i in parts.test) == 47
    assert parts.test_repeats == 81
    assert parts.leak.messages == 78


def test_a_made_up_file_has_no_near_copies(file: Path) -> None:
    """What the other tests rest on."""
    texts = read(file).texts
    random.Random(0).shuffle(texts)
    assert group_numbers(texts).tolist() == list(range(len(texts)))
