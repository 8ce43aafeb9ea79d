"""Where a number comes from: `why finetuned.f1` or `why 98.7`, as text for the terminal."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from pipeline.checks.uses import SHOWN, Use
from pipeline.numbers.candidates import Measured, measured_numbers, shows
from pipeline.numbers.provenance import place
from pipeline.numbers.quantities import find_quantities
from pipeline.numbers.template import path_of
from pipeline.problems import TalkError, nearest
from pipeline.results import Confusion, Evaluation, Results

MOST_CANDIDATES = 8
_ITEM = re.compile(r"^(examples|next_tokens)\[(\d+)\]\.")


def explain(what: str, results: Results, uses: Sequence[Use]) -> str:
    """All about the value at a path, or about the values that are shown as a number.

    `what` is a path ("finetuned.f1") or a number as it is shown ("98.7%", "11 min", "5,574").
    Raises TalkError that names the nearest values for what is neither.
    """
    leaves = {leaf.at: leaf for leaf in measured_numbers(results)}
    wanted = _named(path_of(what), results)
    if wanted in leaves:
        return "\n".join(_whole(leaves[wanted], results, uses))
    below = [leaf for at, leaf in leaves.items() if at.startswith(f"{wanted}.")]
    if below:
        return "\n".join(_list(f"{what} holds {len(below)} values:", below, uses, None))
    if _is_undefined(wanted, results):
        raise TalkError(f"{wanted} is undefined in this run", hint="nothing was counted for it")
    candidates = _shown_as(what, list(leaves.values()), uses)
    if not candidates:
        raise _unknown(what, results, leaves)
    if len(candidates) == 1:
        return "\n".join(_whole(candidates[0], results, uses))
    shown = [leaf for leaf in candidates if _is_shown_as(leaf, what, uses)]
    used = shown or [leaf for leaf in candidates if _uses(leaf, uses, SHOWN)]
    if len(used) == 1:
        rest = [leaf for leaf in candidates if leaf is not used[0]]
        lines = [*_whole(used[0], results, uses), "", *_list("shown the same way:", rest, uses)]
        return "\n".join(lines)
    return "\n".join(_list(f"{what} could be one of {len(candidates)} values:", candidates, uses))


def _named(path: str, results: Results) -> str:
    """`examples[0].…` by the name that content uses, and a rate without its `.value`."""
    if found := _ITEM.match(path):
        index = int(found[2])
        if found[1] == "examples" and index < len(results.examples):
            path = f"example.{results.examples[index].id}.{path[found.end() :]}"
        elif found[1] == "next_tokens" and index < len(results.next_tokens):
            path = f"next_token.{results.next_tokens[index].prompt}.{path[found.end() :]}"
    return path.removesuffix(".value")


def _shown_as(what: str, leaves: list[Measured], uses: Sequence[Use]) -> list[Measured]:
    """Values that the content shows as exactly this text, then those that would show so."""
    bare = _bare(what)
    by_use = {path for use in uses if use.text.lower() == bare for path in use.paths}
    found = [leaf for leaf in leaves if leaf.at in by_use]
    quantities = find_quantities(bare)
    if len(quantities) == 1:
        same = [leaf for leaf in leaves if shows(quantities[0], leaf) and leaf not in found]
        same.sort(key=lambda leaf: (not _uses(leaf, uses, SHOWN), len(leaf.at)))
        found += same
    return found


def _bare(what: str) -> str:
    return " ".join(what.strip().strip("\"'").lower().split())


def _is_shown_as(leaf: Measured, what: str, uses: Sequence[Use]) -> bool:
    """Whether the content shows this value, and no sum of values, as exactly this text."""
    return any(use.text.lower() == _bare(what) and use.paths == (leaf.at,) for use in uses)


def _unknown(what: str, results: Results, leaves: dict[str, Measured]) -> TalkError:
    if find_quantities(what) and not re.match(r"[a-z_]+\.", what):
        return TalkError(
            f"no value of run {results.run.id} is shown as {what}",
            hint="try it with fewer digits, or a path such as finetuned.f1",
        )
    close = difflib.get_close_matches(path_of(what), leaves, n=3, cutoff=0.6)
    hint = (
        f"did you mean {', '.join(f'`{name}`' for name in close)}?"
        if close
        else nearest(what.split(".")[0], {at.split(".")[0] for at in leaves})
    )
    return TalkError(f"this run has no value `{what}`", hint=hint)


def _is_undefined(path: str, results: Results) -> bool:
    value: object = results
    for part in path.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif part in getattr(value, "__dataclass_fields__", {}):
            value = getattr(value, part)
        else:
            return False
    return value is None or getattr(value, "value", 0) is None


def _uses(leaf: Measured, uses: Sequence[Use], how: str = "") -> list[Use]:
    return [use for use in uses if leaf.at in use.paths and how in ("", use.how)]


def _list(
    title: str, leaves: Sequence[Measured], uses: Sequence[Use], most: int | None = MOST_CANDIDATES
) -> Iterator[str]:
    if not leaves:
        return
    yield title
    width = max(len(leaf.at) for leaf in leaves[:most])
    for leaf in leaves[:most]:
        count = len(_uses(leaf, uses))
        used = f"used in {count} place{'s' if count != 1 else ''}" if count else "not used"
        yield f"  {leaf.at:{width}}  {leaf.value:.10g}  {used}"
    if most and len(leaves) > most:
        yield f"  and {len(leaves) - most} more"


def _whole(leaf: Measured, results: Results, uses: Sequence[Use]) -> Iterator[str]:
    yield f"{leaf.at} = {leaf.value!r}"
    for name, text in _facts(leaf, results):
        yield f"  {name:9} {text}"
    found = _uses(leaf, uses)
    yield f"  {'used in':9} {len(found)} place{'s' if len(found) != 1 else ''}"
    for use in found:
        shown = f'"{use.text}"' if use.how == SHOWN else use.how
        yield f"    {use.source}  {use.place}  {shown}: {use.sentence}"


def _facts(leaf: Measured, results: Results) -> Iterator[tuple[str, str]]:
    """Name and text of all that stands behind a value."""
    run, data, model = results.run, results.data, results.model
    ends = ".value" if leaf.low is not None or leaf.total is not None else ""
    yield "place", f"results.json: {place(leaf.at, results)}{ends}"
    if leaf.total is not None:
        yield "counts", f"{leaf.hits:,} of {leaf.total:,}"
    evaluation = _evaluation(leaf.at, results)
    if evaluation:
        if leaf.total is None and leaf.at.endswith(".f1"):
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
