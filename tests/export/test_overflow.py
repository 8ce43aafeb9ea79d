"""What doesn't fit on a slide is found, with its slide, part and pixels; and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from support.needs import need
from support.published import this_talk
from support.small_deck import deck_of

from pipeline.export import overflow
from pipeline.export.chromium import NoBrowserError, find_browser
from pipeline.export.overflow import Fault, measured, overflow_problems
from pipeline.export.pdf import export_pdf
from pipeline.pages.deck import Deck, DeckMaker, deck_input, deck_page, write_deck
from pipeline.problems import TalkError
from pipeline.slides.slide import Slide

ROWS = "| Model | Speed | Use |\n|---|---|---|\n" + "| One | fast | something long |\n" * 16
WIDE = "".join(f"| {word} " * 6 + "|\n" for word in ("Heading", "---", "Somethings"))
CODE = "```python\n" + "value = compute(argument)\n" * 30 + "```"
LONG_LINE = f"```\n{'value = ' * 30}\n```"
MANY = "".join(f"- **Point {n}** and what there is to say about it\n" for n in range(12))
# name -> front matter and text, and what has to be found there: kind, side, px from and to
PLANTED = {
    "long-text": ("layout: quote", "word " * 150, ("off", "bottom", 600, 1200)),
    "many-rows": ("layout: table", f"::: rows\n{ROWS}:::", ("off", "bottom", 100, 500)),
    "wide-table": (
        "layout: comparison",
        f"::: wrong\n## Wide\n\n{WIDE}:::\n::: right\n## Right\n:::",
        ("broken", "", 1, 40),
    ),
    "long-code": ("layout: figure", f"::: left\n{CODE}\n:::", ("", "bottom", 300, 1000)),
    "wide-code": ("layout: figure", f"::: left\n{LONG_LINE}\n:::", ("", "right", 500, 4000)),
    "many-items": ("layout: list\nlook: rows", f"::: items\n{MANY}:::", ("off", "bottom", 10, 100)),
    "long-word": (
        "layout: list\nlook: flags",
        f"::: items\n- [{'Wort' * 20}]{{.label}}\n- Two\n- Three\n:::",
        ("out", "right", 300, 1200),
    ),
    "long-title": (
        f"layout: list\nlook: statements\ntitle: {'A title that goes on and on ' * 24}",
        "::: items\n- One\n- Two\n- Three\n- Four\n- Five\n:::",
        ("off", "bottom", 20, 900),
    ),
    "long-source": (
        f"layout: list\nsource: {'A source that goes on and on ' * 20}",
        "::: items\n- One\n- Two\n- Three\n- Four\n- Five\n:::",
        ("over source", "", 4, 100),
    ),
    "long-footnote": (
        "layout: text",
        "words that go on and on in a sentence that is long enough " * 15
        + "[^1]\n\n[^1]: A source",
        ("over footnotes", "", 4, 60),
    ),
    "no-room": (
        "layout: figure",
        f"::: left\n![](drawing:shape)\n\n{'words that leave no room ' * 40}\n:::",
        ("squeezed", "", 1, 40),
    ),
    "tiny-letters": (
        "layout: figure",
        "::: left\n![](drawing:tiny)\n:::",
        ("small", "", 2, 8),
    ),
}


@pytest.fixture(scope="module")
def planted(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, tuple[Fault, ...]], tuple[Slide, ...]]:
    """All planted slides, measured at once."""
    need(find_browser(), "there is no Chromium (apt-get install chromium)")
    folder = tmp_path_factory.mktemp("planted")
    deck, slides = deck_of(folder, {name: (one[0], one[1]) for name, one in PLANTED.items()})
    return measured(deck, folder / ".cache"), slides


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
def test_each_kind_of_overflow_is_found(
    planted: tuple[dict[str, tuple[Fault, ...]], tuple[Slide, ...]], name: str
) -> None:
    """On its slide, at its side, and by about as many pixels as it is."""
    kind, side, least, most = PLANTED[name][2]
    found = planted[0][name]
    assert [
        fault
        for fault in found
        if kind in ("", fault.kind) and side == fault.side and least <= fault.px <= most
    ], found


@pytest.mark.browser
@pytest.mark.slow
def test_no_slide_of_this_talk_has_any(tmp_path: Path) -> None:
    """No false alarm: 22 slides of nine layouts, in both themes, at 16:9 and 4:3."""
    need(find_browser(), "there is no Chromium (apt-get install chromium)")
    talk = this_talk(tmp_path / "talk")
    cache = talk.config.root / ".cache"
    deck = DeckMaker(cache).make(deck_input(talk, cache, for_speaker=False))
    found = measured(deck, None)
    assert len(found) == 22
    assert {name: faults for name, faults in found.items() if faults} == {}


def small_deck(folder: Path, text: str = "Short") -> Deck:
    """Two slides; the text of the second is given."""
    one, two = ("layout: quote", "One"), ("layout: quote", text)
    return deck_of(folder, {"one": one, "two": two})[0]


def test_only_what_changed_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing changed: no browser. One slide changed: that one alone; a slot is no change."""
    asked: list[list[str]] = []

    def measure(_: Deck, names: list[str], __: object) -> dict[str, tuple[Fault, ...]]:
        asked.append(names)
        return dict.fromkeys(names, (Fault("body", "off", "bottom", 9, "it is too long"),))

    monkeypatch.setattr(overflow, "browser_path", lambda: "/bin/true")
    monkeypatch.setattr(overflow, "_measure", measure)
    deck = small_deck(tmp_path / "talk")
    said: list[str] = []
    first = measured(deck, tmp_path, said.append)
    assert measured(deck, tmp_path, said.append) == first
    slower = replace(deck, styles='[data-style="--seconds:90"]{--seconds:90}')
    assert measured(slower, tmp_path, said.append) == first
    assert (asked, said) == ([["one", "two"]], ["measuring 2 slides in the browser"])
    longer = small_deck(tmp_path / "other", "Short and not long")
    assert measured(longer, tmp_path, said.append) == first
    assert (asked[1:], said[1:]) == ([["two"]], ["measuring 1 slide in the browser"])


def test_without_a_browser_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller can estimate then; nothing is kept."""

    def none() -> str:
        raise NoBrowserError("there is no Chromium on this machine")

    monkeypatch.setattr(overflow, "browser_path", none)
    with pytest.raises(NoBrowserError, match="no Chromium"):
        measured(small_deck(tmp_path), tmp_path)
    assert not list(tmp_path.glob("fit/*"))


def test_a_fault_of_one_window_alone_names_it() -> None:
    """What is so at 16:9 is said once, however else it is there; what only 4:3 has is said so."""
    off = {"part": "body", "kind": "off", "side": "bottom", "px": 20, "said": "it is too long"}
    wide = {"part": "rows", "kind": "off", "side": "right", "px": 90, "said": "it is too wide"}
    under = {**off, "kind": "under"}
    rounds = [("16:9, light", [off]), ("16:9, dark", [off]), ("4:3, light", [wide, under])]
    assert [(fault.said, fault.only) for fault in overflow._joined(rounds)] == [
        ("it is too long", ""),
        ("it is too wide", "4:3, light"),
    ]


def test_a_problem_names_slide_part_pixels_and_line(tmp_path: Path) -> None:
    """The worst of a slide first, at most three; the line is that of the part."""
    _, slides = deck_of(tmp_path, {"rows": ("layout: table", f"::: rows\n{ROWS}:::")})
    faults = [Fault("rows", "off", side, 300, f"`rows` runs 300 px off, {side}") for side in "abcd"]
    faults[1] = replace(faults[1], part="title", only="4:3, dark")
    shown = [problem.shown() for problem in overflow_problems(slides, {"rows": faults})]
    path = tmp_path / "only" / "01-rows.md"
    assert shown[0] == (
        f"error: {path}:5: slide 1: `rows` runs 300 px off, a\n"
        "hint: shorten it, divide the slide, or take another layout"
    )
    assert shown[1].startswith(f"error: {path}:3: slide 1: `rows` runs 300 px off, b (4:3, dark)")
    small = overflow_problems(slides, {"rows": [Fault("rows", "small", "", 4, "is small")]})
    assert [problem.severity for problem in small] == ["warning"]
    assert shown[3:] == [f"error: {path}:1: slide 1: 1 more of this kind"]


@pytest.mark.parametrize(
    ("side", "hint"),
    [
        ("bottom", "fewer lines, or two slides, or no `title=`"),
        ("right", "shorter lines, or two slides, or no `numbers`"),
    ],
)
def test_where_code_does_not_fit_the_hint_says_what_can_go(
    tmp_path: Path, side: str, hint: str
) -> None:
    """Its lines, by the side where it is too much; a title's bar, or the column of numbers."""
    body = '```python numbers title="a.py"\nrun()\n```'
    _, slides = deck_of(tmp_path, {"code": ("layout: code", body)})
    fault = Fault("body", "cut", side, 40, "the code is 40 px more than its box")
    (problem,) = overflow_problems(slides, {"code": [fault]})
    assert problem.hint == hint


@pytest.mark.browser
@pytest.mark.slow
def test_a_pdf_with_a_page_too_many_names_the_slide(tmp_path: Path) -> None:
    """Not only how many pages there are."""
    need(find_browser(), "there is no Chromium (apt-get install chromium)")
    deck = small_deck(tmp_path / "talk", "word " * 150)
    write_deck(deck, deck_page(deck), tmp_path)
    with pytest.raises(TalkError, match=r"4 pages and the talk 2 slides: too much is on `two`"):
        export_pdf(tmp_path / "index.html", tmp_path / "x.pdf", tmp_path, 2)
