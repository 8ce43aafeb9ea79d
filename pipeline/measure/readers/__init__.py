"""Any file of numbers -> `Tree`: read as it is, its format recognised by what it holds.

Numbers, tables and tools each have a module; none knows who ran what, or when.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from pipeline.config import Form
from pipeline.measure.readers import json_text, timed, tracked
from pipeline.measure.readers.known import annotate
from pipeline.measure.readers.lines import read_lines
from pipeline.measure.readers.plain import tree_of_json
from pipeline.measure.readers.tables import csv_rows, looks_like_csv, table
from pipeline.measure.readers.text import text_of
from pipeline.measure.readers.tracked import content
from pipeline.measured import Tree, numbers_in, rows_of
from pipeline.problems import Source, TalkError, nearest

FORMS: tuple[str, ...] = get_args(Form)
Read = tuple[dict[str, Tree], str, str, str]
_TIME_COLUMNS = ("command", "mean", "stddev", "median", "user", "system", "min", "max")
_GOOGLE_COLUMNS = ("name", "iterations", "real_time", "cpu_time", "time_unit")


def read(raw: bytes, path: Path, form: str = "") -> Read:
    """The values of a file, when and on which machine they were made, and the file's format.

    `raw` is what `content` gives. `form` is one of FORMS; empty: recognised by content. When (UTC)
    and where are empty where the file doesn't say. Raises TalkError with path and line for a file
    that can't be read whole, holds no number, or doesn't fit its format.
    """
    if form and form not in FORMS:
        raise TalkError(f"unknown format `{form}`", Source(path), nearest(form, FORMS))
    text = text_of(raw, path)
    is_csv = path.suffix.lower() in (".csv", ".tsv") or looks_like_csv(text)
    if form == "lines":
        values, made, machine, found = read_lines(text, path), "", "", "lines"
    elif form == "json" or (form != "csv" and json_text.is_json(text)):
        values, made, machine, found = _read_json(text, path, form)
    elif form or is_csv or timed.google_head(text)[0] != text:
        values, made, machine, found = _read_csv(text, path, form)
    else:
        values, made, machine, found = read_lines(text, path), "", "", "lines"
    if next(numbers_in(values), None) is None:
        raise TalkError("the file holds no number", Source(path), "print at least one")
    return values, made, machine, found


def _read_json(text: str, path: Path, form: str) -> Read:
    documents = json_text.documents(text, path)
    first = documents[0]
    found = _shape(documents)
    if form not in ("", "json", "wandb", found):
        _reject(form, found, path)
    form = form or found
    if form == "pytest-benchmark":
        values = timed.pytest_benchmark(first, text, path)
        return values, timed.made_at(first.get("datetime")), timed.pytest_machine(first), form
    if form == "google-benchmark":
        context = first.get("context")
        made = timed.made_at(context.get("date")) if isinstance(context, dict) else ""
        return timed.google(first, text, path), made, timed.google_machine(first), form
    if form == "hyperfine":
        return timed.hyperfine(first, text, path), "", "", form
    if form == "mlflow":
        files = first.get(tracked.FOLDER) if isinstance(first, dict) else None
        if isinstance(files, dict):
            values, made = tracked.mlflow_folder(files, path)
        else:
            values, made = tracked.mlflow_runs(first, text, path)
        return values, made, "", form
    if form == "wandb" and len(documents) == 1 and isinstance(first, dict):
        values, made = tracked.wandb_summary(first, text, path)
        return values, made, "", form
    values = tree_of_json(documents, text, path)
    if form == "wandb":
        return tracked.wandb_rows(_rows(values)), "", "", form
    return values, *_said(first), form


def _shape(documents: list[Any]) -> str:
    """The tool whose JSON it is, by its keys; "json" for anything else."""
    first = documents[0]
    if isinstance(first, list):
        first = first[0] if first and isinstance(first[0], dict) else {}
    if not isinstance(first, dict):
        return "json"
    if isinstance(first.get("benchmarks"), list):
        if "machine_info" in first:
            return "pytest-benchmark"
        return "google-benchmark" if "context" in first else "json"
    results = first.get("results")
    if isinstance(results, list) and results and isinstance(results[0], dict):
        return "hyperfine" if {"command", "mean", "user"} <= results[0].keys() else "json"
    if tracked.FOLDER in first or _is_run(first):
        return "mlflow"
    runs = first.get("runs")
    if isinstance(runs, list) and runs and isinstance(runs[0], dict) and _is_run(runs[0]):
        return "mlflow"
    return "wandb" if {"_step", "_timestamp"} <= first.keys() else "json"


def _is_run(content: dict[str, Any]) -> bool:
    info, data = content.get("info"), content.get("data")
    return isinstance(info, dict) and isinstance(data, dict) and "run_id" in info


def _read_csv(text: str, path: Path, form: str) -> Read:
    text, made, machine = timed.google_head(text)
    rows = csv_rows(text, path)
    found = _columns(list(rows[0]))
    if form not in ("", "csv", "mlflow", "wandb", found):
        _reject(form, found, path)
    form = form or found
    reader = {
        "hyperfine": timed.hyperfine_csv,
        "google-benchmark": timed.google_csv,
        "mlflow": tracked.mlflow_table,
        "wandb": tracked.wandb_rows,
    }.get(form, table)
    return reader(rows), made, machine, form


def _columns(names: list[str]) -> str:
    """The tool whose CSV it is, by its header; "csv" for anything else."""
    if tuple(names[: len(_TIME_COLUMNS)]) == _TIME_COLUMNS:
        return "hyperfine"
    if tuple(names[: len(_GOOGLE_COLUMNS)]) == _GOOGLE_COLUMNS:
        return "google-benchmark"
    known = set(names)
    if {"run_id", "experiment_id"} <= known or {"Run ID", "Source Type"} <= known:
        return "mlflow"
    is_chart = any(f"{name}__MIN" in known and f"{name}__MAX" in known for name in names)
    is_history = {"_step", "_timestamp"} <= known
    return "wandb" if is_chart or is_history or {"Name", "State", "Created"} <= known else "csv"


def _rows(values: dict[str, Tree]) -> list[dict[str, Tree]]:
    return [row for row in rows_of(values) if isinstance(row, dict)]


def _said(content: Any) -> tuple[str, str]:
    """When and on which machine, where a file of one's own says it as `made` and `machine`."""
    if not isinstance(content, dict):
        return "", ""
    made, machine = content.get("made"), content.get("machine")
    return (
        timed.made_at(made) if isinstance(made, str) else "",
        machine if isinstance(machine, str) else "",
    )


def _reject(form: str, found: str, path: Path) -> None:
    known = "" if found in ("json", "csv") else f": it looks like {found}"
    hint = f"leave `format` out, or one of {', '.join(FORMS)}"
    raise TalkError(f"the file is not one that {form} writes{known}", Source(path), hint)


__all__ = ["FORMS", "Read", "annotate", "content", "read"]
