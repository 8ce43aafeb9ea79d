"""All that `check` says about numbers: census, wording, claims, the run's own state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache

import msgspec
from msgspec.structs import replace

from pipeline.checks.census import Census, Counted, Taker, census_of
from pipeline.checks.constants import constant_problems
from pipeline.checks.content import Written, charts_in, content, drafted, pieces_of
from pipeline.checks.wording import Wording
from pipeline.command import called
from pipeline.config import Config
from pipeline.locale import ENGLISH, Locale
from pipeline.measured import Measured
from pipeline.memo import NO_MEMO, Form, Memo, key_of
from pipeline.numbers.fill import Numbers
from pipeline.problems import Problem, Severity, Source, TalkError


class NumberCheck(msgspec.Struct, frozen=True):
    """The census, and everything that is wrong with numbers."""

    census: Census
    problems: tuple[Problem, ...]


def check_numbers(
    config: Config,
    measured: Measured,
    texts: Sequence[Written] | None = None,
    *,
    claims: bool = True,
    memo: Memo = NO_MEMO,
) -> NumberCheck:
    """Take the census of a talk and check every number in it.

    `texts`: the talk's `content`, where it was read; `claims`: fill all content to see whether its
    claims hold; not needed where pages have been made from it. `memo` keeps what was found in each
    text.
    """
    texts = content(config) if texts is None else texts
    checker = _Checker(config, measured, memo)
    looked = [checker.looked(text) for text in texts]
    numbers = tuple(number for one in looked for number in (*one.shown, *one.unshown))
    census = census_of(numbers, (used for one in looked for used in one.used), config, measured)
    found = [*census.problems, *constant_problems(config, census.used)]
    found += [problem for one in looked for problem in one.wording]
    if claims:
        found += claim_problems(texts, measured, config.locale)
    spoken = [text for text in texts if text.kind == "script"]
    sorted_ = (_concerned(problem, spoken) for problem in dict.fromkeys(found))
    return NumberCheck(census, tuple(sorted_))


class _Looked(msgspec.Struct, frozen=True):
    """What the checks found in a text; kept, its lines count from the text's first."""

    shown: tuple[Counted, ...] = ()
    unshown: tuple[Counted, ...] = ()
    used: tuple[str, ...] = ()  # constants
    wording: tuple[Problem, ...] = ()

    def moved(self, by: int) -> _Looked:
        """The same where its text begins `by` lines further down."""

        def moved(where: Source) -> Source:
            return Source(where.path, (where.line or 1) + by)

        if not by:
            return self
        return _Looked(
            tuple(replace(one, source=moved(one.source)) for one in self.shown),
            tuple(replace(one, source=moved(one.source)) for one in self.unshown),
            self.used,
            tuple(
                replace(one, where=moved(one.where)) if one.where else one for one in self.wording
            ),
        )


_FORM: Form[_Looked] = Form(_Looked)


class _Checker:
    """Looks at texts one by one; one that it knows isn't read again."""

    def __init__(self, config: Config, measured: Measured, memo: Memo) -> None:
        self._config, self._measured, self._memo = config, measured, memo
        known = (config.root, config.constants, config.numbers.typed, config.locale.tag)
        self._key = key_of("checks", known, measured.values_key)
        self._places_key = lru_cache(maxsize=2)(key_of)  # the same of all pieces of a script

    @cached_property
    def _taker(self) -> Taker:
        return Taker(self._config, self._measured)

    @cached_property
    def _wording(self) -> Wording:
        return Wording(self._measured)

    def looked(self, text: Written) -> _Looked:
        """What is found in a text: piece by piece, what no reader shows last."""
        found = [self._piece(piece) for piece in pieces_of(text)]
        if len(found) == 1:
            return found[0]
        return _Looked(
            tuple(number for one in found for number in one.shown),
            tuple(number for one in found for number in one.unshown),
            tuple(used for one in found for used in one.used),
            tuple(problem for one in found for problem in one.wording),
        )

    def _piece(self, text: Written) -> _Looked:
        first = (text.source.line or 1) - 1
        key = key_of(
            *(self._key, text.kind, text.text, text.source.path, text.place, text.figures),
            *(text.slide, text.is_further, self._places_key(text.places)),
        )
        return self._memo.of(key, _FORM, lambda: self._look(text).moved(-first)).moved(first)

    def _look(self, text: Written) -> _Looked:
        self._taker.used.clear()
        found = [
            (
                tuple(self._taker.shown(one)),
                tuple(self._taker.unshown(one)),
                tuple(self._wording.problems(one)),
            )
            for one in drafted([text])
        ]
        if not found:  # no template: filling it says why
            return _Looked()
        shown, unshown, wording = found[0]
        return _Looked(shown, unshown, tuple(sorted(self._taker.used)), wording)


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
