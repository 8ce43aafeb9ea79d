"""Whether there is a run to show, or something to measure: cheap, and without torch."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pipeline.config import PACKAGED, Config, ExperimentSettings
from pipeline.experiment.data.checked import content_sha256
from pipeline.experiment.sources import model_sha256, name_at, sample_sha256, wanted_data
from pipeline.experiment.store import RESULTS, Memory, kept_runs
from pipeline.problems import TalkError
from pipeline.results import Results, read_results

LIBRARIES = (
    *("torch", "transformers", "accelerate", "peft", "datasets", "sklearn", "gguf", "psutil"),
)
# What decides the trained model, and what is asked of it; the other modules find, keep and show.
TRAINING_CODE = (
    "data/copies",
    "data/messages",
    "data/read",
    "data/split",
    "metrics",
    "model/pretrained",
    "model/pooling",
    "model/adapters",
    "model/frozen_layers",
    "model/states",
    "model/training",
)
EXAMPLES_CODE = (
    "model/baselines",
    "model/prompts",
    "model/frozen",
    "model/logistic",
    "ladder",
    "heads",
    "examples",
)
Fingerprint = dict[str, str]  # data, model, settings, seed, code, examples -> hash or value


class Options(msgspec.Struct, frozen=True):
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


class Fit(msgspec.Struct, frozen=True):
    """Whether results are there to be shown without measuring anything.

    `path` holds them where they fit, or where --frozen makes do with them; `changed` names what
    has changed since (data, model, settings, seed, code, examples); `message` says it all.
    """

    path: Path | None
    changed: tuple[str, ...]
    message: str


class Hashes(msgspec.Struct, frozen=True):
    """sha256 of what a run is made from; empty where a source was never looked for.

    `model_name` is what [experiment.models] knows it by.
    """

    data: str
    model: str
    sample: str
    model_name: str


def experiment_of(config: Config) -> ExperimentSettings:
    if config.experiment is None:
        raise TalkError("this talk has no experiment", None, "add [experiment] to talk.toml")
    return config.experiment


def missing_libraries() -> list[str]:
    """Which libraries of the extra `train` are not installed."""
    return [name for name in LIBRARIES if importlib.util.find_spec(name) is None]


# --- Which run fits -----------------------------------------------------------------------------


def needs_run(config: Config, options: Options) -> Fit:
    """Which run fits what the talk, the options and the code are now. Raises TalkError.

    A source that was looked for before is taken to be where it was found then; --retrain looks
    again.
    """
    experiment, cache = experiment_of(config), options.folder(config)
    if options.retrain:
        return Fit(None, (), "--retrain asks for a new run")
    known, expected = known_hashes(config, options), None
    if known.data and known.model:
        expected = fingerprint(experiment, options.quick, known)
        if found := fitting(cache, expected):
            return Fit(found, (), f"run {found.parent.name} fits")
    return _stale(cache, options, expected)


def changed_since(config: Config, options: Options, results: Results) -> tuple[str, ...]:
    """What has changed since a run was made: data, model, settings, seed, code, examples.

    A file or folder that was named for that run counts as unchanged until another one is named,
    and so does a source that was never looked for on this machine.
    """
    made, known = results.run.fingerprint, known_hashes(config, options)
    named_then = results.data.source == "file" and not wanted_data(options.data)
    data = "" if named_then else known.data
    model = "" if results.model.source == "path" and not options.model else known.model
    name = known.model_name if model else results.model.name
    made_from = data or made.get("data", ""), model or made.get("model", "")
    now = Hashes(*made_from, known.sample, name)
    return _differing(made, fingerprint(experiment_of(config), results.run.quick, now))


def fitting(cache: Path, wanted: Fingerprint) -> Path | None:
    """The results of the run with this fingerprint, if they are there and whole."""
    path = cache / "runs" / run_id(wanted) / RESULTS
    try:
        found = read_results(path)
    except TalkError:
        return None
    return None if _differing(found.run.fingerprint, wanted) else path


def _stale(cache: Path, options: Options, expected: Fingerprint | None) -> Fit:
    """No run fits: compare with the newest of the same kind."""
    for path, results in kept_runs(cache):
        run = results.run
        if run.quick != options.quick:
            continue
        changed = _differing(run.fingerprint, expected) if expected else ("data", "model")
        named = ", ".join(changed)
        # Asking a trained model other questions is no training, where there is a torch to ask it.
        if options.frozen and not (changed == ("examples",) and not missing_libraries()):
            note = f"--frozen: run {run.id} is shown; since then changed: {named}"
            return Fit(path, changed, note)
        return Fit(None, changed, f"run {run.id} is stale; changed: {named}")
    return Fit(None, (), "there is no run yet")


def _differing(old: Fingerprint, new: Fingerprint) -> tuple[str, ...]:
    """Names of what differs, in the order of the fingerprint."""
    return tuple(key for key in new if new[key] != old.get(key))


# --- What a run depends on ----------------------------------------------------------------------


def known_hashes(config: Config, options: Options) -> Hashes:
    """What a run would be made from now, as far as it is known without looking for it."""
    experiment, memory = experiment_of(config), Memory.load(options.folder(config))
    sample = sample_sha256(config, experiment)
    if wanted := wanted_data(options.data):
        path = wanted[0]
        data = content_sha256(path) if path.exists() else ""
    else:
        found = memory.found.get(data_wish(experiment))
        sampled = found and found.source in ("sample", "talk")
        data = sample if sampled else found.sha256 if found else ""
    name, package = "", experiment.model.package
    if options.model == PACKAGED:
        model, name = (package.sha256, package.full_name) if package else ("", "")
    elif options.model:
        path = Path(options.model).expanduser()
        model, name = model_sha256(path, memory.hash_of), name_at(path)
    else:
        found = memory.found.get(model_wish(experiment))
        model = found.sha256 if found else ""
        names = {"hub": experiment.model.hub, "package": package.full_name if package else ""}
        name = names.get(found.source, "") if found else ""
    return Hashes(data, model, sample, name)


def fingerprint(experiment: ExperimentSettings, quick: bool, made_from: Hashes) -> Fingerprint:
    """What a run depends on; the sample counts as an example, where it is not the data itself.

    A run notes its `machine` beside it, which alone makes no run stale: another device or version
    changes last digits, and whoever wants those measures with --retrain.
    """
    data = experiment.data
    settings: dict[str, object] = {
        "training": msgspec.to_builtins(experiment.training_of(made_from.model_name)),
        "labels": [data.negative, data.positive, *data.labels],
        "columns": [data.label, data.text],
    }
    if quick:
        settings["quick"] = msgspec.to_builtins(experiment.quick)
    sample = "" if made_from.sample == made_from.data else made_from.sample
    asked: list[object] = [
        experiment.question,
        experiment.instruction,
        experiment.answers,
        experiment.next_tokens,
        experiment.tokenized,
    ]
    asked += [experiment.examples, data.sample_name, sample, code_hash(EXAMPLES_CODE)]
    asked += [experiment.asked_baselines, experiment.shots, experiment.draws]
    return {
        "data": made_from.data,
        "model": made_from.model,
        "settings": _hash(settings),
        "seed": str(experiment.seed),
        "code": code_hash(TRAINING_CODE),
        "examples": _hash([msgspec.to_builtins(part) for part in asked]),
    }


def run_id(made: Fingerprint) -> str:
    """Eight hex digits of what the trained model depends on."""
    return _hash({key: value for key, value in made.items() if key != "examples"})[:8]


def code_hash(modules: Sequence[str]) -> str:
    """Hash of modules of this room, whole-line comments and blank lines aside."""
    folder = Path(__file__).parent
    total = hashlib.sha256()
    for name in modules:
        lines = (folder / f"{name}.py").read_text(encoding="utf-8").splitlines()
        code = [line.rstrip() for line in lines if line.strip() and line.lstrip()[0] != "#"]
        total.update("\n".join([name, *code]).encode())
    return total.hexdigest()


def data_wish(experiment: ExperimentSettings) -> str:
    """The key of "no file was named" for these settings."""
    d = experiment.data
    return _hash(["data", d.hub, d.hub_text, d.hub_label, d.sample])[:16]


def model_wish(experiment: ExperimentSettings) -> str:
    """The key of "no folder was named" for these settings."""
    package = experiment.model.package
    return _hash(["model", experiment.model.hub, package.sha256 if package else ""])[:16]


def _hash(value: Sequence[object] | dict[str, object] | Fingerprint) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
