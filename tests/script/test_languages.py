"""Scripts in other languages than English: their keywords, lengths and hints."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import load_config
from pipeline.locale import locale_of
from pipeline.pages.captions import captions, moments
from pipeline.places import NOWHERE
from pipeline.problems import Source, TalkError
from pipeline.script.cues import KINDS, parse_cue
from pipeline.script.elements import Cue, Part, Script
from pipeline.script.order import heading_for
from pipeline.script.parse import parse_script
from pipeline.script.table import table
from pipeline.script.timing import Timing, timings

pytestmark = pytest.mark.fast
FILE = Path("script/voiceover.md")
GERMAN = """# Text

**Dauer:** 1:10

## FOLIE 1: TITEL [20 Sekunden]

Hallo.

**[KLICK]**

[PAUSE 2 s]

[VORFÜHRUNG 2 Minuten Terminal]

[WAHLWEISE "tief": mehr]

Mehr.

[ENDE WAHLWEISE]

## SLIDE 2: ZAHLEN [etwa 2 Minuten und 30 Sekunden]

**Zahlen:** aus dem Buch

Sprecherin: Neun von zehn.

## FRAGEN [5-8 Minuten]

**F: Warum?** #warum

A: Darum.

## SCHLUSSWORT [30 Sekunden]

Danke.

ENDE DES TEXTES
"""
CHINESE = """## 幻灯片 1：标题 [20秒]

大家好，欢迎来到这里。

【停顿 3 秒】

## 幻灯片2：例子【约2分钟】

就是这些。

## 提问环节 [5分钟]

问：为什么？

答：因为。
"""


def read(text: str, tag: str) -> Script:
    return parse_script(text, FILE, locale=locale_of(tag))


def cues_of(script: Script) -> list[tuple[str, int]]:
    return [
        (item.kind, item.seconds)
        for section in script.of_kind("slide")
        for item in section.items
        if isinstance(item, Cue)
    ]


def test_a_german_script_is_read() -> None:
    """Its own keywords, English ones among them; letters of questions, lengths, figures."""
    script = read(GERMAN, "de")
    assert script.problems == ()
    assert [(s.kind, str(s.slot)) for s in script.sections[1:5]] == [
        *(("slide", "0:20"), ("slide", "2:30"), ("qa", "5:00-8:00"), ("closing", "0:30")),
    ]
    assert cues_of(script) == [("CLICK", 0), ("PAUSE", 2), ("DEMO", 120)]
    assert script.sections[2].figures == "aus dem Buch"
    assert script.sections[2].items[0].bare == "Neun von zehn."  # type: ignore[union-attr]
    assert [question.text for question in script.of_kind("qa")[0].questions] == ["Warum?"]


def test_a_chinese_script_is_read() -> None:
    """Wide colons and brackets, and no spaces, as they are typed there."""
    script = read(CHINESE, "zh")
    assert script.problems == ()
    assert [(s.title, str(s.slot)) for s in script.of_kind("slide")] == [
        *(("标题", "0:20"), ("例子", "2:00")),
    ]
    assert cues_of(script) == [("PAUSE", 3)]
    assert script.of_kind("qa")[0].questions[0].text == "为什么？"


def test_a_misspelt_keyword_gets_the_nearest_of_both_languages() -> None:
    """The hint is in the words that the script uses."""
    text = "## FOLLIE 1: ENDE [1 Minute]\n\n## SLIDE 2: X [1 Minute]\n\n[KLIK]\n\n[CLIK]\n"
    found = {problem.message: problem.hint for problem in read(text, "de").problems}
    assert found["unknown section `FOLLIE 1: ENDE`"] == "did you mean `## FOLIE 4: … [2 minutes]`?"
    assert found["unknown cue [KLIK]"] == "did you mean [KLICK]?"
    assert found["unknown cue [CLIK]"] == "did you mean [CLICK]?"


def test_a_cue_inside_a_sentence_is_found_in_its_language() -> None:
    """It would be read aloud."""
    (problem,) = read("## FOLIE 1: A [1 Minute]\n\nHier [KLICK] geht es weiter.\n", "de").problems
    assert problem.message == "the cue [KLICK] stands inside a sentence"


@pytest.mark.parametrize(
    ("tag", "text", "length"),
    [
        ("de", "etwa zwei bis drei Minuten", "2:00-3:00"),
        ("de", "eine halbe Minute", "0:30"),
        ("de", "1,5 Min.", "1:30"),
        ("de", "zwei Minuten und 30 Sek.", "2:30"),
        ("fr", "5 à 8 minutes", "5:00-8:00"),
        ("fr", "une minute et demie", "1:30"),
        ("es", "entre", ""),
        ("es", "unos 5 a 8 minutos", "5:00-8:00"),
        ("he", "כ-2 דקות", "2:00"),
        ("he", "דקה וחצי", "1:30"),
        ("zh", "大约五到八分钟", "5:00-8:00"),
        ("zh", "半分钟", "0:30"),
        ("zh", "2分30秒", "2:30"),
        ("ja", "5〜8分", "5:00-8:00"),
    ],
)
def test_lengths_are_read_as_people_write_them(tag: str, text: str, length: str) -> None:
    """Ranges, halves and small numbers in words; what is none is refused."""
    script = read(f"## SLIDE 1: A [{text}]\n\n[PAUSE {text}]\n", tag)
    (slide,) = script.of_kind("slide")
    assert str(slide.slot or "") == length
    assert bool(script.problems) == (not length)
    if length and "-" not in length:
        assert slide.slot
        assert cues_of(script) == [("PAUSE", slide.slot.low_s)]


def test_the_words_of_a_cue_stay_as_they_are() -> None:
    """Units and numbers are read in lengths alone."""
    text = "## FOLIE 1: A [1 Minute]\n\n[NOTIZ: etwa eine Sekunde und zwei Minuten]\n"
    (cue,) = read(f"{text}\n", "de").of_kind("slide")[0].items
    assert isinstance(cue, Cue)
    assert cue.text == "etwa eine Sekunde und zwei Minuten"


@pytest.mark.parametrize(
    ("tag", "line", "kind"),
    [
        ("de", "(Klick)", "CLICK"),
        ("fr", "(pause 2 secondes)", "PAUSE"),
        ("zh", "（停顿3秒）", "PAUSE"),
        ("ja", "（クリック）", "CLICK"),
    ],
)
def test_round_brackets_of_each_language_are_cues(tag: str, line: str, kind: str) -> None:
    """On a line of their own; inside a sentence they would be read aloud, and that is said."""
    head = "## SLIDE 1: A [1 minute]\n\n"
    assert cues_of(read(f"{head}{line}\n", tag))[0][0] == kind
    (problem,) = read(f"{head}Aha {line}, aha.\n", tag).problems
    assert problem.message == f"the cue {line} stands inside a sentence"


@pytest.mark.parametrize(
    ("tag", "cue"),
    [
        ("de", "WAHLWEISE „mehr“: dann"),
        ("fr", "FACULTATIF « mehr » : dann"),
        ("zh", "可选「mehr」：dann"),
        ("en", "OPTIONAL “mehr”: dann"),
    ],
)
def test_names_stand_in_the_quotes_of_the_language(tag: str, cue: str) -> None:
    """As a German or French keyboard writes them."""
    (part,) = (
        read(f"## SLIDE 1: A [1 minute]\n\n[{cue}]\n\n[END OPTIONAL]\n", tag).sections[1].items
    )
    assert isinstance(part, Part)
    assert (part.name, part.text) == ("mehr", "dann")


def test_a_demo_waits_for_time_in_its_language() -> None:
    """It costs its length in the full cut alone."""
    (cue,) = (
        read("## SLIDE 1: A [1 minute]\n\n[VORFÜHRUNG 2 Minuten, falls Zeit bleibt]\n", "de")
        .sections[1]
        .items
    )
    assert isinstance(cue, Cue)
    assert (cue.seconds, cue.if_time, cue.text) == (120, True, "")


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("de", "Frage: Wozu?\n\nAntwort: So."),
        ("ja", "Q：なぜ？\n\nA：だから。"),
        ("zh", "提问：为什么？\n\n回答：因为。"),
    ],
)
def test_questions_are_marked_in_words_too(tag: str, text: str) -> None:
    """Or with Latin letters before a wide colon."""
    (section,) = read(f"## Q&A [5 minutes]\n\n{text}\n", tag).of_kind("qa")
    assert [(len(one.text) > 2, len(one.answer)) for one in section.questions] == [(True, 1)]


def test_an_unknown_section_names_those_of_the_language() -> None:
    """Where none is near."""
    (problem,) = read("## 第2张：例子 [30秒]\n", "zh").problems
    assert problem.hint.startswith(
        "sections: ## 幻灯片 4: … [2 minutes], ## 提问环节 [5-8 minutes]"
    )


def test_words_of_another_language_are_nothing_in_english() -> None:
    """A script's language says which words are keywords."""
    (problem,) = read("## SLIDE 1: A [1 minute]\n\n[KLICK]\n", "en").problems
    assert problem.message == "unknown cue [KLICK]"


@pytest.mark.parametrize("tag", ["de", "fr", "es", "zh", "he"])
def test_each_kind_of_cue_has_a_word_in_each_language(tag: str) -> None:
    """And each of them is read as the kind that it means."""
    words = locale_of(tag).words
    assert set(words.cues.values()) == set(KINDS)
    assert set(words.headings.values()) >= {
        *("SLIDE", "Q&A", "CLOSING REMARKS", "DELIVERY TIPS", "END OF SCRIPT"),
    }
    for word, kind in words.cues.items():
        length = " 2 min" if kind == "DEMO" else ""
        cue, problem = parse_cue(f"{word.lower()}{length}", Source(FILE), words)
        assert (cue.kind, problem) == (kind, None)


def test_a_new_section_has_the_scripts_keyword() -> None:
    """`insert` writes a heading as the others are written."""
    head = heading_for(GERMAN, FILE, NOWHERE, "neu", 3, "Neu", locale_of("de"))
    assert head == "## FOLIE 3: NEU [30 seconds]"


def planned(tmp_path: Path, tag: str, text: str, pace: str = "") -> tuple[Script, Timing]:
    """A script and its timing in a language."""
    settings = f'[talk]\ntitle = "T"\nspeaker = "S"\nlanguage = "{tag}"\n[pace]\n{pace}\n'
    (tmp_path / "talk.toml").write_text(settings, "utf-8")
    script = parse_script(text, FILE, locale=locale_of(tag))
    return script, timings(script, load_config(tmp_path))["full"]


@pytest.mark.parametrize(
    ("tag", "pace", "per_minute"),
    [
        ("en", "", 150),
        ("de", "", 120),
        ("de", "words_per_minute = 130", 130),
        ("zh", "", 260),
        ("zh", "characters_per_minute = 240", 240),
        ("zh", "words_per_minute = 150", 260),
        ("ja", "", 350),
    ],
)
def test_the_pace_is_what_is_usual_in_the_language(
    tmp_path: Path, tag: str, pace: str, per_minute: int
) -> None:
    """Unless talk.toml says another; words of Chinese are the share of the usual pace."""
    planned(tmp_path, tag, "", pace)
    found = load_config(tmp_path).pace
    assert found.words_per_minute == per_minute
    assert found.lowest < per_minute < found.highest


def test_chinese_is_timed_by_characters(tmp_path: Path) -> None:
    """23 characters at 260 a minute are five seconds; messages say what was counted."""
    text = (
        "## 幻灯片 1：标题 [20秒]\n\n"
        + "大家好，欢迎来到这里。大家好，欢迎来到这里看看吧。再见。"
        + "\n"
    )
    _, timing = planned(tmp_path, "zh", text)
    assert (timing.rows[0].spoken_words, timing.rows[0].speech_s) == (23, 5)
    assert "23 characters (0:05)" in timing.findings[-1].message
    assert "at 260 characters a minute" in table(timing)


def test_characters_a_minute_are_for_languages_without_spaces(tmp_path: Path) -> None:
    """Elsewhere the setting would do nothing."""
    with pytest.raises(TalkError, match="`de` is timed by its words"):
        planned(tmp_path, "de", "", "characters_per_minute = 300")


def test_chinese_captions_end_with_a_clause(tmp_path: Path) -> None:
    """At most 16 characters a line, and no word is parted where a clause fits."""
    said = ("这是一个很短的演讲，", "只是为了试一试一张奇怪的幻灯片。", "它有开头和结尾。")
    text = f"## 幻灯片 1：标题 [20秒]\n\n{''.join(said)}\n"
    script, timing = planned(tmp_path, "zh", text)
    found = captions(moments(script, timing), script.locale)
    assert [caption.lines for caption in found] == [(clause,) for clause in said]


def test_german_abbreviations_end_no_caption(tmp_path: Path) -> None:
    """`z. B.` and `3. Mai` stay whole."""
    said = "Das ist ein Satz, z. B. mit vielen Wörtern, die am 3. Mai gesagt werden, und lang."
    script, timing = planned(tmp_path, "de", f"## FOLIE 1: A [20 Sekunden]\n\n{said}\n")
    (first, *rest) = captions(moments(script, timing), script.locale)
    assert " ".join(line for one in (first, *rest) for line in one.lines) == said
    assert len(first.lines) == 2
