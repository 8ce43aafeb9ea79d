"""What slides, settings and numbers are together."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.made_up import made_up
from support.second_talk import SETTINGS, SLIDES

from pipeline.checks.numbers import check_numbers
from pipeline.config import load_config
from pipeline.numbers.fill import Numbers
from pipeline.pictures.diagrams.draw import draw_diagrams
from pipeline.problems import TalkError
from pipeline.slides.layouts import load_layouts
from pipeline.talk import load_talk, with_values

MEASURED = made_up()
SUBTITLE = 'subtitle = "{{ data.messages | count }} loaves & more"'


def talk(folder: Path, *lines: str, settings: str = SETTINGS) -> Path:
    (folder / "deck/slides").mkdir(parents=True)
    for name, text in SLIDES.items():
        (folder / "deck/slides" / name).write_text(text, encoding="utf-8")
    text = settings.replace("[pace]", "\n".join([*lines, "", "[pace]"]))
    (folder / "talk.toml").write_text(text, encoding="utf-8")
    return folder


def test_texts_of_the_settings_hold_values(tmp_path: Path) -> None:
    """Subtitle, event, date, description and footer show what was measured, and no braces."""
    footer = '[brand]\nfooter = "F1 {{ finetuned.f1 | num }}"'
    config = load_config(talk(tmp_path, SUBTITLE, 'event = "An event"', footer))
    shown = with_values(config, Numbers(MEASURED))
    assert shown.talk.subtitle == "5,574 loaves & more"
    assert (shown.talk.event, shown.talk.title) == ("An event", "Bread at home")
    assert shown.brand.footer == "F1 0.95"


def test_values_of_the_settings_are_checked_as_all_others(tmp_path: Path) -> None:
    """The census counts them as bound; a wrong name is an error with its line of talk.toml."""
    config = load_config(talk(tmp_path, SUBTITLE, 'event = "{{ data.mesages | count }}"'))
    found = check_numbers(config, MEASURED)
    bound = [n.text for n in found.census.of("bound") if n.source.path.name == "talk.toml"]
    assert bound == ["{{ data.messages | count }}", "{{ data.mesages | count }}"]
    (problem,) = found.problems
    assert problem.where
    assert (problem.where.path.name, problem.where.line) == ("talk.toml", 7)
    with pytest.raises(TalkError, match=r"talk\.toml:7"):
        with_values(config, Numbers(MEASURED))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"Bread at home"', '"{{ data.messages | count }} loaves"', "title"),
        ('"A baker"', '"{{ data.messages | count }} bakers"', "speaker"),
        ("[cuts.full]", '[cuts.full]\ntitle = "{{ data.messages | count }}"', "title"),
    ],
)
def test_names_hold_no_values(tmp_path: Path, old: str, new: str, key: str) -> None:
    """Rehearsals and cuts are known by their names, which stay the same with every run."""
    with pytest.raises(TalkError) as caught:
        load_config(talk(tmp_path, settings=SETTINGS.replace(old, new)))
    assert caught.value.message == f"a measured value can't stand in `{key}`"
    assert caught.value.where
    assert caught.value.where.line


def read_all(root: Path) -> None:
    load_talk(load_config(root), MEASURED, load_layouts(root))
    draw_diagrams(root / "deck/diagrams", Numbers(MEASURED), ())


MERGED = "<<<<<<< HEAD\nlabel = 'a'\n=======\nlabel = 'b'\n>>>>>>> other\n"


@pytest.mark.parametrize(
    "name",
    [
        "talk.toml",
        "script/voiceover.md",
        "deck/diagrams/flow.toml",
        "deck/diagrams/flow.dot",
        "deck/slides/04-x.md",
    ],
)
def test_what_a_merge_left_is_said_in_every_file(tmp_path: Path, name: str) -> None:
    """The file, the line, and what to do; in a TOML text of several lines, too."""
    root = talk(tmp_path)
    path = root / name
    path.parent.mkdir(exist_ok=True)
    whole = f"[[nodes]]\nlabel = '''\n{MERGED}'''\n" if path.suffix == ".toml" else f"a\n\n{MERGED}"
    path.write_text(whole, encoding="utf-8")
    with pytest.raises(TalkError) as caught:
        read_all(root)
    assert caught.value.message == "a merge left its marks here: <<<<<<< HEAD"
    assert caught.value.where
    assert (caught.value.where.path.name, caught.value.where.line) == (path.name, 3)
