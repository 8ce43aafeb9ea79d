"""Evidence that is no evidence yet, is for other data than the run, or feeds no slide."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.command import called
from pipeline.config import Config
from pipeline.measured import Measured
from pipeline.places import Places
from pipeline.problems import Problem, nearest


def evidence_problems(
    config: Config, measured: Measured, places: Places, *, allowed: bool = False
) -> Iterator[Problem]:
    """What is shown of a quick run; what was measured with others than the run; wrong `slide`s.

    `allowed`: --allow-stale was given.
    """
    for name, one in measured.measurements.items():
        if one.is_quick:
            message = f"{name} (run {one.run.id}) is from a quick run, which only tries it"
            hint = f"run `{called()} evidence {name}`"
            yield Problem(message, None, hint, "warning" if allowed else "error")
    yield from with_others(measured)
    names = [place.name for place in places]
    for name, settings in config.evidence.items():
        if settings.slide and names and settings.slide not in names:
            where, hint = config.source("evidence", name, "slide"), nearest(settings.slide, names)
            message = f"[evidence.{name}]: no slide has the name `{settings.slide}`"
            yield Problem(message, where, hint, "warning")


def with_others(measured: Measured) -> Iterator[Problem]:
    """A word on evidence whose data or model are not the run's, once for all of the same."""
    run, found = measured.experiment, dict[str, list[str]]()
    if not run:
        return
    for name, one in measured.measurements.items():
        made, others = one.run.fingerprint, list[str]()
        if one.evidence and made.get("data") != run.data.sha256:
            others.append(f"data, {one.run.source}")
        if one.evidence and made.get("model") != run.model.sha256:
            others.append(f"model, {made.get('model_name', '')}")
        if others:
            found.setdefault(f"other {' and other '.join(others)}", []).append(name)
    for basis, names in found.items():
        said = f"{', '.join(names)} {'was' if len(names) == 1 else 'were'} measured with {basis}"
        hint = "numbers say so where they are opened; the script should, too"
        yield Problem(f"{said}, than the run", None, hint, "warning")
