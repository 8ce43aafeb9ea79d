"""Words in one form, in any language: what hides none of them from the proof, and what is none."""

from __future__ import annotations

import json
import random
from pathlib import Path
from urllib.parse import quote

import pytest
from support.published import small_talk
from support.second_talk import write_second_talk

from pipeline.problems import Source
from pipeline.publish.content import read_file
from pipeline.publish.secrets import Secrets, leaks_in, secrets_of
from pipeline.publish.words import Sought, letters_of, quoted, runs_of, words_of

# What a speaker says, and nobody else is to read.
SAID = {
    "en": "my grandmother never told anybody how old this dough is",
    "de": "meine Großmutter hat nie verraten, wie Sauerteigkulturen überwintern können",
    "fr": "ma grand-mère n’a jamais dit à personne l’âge de cette pâte",
    "zh": "我奶奶从来没有告诉过别人，这块面团到底有多老。",
    "zh, mixed": "我们先用 SmolLM2 读完 5574 条短信，然后才敢相信它。",
    "ja": "祖母はこの生地が何歳なのか、誰にも話しませんでした。",
    "ko": "할머니는 이 반죽이 몇 살인지 아무에게도 절대 말하지 않으셨습니다",
    "he": "סבתא שלי לא סיפרה לאף אחד בן כמה הבצק הזה",
    "ar": "جدتي لم تخبر أحدا أبدا كم عمر هذه العجينة",
    "th": "คุณยายไม่เคยบอกใครเลยว่าแป้งนี้มีอายุเท่าไหร่แล้ว",
    "hi": "मेरी दादी ने कभी किसी को नहीं बताया कि यह आटा कितना पुराना है",
}
HOW = {
    "a page": ("a.html", lambda said: f"<p>{said}</p>"),
    "parts of a page": ("a.html", lambda said: f"<p>{said[:9]}<b>{said[9:]}</b></p>"),
    "an attribute": ("a.html", lambda said: f'<p title="{said}">x</p>'),
    "signs by number": ("a.html", lambda said: "".join(f"&#{ord(sign)};" for sign in said)),
    "a picture": ("a.svg", lambda said: f"<svg><text><tspan>{said}</tspan></text></svg>"),
    "JSON": ("a.json", lambda said: json.dumps([{"say": said}])),
    "JSON in pieces": (
        "a.json",
        lambda said: json.dumps([{"n": 1, "say": x} for x in halves(said)]),
    ),
    "a script": ("a.js", lambda said: f"const said = {json.dumps('1.' + chr(10) + said)};"),
    "captions": (
        "a.vtt",
        lambda said: "WEBVTT\n\n" + "\n\n".join(
            f"{n}\n00:0{n}.000 --> 00:0{n}.900 align:start\n{x}" for n, x in enumerate(halves(said))
        ),
    ),
    "an address": ("a.html", lambda said: f'<a href="?q={quote(said)}">x</a>'),
}  # fmt: skip


def halves(said: str) -> tuple[str, str]:
    """Both too short to be found alone, if spaces part words."""
    words = said.split()
    half = len(words) // 2
    return (" ".join(words[:half]), " ".join(words[half:])) if half > 2 else (said[:9], said[9:])


def secrets_like(*said: str) -> Secrets:
    source = Source(Path("script.md"), 7)
    runs = {run: source for text in said for run in runs_of(text)}
    return Secrets(runs, frozenset(), {}, (), frozenset(), ())


def found_in(content: bytes, name: str, secrets: Secrets) -> list[str]:
    read = read_file(name, content)
    assert not read.problem
    return [what for what, _ in leaks_in(read.texts, secrets, printed=read.printed)]


@pytest.mark.parametrize("language", SAID)
def test_a_sentence_of_any_language_is_found(language: str) -> None:
    """Whether its words have spaces between them or not; another sentence is none."""
    said = SAID[language]
    others = [text for other, text in SAID.items() if other != language]
    for how, (name, put) in HOW.items():
        found = found_in(put(said).encode(), name, secrets_like(said))
        assert "words of the script" in "".join(found), how
        assert found_in(put(said).encode(), name, secrets_like(*others)) == [], how


SAME = [
    ("Donaudampfschiff", "Donau\u00addampf\u00adschiff"),
    ("שלום לכולם", "שָׁלוֹם לְכוּלָּם"),
    ("ג׳ירף צה״ל", "ג'ירף צה\"ל"),
    ("مرحبا بكم", "مَرْحَبًا بِكُمْ"),
    ("مرحبا", "مـرحـبا"),
    ("l’âge", "l'a\u0302ge"),
    ("STRASSE", "Straße"),
    ("年长者见门", "年⻓者⻅⻔"),
    ("我 用 GPU 算", "我用ＧＰＵ算"),
    ("שלום עולם", "\u202bשלום\u202c \u2067עולם\u2069"),
    ("がっこう", "か\u3099っこう"),
]


def test_what_looks_the_same_is_the_same() -> None:
    """Points, soft hyphens, marks of direction, wide letters, radicals of a printer's font."""
    for said, shown in SAME:
        assert words_of(said) == words_of(shown)


def test_a_run_is_as_long_in_all_languages() -> None:
    """Six words, twelve signs, or both in parts; a title or a name is shorter."""
    assert list(runs_of("one two three four five")) == []
    assert list(runs_of("one two three four five six")) == ["one two three four five six"]
    assert list(runs_of("大语言模型的后训练技术")) == []
    (run,) = runs_of("大语言模型的后训练技术。二")
    assert quoted(run) == "大语言模型的后训练技术二"
    assert [quoted(run) for run in runs_of("用 SmolLM2 和 BERT 读短信的文本")] == [
        "用 smollm2 和 bert 读短信的文本"
    ]


def test_runs_are_found_at_once_as_one_by_one() -> None:
    """Over random texts of words, signs and both: the prepared search finds what each would."""
    alphabet = ["a", "be", "sea", "dee", "面", "包", "ก", "ข"]
    chance = random.Random(7)
    found = 0
    for signs in (4, 8):
        for _ in range(300):
            said = " ".join(chance.choices(alphabet[:signs], k=14))
            shown = " ".join(chance.choices(alphabet[:signs], k=9)) + said[:: chance.choice((1, 2))]
            sought = Sought.of(runs_of(said))
            is_in = not set(runs_of(said)).isdisjoint(runs_of(shown))
            assert sought.are_in(shown) == is_in
            letters = letters_of(shown)
            one_by_one = {run for run in runs_of(said) if run.replace(" ", "") in letters}
            assert set(sought.among(letters)) == one_by_one
            found += is_in
    assert 100 < found < 500


def test_what_slides_show_is_no_leak_in_chinese(tmp_path: Path) -> None:
    """A sentence that the slide shows may be said; with one more clause, it may not be shown."""
    root = write_second_talk(tmp_path / "talk")
    script, slide = root / "script" / "voiceover.md", root / "deck" / "slides" / "01-hello.md"
    shown, hidden = "面粉、水和时间，这就是全部秘密", "可是我奶奶每次都偷偷加一点蜂蜜进去"
    text = script.read_text("utf-8").replace("## SLIDE 2", f"{shown}。{hidden}。\n\n## SLIDE 2", 1)
    script.write_text(text, "utf-8")
    slide.write_text(slide.read_text("utf-8").replace("Bread at home", shown), "utf-8")
    secrets = secrets_of(small_talk(root), {})
    assert list(leaks_in([f"<h1>{shown}</h1>"], secrets)) == []
    ((what, _),) = leaks_in([f"<p>{hidden}</p>"], secrets)
    assert "words of the script: “可是我奶奶每次都偷偷加一" in what


PRINTED = [
    # As pypdf reads pages of Chromium: soft hyphens that divide nothing are spaces, too.
    (
        "das Donaudampfschiff fährt sehr langsam los",
        "das Donau dampf ‐\nschiﬀ fährt sehr\nlang-\nsam los",
    ),
    ("我奶奶从来没有告诉过别人这块面团", "我奶奶从来没\n有告诉 过别人\n这块⾯团"),
    ("בשנת 2024 אני רוצה לספר לכם SmolLM2 סוד", " סוֹד.SmolLM2  אָנִי רוֹצֶה לְסַפֵּר לָכֶם2024 בשנת"),
]


def test_no_printed_page_hides_words() -> None:
    """Divided at the end of a line or within it, or from right to left in pieces."""
    for said, printed in PRINTED:
        ((what, where),) = leaks_in([printed], secrets_like(said), printed=[printed])
        assert ("words of the script" in what, str(where)) == (True, "script.md:7")
        assert list(leaks_in([], secrets_like(SAID["en"]), printed=[printed])) == []
