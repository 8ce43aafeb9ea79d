"""All that `check` says about numbers: census, wording, claims, the run's own state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.checks.census import Census, take_census
from pipeline.checks.constants import constant_problems
from pipeline.checks.content import Written, charts_in, content, drafted
from pipeline.checks.wording import check_wording
from pipeline.command import called
from pipeline.config import Config
from pipeline.locale import ENGLISH, Locale
from pipeline.measured import Measured
from pipeline.numbers.fill import Numbers
from pipeline.problems import Problem, Severity, TalkError


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """The census, and everything that is wrong with numbers."""

    census: Census
    problems: tuple[Problem, ...]


def check_numbers(config: Config, measured: Measured, *, claims: bool = True) -> NumberCheck:
    """Take the census of a talk and check every number in it.

    `claims`: fill all content to see whether its claims hold; not needed where pages have been
    made from it.
    """
    texts = content(config)
    drafts = tuple(drafted(texts))
    census = take_census(drafts, config, measured)
    found = [*census.problems, *constant_problems(config, census.used)]
    found += check_wording(drafts, measured)
    if claims:
        found += claim_problems(texts, measured, config.locale)
    spoken = [text for text in texts if text.kind == "script"]
    sorted_ = (_concerned(problem, spoken) for problem in dict.fromkeys(found))
    return NumberCheck(census, tuple(sorted_))


def _concerned(problem: Problem, spoken: Iterable[Written]) -> Problem:
    """A problem that is the speaker's alone where it stands in the script or in notes."""
    where = problem.where
    is_said = where is not None and any(text.holds(where) for text in spoken)
    return replace(problem, concerns="script") if is_said else problem


def claim_problems(
    texts: Iterable[Written], measured: Measured, locale: Locale = ENGLISH
) -> Iterator[Problem]:
    """Placeholders that can't be filled and claims that no longer hold, one a text."""
    numbers = Numbers(measured, locale)
    for text in texts:
        try:
            filled = numbers.fill(text.text, text.source, has_plan=text.kind == "script")
        except TalkError as error:
            yield error.problem
            continue
        charts = charts_in(text, filled, numbers)
        yield from (chart.problem for chart in charts if isinstance(chart, TalkError))


def staleness_problems(
    measured: Measured, pinned: Collection[str] = (), *, allowed: bool = False
) -> tuple[Problem, ...]:
    """That a shown run no longer fits what is there now; nothing where all do.

    One problem a run; evidence of which the same has changed is one.
    `pinned`: the names of measurements, "" for the experiment, whose run is pinned; `allowed`:
    --allow-stale was given.
    """
    groups: dict[object, list[str]] = {}
    for name, changed in measured.changed.items():
        one = measured.measurements.get(name)
        together = (tuple(changed), name in pinned) if one and one.evidence else name
        if changed:
            groups.setdefault(together, []).append(name)
    severity: Severity = "warning" if allowed else "error"
    return tuple(
        Problem(
            _stale(names, measured),
            None,
            _hint(names, measured, names[0] in pinned),
            severity,
        )
        for names in groups.values()
    )


def _stale(names: Sequence[str], measured: Measured) -> str:
    reason = stale_reason(measured.changed[names[0]])
    if len(names) > 1:
        return f"{', '.join(names)} are stale: {reason} since they were made"
    return f"{_called(names[0], measured)} is stale: {reason} since it was made"


def _hint(names: Sequence[str], measured: Measured, is_pinned: bool) -> str:
    one = measured.measurements.get(names[0])
    if one and one.evidence:
        listed = " ".join(names)
        call = f"run `{called()} evidence {listed}`"
        return f"{call} and `pin {listed}`" if is_pinned else f"{call}, or say --allow-stale"
    if is_pinned:
        return f"unpin it with `{called()} pin --undo`, then build"
    return f"run `{called()}`, or keep these numbers with --allow-stale"


def _called(name: str, measured: Measured) -> str:
    """`run 1a2b3c4d`, or `hash (run 5e6f7a8b)`."""
    if one := measured.measurements.get(name):
        return f"{name} (run {one.run.id})"
    return f"run {measured.experiment.run.id}" if measured.experiment else name


def stale_reason(changed: Sequence[str], locale: Locale = ENGLISH) -> str:
    """What changed, in words: "data and settings have changed"."""
    said = {
        "data": locale.say("data"),
        "model": locale.say("model"),
        "code": locale.say("code"),
        "settings": locale.say("settings"),
    }
    names = locale.join_list(said.get(name, name) for name in changed)
    n = 1 if len(changed) == 1 and changed[0] != "settings" else 2
    return locale.say("{names} has changed", "{names} have changed", n=n, names=names)
