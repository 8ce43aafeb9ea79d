"""Files of pytest-benchmark, hyperfine and Google Benchmark -> `Tree`, by the benchmarks' names.

Each benchmark is a branch with the names that its tool uses: `bench.test_sort.median`,
`bench["sleep 0.1"].mean`, `bench["BM_insert/8"].real_time`. Of who ran it and where files lie
nothing is taken.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from pipeline import statistics, units
from pipeline.measure.readers.amounts import parameter
from pipeline.measure.readers.json_text import Place
from pipeline.measure.readers.plain import WrongError, branch, located
from pipeline.measured import Direction, Tree, Value
from pipeline.problems import Source, TalkError

MOST_SINGLE = 500  # single times of a benchmark that content can name; more say nothing more
_ENOUGH = 30  # runs from which a mean is as good as normally distributed
_NO_TIMES = frozenset(["rounds", "outliers", "iqr_outliers", "stddev_outliers", "iterations"])
_AGGREGATES = ("mean", "median", "stddev", "cv", "min", "max")


def pytest_benchmark(content: Mapping[str, Any], text: str, path: Path) -> dict[str, Tree]:
    """What `pytest --benchmark-json` writes. Raises TalkError with the line."""
    found = _benchmarks(content, path)
    names = [one.get("name") for one in found]
    key = "name" if len(set(map(str, names))) == len(names) else "fullname"
    read = partial(_each, found, key, ("benchmarks",), _pytest)
    return located(read, text, path)


def _pytest(one: Mapping[str, Any], place: Place) -> dict[str, Tree]:
    stats = one.get("stats")
    if not isinstance(stats, dict):
        raise WrongError("has no `stats`: is it a file of pytest-benchmark?", place)
    given = {key: inner for key, inner in stats.items() if key not in ("data", "outliers")}
    made: dict[str, Tree] = {"name": str(one.get("name", ""))}
    made |= branch(given, (*place, "stats"))
    for key, value in made.items():
        if isinstance(value, Value) and key not in _NO_TIMES:
            is_rate = key == "ops"
            direction: Direction = "up" if is_rate else "down"
            made[key] = replace(value, unit="1/s" if is_rate else "s", direction=direction)
    times = _numbers(stats.get("data"))
    _explain(made, times, _whole(stats.get("rounds")), "rounds")
    made |= _single("data", times)
    for key in ("params", "extra_info"):
        if isinstance(one.get(key), dict) and one[key]:
            made[key] = branch(one[key], (*place, key))
    return made


def hyperfine(content: Mapping[str, Any], text: str, path: Path) -> dict[str, Tree]:
    """What `hyperfine --export-json` writes. Raises TalkError with the line."""
    found = content["results"]
    return located(partial(_each, found, "command", ("results",), _hyperfine), text, path)


def _hyperfine(one: Mapping[str, Any], place: Place) -> dict[str, Tree]:
    given = {key: inner for key, inner in one.items() if key not in ("times", "exit_codes")}
    used = given.pop("memory_usage_byte", None)
    made = branch(given, place)
    for key, value in made.items():
        if isinstance(value, Value):
            made[key] = replace(value, unit="s", direction="down")
    times = _numbers(one.get("times"))
    _explain(made, times, len(times) or None, "runs")
    made |= _single("times", times)
    if memory := _numbers(used):
        made["memory"] = timed(memory, "bytes")
    if isinstance(parameters := made.get("parameters"), dict):
        made["parameters"] = {
            key: parameter(inner) if isinstance(inner, str) else inner
            for key, inner in parameters.items()
        }
    return made


def hyperfine_csv(rows: Iterable[dict[str, Tree]]) -> dict[str, Tree]:
    """The rows of what `hyperfine --export-csv` writes."""
    names = [str(row["command"]) for row in rows]
    made: dict[str, Tree] = {}
    for row in rows:
        parameters: dict[str, Tree] = {
            key.removeprefix("parameter_"): inner
            for key, inner in row.items()
            if key.startswith("parameter_")
        }
        times: dict[str, Tree] = {
            key: replace(inner, unit="s", direction="down") if isinstance(inner, Value) else inner
            for key, inner in row.items()
            if not key.startswith("parameter_")
        }
        name = str(row["command"])
        if names.count(name) > 1:
            name += f" #{sum(key.startswith(f'{name} #') for key in made) + 1}"
        made[name] = times | ({"parameters": parameters} if parameters else {})
    return made


def google(content: Mapping[str, Any], text: str, path: Path) -> dict[str, Tree]:
    """What `--benchmark_out` writes as JSON. Raises TalkError with the line."""
    found = _benchmarks(content, path)
    made: dict[str, dict[str, Tree]] = {}
    singles: dict[str, list[dict[str, Tree]]] = {}

    def take() -> None:
        for at, one in enumerate(found):
            place: Place = ("benchmarks", at)
            if not isinstance(one, dict) or not isinstance(one.get("name"), str):
                raise WrongError("is no benchmark with a name", place)
            name = str(one.get("run_name") or one["name"])
            values = _google(one, place)
            aggregate = one.get("aggregate_name")
            if aggregate:
                made.setdefault(name, {})[str(aggregate)] = values
            else:
                made.setdefault(name, {})
                singles.setdefault(name, []).append(values)

    located(take, text, path)
    return _google_rows(made, singles)


def _google_rows(
    made: Mapping[str, dict[str, Tree]], singles: Mapping[str, Sequence[dict[str, Tree]]]
) -> dict[str, Tree]:
    return {
        name: {"name": name, **_repeated(singles.get(name, []), rest)}
        for name, rest in made.items()
    }


_GOOGLE_TIMES = frozenset(["real_time", "cpu_time", "real_coefficient", "cpu_coefficient"])
_GOOGLE_HEADER = re.compile(r"^name,iterations,real_time,cpu_time,time_unit,", re.MULTILINE)
_GOOGLE_SAYS = """name run_name run_type family_index per_family_instance_index repetitions
repetition_index aggregate_name aggregate_unit time_unit threads"""
_GOOGLE_KEYS = frozenset(_GOOGLE_SAYS.split())  # what names a benchmark, or says nothing of it


def _google(one: Mapping[str, Any], place: Place) -> dict[str, Tree]:
    given = {key: inner for key, inner in one.items() if key not in _GOOGLE_KEYS}
    if one.get("error_occurred") or one.get("skipped"):
        message = one.get("error_message") or one.get("skip_message")
        return {"skipped": str(message or "no reason given")}
    made = branch(given, place)
    is_share = one.get("aggregate_unit") == "percentage"
    for key, value in made.items():
        if isinstance(value, Value):
            unit, direction = _google_unit(key, str(one.get("time_unit", "ns")))
            if (is_share and key in _GOOGLE_TIMES) or key == "rms":
                unit, direction = units.SHARE, "down"
            made[key] = replace(value, unit=unit or value.unit, direction=direction)
    return made


def _google_unit(key: str, time_unit: str) -> tuple[str, Direction]:
    if key in _GOOGLE_TIMES:
        return units.canonical(time_unit), "down"
    if key == "bytes_per_second":
        return "bytes/s", "up"
    if key == "items_per_second":
        return "items/s", "up"
    return ("bytes", "down") if key == "max_bytes_used" else ("", "")


def _repeated(singles: Sequence[dict[str, Tree]], rest: dict[str, Tree]) -> dict[str, Tree]:
    """A benchmark's own values: of its repetitions the median, else what it was summed up to."""
    made: dict[str, Tree] = dict(singles[0]) if singles else {}
    if len(singles) > 1:
        for key, value in made.items():
            runs = [one.get(key) for one in singles]
            values = [run for run in runs if isinstance(run, Value)]
            is_measured = key != "iterations" and len(values) == len(runs)
            if isinstance(value, Value) and is_measured:
                made[key] = replace(
                    timed([one.value for one in values], value.unit), direction=value.direction
                )
    elif not singles:
        middle = rest.get("median") or rest.get("mean")
        made = dict(middle) if isinstance(middle, dict) else {}
        made = {key: _said(inner, rest) for key, inner in made.items() if key != "iterations"}
    return made | rest


def _said(value: Tree, rest: Mapping[str, Tree]) -> Tree:
    how = f"{'median' if 'median' in rest else 'mean'} of the repetitions, by Google Benchmark"
    return replace(value, how=how) if isinstance(value, Value) else value


def google_head(text: str) -> tuple[str, str, str]:
    """A CSV file's text with empty lines for what stands above its header; when and where it was.

    Google Benchmark writes there what it says of the machine, paths among it.
    """
    header = _GOOGLE_HEADER.search(text)
    if not header or not header.start() or text.count("\n", 0, header.start()) > 40:
        return text, "", ""
    head = text[: header.start()]
    parts: list[str] = []
    if machine := re.search(r"^Run on \((\d+) X ([\d.]+) MHz", head, re.MULTILINE):
        parts = [_cores(int(machine[1])), f"{machine[2]} MHz"]
    bare = "\n" * head.count("\n") + text[header.start() :]
    return bare, made_at(head.split("\n")[0]), ", ".join(parts)


def google_csv(rows: Sequence[dict[str, Tree]]) -> dict[str, Tree]:
    """The rows of `--benchmark_out_format=csv`; aggregates have rows of their own."""
    names = {str(row["name"]) for row in rows}
    made: dict[str, dict[str, Tree]] = {}
    singles: dict[str, list[dict[str, Tree]]] = {}
    for row in rows:
        name, kind = str(row["name"]), ""
        base, _, last = name.rpartition("_")
        if last in _AGGREGATES and (base in names or f"{base}_mean" in names):
            name, kind = base, last
        unit = str(row.get("time_unit") or "")
        values: dict[str, Tree] = {}
        for key, inner in row.items():
            if inner is None or key in ("name", "time_unit"):
                continue
            values[key] = inner
            if isinstance(inner, Value):
                own, direction = _google_unit(key, unit or "ns")
                own = units.SHARE if kind == "cv" and key in _GOOGLE_TIMES else own
                values[key] = replace(inner, unit=own, direction=direction)
        if row.get("error_occurred") is not None:
            values = {"skipped": str(row.get("error_message") or "no reason given")}
        made.setdefault(name, {})
        if kind:
            made[name][kind] = values
        else:
            singles.setdefault(name, []).append(values)
    return _google_rows(made, singles)


# --- Times --------------------------------------------------------------------------------------


def timed(values: Sequence[float], unit: str) -> Value:
    """The median of single times or sizes, with its interval; less is better.

    They aren't kept as `repeats`: a tool times one benchmark after the other, so that the third
    time of one has nothing to do with the third of another, and to compare them pairwise would
    claim more than was measured.
    """
    found = statistics.interval_of_repeats(values)
    return Value(
        found.value,
        found.low,
        found.high,
        found.level,
        len(values),
        unit=unit,
        how=found.how,
        direction="down",
    )


def _single(name: str, times: Sequence[float]) -> dict[str, Tree]:
    """The single times as a series, under the tool's own name: for a histogram."""
    if not 1 < len(times) <= MOST_SINGLE:
        return {}
    return {name: tuple(Value(one, unit="s", direction="down") for one in times)}


def _explain(made: dict[str, Tree], times: Sequence[float], count: int | None, what: str) -> None:
    """Median and mean of a benchmark with their intervals, from its single times if it has them."""
    median, mean, spread = made.get("median"), made.get("mean"), made.get("stddev")
    if isinstance(median, Value):
        made["median"] = replace(median, n=count)
        found = timed(times, median.unit) if len(times) > 1 else median
        low, high = found.low, found.high
        if low is None and found.value == median.value:
            made["median"] = replace(median, n=len(times), how=found.how)
        if low is not None and high is not None and low <= median.value <= high:
            made["median"] = replace(found, value=median.value)
    if isinstance(mean, Value):
        made["mean"] = replace(mean, n=count)
        if count and count >= _ENOUGH and isinstance(spread, Value):
            half = statistics.Z * spread.value / math.sqrt(count)
            how = f"mean of {count} {what}, 1.96 standard errors to each side"
            low, high = mean.value - half, mean.value + half
            made["mean"] = replace(mean, low=low, high=high, n=count, how=how)


def _benchmarks(content: Mapping[str, Any], path: Path) -> list[Any]:
    found = content.get("benchmarks")
    if not isinstance(found, list) or not found:
        hint = "was each benchmark left out, or did none pass?"
        raise TalkError("the file holds no benchmark", Source(path), hint)
    return found


def _each(found: list[Any], key: str, at: Place, read: Any) -> dict[str, Tree]:
    """All benchmarks by their names. Raises WrongError for one without, and for two of one name."""
    made: dict[str, Tree] = {}
    names = [str(one.get(key, "")) if isinstance(one, dict) else "" for one in found]
    for index, (one, name) in enumerate(zip(found, names, strict=True)):
        place = (*at, index)
        if not name.strip():
            raise WrongError(f"has no `{key}`", place)
        if names.count(name) > 1 and isinstance(one.get("parameters"), dict):
            given = ", ".join(f"{k}={v}" for k, v in one["parameters"].items())
            name = f"{name} {given}"
        if name in made:
            raise WrongError(f"is a second `{name}`", place)
        made[name] = read(one, place)
    return made


def _numbers(content: Any) -> list[float]:
    """The numbers of a list; empty if it is none, or holds something else."""
    if not isinstance(content, list) or not all(type(one) in (int, float) for one in content):
        return []
    return content


def _whole(content: Any) -> int | None:
    return content if isinstance(content, int) and content > 0 else None


# --- When and where -----------------------------------------------------------------------------


def made_at(said: Any) -> str:
    """A date as tools write it, in UTC: 2026-11-20T09:00:00Z; empty for anything else."""
    if isinstance(said, bool):
        return ""
    try:
        if isinstance(said, int | float):
            seconds = said / 1000 if said > 1e11 else said
            return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        text = re.sub(r"(\.\d{6})\d+", r"\1", str(said).strip())
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            is_day = len(text) == 10
            return found.strftime("%Y-%m-%d" if is_day else "%Y-%m-%dT%H:%M:%S")
        return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return ""


def pytest_machine(content: Mapping[str, Any]) -> str:
    """Processor, cores and Python of a file of pytest-benchmark; no host name."""
    info = content.get("machine_info")
    info = info if isinstance(info, dict) else {}
    cpu = info.get("cpu")
    cpu = cpu if isinstance(cpu, dict) else {}
    parts = [str(cpu.get("brand_raw") or info.get("processor") or info.get("machine") or "")]
    if isinstance(count := cpu.get("count"), int):
        parts.append(_cores(count))
    if version := info.get("python_version"):
        parts.append(f"{info.get('python_implementation', 'Python')} {version}")
    return ", ".join(part.strip() for part in parts if part.strip())


def google_machine(content: Mapping[str, Any]) -> str:
    """Cores and clock of a file of Google Benchmark; no host name. A debug build is named."""
    context = content.get("context")
    context = context if isinstance(context, dict) else {}
    parts = []
    if isinstance(count := context.get("num_cpus"), int):
        parts.append(_cores(count))
    if isinstance(clock := context.get("mhz_per_cpu"), int):
        parts.append(f"{clock} MHz")
    if context.get("library_build_type") == "debug":
        parts.append("debug build")
    return ", ".join(parts)


def _cores(count: int) -> str:
    return "1 core" if count == 1 else f"{count} cores"
