"""The script's parser: golden blocks, the seed's file, bad files, and properties of any text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.made_up import made_up, made_up_results
from support.needs import ROOT
from support.script_outline import FIXTURES, blocks, outline
from support.script_printed import format_script
from support.scripts import SCRIPTS, seed_script

from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.problems import Source, TalkError
from pipeline.script.cues import KINDS, known_head, parse_cue
from pipeline.script.elements import Item, Part, Speech
from pipeline.script.encoding import fix_encoding, mend_encoding, misread_words
from pipeline.script.parse import load_script, parse_script

PATH = Path("script.md")
BLOCKS = [
    pytest.param(given_, wanted, id=f"{path.stem}: {title}")
    for path in sorted(FIXTURES.glob("*.txt"))
    for title, given_, wanted in blocks(path)
]


@pytest.mark.parametrize(("given_", "wanted"), BLOCKS)
def test_golden_block_parses_as_its_outline_says(given_: str, wanted: str) -> None:
    """Each feature of the grammar, and each mistake, has a block with what it becomes."""
    assert outline(parse_script(given_, PATH)) == wanted


def test_there_are_golden_blocks_for_all_fixture_files() -> None:
    """A fixture file that no longer divides into blocks must not look like success."""
    assert {path.stem for path in FIXTURES.glob("*.txt")} >= {"sections", "cues", "parts", "wrong"}
    assert len(BLOCKS) >= 24


def test_the_seed_parses_as_it_is() -> None:
    """The example voiceover: 22 slides, its cues, five questions, tips, and no problem."""
    script = load_script(seed_script(), Numbers(NOTHING))
    assert script.problems == ()
    assert [slide.number for slide in script.slides()] == list(range(1, 23))
    cues = [line for line in outline(script).split("\n") if line.strip().startswith("cue")]
    assert "  cue SHOW 2s if time 'TRAINING PROGRESS'" in cues
    assert "  cue SWITCH 5s 'TO JUPYTER NOTEBOOK'" in cues
    assert "  cue PAUSE 3s 'for audience to settle'" in cues
    assert len(script.of_kind("qa")[0].questions) == 5
    assert len([n for n in script.of_kind("tips")[0].notes if getattr(n, "number", "")]) == 8
    assert parse_script(format_script(script), seed_script()) == script


def test_our_own_script_parses_without_a_problem() -> None:
    """The script that ships has 22 slides and nothing that the parser minds."""
    script = load_script(ROOT / "script" / "voiceover.md", Numbers(made_up()))
    assert [problem.message for problem in script.problems] == []
    assert [slide.number for slide in script.slides()] == list(range(1, 23))


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    """The same elements on the same lines."""
    text = "## SLIDE 1: A [1 minute]\n\n[PAUSE 3s]\nHello.\n"
    plain = parse_script(text, PATH)
    windows = parse_script("\ufeff" + text.replace("\n", "\r\n"), PATH)
    assert windows == plain
    assert windows.slides()[0].items[1].source == plain.slides()[0].items[1].source
    path = tmp_path / "script.md"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load_script(path, Numbers(NOTHING)) == plain


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff", "\r\n"])
def test_an_empty_file_says_so(text: str) -> None:
    """Nothing but white space: one problem that says how to begin."""
    (problem,) = parse_script(text, PATH).problems
    assert problem.message == "the script is empty"
    assert problem.hint.startswith("begin with `## SLIDE 1")


def test_a_file_that_is_not_utf8_names_its_line(tmp_path: Path) -> None:
    """A Latin-1 file is refused with the line of its first foreign byte."""
    path = tmp_path / "script.md"
    path.write_bytes(b"## SLIDE 1: A [1 minute]\ncaf\xe9\n")
    with pytest.raises(TalkError, match="not UTF-8") as error:
        load_script(path, Numbers(NOTHING))
    assert error.value.where == Source(path, 2)


@pytest.mark.parametrize(
    "text",
    ["a — b", "“quoted” and ‘so’", "café, naïve, Zoë", "🎤 and ✅", "50 € × 3", "a\u00a0b"],
)
@pytest.mark.parametrize("times", [1, 2])
def test_fix_encoding_undoes_what_windows_1252_made_of_utf8(text: str, times: int) -> None:
    """Misread once or twice, the signs come back, and right text stays as it is."""
    broken = text
    for _ in range(times):
        broken = "".join(_as_windows(byte) for byte in broken.encode())
    assert broken != text
    assert fix_encoding(broken) == text
    assert fix_encoding(text) == text
    assert [
        p.message for p in parse_script(f"# {broken}", PATH).problems if "encoding" in p.message
    ]


def _as_windows(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


RIGHT_WORDS = (
    *("—", "“quoted”", "‘so’", "café,", "naïve", "Zoë", "50€", "✅", "São", "l’été", "Größe", "×"),
    *("Ångström", "žluťoučký", "żółć", "İstanbul", "Ελλάδα", "мир", "中文", "שלום", "½"),
)


@given(st.lists(st.sampled_from(RIGHT_WORDS), min_size=1), st.sampled_from([" ", "\n", "\t"]))
def test_right_words_are_never_touched_and_misread_ones_come_back(
    words: list[str], between: str
) -> None:
    """In any order, of any alphabet; a mended text is done."""
    text = between.join(words)
    assert list(misread_words(text)) == []
    assert fix_encoding(text) == text
    broken = "".join(_as_windows(byte) for byte in text.encode())
    assert [meant for _, _, meant in misread_words(broken)] == re.split(r"[ \t\n]", text)


def test_a_mended_file_keeps_what_it_was(tmp_path: Path) -> None:
    """The script is put right in place, its old bytes stay beside it; twice changes nothing."""
    path = tmp_path / "voiceover.md"
    old = "# One â€” two\r\n".encode()
    path.write_bytes(old)
    assert mend_encoding(path) == "voiceover.md: mended; what it was is kept in voiceover.md.bak"
    assert path.read_text(encoding="utf-8") == "# One — two\n"
    assert (tmp_path / "voiceover.md.bak").read_bytes() == old
    assert mend_encoding(path) == "voiceover.md: nothing to mend"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["voiceover.md", "voiceover.md.bak"]


def test_values_are_put_in_and_keep_their_lines(tmp_path: Path) -> None:
    """A branch shifts lines; every element still names the line that it was written on."""
    path = tmp_path / "script.md"
    path.write_text(
        "## SLIDE 1: A [1 minute]\n"
        "{% if data.messages > 10 %}\n"
        "We have {{ data.messages | count }} messages.\n"
        "{% else %}\nFew.\n{% endif %}\n"
        "[PUASE 3s]\n"
    )
    script = load_script(path, Numbers(made_up()))
    (speech, _) = script.slides()[0].items
    assert isinstance(speech, Speech)
    assert speech.plain == "We have 5,574 messages."
    assert speech.spoken_words == 9  # five thousand five hundred and seventy-four
    assert speech.source.line == 3
    assert script.problems[0].where == Source(path, 7)
    assert 'data-at="data.messages">5,574</data>' in script.in_html(speech.text)


def test_a_text_out_of_the_data_is_never_read_as_script(tmp_path: Path) -> None:
    """A message that looks like a heading or a cue is a word like any other."""
    results = made_up_results()
    evil = results.examples[0].__class__(
        **{
            name: getattr(results.examples[0], name)
            for name in type(results.examples[0]).__struct_fields__
            if name != "text"
        },
        text="x\n\n## SLIDE 2: B [9 minutes]\n\n[PAUSE 99s]\n",
    )
    path = tmp_path / "script.md"
    path.write_text('## SLIDE 1: A [1 minute]\nIt says {{ example["gift-card"].text }}.\n')
    script = load_script(path, Numbers(made_up(examples=(evil,))))
    assert len(script.slides()) == 1
    (speech,) = script.slides()[0].items
    assert isinstance(speech, Speech)
    assert "\n" not in speech.plain


@settings(max_examples=400)
@given(SCRIPTS)
@example("[NOTE: a\n[CLICK]\n\n    [PAUSE]")
@example(" \ufeff")
def test_any_text_parses_prints_and_parses_to_the_same(text: str) -> None:
    """No text makes the parser fail; what it read, printed, is read the same again."""
    script = parse_script(text, PATH)
    printed = format_script(script)
    again = parse_script(printed, PATH)
    assert again == script
    assert format_script(again) == printed


@settings(max_examples=400)
@given(SCRIPTS)
def test_each_spoken_line_is_in_exactly_one_segment(text: str) -> None:
    """Lines of paragraphs never overlap and, put together, are the words of the script."""
    lines = text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    seen: list[int] = []
    for section in parse_script(text, PATH).sections:
        items = [item for page in section.pages for item in page]
        items += [item for question in section.questions for item in question.answer]
        for speech in _speeches(tuple(items)):
            seen += speech.lines
            said = [lines[index].strip() for index in speech.lines]
            assert "\n".join(said).endswith(speech.text)
    assert len(seen) == len(set(seen))
    assert all(lines[index].strip() for index in seen)


def _speeches(items: tuple[Item, ...]) -> list[Speech]:
    found: list[Speech] = []
    for item in items:
        if isinstance(item, Speech):
            found.append(item)
        elif isinstance(item, Part):
            found += _speeches(item.items)
    return found


def test_every_line_of_words_is_in_a_segment() -> None:
    """In a section without anything else, no line is lost."""
    words = ["One.", "Two.", "", "- three", "- four", "", "**Five:** six"]
    script = parse_script("\n".join(["## SLIDE 1: A [1 minute]", *words]), PATH)
    found = [i for speech in _speeches(script.slides()[0].items) for i in speech.lines]
    assert found == [1, 2, 4, 5, 7]


README = (ROOT / "docs/script.md").read_text(encoding="utf-8")


def test_the_readme_names_every_cue() -> None:
    """Each kind has an example, each example in the table of cues is a known cue."""
    shown = re.findall(r"\[[^\[\]`]+\]", README.split("## Cues")[1].split("## Cuts")[0])
    kinds = {known_head(cue[1:-1]) for cue in shown}
    assert kinds >= set(KINDS)
    table = README.split("| cue |")[1].split("\n\n")[0]
    for cue in re.findall(r"`(?:\*\*)?\[([^\[\]]+)\](?:\*\*)?`", table):
        assert parse_cue(cue, Source(PATH))[1] is None, cue
