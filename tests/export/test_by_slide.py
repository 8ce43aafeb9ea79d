"""What is kept of each slide goes with how that slide looks, and with no other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup
from msgspec.structs import replace

from pipeline.config import TalkInfo
from pipeline.export.by_slide import drawn_timeline, kept_of_slides, keys_of
from pipeline.pages.deck import Deck

TWO = {
    "one": Markup('<section><p class="part p0" data-style="--width:2">one</p></section>'),
    "two": Markup('<section><p class="p1">two</p></section>'),
}
STYLES = '.p0{fill:red}.p1{fill:blue}[data-style="--width:2"]{--width:2}.other{top:0}'
TALK = TalkInfo(title="A talk", speaker="")
DECK = Deck(TALK, TWO, Markup(""), STYLES, files={"deck.css": b"a{}"})


def changed(deck: Deck) -> set[str]:
    """The slides that look different now."""
    before, now = keys_of(DECK), keys_of(deck)
    return {name for name in now if now[name] != before[name]}


def test_a_slide_is_kept_until_it_looks_different() -> None:
    """Its words, the rules behind its classes, the styles of all and the face count."""
    assert changed(DECK) == set()
    assert changed(replace(DECK, sections={**TWO, "two": Markup("<section>2</section>")})) == {
        "two"
    }
    assert changed(replace(DECK, styles=STYLES.replace("blue", "green"))) == {"two"}
    assert changed(replace(DECK, styles=STYLES.replace("top", "left"))) == {"one", "two"}
    assert changed(replace(DECK, files={"deck.css": b"b{}"})) == {"one", "two"}
    assert keys_of(DECK, "dark") != keys_of(DECK, "light")


def test_what_another_slide_needs_is_nothing_to_it() -> None:
    """A new picture before it counts the classes anew, and has lengths of its own."""
    styles = (
        '.p0{fill:red}.p1{fill:grey}.p2{fill:blue}[data-style="--width:3"]{--width:3}.other{top:0}'
    )
    new = Markup('<section><p class="p1 part" data-style="--width:3">new</p></section>')
    two = Markup('<section><p class="p2">two</p></section>')
    assert changed(replace(DECK, sections={"one": new, "two": two}, styles=styles)) == {"one"}


def test_of_the_time_line_what_is_drawn_counts() -> None:
    """Another title leaves the pictures of all other slides as they are; another length doesn't."""
    line = '<a href="#/one" data-style="--seconds:60" aria-label="1. One, 1:00"></a>'
    drawn = drawn_timeline(replace(DECK, timeline=Markup(line)))
    renamed = line.replace("One", "First").replace("#/one", "#/first")
    assert drawn_timeline(replace(DECK, timeline=Markup(renamed))) == drawn
    assert drawn_timeline(replace(DECK, timeline=Markup(line.replace("60", "90")))) != drawn


def test_only_what_is_not_kept_is_made(tmp_path: Path) -> None:
    """All at once; what was changed on the disk is made again."""
    asked: list[list[str]] = []

    def make(names: Sequence[str]) -> dict[str, bytes]:
        asked.append([*names])
        return {name: name.encode() for name in names}

    keys = {"one": "1", "two": "2"}
    both = {"one": b"one", "two": b"two"}
    assert kept_of_slides(tmp_path, keys, ".png", make) == both
    assert kept_of_slides(tmp_path, keys, ".png", make) == both
    next(tmp_path.glob("one-*")).write_bytes(b"cut")
    assert kept_of_slides(tmp_path, keys, ".png", make) == both
    assert kept_of_slides(tmp_path, {**keys, "two": "3"}, ".png", make) == both
    assert asked == [["one", "two"], ["one"], ["two"]]
