"""The measured values that the lines of a chart name, as series; not yet written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from pipeline.command import called
from pipeline.measured import step
from pipeline.numbers.lookup import ANY, Found, find_values, keys_of
from pipeline.numbers.values import Number, Record, Rows
from pipeline.problems import Source, TalkError, nearest
from pipeline.slides.chart_fence import ROWS_KEYS, Said, items


class Raw(msgspec.Struct, frozen=True):
    """A value before it is written: what the file calls it, and where along a line it stands."""

    name: str
    number: Number | None
    at: str
    x: float | None = None


RawSeries = tuple[tuple[str, tuple[Raw, ...]], ...]


def values_of(said: Said, names: Mapping[str, Any], top: Source) -> tuple[RawSeries, str]:
    """The values that the lines name, and what the x axis is called."""
    if ("values" in said) == ("rows" in said):
        hint = "`values: hash.*.ns`, or `rows: hash.rows` with `x:` and `y:` for its columns"
        what = "both `values` and `rows`" if "rows" in said else "no values"
        raise TalkError(f"a chart with {what}", top, hint)
    if not names:
        hint = f"add a [measure.NAME] table to talk.toml and run `{called()}`"
        raise TalkError("this talk measures nothing that a chart could show", top, hint)
    if "rows" in said:
        return _of_rows(said, names)
    for key in ("y", "by"):
        if key in said:
            hint = "a table's columns: `rows: hash.rows`, `y: ns`; without a table drop it"
            raise TalkError(f"`{key}` goes with `rows`", said[key][1], hint)
    found = [(place, find_values(place, names)) for place in items(said["values"][0])]
    short = _distinct([place for place, _ in found])
    made = _of_places(found, short, said["kind"][0])
    return _along(made, said, names), _last_name(said["x"][0]) if "x" in said else ""


def _of_places(
    found: Sequence[tuple[str, tuple[Found, ...]]], called: Sequence[str], kind: str
) -> RawSeries:
    series: list[tuple[str, tuple[Raw, ...]]] = []
    single: list[Raw] = []
    for (_, all_values), name in zip(found, called, strict=True):
        values = _drawable(all_values, kind)
        if kind == "histogram" and len(values) == 1 and _repeats(values[0].value):
            series.append((name, tuple(_each_repeat(values[0]))))
        elif any(isinstance(one.value, Rows) for one in values):
            for one in values:
                series.append((one.star or name, tuple(_of_list(one))))
        elif any(one.star for one in values):
            series.append((name, tuple(_raw(one.star, one) for one in values)))
        else:
            single += [_raw(name, one) for one in values]
    if single:
        series.insert(0, ("", tuple(single)))
    return tuple(series)


def _drawable(values: tuple[Found, ...], kind: str) -> tuple[Found, ...]:
    """Of all that a `*` stands for the numbers, or the series where lines are drawn of those."""
    if len(values) < 2:
        return values
    series = tuple(one for one in values if isinstance(one.value, Rows))
    numbers = any(isinstance(one.value, Number) for one in values)
    if series and (kind in ("lines", "histogram") or not numbers):
        return series
    if not numbers:
        return values
    return tuple(one for one in values if one.value is None or isinstance(one.value, Number))


def _raw(name: str, found: Found) -> Raw:
    if isinstance(found.value, Number):
        return Raw(name, found.value, found.at)
    if found.value is None:
        return Raw(name, None, found.at)
    if isinstance(found.value, Record):
        inner = ", ".join(f"{found.at}.{key}" for key in list(found.value)[:3])
        raise TalkError(f"{found.at} holds several values", hint=f"name one: {inner}, …")
    raise TalkError(f"{found.at} is no number, so it can't be drawn", hint="name another value")


def _of_list(found: Found) -> Iterable[Raw]:
    """The values of a series; they stand at 1, 2, 3, …"""
    if not isinstance(found.value, Rows):
        raise TalkError(
            f"{found.at} is one value, where others are a series", hint="chart it alone"
        )
    for index, item in enumerate(found.value):
        one = _raw(str(index + 1), Found(f"{found.at}[{index}]", "", item))
        yield replace(one, x=float(index + 1))


def _repeats(value: Any) -> tuple[float, ...]:
    return value.repeats if isinstance(value, Number) else ()


def _each_repeat(found: Found) -> Iterable[Raw]:
    number = found.value
    for index, value in enumerate(_repeats(number)):
        one = Number(found.at, value, unit=number.unit)
        yield Raw(str(index + 1), one, found.at, float(index + 1))


def _along(series: RawSeries, said: Said, names: Mapping[str, Any]) -> RawSeries:
    """Where values stand along the x axis, as the values at the place `x` say."""
    if "x" not in said:
        return series
    text, where = said["x"]
    try:
        found = find_values(text, names)
    except TalkError as error:
        raise TalkError(error.message, where, error.hint) from None
    values = found[0].value if isinstance(found[0].value, Rows) else [one.value for one in found]
    made = []
    for name, data in series:
        if len(data) != len(values):
            message = f"`x` has {len(values)} values, and the chart {len(data)}"
            raise TalkError(message, where, "they belong together one by one")
        placed = zip(data, values, strict=True)
        made.append((name, tuple(replace(one, **_place(x, where)) for one, x in placed)))
    return tuple(made)


def _place(x: Any, where: Source) -> dict[str, Any]:
    if isinstance(x, Number):
        return {"name": f"{x.value:,.6g}", "x": float(x.value)}
    if isinstance(x, str):
        return {"name": str(x), "x": None}
    raise TalkError("`x` is neither a number nor a text", where, "name another column")


def _of_rows(said: Said, names: Mapping[str, Any]) -> tuple[RawSeries, str]:
    """The values of a table: a series for each of its columns `y`, and each name in `by`."""
    text, where = said["rows"]
    (table,) = find_values(text, names)[:1]
    keyed = _rows(table.value)
    if keyed is None:
        raise TalkError(f"{text} is no table", where, "a list whose items have the same keys")
    rows = [row for _, row in keyed]
    known = list(dict.fromkeys(key for row in rows for key in row))
    if "y" not in said:
        hint = f"add `y: …`, one of its columns: {', '.join(known)}"
        raise TalkError("a chart of a table needs `y`", where, hint)
    if not rows:
        raise TalkError(f"{text} has no rows", where, "there is nothing to draw")
    columns = {key: items(said[key][0]) for key in ROWS_KEYS if key in said}
    for key, wanted in columns.items():
        for column in wanted:
            if column not in known:
                message = f"{text} has no column `{column}`"
                raise TalkError(message, said[key][1], nearest(column, known))
    x, by = (columns.get(key, ("",))[0] for key in ("x", "by"))
    made: dict[str, list[Raw]] = {}
    for index, (row_key, row) in enumerate(keyed):
        of_table = step(table.at, row_key if isinstance(row_key, str) else index)
        place: dict[str, Any] = {"name": str(row_key)}
        place["x"] = None if isinstance(row_key, str) else float(row_key)
        place |= _place(row[x], said["x"][1]) if x else {}
        for column in columns["y"]:
            of = [str(_plain(row, by))] if by else []
            of += [column] if len(columns["y"]) > 1 or not by else []
            raw = _raw("", Found(step(of_table, column), "", _cell(row, column)))
            made.setdefault(" ".join(of), []).append(replace(raw, **place))
    return tuple((name, tuple(data)) for name, data in made.items()), x


def _rows(table: Any) -> list[tuple[str | int, Record]] | None:
    """The rows of a table, each by its name or by its number, from 1; None for what is none."""
    if isinstance(table, Rows):
        rows: list[tuple[str | int, Any]] = list(enumerate(table, 1))
    elif isinstance(table, Record):
        rows = [(str(name), table[str(name)]) for name in table]
    else:
        return None
    found = [(key, row) for key, row in rows if isinstance(row, Record)]
    return found if len(found) == len(rows) else None


def _cell(row: Record, column: str) -> Any:
    try:
        return row[column] if column in list(row) else None
    except TalkError:  # undefined in this run
        return None


def _plain(row: Record, column: str) -> object:
    value = row[column]
    return f"{value.value:,.6g}" if isinstance(value, Number) else value


def _distinct(places: Sequence[str]) -> tuple[str, ...]:
    """What tells places apart: `hash.insert.ns` and `hash.find.ns` are `insert` and `find`."""
    keys = [[str(key) for key in keys_of(place) if key != ANY] for place in places]
    if len(keys) == 1:
        return (keys[0][-1],)
    shortest = min(map(len, keys))
    front = next((n for n in range(shortest) if len({k[n] for k in keys}) > 1), shortest)
    back = next((n for n in range(shortest - front) if len({k[-1 - n] for k in keys}) > 1), 0)
    return tuple(" ".join(k[front : len(k) - back]) or k[-1] for k in keys)


def _last_name(place: str) -> str:
    return [str(key) for key in keys_of(place) if key != ANY][-1]


def called_in(series: RawSeries) -> tuple[str, ...]:
    names = [name for name, _ in series] + [one.name for _, data in series for one in data]
    return tuple(dict.fromkeys(filter(None, names)))
