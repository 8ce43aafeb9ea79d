"""One command builds the talk: measure, draw, join, show. See `python build.py --help`.

The stages stand here in their order; what they do stands in `pipeline`. Data goes to stdout,
messages to stderr. Exit status: 0 done, 1 the content or the input is wrong, 2 wrong usage,
130 interrupted.
"""

from __future__ import annotations

import argparse
import errno
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import COMMANDS, parser
from pipeline.config import Config, load_config
from pipeline.problems import Problem, Source, TalkError
from pipeline.results import Results, read_results, write_results

if TYPE_CHECKING:
    from pipeline.checks.census import Census
    from pipeline.rehearsal.report import Report
    from pipeline.talk import Talk

HERE = Path(__file__).resolve().parent


def say(message: str) -> None:
    """A message for the person at the terminal; stdout is kept for data."""
    print(message, file=sys.stderr, flush=True)


# --- The stages ---------------------------------------------------------------------------------


def measure(config: Config, options: argparse.Namespace) -> Results | None:
    """The run that the pages show: pinned, kept or made now; None for a talk without one."""
    if config.experiment is None:
        return None
    from pipeline.experiment.store import pinned_path

    pinned = pinned_path(config)
    if pinned.exists() and not (options.retrain or options.quick or options.data or options.model):
        results = read_results(pinned)
        say(f"run {results.run.id} is pinned: pages show it until `python build.py pin --undo`")
        return results
    from pipeline.experiment.run import run_experiment

    results = run_experiment(config, experiment_options(config, options, options.quick), say)
    return write_results(results, out_folder(config, options) / "results.json")


def build(config: Config, options: argparse.Namespace) -> int:
    """Whatever is stale: experiment, figures, pages."""
    started = time.monotonic()
    results = measure(config, options)
    from pipeline.cli.summary import summary
    from pipeline.slides.layouts import load_layouts
    from pipeline.talk import load_talk

    changed = changes(config, results, options)
    talk = load_talk(config, results, load_layouts(), options.cut, changed)
    out = write_pages(talk, options)
    show_findings(all_findings(talk, options)[0], as_warnings=True)
    say(summary(results, out / "index.html", time.monotonic() - started))
    return 0


def write_pages(talk: Talk, options: argparse.Namespace) -> Path:
    """The speaker's pages: deck, script, rehearsal; returns their folder."""
    from pipeline.pages.deck import build_deck
    from pipeline.pages.deck_of import deck_of
    from pipeline.pages.rehearsal import build_rehearsal_page
    from pipeline.pages.script import write_script

    out, cache = out_folder(talk.config, options) / "speaker", cache_folder(talk.config)
    build_deck(deck_of(talk, cache), out, cache)
    write_script(talk, out)
    build_rehearsal_page(talk, out)
    return out


def check(config: Config, options: argparse.Namespace) -> int:
    """Numbers, cues, timing and links: a list, exit status 1 if anything is wrong."""
    from pipeline.pages.deck import check_deck
    from pipeline.pages.deck_of import deck_of

    talk = loaded(config, options)
    check_deck(deck_of(talk, cache_folder(config)))
    findings, census = all_findings(talk, options)
    print(census.table() if options.numbers else census.summary())
    if not show_findings(findings):
        say(f"nothing wrong: {len(talk.slides)} slides, {len(talk.timings)} cuts")
    return 1 if any(finding.is_error for finding in findings) else 0


def all_findings(talk: Talk, options: argparse.Namespace) -> tuple[list[Problem], Census]:
    """What is wrong with numbers, run, script, cues and timing; and the census of numbers."""
    from pipeline.checks.cues import check_talk
    from pipeline.checks.numbers import check_numbers, staleness_findings
    from pipeline.experiment.store import pinned_path

    numbers = check_numbers(talk.config, talk.results, claims=False)
    findings = [*numbers.findings, *check_talk(talk)]
    if talk.results:
        findings += staleness_findings(
            talk.changed,
            talk.results.run.id,
            pinned=pinned_path(talk.config).exists(),
            allowed=options.allow_stale,
        )
    return findings, numbers.census


def changes(
    config: Config, results: Results | None, options: argparse.Namespace
) -> tuple[str, ...]:
    """What has changed since the shown run was made; nothing is measured for that."""
    if results is None:
        return ()
    from pipeline.experiment.plan import changed_since

    return changed_since(config, experiment_options(config, options, results.run.quick), results)


def why(config: Config, options: argparse.Namespace) -> int:
    """Where a number comes from, and every place where it is used."""
    from pipeline.checks.uses import uses_of
    from pipeline.checks.why import explain

    results = kept_results(config, options)
    if results is None:
        raise TalkError("this talk measures nothing", Source(config.path), "add [experiment]")
    print(explain(options.what, results, uses_of(config.root, results)))
    return 0


def diff(config: Config, options: argparse.Namespace) -> int:
    """Which sentences, slides and answers another run changes: what to learn again."""
    from pipeline.checks.diff import as_text, diff_runs, runs_to_compare

    old, new = runs_to_compare(config.root, options.runs, kept_results(config, options))
    print(as_text(diff_runs(config.root, old, new), old, new))
    return 0


def time_table(config: Config, options: argparse.Namespace) -> int:
    """The timing of each slide, the totals, and where figures contradict each other."""
    from dataclasses import replace

    from pipeline.numbers.fill import Numbers
    from pipeline.pictures.charts.timing import plot_svg
    from pipeline.script.encoding import mend_encoding
    from pipeline.script.fit import fit_to_slot, save_cut
    from pipeline.script.parse import load_script
    from pipeline.script.table import as_json, table
    from pipeline.script.timing import timings

    if options.wpm:
        config = replace(config, pace=replace(config.pace, words_per_minute=options.wpm))
    path = options.script or config.root / "script" / "voiceover.md"
    if options.fix_encoding:
        say(mend_encoding(path))
    script = load_script(path, Numbers(kept_results(config, options)))
    if options.slot:
        fit = fit_to_slot(script, config, round(options.slot * 60), name=options.save or "")
        print(fit.explained())
        if options.save:
            save_cut(config.path, options.save, fit)
            say(f"written to talk.toml as [cuts.{options.save}]")
        return 0 if fit.fits else 1
    found = timings(script, config)
    chosen = chosen_cut(config, options.cut)
    if options.json:
        print(json.dumps(as_json(found), ensure_ascii=False, indent=1))
    elif options.plot:
        options.plot.write_text(plot_svg(found[chosen]), encoding="utf-8")
        say(f"written: {options.plot}")
    else:
        print(table(found[chosen]))
    findings = [f for name, timing in found.items() if name == chosen for f in timing.findings]
    show_findings(findings)
    return 1 if any(finding.is_error for finding in findings) else 0


def serve(config: Config, options: argparse.Namespace) -> int:
    """The deck on 127.0.0.1, each change shown as it is saved; with the live demo."""
    from contextlib import nullcontext

    from pipeline.serve.notebook import find_notebook, jupyter
    from pipeline.serve.session import serve as serve_deck
    from pipeline.serve.session import serving

    def load() -> Any:  # in the model's own thread: torch takes seconds
        from pipeline.experiment.live.model import load_live_models

        results = kept_results(config, options)
        assert results is not None  # asked only of a talk with an experiment
        return load_live_models(config, results, cache_folder(config), say)

    session = serving(
        config.root,
        out_folder(config, options),
        cache_folder(config),
        lambda now: kept_results(now, options),
        say,
        cut=options.cut,
        port=options.port,
        to_network=options.host,
        load_model=load if config.experiment else None,
        training=live_training(config, options) if options.train_live else None,
    )
    notebook = find_notebook(config.root) if options.notebook else None
    beside = jupyter(notebook, config.root, say) if notebook else nullcontext()
    serve_deck(session, say, beside)
    return 0


def live_training(config: Config, options: argparse.Namespace) -> list[str]:
    """The command that trains beside the served deck. Raises TalkError where nothing can."""
    from pipeline.experiment.plan import experiment_of, missing_libraries

    experiment_of(config)
    if missing := missing_libraries():
        hint = 'install the extra with `pip install ".[train]"`, or leave --train-live out'
        raise TalkError(f"a training needs {', '.join(missing)}", None, hint)
    asked = {
        "root": str(config.root.resolve()),
        "cache": str(cache_folder(config).resolve()),
        "whole": options.train_live == "whole",
    }
    return [sys.executable, "-m", "pipeline.experiment.live.training", json.dumps(asked)]


def rehearse(config: Config, options: argparse.Namespace) -> int:
    """The rehearsal page on 127.0.0.1, each run recorded; or what the recorded runs say."""
    from pipeline.rehearsal.log import FOLDER, import_log, read_log
    from pipeline.talk import talk_id

    folder, name = config.root / FOLDER, talk_id(config)
    if options.log:
        done = import_log(options.log, folder, name)
        show_findings(list(done.findings), as_warnings=True)
        say(f"{done.added} added, {done.known} known before")
        return 0
    talk = loaded(config, options)
    if options.report or options.apply:
        from pipeline.rehearsal.report import report

        log = read_log(folder, name)
        show_findings(list(log.findings), as_warnings=True)
        found = report(log.records, talk, options.cut)
        return apply(found, talk, options) if options.apply else show_report(found, talk, options)
    from pipeline.rehearsal.keep import keeper
    from pipeline.rehearsal.server import open_server

    take = keeper(folder, name, lambda r: say(f"recorded: {r.cut}, {r.total_s / 60:.1f} min"))
    with open_server(write_pages(talk, options), take, options.port) as server:
        say(f"{server.url}rehearse.html{'?live' if options.live else ''}   Ctrl-C ends")
        try:
            server.serve_forever(0.2)
        except KeyboardInterrupt:
            say("")
    return 0


def show_report(found: Report, talk: Talk, options: argparse.Namespace) -> int:
    """The rehearsals compared with the plan and each other: here, and as a page with plots."""
    from pipeline.rehearsal.shown import report_json, report_table, write_report_page

    print(report_json(found) if options.json else report_table(found))
    page = out_folder(talk.config, options) / "speaker" / "rehearsals.html"
    write_report_page(found, page)
    say(f"with plots: {page}")
    return 0


def apply(found: Report, talk: Talk, options: argparse.Namespace) -> int:
    """New slots or a pace out of the rehearsals, as a diff; written only on a yes."""
    from pipeline.rehearsal.apply import propose, write_proposal

    proposal = propose(found, talk, options.apply)
    print(proposal.diff)
    for note in proposal.notes:
        say(note)
    if not proposal.diff:
        return 0
    print("Write this to talk.toml? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        write_proposal(proposal)
        say("written")
    else:
        say("nothing is changed")
    return 0


def publish(config: Config, options: argparse.Namespace) -> int:
    """The public site, proven to hold no word of the script; refused while anything is wrong."""
    from pipeline.publish.site import PublishOptions
    from pipeline.publish.site import publish as make_site

    talk = loaded(config, options)
    findings, _ = all_findings(talk, options)
    if show_findings(findings) and any(finding.is_error for finding in findings):
        say("nothing is published while `python build.py check` finds errors")
        return 1
    wanted = PublishOptions(
        options.transcript, options.single_file, options.pdf, options.notes, options.pptx
    )
    site = make_site(talk, out_folder(config, options), cache_folder(config), wanted, say)
    for fault in site.left_out:
        say(f"warning: {fault}" + (f"\nhint: {fault.hint}" if fault.hint else ""))
    say(f"site   {site.folder}  ({len(site.sizes)} files, {site.total_bytes / 1e6:.2f} MB)")
    if options.narrate:
        narrate(talk, options)
    return 1 if site.left_out and (options.pdf or options.pptx) else 0


def narrate(talk: Talk, options: argparse.Namespace) -> None:
    """A voice track a slide, measured against its slot, and a deck that runs by itself."""
    from pipeline.export.narrated_deck import build_narrated_deck
    from pipeline.export.narration import narrate as speak
    from pipeline.script.table import table

    cache, speaker = cache_folder(talk.config), out_folder(talk.config, options) / "speaker"
    spoken = speak(talk, cache, say)
    print(table(spoken.timing))
    say(f"narrated {build_narrated_deck(talk, spoken, speaker, cache)}")


def pin(config: Config, options: argparse.Namespace) -> int:
    """Keep this run: pages use it, here or anywhere, until `pin --undo`."""
    from pipeline.experiment.store import pin as pin_results
    from pipeline.experiment.store import unpin

    if options.undo:
        undone = unpin(config, cache_folder(config))
        say("the next build measures again" if undone else "no run was pinned")
    else:
        kept = pin_results(config, out_folder(config, options) / "results.json")
        say(f"run {kept.run.id} is pinned in deck/results.json")
    return 0


def screenshots(config: Config, options: argparse.Namespace) -> int:
    """Pictures of all slides of the last build, in both themes, and a contact sheet."""
    from pipeline.export.screenshots import screenshots as shoot

    index = out_folder(config, options) / "speaker" / "index.html"
    if not index.exists():
        raise TalkError("there is no deck yet", Source(index), "run `python build.py` first")
    for sheet in shoot(index, options.folder, size=(options.width, options.height), say=say):
        say(f"contact sheet: {sheet}")
    return 0


def new(options: argparse.Namespace) -> int:
    """A small talk in a folder of its own, whole: it builds, checks and publishes as it is."""
    from pipeline.starter import write_new_talk

    written = write_new_talk(options.folder)
    say(f"written: {len(written)} files in {options.folder}")
    say(f"next: python build.py serve --talk {options.folder}")
    return 0


# --- What the stages share ----------------------------------------------------------------------


def loaded(config: Config, options: argparse.Namespace) -> Talk:
    """The talk with the run that the last build showed."""
    from pipeline.slides.layouts import load_layouts
    from pipeline.talk import load_talk

    results = kept_results(config, options)
    changed = changes(config, results, options)
    return load_talk(config, results, load_layouts(), options.cut, changed)


def kept_results(config: Config, options: argparse.Namespace) -> Results | None:
    """The run that the last build showed, without measuring anything."""
    if config.experiment is None:
        return None
    from pipeline.experiment.store import shown_results

    return shown_results(config, out_folder(config, options))


def experiment_options(config: Config, options: argparse.Namespace, quick: bool) -> Any:
    """What the command line says about the experiment; other commands than `build` say nothing."""
    from pipeline.experiment.plan import Options

    return Options(
        data=getattr(options, "data", None),
        model=getattr(options, "model", None),
        quick=quick,
        retrain=getattr(options, "retrain", False),
        frozen=getattr(options, "frozen", False),
        cache=cache_folder(config),
        command=command_line(options) if options.command == "build" else "",
    )


def chosen_cut(config: Config, name: str | None) -> str:
    from pipeline.talk import cut_name

    return cut_name(config, name)


def out_folder(config: Config, options: argparse.Namespace) -> Path:
    return options.out or config.root / "out"


def cache_folder(config: Config) -> Path:
    """Kept runs, converted models, drawn figures: all can be made again."""
    return config.root / ".cache"


def command_line(options: argparse.Namespace) -> str:
    """The command that reproduces a run, without paths of this machine."""
    parts = ["python build.py"]
    parts += [f"--{name}" for name in ("quick", "retrain") if getattr(options, name)]
    parts += [f"--{name} PATH" for name in ("data", "model") if getattr(options, name)]
    return " ".join(parts)


def show_findings(findings: list[Problem], as_warnings: bool = False) -> int:
    for finding in sorted(findings, key=lambda finding: not finding.is_error):
        kind = "error" if finding.is_error and not as_warnings else "warning"
        say(f"{kind}: {f'{finding.where}: ' if finding.where else ''}{finding.message}")
        if finding.hint:
            say(f"hint: {finding.hint}")
    return len(findings)


# --- The command line ---------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the one place where errors are shown."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or (words[0] not in COMMANDS and words[0] not in ("-h", "--help")):
        if words and not words[0].startswith("-"):
            from pipeline.problems import nearest

            say(f"error: unknown command `{words[0]}`\nhint: {nearest(words[0], COMMANDS)}")
            return 2
        words.insert(0, "build")
    options = parser(HERE).parse_args(words)
    stages = {
        "build": build,
        "check": check,
        "time": time_table,
        "serve": serve,
        "rehearse": rehearse,
        "publish": publish,
        "why": why,
        "diff": diff,
        "pin": pin,
        "screenshots": screenshots,
    }
    try:
        if options.command == "new":  # the one that needs no talk
            return new(options)
        return stages[options.command](load_config(options.talk.resolve()), options)
    except TalkError as error:
        if options.debug:
            raise
        say(f"error: {error}" + (f"\nhint: {error.hint}" if error.hint else ""))
        return 1
    except OSError as error:
        if options.debug or error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES):
            raise
        say(f"error: {error.strerror}: {error.filename or 'while writing'}")
        say("hint: make room or choose another folder with --out; what was there is still whole")
        return 1
    except KeyboardInterrupt:
        say("\ninterrupted: nothing is lost, the same command goes on from here")
        return 130


if __name__ == "__main__":
    sys.exit(main())
