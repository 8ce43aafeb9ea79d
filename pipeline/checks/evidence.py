"""Evidence that is no evidence yet, or for other data than the run that it stands beside."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.command import called
from pipeline.measured import Measured
from pipeline.problems import Problem


def evidence_problems(measured: Measured, *, allowed: bool = False) -> Iterator[Problem]:
    """What is shown of a quick run; a word where data or model are not those of the run.

    `allowed`: --allow-stale was given.
    """
    run = measured.experiment
    for name, one in measured.measurements.items():
        if one.is_quick:
            message = f"{name} (run {one.run.id}) is from a quick run, which only tries it"
            hint = f"run `{called()} evidence {name}`"
            yield Problem(message, None, hint, "warning" if allowed else "error")
        if not (one.evidence and run):
            continue
        made = one.run.fingerprint
        others = []
        if made.get("data") != run.data.sha256:
            others.append(f"data, {one.run.source}")
        if made.get("model") != run.model.sha256:
            others.append(f"model, {made.get('model_name', '')}")
        if others:
            message = f"{name} was measured with other {' and other '.join(others)}, than the run"
            hint = "its numbers say so where they are opened; the script should, too"
            yield Problem(message, None, hint, "warning")
