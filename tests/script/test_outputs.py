"""What is made from the script: captions, teleprompter text, notes, the page to print."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.made_up import made_up
from support.needs import ROOT
from support.scripts import SCRIPTS, section, time_script, words

from pipeline.config import Cut, load_config
from pipeline.locale import ENGLISH
from pipeline.numbers.fill import Numbers
from pipeline.pages.captions import Caption, captions, moments, srt, web_vtt
from pipeline.pages.notes import notes_html, questions_html
from pipeline.pages.script import printed_script, script_page, script_txt
from pipeline.script.elements import Choice, Script, Speech
from pipeline.script.parse import load_script, parse_script
from pipeline.script.timing import Timing, timings

PATH = Path("script.md")
EVERYTHING = Choice(frozenset({"full"}))


def timed(text: str, pace_wpm: int = 150) -> tuple[Script, Timing]:
    script = parse_script(text, PATH)
    return script, time_script(script, "full", Cut(""), pace_wpm)


def test_captions_follow_slots_words_and_cues() -> None:
    """A pause delays, a slide begins at its start, slack is left at its end."""
    text = "## SLIDE 1: A [1 minute]\n[PAUSE 3s]\nOne two three four five.\n\nSix.\n"
    text += "## SLIDE 2: B [1 minute]\nSeven **eight** [nine](x).\n"
    script, timing = timed(text, 60)
    found = captions(moments(script, timing))
    assert found == (
        Caption(3000, 8000, ("One two three four five.",)),
        Caption(8000, 9000, ("Six.",)),
        Caption(60000, 63000, ("Seven eight nine.",)),
    )


def test_a_slide_over_its_slot_is_sped_up_into_it() -> None:
    """Sixty words in half a minute: the last caption ends where the next slide begins."""
    script, timing = timed(section(1, "30 seconds", 60), 60)
    found = captions(moments(script, timing))
    assert found[-1].end_ms == 30000


def test_a_long_sentence_is_divided_into_lines_and_captions() -> None:
    """At most 42 signs and two lines, also for a word that is longer than a line."""
    text = f"## SLIDE 1: A [1 minute]\n{'abcdefg ' * 30}{'x' * 100}\n"
    found = captions(moments(*timed(text)))
    assert max(len(line) for caption in found for line in caption.lines) <= 42
    assert max(len(caption.lines) for caption in found) == 2
    assert "".join(line for c in found for line in c.lines).count("x") == 100


def test_last_words_are_not_alone() -> None:
    """A sentence that needs a caption more is divided evenly; no caption ends with one word."""
    text = "## SLIDE 1: A [1 minute]\n" + "abcd " * 18 + "it.\n"
    found = captions(moments(*timed(text)))
    assert [len(" ".join(c.lines).split()) for c in found] == [12, 7]


def test_a_word_for_itself_is_shown_for_a_second() -> None:
    """It stays until the next caption, which gives it what is missing; at the end it stays longer.

    Where it has room it is shown with what is said before.
    """
    full, pause = words(16), "[PAUSE 2s]"
    text = f"## SLIDE 1: A [1 minute]\n{full}\n\nNo.\n\n{full}\n\n{pause}\n\nYes.\n\n{pause}\n\n"
    found = captions(moments(*timed(f"{text}{words(8)}\n\nSo.\n")))
    assert [(c.start_ms, c.length_ms) for c in found] == [
        (0, 6400),
        (6400, 1000),
        (7400, 5800),
        (15200, 1000),
        (17600, 3600),
    ]
    assert found[-1].lines[-1].endswith("word So.")


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.integers(100, 200))
def test_no_caption_is_shorter_than_a_second(counts: list[int], pace_wpm: int) -> None:
    """Paragraphs of any length, one after another."""
    text = "## SLIDE 1: A [30 minutes]\n" + "\n\n".join(words(count) for count in counts)
    script, timing = timed(text, pace_wpm)
    found = captions(moments(script, timing))
    assert min(caption.length_ms for caption in found) >= 1000
    assert sum(len(" ".join(c.lines).split()) for c in found) == sum(counts)


def test_chinese_and_japanese_are_divided_where_they_can_be_read() -> None:
    """By sentences and signs, no mark begins a line, a line is as wide as one of letters."""
    sentence = (
        "这里是中间的那一张，经常做演讲的人会在这样的幻灯片上遇到麻烦，他们把这些麻烦公开地写下来。"
    )
    found = captions(
        moments(*timed(f"## SLIDE 1: 一 [1 minute]\n{sentence}如果有问题呢？「で、す」。\n"))
    )
    lines = [line for caption in found for line in caption.lines]
    assert "".join(lines) == f"{sentence}如果有问题呢？「で、す」。"
    assert max(map(len, lines)) <= 21
    assert min(map(len, lines)) >= 10
    assert not [line for line in lines if line[0] in "，。？、」"]
    assert found[0].lines[-1].endswith("，") or found[1].lines[-1].endswith("。")


def test_web_vtt_and_srt_are_written_as_players_read_them() -> None:
    """Hours, the separator of each format, markup escaped, no arrow inside a text."""
    found = (Caption(3_723_004, 3_725_000, ("a < b --> c &", "d")),)
    assert web_vtt(found) == (
        "WEBVTT\n\n01:02:03.004 --> 01:02:05.000\na &lt; b --&gt; c &amp;\nd\n"
    )
    assert srt(found) == "1\n01:02:03,004 --> 01:02:05,000\na < b → c &\nd\n"
    assert web_vtt(()) == "WEBVTT\n"


@settings(max_examples=150)
@given(SCRIPTS, st.integers(60, 300))
def test_captions_of_any_text_are_in_order_and_in_bounds(text: str, pace_wpm: int) -> None:
    """Starts never go back, nothing overlaps, no line is too long, no block is broken."""
    script, timing = timed(text, pace_wpm)
    planned = moments(script, timing)
    starts = [moment.start_ms for moment in planned]
    assert starts == sorted(starts)
    found = captions(planned)
    for before, after in itertools.pairwise(found):
        assert before.end_ms <= after.start_ms
    assert all(c.start_ms < c.end_ms and 1 <= len(c.lines) <= 2 for c in found)
    lines = [line for caption in found for line in caption.lines]
    assert all(0 < len(line) <= 42 and len(line.splitlines()) == 1 for line in lines)
    assert web_vtt(found).count("\n\n") == len(found)
    script_txt(script, EVERYTHING)


@pytest.mark.parametrize("cut", ["full", "standard", "short"])
def test_our_captions_hold_every_spoken_word(cut: str) -> None:
    """No word of a cut is lost on the way to the captions, and each can be read."""
    config = load_config(ROOT)
    script = load_script(ROOT / "script" / "voiceover.md", Numbers(made_up()))
    timing = timings(script, config)[cut]
    planned = moments(script, timing)
    found = captions(planned)
    shown = " ".join(line for caption in found for line in caption.lines)
    said = " ".join(moment.item.bare for moment in planned if isinstance(moment.item, Speech))
    assert shown.split() == said.split()
    assert min(caption.length_ms for caption in found) >= 1000
    assert timing.planned_s * 1000 >= max(m.end_ms for m in planned if m.slide is not None)


NOTES = (
    "## SLIDE 1: A [1 minute]\n**[PAUSE 3s: <b>wait</b>]**\nSay *this*, <script>alert(1)</script>\n"
    "and ![x](https://example.org/x.png).\n\n- one\n- two\n\n"
    '**[OPTIONAL "more": if "asked"]**\nMore.\n**[END OPTIONAL]**\n> Aside.\n### Turn\n'
)


def test_notes_mark_cues_and_escape_words() -> None:
    """Cues apart, parts named, Markdown rendered, nothing that runs or loads."""
    script = parse_script(NOTES, PATH)
    shown = notes_html(script, 1)
    assert (
        '<p class="cue" data-cue="pause" data-seconds="3">PAUSE 3s: &lt;b&gt;wait&lt;/b&gt;</p>'
        in shown
    )
    assert "Say <em>this</em>, &lt;script&gt;" in shown
    assert "<li>one</li>" in shown
    assert '<div class="optional" data-part="more">' in shown
    assert '<blockquote class="aside"><p>Aside.</p>' in shown
    assert '<p class="landmark">Turn</p>' in shown
    assert "<img" not in shown
    assert "<script" not in shown
    assert notes_html(script, 2) == ""


def test_notes_of_a_cut_leave_its_missing_parts_out() -> None:
    """With a choice only what that cut has is shown."""
    script = parse_script(NOTES, PATH)
    assert "More." not in notes_html(script, 1, Choice(frozenset(), frozenset()))


def test_notes_open_measured_numbers(tmp_path: Path) -> None:
    """A bound number keeps its place in the results."""
    path = tmp_path / "s.md"
    path.write_text(
        "## SLIDE 1: A [1 minute]\nIt is {{ data.messages | spoken }}.\n"
        '## Q&A SESSION [5 minutes]\n**Q: "How many?"** [slide 1]\n'
        "A: {{ data.messages | count }}.\n"
    )
    script = load_script(path, Numbers(made_up()))
    assert (
        '<p>It is <data class="measured" value="5574" data-at="data.messages">five thousand five '
        "hundred and seventy-four</data>.</p>" in notes_html(script, 1)
    )
    assert questions_html(script) == (
        '<dl>\n<dt>How many? <span class="cue">slide 1</span></dt>\n<dd><p><data class="measured" '
        'value="5574" data-at="data.messages">5,574</data>.</p>\n</dd>\n</dl>\n'
    )


def test_the_teleprompter_has_the_cuts_words_and_cues() -> None:
    """Plain text, a line of its own for each cue, parts only where the cut has them."""
    script = parse_script(NOTES + "## CLOSING REMARKS [30 seconds]\n\nThanks.", PATH)
    text = script_txt(script, Choice(frozenset(), frozenset()))
    assert text.startswith("[SLIDE 1]\n\n[PAUSE 3s: <b>wait</b>]\n\nSay this,")
    assert text.endswith("[CLOSING REMARKS]\n\nThanks.\n")
    assert "More." not in text
    assert "More." in script_txt(script, EVERYTHING)


@pytest.mark.parametrize("cut", ["full", "short"])
def test_the_page_to_print_has_every_slide_with_its_times(cut: str) -> None:
    """Start, slot and end in the margin, cues marked, a page break rule, no outside request."""
    config = load_config(ROOT)
    script = load_script(ROOT / "script" / "voiceover.md", Numbers(made_up()))
    timing = timings(script, config)[cut]
    page = printed_script(script, timing, "A <talk>")
    html = script_page(page, ENGLISH)
    assert html.lstrip().startswith("<!doctype html>")
    assert "A &lt;talk&gt;" in html
    assert len(page.slides) == 23  # with the closing remarks
    assert [slide.start for slide in page.slides][:2] == ["0:00", "0:30"]
    for slide in page.slides:
        assert f"<strong>{slide.start}</strong>" in html
    assert "break-before: page" in html
    assert html.count('<p class="cue"') == sum(s.body.count('<p class="cue"') for s in page.slides)
    assert not re.search(r"(?:src|href)=|url\(|@import", html)
