"""The measurements of a talk: what pages show, and what has to be run for it.

`shown` reads; `measure` runs what does not fit, one command after the other.
"""

from __future__ import annotations

import errno
import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline import processes
from pipeline.command import called
from pipeline.config import Config
from pipeline.files import make_way, remove, take_place
from pipeline.hashes import FileHashes, sha256_of
from pipeline.lengths import clock, left_in_words
from pipeline.locks import alone
from pipeline.machine import machine_name, usable_cores
from pipeline.measure import store
from pipeline.measure.consent import Consent, Wish, note_made, was_made_here
from pipeline.measure.merge import merged
from pipeline.measure.plan import Plan, changed_since, inputs_of, plan_of
from pipeline.measure.read import about, dressed, read_file, read_values
from pipeline.measured import (
    Measurement,
    Origin,
    numbers_in,
    read_measurement,
    write_measurement,
)
from pipeline.paths import real
from pipeline.problems import Source, TalkError, nearest

Say = Callable[[str], None]
SAID_EVERY_S = 2.0  # a line of a command's progress
ALIVE_EVERY_S = 10.0  # a word where it says nothing
_TICK_S = 0.02  # more than a file system's clock ticks


class Shown(msgspec.Struct, frozen=True):
    """What pages show of a talk's measurements, by name; and what has changed since."""

    measurements: Mapping[str, Measurement]
    changed: Mapping[str, tuple[str, ...]]


class Folders(msgspec.Struct, frozen=True):
    """Where pages go, and what can be made again."""

    out: Path
    cache: Path


def shown(config: Config, folders: Folders) -> Shown:
    """What the last build showed: nothing is run. Raises TalkError where a run is missing."""
    hashes = FileHashes.load(folders.cache)
    found, changed = dict[str, Measurement](), dict[str, tuple[str, ...]]()
    for name, one in config.measure.items():
        pinned = store.pinned_file(config, name)
        if one.file and not pinned.exists():
            found[name] = dressed(config, read_file(config, name, hashes.hash_of))
            continue
        file = pinned if pinned.exists() else store.shown_file(folders.out, name)
        kept = _read_shown(config, name, file)
        now = plan_of(config, name, hashes.hash_of)
        if differs := changed_since(kept.run.fingerprint, now.fingerprint):
            changed[name] = differs
        found[name] = dressed(config, kept)
    return Shown(found, changed)


def _read_shown(config: Config, name: str, file: Path) -> Measurement:
    if not file.exists():
        message = f"[measure.{name}] was not measured yet"
        where = config.source("measure", name)
        raise TalkError(message, where, f"run `{called()}` once")
    found = read_measurement(file)
    if found.name != name:
        message = f"it holds the values of `{found.name}`, not of `{name}`"
        raise TalkError(message, Source(file), f"delete it and run `{called()}` again")
    return found


class Wanted(msgspec.Struct, frozen=True):
    """What the command line says about measurements."""

    again: str = ""  # one that is run though a kept run fits
    frozen: bool = False  # nothing is run


def measure(
    config: Config,
    folders: Folders,
    wanted: Wanted,
    consent: Consent,
    say: Say,
    later: Sequence[Wish] = (),
) -> Shown:
    """Run what no kept run fits, and show it. Raises TalkError; the runs that are whole stay.

    One command after the other, in the order of talk.toml: what one writes may be another's input.
    Where any has to be run, what the build runs `later` is asked for with them, and nobody has to
    wait for the question.
    """
    _check_again(config, wanted)
    hash_of = FileHashes.load(folders.cache).hash_of
    names = [
        name
        for name, one in config.measure.items()
        if not one.file and not _is_pinned(config, name, say)
    ]
    plans, allowed = dict[str, Plan](), set[str]()
    if not wanted.frozen:
        plans = {name: plan_of(config, name, hash_of) for name in names}
        stale = [p for p in plans.values() if p.name == wanted.again or _kept(p, folders) is None]
        if stale:
            _check_inputs(config, stale[0])
            consent.require([*(_wish(config, plan) for plan in stale), *later])
        allowed = {plan.name for plan in stale}
    for name in names:
        # Where something is run, it may have written what this one reads.
        plan = plans[name] if plans and not allowed else plan_of(config, name, hash_of)
        is_again = wanted.again == name
        if not is_again and _shows_kept(plan, folders, say):
            continue
        if wanted.frozen:
            _show_frozen(config, plan, folders, say)
            continue
        _check_inputs(config, plan)
        if name not in allowed:
            consent.require([_wish(config, plan)])
        lock = folders.cache / "locks" / f"measure-{name}"
        with alone(lock, f"measuring {name}", say):
            if is_again or not _shows_kept(plan, folders, say):  # another build has just made it
                _Run(config, plan, folders, is_again, say).make()
    return shown(config, folders)


def _check_again(config: Config, wanted: Wanted) -> None:
    name = wanted.again
    if name and wanted.frozen:
        raise TalkError("--frozen runs nothing, --measure runs something", None, "leave one out")
    if name and name not in config.measure:
        hint = nearest(name, config.measure) if config.measure else "see docs/measuring.md"
        raise TalkError(f"there is no [measure.{name}]", Source(config.path), hint)
    if name and config.measure[name].file:
        hint = "just build"
        raise TalkError(f"{name} is a file: each command reads it", Source(config.path), hint)
    if name and store.pinned_file(config, name).exists():
        hint = f"`{called()} pin {name} --undo` lets go of it"
        raise TalkError(f"{name} is pinned: pages would not show another run", None, hint)


def _check_inputs(config: Config, plan: Plan) -> None:
    for pattern in plan.missing:
        hint = "paths begin in the folder of talk.toml; `*` is any name, `**` any folders"
        message = f"[measure.{plan.name}]: no file is `{pattern}`"
        raise TalkError(message, config.source("measure", plan.name, "inputs"), hint)


def _is_pinned(config: Config, name: str, say: Say) -> bool:
    pinned = store.pinned_file(config, name)
    if not pinned.exists():
        return False
    run = read_measurement(pinned).run
    say(f"{name}: run {run.id} is pinned, until `{called()} pin {name} --undo`")
    return True


def _kept(plan: Plan, folders: Folders) -> Measurement | None:
    """The kept run that depends on the same."""
    return store.fitting(folders.cache, plan.name, plan.id, dict(plan.fingerprint))


def _shows_kept(plan: Plan, folders: Folders, say: Say) -> bool:
    """Show the run that depends on the same, if there is one."""
    found = _kept(plan, folders)
    if found is None:
        return False
    from_elsewhere = "" if was_made_here(found.digest) else _CAME_WITH
    say(f"{plan.name}: run {plan.id} fits{from_elsewhere}")
    _show(found, store.kept_folder(folders.cache, plan.name, plan.id), folders)
    return True


_CAME_WITH = "; it was not made on this machine: it came with the talk"


def _show(found: Measurement, kept: Path, folders: Folders) -> None:
    """Put a run to where pages show it, unless it is there."""
    target = store.shown_file(folders.out, found.name)
    pictures = target.with_suffix("")
    try:
        is_there = read_measurement(target).digest == found.digest
    except TalkError:
        is_there = False
    if not is_there or not store.has_pictures(found, pictures):
        store.put(found, kept / store.FILES, target)


def _show_frozen(config: Config, plan: Plan, folders: Folders, say: Say) -> None:
    """--frozen: the run that was shown last, else the newest; what changed is said."""
    if not store.shown_file(folders.out, plan.name).exists():
        newest = next(store.kept(folders.cache, plan.name), None)
        if newest is None:
            message = f"--frozen runs nothing, and [measure.{plan.name}] was never measured"
            where = config.source("measure", plan.name)
            raise TalkError(message, where, "build once without --frozen, or pin a run")
        _show(newest[1], newest[0], folders)
    found = _read_shown(config, plan.name, store.shown_file(folders.out, plan.name))
    changed = ", ".join(changed_since(found.run.fingerprint, plan.fingerprint))
    say(f"{plan.name}: --frozen: run {found.run.id} is shown; since then changed: {changed}")


def _wish(config: Config, plan: Plan) -> Wish:
    name = plan.name
    inputs = tuple(label for label, _ in inputs_of(config, name))
    where = config.source("measure", name, "command")
    runs = plan.settings.written + ("   (in a shell)" if plan.settings.shell else "")
    return Wish(f"[measure.{name}] of talk.toml", runs, inputs, where)


# --- One run ------------------------------------------------------------------------------------


class _Run(msgspec.Struct, frozen=True):
    """A measurement that is run now, all its repeats.

    Each repeat is kept as it ends: a run that was cut off goes on from there.
    """

    config: Config
    plan: Plan
    folders: Folders
    is_again: bool
    say: Say

    @property
    def name(self) -> str:
        return self.plan.name

    @property
    def folder(self) -> Path:
        """One that is run again is made beside the kept one, which stays until the end."""
        kept = store.kept_folder(self.folders.cache, self.name, self.plan.id)
        return kept.with_name(f"{kept.name}.again") if self.is_again else kept

    @property
    def _running(self) -> Path:
        return self.folder / "running"

    def make(self) -> None:
        """Run it, keep it, show it."""
        folder = self.folder
        folder.mkdir(parents=True, exist_ok=True)
        if processes.end_left(self._running):
            self.say(f"{self.name}: the command of a killed build still ran, and was ended")
        repeats: list[Measurement] = []
        while len(repeats) < self.plan.settings.repeats:
            repeats.append(self._repeat(repeats))
        try:
            values = merged(self.name, [one.values for one in repeats])
        except TalkError as error:
            self._drop_repeats()
            raise about(self.config, self.name, error) from None
        last = repeats[-1].run
        seconds = sum(one.run.seconds or 0.0 for one in repeats)
        run = replace(last, seconds=round(seconds, 3), repeats=len(repeats))
        make_way(folder / store.WHOLE)
        whole = write_measurement(Measurement(self.name, values, run), folder / store.WHOLE)
        note_made(whole.digest)
        if self.is_again:
            kept = folder.with_name(self.plan.id)
            store.keep_aside(kept)
            take_place(folder, kept)
            folder = kept
        _show(whole, folder, self.folders)
        count = sum(1 for _ in numbers_in(values))
        found = f"{count} values: `{called()} why {self.name}`"
        self.say(f"{self.name}: measured in {clock(round(seconds))}, run {self.plan.id}, {found}")
        store.drop_old(self.folders.cache, self.name, self.plan.id)
        self._say_what_changed()

    def _repeat(self, earlier: Sequence[Measurement]) -> Measurement:
        """The repeat after the `earlier` ones: kept from before, or run now."""
        file = self.folder / f"{len(earlier) + 1}.json"
        try:
            kept = read_measurement(file)
            if kept.run.fingerprint == self.plan.fingerprint and self._is_whole(kept, earlier):
                return kept
        except TalkError:
            pass
        printed = self.folder / "stdout"
        ended = self._call(earlier, printed)
        settings, config = self.plan.settings, self.config
        source = config.root / settings.output if settings.output else printed
        what = f"`{settings.output}`" if settings.output else "what it printed"
        if not source.stat().st_size:
            hint = "print values, such as `time = 12.5 ms`"
            raise self._failed(f"{what} is empty", hint, ended.last)
        values, _, machine, form = read_values(config, self.name, source, what)
        run = Origin(
            id=self.plan.id,
            fingerprint=dict(self.plan.fingerprint),
            made=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            seconds=round(ended.seconds, 3),
            command=settings.written,
            source=settings.output,
            form=form,
            machine=machine or machine_name(usable_cores()),
            pictures=self._pictures(),
        )
        printed.unlink(missing_ok=True)
        make_way(file)
        return write_measurement(Measurement(self.name, values, run), file)

    def _is_whole(self, kept: Measurement, earlier: Sequence[Measurement]) -> bool:
        """Whether a repeat needs no other: the last one's pictures are those that are kept."""
        is_last = len(earlier) + 1 == self.plan.settings.repeats
        return not is_last or store.has_pictures(kept, self.folder / store.FILES)

    def _call(self, earlier: Sequence[Measurement], printed: Path) -> processes.Ended:
        """Run the command once. Raises TalkError unless it ended well and left what it should."""
        settings = self.plan.settings
        left = [name for name in (settings.output, *settings.pictures) if name]
        before = {name: self._stamp(name) for name in left}
        took = [one.run.seconds or 0.0 for one in earlier]
        shown = _Progress(self.name, took, settings.repeats, settings.limit_s, self.say)
        words = settings.written if settings.shell else self.plan.words
        command = processes.Command(
            words,
            self.config.root,
            settings.limit_s,
            settings.shell,
            bool(settings.output),
            note=self._running,
        )
        try:
            ended = processes.run(command, printed, shown.heard, shown.tick)
        except (OSError, ValueError) as error:
            printed.unlink(missing_ok=True)
            raise self._not_started(error) from None
        shown.end()
        self._check_end(ended)
        for name in left:
            if self._stamp(name) == before[name]:
                old = "; the file there is from before" if before[name] else ""
                raise self._failed(f"it did not write `{name}`{old}", "check its path")
        return ended

    def _check_end(self, ended: processes.Ended) -> None:
        settings = self.plan.settings
        if ended.stopped == "limit":
            hint = f"its `limit` is {settings.limit}; the last good values stay"
            raise self._failed(f"ended after {clock(settings.limit_s)}", hint, ended.last)
        if ended.stopped == "printed":
            (self.folder / "stdout").unlink(missing_ok=True)
            most = processes.MOST_PRINTED // 2**20
            hint = "let it write a file, and name that as `output`"
            raise self._failed(f"ended: it printed more than {most} MiB", hint)
        if ended.status < 0:
            hint = "is there enough memory?" if ended.status == -9 else ""
            raise self._failed(f"ended by {_signal_name(-ended.status)}", hint, ended.last)
        if ended.status:
            hint = "see what it says above; the last good values stay"
            if settings.shell and ended.status in (126, 127):
                hint = "a program of it isn't there, or can't be run"
            raise self._failed(f"it ended with status {ended.status}", hint, ended.last)
        if ended.left_running:
            self.say(f"{self.name}: what the command left running was ended")
        if ended.is_held:
            self.say(f"{self.name}: a process that it started in a session of its own still runs")

    def _failed(self, message: str, hint: str, last: tuple[str, ...] = ()) -> TalkError:
        said = "".join(f"\n    | {line}" for line in last)
        error = TalkError(message + said, self._where("command"), hint)
        return about(self.config, self.name, error)

    def _not_started(self, error: OSError | ValueError) -> TalkError:
        program = self.plan.words[0] if self.plan.words else ""
        beside, number = self.config.root / program, getattr(error, "errno", None)
        if number == errno.ENOENT and beside.is_file() and "/" not in program:
            message, hint = f"there is no program `{program}`", f"write ./{program}"
        elif number == errno.ENOENT and beside.is_file():
            message, hint = f"what `{program}` is to be run with isn't there", "see its first line"
        elif number == errno.ENOENT:
            message = f"there is no program `{program}`"
            hint = "install it, or write its path from the talk's folder, ./bench"
        elif number == errno.EACCES:
            message, hint = f"`{program}` can't be run", f"chmod +x {program}"
        elif number == errno.ENOEXEC:
            message, hint = f"`{program}` is no program", "begin it with a line such as #!/bin/sh"
        elif number in (errno.ENOSPC, errno.EDQUOT):
            message, hint = "the disk has no room for what it prints", "make some"
        else:
            message, hint = f"`{program}` can't be started: {error}", ""
        return self._failed(message, hint)

    def _stamp(self, name: str) -> tuple[int, ...]:
        """What tells a file that is written anew; nothing where there is none.

        Raises TalkError where it is no plain file in the talk's folder.
        """
        path = self.config.root / name
        if not real(path).is_relative_to(real(self.config.root)):
            raise self._failed(f"`{name}` leads out of the talk's folder", "write a file in it")
        try:
            stat = path.stat()
        except FileNotFoundError:
            return ()
        except OSError as error:
            if error.errno != errno.ELOOP:  # a link that leads back to itself
                raise
        if not path.is_file():
            raise self._failed(f"`{name}` is no plain file", "move it away")
        if time.time_ns() - stat.st_ctime_ns < _TICK_S * 1e9:
            time.sleep(_TICK_S)
        return stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns

    def _pictures(self) -> dict[str, str]:
        """Keep the pictures that the command left; their names and hashes."""
        found = {}
        for name in self.plan.settings.pictures:
            kept = self.folder / store.FILES / Path(name).name
            kept.parent.mkdir(exist_ok=True)
            remove(kept)  # whatever it is by now
            shutil.copyfile(self.config.root / name, kept)
            found[kept.name] = sha256_of(kept)
        return found

    def _drop_repeats(self) -> None:
        """Repeats that don't go together are of no use."""
        for number in range(1, self.plan.settings.repeats + 1):
            (self.folder / f"{number}.json").unlink(missing_ok=True)

    def _say_what_changed(self) -> None:
        """The run is kept under what it began with; the next build sees what came meanwhile."""
        now = plan_of(self.config, self.name, FileHashes.load(self.folders.cache).hash_of)
        if changed := changed_since(self.plan.fingerprint, now.fingerprint):
            names = ", ".join(changed)
            self.say(f"{self.name}: changed while it ran: {names}; the next build measures again")

    def _where(self, key: str) -> Source:
        return self.config.source("measure", self.name, key)


class _Progress:
    """What a running command says, and how long it may take: a line now and then.

    `took`: the seconds of the earlier ones of its `repeats`.
    """

    def __init__(
        self, name: str, took: Sequence[float], repeats: int, limit_s: int, say: Say
    ) -> None:
        self._name = f"{name} {len(took) + 1}/{repeats}" if repeats > 1 else name
        self._rest, self._limit_s, self._say = repeats - len(took), limit_s, say
        self._took = took
        self._began = self._said = time.monotonic()
        self._waiting = ""

    def heard(self, line: str) -> None:
        self._waiting = line
        self.tick()

    def tick(self) -> None:
        now = time.monotonic()
        if (
            self._waiting and now - self._said >= SAID_EVERY_S
        ) or now - self._said >= ALIVE_EVERY_S:
            self._tell(now)

    def end(self) -> None:
        if self._waiting:
            self._tell(time.monotonic())

    def _tell(self, now: float) -> None:
        so_far = now - self._began
        if self._took:
            left = self._rest * sum(self._took) / len(self._took) - so_far
            bound = f"about {left_in_words(max(0.0, left))} left"
        else:
            bound = f"of at most {clock(self._limit_s)}"
        said = f": {self._waiting}" if self._waiting else ""
        self._say(f"{self._name} ({clock(round(so_far))}, {bound}){said}")
        self._said, self._waiting = now, ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
