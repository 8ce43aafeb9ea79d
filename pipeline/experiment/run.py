"""The experiment as a build sees it: is a run needed, and if so, run it.

Importing this is cheap; torch is loaded only when something has to be measured.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec.structs import replace

from pipeline.command import called, install
from pipeline.config import PACKAGED, Config
from pipeline.experiment import hub, together
from pipeline.experiment.machine import disk_errors_named
from pipeline.experiment.plan import (
    Fingerprint,
    Hashes,
    Options,
    data_wish,
    experiment_of,
    fingerprint,
    fitting,
    missing_libraries,
    model_wish,
    needs_run,
    run_id,
)
from pipeline.experiment.progress import Progress
from pipeline.experiment.sources import (
    DataFound,
    ModelFound,
    find_data,
    find_model,
    sample_sha256,
    wanted_data,
)
from pipeline.experiment.store import (
    MODEL,
    RESULTS,
    Known,
    Memory,
    drop_old_models,
    kept_training,
    pinned_path,
)
from pipeline.files import take_place
from pipeline.locks import alone
from pipeline.problems import Source, TalkError
from pipeline.results import Results, read_results


def run_experiment(config: Config, options: Options, say: Callable[[str], None]) -> Results:
    """The results that fit talk, options and code: kept ones where there are, else a new run.

    `say` gets one line at a time, for people. Raises TalkError for wrong input, where --frozen
    has nothing to use, or where nothing can be had; KeyboardInterrupt passes, and the next call
    goes on from the last checkpoint.
    """
    cache = options.folder(config)
    state = needs_run(config, options)
    if state.path:
        say(f"experiment: {state.message}")
        return read_results(state.path)
    check_libraries(f"the experiment has to run ({state.message})")
    with disk_errors_named(cache):
        progress = Progress(say)
        data, model = find_sources(config, options, progress)
        together.wait_for_all()
        wanted = _wanted(config, options, data, model)
        lock = cache / "locks" / f"run-{run_id(wanted)}"
        with alone(lock, "making this run", say):
            if not options.retrain and (found := fitting(cache, wanted)):
                say(f"experiment: run {found.parent.name} fits")
                return read_results(found)
            options = replace(options, command=command_of(config, options, model))
            return _measure(config, options, progress, data, model, wanted)


def command_of(config: Config, options: Options, model: ModelFound) -> str:
    """The command that makes the same run elsewhere: where the Hub can be reached, too."""
    instead = model.source == "package" and bool(experiment_of(config).model.hub)
    return (
        f"{options.command} --model {PACKAGED}"
        if instead and not options.model
        else options.command
    )


def help_training(config: Config, options: Options) -> None:
    """In a process that was started beside the build: train with it, and nothing else.

    Where the build has nothing to train there is nothing to do.
    """
    if needs_run(config, options).path:
        return
    check_libraries("a training is shared by several processes")
    from pipeline.experiment.steps import train_along
    from pipeline.experiment.task import Task

    progress = Progress(lambda _: None)
    together.wait_for_all()  # the build has found data and model, and converted it
    data, model = find_sources(config, options, progress)
    wanted = _wanted(config, options, data, model)
    folder = run_folder(options.folder(config), wanted, options)
    if not options.frozen:
        sources = (options, data, model, wanted, folder, kept_training(folder), progress)
        train_along(Task(config, experiment_of(config), *sources))


def _wanted(config: Config, options: Options, data: DataFound, model: ModelFound) -> Fingerprint:
    """What a run of these sources depends on."""
    experiment = experiment_of(config)
    sample = sample_sha256(config, experiment)
    made_from = Hashes(data.raw.sha256, model.sha256, sample, model.name)
    return fingerprint(experiment, options.quick, made_from)


def check_libraries(why: str) -> None:
    """Raises TalkError where libraries of the extra `train` are missing; `why` they are needed."""
    if missing := missing_libraries():
        raise TalkError(
            f"{why}, and {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed",
            None,
            f"install the extra with `{install('train')}`, or pin a run from elsewhere",
        )


def find_sources(
    config: Config, options: Options, progress: Progress
) -> tuple[DataFound, ModelFound]:
    """Data and model; where they were found is noted, and the next build need not look."""
    experiment, cache = experiment_of(config), options.folder(config)
    memory, say = Memory.load(cache), progress.say
    asks_data = not wanted_data(options.data) and experiment.data.hub
    asks_model = not options.model and experiment.model.hub
    reach = hub.probe() if asks_data or asks_model else hub.Reach(False, "not asked")
    with progress.step("raw data"):
        data = find_data(config, experiment, options.data, reach, say)
    with progress.step("load the pre-trained model"):
        model = find_model(experiment.model, options.model, cache, reach, memory.hash_of, say)
    if data.source != "file":
        memory.found[data_wish(experiment)] = Known(data.raw.sha256, data.source, data.why)
    if not options.model:
        memory.found[model_wish(experiment)] = Known(model.sha256, model.source, model.why)
    memory.save()
    return data, model


def _measure(
    config: Config,
    options: Options,
    progress: Progress,
    data: DataFound,
    model: ModelFound,
    wanted: Fingerprint,
) -> Results:
    from pipeline.experiment.steps import run_steps
    from pipeline.experiment.task import Task

    runs, name = options.folder(config) / "runs", run_id(wanted)
    folder = run_folder(options.folder(config), wanted, options)
    trained = kept_training(folder)
    if options.frozen and not trained:
        raise TalkError(
            "--frozen never trains, and there is no trained run to use",
            Source(runs),
            f"run once without --frozen, or pin a run with `{called()} pin`",
        )
    experiment = experiment_of(config)
    task = Task(config, experiment, options, data, model, wanted, folder, trained, progress)
    if (folder / MODEL).exists() and not trained:
        progress.say(f"the model of run {name} isn't what was kept; it is trained again")
    if broken := _broken(folder / RESULTS):
        progress.say(f"run {name} is made again: {broken}")
    with _told_how_to_go_on(progress):
        results = run_steps(task)
    if options.retrain:
        take_place(folder, runs / name)
    for freed in drop_old_models(options.folder(config), keep={name, _pinned_id(config)}):
        progress.say(f"the model of the older run {freed} is deleted; its results stay")
    return results


def run_folder(cache: Path, wanted: Fingerprint, options: Options) -> Path:
    """Where a run is made: one that is trained again beside the kept one, which stays so long."""
    name = run_id(wanted)
    return cache / "runs" / (f"{name}.again" if options.retrain else name)


def _broken(results: Path) -> str:
    """What is wrong with a file of results; empty where nothing is, or where there is none."""
    try:
        if results.exists():
            read_results(results)
    except TalkError as error:
        return error.message
    return ""


def _pinned_id(config: Config) -> str:
    try:
        return read_results(pinned_path(config)).run.id
    except TalkError:
        return ""


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
