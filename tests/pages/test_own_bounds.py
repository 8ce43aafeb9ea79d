"""A talk's own layout is somebody's text: it ends soon, and fills no memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.fuzz import talks
from support.fuzz.bounded import within
from support.fuzz.readers import LAYOUT, READERS

from pipeline.config import load_config
from pipeline.problems import TalkError

DOUBLED = (
    "{% set n = namespace(a=START) %}{% for i in range(50) %}{% set n.a = GROWN %}{% endfor %}"
)
LONG = "{% set a = 'a' * 999999 %}"
RUNAWAY = (
    "{{ range(10**9) | list }}",
    "{{ 10**10**10 }}",
    "{% set a = 999999**64 %}" + "{% set a = a * a %}" * 30,
    f"{LONG}{{{{ a.replace('a', a) }}}}",
    f"{LONG}{{{{ a | replace('a', a) }}}}",
    f"{LONG}{{{{ a.translate({{97: a}}) }}}}",
    f"{LONG}{{{{ a | join(a) }}}}",
    "{{ '1'.zfill(10**9) }}",
    "{{ '%1000000000d' | format(1) }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ ('a\n' * 99999) | indent(999999) }}",
    "{{ range(9) | slice(10**9) | list }}",
    "{{ ([[1]] * 99999) | sum(start=[]) }}",
    "{% set a = [1] %}" + "{% set a = [a, a] %}" * 40 + "{{ a | tojson }}",
    "{% set a = 'aaaa' %}" + "{% set a = a ~ a %}" * 40,
    "{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(50) }}",
    DOUBLED.replace("START", "'aa'").replace("GROWN", "n.a ~ n.a"),
    DOUBLED.replace("START", "[1]").replace("GROWN", "[n.a, n.a]"),
    DOUBLED.replace("START", "'%s%s'").replace("GROWN", "n.a | format(n.a, n.a)"),
    f"{{{{ {'9' * 5000} }}}}",
    f"{{{{ {'(' * 500}1{')' * 500} }}}}",
    f"{{{{ 1{' | string' * 1000} }}}}",
    "{% if 1 %}" * 200 + "{% endif %}" * 200,
    "{{ 1 | round(a=1, a=2) }}",
    "{{ [1][1:2, 3] }}",
)


def test_a_layout_that_runs_away_is_one_error(tmp_path: Path) -> None:
    """With its file, in a moment and within bounds: growth, loops, what Python can't compile."""
    reader = READERS["template"]
    reader.open(tmp_path)
    talk, cache = talks.read_talk(load_config(tmp_path), None), tmp_path / ".cache"
    for text in RUNAWAY:
        (tmp_path / reader.place).write_text(LAYOUT + text, "utf-8")
        with within(30), pytest.raises(TalkError, match=r"own\.html\.j2:[0-9]+"):
            talks.shown(talk, cache)
