"""What a measured number shows when it is opened: its place, its counts, and the run behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.locale import ENGLISH, Locale
from pipeline.locale.how import how_in
from pipeline.measured import EVIDENCE, Measured, Measurement, Origin, first_name, places_in, step
from pipeline.numbers.fill import Mark, mark_of
from pipeline.numbers.localized import in_unit
from pipeline.numbers.values import namespace, number_at
from pipeline.results import Results
from pipeline.statistics import LEVEL

Rows = list[list[str | bool]]  # label, text, and whether it is code
MOST_REPEATS = 30
_CORES = re.compile(r"\b(\d+) cores?\b")


def place(at: str, results: Results) -> str:
    """The place in results.json of a value as content names it.

    `example["ID"].…` is `examples[N].…`, `next_token["PROMPT"].…` is `next_tokens[N].…`.
    """
    for index, example in enumerate(results.examples):
        at = at.replace(f"{step('example', example.id)}.", f"examples[{index}].")
    for number, prompt in enumerate(results.next_tokens):
        at = at.replace(f"{step('next_token', prompt.prompt)}.", f"next_tokens[{number}].")
    return at


def run_rows(results: Results, locale: Locale = ENGLISH) -> Rows:
    """The run of the experiment as the dialog lists it."""
    run, data, model = results.run, results.data, results.model
    messages = locale.say("{number} messages", number=locale.integer(data.messages))
    parameters = locale.say("{number} parameters", number=locale.integer(model.parameters))
    if model.is_part:
        used, layers = locale.integer(model.used_layers), locale.integer(model.layers)
        said = locale.say("in the lower {used} of {layers} layers", used=used, layers=layers)
        parameters += f" {said}"
    kind = f"; {locale.say('a quick run on a part of the data')}" if run.quick else ""
    rows: Rows = [
        [locale.say("data"), f"{data.name}, {messages} ({_source(data.source, locale)})"],
        ["", f"sha256 {data.sha256[:16]}…", True],
        [locale.say("model"), f"{model.name}, {parameters}"],
        ["", f"sha256 {model.sha256[:16]}…", True],
        [locale.say("seed"), str(run.seed)],
        [locale.say("run"), f"{locale.apart(run.id)}, {_moment(run.started, locale)}{kind}"],
        [locale.say("command"), run.command, True],
    ]
    return rows


def measurement_rows(
    one: Measurement, locale: Locale = ENGLISH, most_inputs: int = 8, *, whole: bool = False
) -> Rows:
    """The run of a measurement as the dialog lists it; `whole`: hashes with all their digits."""
    run = one.run
    about = f"{one.name}: {run.about}" if run.about else one.name
    rows: Rows = [[locale.say("measured"), about]]
    if run.command:
        rows.append([locale.say("command"), run.command, True])
    if one.evidence:
        rows.append([locale.say("data"), run.source])
        rows.append([locale.say("model"), run.fingerprint.get("model_name", "")])
        tries = locale.say("a small grid, which only tries the experiment")
        rows += [["", tries]] if one.is_quick else []
    elif run.source:
        source = f"{run.source} ({run.form})" if run.form else run.source
        rows.append([locale.say("file"), source, True])
    many = f"; {locale.say('{count} times', count=run.repeats)}" if run.repeats > 1 else ""
    made = ", ".join(filter(None, (locale.apart(run.id), _moment(run.made, locale))))
    rows.append([locale.say("run"), made + many])
    if run.machine:
        rows.append([locale.say("machine"), _machine(run.machine, locale)])
    return rows + _inputs(run, most_inputs, locale, whole=whole)


# What else a fingerprint holds; a file of such a name is `./command` in it.
_SETTINGS = frozenset(["command", "repeats", "shell", "output", "format", "pictures"])


def _inputs(run: Origin, most: int, locale: Locale, *, whole: bool) -> Rows:
    """The files that a measurement depends on, with the hash of each."""
    found = [(name, value) for name, value in run.fingerprint.items() if name not in _SETTINGS]
    names = {} if locale.is_english or not run.form.startswith(EVIDENCE) else _parts(locale)
    shown = [
        f"{names.get(name, name)}  {_hash(value, whole=whole)}" for name, value in found[:most]
    ]
    left = len(found) - most
    shown += [locale.say("and {count} more", count=left)] if left > 0 else []
    return [["" if at else locale.say("inputs"), text, True] for at, text in enumerate(shown)]


def _parts(locale: Locale) -> Mapping[str, str]:
    """What experiments of many cells depend on, which are no files."""
    return {
        "data": locale.say("data"),
        "sample": locale.say("sample"),
        "model": locale.say("model"),
        "model_name": locale.say("model"),
        "settings": locale.say("settings"),
        "code": locale.say("code"),
        "grid": locale.say("grid"),
    }


def _hash(value: str, *, whole: bool) -> str:
    if len(value) != 64 or set(value) - set("0123456789abcdef"):
        return value
    return f"sha256 {value if whole else f'{value[:16]}…'}"


def _moment(made: str, locale: Locale) -> str:
    """`2026-11-20T09:30:00Z` as people read it."""
    day, _, hour = made.rstrip("Z").partition("T")
    shown = locale.day(day)
    return f"{shown} {locale.apart(f'{hour} UTC')}" if hour.strip("0:") else shown


def _machine(name: str, locale: Locale) -> str:
    """Processor and cores, which are kept as English says them."""

    def cores(found: re.Match[str]) -> str:
        return locale.say("{n} core", "{n} cores", n=int(found[1]))

    if locale.is_english:
        return name
    parts = name.split(", ")  # a digit after a Latin one would go with it
    return ", ".join(_CORES.sub(cores, p) if _CORES.match(p) else locale.apart(p) for p in parts)


def _source(source: str, locale: Locale) -> str:
    """Where the experiment's data came from, which is kept as one of four English words."""
    said = {
        "file": locale.say("file"),
        "hub": locale.say("hub"),
        "talk": locale.say("talk"),
        "sample": locale.say("sample"),
    }
    return said.get(source, source)


# --- Which runs stand behind what is shown -----------------------------------------------------


def runs_behind(places: Iterable[str], measured: Measured) -> tuple[str, ...]:
    """The names of the measurements behind some places or expressions, in the talk's order.

    "" is the experiment.
    """
    first = {first_name(part) for at in places for part in places_in(at)}
    names = [name for name in measured.measurements if name in first]
    others = first - set(names) if measured.experiment else ()
    return ("", *names) if others else tuple(names)


def printed_line(names: Iterable[str], measured: Measured, locale: Locale = ENGLISH) -> str:
    """What paper says of the runs behind a slide: "measured on 2026-11-20 · hash 1a2b3c4d"."""
    by_day: dict[str, list[str]] = {}
    for name in names:
        one = measured.measurements.get(name)
        if one:
            by_day.setdefault(one.run.made[:10], []).append(f"{name} {one.run.id}")
        elif measured.experiment:
            run = measured.experiment.run
            by_day.setdefault(run.started[:10], []).append(locale.say("run {id}", id=run.id))
    days = (
        " · ".join([locale.say("on {day}", day=locale.day(day)), *runs] if day else runs)
        for day, runs in by_day.items()
    )
    return locale.say("measured {days}", days=", ".join(days)) if by_day else ""


def rows_of(name: str, measured: Measured, locale: Locale = ENGLISH) -> Rows:
    """The run of a measurement, or of the experiment for "", as the dialog lists it."""
    if one := measured.measurements.get(name):
        return measurement_rows(one, locale)
    return run_rows(measured.experiment, locale) if measured.experiment else []


def file_of(name: str) -> str:
    """The file, beside the pages, that holds a run: measured/hash.json, results.json."""
    return f"measured/{name}.json" if name else "results.json"


def place_in(at: str, names: Sequence[str], measured: Measured) -> str:
    """Where in the file of its run a value stands; an expression as it is."""
    if names == ("",):
        return place(at, measured.experiment) if measured.experiment else at
    is_plain = len(names) == 1 and next(places_in(at), "") == at
    return at.removeprefix(names[0]).removeprefix(".") if is_plain else at


def page_data(
    marks: Iterable[Mark],
    places: Iterable[str],
    measured: Measured,
    locale: Locale = ENGLISH,
) -> dict[str, Any]:
    """What a page knows of its measured numbers, for JSON: their runs, and each by its place.

    `marks` stand in the slides' text, `places` name those in pictures. What several values share
    stands there once: runs, and how a value was made.
    """
    names = namespace(measured)
    found = [mark_of(one, "") for at in places if (one := number_at(at, names))]
    shown = {mark.at: mark for mark in (*marks, *found) if mark.value is not None}
    behind = {at: runs_behind([at], measured) for at in shown}
    runs = runs_behind(shown, measured)
    hows = sorted({mark.how for mark in shown.values() if mark.how})
    values: dict[str, dict[str, Any]] = {}
    for at, mark in sorted(shown.items()):
        if behind[at]:
            place = place_in(at, behind[at], measured)
            values[at] = {
                **({} if place == at else {"place": place}),
                "runs": [runs.index(name) for name in behind[at]],
                **_facts(mark, hows, locale),
            }
    listed = [{"file": file_of(name), "rows": rows_of(name, measured, locale)} for name in runs]
    said = [how_in(how, locale) for how in hows]
    return {"hows": said, "runs": listed, "values": values}


def _facts(mark: Mark, hows: Sequence[str], locale: Locale) -> dict[str, Any]:
    """What is known of one value; what isn't, or goes without saying, is left out."""
    facts: dict[str, Any] = {name: getattr(mark, name) for name in _FACTS}
    for end in ("low", "high"):  # six digits are more than it is sure of
        if facts[end] is not None:
            facts[end] = float(f"{facts[end]:.6g}")
    if mark.level != LEVEL and mark.low is not None:
        facts["level"] = mark.level
    if mark.how:
        facts["how"] = hows.index(mark.how)
    if mark.unit == "share":
        del facts["unit"]
    elif mark.unit:
        facts["unit"] = in_unit(mark.unit, locale)
    if 1 < len(mark.repeats) <= MOST_REPEATS:
        facts["repeats"] = [float(f"{one:.9g}") for one in mark.repeats]  # as they are shown
        del facts["n"]  # so many are listed
    return {name: fact for name, fact in facts.items() if fact not in (None, "")}


_FACTS = ("value", "low", "high", "n", "hits", "total", "unit", "direction")
