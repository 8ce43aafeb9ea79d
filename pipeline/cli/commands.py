"""The commands, one function each: they call the stages in their order and say what came out.

Each returns the exit status: 0 done, 1 the content or the input is wrong.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pipeline.caches import user_cache
from pipeline.cli import options as told
from pipeline.cli.parser import UsageError, command
from pipeline.cli.project import Project, open_project
from pipeline.cli.questions import asked_new
from pipeline.cli.terminal import confirmed, give, say, show, summary
from pipeline.command import called, typed
from pipeline.files import write_whole
from pipeline.measured import EXPERIMENT
from pipeline.paths import plain_name
from pipeline.problems import Problem, Source, TalkError, nearest

if TYPE_CHECKING:
    from pipeline.cli.clean import Group
    from pipeline.locale import Locale
    from pipeline.rearrange import Plan, Where
    from pipeline.rehearsal.apply import What
    from pipeline.rehearsal.log import Log
    from pipeline.rehearsal.record import Rehearsal
    from pipeline.rehearsal.report import Report
    from pipeline.rehearsal.voice.hearing import Hearing
    from pipeline.rehearsal.voice.record import VoiceRecord
    from pipeline.script.elements import Script
    from pipeline.serve.demo import LiveModel
    from pipeline.serve.remote import Remote
    from pipeline.talk import Talk


@command("build --data messages.tsv --quick")
def build(options: told.BuildOptions) -> int:
    """Build whatever is stale: experiment, measurements, figures, pages."""
    from pipeline.pages.speaker import write_speaker_pages

    started = time.monotonic()
    project = open_project(options)
    if project.helps_training():
        return 0
    with project.writing():
        measured = project.measured_now()
        talk = project.talk(measured)
        project.draw_figures(talk)
        write_speaker_pages(talk, project.speaker, project.cache, say)
    show(project.problems(talk)[0], "warning")
    if note := talk.config.locale.untranslated:
        say(note)
    index, seconds = project.speaker / "index.html", time.monotonic() - started
    say(summary(project.config.talk.title, measured, index, seconds))
    return 0


@command("check")
def check(options: told.CheckOptions) -> int:
    """List what is wrong with slides, numbers, cues, timing and links; exit status 1 if any is."""
    for_people, more = options.format == "text", list[Problem]()
    try:
        project = open_project(options)
        talk = project.talk(project.measured(), show if for_people else more.extend)
        problems = _problems(project, talk, options)
    except TalkError as error:  # for people the command line shows it
        if for_people or options.debug:
            raise
        problems = [error.problem, *more]
    if for_people:
        show(problems)
    else:
        from pipeline.cli.formats import written

        settings = (options.talk or told.talk_here()) / told.SETTINGS
        give(written(problems, options.format, settings))
    return 1 if any(problem.is_error for problem in problems) else 0


def _problems(project: Project, talk: Talk, options: told.CheckOptions) -> list[Problem]:
    """All that is wrong; the numbers are listed on stdout for people alone."""
    tell = give if options.format == "text" else say
    overflow = project.overflow(talk, browser=not options.no_browser)
    problems, census = project.problems(talk)
    if options.numbers:
        tell(census.table())
    elif census.has_run:
        tell(census.summary())
    if not (found := [*problems, *overflow]):
        cuts = f"{len(talk.timings)} cut{'' if len(talk.timings) == 1 else 's'}"
        say(f"nothing wrong: {_counted(talk)}, {cuts}  ({project.config.talk.title})")
    return found


def _counted(talk: Talk) -> str:
    """How many slides there are: "22 slides", "20 slides, 1 backup, 1 hidden"."""
    more = {"backup": len(talk.slides) - len(talk.main), "hidden": len(talk.hidden)}
    rest = (f"{count} {what}" for what, count in more.items() if count)
    return ", ".join([f"{len(talk.main)} slides", *rest])


@command("time --slot 42")
def time_table(options: told.TimeOptions) -> int:
    """Show the time of each slide, the totals, and which figures contradict each other."""
    from pipeline.script.encoding import mend_encoding
    from pipeline.talk import script_path

    project = open_project(options)
    config = project.config
    if options.wpm:
        config = replace(config, pace=replace(config.pace, words_per_minute=options.wpm))
    if options.fix_encoding:
        with project.changing():
            say(mend_encoding(options.script or script_path(config)))
    script = project.script(options.script)
    show_times = _show_fit if options.slot else _show_timing
    return show_times(script, replace(project, config=config), options)


def _show_fit(script: Script, project: Project, options: told.TimeOptions) -> int:
    """The script fitted to a slot; written to talk.toml with --save."""
    from pipeline.script.fit import fit_to_slot, save_cut

    slot_s = round((options.slot or 0) * 60)
    fit = fit_to_slot(script, project.config, slot_s, name=options.save or "")
    give(fit.explained())
    if options.save:
        with project.changing():
            save_cut(project.config.path, options.save, fit)
        say(f"written to talk.toml as [cuts.{options.save}]")
    return 0 if fit.fits else 1


def _show_timing(script: Script, project: Project, options: told.TimeOptions) -> int:
    """The times of one cut as a table or a plot, or of all as JSON."""
    from pipeline.pictures.charts.timing import plot_svg
    from pipeline.script.table import as_json, table
    from pipeline.script.timing import timings
    from pipeline.talk import cut_name

    config = project.config
    found = timings(script, config)
    chosen = found[cut_name(config, options.cut)]
    if options.json:
        give(json.dumps(as_json(found), indent=1))
    elif options.plot:
        write_whole(options.plot, plot_svg(chosen, config.locale))
        say(f"written: {options.plot}")
    else:
        give(table(chosen))
    problems = [*script.problems, *chosen.findings]
    show(problems)
    return 1 if any(problem.is_error for problem in problems) else 0


@command("serve")
def serve(options: told.ServeOptions) -> int:
    """Show each change as it is saved, on 127.0.0.1; with the live demo."""
    from pipeline.serve.app import serve as serve_deck
    from pipeline.serve.app import serving
    from pipeline.serve.processes import find_notebook, jupyter

    project = open_project(options)
    config = project.config

    def load() -> LiveModel:  # in the model's own thread: torch takes seconds
        from pipeline.experiment.live.model import load_live_models

        results = project.shown_run()
        assert results is not None  # asked only of a talk with an experiment
        return load_live_models(config, results, project.cache, say)

    how, training = options.train_live, None
    if how:
        from pipeline.experiment.live.training import training_command

        training = training_command(config, project.cache, whole=how == "whole")
    session = serving(
        config.root,
        project.out,
        project.cache,
        lambda now: replace(project, config=now).measured(),
        say,
        cut=options.cut,
        port=options.port,
        to_network=options.host,
        load_model=load if config.experiment else None,
        training=training,
        draw=project.draw_while_serving() if options.figures else None,
    )
    notebook = find_notebook(config.root) if options.notebook else None
    serve_deck(session, say, jupyter(notebook, config.root, say) if notebook else nullcontext())
    return 0


@command("rehearse --phone --voice")
def rehearse(options: told.RehearseOptions) -> int:
    """Rehearse with a clock and cues, each run recorded; or compare the runs."""
    from pipeline.rehearsal.log import FOLDER, import_log, read_log
    from pipeline.talk import talk_id

    project = open_project(options)
    folder, name = project.config.root / FOLDER, talk_id(project.config)
    if options.log:
        done = import_log(options.log, folder, name)
        show(done.findings, "warning")
        say(f"{done.added} added, {done.known} known before")
        return 0
    if options.voice:
        _check_voice(options, project.config.locale)
    talk = project.talk(project.measured())
    if options.report or options.apply:
        return _compare(options, talk, project, read_log(folder, name))
    return _rehearse(talk, project, options)


def _rehearse(talk: Talk, project: Project, options: told.RehearseOptions) -> int:
    """The rehearsal page served, until Ctrl-C."""
    from pipeline.pages.rehearsal import PAGE, rehearsal_page
    from pipeline.pages.speaker import write_speaker_pages
    from pipeline.rehearsal.app import open_server
    from pipeline.rehearsal.log import FOLDER
    from pipeline.serve.web import until_interrupted
    from pipeline.talk import talk_id

    hearing = _hearing(talk, project, options) if options.voice else None
    with project.writing():
        write_speaker_pages(talk, project.speaker, project.cache)
    remote = _remote(project) if options.phone else None
    guests = [*(["phone"] if remote else []), *(["voice"] if hearing else [])]
    made = {PAGE: rehearsal_page(talk, guests)} if guests else {}
    log = project.config.root / FOLDER
    server = open_server(
        *(
            project.speaker,
            log,
            talk_id(project.config),
            lambda run: say(recorded(run, talk)),
            options.port,
        ),
        made=made,
        remote=remote,
        hearing=hearing,
    )
    with server, until_interrupted():
        say(f"{server.url}rehearse.html{'?live' if options.live else ''}   Ctrl-C ends")
        if remote:
            remote.gate.invite()
    return 0


def recorded(run: Rehearsal, talk: Talk) -> str:
    """What the terminal says of a rehearsal that has ended: its length, and how to see it."""
    from pipeline.lengths import clock
    from pipeline.talk import cut_name

    cut = f" --cut {run.cut}" if run.cut != cut_name(talk.config, None) else ""
    length = clock(round(run.total_s))
    return f"recorded: {run.cut}, {length}; see it: `{called()} rehearse --report{cut}`"


def _remote(project: Project) -> Remote:
    """What lets phones in."""
    from pipeline.pages.phone import phone_page
    from pipeline.serve.pairing import REMOTE_PAGE, Gate
    from pipeline.serve.remote import Remote

    kept, locale = project.cache / "phones.json", project.config.locale
    gate = Gate(None, 0, say, REMOTE_PAGE, kept, locale)
    gate.look()
    return Remote(gate, lambda: phone_page(project.config))


def _check_voice(options: told.RehearseOptions, locale: Locale) -> None:
    """Raises UsageError where nobody could listen: before anything is read."""
    from pipeline.voice.models import check_voice

    if options.live and options.keep_audio:
        raise UsageError("--live keeps nothing, --keep-audio does", hint="leave one out")
    try:
        check_voice(locale, options.voice_model)
    except TalkError as error:  # so it was called, whatever the talk is
        raise UsageError(error.message, error.where, error.hint) from None


def _hearing(talk: Talk, project: Project, options: told.RehearseOptions) -> Hearing:
    """Who listens to the speaker."""
    from pipeline.rehearsal.log import FOLDER
    from pipeline.rehearsal.voice.hearing import Hearing, Sayings, Take
    from pipeline.rehearsal.voice.listener import Setup
    from pipeline.rehearsal.voice.record import keep_voice
    from pipeline.rehearsal.voice.told import told as what_was_said
    from pipeline.voice.sentences import sentences_of

    locale, folder = talk.config.locale, project.config.root / FOLDER
    sentences = sentences_of(talk)

    def keep(run: Rehearsal, take: Take) -> Path:
        record = what_was_said(
            run,
            take.words,
            sentences,
            locale,
            speech=take.speech,
            listened=take.listened,
            unheard=take.unheard,
        )
        return keep_voice(record, folder)

    model = str(options.voice_model.absolute()) if options.voice_model else ""
    setup = Setup(sentences, locale.tag, str(project.cache), model)
    return Hearing(setup, folder, Sayings(say, keep), keeps_sound=options.keep_audio)


def _compare(options: told.RehearseOptions, talk: Talk, project: Project, log: Log) -> int:
    """The report of the rehearsals in a log, or what follows from it for talk.toml."""
    from pipeline.rehearsal.log import FOLDER
    from pipeline.rehearsal.report import report
    from pipeline.rehearsal.voice.record import read_voices
    from pipeline.talk import talk_id

    folder, name = project.config.root / FOLDER, talk_id(project.config)
    voices = read_voices(folder, name, log.records)
    show([*log.findings, *voices.findings], "warning")
    found = report(log.records, talk, options.cut)
    if not options.apply:
        return _show_report(found, voices.records, talk, project, options.json)
    if not voices.records:
        return _apply(found, talk, project, options.apply)
    from pipeline.rehearsal.voice.report import timed_by_voices

    timed, source = timed_by_voices(log.records, voices.records, found.cut)
    return _apply(report(timed, talk, found.cut), talk, project, options.apply, source)


def _show_report(
    found: Report, voices: Mapping[str, VoiceRecord], talk: Talk, project: Project, as_json: bool
) -> int:
    """The rehearsals compared with the plan and each other: here, and as a page with plots."""
    from pipeline.rehearsal.shown import report_json, report_page, report_table

    voice = None
    if voices:
        from pipeline.rehearsal.voice.report import voice_report

        voice = voice_report(found, voices, talk)
    give(report_json(found, voice) if as_json else report_table(found, voice))
    page, config = project.speaker / "rehearsals.html", project.config
    write_whole(page, report_page(found, config.brand.palette, config.locale, voice))
    say(f"with plots: {page}")
    return 0


def _apply(found: Report, talk: Talk, project: Project, what: What, source: str = "") -> int:
    """New slots or a pace out of the rehearsals, as a diff; written only on a yes.

    `source` says where the numbers come from, where that isn't the clicks alone.
    """
    from pipeline.rehearsal.apply import propose, write_proposal

    proposal = propose(found, talk, what)
    give(proposal.diff)
    for note in (source, *proposal.notes) if source else proposal.notes:
        say(note)
    if not proposal.diff:
        return 0
    if confirmed("Write this to talk.toml?"):
        with project.changing():
            write_proposal(proposal)
        say(f"written; how the words fill these times: `{called()} time`")
    else:
        say("nothing is changed")
    return 0


@command("publish --single-file --pdf")
def publish(options: told.PublishOptions) -> int:
    """Make the public site, proven to hold no word of the script."""
    from pipeline.export.chromium import one_browser

    project = open_project(options)
    with project.writing(), one_browser():  # for what is measured, printed and taken
        return _publish(project, options)


def _publish(project: Project, options: told.PublishOptions) -> int:
    from pipeline.export.drawings import read_drawings
    from pipeline.publish.site import PublishOptions, holds_back
    from pipeline.publish.site import publish as publish_site

    talk = project.talk(project.measured())
    names, drawn = {slide.name for slide in talk.slides}, options.with_drawings
    drawings = read_drawings(drawn, names) if drawn else None
    overflow = project.overflow(talk)
    problems = [*project.problems(talk)[0], *overflow]
    held = [p for p in problems if holds_back(p, with_script=options.transcript)]
    show((p for p in problems if p not in held), "warning")
    if show(held):
        say(f"nothing is published while `{called()} check` finds errors on the pages")
        return 1
    wanted = PublishOptions(
        options.transcript, options.single_file, options.pdf, options.notes, options.pptx, drawings
    )
    site = publish_site(talk, project.out, project.cache, wanted, say)
    show((fault.problem for fault in site.left_out), "warning")
    show((_reworded(name, drawn) for name in site.reworded if drawn), "warning")
    say(f"site   {site.folder}  ({len(site.sizes)} files, {site.total_bytes / 1e6:.2f} MB)")
    if options.narrate:
        _narrate(talk, project)
    return 1 if site.left_out and (options.pdf or options.pptx) else 0


def _reworded(slide: str, drawn: Path) -> Problem:
    return Problem(
        f"slide `{slide}` says other words than when it was drawn on: the strokes stay",
        Source(drawn),
        "look at its page of the PDF: they may lie beside what they meant",
    )


def _narrate(talk: Talk, project: Project) -> None:
    """A voice track a slide, measured against its slot, and a deck that runs by itself."""
    from pipeline.export.narration import build_narrated_deck, narrate
    from pipeline.script.table import table

    spoken = narrate(talk, project.cache, say)
    give(table(spoken.timing))
    say(f"narrated {build_narrated_deck(talk, spoken, project.speaker, project.cache)}")


@command("move demo --after agenda")
def move(options: told.MoveOptions) -> int:
    """Move a slide: its file, its section of the script, its slots; as few others as can be."""
    from pipeline.rearrange import move as plan_move

    with _rearranged(options) as project:
        plan = plan_move(project.config, options.name, _where(options), renumber=options.renumber)
        return _rearrange(plan, project, options.dry_run)


@command("insert a-new-slide --after agenda --layout text")
def insert(options: told.InsertOptions) -> int:
    """Put in a new slide of a layout, with a section of the script."""
    from pipeline.rearrange import insert as plan_insert
    from pipeline.slides.layouts import load_layouts

    with _rearranged(options) as project:
        layouts = load_layouts(project.config.root)
        if options.layout not in layouts:
            message = f"there is no layout `{options.layout}`"
            raise TalkError(message, None, nearest(options.layout, layouts))
        layout, where = layouts[options.layout], _where(options)
        renumber = options.renumber
        plan = plan_insert(
            project.config, options.name, where, layout, options.title, renumber=renumber
        )
        return _rearrange(plan, project, options.dry_run)


@command("remove demo")
def remove(options: told.RemoveOptions) -> int:
    """Take a slide out, with its section of the script and its slots."""
    from pipeline.rearrange import remove as plan_remove

    with _rearranged(options) as project:
        plan = plan_remove(project.config, options.name, renumber=options.renumber)
        return _rearrange(plan, project, options.dry_run)


@command("undo")
def undo(options: told.UndoOptions) -> int:
    """Take back the last move, insert or remove."""
    from pipeline.rearrange import undo as take_back

    with open_project(options).changing() as project:
        say(f"taken back: {take_back(project.config.root, project.cache)}")
    return 0


def _rearranged(
    options: told.MoveOptions | told.InsertOptions | told.RemoveOptions,
) -> AbstractContextManager[Project]:
    """The talk, of which nobody else changes a file meanwhile, unless nothing is to be written."""
    project = open_project(options)
    return nullcontext(project) if options.dry_run else project.changing()


def _where(options: told.MoveOptions | told.InsertOptions) -> Where:
    from pipeline.rearrange import Where

    return Where(options.to or "", options.before or "", options.after or "")


def _rearrange(plan: Plan, project: Project, is_dry: bool) -> int:
    """Show a plan and carry it out, unless something speaks against it."""
    from pipeline.rearrange import carry_out

    give("\n".join(plan.said) or "nothing changes")
    for mention in plan.mentions:
        say(f"stays    {mention.where}: {mention.text}")
    if show(plan.problems):
        say("nothing is changed")
        return 1
    if not is_dry and plan.files:
        carry_out(plan, project.config.root, project.cache)
        say(f"done; `{called()} undo` takes it back")
    return 0


@command("why finetuned.f1")
def why(options: told.WhyOptions) -> int:
    """Say where a number comes from, and every place where it is used."""
    from pipeline.checks.uses import uses_of
    from pipeline.checks.why import explain, explain_typed

    project = open_project(options)
    measured = project.measured()
    if measured:
        uses = (*uses_of(project.config, measured), *project.figure_uses(measured))
        give(explain(options.what, measured, uses, project.config.locale))
    else:
        give(explain_typed(options.what, project.config))
    return 0


@command("diff hash")
def diff(options: told.DiffOptions) -> int:
    """List which sentences, slides and answers another run changes."""
    from pipeline.checks.diff import as_text, diff_runs
    from pipeline.checks.runs import runs_to_compare, shown_runs

    project = open_project(options)
    config = project.config
    if config.experiment is None and not config.measurements and not options.runs:
        say("this talk measures nothing: no run changes a word of it")
        return 0
    shown = project.measured()
    old, new = runs_to_compare(options.runs, project.kept_runs(), shown_runs(shown))
    runs = old.within(shown), new.within(shown)
    changes = (*diff_runs(config, *runs), *project.figure_changes(*runs))
    give(as_text(changes, old, new))
    return 0


@command("pin hash")
def pin(options: told.PinOptions) -> int:
    """Keep the runs of the last build for all later ones, here or elsewhere."""
    project = open_project(options)
    config = project.config
    known = [*([EXPERIMENT] if config.experiment else []), *config.measurements]
    if not known:
        where = Source(config.path)
        raise TalkError("this talk measures nothing: there is no run to keep", where)
    if wrong := next((name for name in options.names if name not in known), ""):
        raise TalkError(f"nothing is measured as `{wrong}`", None, nearest(wrong, known))
    pin_one = _unpin if options.undo else _pin
    with project.writing(), project.changing():
        for name in options.names or _pinnable(project, known):
            say(pin_one(project, name))
    return 0


def _pinnable(project: Project, known: list[str]) -> list[str]:
    """All but evidence of which there is nothing whole to pin."""
    from pipeline.cli.evidence import has_whole

    evidence = project.config.evidence
    return [name for name in known if name not in evidence or has_whole(project.out, name)]


def _pin(project: Project, name: str) -> str:
    """Pin the run of a measurement, or of the experiment; what was done."""
    if name == EXPERIMENT:
        from pipeline.experiment.store import pin as pin_run

        kept = pin_run(project.config, project.out / "results.json")
        return f"run {kept.run.id} is pinned in deck/results.json"
    from pipeline.measure import store

    if name in project.config.evidence:
        from pipeline.cli.evidence import check_pinnable

        check_pinnable(project.out, name)
    found = store.pin(project.config, project.out, project.cache, name)
    return f"run {found.run.id} of {name} is pinned in deck/measured/{name}.json"


def _unpin(project: Project, name: str) -> str:
    """Let go of a pinned run; what was done."""
    if name == EXPERIMENT:
        from pipeline.experiment.store import unpin

        undone = unpin(project.config, project.cache)
        return "the next build measures again" if undone else "no run was pinned"
    from pipeline.measure import store

    if not store.unpin(project.config, project.cache, name):
        return f"no run of {name} was pinned"
    if name in project.config.evidence:
        return f"{name}: pages show what `{called()} evidence {name}` measured last"
    return f"{name}: the next build measures again, unless a kept run fits"


@command("evidence --quick")
def evidence(options: told.EvidenceOptions) -> int:
    """Measure what the talk claims: experiments of many runs, each kept; a build runs none."""
    from pipeline.checks.evidence import with_others
    from pipeline.cli.evidence import keep, listing, table
    from pipeline.experiment.evidence.run import TooMuchError, Wanted, run_evidence
    from pipeline.experiment.plan import Options as Sources
    from pipeline.measured import Measured

    project = open_project(options)
    config, out, cache = project.config, project.out, project.cache
    if options.list:
        give(listing(config, options.names, quick=options.quick))
        return 0
    sources = Sources(options.data, options.model, cache=cache)
    wanted = Wanted(
        options.names, options.quick, options.jobs or 0, _asked(options.yes), options.ray or ""
    )
    try:
        found = run_evidence(config, sources, wanted, say)
    except TooMuchError as error:
        show([error.problem])
        return 2
    for one in found.failed:
        if one.trace:
            say(one.trace.rstrip())
        say(f"failed   {one.cell.title}: {one.error}")
    give(table(found.measurements))
    with project.writing():
        for measurement in found.measurements:
            say(keep(config, out, cache, measurement))
    for name in found.unmade:
        say(f"{name}: its cells give no value, nothing is shown of it")
    with suppress(TalkError):  # no run yet, or none that can be read: nothing to compare with
        made = {measurement.name: measurement for measurement in found.measurements}
        show(with_others(Measured(project.shown_run(), made)))
    return 1 if found.failed or found.unmade else 0


def _asked(is_sure: bool) -> Callable[[str], bool]:
    """Asks whoever is at the terminal whether so much is meant; no is what no terminal means."""
    if is_sure:
        return lambda _: True
    if not sys.stdin.isatty():
        return lambda _: False
    return lambda much: confirmed(f"{much}. Measure them all?")


@command("screenshots shots")
def screenshots(options: told.ScreenshotsOptions) -> int:
    """Take pictures of all slides in both themes, and a contact sheet."""
    from pipeline.export.screenshots import screenshots as take
    from pipeline.pages.speaker import write_speaker_pages

    project = open_project(options)
    talk = project.talk(project.measured())  # as it is now, whatever was built before
    with project.writing():
        write_speaker_pages(talk, project.speaker, project.cache, say)
    show(project.problems(talk)[0], "warning")
    index = project.speaker / "index.html"
    width, height = project.config.brand.slide_size
    size = (options.width, options.height or round(options.width * height / width))
    for sheet in take(index, options.folder, size=size, say=say):
        say(f"contact sheet: {sheet}")
    return 0


@command("clean --dry-run")
def clean(options: told.CleanOptions) -> int:
    """Free room: what is made again by itself; no result, and nothing that was measured."""
    from pipeline.cli.clean import free, in_units, listing

    folders, kinds = _to_clean(options)
    kinds = [kind for kind in kinds if kind.size_bytes]
    where = " and ".join(map(str, folders))
    if not kinds:
        say(f"nothing to free in {where}")
        return 0
    total = in_units(sum(kind.size_bytes for kind in kinds))
    give(listing(kinds))
    if options.dry_run:
        say(f"{total} would be freed in {where}")
        return 0
    if not options.yes and not confirmed(f"Free {total} in {where}?"):
        say("nothing is removed; --yes removes it without asking")
        return 1
    freed, busy = free(kinds)
    for path in busy:
        say(f"stays, something works on it now: {path}")
    left = shutil.disk_usage(folders[0]).free
    say(f"freed: {in_units(freed)}; {in_units(left)} are free on this disk now")
    return 0


def _to_clean(options: told.CleanOptions) -> tuple[list[Path], list[Group]]:
    """The folders that are cleaned, and what can go of them."""
    from pipeline.cli.clean import of_all_talks, of_talk

    if options.shared:
        folders = [user_cache()] if user_cache().is_dir() else []
        with suppress(TalkError):  # it is asked for outside of a talk, too
            folders.append(open_project(options).cache)
        return folders or [user_cache()], list(of_all_talks(folders))
    project = open_project(options)
    return [project.cache], list(of_talk(project.cache, project.runs_in_use()))


@command("new my-talk")
def new(options: told.NewOptions) -> int:
    """Write a small talk to start from: it builds, checks and publishes as it is."""
    from pipeline.starter import Kind, write_new_talk

    if sys.stdin.isatty() and not (options.language or options.without_script or options.measure):
        options = asked_new(options)
    kind: Kind = "measure" if options.measure else "notes" if options.without_script else "script"
    language = "en" if options.language is None else options.language
    made, folder = write_new_talk(options.folder, kind, language), options.folder
    say(f"written: {len(made.files)} files in {folder}")
    if made.texts != made.language.partition("-")[0].lower():
        say(f"its words are English, until you write yours: its language is {made.language}")
    if options.measure:
        say(f"next: {called()} --talk {typed(folder)}  (measures, then builds)")
        say(f"then: {called()} serve --talk {typed(folder)}")
        return 0
    say(f"next: {called()} serve --talk {typed(folder)}")
    say(f"then: {called()} insert NAME --after {made.second} --talk {typed(folder)}")
    return 0


@command("schema --write .talkwright")
def schema(options: told.SchemaOptions) -> int:
    """Give the JSON Schema of talk.toml, or of slides' front matter, for editors."""
    from pipeline.schemas import slide_schema, talk_schema, write_schemas
    from pipeline.slides.layouts import fields_about, load_layouts

    talk = options.talk or told.talk_here()
    if options.talk and not (talk / told.SETTINGS).is_file():
        hint = "--talk names a folder with a talk.toml"
        raise TalkError("the file of settings is missing", Source(talk / told.SETTINGS), hint)
    layouts, about = load_layouts(talk), fields_about(talk)
    if options.write:
        for path in write_schemas(options.write, layouts, about):
            say(f"written: {path}")
    else:
        give((slide_schema(layouts, about) if options.slide else talk_schema()).rstrip())
    return 0


@command("import slides.md --into my-talk --length 20m")
def import_deck(options: told.ImportOptions) -> int:
    """Make a talk of a deck of Marp, reveal-md, Slidev, Quarto, pandoc, Jupyter or PowerPoint."""
    from pipeline.imports.talk import LIST, Wanted
    from pipeline.imports.talk import import_deck as write_talk

    folder = options.into or Path(plain_name(options.file.stem) or "talk")
    wanted = Wanted(options.kind, options.length or "", options.without_script)
    done = write_talk(options.file, folder, wanted)
    for entry in done.left_out:
        give(str(entry))
    kept = len(done.entries) - len(done.left_out)
    say(f"read as {done.kind}: {done.slides} slides, {done.length}, in {folder}")
    say(f"{len(done.left_out)} things are left out, {kept} kept in another way: {folder / LIST}")
    say(f"next: {called()} check --talk {typed(folder)}")
    return 0


@command("export --marp slides.md")
def export(options: told.ExportOptions) -> int:
    """Write the deck as one Markdown file, for Marp or plain, with its pictures beside it."""
    from pipeline.export.markdown import Form, export_markdown
    from pipeline.pages.deck import pictures_of

    wanted: dict[Form, Path | None] = {"marp": options.marp, "markdown": options.markdown}
    if not any(wanted.values()):
        show([Problem("nothing to export", hint="--marp FILE, --markdown FILE, or both")])
        return 2
    project = open_project(options)
    talk = project.talk(project.measured())
    pictures = pictures_of(talk, project.cache)
    for form, path in wanted.items():
        if path:
            made = export_markdown(talk, pictures, path, form, with_notes=options.notes)
            say(f"written: {len(talk.slides)} slides in {made}")
    return 0
