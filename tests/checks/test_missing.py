"""Values that are gone: each place that names one, whatever kind of text it stands in."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from support.measured import two_measurements
from support.second_talk import SETTINGS

from pipeline.checks.diff import diff_runs
from pipeline.checks.missing import missing_values
from pipeline.config import Config, load_config
from pipeline.measured import Measured, Value
from pipeline.pictures.own.kept import Drawn, OwnFigure
from pipeline.pictures.picture import Picture
from pipeline.problems import Source

SLIDE = """\
---
layout: figure
title: Of {{ hash.gone | num }}
---
::: left
Insert takes {{ hash.insert.ns | num }} ns, find {{ hash.find.ns | num }} ns.

{% for row in hash.rows %}{{ row.ns | num }}, {{ loop.index }}; {% endfor %}
{% set best = hash.robin_hood.insert %}{{ best.ns | num }}
{% if hash.insert.ns > hash.old.ns %}{{ hash.old.ns | num }}{% endif %}

```chart
kind: bars
values: hash.insert.ns, hash.lookup.ns
```
:::

::: notes
Then {{ hash.said | num }}, and {{ poll.yes.n | num }}.
:::
"""
SCRIPT = "# Slide 1\n\nWe saw {{ poll.maybe | pct }} of {{ poll.asked | count }}.\n"
DIAGRAM = """\
title = "Path"
desc = "From a to b"
[[nodes]]
id = "a"
label = "{{ hash.drawn | num }}"
"""
DRAWING = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50"><title>Table</title>
<desc>One</desc>
<text x="5" y="20">{{ hash.written | num }}</text></svg>
"""


@pytest.fixture
def talk(tmp_path: Path) -> Config:
    """A talk whose every kind of text names a value that nothing measures."""
    root = tmp_path
    for name, text in {
        "talk.toml": SETTINGS,
        "deck/slides/01-one.md": SLIDE,
        "script/voiceover.md": SCRIPT,
        "deck/diagrams/path.toml": DIAGRAM,
        "deck/drawings/table.svg": DRAWING,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return load_config(root)


def found(talk: Config, measured: Measured) -> list[tuple[str, int, str]]:
    places = missing_values(talk, measured)
    return [(p.where.path.name, p.where.line or 0, p.message) for p in places if p.where]


def test_every_place_is_named(talk: Config) -> None:
    """Slides, branches that are not taken, notes, script, charts, diagrams, drawings."""
    assert found(talk, two_measurements()) == [
        ("01-one.md", 3, "hash of run 1a2b3c4d has no `gone`"),
        ("01-one.md", 6, "hash of run 1a2b3c4d has no `find`"),
        ("01-one.md", 10, "hash of run 1a2b3c4d has no `old`"),
        ("01-one.md", 14, "hash has no `lookup`"),
        ("01-one.md", 19, "hash of run 1a2b3c4d has no `said`"),
        ("01-one.md", 19, "poll.yes has no `n`"),
        ("voiceover.md", 3, "poll of run 5e6f7a8b has no `maybe`"),
        ("path.toml", 5, "hash of run 1a2b3c4d has no `drawn`"),
        ("table.svg", 3, "hash of run 1a2b3c4d has no `written`"),
    ]


def test_charts_and_own_figures_are_among_them(talk: Config) -> None:
    """The line of a chart that names it; the file of a figure that showed it last."""
    path = talk.root / "deck" / "slides" / "01-one.md"
    path.write_text(SLIDE.replace("hash.lookup", "hash.insert.no"), "utf-8")
    picture = Picture("load", "<svg></svg>", "Load", "By load")
    drawn = Drawn(picture, {}, ("hash.keys", "hash.rows[7].ns", "hash.at.ns"), {}, "")
    figure = OwnFigure("load", talk.root / "deck" / "figures" / "load.py", drawn)
    places = missing_values(talk, two_measurements(), [figure])
    assert "hash.insert" in next(p.message for p in places if p.where == Source(path, 14))
    shown = [p for p in places if p.where == Source(figure.file)]
    assert [p.message.partition("which")[0] for p in shown] == [
        "the figure `load` shows hash.rows[7].ns, ",
        "the figure `load` shows hash.at.ns, ",
    ]
    assert "hash.rows has 2 items, and no [7]" in shown[0].hint
    assert "hash of run 1a2b3c4d has no `at`" in shown[1].hint


def test_what_a_branch_asks_for_may_be_missing(talk: Config) -> None:
    """`"old" in hash` is asked before it is named; another value in that branch is missed."""
    for name in ("script/voiceover.md", "deck/diagrams/path.toml", "deck/drawings/table.svg"):
        (talk.root / name).unlink()
    (talk.root / "deck" / "slides" / "01-one.md").write_text(
        "---\ntitle: One\n---\n"
        '{% if "old" in hash and hash.old.ns > 0 %}{{ hash.old.ns | num }}\n'
        "{% if hash.keys > 5 %}{{ hash.old.ns | num }}, {{ hash.gone | num }}{% endif %}\n"
        '{% elif "map" not in hash.robin_hood %}{% else %}{{ hash.robin_hood.map }}{% endif %}\n'
        "{{ hash.old.ns | num }} {{ hash.far.ns if 'far' in hash else '' }}\n"
    )
    assert found(talk, two_measurements()) == [
        ("01-one.md", 5, "hash of run 1a2b3c4d has no `gone`"),
        ("01-one.md", 7, "hash of run 1a2b3c4d has no `old`"),
    ]


def test_what_is_there_is_no_finding(tmp_path: Path) -> None:
    """Loops, names of one's own, what is known of a value, what nothing was counted for."""
    slides = tmp_path / "deck" / "slides"
    slides.mkdir(parents=True)
    (tmp_path / "talk.toml").write_text(
        SETTINGS.replace("language", 'subtitle = "Of {{ hash.keys | count }}"\nlanguage')
    )
    (slides / "01-one.md").write_text(
        "---\nlayout: text\ntitle: One\n---\n"
        "{% set best = hash.robin_hood %}{{ best.insert.ns.low | num }}, {{ plan.total }},\n"
        '{{ hash["std::map"].insert.ns.mean | num }}, {{ hash.nothing }}, {{ hash.rows[1].ns }}\n'
        "{%- for name in hash -%}{{ loop.index0 }}{{ name.ns }}{% endfor %}\n"
        "```chart\nkind: bars\nvalues: hash.*.insert.ns\n```\n"
    )
    assert found(load_config(tmp_path), two_measurements()) == []


def test_a_value_that_vanished_hides_no_other_change(talk: Config) -> None:
    """`diff` says it where it stood, and what else reads otherwise, in the same text."""
    path = talk.root / "script" / "voiceover.md"
    path.write_text("# Slide 1\n\nOf {{ hash.keys | count }}.\n\nIt is {{ hash.memory | gib }}.\n")
    new = two_measurements(keys=Value(5))
    gone = replace(new.measurements["hash"], values={"keys": Value(5)})
    (talk.root / "deck" / "slides" / "01-one.md").write_text("---\ntitle: One\n---\n")
    changes = diff_runs(talk, two_measurements(), Measured(None, {"hash": gone}))
    assert [(c.old, c.new) for c in changes if c.source.path == path] == [
        ("Of 1,000,000.", "Of 5."),
        ("It is 4.0 GiB.", "It is (gone: hash.memory)."),
    ]
