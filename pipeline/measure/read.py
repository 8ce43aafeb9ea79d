"""A measurement as pages get it: files of numbers read, what is known of values added."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.config import Config
from pipeline.measure.plan import HashOf, plan_of
from pipeline.measured import Measurement, Origin, Tree
from pipeline.problems import TalkError


def read_values(
    config: Config, name: str, path: Path, what: str
) -> tuple[dict[str, Tree], str, str, str]:
    """The values in a file, when and where they were made, and its format (`readers.read`).

    Raises TalkError that names the measurement, with the file's line.
    """
    try:
        from pipeline.measure import readers  # of many formats: evidence needs none of them

        raw = readers.content(path, what)
        return readers.read(raw, path, config.measure[name].format or "")
    except TalkError as error:
        raise about(config, name, error) from None


def read_file(config: Config, name: str, hash_of: HashOf) -> Measurement:
    """What [measure.NAME] reads from its `file` now; nothing is run."""
    one, plan = config.measure[name], plan_of(config, name, hash_of)
    where = config.source("measure", name, "file")
    if plan.missing:
        hint = "paths begin in the folder of talk.toml"
        raise TalkError(f"[measure.{name}]: there is no file `{one.file}`", where, hint)
    values, made, machine, form = read_values(
        config, name, config.root / one.file, f"the file `{one.file}`"
    )
    made, machine = made or one.made, machine or one.machine
    run = Origin(plan.id, dict(plan.fingerprint), made, source=one.file, form=form, machine=machine)
    return with_digest(Measurement(name, values, run))


def dressed(config: Config, found: Measurement, *, is_whole: bool = True) -> Measurement:
    """With what talk.toml says of the measurement and its values now.

    A run doesn't depend on it: it is added each time. Raises TalkError for a place of `values`
    that fits none, unless it is an earlier run, which need not have it (`is_whole`).
    """
    one = config.measure.get(found.name)  # None: it is evidence
    about = one.about if one else config.evidence[found.name].question
    known = msgspec.json.encode([about, one.values if one else {}])
    digest = hashlib.sha256(found.digest.encode() + known).hexdigest()
    values = found.values
    if one:
        from pipeline.measure import readers

        values = readers.annotate(values, found.name, config, is_whole=is_whole)
    run = replace(found.run, about=about)
    return replace(found, values=values, run=run, digest=digest)


def with_digest(found: Measurement) -> Measurement:
    """With a digest of what a file that is read anew each time gave."""
    content = msgspec.json.encode([found.name, found.run], order="sorted")
    return replace(found, digest=hashlib.sha256(content).hexdigest())


def about(config: Config, name: str, error: TalkError) -> TalkError:
    """The error, with the measurement and its command."""
    written = config.measure[name].written
    from_ = f"[measure.{name}], `{written}`" if written else f"[measure.{name}]"
    where = error.where or config.source("measure", name)
    return TalkError(f"{from_}: {error.message}", where, error.hint)
