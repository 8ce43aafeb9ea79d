"""The experiment as `build.py` sees it: is a run needed, and if so, run it.

Importing this is cheap; torch is loaded only when something has to be measured.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.config import Config
from pipeline.experiment import hub, sources
from pipeline.experiment import store as kept
from pipeline.experiment.machine import disk_errors_named
from pipeline.experiment.model.package import sha256_of
from pipeline.experiment.plan import (
    Options,
    Staleness,
    data_wish,
    experiment_of,
    fitting,
    full_fingerprint,
    missing_libraries,
    model_wish,
    needs_run,
)
from pipeline.experiment.progress import Progress
from pipeline.problems import Source, TalkError
from pipeline.results import Results, read_results

__all__ = ["Options", "Staleness", "needs_run", "run_experiment"]


def run_experiment(config: Config, options: Options, say: Callable[[str], None]) -> Results:
    """The results that fit talk, options and code: kept ones where there are, else a new run.

    `say` gets one line at a time, for people. Raises TalkError for wrong input, where --frozen
    has nothing to use, or where nothing can be had; KeyboardInterrupt passes, and the next call
    goes on from the last checkpoint.
    """
    experiment = experiment_of(config)
    cache = options.folder(config)
    state = needs_run(config, options)
    if state.path:
        say(f"experiment: {state.message}")
        return read_results(state.path)
    if missing := missing_libraries():
        raise TalkError(
            f"the experiment has to run ({state.message}), and {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not installed",
            None,
            'install the extra with `pip install ".[train]"`, or pin a run from elsewhere',
        )
    with disk_errors_named(cache):
        progress = Progress(say)
        reach = hub.probe() if _asks_hub(config, options) else hub.Reach(False, "not asked")
        memory = kept.Memory.load(cache)
        with progress.step("raw data"):
            data = sources.find_data(config, experiment, options.data, reach, say)
        with progress.step("load the pre-trained model"):
            model = sources.find_model(
                experiment.model, options.model, cache, reach, memory.hash_of, say
            )
        _remember(memory, config, options, data, model)
        sample = sources.sample_path(config, experiment)
        fingerprint = full_fingerprint(
            experiment, options, data.raw.sha256, model.sha256, sha256_of(sample) if sample else ""
        )
        found = None if options.retrain else fitting(cache, fingerprint)
        if found:
            say(f"experiment: run {found.parent.name} fits")
            return read_results(found)
        return _measure(config, options, progress, data, model, fingerprint)


def _measure(
    config: Config,
    options: Options,
    progress: Progress,
    data: sources.DataFound,
    model: sources.ModelFound,
    fingerprint: dict[str, str],
) -> Results:
    from pipeline.experiment.steps import run_steps
    from pipeline.experiment.task import Task, kept_training

    runs = options.folder(config) / "runs"
    name = kept.run_id(fingerprint)
    # A run that is trained again is made beside the kept one, which stays until the end.
    folder = runs / (f"{name}.again" if options.retrain else name)
    if options.frozen and not kept_training(folder):
        raise TalkError(
            "--frozen never trains, and there is no trained run to use",
            Source(runs),
            "run once without --frozen, or pin a run with `python build.py pin`",
        )
    task = Task(config, experiment_of(config), options, data, model, fingerprint, folder)
    with _alone(folder), _told_how_to_go_on(progress):
        results = run_steps(task, progress)
    if options.retrain:
        old = runs / f"{name}.old"
        shutil.rmtree(old, ignore_errors=True)
        if (runs / name).exists():
            (runs / name).rename(old)
        folder.rename(runs / name)
        shutil.rmtree(old, ignore_errors=True)
    for freed in kept.drop_old_models(options.folder(config), keep={name, _pinned_id(config)}):
        progress.say(f"the model of the older run {freed} is deleted; its results stay")
    return results


def _pinned_id(config: Config) -> str:
    try:
        return read_results(kept.pinned_path(config)).run.id
    except TalkError:
        return ""


def _asks_hub(config: Config, options: Options) -> bool:
    experiment = experiment_of(config)
    asks_data = not sources.wanted_data(options.data) and experiment.data.hub
    return bool(asks_data or (not options.model and experiment.model.hub))


def _remember(
    memory: kept.Memory,
    config: Config,
    options: Options,
    data: sources.DataFound,
    model: sources.ModelFound,
) -> None:
    """Note where the sources were found, so that the next build need not look for them."""
    experiment = experiment_of(config)
    if data.source != "file":
        memory.found[data_wish(experiment)] = kept.Known(data.raw.sha256, data.source, data.why)
    if model.source != "path":
        memory.found[model_wish(experiment)] = kept.Known(model.sha256, model.source, model.why)
    memory.save()


@contextlib.contextmanager
def _told_how_to_go_on(progress: Progress) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        progress.close()
        progress.say("interrupted; the same command goes on from the last checkpoint")
        raise
    finally:
        progress.close()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two builds must not train the same run: the second one is told so."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # Windows: left to the speaker
        yield
        return
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TalkError(
                "another build is making this run now",
                Source(folder),
                "wait until it has ended, then run the same command",
            ) from None
        yield
