"""Words that are said to fit without a browser do fit; whatever isn't certain is measured."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.needs import need
from support.other_words import tried
from support.small_deck import deck_of

from pipeline.export import overflow
from pipeline.export.chromium import find_browser
from pipeline.export.free import (
    Block,
    Face,
    Found,
    FreeWords,
    Run,
    keep_free,
    shape_of,
)
from pipeline.pages.deck import Deck

SENTENCE = "words that go on and on in a sentence that is long enough for two lines "
LAYOUTS = {
    "text": ("layout: text", f"{SENTENCE * 2}\n\n- one\n- two *and* {SENTENCE}"),
    "quote": ("layout: quote", SENTENCE),
    "rows": ("layout: list\nlook: rows", f"::: items\n- **Bold** {SENTENCE}\n- **Two** b\n:::"),
    "flags": ("layout: list\nlook: flags", "::: items\n- **Bold** rest\n- **Two** b\n:::"),
    "table": ("layout: table", "::: rows\n| Ten | Ten |\n|---|---|\n| 10 | 20 |\n:::"),
    "myth": ("layout: myth", f"::: reality\n### So\n{SENTENCE}\n:::\n::: instead\nThis\n:::"),
    "foot": ("layout: text\nsource: a source\nkicker: a kicker", f"one[^1]\n\n[^1]: {SENTENCE}"),
}
# Letters of 50 px, no matter which, in a block of 1000 px; `AV` is set 10 px closer.
FACE = Face(dict.fromkeys(map(chr, range(32, 127)), 50.0), {"-10": "AV", "0": "xxx.ax"})
FACES = [[FACE]] * 2


def section(words: str, rest: str = "<b>rest</b>") -> str:
    """A slide with a block of words, and with what must stay."""
    return f'<section id="one"><p>{words}</p>{rest}<i class="hidden">1</i></section>'


def kept(place: Path, words: str, lines: int = 1, wide_lines: int | None = None) -> FreeWords:
    """What a browser would have found of it in two windows is kept."""
    set_as = [Run(block, 0, 100.0, 0.0, True) for block in (0, -1, -2)]
    windows = [
        Found([words, "rest", "1"], set_as, [Block(count, 0.0, 1000.0, 0.0, 0.0)])
        for count in (lines, lines if wide_lines is None else wide_lines)
    ]
    keep_free(place, section(words), windows, FACES)
    return FreeWords()


@pytest.mark.parametrize(
    ("words", "lines", "fits"),
    [
        ("x" * 19, 1, True),
        ("x" * 20, 1, False),  # not for certain
        ("x" * 21, 1, False),
        ("xxx xxx", 1, True),
        ("xxx " * 5, 1, True),  # blanks at an end take no room
        ("xxxxxxxxx xxxxxxxxx xxx", 2, True),
        ("xxxxxxxxx xxxxxxxxx", 2, False),  # has room in one
        ("xxxxxxxxxxxx xxxxxxxxxxxx xxxxxxxxxxxx", 3, True),
        ("xxxxxxxxxxxx xxxxx.xxxxxx xxxxxxxxxxxx", 3, False),  # perhaps broken at the point
        ("xxxxxxxxxxxx !xxxxxxxx", 2, False),  # perhaps no break before this sign
        ("é", 1, False),  # how wide is it?
        ("a\u00adx", 1, False),
    ],
)
def test_lines_are_as_many_whatever_letters_do(
    tmp_path: Path, words: str, lines: int, fits: bool
) -> None:
    """By the widest and by the narrowest letters, in both windows."""
    place = tmp_path / "one.free"
    free = kept(place, "old words", lines)
    assert free.fit(place, section(words)) is fits
    if fits:
        assert not kept(place, "old words", lines, lines + 1).fit(place, section(words))


def test_what_must_stay_and_what_was_changed_is_measured(tmp_path: Path) -> None:
    """A text beside the block, a kept file that is no more what it was; unseen words are free."""
    place = tmp_path / "one.free"
    free = kept(place, "old words")
    new = section("new words")
    assert free.fit(place, new.replace(">1<", ">23<"))
    assert not free.fit(place, section("new words", "<b>other</b>"))
    assert not free.fit(place, section("new words", ""))
    assert not free.fit(tmp_path / "two.free", new)
    for file in [place, *tmp_path.glob("faces-*")]:
        good = file.read_bytes()
        file.write_bytes(good[:-9])
        assert not FreeWords().fit(place, new)
        file.write_bytes(good)
    assert FreeWords().fit(place, new)


def test_nothing_is_kept_where_a_section_is_read_otherwise(tmp_path: Path) -> None:
    """The browser has the last word on what the texts of a slide are."""
    place = tmp_path / "one.free"
    keep_free(place, section("<!-- > -->words"), [Found(["words"], [], [])], FACES)
    assert not place.exists()


def test_slides_of_one_shape_differ_in_words_alone() -> None:
    """A tag, an attribute or words where there were none are another shape."""
    one = shape_of(section("one &lt; two"))
    assert shape_of(section("three")) == one
    others = (section("<em>one</em>"), section(" "), section("one", '<b class="x">rest</b>'))
    assert one not in map(shape_of, others)


@pytest.fixture(scope="module")
def layouts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Deck, Path]:
    """Slides of several layouts."""
    need(find_browser(), "there is no Chromium (apt-get install chromium)")
    folder = tmp_path_factory.mktemp("layouts")
    return deck_of(folder / "talk", LAYOUTS)[0], folder / ".cache"


@pytest.mark.browser
@pytest.mark.slow
def test_words_that_fit_for_certain_fit(layouts: tuple[Deck, Path]) -> None:
    """Whatever is said to, of changes of all kinds; and much is."""
    deck, cache = layouts
    found = tried(deck, cache, 10, seed=1)
    assert found.wrong == ()
    assert found.certain > found.changes / 5


@pytest.mark.browser
@pytest.mark.slow
def test_other_words_start_no_browser(
    layouts: tuple[Deck, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And they are kept as fitting; a sentence too much is measured."""
    _, cache = layouts
    monkeypatch.setattr(overflow, "_measure", lambda _, names, __: dict.fromkeys(names, ()))
    for at, (more, measured) in enumerate([("Few", 0), (SENTENCE * 9, 1)]):
        fields, text = LAYOUTS["flags"]
        changed = {**LAYOUTS, "flags": (fields, text.replace("Bold", more))}
        said: list[str] = []
        overflow.measured(deck_of(tmp_path / str(at), changed)[0], cache, said.append)
        assert len(said) == measured
