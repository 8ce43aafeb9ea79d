"""Front matter is read as YAML reads it, and what would be read otherwise is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.problems import TalkError
from pipeline.slides.front_matter import front_matter
from pipeline.slides.scan import scanned

PATH = Path("01-case.md")


def field(line: str) -> str:
    fields, _ = front_matter(PATH, scanned(f"---\n{line}\n---\n", PATH))
    return next(iter(fields.values()))[0] if fields else ""


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("title: Results: a first look", "Results: a first look"),
        ('title: "Results: a first look"   # the colon', "Results: a first look"),
        ("kicker: 'Part one'", "Part one"),
        ("title: 'It''s # here' # not here", "It's # here"),
        (r'title: "A \"quoted\" word \\ \u00e9"', 'A "quoted" word \\ é'),
        ("title: A look   # to be written", "A look"),
        ("title: C# and F#", "C# and F#"),
        ('title: "We are #1"', "We are #1"),
        ('title: "Hype" is a word', '"Hype" is a word'),
        ("title: 'Tis the season", "'Tis the season"),
        ("title: [Hype]{.struck} and more", "[Hype]{.struck} and more"),
        ("source: [the paper](https://example.org/#top)", "[the paper](https://example.org/#top)"),
        ("title: *Very* good", "*Very* good"),
        ("title: {{ data.messages | count }}", "{{ data.messages | count }}"),
        ("title:\tA tab", "A tab"),
        ("title : A space", "A space"),
        ("# title: nothing", ""),
        ("  # nothing", ""),
    ],
)
def test_a_value_is_what_is_meant(line: str, value: str) -> None:
    """Quotes and comments are taken off; a colon, a quote or Markdown in a text stays in it."""
    assert field(line) == value


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("title: We are #1", "YAML would read `#1` as a comment", "quotes"),
        ("title: # none", "`title` is empty", "give it a value"),
        ('title: ""', "`title` is empty", "give it a value"),
        ('title: "A look', "the quote is never closed", 'end the value with "'),
        (r'title: "C:\path"', r"`\p` is no escape", "single quotes"),
        ("title: |", "YAML reads `|` as a text of several lines", "write the words"),
        ("title: >-", "YAML reads `>-` as a text of several lines", "write the words"),
        ("tags: [a, b]", "YAML reads `[a, b]` as a list", "write the words"),
        ("tags: {a: b}", "YAML reads `{a: b}` as a table", "write the words"),
        ("title: &name A", "YAML reads `&name A` as an anchor", "write the words"),
        ("title: *name", "YAML reads `*name` as an alias", "write the words"),
        ("title: !!str 1", "YAML reads `!!str 1` as a tag", "write the words"),
        ("\ttitle: A", "no `key: value`: title: A", "begins at the line's first sign"),
        ("- one", "no `key: value`: - one", "no list"),
        ("title:A", "no `key: value`: title:A", "a space follows the colon"),
        ("Title: A", "no `key: value`: Title: A", "small letters"),
    ],
)
def test_what_is_no_line_of_text_is_said(line: str, message: str, hint: str) -> None:
    """YAML's other forms are no silent text: the line, the form, and what to write."""
    with pytest.raises(TalkError) as caught:
        field(line)
    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint
    assert caught.value.where
    assert caught.value.where.line == 2
