"""How well the number check finds planted errors and leaves innocent passages alone.

    python -m benchmarks.census

Each record of tests/fixtures/census/ is put, on its own, into a copy (in memory) of the real
content; the check runs on the changed file, with the made-up run of the tests.
"""

from __future__ import annotations

import atexit
import sys
import time
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Literal

from msgspec.structs import replace

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.made_up import made_up  # noqa: E402

from pipeline.checks.census import take_census  # noqa: E402
from pipeline.checks.content import Written, drafted, page_head, written  # noqa: E402
from pipeline.checks.numbers import check_numbers, claim_problems  # noqa: E402
from pipeline.checks.wording import check_wording  # noqa: E402
from pipeline.config import Config, NumberSettings, load_config  # noqa: E402
from pipeline.measured import Measured  # noqa: E402
from pipeline.problems import Problem  # noqa: E402

Typed = Literal["contradictions", "listed"]
MODES: tuple[Typed, ...] = ("listed", "contradictions")
FIXTURES = ROOT / "tests" / "fixtures" / "census"


@dataclass(frozen=True, slots=True)
class Case:
    """One change to one file, and what the check must say (nothing: an innocent passage)."""

    kind: str
    file: str
    find: str
    replace: str
    expect: str = ""

    @property
    def name(self) -> str:
        return f"{self.kind}: {' '.join(self.replace.split())[:60]}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the check said of one case that it does not say of the content as it is."""

    case: Case
    new: tuple[Problem, ...]

    @property
    def is_caught(self) -> bool:
        """Whether an error names the plant, on its line."""
        return any(
            finding.is_error
            and self.case.expect in finding.message
            and finding.where
            and finding.where.line in lines_of(self.case)
            for finding in self.new
        )


def planted() -> tuple[Case, ...]:
    table = tomllib.loads((FIXTURES / "planted.toml").read_text(encoding="utf-8"))
    group = table["sentences"]
    after = group["after"]
    sentences = [
        Case(group["kind"], group["file"], after, f"{after}\n{t}\n") for t in group["texts"]
    ]
    return (*(Case(**record) for record in table["planted"]), *sentences)


def innocent() -> tuple[Case, ...]:
    table = tomllib.loads((FIXTURES / "innocent.toml").read_text(encoding="utf-8"))
    cases = []
    for group in table["innocent"]:
        file, after = group.get("file", table["file"]), group.get("after", table["after"])
        block = after.endswith("\n") and "file" not in group
        for text in group["texts"]:
            added = f"\n{text}\n" if block else f"{text}\n\n" if after.endswith("\n") else text
            cases.append(Case(group["kind"], file, after, after + added))
    return tuple(cases)


def voices(group: str, name: str = "voices") -> tuple[Case, ...]:
    """Sentences of other people: `elsewhere`, `run` or `innocent` (see voices.toml)."""
    table = tomllib.loads((FIXTURES / f"{name}.toml").read_text(encoding="utf-8"))
    file, after = table["file"], table["after"]
    return tuple(
        Case(part.get("topic", part.get("kind")), file, after, f"{after}\n{text}\n")
        for part in table[group]
        for text in part["texts"]
    )


@lru_cache(maxsize=1)
def setting() -> tuple[Config, Measured, Path]:
    """The talk, the made-up run with its digest, and a folder for changed files."""
    folder = Path(mkdtemp())
    atexit.register(rmtree, folder, ignore_errors=True)
    return load_config(ROOT), made_up(), folder


@lru_cache(maxsize=32)
def text_of(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


def lines_of(case: Case) -> range:
    """The lines that a case puts into its file, and one before: what it is joined to."""
    text = text_of(case.file)
    first = text.count("\n", 0, text.index(case.find)) + 1
    return range(first, first + case.replace.count("\n") + 1)


def run(case: Case, typed: Typed = "listed") -> Outcome:
    """Check the changed file. Raises LookupError where the content has moved on."""
    text = text_of(case.file)
    if case.find not in text:
        raise LookupError(f"{case.file} no longer holds {case.find!r}: mend the record")
    text = around(text, case) if case.file.startswith("script/") else text
    known = Counter(problem.message for problem in problems_of(case.file, text, typed))
    changed = text.replace(case.find, case.replace, 1)
    found = problems_of(case.file, changed, typed)
    return Outcome(case, tuple(p for p in found if p.message not in known))


def around(text: str, case: Case) -> str:
    """The section of the script that a case changes, on the lines where it stands."""
    start = text.rfind("\n## ", 0, text.index(case.find) + 4) + 1
    end = text.find("\n## ", start + len(case.find))
    return "\n" * text.count("\n", 0, start) + text[start : end if end >= 0 else None]


@lru_cache(maxsize=4096)
def problems_of(file: str, text: str, typed: Typed) -> tuple[Problem, ...]:
    """All that the check says of a file with this text."""
    config, measured, folder = setting()
    # Settings stand alone: the slides of other cases, beside them, would be all that there are.
    path = folder / "alone" / file if file == "talk.toml" else folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    config = replace(config, root=folder, numbers=NumberSettings(typed))
    if file == "talk.toml":
        config = load_config(path.parent)
        texts: tuple[Written, ...] = tuple(page_head(config))
    else:
        texts = tuple(written(path))
    drafts = tuple(drafted(texts))
    found = [*take_census(drafts, config, measured).problems, *check_wording(drafts, measured)]
    return (*found, *claim_problems(texts, measured))


def tell_voices(name: str) -> None:
    """How many of the other people's sentences each mode gets wrong, and which."""
    print(f"\n{name}.toml")
    for group in ("elsewhere", "run", "innocent"):
        cases = voices(group, name)
        for mode in MODES:
            is_wrong = group == "run" or (group, mode) == ("elsewhere", "listed")
            missed = [case for case in cases if has_error(case, mode) != is_wrong]
            said = "missed" if is_wrong else "reported"
            print(f"{mode:16}{group:11}{len(missed):3} of {len(cases):3} wrongly {said}")
            for case in missed:
                print(f"    {' '.join(case.replace.removeprefix(case.find).split())}")


def has_error(case: Case, mode: Typed) -> bool:
    """Whether the check, in this mode, names an error on the lines of the case."""
    return any(
        finding.is_error and finding.where and finding.where.line in lines_of(case)
        for finding in run(case, mode).new
    )


def main() -> int:
    started = time.perf_counter()
    bad, good = [run(case) for case in planted()], [run(case) for case in innocent()]
    took = time.perf_counter() - started
    caught = [outcome for outcome in bad if outcome.is_caught]
    false = [outcome for outcome in good if outcome.new]
    kinds = Counter(outcome.case.kind for outcome in bad)
    for kind, count in kinds.items():
        print(f"{kind:26}{sum(o.case.kind == kind for o in caught):4} of {count:3} caught")
    print(f"{'planted errors':26}{len(caught):4} of {len(bad):3} caught")
    print(f"{'innocent passages':26}{len(false):4} of {len(good):3} reported (false alarms)")
    for outcome in [*(o for o in bad if not o.is_caught), *false]:
        print(f"\n{outcome.case.name}\n  wanted: {outcome.case.expect or 'nothing'}")
        for finding in outcome.new:
            print(f"  said:   {finding.where}: {finding.message}")
    tell_voices("voices")
    tell_voices("holdout")
    config, measured, _ = setting()
    begun = time.perf_counter()
    check = check_numbers(config, measured)
    print(f"\nour own content: {check.census.summary()}")
    print(f"whole check {time.perf_counter() - begun:.2f} s, bench {took:.1f} s")
    return 0 if len(caught) == len(bad) and not false else 1


if __name__ == "__main__":
    sys.exit(main())
