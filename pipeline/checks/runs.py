"""Which two runs of a measurement, or of the experiment, are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.command import called
from pipeline.files import read_bytes
from pipeline.measured import EXPERIMENT, Measured, Measurement, read_measurement
from pipeline.problems import TalkError, nearest
from pipeline.results import Results, digest_of, read_results

_SECOND = "a second one is made when data, model or settings change"
_AGAIN = "a second one is made when what it depends on changes, or by `build --measure"


class Run(msgspec.Struct, frozen=True):
    """One run of a measurement, or of the experiment for the name ""."""

    name: str
    id: str  # as it is kept: two runs of the same are told apart by more than `values.run.id`
    values: Results | Measurement

    @property
    def made(self) -> str:
        """When, as ISO 8601; "" where nobody knows."""
        return self.values.run.started if isinstance(self.values, Results) else self.values.run.made

    @property
    def digest(self) -> str:
        return digest_of(self.values) if isinstance(self.values, Results) else self.values.digest

    def within(self, measured: Measured) -> Measured:
        """All that is shown, with this run in its place."""
        if isinstance(self.values, Results):
            return replace(measured, experiment=self.values, changed={})
        others = {**measured.measurements, self.name: self.values}
        return replace(measured, measurements=others, changed={})


def shown_runs(measured: Measured) -> dict[str, Run]:
    """The runs that pages show, by name."""
    run = measured.experiment
    found = {"": Run("", run.run.id, run)} if run else {}
    return found | {n: Run(n, one.run.id, one) for n, one in measured.measurements.items()}


def runs_to_compare(
    said: Sequence[str], kept: Mapping[str, Sequence[Run]], shown: Mapping[str, Run]
) -> tuple[Run, Run]:
    """The old and the new run. `kept`: by name, newest first; `shown`: what pages show.

    What is `said`: a measurement's name, or `experiment`, and up to two of its runs; or runs alone,
    known by where they are kept. No run: the newest kept one before the shown one against it; one:
    that one against the shown one; two: those. A run is an id, its beginning, or the path of its
    file. Without anything: the experiment's, else those of the measurement that was made last.
    Raises TalkError where there are no such runs.
    """
    names = {name or EXPERIMENT: name for name in {**shown, **kept}}
    if not names:
        hint = "add a [measure.NAME] table to talk.toml and build"
        raise TalkError("this talk measures nothing: no run changes a word of it", hint=hint)
    is_named = bool(said) and said[0] in names
    runs = said[1:] if is_named else said
    if len(runs) > 2:
        raise TalkError("two runs are compared, not more", hint="`diff NAME OLD NEW`")
    if not runs:
        return _last_two(names[said[0]] if is_named else _changed_last(kept, shown), kept, shown)
    of = [names[said[0]]] if is_named else list(names.values())
    old, *others = [_run(run, of, kept, shown, list(names)) for run in runs]
    new = others[0] if others else shown.get(old.name)
    if new is None:
        raise TalkError("there are no results to compare with", hint=f"run `{called()}` first")
    if new.name != old.name:
        message = f"run {old.id} is of {_called(old.name)}, run {new.id} of {_called(new.name)}"
        raise TalkError(message, hint="two runs of the same are compared")
    return old, new


def _called(name: str) -> str:
    return name or "the experiment"


def _changed_last(kept: Mapping[str, Sequence[Run]], shown: Mapping[str, Run]) -> str:
    """The experiment; in a talk without one, the measurement whose second run is the newest."""
    if "" in shown or "" in kept:
        return ""
    found = [run for name, run in shown.items() if _others(name, kept, shown)]
    return max(found, key=lambda run: run.made).name if found else next(iter({**shown, **kept}))


def _others(name: str, kept: Mapping[str, Sequence[Run]], shown: Mapping[str, Run]) -> list[Run]:
    return [run for run in kept.get(name, ()) if run.digest != shown[name].digest]


def _last_two(
    name: str, kept: Mapping[str, Sequence[Run]], shown: Mapping[str, Run]
) -> tuple[Run, Run]:
    if name not in shown:
        raise TalkError("there are no results to compare with", hint=f"run `{called()}` first")
    new, others = shown[name], _others(name, kept, shown)
    if others:
        return next((run for run in others if run.made <= new.made), others[0]), new
    if isinstance(new.values, Measurement) and not new.values.run.command:
        hint = f"name the file of another run: `diff {name} PATH`"
        raise TalkError(f"{name} is a file, read as it is: no earlier run is kept", hint=hint)
    of = f" of {name}" if name else ""
    raise TalkError(f"there is only one run{of}", hint=f"{_AGAIN} {name}`" if name else _SECOND)


def _run(
    said: str,
    of: Sequence[str],
    kept: Mapping[str, Sequence[Run]],
    shown: Mapping[str, Run],
    names: Sequence[str],
) -> Run:
    """The run of that id among those of some names."""
    known = [run for name in of for run in kept.get(name, ())]
    digests = {run.digest for run in known}
    known += [run for name in of if (run := shown.get(name)) and run.digest not in digests]
    exact = [run for run in known if run.id == said]
    found = exact if len(exact) == 1 else [run for run in known if run.id.startswith(said)]
    if len(found) == 1:
        return found[0]
    path = Path(said)
    if path.suffix == ".json" and path.exists():
        return _from_file(path, of)
    if found:
        ids = ", ".join(f"{run.id} of {_called(run.name)}" for run in found)
        raise TalkError(f"several runs begin with `{said}`", hint=ids)
    ids_known = [run.id for run in known]
    hint = nearest(said, [*ids_known, *names]) if ids_known else "no run is kept yet"
    raise TalkError(f"there is no run `{said}`", hint=hint)


def _from_file(path: Path, of: Sequence[str]) -> Run:
    """The run in a file: `results.json`, or one of a measurement."""
    try:
        content = msgspec.json.decode(read_bytes(path, "the file of a run"))
    except msgspec.DecodeError:
        content = None
    if not isinstance(content, dict) or "values" not in content:
        results = read_results(path)
        return Run("", results.run.id, results)
    one = read_measurement(path)
    if one.name not in of:
        raise TalkError(f"{path} holds a run of `{one.name}`", hint=nearest(one.name, of))
    return Run(one.name, one.run.id, one)
