"""Where a number comes from: `why finetuned.f1` or `why 98.7`, as text for the terminal."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterator, Sequence

import msgspec

from pipeline.checks.numbers import check_numbers
from pipeline.checks.uses import SHOWN, Use
from pipeline.command import called
from pipeline.config import Config
from pipeline.locale import ENGLISH, Locale
from pipeline.measured import NOTHING, Measured, Measurement, Value, measurement_of, parts_of, step
from pipeline.numbers.candidates import Candidates, Leaf, measured_numbers
from pipeline.numbers.provenance import file_of, measurement_rows, place
from pipeline.numbers.quantities import find_quantities
from pipeline.numbers.template import path_of
from pipeline.numbers.values import Number, namespace, number_at
from pipeline.problems import TalkError, nearest
from pipeline.results import Confusion, Evaluation, Results
from pipeline.units import SHARE

MOST_CANDIDATES = 8
_IN_SERIES = re.compile(r"(.+)\[\d+\]")
_ITEM = re.compile(r"^(examples|next_tokens)\[(\d+)\]\.")


def explain(what: str, measured: Measured, uses: Sequence[Use], locale: Locale = ENGLISH) -> str:
    """All about the value at a path, or about the values that are shown as a number.

    `what` is a path ("finetuned.f1") or a number as it is shown ("98.7%", "11 min", "5,574").
    Raises TalkError that names the nearest values for what is neither.
    """
    return "\n".join(_Why(measured, uses, locale).lines(what))


def explain_typed(what: str, config: Config) -> str:
    """Where a number is typed, in a talk that measures nothing. Raises TalkError for none."""
    shown = _on_one_line(what)
    numbers = check_numbers(config, NOTHING, claims=False).census.numbers
    found = [number for number in numbers if _on_one_line(number.text) == shown]
    if not found:
        message = f"this talk measures nothing, and `{what}` stands nowhere in it"
        raise TalkError(message, hint=f"`{called()} check --numbers` lists its numbers")
    lines = [f"{what} is typed: this talk measures nothing"]
    lines += [f"  {number.source}  {number.sentence}" for number in found]
    return "\n".join(lines)


def _on_one_line(text: str) -> str:
    """In small letters, each space a usual one: languages put a wide one before their %."""
    return " ".join(text.lower().split())


class _Why(msgspec.Struct, frozen=True):
    measured: Measured
    uses: Sequence[Use]
    locale: Locale

    def lines(self, what: str) -> Iterator[str]:
        leaves = measured_numbers(self.measured)
        wanted = self._named(path_of(what))
        if found := [leaf for leaf in leaves if leaf.at == wanted]:
            return self._whole(found[0])
        if below := [leaf for leaf in leaves if leaf.at.startswith((f"{wanted}.", f"{wanted}["))]:
            return self._all_below(what, below)
        if (derived := number_at(wanted, namespace(self.measured))) is not None:
            return self._worked_out(wanted, derived)
        if _is_undefined(wanted, self.measured):
            raise TalkError(f"{wanted} is undefined in this run", hint="nothing was counted for it")
        shown = _on_one_line(what.strip().strip("\"'"))
        candidates = self._shown_as(shown, leaves)
        if not candidates:
            raise self._unknown(what, leaves)
        paths = [use.paths for use in self.uses if _on_one_line(use.text) == shown]
        used = [leaf for leaf in candidates if (leaf.at,) in paths]
        used = used or [leaf for leaf in candidates if self._used(leaf.at, SHOWN)]
        if len(candidates) == 1 or len(used) == 1:
            (one,) = used if len(used) == 1 else candidates
            others = [leaf for leaf in candidates if leaf is not one]
            rest = ["", *self._list("shown the same way:", others)] if others else []
            return iter([*self._whole(one), *rest])
        said = f"{what} could be one of {len(candidates)} values:"
        if len(paths) == 1 and set(paths[0]) == {leaf.at for leaf in candidates}:
            said = f"{what} is calculated from {len(candidates)} values:"
        return self._list(said, candidates)

    def _named(self, path: str) -> str:
        """`examples[0].…` by the name that content uses, and a rate without its `.value`."""
        run = self.measured.experiment
        if run and (found := _ITEM.match(path)):
            index, rest = int(found[2]), path[found.end() :]
            if found[1] == "examples" and index < len(run.examples):
                path = f"{step('example', run.examples[index].id)}.{rest}"
            elif found[1] == "next_tokens" and index < len(run.next_tokens):
                path = f"{step('next_token', run.next_tokens[index].prompt)}.{rest}"
        return path.removesuffix(".value")

    def _shown_as(self, shown: str, leaves: Sequence[Leaf]) -> list[Leaf]:
        """Values that the content shows as exactly this text, then those that would show so."""
        by_use = {
            path for use in self.uses if _on_one_line(use.text) == shown for path in use.paths
        }
        found = [leaf for leaf in leaves if leaf.at in by_use]
        quantities = find_quantities(shown, self.locale)
        same = (
            Candidates(leaves, locale=self.locale).showing(quantities[0])
            if len(quantities) == 1
            else []
        )
        same = sorted(same, key=lambda leaf: (not self._used(leaf.at, SHOWN), len(leaf.at)))
        return found + [leaf for leaf in same if leaf not in found]

    def _unknown(self, what: str, leaves: Sequence[Leaf]) -> TalkError:
        if find_quantities(what, self.locale) and not re.match(r"[a-z_]+\.", what):
            message = f"no measured value is shown as {what}"
            path = leaves[0].at if leaves else "hash.insert.ns"
            used = next((use.paths[0] for use in self.uses if use.how == SHOWN), path)
            return TalkError(message, hint=f"try fewer digits, or a path such as {used}")
        paths = [leaf.at for leaf in leaves]
        close = difflib.get_close_matches(path_of(what), paths, n=3, cutoff=0.6)
        hint = nearest(what.split(".")[0], {str(parts_of(path)[0]) for path in paths})
        if close:
            hint = f"did you mean {', '.join(f'`{name}`' for name in close)}?"
        return TalkError(f"nothing measured is called `{what}`", hint=hint)

    def _used(self, at: str, how: str = "") -> list[Use]:
        return [use for use in self.uses if at in use.paths and how in ("", use.how)]

    def _list(
        self, title: str, leaves: Sequence[Leaf], most: int = MOST_CANDIDATES
    ) -> Iterator[str]:
        yield title
        yield from self._table([(leaf.at, _shown(leaf), [leaf]) for leaf in leaves[:most]])
        if len(leaves) > most:
            yield f"  and {len(leaves) - most} more"

    def _all_below(self, what: str, leaves: Sequence[Leaf]) -> Iterator[str]:
        """All values below a name, a series in one line; of a measurement its run, too."""
        yield f"{what} holds {len(leaves)} values:"
        rows: list[tuple[str, str, list[Leaf]]] = []
        for series, group in itertools.groupby(leaves, _series):
            found = list(group)
            if series and len(found) > 1:
                low, high = (end(found, key=lambda leaf: leaf.value) for end in (min, max))
                text = f"{low.value:.10g} to {_shown(high)}"
                rows.append((f"{series}[0] to [{len(found) - 1}]", text, found))
            else:
                rows += [(leaf.at, _shown(leaf), [leaf]) for leaf in found]
        yield from self._table(rows)
        if one := measurement_of(leaves[0].at, self.measured):
            for label, said, *_ in measurement_rows(one):
                yield f"{label!s:9} {said}"

    def _table(self, rows: Sequence[tuple[str, str, list[Leaf]]]) -> Iterator[str]:
        """Places, values and in how many places they are used, below one another."""
        width, wide = (max(map(len, column)) for column in list(zip(*rows, strict=True))[:2])
        for at, text, leaves in rows:
            count = sum(len(self._used(leaf.at)) for leaf in leaves)
            used = f"used in {_counted(count)}" if count else "not used"
            yield f"  {at:{width}}  {text:{wide}}  {used}"

    def _whole(self, leaf: Leaf) -> Iterator[str]:
        yield f"{leaf.at} = {leaf.value!r} {leaf.unit}".rstrip()
        for name, text in _facts(leaf, self.measured):
            yield f"  {name:9} {text}"
        yield from self._where(leaf.at)

    def _worked_out(self, at: str, number: Number) -> Iterator[str]:
        """About a value that the run does not hold itself: a confusion matrix's total."""
        yield f"{at} = {number.value!r}"
        yield f"  {'place':9} worked out from {at.rpartition('.')[0]}"
        yield from self._where(at)

    def _where(self, at: str) -> Iterator[str]:
        found = self._used(at)
        yield f"  {'used in':9} {_counted(len(found))}"
        for use in found:
            shown = f'"{use.text}"' if use.how == SHOWN else use.how
            yield f"    {use.source}  {use.place}  {shown}: {use.sentence}"


def _shown(leaf: Leaf) -> str:
    """Its value as lists have it: `41.2 ns`."""
    return f"{leaf.value:.10g} {leaf.unit}".rstrip()


def _series(leaf: Leaf) -> str:
    """The place of the series that a value is of: `loop.loss` of `loop.loss[3]`; "" for none."""
    found = _IN_SERIES.fullmatch(leaf.at)
    return found[1] if found else ""


def _counted(places: int) -> str:
    return f"{places} place{'' if places == 1 else 's'}"


def _is_undefined(path: str, measured: Measured) -> bool:
    """Whether there is a place of this name at which nothing was measured."""
    name, *parts = parts_of(path) or ("",)
    one = measured.measurements.get(str(name))
    value: object = one.values if one else measured.experiment
    for part in parts if one else (name, *parts):
        if isinstance(value, tuple) and isinstance(part, int):
            value = value[part] if part < len(value) else 0
        elif isinstance(value, dict) and part in value:
            value = value[part]
        elif part in getattr(type(value), "__match_args__", ()):
            value = getattr(value, str(part))
        else:
            return False
    return value is None or getattr(value, "value", 0) is None


def _facts(leaf: Leaf, measured: Measured) -> Iterator[tuple[str, str]]:
    """Name and text of all that stands behind a value."""
    if leaf.of and (one := measurement_of(leaf.at, measured)):
        return _facts_of_measurement(leaf.at, leaf.of, one)
    return _facts_of_run(leaf, measured.experiment) if measured.experiment else iter(())


def _facts_of_measurement(at: str, of: Value, one: Measurement) -> Iterator[tuple[str, str]]:
    run = one.run
    yield "place", f"{file_of(one.name)}: {at.removeprefix(one.name).removeprefix('.')}"
    if of.total is not None:
        yield "counts", f"{of.hits:,} of {of.total:,}"
    if of.low is not None and of.high is not None:
        ends = f"{of.low:.6g} to {of.high:.6g} {'' if of.unit == SHARE else of.unit}".rstrip()
        yield "interval", f"{ends} ({100 * of.level:.3g}%)"
    if of.how:
        yield "method", of.how
    if of.n is not None:
        yield "n", f"{of.n:,}"
    if of.repeats:
        yield "runs", ", ".join(f"{value:.6g}" for value in of.repeats)
    if of.direction:
        yield "better", "more" if of.direction == "up" else "less"
    if run.about:
        yield "about", run.about
    for name, text, *_ in measurement_rows(one, most_inputs=1000, whole=True)[1:]:
        yield str(name), str(text)
    if run.seconds is not None:
        yield "took", f"{run.seconds:.1f} s"


def _facts_of_run(leaf: Leaf, results: Results) -> Iterator[tuple[str, str]]:
    run, data, model = results.run, results.data, results.model
    ends = ".value" if leaf.low is not None or leaf.total is not None else ""
    yield "place", f"results.json: {place(leaf.at, results)}{ends}"
    if leaf.total is not None:
        yield "counts", f"{leaf.hits:,} of {leaf.total:,}"
    if evaluation := _evaluation(leaf.at, results):
        if leaf.total is None and leaf.at.endswith(".f1") and evaluation.confusion:
            yield "counts", _confusion(evaluation.confusion)
        yield "of", f"{evaluation.name}: {evaluation.how}"
    if leaf.low is not None and leaf.high is not None:
        yield "interval", f"{leaf.low:.6g} to {leaf.high:.6g} (95%)"
    yield "data", f"{data.name} ({data.source}), {data.messages:,} messages, sha256 {data.sha256}"
    yield "model", f"{model.name} ({model.source}), {model.parameters:,} parameters"
    yield "", f"sha256 {model.sha256}"
    kind = ", quick: a part of the data, one epoch" if run.quick else ""
    yield "run", f"{run.id}, seed {run.seed}, {run.started}{kind}"
    yield "versions", ", ".join(f"{name} {version}" for name, version in run.versions.items())
    yield "code", run.code_version
    if run.command:
        yield "command", run.command


def _evaluation(at: str, results: Results) -> Evaluation | None:
    parts = at.split(".")
    if parts[0] == "elsewhere" and len(parts) > 2:
        return results.elsewhere.get(parts[1])
    found = getattr(results, parts[0], None)
    return found if isinstance(found, Evaluation) else None


def _confusion(counts: Confusion) -> str:
    return (
        f"true positive {counts.true_positive:,}, false positive {counts.false_positive:,}, "
        f"true negative {counts.true_negative:,}, false negative {counts.false_negative:,}"
    )
