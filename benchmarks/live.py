"""How long the live demo's models take to load, and to classify messages of the talk's data.

    python -m benchmarks.live [--messages 200]      # at most 150 ms a message, on 2 cores

The models are those of the run that the slides show. TALK_DATA names the messages, else the
sample is taken.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.config import load_config  # noqa: E402
from pipeline.experiment.data.read import read_raw  # noqa: E402
from pipeline.experiment.live.model import LiveModels, load_live_models  # noqa: E402
from pipeline.experiment.plan import experiment_of  # noqa: E402
from pipeline.experiment.sources import form_of  # noqa: E402
from pipeline.experiment.store import shown_results  # noqa: E402

LIMIT_MS = 150.0


def classified(models: LiveModels, texts: list[str]) -> list[tuple[int, float]]:
    """Tokens, and the milliseconds that all three models took together, of each text."""
    found = []
    for text in texts:
        started = time.perf_counter()
        tokens = len(models.classify(text).tokens)
        found.append((tokens, 1000 * (time.perf_counter() - started)))
    return found


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    options.formatter_class = argparse.RawDescriptionHelpFormatter
    options.add_argument("--messages", type=int, default=200)
    wanted = options.parse_args().messages
    config = load_config(ROOT)
    experiment = experiment_of(config)
    results = shown_results(config, ROOT / "out")
    started = time.perf_counter()
    models = load_live_models(config, results, ROOT / ".cache", print)
    print(f"loaded in {time.perf_counter() - started:.1f} s")
    path = Path(os.environ.get("TALK_DATA") or ROOT / experiment.data.sample)
    rows = read_raw(path, form_of(experiment.data)).rows
    texts = [text for _, text in rows[:: max(1, len(rows) // wanted)]]
    found = classified(models, texts)
    times = sorted(took for _, took in found)
    late = sum(took > LIMIT_MS for took in times)
    print(
        f"{len(found)} messages of {statistics.fmean(t for t, _ in found):.0f} tokens: "
        f"median {statistics.median(times):.0f} ms, 95th percentile "
        f"{times[int(0.95 * len(times)) - 1]:.0f} ms; {late} over {LIMIT_MS:.0f} ms"
    )
    long = [max(texts, key=len) * 20, "prize " * 17_000]
    for tokens, took in classified(models, long):
        print(f"cut off at {tokens} tokens: {took:.0f} ms")


if __name__ == "__main__":
    main()
