"""All that `check` says about numbers: census, bindings, claims, the run's own state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.checks.census import Census, take_census
from pipeline.checks.constants import constant_findings
from pipeline.checks.content import ContentFile, content_files, passages_in, pieces_in
from pipeline.checks.wording import check_bindings
from pipeline.config import Config
from pipeline.numbers.fill import Numbers
from pipeline.problems import Problem, Source, TalkError
from pipeline.results import Results, edited_by_hand


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """The census, and everything that is wrong with numbers."""

    census: Census
    findings: tuple[Problem, ...]


def check_numbers(
    config: Config,
    results: Results | None,
    files: Iterable[ContentFile] | None = None,
    *,
    claims: bool = True,
) -> NumberCheck:
    """Take the census of a talk and check every number in it.

    `files`: the content, where it has been read already. `claims`: fill all content to see whether
    its claims hold; not needed where pages have been made from it.
    """
    read = tuple(files) if files is not None else content_files(config.root)
    passages = tuple(passage for file in read for passage in passages_in(file))
    census = take_census(passages, config, results)
    findings = [*census.findings, *constant_findings(config, census.used)]
    findings += [*check_bindings(passages, results)]
    if claims:
        findings += claim_findings(read, results)
    if results and edited_by_hand(results):
        findings.append(edited_finding(results))
    return NumberCheck(census, tuple(dict.fromkeys(findings)))


def claim_findings(files: Iterable[ContentFile], results: Results | None) -> Iterator[Problem]:
    """Placeholders that can't be filled and claims that no longer hold, one a piece."""
    numbers = Numbers(results)
    for file in files:
        for piece in pieces_in(file):
            if "{" not in piece.text or file.path.name == "talk.toml":
                continue
            try:
                numbers.fill(piece.text, piece.source)
            except TalkError as error:
                yield Problem(error.message, error.where, error.hint)


def edited_finding(results: Results) -> Problem:
    return Problem(
        f"results.json of run {results.run.id} was edited by hand: its digest no longer fits",
        None,
        "run `python build.py --retrain`, or restore the file",
    )


def staleness_findings(
    changed: Sequence[str],
    run_id: str,
    *,
    pinned: bool = False,
    allowed: bool = False,
    where: Path | None = None,
) -> tuple[Problem, ...]:
    """That the shown run no longer fits what is there now; nothing where nothing changed.

    `changed` names what did (data, model, settings, …); `allowed`: --allow-stale was given.
    """
    if not changed:
        return ()
    again = (
        "unpin it with `python build.py pin --undo`, then build"
        if pinned
        else ("run `python build.py`, or keep these numbers with --allow-stale")
    )
    return (
        Problem(
            f"run {run_id} is stale: {stale_reason(changed)} since it was made",
            Source(where) if where else None,
            again,
            severity="warning" if allowed else "error",
        ),
    )


def stale_reason(changed: Sequence[str]) -> str:
    """What changed, in words: "data and settings have changed"."""
    names = list(changed)
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{listed} {'has' if len(names) == 1 and names[0] != 'settings' else 'have'} changed"
