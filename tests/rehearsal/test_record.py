"""The data of the rehearsal page: complete, the same each time, and no way out of its block."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support.pages import build_rehearsal_page
from support.rehearsed import small_talk, whole_talk
from support.second_talk import write_second_talk

from pipeline.pages.rehearsal import rehearsal_page, talk_data
from pipeline.talk import Talk, script_version, slide_versions, talk_id
from pipeline.voice.sentences import sentences_of


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return whole_talk(tmp_path_factory.mktemp("data") / "talk", "short")


def block_of(page: str) -> Any:
    found = re.search(r'<script type="application/json" id="talk-data">(.*?)</script>', page)
    assert found
    return json.loads(found[1])


def test_every_word_of_each_cut_is_there(talk: Talk) -> None:
    """Words and slots of the page are those of the timing table, cut by cut."""
    data = block_of(rehearsal_page(talk))

    def words(items: list[Any], cut: str) -> int:
        return sum(
            words(item["items"], cut) if item["kind"] == "part" and cut in item.get("cuts", [])
            else item.get("words", 0)
            for item in items
        )  # fmt: skip

    assert [cut["name"] for cut in data["cuts"]] == list(talk.timings)
    for cut in data["cuts"]:
        timing = talk.timings[cut["name"]]
        assert sum(words(s["items"], cut["name"]) for s in data["slides"]) == (
            timing.totals.spoken_words
        )
        assert cut["slots_s"] == [row.slot_s for row in timing.slides]


def test_clicks_are_the_steps_of_their_slides(talk: Talk) -> None:
    """Each slide has as many clicks in its script as it has steps."""

    def clicks(items: Any) -> int:
        return sum((item.kind == "click") + clicks(item.items) for item in items)

    for slide in talk_data(talk).slides:
        assert clicks(slide.items) == slide.steps, slide.name


def test_what_is_said_is_numbered_as_a_voice_is_told(talk: Talk) -> None:
    """A sentence's slide and item name the line of the page that holds it, in its whole text."""

    def said(items: Any) -> Any:
        for item in items:
            yield from [item] if item.kind == "say" else said(item.items)

    lines = {
        (slide.name, item.speech): item.text
        for slide in talk_data(talk).slides
        for item in said(slide.items)
    }
    sentences = [one for one in sentences_of(talk) if one.slide]
    assert {(one.slide, one.item) for one in sentences} == set(lines)
    for one in sentences:
        text = lines[one.slide, one.item]
        start = round(one.first * len(text))
        assert text[start : start + len(one.text)] == one.text
    assert all(item.speech is None for item in said(talk_data(talk).closing))


def test_the_tip_is_a_checkpoint_and_long_stretches_have_one(talk: Talk) -> None:
    """The tip's slide 10 by its plan, then about every ten minutes, and the last slide."""
    cut = next(cut for cut in talk_data(talk).cuts if cut.name == "short")
    starts = [sum(cut.slots_s[:n]) for n in range(len(cut.slots_s))]
    points = [(point.slide, point.at_s) for point in cut.checkpoints]
    assert (9, starts[9]) in points
    assert points[-1] == (21, starts[21])
    assert all(at == starts[slide] for slide, at in points)
    ends = [0, *(at for _, at in points)]
    assert max(b - a for a, b in pairwise(ends)) <= 16 * 60


def test_questions_name_their_slides(talk: Talk) -> None:
    """The Q&A bank with answers, tags and the slides that support them."""
    questions = talk_data(talk).questions
    assert len(questions) > 5
    for question in questions:
        assert question.answer
        assert not question.text.startswith(('"', "“"))
        assert all(0 <= slide < len(talk.slides) for slide in question.slides)
    assert any(question.slides for question in questions)


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    """A script that tries to leave its block is text; so is a title."""
    root = write_second_talk(tmp_path / "bread")
    script = root / "script" / "voiceover.md"
    hostile = "</script><script>alert(1)</script><!-- \u2028"
    text = script.read_text(encoding="utf-8")
    script.write_text(text.replace("Good bread", hostile, 1), encoding="utf-8")
    page = rehearsal_page(small_talk(root))
    assert "alert(1)" in json.dumps(block_of(page))
    assert "<script>alert" not in page
    assert page.count("</script>") == 2


def test_the_same_talk_gives_the_same_bytes(talk: Talk, tmp_path: Path) -> None:
    """Two builds are the same file, and no path of this machine is in it."""
    one, two = (build_rehearsal_page(talk, tmp_path / name).read_bytes() for name in ("a", "b"))
    assert one == two
    assert str(tmp_path).encode() not in one
    assert str(talk.config.root).encode() not in one


def test_versions_change_with_words_and_cues_alone(tmp_path: Path) -> None:
    """Another word or cue is another version; blank lines and another slide's words aren't."""
    root = write_second_talk(tmp_path / "bread")
    script = root / "script" / "voiceover.md"
    text = script.read_text(encoding="utf-8")
    before = small_talk(root).script
    versions = slide_versions(before)

    def changed(new: str) -> set[int]:
        script.write_text(new, encoding="utf-8")
        after = small_talk(root).script
        assert (script_version(after) == script_version(before)) == (after == before)
        return {n for n, version in slide_versions(after).items() if version != versions[n]}

    assert changed(text.replace("flour", "rye", 1)) == {1}
    assert changed(text.replace("## SLIDE 3", "**[PAUSE 2s]**\n\n## SLIDE 3")) == {2}
    assert changed(text.replace("\n\n", "\n\n\n")) == set()


def test_a_talk_is_known_by_its_title(talk: Talk, tmp_path: Path) -> None:
    """The id is made of the title alone."""
    assert talk_id(talk.config) == "beyond-the-hype"
    assert talk_id(small_talk(tmp_path / "bread").config) == "bread-at-home"
