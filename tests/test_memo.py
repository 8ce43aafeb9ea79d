"""What is made of texts is kept by the hash of what it was made from, in one sealed file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.measured import two_measurements
from support.second_talk import SETTINGS

from pipeline import memo
from pipeline.checks.numbers import check_numbers
from pipeline.config import load_config
from pipeline.memo import Form, Memo, key_of
from pipeline.numbers.fill import Numbers
from pipeline.problems import Source
from pipeline.script.sections import sections_of
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import Slides, read_slides

FORM: Form[list[Path]] = Form(list[Path])
SLIDE = """\
---
layout: text
title: Of {{ hash.keys | count }} keys
---
::: left step
```python file: code.py lines 1-2
```

```chart
kind: bars
values: hash.*.insert.ns
```
:::
::: right each
- one, $x^2$
- ![a dog](dog.png)[^a]

| key | value |
|---|---|
| a | {{ hash.keys | count }} |
:::

[^a]: A **note**
"""
SCRIPT = """\
## SLIDE 1: ONE [1 minute]

It has {{ hash.keys | count }} keys, of 5 kinds.

```
## no heading
```
{% if hash.keys > 10 %}
## SLIDE 2: TWO [1 minute]
{% endif %}
A line.

## CLOSING REMARKS [30 seconds]

{{ hash.keys | count }} it is, and 17 more. [Here]({{ hash.keys | count }}).
"""


def made_in(folder: Path, key: str = "a", what: str = "x") -> list[str]:
    """What a new memo in this folder gives for a key, and what it makes of a missing one."""
    kept, calls = Memo(folder), list[str]()

    def make() -> list[Path]:
        calls.append(what)
        return [Path(what)]

    found = [str(path) for path in kept.of(key_of(key), FORM, make)]
    kept.save()
    return [*found, *calls]


def test_a_value_is_made_once(tmp_path: Path) -> None:
    """The next process has it; another key is another value. What isn't used goes in the end."""
    assert made_in(tmp_path) == ["x", "x"]
    assert made_in(tmp_path, what="y") == ["x"]
    assert made_in(tmp_path, "b", "y") == ["y", "y"]
    assert made_in(tmp_path, what="z") == ["x"]
    assert made_in(tmp_path, "c", "y") == ["y", "y"]
    assert made_in(tmp_path, what="z") == ["z", "z"]


BREAKS: dict[str, Callable[[Path], object]] = {
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:-1]),
    "flipped": lambda file: file.write_bytes(file.read_bytes().replace(b"x", b"y")),
    "emptied": lambda file: file.write_bytes(b""),
    "a folder": lambda file: (file.unlink(), file.mkdir()),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_file_is_never_used(tmp_path: Path, name: str) -> None:
    made_in(tmp_path)
    (file,) = tmp_path.iterdir()
    BREAKS[name](file)
    assert made_in(tmp_path, what="z") == ["z", "z"]


def test_other_code_makes_all_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_in(tmp_path)
    monkeypatch.setattr(memo, "code_state", lambda: "another version")
    assert made_in(tmp_path, what="z") == ["z", "z"]


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """A talk of one slide and a script, with values."""
    slides = tmp_path / "deck" / "slides"
    slides.mkdir(parents=True)
    (tmp_path / "script").mkdir()
    (tmp_path / "talk.toml").write_text(SETTINGS, "utf-8")
    (slides / "01-one.md").write_text(SLIDE, "utf-8")
    (tmp_path / "code.py").write_text("one()\ntwo()\n", "utf-8")
    (slides / "dog.png").write_bytes(b"a picture")
    (tmp_path / "script" / "voiceover.md").write_text(SCRIPT, "utf-8")
    return tmp_path


def read(talk: Path, keep: Memo) -> Slides:
    layouts = load_layouts()
    numbers = Numbers(two_measurements(), load_config(talk).locale, keep)
    return read_slides(talk / "deck" / "slides", layouts, numbers)


def test_a_kept_slide_is_the_slide(talk: Path) -> None:
    """With code, chart, formula, picture, table and footnote; a changed file of code is seen."""
    new = read(talk, Memo())
    first = Memo(talk)
    assert read(talk, first) == new
    first.save()
    kept = read(talk, Memo(talk))
    assert kept == new
    assert kept.shown[0].key == new.shown[0].key
    assert [part.content.html() for part in kept.shown[0].parts] == [
        part.content.html() for part in new.shown[0].parts
    ]
    (talk / "code.py").write_text("three()\nfour()\n", "utf-8")
    changed = read(talk, Memo(talk))
    assert changed.shown[0].parts[0].content.code[0].text == "three()\nfour()"
    assert changed.shown[0].key != new.shown[0].key


def test_what_checks_found_is_found_again(talk: Path) -> None:
    """The same problems on the same lines; where lines come before it, further down."""
    config, measured = load_config(talk), two_measurements()
    new = check_numbers(config, measured)
    first = Memo(talk)
    assert check_numbers(config, measured, memo=first) == new
    first.save()
    assert check_numbers(config, measured, memo=Memo(talk)) == new
    script = talk / "script" / "voiceover.md"
    script.write_text("A word\n\n" + SCRIPT, "utf-8")
    assert check_numbers(config, measured, memo=Memo(talk)) == check_numbers(config, measured)


def test_a_script_in_sections_is_filled_as_a_whole() -> None:
    """Text, marks and lines; a fence and a branch are never divided."""
    where = Source(Path("voiceover.md"), 1)
    divided = sections_of(SCRIPT)
    assert [first for first, _ in divided] == [0, 12]
    assert "".join(piece for _, piece in divided) == SCRIPT
    numbers = Numbers(two_measurements())
    assert numbers.fill_pieces(divided, where) == numbers.fill(SCRIPT, where)


@pytest.mark.parametrize("more", ["{% set n = 1 %}\n", "{% raw %}", "{% endif %}"])
def test_what_may_reach_across_is_one_piece(more: str) -> None:
    assert sections_of(f"{SCRIPT}\n{more}\n## SLIDE 3: THREE [1 minute]\n") == (
        (0, f"{SCRIPT}\n{more}\n## SLIDE 3: THREE [1 minute]\n"),
    )
