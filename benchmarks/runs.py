"""How long the builds that train take, and how much memory: figures that the project sets itself.

    python -m benchmarks.runs            # --quick, nothing to do, the sample
    python -m benchmarks.runs --full     # and the full protocol on the file that TALK_DATA names

Each is `build.py` in a process of its own, into a folder of its own. Downloads are made before
the clock starts. The runs are made again (--retrain) and take the place of the kept ones, which
have the same numbers. Figures are for 2 cores; a table is printed, nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import timing  # noqa: E402
from pipeline.config import load_config  # noqa: E402
from pipeline.results import Results, read_results  # noqa: E402


@dataclass(frozen=True, slots=True)
class Build:
    """One build to time: its options, and the figures to reach."""

    name: str
    options: tuple[str, ...]
    limit_s: float
    limit_gib: float = 6.0


@dataclass(frozen=True, slots=True)
class Timed:
    """What one build took; `peak_gib` is of the process that built."""

    build: Build
    seconds: float
    peak_gib: float
    results: Results | None


def builds(data: str, sample: str, full: bool) -> list[Build]:
    """Nothing-to-do comes after --quick: it is the same command once more."""
    some = ("--data", data)
    found = [
        Build("--quick", ("--quick", "--retrain", *some), 60),
        Build("nothing to do", ("--quick", *some), 2),
        Build("the sample", ("--retrain", "--data", sample), 120),
    ]
    if full:
        found.append(Build("full protocol", ("--retrain", *some), 720))
    return found


def timed(build: Build, out: Path) -> Timed:
    """Run build.py and wait."""
    spent = timing.build("build", "--out", out, *build.options)
    path = out / "results.json"
    results = read_results(path) if path.exists() else None
    return Timed(build, spent.seconds, spent.peak_bytes / 2**30, results)


def fetch_model() -> None:
    """Get and convert the model before the clock starts."""
    from pipeline.experiment import hub, sources
    from pipeline.hashes import sha256_of

    experiment = load_config(ROOT).experiment
    if experiment:
        sources.find_model(
            experiment.model,
            None,
            ROOT / ".cache",
            hub.probe(),
            sha256_of,
            lambda message: print(message, file=sys.stderr),
        )


def show(rows: list[Timed]) -> None:
    print(f"{'build':<16}{'seconds':>9}{'at most':>9}{'peak GiB':>10}{'at most':>9}")
    for row in rows:
        late = row.seconds > row.build.limit_s or row.peak_gib > row.build.limit_gib
        print(
            f"{row.build.name:<16}{row.seconds:>9.1f}{row.build.limit_s:>9.0f}"
            f"{row.peak_gib:>10.2f}{row.build.limit_gib:>9.1f}{'  OVER' if late else ''}"
        )
    for row in rows:
        if row.results and row.build.name != "nothing to do":
            run, training = row.results.run, row.results.training
            print(f"\n{row.build.name}: {run.machine}, {training.precision}, seed {run.seed}")
            for stage in run.stages:
                print(f"  {stage.name:<34}{stage.seconds:>8.1f} s")
            print(
                f"  {training.messages_per_second:.1f} messages a second in training, "
                f"{training.seconds_per_step:.2f} s a step"
            )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runs", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--full", action="store_true", help="also the full protocol (minutes)")
    options = parser.parse_args()
    experiment = load_config(ROOT).experiment
    if experiment is None:
        sys.exit("this talk has no experiment")
    sample = str(ROOT / experiment.data.sample)
    data = os.environ.get("TALK_DATA", "")
    if options.full and not data:
        sys.exit("--full needs TALK_DATA: the file with the whole collection")
    fetch_model()
    with tempfile.TemporaryDirectory() as folder:
        show([timed(b, Path(folder)) for b in builds(data or sample, sample, options.full)])


if __name__ == "__main__":
    main()
