"""One module a kind of experiment, with `KIND`; loaded when an experiment of it is looked at."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast, get_args

from pipeline.config import Kind
from pipeline.experiment.evidence.cell import ExperimentKind

MODULES: dict[Kind, str] = {name: f"{__name__}.{name}" for name in get_args(Kind)}


@cache
def kind_in(module: str) -> ExperimentKind:
    """The kind in a module, by its whole name. Imports numpy at most."""
    return cast(ExperimentKind, import_module(module).KIND)
