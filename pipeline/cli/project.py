"""The talk that a command works on: its settings, its folders, the run that it shows."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from pipeline.caches import VARIABLE, can_be_written, shared, user_cache
from pipeline.cli.options import BuildOptions, TalkOptions, talk_here
from pipeline.cli.terminal import confirmed, say, show
from pipeline.command import called
from pipeline.config import Config, load_config
from pipeline.files import sweep
from pipeline.locks import LOCK, alone, used
from pipeline.measured import Measured
from pipeline.memo import NO_MEMO, Memo
from pipeline.problems import Problem, Source, TalkError
from pipeline.results import Results, read_results, write_results

if TYPE_CHECKING:
    from pipeline.checks.census import Census
    from pipeline.checks.diff import Change
    from pipeline.checks.runs import Run
    from pipeline.checks.uses import Use
    from pipeline.experiment.plan import Options as Wanted
    from pipeline.measure.consent import Consent, Wish
    from pipeline.measure.run import Shown
    from pipeline.pictures.own.kept import OwnFigure
    from pipeline.script.elements import Script
    from pipeline.talk import Talk


_TALK = "locks/talk"  # in the cache


class Project(msgspec.Struct, frozen=True):
    """A talk as the command line names it. `cache` holds only what can be made again."""

    config: Config
    out: Path
    cache: Path
    options: TalkOptions
    memo: Memo = NO_MEMO  # of what is made of the talk's texts

    @property
    def speaker(self) -> Path:
        """The folder of the speaker's pages."""
        return self.out / "speaker"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """While this process writes into `out`: no other does, and what killed ones left is gone.

        Another one that does is waited for, and said to be. Raises OSError where `out` can't be
        written.
        """
        with ExitStack() as held:
            held.enter_context(alone(self.out / LOCK, f"writing {self.out}", say))
            held.enter_context(used(self.cache, sweep))
            if (of_all := shared(self.cache)) != self.cache and of_all.is_dir():
                held.enter_context(used(of_all, sweep))
            for folder in (self.speaker, self.out / "measured"):
                sweep(folder)
            yield

    @contextmanager
    def changing(self) -> Iterator[Project]:
        """While this command changes the talk's own files: no other does. The talk as it is then.

        Another one that does is waited for, and said to be. Who holds `writing`, too, takes that
        first. Raises OSError where nothing can be written.
        """
        with alone(self.cache / _TALK, "changing the talk", say):
            yield replace(self, config=load_config(self.config.root))

    def shown_run(self) -> Results | None:
        """The run that the last build showed, nothing measured; None for a talk without one."""
        if self.config.experiment is None:
            return None
        from pipeline.experiment.store import shown_results

        return shown_results(self.config, self.out)

    def measured(self) -> Measured:
        """What the last build showed, nothing measured, and what has changed since."""
        measurements = self._shown_measurements()
        return self._joined(self.shown_run(), measurements)

    def kept_runs(self) -> dict[str, tuple[Run, ...]]:
        """The runs that are kept of each measurement, and of the experiment (""), newest first."""
        from pipeline.checks.runs import Run
        from pipeline.experiment import store as trained
        from pipeline.measure import store
        from pipeline.measure.read import dressed

        found: dict[str, list[Run]] = {}
        if self.config.experiment is not None:
            found[""] = [Run("", one.run.id, one) for _, one in trained.kept_runs(self.cache)]
        for name in self.config.measurements:
            found[name] = []
            for folder, one in store.kept(self.cache, name):
                with suppress(TalkError):  # units of talk.toml that don't fit what it held
                    run = dressed(self.config, one, is_whole=False)
                    found[name].append(Run(name, folder.name, run))
        return {
            name: tuple(sorted(runs, key=lambda run: run.made, reverse=True))
            for name, runs in found.items()
        }

    def runs_in_use(self) -> set[str]:
        """The ids of the runs that are pinned, and that the last build showed."""
        from pipeline.experiment.store import RESULTS, pinned_path

        files = (pinned_path(self.config), self.out / RESULTS)
        return {read_results(file).run.id for file in files if file.exists()}

    def measured_now(self) -> Measured:
        """What pages are to show: pinned, kept or measured now."""
        measurements = self._measurements_now()  # first: they take no hours, as training does
        found = self._joined(self._run_now(), measurements)
        if self.config.evidence:
            from pipeline.cli.evidence import said_at_build

            for line in said_at_build(self.config, found):
                say(line)
        return found

    def _joined(self, results: Results | None, measurements: Shown | None) -> Measured:
        """All that was measured, with what has changed since it was made."""
        changed = dict(measurements.changed) if measurements else {}
        if results is not None:
            from pipeline.experiment.plan import changed_since

            if since := changed_since(self.config, self._wanted(), results):
                changed[""] = since
        if measurements is None and not self.config.evidence:
            return Measured(results, changed=changed)
        from pipeline.cli.evidence import shown_evidence
        from pipeline.measure.store import shown_pictures

        evidence = shown_evidence(self.config, self.out)
        found = {**(measurements.measurements if measurements else {}), **evidence.measurements}
        folders = {name: shown_pictures(self.config, self.out, name) for name in found}
        changed |= evidence.changed
        return Measured(results, found, changed, folders, evidence.missing)

    def _shown_measurements(self) -> Shown | None:
        """What each [measure.NAME] shows, nothing run; None for a talk without one."""
        if not self.config.measure:
            return None
        from pipeline.measure.run import Folders, shown

        return shown(self.config, Folders(self.out, self.cache))

    def _measurements_now(self) -> Shown | None:
        """The same after each command that no kept run fits was run."""
        said = self.options
        if not self.config.measure or not isinstance(said, BuildOptions):
            return self._shown_measurements()
        from pipeline.measure.run import Folders, Wanted, measure

        wanted, folders = Wanted(said.measure or "", said.frozen), Folders(self.out, self.cache)
        figures = self._figure_wishes(self._figure_code())
        return measure(self.config, folders, wanted, self.consent(), say, figures)

    def consent(self) -> Consent:
        """Asks whoever is at the terminal before something of the talk runs for the first time."""
        from pipeline.measure.consent import Consent

        ask = confirmed if sys.stdin.isatty() else None
        is_allowed = isinstance(self.options, BuildOptions) and self.options.yes
        return Consent(self.config.talk.title, self.config.root, say, ask, is_allowed)

    def helps_training(self) -> bool:
        """Whether this process was started beside the build, to train with it; then it has."""
        from pipeline.experiment import together

        if together.is_first():
            return False
        if self.config.experiment is not None:
            from pipeline.experiment.run import help_training

            help_training(self.config, self._wanted())
        return True

    def _run_now(self) -> Results | None:
        """The experiment's run: pinned, kept or made now; None for a talk without one."""
        if self.config.experiment is None:
            return None
        from pipeline.experiment.store import pinned_path

        wanted, pinned = self._wanted(), pinned_path(self.config)
        if pinned.exists() and not wanted.names_a_run:
            results = read_results(pinned)
            until = f"pages show it until `{called()} pin --undo`"
            say(f"run {results.run.id} is pinned: {until}")
            return results
        from pipeline.experiment.run import run_experiment

        return write_results(run_experiment(self.config, wanted, say), self.out / "results.json")

    def talk(self, measured: Measured, tell: Callable[[Iterator[Problem]], object] = show) -> Talk:
        """Slides, script and what was measured, joined.

        Raises TalkError for the first fault; where values are gone, `tell` gets all other places.
        """
        from pipeline.slides.layouts import load_layouts
        from pipeline.talk import load_talk

        layouts = load_layouts(self.config.root)
        try:
            return load_talk(self.config, measured, layouts, self.options.cut, self.memo)
        except TalkError as error:
            from pipeline.checks.missing import missing_values

            with suppress(TalkError):  # another file that can't be read
                missing = missing_values(self.config, measured, self._figures(measured))
                tell(problem for problem in missing if problem.where != error.where)
            raise

    def draw_figures(self, talk: Talk) -> None:
        """Draw the speaker's own charts that no longer fit, if that is allowed."""
        if isinstance(self.options, BuildOptions) and self.options.frozen:
            return
        from pipeline.pictures.own.kept import draw_figures

        draw_figures(talk, self.cache, say, self.allow_figures)

    def draw_while_serving(self) -> Callable[[Talk], None]:
        """The same for a preview, whoever is at the terminal asked now, for all that are there."""
        from pipeline.pictures.own.kept import draw_figures

        self.allow_figures(self._figure_code())
        known = replace(self.consent(), ask=None)
        return lambda talk: draw_figures(
            talk, self.cache, say, lambda files: self.allow_figures(files, known)
        )

    def _figure_code(self) -> list[Path]:
        """The files in deck/figures that draw something."""
        from pipeline.pictures.own.source import figure_files, is_figure

        return [file for file in figure_files(self.config.root).values() if is_figure(file)]

    def allow_figures(self, files: Sequence[Path], consent: Consent | None = None) -> None:
        """Ask whether the code of figures may run here. Raises TalkError where it may not."""
        (consent or self.consent()).require(self._figure_wishes(files))

    def _figure_wishes(self, files: Sequence[Path]) -> list[Wish]:
        from pipeline.measure.consent import Wish

        root = self.config.root
        return [
            Wish(
                f"the figure `{file.stem}`",
                f"python {file.relative_to(root).as_posix()}",
                where=Source(file, 1),
            )
            for file in files
        ]

    def figure_uses(self, measured: Measured) -> Iterator[Use]:
        """Where charts show what was measured."""
        from pipeline.checks.figures import charts_on_slides, figure_uses, own_charts

        charts = charts_on_slides(self.config, measured)
        return figure_uses([*own_charts(self._figures(measured)), *charts])

    def figure_changes(self, old: Measured, new: Measured) -> Iterator[Change]:
        """What another run changes in charts."""
        from pipeline.checks.figures import charts_on_slides, figure_changes, own_charts

        charts = charts_on_slides(self.config, old, new)
        return figure_changes([*own_charts(self._figures(new)), *charts], old, new)

    def _figures(self, measured: Measured) -> list[OwnFigure]:
        from pipeline.pictures.own.kept import own_figures
        from pipeline.pictures.own.source import figure_files

        names = figure_files(self.config.root).keys()
        return [*own_figures(self.config.root, measured, self.cache, names).values()]

    def script(self, path: Path | None = None) -> Script:
        """What is said, with the numbers of the last build's run; `path`: another script."""
        from pipeline.numbers.fill import Numbers
        from pipeline.slides.layouts import load_layouts
        from pipeline.slides.slide import NO_SLIDES, read_slides
        from pipeline.talk import read_script

        folder = self.config.root / "deck" / "slides"
        numbers = Numbers(self.measured(), self.config.locale)
        slides = (
            read_slides(folder, load_layouts(self.config.root), numbers)
            if folder.is_dir()
            else NO_SLIDES
        )
        return read_script(self.config, slides, numbers, path)

    def problems(self, talk: Talk) -> tuple[list[Problem], Census]:
        """What is wrong with numbers, run, script, cues and timing; and the census of numbers."""
        from pipeline.checks.brand import brand_problems
        from pipeline.checks.commands import command_problems
        from pipeline.checks.content import content
        from pipeline.checks.cues import check_talk
        from pipeline.checks.evidence import evidence_problems
        from pipeline.checks.figures import figure_problems
        from pipeline.checks.habits import habit_problems
        from pipeline.checks.letters import letter_problems
        from pipeline.checks.media import media_problems
        from pipeline.checks.numbers import check_numbers, staleness_problems
        from pipeline.pictures.media import media_of
        from pipeline.pictures.own.kept import figures_of

        texts = content(self.config)
        numbers = check_numbers(self.config, talk.measured, texts, claims=False, memo=self.memo)
        found = [*numbers.problems, *check_talk(talk)]
        found += habit_problems(talk.slides)
        found += media_problems(talk.slides, media_of(talk.slides, self.cache))
        found += figure_problems(
            figures_of(talk, self.cache).values(),
            talk.slides,
            talk.config.brand.palette,
            allowed=self.options.allow_stale,
        )
        found += letter_problems(talk.config, self.cache, texts)
        found += brand_problems(self.config)
        found += command_problems(self.config)
        allowed = self.options.allow_stale
        found += evidence_problems(talk.config, talk.measured, talk.places, allowed=allowed)
        pinned = {name for name in talk.measured.changed if self._is_pinned(name)}
        found += staleness_problems(talk.measured, pinned, allowed=self.options.allow_stale)
        self.memo.save()
        return found, numbers.census

    def _is_pinned(self, name: str) -> bool:
        """Whether the run of a measurement, or of the experiment for "", is pinned."""
        if name:
            from pipeline.measure.store import pinned_file

            return pinned_file(self.config, name).exists()
        from pipeline.experiment.store import pinned_path

        return pinned_path(self.config).exists()

    def overflow(self, talk: Talk, *, browser: bool = True) -> list[Problem]:
        """What is too much on the slides, and what doesn't fit: measured, or estimated without
        a browser.

        Raises TalkError with path:line for a title, a picture or a link that isn't right.
        """
        from pipeline.checks.diagrams import diagram_problems
        from pipeline.checks.room import estimated_problems, limit_problems
        from pipeline.export.overflow import measured, overflow_problems
        from pipeline.pages.deck import DeckMaker, deck_input
        from pipeline.slides.layouts import load_layouts

        page = deck_input(talk, self.cache, for_speaker=False)
        deck = DeckMaker(self.cache).make(page)
        layouts = load_layouts(self.config.root)
        found = list(limit_problems(talk.slides, layouts, talk.config))
        try:
            if browser:
                return [*found, *overflow_problems(talk.slides, measured(deck, self.cache, say))]
        except TalkError as error:  # there is no browser, or it doesn't do its work
            more = f" ({error.hint})" if error.hint else ""
            say(f"what fits on the slides is estimated: {error.message}{more}")
        found += diagram_problems(talk.slides, page.pictures)
        return [*found, *estimated_problems(talk.slides, layouts)]

    def _wanted(self) -> Wanted:
        """What the command line says about the experiment; only `build` says something."""
        from pipeline.experiment.plan import Options as Wanted

        said = self.options
        if not isinstance(said, BuildOptions):
            return Wanted(cache=self.cache)
        return Wanted(
            said.data, said.model, said.quick, said.retrain, said.frozen, self.cache, said.command
        )


def open_project(options: TalkOptions) -> Project:
    """Read the talk's settings. Raises TalkError for what is wrong with them."""
    config = load_config(Path(os.path.realpath(options.talk or talk_here())))
    out = options.out or config.root / "out"
    if not can_be_written(folder := user_cache()):
        rest = f"models and typefaces are kept with the talk ({VARIABLE} names another folder)"
        say(f"the cache {folder} can't be written: {rest}")
    cache = _cache_of(config.root, out)
    return Project(config, out, cache, options, Memo(cache))


def _cache_of(root: Path, out: Path) -> Path:
    """The folder of kept runs and drawn figures: beside the pages where the talk is read-only."""
    cache = root / ".cache"
    return cache if os.access(cache if cache.exists() else root, os.W_OK) else out / ".cache"
