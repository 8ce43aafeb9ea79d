"""What a measured number shows when it is opened: its place, its counts, and the run behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.measured import Measured, parts_of, step
from pipeline.numbers.fill import Mark
from pipeline.numbers.values import Number, namespace
from pipeline.problems import TalkError
from pipeline.results import Results


def place(at: str, results: Results) -> str:
    """The place in results.json of a value as content names it.

    `example["ID"].…` is `examples[N].…`, `next_token["PROMPT"].…` is `next_tokens[N].…`.
    """
    for index, example in enumerate(results.examples):
        at = at.replace(f"{step('example', example.id)}.", f"examples[{index}].")
    for number, prompt in enumerate(results.next_tokens):
        at = at.replace(f"{step('next_token', prompt.prompt)}.", f"next_tokens[{number}].")
    return at


def run_rows(results: Results) -> list[list[str | bool]]:
    """Label, value and whether it is code: the run as the dialog lists it."""
    run, data, model = results.run, results.data, results.model
    kind = "; a quick run on a part of the data" if run.quick else ""
    rows: list[list[str | bool]] = [
        ["data", f"{data.name}, {data.messages:,} messages ({data.source})"],
        ["", f"sha256 {data.sha256[:16]}…", True],
        ["model", f"{model.name}, {model.parameters:,} parameters"],
        ["", f"sha256 {model.sha256[:16]}…", True],
        ["seed", str(run.seed)],
        ["run", f"{run.id}, {run.started.replace('T', ' ').rstrip('Z')} UTC{kind}"],
        ["command", run.command, True],
    ]
    return rows


def find(at: str, names: Mapping[str, Any]) -> Mark | None:
    """The measured number at a place such as `finetuned.f1` in a namespace; None for none."""
    value: Any = names
    for part in parts_of(at):
        try:
            value = value[part]
        except (TalkError, LookupError, TypeError):
            return None
    if not isinstance(value, Number):
        return None
    return Mark("", at, value.value, value.low, value.high, value.hits, value.total)


def page_data(marks: Iterable[Mark], places: Iterable[str], measured: Measured) -> dict[str, Any]:
    """What a page knows of its measured numbers, for JSON: the run, and each by its place.

    `marks` stand in the slides' text, `places` name those in pictures.
    """
    values: dict[str, dict[str, float | int | str]] = {}
    names, results = namespace(measured), measured.experiment
    found = (find(at, names) for at in places)
    marks = [*marks, *(mark for mark in found if mark)]
    for mark in marks:
        if mark.value is None or results is None:
            continue
        facts: dict[str, float | int | str | None] = {
            "place": place(mark.at, results),
            "value": mark.value,
            "low": mark.low,
            "high": mark.high,
            "hits": mark.hits,
            "total": mark.total,
        }
        values[mark.at] = {key: fact for key, fact in sorted(facts.items()) if fact is not None}
    return {"run": run_rows(results) if results else [], "values": dict(sorted(values.items()))}
