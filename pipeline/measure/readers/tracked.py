"""What MLflow and Weights & Biases keep of a run -> `Tree`: its metrics, parameters and history.

A metric stands under its own name, `run.loss` or `run["val/acc"]`; `run.params.lr`,
`run.history.loss`. Of users, hosts and paths nothing is taken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from pipeline.files import read_bytes
from pipeline.measure.readers.amounts import RefusedError, amount, parameter
from pipeline.measure.readers.json_text import Place
from pipeline.measure.readers.plain import WrongError, branch, located
from pipeline.measure.readers.tables import table
from pipeline.measure.readers.text import WHAT
from pipeline.measure.readers.timed import made_at
from pipeline.measured import Tree, Value
from pipeline.problems import Source, TalkError

FOLDER = "files of an MLflow run"  # the key of a folder's content, as `content` packs it
MOST_FILES = 5000
# Who ran it, where its files lie, and what names no value.
_OTHERS = """user,user_id,notes,tags,state,status,sweep,created,artifact_uri,experiment_id,run_id,\
run id,run_uuid,name,start_time,start time,end_time,source name,source type,_timestamp,_wandb"""
_NOT_TAKEN = frozenset(_OTHERS.split(","))
_NO_NUMBER = frozenset(["nan", "infinity", "-infinity", "inf", "-inf"])


def content(path: Path, what: str = WHAT) -> bytes:
    """The bytes of a file, which `what` names in messages; of a folder those of its MLflow run.

    The same files give the same bytes. Raises TalkError for what can't be read, and for a folder
    that is no run.
    """
    if not path.is_dir():
        return read_bytes(path, what)
    if not (path / "metrics").is_dir():
        hint = "a run's folder is mlruns/EXPERIMENT/RUN, with `metrics` in it"
        raise TalkError("the folder is no MLflow run", Source(path), hint)
    wanted = [path / "meta.yaml", *sorted((path / "metrics").rglob("*"))]
    wanted += sorted((path / "params").rglob("*"))
    files = [one for one in wanted if one.is_file() and not one.is_symlink()]
    if len(files) > MOST_FILES:
        raise TalkError(
            f"the MLflow run has more than {MOST_FILES} files", Source(path), "check it"
        )
    texts = {
        one.relative_to(path).as_posix(): read_bytes(one, WHAT).decode("utf-8", "replace")
        for one in files
    }
    return json.dumps({FOLDER: texts}, ensure_ascii=False, sort_keys=True).encode()


# --- MLflow -------------------------------------------------------------------------------------


def mlflow_folder(files: Mapping[str, str], path: Path) -> tuple[dict[str, Tree], str]:
    """The values of a run's folder, and when it began. Raises TalkError with file and line."""
    metrics: dict[str, Tree] = {}
    history: dict[str, Tree] = {}
    files = {name: str(text) for name, text in files.items()}
    for name, text in files.items():
        if not name.startswith("metrics/") or not text.strip():
            continue
        metric = name.removeprefix("metrics/")
        logged = _logged(text, metric, path / name)
        metrics[metric] = max(logged, key=lambda one: one[:2])[2]
        if len(logged) > 1:
            history[metric] = tuple(value for _, _, value in sorted(logged, key=_by_step))
    params: dict[str, Tree] = {
        name.removeprefix("params/"): parameter(text.strip())
        for name, text in files.items()
        if name.startswith("params/")
    }
    began = re.search(r"^start_time: (\d+)\s*$", files.get("meta.yaml", ""), re.MULTILINE)
    made = made_at(int(began[1])) if began else ""
    return _with_parts(metrics, params, history), made


def _by_step(logged: tuple[int, int, Value]) -> tuple[int, int]:
    return logged[:2]


def _logged(text: str, metric: str, path: Path) -> list[tuple[int, int, Value]]:
    """A metric's file: on each line the time, the value and the step; a step is 0 without one."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not (words := line.split()):
            continue
        try:
            value = amount(words[1], metric)
            step = int(words[2]) if len(words) > 2 else 0
            if value is None:
                raise ValueError
            found.append((step, int(words[0]), value))
        except RefusedError as error:
            raise TalkError(f"metric `{metric}`: {error}", Source(path, number)) from None
        except (IndexError, ValueError):
            message = f"metric `{metric}`: no line of time, value and step"
            raise TalkError(message, Source(path, number), "was it cut off?") from None
    return found


def mlflow_runs(content: Any, text: str, path: Path) -> tuple[dict[str, Tree], str]:
    """One run, or several, as MLflow's API and `mlflow runs describe` give them."""
    if isinstance(content, dict) and isinstance(content.get("runs"), list):
        content = content["runs"]
    if isinstance(content, dict):
        return located(partial(_run, content, ()), text, path), _began(content)
    runs = [located(partial(_run, one, (at,)), text, path) for at, one in enumerate(content)]
    named: list[dict[str, Tree]] = []
    for one, run in zip(content, runs, strict=True):
        named.append(
            {"run": str(_info(one).get("run_name") or _info(one).get("run_id", "")), **run}
        )
    return table(named), ""


def _run(content: Any, place: Place) -> dict[str, Tree]:
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(data, dict):
        raise WrongError("is no run of MLflow: it has no `data`", place)
    here = (*place, "data")
    metrics = _pairs(data.get("metrics"), (*here, "metrics"))
    params = _pairs(data.get("params"), (*here, "params"))
    read = {key: parameter(inner) for key, inner in params.items() if isinstance(inner, str)}
    return _with_parts(_finite_branch(metrics, (*here, "metrics")), read, {})


def _pairs(content: Any, place: Place) -> dict[str, Any]:
    """Names and values, of a mapping or of a list of `key` and `value`."""
    if isinstance(content, list):
        try:
            return {str(one["key"]): one["value"] for one in content}
        except (TypeError, KeyError):
            raise WrongError("is no list of `key` and `value`", place) from None
    return content if isinstance(content, dict) else {}


def _info(content: Any) -> dict[str, Any]:
    info = content.get("info") if isinstance(content, dict) else None
    return info if isinstance(info, dict) else {}


def _began(content: Any) -> str:
    started = _info(content).get("start_time", "")
    return made_at(int(started) if str(started).isdigit() else started)


def _with_parts(
    metrics: dict[str, Tree], params: dict[str, Tree], history: dict[str, Tree]
) -> dict[str, Tree]:
    parts: dict[str, Tree] = {}
    if params:
        parts["params"] = params
    if history:
        parts["history"] = history
    return parts | metrics if parts.keys() & metrics.keys() else metrics | parts


def mlflow_table(rows: Sequence[dict[str, Tree]]) -> dict[str, Tree]:
    """The rows of what `mlflow experiments csv`, `search_runs().to_csv` and the pages export."""
    made: list[dict[str, Tree]] = []
    for row in rows:
        name = row.get("tags.mlflow.runName") or row.get("Name") or row.get("run_id")
        one: dict[str, Tree] = {"run": str(name or row.get("Run ID") or "")}
        params: dict[str, Tree] = {}
        for key, inner in row.items():
            if key.startswith("metrics."):
                one[key.removeprefix("metrics.")] = inner
            elif key.startswith("params."):
                params[key.removeprefix("params.")] = inner
            elif not key.startswith("tags.") and key.lower() not in _NOT_TAKEN:
                one[key] = inner
        made.append(_with_parts(one, params, {}))
    return table(made)


# --- Weights & Biases ---------------------------------------------------------------------------


def wandb_summary(content: Mapping[str, Any], text: str, path: Path) -> tuple[dict[str, Tree], str]:
    """The values of `wandb-summary.json`, and when they were logged."""
    made = located(partial(_summary, content), text, path)
    return made, made_at(content.get("_timestamp", ""))


def _summary(content: Mapping[str, Any]) -> dict[str, Tree]:
    given: dict[str, Any] = {}
    for key, inner in content.items():
        if key in ("_step", "_runtime") and key[1:] not in content:
            given[key[1:]] = inner
        elif not key.startswith("_") and not (isinstance(inner, dict) and "_type" in inner):
            given[key] = inner
    for key, inner in content.items():
        if isinstance(inner, dict) and inner.get("_type") == "histogram":
            given[key] = {part: inner[part] for part in ("bins", "values") if part in inner}
    made = _finite_branch(given, ())
    if isinstance(runtime := made.get("runtime"), Value) and "_runtime" in content:
        made["runtime"] = Value(runtime.value, unit="s")
    return made


def wandb_rows(rows: Sequence[dict[str, Tree]]) -> dict[str, Tree]:
    """The rows of a history, of a chart's data or of the table of runs; no user, no notes."""
    made = []
    for row in rows:
        one: dict[str, Tree] = {}
        for key, inner in row.items():
            if key.lower() in _NOT_TAKEN - {"name"}:
                continue
            bare = key.removeprefix("_")
            if bare.lower() == "runtime" and isinstance(inner, Value):
                inner = replace(inner, unit="s")
            end = re.sub(r"__(?:MIN|MAX)\Z", "", key)
            if end != key and row.get(end) == inner:
                continue  # a chart's data has each value three times
            one[bare if bare not in row else key] = inner
        made.append(one)
    return table(made)


def _finite_branch(content: Mapping[str, Any], place: Place) -> dict[str, Tree]:
    """Names and values. Raises WrongError for NaN, which these tools write as a text."""
    for key, inner in content.items():
        if isinstance(inner, str) and inner.lower() in _NO_NUMBER:
            raise WrongError(f"is {inner}: no measured value", (*place, key))
    return branch(content, place)
