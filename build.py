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
from typing import Any

from pipeline.config import Config, load_config
from pipeline.errors import Finding, Source, TalkError
from pipeline.experiment.results import Results, read_results, write_results

HERE = Path(__file__).resolve().parent
COMMANDS = ("build", "check", "time", "why", "diff", "pin", "screenshots")


def say(message: str) -> None:
    """A message for the person at the terminal; stdout is kept for data."""
    print(message, file=sys.stderr, flush=True)


# --- The stages ---------------------------------------------------------------------------------


def measure(config: Config, options: argparse.Namespace) -> Results | None:
    """The run that the pages show: pinned, kept or made now; None for a talk without one."""
    if config.experiment is None:
        return None
    pinned = config.root / "deck" / "results.json"
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
    from pipeline.site.deck import deck_of
    from pipeline.site.layouts import load_layouts
    from pipeline.site.pages import build_deck
    from pipeline.site.script_files import write_script
    from pipeline.talk.number_check import check_numbers, stale_reason
    from pipeline.talk.talk import check_talk, load_talk

    changed = changes(config, results, options)
    talk = load_talk(config, results, load_layouts(), options.cut, changed)
    out = out_folder(config, options) / "speaker"
    build_deck(deck_of(talk, cache_folder(config)), out, cache_folder(config))
    write_script(talk, out)
    numbers = check_numbers(config, results, claims=False).findings
    show_findings([*numbers, *check_talk(talk)], as_warnings=True)
    if changed and results:
        say(f"warning: run {results.run.id} is stale: {stale_reason(changed)} since it was made")
    say(summary(results, out / "index.html", time.monotonic() - started))
    return 0


def check(config: Config, options: argparse.Namespace) -> int:
    """Numbers, cues, timing and links: a list, exit status 1 if anything is wrong."""
    from pipeline.site.deck import pictures_of
    from pipeline.site.layouts import load_layouts
    from pipeline.talk.number_check import check_numbers
    from pipeline.talk.talk import check_talk, load_talk

    results = kept_results(config, options)
    talk = load_talk(config, results, load_layouts(), options.cut)
    pictures_of(talk, cache_folder(config))  # raises for what is wrong in a diagram or a drawing
    numbers = check_numbers(config, results, claims=False)
    print(numbers.census.table() if options.numbers else numbers.census.summary())
    findings = [*numbers.findings, *run_findings(config, results, options), *check_talk(talk)]
    if not show_findings(findings):
        say(f"nothing wrong: {len(talk.slides)} slides, {len(talk.timings)} cuts")
    return 1 if any(finding.is_error for finding in findings) else 0


def run_findings(
    config: Config, results: Results | None, options: argparse.Namespace
) -> list[Finding]:
    """What has changed since the run was made: data, model, settings, seed or code."""
    if results is None:
        return []
    from pipeline.talk.number_check import staleness_findings

    pinned = (config.root / "deck" / "results.json").exists()
    changed = changes(config, results, options)
    return list(
        staleness_findings(changed, results.run.id, pinned=pinned, allowed=options.allow_stale)
    )


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
    from pipeline.talk.uses import uses_of
    from pipeline.talk.why import explain

    results = kept_results(config, options)
    if results is None:
        raise TalkError("this talk measures nothing", Source(config.path), "add [experiment]")
    print(explain(options.what, results, uses_of(config.root, results)))
    return 0


def diff(config: Config, options: argparse.Namespace) -> int:
    """Which sentences, slides and answers another run changes: what to learn again."""
    from pipeline.talk.diff import as_text, diff_runs, runs_to_compare

    old, new = runs_to_compare(config.root, options.runs, kept_results(config, options))
    print(as_text(diff_runs(config.root, old, new), old, new))
    return 0


def time_table(config: Config, options: argparse.Namespace) -> int:
    """The timing of each slide, the totals, and where figures contradict each other."""
    from dataclasses import replace

    from pipeline.talk.fit import fit_to_slot
    from pipeline.talk.numbers import Numbers
    from pipeline.talk.report import as_json, plot_svg, table
    from pipeline.talk.save_cut import save_cut
    from pipeline.talk.script import load_script
    from pipeline.talk.timing import timings

    if options.wpm:
        config = replace(config, pace=replace(config.pace, words_per_minute=options.wpm))
    path = options.script or config.root / "script" / "voiceover.md"
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


def pin(config: Config, options: argparse.Namespace) -> int:
    """Keep this run: pages use it, here or anywhere, until `pin --undo`."""
    from pipeline.experiment.cache import pin as pin_results
    from pipeline.experiment.cache import unpin

    if options.undo:
        undone = unpin(config, cache_folder(config))
        say("the next build measures again" if undone else "no run was pinned")
    else:
        kept = pin_results(config, out_folder(config, options) / "results.json")
        say(f"run {kept.run.id} is pinned in deck/results.json")
    return 0


def screenshots(config: Config, options: argparse.Namespace) -> int:
    """Pictures of all slides of the last build, in both themes, and a contact sheet."""
    from pipeline.site.screenshots import screenshots as shoot

    index = out_folder(config, options) / "speaker" / "index.html"
    if not index.exists():
        raise TalkError("there is no deck yet", Source(index), "run `python build.py` first")
    for sheet in shoot(index, options.folder, size=(options.width, options.height), say=say):
        say(f"contact sheet: {sheet}")
    return 0


# --- What the stages share ----------------------------------------------------------------------


def kept_results(config: Config, options: argparse.Namespace) -> Results | None:
    """The run that the last build showed, without measuring anything."""
    if config.experiment is None:
        return None
    pinned = config.root / "deck" / "results.json"
    return read_results(pinned if pinned.exists() else out_folder(config, options) / "results.json")


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
    from pipeline.talk.talk import cut_name

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


def show_findings(findings: list[Finding], as_warnings: bool = False) -> int:
    for finding in findings:
        kind = "error" if finding.is_error and not as_warnings else "warning"
        say(f"{kind}: {f'{finding.where}: ' if finding.where else ''}{finding.message}")
        if finding.hint:
            say(f"hint: {finding.hint}")
    return len(findings)


def summary(results: Results | None, index: Path, seconds: float) -> str:
    """What was built from what, the five rows of metrics, and where the deck is."""
    lines = [""]
    if results:
        data, model = results.data, results.model
        lines += [
            f"data   {data.name}: {data.messages:,} messages ({data.why})",
            f"model  {model.name}: {model.parameters / 1e6:.0f} million parameters ({model.why})",
            f"run    {results.run.id}, seed {results.run.seed}, {results.training.precision}"
            + (", QUICK: a part of the data, one epoch" if results.run.quick else ""),
            "",
            f"{'on ' + str(data.test.messages) + ' test messages':34}"
            + "".join(f"{name:>11}" for name in ("accuracy", "precision", "recall", "F1"))
            + f"{'95% of F1':>15}{'fit':>9}",
        ]
        for row in (
            results.majority,
            results.untrained,
            results.prompted,
            results.linear,
            results.finetuned,
        ):
            values = (row.accuracy.value, row.precision.value, row.recall.value, row.f1.value)
            shown = "".join(f"{'–' if v is None else f'{v:.3f}':>11}" for v in values)
            low, high = row.f1.low, row.f1.high
            between = "–" if low is None or high is None else f"{low:.3f}–{high:.3f}"
            lines.append(f"{row.name:34}{shown}{between:>15}{row.fit_seconds:>8.1f}s")
        lines.append("")
    lines.append(f"deck   {index}  (built in {seconds:.1f} s)")
    return "\n".join(lines)


# --- The command line ---------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    """Every command with its options; each help ends with an example."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--talk", type=Path, default=HERE, metavar="DIR", help="the talk's folder")
    shared.add_argument("--out", type=Path, metavar="DIR", help="where pages go (default: out/)")
    shared.add_argument("--cut", metavar="NAME", help="the cut to show (default: the first)")
    shared.add_argument("--debug", action="store_true", help="show a traceback with an error")

    top = argparse.ArgumentParser(
        prog="build.py",
        description="Build the talk: measure, draw, join, show.",
        epilog="Without a command: build. `python build.py COMMAND --help` has an example of each.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str, example: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            parents=[shared],
            help=text,
            description=text,
            epilog=f"example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    command = add("build", "build whatever is stale", "python build.py --data messages.tsv --quick")
    command.add_argument("--data", metavar="WHERE", help="file of messages (or set TALK_DATA)")
    command.add_argument("--model", metavar="WHERE", help="folder of a pre-trained model")
    command.add_argument("--quick", action="store_true", help="a part of the data, one epoch")
    command.add_argument("--retrain", action="store_true", help="train even if a kept run fits")
    command.add_argument("--frozen", action="store_true", help="never train; use what is kept")
    command = add(
        "check", "list what is wrong with numbers, cues, timing, links", "python build.py check"
    )
    command.add_argument("--numbers", action="store_true", help="list every number of the talk")
    command.add_argument(
        "--allow-stale", action="store_true", help="a run that no longer fits is no error"
    )
    command = add("time", "show the timing of each slide", "python build.py time --slot 42")
    command.add_argument("--slot", type=minutes, metavar="MIN", help="fit the talk to a slot")
    command.add_argument("--save", metavar="NAME", help="with --slot: write it to talk.toml")
    command.add_argument("--wpm", type=pace, metavar="N", help="words a minute")
    command.add_argument("--json", action="store_true", help="all cuts as JSON")
    command.add_argument("--plot", type=Path, metavar="FILE", help="write a plot as SVG")
    command.add_argument("--script", type=Path, metavar="FILE", help="another script")
    command = add("why", "say where a number comes from", "python build.py why finetuned.f1")
    command.add_argument("what", metavar="WHAT", help="its place, or as it is shown: 98.7")
    command = add("diff", "list what another run changes in the talk", "python build.py diff")
    command.add_argument("runs", nargs="*", metavar="RUN", help="at most two runs of .cache/runs")
    command = add("pin", "keep the run of the last build for all later ones", "python build.py pin")
    command.add_argument("--undo", action="store_true", help="let the next build measure again")
    command = add("screenshots", "take pictures of all slides", "python build.py screenshots shots")
    command.add_argument("folder", type=Path, metavar="DIR")
    command.add_argument("--width", type=int, default=1280)
    command.add_argument("--height", type=int, default=720)
    return top


def minutes(text: str) -> float:
    value = float(text)
    if not 1 <= value <= 600:
        raise argparse.ArgumentTypeError("between 1 and 600 minutes")
    return value


def pace(text: str) -> int:
    value = int(text)
    if not 60 <= value <= 300:
        raise argparse.ArgumentTypeError("between 60 and 300 words a minute")
    return value


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the one place where errors are shown."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or (words[0] not in COMMANDS and words[0] not in ("-h", "--help")):
        if words and not words[0].startswith("-"):
            from pipeline.errors import nearest

            say(f"error: unknown command `{words[0]}`\nhint: {nearest(words[0], COMMANDS)}")
            return 2
        words.insert(0, "build")
    options = parser().parse_args(words)
    stages = {
        "build": build,
        "check": check,
        "time": time_table,
        "why": why,
        "diff": diff,
        "pin": pin,
        "screenshots": screenshots,
    }
    try:
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
