"""What a page says of the runs behind it."""

from __future__ import annotations

from collections.abc import Collection

from pipeline.checks.numbers import stale_reason
from pipeline.locale import ENGLISH, Locale
from pipeline.measured import Measured


def run_marks(
    measured: Measured, names: Collection[str] | None = None, locale: Locale = ENGLISH
) -> list[str]:
    """What a page says of the runs behind it: a sample, a part, or stale.

    `names`: the measurements that it shows; without them all. The experiment is behind every page.
    """
    marks = []
    if results := measured.experiment:
        marks += [locale.say("sample data")] if results.data.source == "sample" else []
        marks += [locale.say("quick run")] if results.run.quick else []
    shown = measured.measurements if names is None else names
    quick = (name for name, one in measured.measurements.items() if one.is_quick and name in shown)
    marks += [locale.say("{name}: quick run", name=name) for name in quick]
    stale: dict[str, list[str]] = {}  # why -> which
    for name, changed in measured.changed.items():
        if changed and not name:
            marks.append(f"{locale.say('stale run')}: {stale_reason(changed, locale)}")
        elif changed and (names is None or name in names):
            stale.setdefault(stale_reason(changed, locale), []).append(name)
    for why, found in stale.items():
        listed = locale.join_list(found)
        one = locale.say("{name} is stale", name=listed)
        several = locale.say("{names} are stale", names=listed)
        marks.append(f"{one if len(found) == 1 else several}: {why}")
    return marks
