"""Which cells experiments have, what each depends on, how long they take: cheap, without torch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from pipeline.command import NAME
from pipeline.config import Config, EvidenceSettings, ExperimentSettings
from pipeline.experiment.evidence.cell import Cell, ExperimentKind
from pipeline.experiment.evidence.kinds import MODULES, kind_in
from pipeline.experiment.plan import code_hash, experiment_of
from pipeline.experiment.sources import sample_sha256
from pipeline.files import kept
from pipeline.lengths import left_in_words
from pipeline.problems import Source, TalkError, nearest

FOLDER = "evidence"
# What a cell gets whatever its kind is.
BENCH_CODE = ("evidence/bench", "data/copies", "data/messages", "data/read", "data/split")
# Of [experiment]: what no cell depends on. A model's own settings are those of its training.
_OF_A_RUN = ("quick", "live", "baselines", "models", "examples", "next_tokens", "tokenized")
_OF_A_SOURCE = (
    *("hub", "hub_text", "hub_label", "name", "licence", "citation", "sha256"),
    *("sample", "sample_name"),
)


class Basis(msgspec.Struct, frozen=True):
    """What all cells depend on: hashes of data, sample and model, and the settings they meet."""

    data: str
    sample: str
    model: str
    settings: str

    @classmethod
    def of(cls, config: Config, data: str, model: str, model_name: str) -> Basis:
        experiment = experiment_of(config)
        settings = settings_hash(experiment, model_name)
        return cls(data, sample_sha256(config, experiment), model, settings)


class Plan(msgspec.Struct, frozen=True):
    """An experiment as talk.toml has it now, with its grid."""

    name: str
    module: str  # that holds its kind
    settings: EvidenceSettings
    cells: tuple[Cell, ...]
    quick: bool = False

    @property
    def kind(self) -> ExperimentKind:
        return kind_in(self.module)

    @property
    def grid(self) -> str:
        """Hash of its cells, in any order."""
        return _hash(sorted([one.kind, one.at, one.seed] for one in self.cells))

    @property
    def command(self) -> str:
        return f"{NAME} evidence {self.name}{' --quick' if self.quick else ''}"


class Job(msgspec.Struct, frozen=True):
    """A cell and the module of the kind that measures it: the first of those that ask for it."""

    cell: Cell
    module: str

    @property
    def kind(self) -> ExperimentKind:
        return kind_in(self.module)

    @property
    def cost(self) -> float:
        return self.kind.cost(self.cell)


def plans(config: Config, names: Sequence[str] = (), *, quick: bool = False) -> tuple[Plan, ...]:
    """The experiments of these names, all without one. Raises TalkError for an unknown name."""
    known = config.evidence
    if not known:
        hint = "add [evidence.NAME] to talk.toml: see docs/evidence.md"
        raise TalkError("this talk has no evidence", Source(config.path), hint)
    if wrong := next((name for name in names if name not in known), ""):
        raise TalkError(
            f"there is no [evidence.{wrong}]", Source(config.path), nearest(wrong, known)
        )
    return tuple(plan_of(config, name, quick=quick) for name in known if name in (names or known))


def plan_of(config: Config, name: str, *, quick: bool = False) -> Plan:
    """One experiment with its grid. Raises TalkError where its kind can't make one of it."""
    settings, module = config.evidence[name], MODULES[config.kind_of(name)]
    try:
        cells = tuple(dict.fromkeys(kind_in(module).cells(settings, quick)))
    except TalkError as error:
        where = error.where or config.source("evidence", name)
        raise TalkError(f"[evidence.{name}]: {error.message}", where, error.hint) from None
    return Plan(name, module, settings, cells, quick)


def jobs_of(found: Iterable[Plan]) -> tuple[Job, ...]:
    """The cells of some experiments, each once, cheapest first."""
    owners: dict[Cell, str] = {}
    for plan in found:
        for cell in plan.cells:
            owners.setdefault(cell, plan.module)
    return tuple(sorted((Job(*one) for one in owners.items()), key=lambda job: job.cost))


def takes(seconds: float, processes: int) -> str:
    """How long so many seconds of work take: "about 3 min on 2 cores"."""
    return f"about {left_in_words(seconds / processes)} on {processes} core{'s'[: processes > 1]}"


# --- What they depend on ------------------------------------------------------------------------


def fingerprint(plan: Plan, basis: Basis, model_name: str) -> dict[str, str]:
    """What an experiment's values depend on."""
    made = {
        "data": basis.data,
        "sample": basis.sample,
        "model": basis.model,
        "model_name": model_name,
        **_own(plan, basis.settings),
    }
    return made | {"quick": "yes"} if plan.quick else made


def changed_since(config: Config, name: str, made: Mapping[str, str]) -> tuple[str, ...]:
    """What has changed since an experiment was run, by name: sample, settings, code, grid.

    Data and model are not compared: evidence may be from others than the run, which is said
    beside its numbers.
    """
    experiment = experiment_of(config)
    now = _own(
        plan_of(config, name, quick=made.get("quick") == "yes"),
        settings_hash(experiment, made.get("model_name", "")),
    )
    now["sample"] = sample_sha256(config, experiment)
    return tuple(key for key in sorted(now) if made.get(key) != now[key])


def id_of(made: Mapping[str, str]) -> str:
    """Eight hex digits of what a measurement depends on."""
    return _hash(made)[:8]


def _own(plan: Plan, settings: str) -> dict[str, str]:
    return {"settings": settings, "code": _code_of(plan.kind.modules), "grid": plan.grid}


def settings_hash(experiment: ExperimentSettings, model_name: str) -> str:
    """Hash of what cells may read of [experiment], for one model."""
    said: dict[str, Any] = msgspec.to_builtins(experiment)
    for key in (*_OF_A_RUN, "model"):
        said.pop(key, None)
    for key in _OF_A_SOURCE:
        said["data"].pop(key, None)
    said["training"] = msgspec.to_builtins(experiment.training_of(model_name))
    return _hash(said)


@cache
def _code_of(modules: tuple[str, ...]) -> str:
    return code_hash((*BENCH_CODE, *modules))


# --- Kept cells ---------------------------------------------------------------------------------


class Done(msgspec.Struct, frozen=True):
    """What a cell gave, and the seconds that it took."""

    outcome: dict[str, Any]  # an `Outcome`; msgspec reads no recursive type
    seconds: float


class _AbsentError(Exception):
    """Nothing is kept of a cell."""


def kept_cell(cache_folder: Path, job: Job, basis: Basis) -> Done | None:
    """What is kept of a cell; None where nothing is, or where its file is not what was written."""
    try:
        return msgspec.json.decode(_kept(cache_folder, job, basis, _absent), type=Done)
    except (_AbsentError, msgspec.DecodeError):
        return None


def keep_cell(cache_folder: Path, job: Job, basis: Basis, done: bytes) -> Done:
    """Keep what a cell gave, a `Done` as JSON; returns it as the next run reads it."""
    _kept(cache_folder, job, basis, lambda: done)
    return msgspec.json.decode(done, type=Done)


def _kept(cache_folder: Path, job: Job, basis: Basis, make: Callable[[], bytes]) -> bytes:
    cell = job.cell
    key = [cell.kind, cell.at, cell.seed, msgspec.to_builtins(basis), _code_of(job.kind.modules)]
    return kept(cache_folder / FOLDER, f"{cell.kind}.json", _hash(key), make)


def _absent() -> bytes:
    raise _AbsentError


def _hash(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()
