"""How a value was made is said in the language of the talk, whoever made it, and when."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from pipeline import statistics
from pipeline.config import Kind
from pipeline.locale import ENGLISH, locale_of
from pipeline.locale.how import JOINS, PARTS, how_in
from pipeline.locale.locale import WHOLE

PIPELINE = Path(__file__).resolve().parents[2] / "pipeline"
MAKERS = (
    "statistics.py",
    "numbers/comparisons.py",
    "numbers/values.py",
    "measure/merge.py",
    *(f"measure/readers/{name}.py" for name in ("amounts", "plain", "tables", "timed")),
    "experiment/metrics.py",
    "experiment/evidence/trees.py",
    *(f"experiment/evidence/kinds/{name}.py" for name in get_args(Kind)),
)
NAMES = {"how", "what", "given", "PLUS_MINUS", "FROM_COLUMNS", "_MOVER", "EPOCHS", "LOOKED_UP"}
NAMES |= {"SMALL", "WRITTEN", "CHOSEN", "BORROWED"}
MAKING = {"_how", "_paired", "_against", "_by_t"}  # functions that give such a text
TAKING = {"Interval": 4, "seen": 2, "over_seeds": 1, "_cost": 2, "_mean": 2, "_scores": 2}
TAKING |= {"_sure": 1, "_share": 1, "_counted": 2}  # functions, and from which argument on
RUNS = [41.0, 40.0, 44.0, 42.0, 40.5, 41.5, 43.0]
OTHER = [run + at for at, run in enumerate(RUNS)]


def texts_of(path: Path) -> Iterator[str]:
    """What a module says of how values are made, `{}` for what is put into a text."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        found: list[ast.AST] = []
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            named = node.targets if isinstance(node, ast.Assign) else [node.target]
            found = [node] if {getattr(one, "id", "") for one in named} & NAMES else []
        elif isinstance(node, ast.keyword) and node.arg == "how":
            found = [node]
        elif isinstance(node, ast.FunctionDef) and node.name in MAKING:
            found = [one for one in ast.walk(node) if isinstance(one, ast.Return)]
        elif isinstance(node, ast.Call):
            first = TAKING.get(getattr(node.func, "id", ""), len(node.args))
            found = [*node.args[first:]]
        for one in found:
            yield from sentences(one)


def sentences(node: ast.AST) -> Iterator[str]:
    """The texts of several words in a piece of code, those in which values are put whole."""
    if isinstance(node, ast.JoinedStr):
        parts = (one.value if isinstance(one, ast.Constant) else "{}" for one in node.values)
        yield from (text for text in ["".join(map(str, parts))] if len(text.split()) > 1)
        node = ast.Tuple([at.value for at in node.values if isinstance(at, ast.FormattedValue)])
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
        yield node.value
    for inner in ast.iter_child_nodes(node):
        yield from sentences(inner)


def is_known(text: str) -> bool:
    """Whether a text, or each of its parts, is one of those that are translated, or in one."""
    bare = re.sub(r"(?:{}|\b\d+(?:\.\d+)?)%?", "{}", text).strip(" ,;:.")
    pattern = ".*".join(map(re.escape, bare.split("{}")))
    if any(re.search(pattern, part) for part in PARTS):
        return True
    cuts = (at.span() for at in re.finditer(r"[,;:] ", text))
    return any(is_known(text[:start]) and is_known(text[end:]) for start, end in cuts)


def test_every_sentence_that_code_makes_has_a_translation() -> None:
    """A new one comes into `pipeline.locale.how`; the catalogues' own test then asks for it."""
    found = {name: [*texts_of(PIPELINE / name)] for name in MAKERS}
    unknown = [f"{name}: {text}" for name, texts in found.items() for text in texts]
    unknown = [one for one in unknown if not is_known(one.partition(": ")[2])]
    assert unknown == ["measure/readers/plain.py: a list"]  # which is in a message
    assert [name for name, texts in found.items() if not texts] == []


@pytest.mark.parametrize("language", WHOLE[1:])
def test_what_was_ever_kept_is_said_in_each_language(language: str) -> None:
    """The evidence of this talk, which was measured before there was a translation."""
    locale = locale_of(language)
    files = sorted((PIPELINE.parent / "deck" / "measured").glob("*.json"))
    kept = {how for path in files for how in hows_in(json.loads(path.read_text("utf-8")))}
    made = {statistics.interval_of_repeats(RUNS[:count]).how for count in (1, 2, 5, 6, 7)} | {
        statistics.interval_of_repeats([1.0, 1.0]).how,
        statistics.interval_of_repeats([1.0] * 6 + [2.0]).how,
        statistics.interval_of_mean(RUNS, shared=0.1).how,
        statistics.interval_of_mean([1.0, 1.0]).how,
        statistics.difference_of_pairs(RUNS, OTHER).how,
        statistics.difference_of_pairs(RUNS[:3], OTHER[:3]).how,
        statistics.difference_of_pairs(RUNS, OTHER, 0.1).how,
        statistics.ratio_of_pairs(RUNS, OTHER).how,
        statistics.wilson(3, 4).how,
        statistics.difference_of_shares(3, 4, 1, 4).how,
        statistics.difference_of_cases(3, 4, 1234).how,
        statistics.widened(statistics.Interval(1.0, 0.5, 1.5, 0.9, "one run"), 0.95).how,
    }
    assert len(kept) > 50
    for how in kept | made:
        said = how_in(how, locale)
        assert said != how, how
        assert not re.search(r"\b(the|of|by|with|from|over|each|as)\b", said), said
        assert how_in(how, ENGLISH) == how


def hows_in(tree: Any) -> Iterator[str]:
    """What a file of a measurement says of how its values were made."""
    inner = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    if isinstance(tree, dict) and isinstance(tree.get("how"), str):
        yield tree["how"]
    for one in inner:
        yield from hows_in(one)


@pytest.mark.parametrize(
    ("english", "german"),
    [
        (
            "median of 5 runs, interval of their mean by Student's t",
            "Median aus 5 Läufen, Intervall ihres Mittels nach Students t",
        ),
        (
            "F1 after learning from 1,000 messages, each label equally often: the same in 5",
            "F1 nach dem Lernen aus 1.000 Nachrichten, jedes Label gleich oft: in allen 5 gleich",
        ),
        (
            "paired bootstrap over the same 495 messages, 2,000 resamples; McNemar's exact test: "
            "p = 0.0012, 3 against 1,040",
            "paarweiser Bootstrap über dieselben 495 Nachrichten, 2.000 Ziehungen; exakter Test "
            "von McNemar: p = 0,0012; 3 gegen 1.040",
        ),
        ("the same in 3 runs; von Hand gezählt", "in 3 Läufen gleich; von Hand gezählt"),
        ("von Hand gezählt, one run", "von Hand gezählt, one run"),
        ("one run, by hand", "one run, by hand"),
        ("", ""),
    ],
)
def test_a_sentence_is_read_in_its_parts(english: str, german: str) -> None:
    """Numbers as the language writes them; what the speaker says stays."""
    assert how_in(english, locale_of("de")) == german


def test_a_text_that_is_too_long_to_be_ours_stays() -> None:
    """However many parts of ours it has."""
    assert how_in("one run: " * 10_000, locale_of("de")) == "one run: " * 10_000


def test_parts_are_told_from_each_other() -> None:
    """By their words alone: their numbers are what differs."""
    bare = [re.sub(r"{\w+}", "{}", part) for part in PARTS]
    assert len(set(bare)) == len(bare)
    assert not set(PARTS) & {*JOINS.values()}
