"""Whether there is a run to show, or something to measure: cheap, and without torch."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.config import Config, ExperimentSettings
from pipeline.experiment import store as kept
from pipeline.experiment.model.package import sha256_of
from pipeline.experiment.sources import check_folder, sample_path, wanted_data, weights_sha256
from pipeline.problems import TalkError
from pipeline.results import Results, read_results

LIBRARIES = ("torch", "transformers", "accelerate", "datasets", "sklearn", "gguf", "psutil")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says about the experiment."""

    data: str | None = None
    model: str | None = None
    quick: bool = False
    retrain: bool = False
    frozen: bool = False
    cache: Path | None = None  # the talk's .cache
    command: str = ""

    @property
    def names_a_run(self) -> bool:
        """Whether another run than the pinned one is asked for."""
        return bool(self.data or self.model or self.quick or self.retrain)

    def folder(self, config: Config) -> Path:
        return self.cache or config.root / ".cache"


@dataclass(frozen=True, slots=True)
class Staleness:
    """Whether results are there to be shown without measuring anything.

    `path` holds them where they fit, are pinned, or --frozen makes do with them; `changed` names
    what has changed since (data, model, settings, seed, code, examples); `message` says it all.
    """

    fits: bool
    path: Path | None
    pinned: bool
    changed: tuple[str, ...]
    message: str
    run_id: str = ""


def experiment_of(config: Config) -> ExperimentSettings:
    if config.experiment is None:
        raise TalkError("this talk has no experiment", None, "add [experiment] to talk.toml")
    return config.experiment


def needs_run(config: Config, options: Options) -> Staleness:
    """Which run fits what the talk, the options and the code are now. Raises TalkError.

    A source that was looked for before is taken to be where it was found then; --retrain looks
    again.
    """
    experiment = experiment_of(config)
    cache = options.folder(config)
    expected = expected_fingerprint(config, experiment, options)
    pinned = kept.pinned_path(config)
    if pinned.is_file() and not options.names_a_run:
        return _pinned(pinned, expected)
    if options.retrain:
        return Staleness(False, None, False, (), "--retrain asks for a new run")
    if expected:
        found = fitting(cache, expected)
        if found:
            name = found.parent.name
            return Staleness(True, found, False, (), f"run {name} fits", name)
    return _stale(cache, options, expected)


def changed_since(config: Config, options: Options, results: Results) -> tuple[str, ...]:
    """What has changed since a run was made: data, model, settings, seed, code, examples.

    A file or folder that was named for that run counts as unchanged until another one is named,
    and so does a source that was never looked for on this machine.
    """
    experiment = experiment_of(config)
    memory = kept.Memory.load(options.folder(config))
    sample = sample_path(config, experiment)
    sample_sha = sha256_of(sample) if sample else ""
    made = results.run.fingerprint
    data = model = ""
    if results.data.source != "file" or wanted_data(options.data):
        data = _data_hash(memory, experiment, options, sample_sha)
    if results.model.source != "path" or options.model:
        model = _model_hash(memory, experiment, options)
    like = replace(options, quick=results.run.quick)
    now = full_fingerprint(
        experiment, like, data or made.get("data", ""), model or made.get("model", ""), sample_sha
    )
    return kept.changed_since(made, now)


def missing_libraries() -> list[str]:
    """Which libraries of the extra `train` are not installed."""
    return [name for name in LIBRARIES if importlib.util.find_spec(name) is None]


def fitting(cache: Path, fingerprint: dict[str, str]) -> Path | None:
    """The results of the run with this fingerprint, if they are there and whole."""
    path = cache / "runs" / kept.run_id(fingerprint) / kept.RESULTS
    try:
        found = read_results(path)
    except TalkError:
        return None
    return path if found.run.fingerprint == fingerprint else None


def _pinned(path: Path, expected: dict[str, str] | None) -> Staleness:
    run = read_results(path).run
    changed = kept.changed_since(run.fingerprint, expected) if expected else ()
    note = f"; since then changed: {', '.join(changed)}" if changed else ""
    return Staleness(not changed, path, True, changed, f"run {run.id} is pinned{note}", run.id)


def _stale(cache: Path, options: Options, expected: dict[str, str] | None) -> Staleness:
    """No run fits: compare with the newest of the same kind."""
    for path, results in kept.kept_runs(cache):
        run = results.run
        if run.quick != options.quick:
            continue
        changed = kept.changed_since(run.fingerprint, expected) if expected else ("data", "model")
        message = f"run {run.id} is stale; changed: {', '.join(changed)}"
        # Asking a trained model other questions is no training, where there is a torch to ask it.
        shown = options.frozen and not (changed == ("examples",) and not missing_libraries())
        usable = path if shown else None
        if shown:
            message = f"--frozen: run {run.id} is shown; since then changed: {', '.join(changed)}"
        return Staleness(False, usable, False, changed, message, run.id)
    return Staleness(False, None, False, (), "there is no run yet")


def expected_fingerprint(
    config: Config, experiment: ExperimentSettings, options: Options
) -> dict[str, str] | None:
    """The fingerprint that a run would have now; None where a source was never looked for."""
    memory = kept.Memory.load(options.folder(config))
    sample = sample_path(config, experiment)
    sample_sha = sha256_of(sample) if sample else ""
    data = _data_hash(memory, experiment, options, sample_sha)
    model = _model_hash(memory, experiment, options)
    if not data or not model:
        return None
    return full_fingerprint(experiment, options, data, model, sample_sha)


def full_fingerprint(
    experiment: ExperimentSettings, options: Options, data: str, model: str, sample: str
) -> dict[str, str]:
    """What a run depends on; the sample counts as an example, where it is not the data itself."""
    trained = kept.training_fingerprint(experiment, options.quick, data, model)
    asked = kept.examples_fingerprint(experiment, "" if sample == data else sample)
    return {**trained, "examples": asked}


def data_wish(experiment: ExperimentSettings) -> str:
    """The key of "no file was named" for these settings."""
    d = experiment.data
    return kept.wish("data", d.hub, d.hub_text, d.hub_label, d.sample)


def model_wish(experiment: ExperimentSettings) -> str:
    """The key of "no folder was named" for these settings."""
    package = experiment.model.package
    return kept.wish("model", experiment.model.hub, package.sha256 if package else "")


def _data_hash(
    memory: kept.Memory, experiment: ExperimentSettings, options: Options, sample_sha: str
) -> str:
    if wanted := wanted_data(options.data):
        path = wanted[0]
        return sha256_of(path) if path.is_file() else ""
    known = memory.found.get(data_wish(experiment))
    if known is None:
        return ""
    return sample_sha if known.source == "sample" else known.sha256


def _model_hash(memory: kept.Memory, experiment: ExperimentSettings, options: Options) -> str:
    if options.model is None:
        known = memory.found.get(model_wish(experiment))
        return known.sha256 if known else ""
    path = Path(options.model).expanduser()
    if path.is_file():
        return memory.hash_of(path)
    return weights_sha256(check_folder(path), memory.hash_of)
