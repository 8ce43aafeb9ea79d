"""Fitting the script to a slot: exact, explained, repeatable, and written to talk.toml."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.made_up import made_up
from support.needs import ROOT
from support.scripts import section, words

from pipeline.config import Config, Cut, TalkInfo, load_config
from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.problems import Source, TalkError
from pipeline.script.elements import Script
from pipeline.script.fit import best_sum, fit_to_slot, save_cut, with_cut
from pipeline.script.on_slides import OnSlide, with_slides
from pipeline.script.parse import load_script, parse_script
from pipeline.script.timing import timings

PATH = Path("script.md")


def optional(name: str, count: int) -> str:
    return f'[OPTIONAL "{name}": about {name}]\n{words(count)}\n[END OPTIONAL]\n\n'


def script_of(*sections: str) -> Script:
    return parse_script("".join(sections), PATH)


def config_of(**cuts: Cut) -> Config:
    return Config(Path("nowhere"), TalkInfo("T", "S"), cuts=cuts)


THREE = (
    section(1, "3 minutes", 300),
    optional("a", 75),  # 0:30
    optional("b", 100),  # 0:40
    section(2, "3 minutes", 300),
    optional("c", 150),  # 1:00
)


@given(st.lists(st.integers(0, 40), max_size=9), st.integers(0, 120))
def test_the_choice_is_the_best_there_is(weights: list[int], room: int) -> None:
    """Compared with trying everything: the greatest sum within the room, earlier parts first."""
    taken = best_sum(weights, room)
    every = [
        subset
        for size in range(len(weights) + 1)
        for subset in itertools.combinations(range(len(weights)), size)
        if sum(weights[i] for i in subset) <= room
    ]
    best = max(sum(weights[i] for i in subset) for subset in every)
    assert sum(weights[i] for i in taken) == best
    ties = [s for s in every if sum(weights[i] for i in s) == best]
    wanted = max(ties, key=lambda s: [i in s for i in range(len(weights))])
    assert taken == frozenset(wanted)


@pytest.mark.parametrize(
    ("slot_s", "kept"),
    [(240, ""), (270, "a"), (280, "b"), (300, "c"), (310, "ab"), (340, "bc"), (370, "abc")],
)
def test_parts_are_kept_as_far_as_they_fill_the_slot(slot_s: int, kept: str) -> None:
    """Four minutes of words, and of 30, 40 and 60 seconds of options what fits best."""
    fit = fit_to_slot(script_of(*THREE), config_of(full=Cut("")), slot_s, 150)
    assert "".join(part.name for part in fit.kept) == kept
    assert fit.fits
    assert sum(seconds for _, seconds in fit.slots) == slot_s
    assert fit.needed_s <= slot_s
    assert all(seconds % 5 == 0 for _, seconds in fit.slots)


def test_of_equal_choices_the_one_that_other_cuts_like_is_taken() -> None:
    """Two parts of one length: the cut `standard` keeps the second; without it the first."""
    script = script_of(section(1, "2 minutes", 300), optional("a", 75), optional("b", 75))
    liked = config_of(full=Cut(""), standard=Cut("", keep=("b",)))
    assert [p.name for p in fit_to_slot(script, liked, 150, 150).kept] == ["b"]
    own = fit_to_slot(script, liked, 150, 150, name="standard")
    assert [p.name for p in own.kept] == ["a"]


def test_an_only_part_is_a_shortcut() -> None:
    """Where the long way round doesn't fit, the cut without it is taken, and that is said."""
    text = section(1, "2 minutes", 300) + f"[ONLY full: the long way]\n{words(150)}\n[END ONLY]\n"
    config = config_of(full=Cut(""), short=Cut(""))
    long = fit_to_slot(script_of(text), config, 185, 150)
    assert (long.like, long.needed_s, long.dropped) == ("full", 180, ())
    brief = fit_to_slot(script_of(text), config, 125, 150)
    assert (brief.like, brief.needed_s) == ("short", 120)
    assert [(p.name, p.kind, p.seconds) for p in brief.dropped] == [("full", "ONLY", 60)]
    assert 'leave out only for "full" (slide 1, line 6), gains 1:00: the long way' in (
        brief.explained()
    )


def test_too_much_says_how_many_words_to_drop_and_where() -> None:
    """The words named are enough, and come from the slides that are long for their slot."""
    script = script_of(section(1, "1 minute", 300), section(2, "3 minutes", 300))
    fit = fit_to_slot(script, config_of(full=Cut("")), 180, 150)
    assert not fit.fits
    assert [(drop.label, drop.spoken_words) for drop in fit.drops] == [("1", 150)]
    assert "It does not fit. Drop 150 words:\n  slide 1: 150 of 300" in fit.explained()


def test_a_little_too_much_still_fits() -> None:
    """Up to 105% a slot is full, not too full: the speaker is a little quicker."""
    script = script_of(section(1, "2 minutes", 312))
    assert fit_to_slot(script, config_of(full=Cut("")), 120, 150).fits


def test_too_little_says_how_many_words_are_missing() -> None:
    """A slot that even all parts don't fill to 85%."""
    fit = fit_to_slot(script_of(*THREE), config_of(full=Cut("")), 600, 150)
    assert (fit.fits, fit.spare_words) == (False, 350)  # 85% of 10 min are 1275 words, not 925
    assert "about 350 words more would fill 85%" in fit.explained()


@pytest.mark.parametrize(
    ("slot_s", "text", "like", "message"),
    [
        (600, "", "", "the script has no slides to fit"),
        (9, "".join(THREE), "", "0:09 for 2 slides is under 5 seconds each"),
        (600, "".join(THREE), "brief", "there is no cut `brief`"),
    ],
)
def test_what_cannot_be_fitted_is_refused(slot_s: int, text: str, like: str, message: str) -> None:
    """An empty script, no time at all, an unknown cut."""
    with pytest.raises(TalkError) as error:
        fit_to_slot(parse_script(text, PATH), config_of(full=Cut("")), slot_s, 150, like)
    assert error.value.message == message


TOML = """# Mine.
[talk]
title = "T"   # the title
speaker = "S"

[cuts.full]
length = "6 minutes"

[cuts.short]
title = "Brief"  # for lunch
length = "5 minutes"
keep = ["c"]

[cuts.short.slots]
# Slots of my own.
"1" = "2 minutes"  # a greeting

# The pace comes last.
[pace]
words_per_minute = 150
"""


def test_times_on_slides_are_scaled_to_a_slot() -> None:
    """Without a script there is nothing to drop, and notes needn't fill anything."""
    at = Source(Path("slide.md"), 1)
    own = [OnSlide(n, "T", at, time=time) for n, time in ((1, "1m"), (2, "3m"))]
    script = with_slides(Script(PATH, ()), own, Numbers(NOTHING))
    fit = fit_to_slot(script, config_of(), 120)
    assert (fit.slots, fit.fits) == ((("1", 30), ("2", 90)), True)
    own = [OnSlide(n, "T", at, "Some words." if n == 2 else "", at) for n in (1, 2, 3)]
    script = with_slides(Script(PATH, ()), own, Numbers(NOTHING))
    assert [slot for _, slot in fit_to_slot(script, config_of(), 90).slots] == [30, 30, 30]


def test_a_saved_cut_is_read_back_as_it_was_chosen(tmp_path: Path) -> None:
    """New or old, the cut has length, parts and slots, every comment stays, nothing contradicts."""
    path = tmp_path / "talk.toml"
    script = script_of(*THREE)
    for name in ("short", "lunch"):
        path.write_text(TOML)
        fit = fit_to_slot(script, load_config(tmp_path), 310, name=name)
        save_cut(path, name, fit)
        text = path.read_text()
        comments = re.findall("#.*", TOML)
        assert len(comments) == 6
        assert [comment for comment in comments if comment not in text] == []
        config = load_config(tmp_path)
        cut = config.cuts[name]
        assert (cut.length, cut.keep) == ("5:10", ("a", "b"))
        assert cut.slots == {"1": "3:10", "2": "2:00"}
        assert timings(script, config)[name].findings == ()
        again = fit_to_slot(script, config, 310, name=name)
        assert with_cut(text, name, again) == text
        assert list(tmp_path.iterdir()) == [path]
    assert config.cuts["short"].title == "Brief"


def test_a_talk_without_cuts_gets_its_first(tmp_path: Path) -> None:
    """The table is made."""
    path = tmp_path / "talk.toml"
    path.write_text('[talk]\ntitle = "T"\nspeaker = "S"\n')
    fit = fit_to_slot(script_of(*THREE), load_config(tmp_path), 280)
    save_cut(path, "quick-one", fit)
    assert tomllib.loads(path.read_text())["cuts"]["quick-one"]["title"] == "Quick one"
    assert load_config(tmp_path).cuts["quick-one"].keep == ("b",)


def test_what_does_not_fit_is_not_saved(tmp_path: Path) -> None:
    """Neither is a cut whose name is none, nor anything into a broken file."""
    path = tmp_path / "talk.toml"
    path.write_text(TOML)
    config = load_config(tmp_path)
    over = fit_to_slot(script_of(*THREE), config, 100)
    right = fit_to_slot(script_of(*THREE), config, 300)
    with pytest.raises(TalkError, match="nothing was saved: the script doesn't fit 1:40"):
        save_cut(path, "short", over)
    with pytest.raises(TalkError, match="`a b` is no name for a cut"):
        save_cut(path, "a b", right)
    assert path.read_text() == TOML
    path.write_text("[talk\n")
    with pytest.raises(TalkError, match="not valid TOML"):
        save_cut(path, "short", right)


@pytest.mark.parametrize("minutes", [40, 42, 45, 47, 50])
def test_our_own_script_fits_every_slot_between_its_cuts(minutes: int, tmp_path: Path) -> None:
    """Saved, each such cut keeps its time on every slide."""
    script = load_script(ROOT / "script" / "voiceover.md", Numbers(made_up()))
    config = load_config(ROOT)
    fit = fit_to_slot(script, config, minutes * 60, name="lunch")
    assert fit.fits, fit.explained()
    path = tmp_path / "talk.toml"
    path.write_text((ROOT / "talk.toml").read_text())
    save_cut(path, "lunch", fit)
    timing = timings(script, load_config(tmp_path))["lunch"]
    assert [finding.message for finding in timing.findings] == []
    assert timing.planned_s == minutes * 60
