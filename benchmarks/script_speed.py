"""How fast a script is read and timed: `python -m benchmarks.script_speed RESULTS [SCRIPT]`.

Aims: this talk in at most 50 ms, a script of 2,000 slides in at most 2 s. Measured is processor
time, since other work may run beside it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks.talks import repeated_script
from pipeline.config import Config, load_config
from pipeline.files import read_text
from pipeline.measured import Measured
from pipeline.numbers.fill import Filled, Numbers
from pipeline.problems import Source
from pipeline.results import read_results
from pipeline.script.parse import parse_script
from pipeline.script.timing import timings

SLIDES = 2000


def measured(filled: Filled, path: Path, config: Config, repeats: int) -> tuple[float, float]:
    """The best of some tries: seconds to parse, seconds to time all cuts."""
    best = (float("inf"), float("inf"))
    for _ in range(repeats):
        began = time.process_time()
        script = parse_script(filled.text, path, filled.lines, filled.marks)
        parsed = time.process_time()
        timings(script, config)
        best = min(best, (parsed - began, time.process_time() - parsed), key=sum)
    return best


def main(results: str, script: str = "script/voiceover.md") -> None:
    """Print what was measured."""
    path, config = Path(script), load_config(Path())
    numbers = Numbers(Measured(read_results(Path(results))))
    began = time.process_time()
    filled = numbers.fill(read_text(path, "the script"), Source(path, 1), has_plan=True)
    print(f"numbers put in   {1000 * (time.process_time() - began):7.1f} ms (Jinja2)")
    parse_s, time_s = measured(filled, path, config, repeats=5)
    print(f"this script      {1000 * (parse_s + time_s):7.1f} ms: parsed in {1000 * parse_s:.1f}, ")
    print(f"                 {len(config.cuts)} cuts timed in {1000 * time_s:.1f} (aim: 50)")
    long = repeated_script(filled.plain, SLIDES)
    parse_s, time_s = measured(Filled(long, ()), path, config, repeats=3)
    words = len(long.split())
    print(
        f"{SLIDES:,} slides     {parse_s + time_s:7.2f} s: {words:,} words parsed in {parse_s:.2f},"
    )
    print(f"                 {len(config.cuts)} cuts timed in {time_s:.2f} (aim: 2)")


if __name__ == "__main__":
    main(*sys.argv[1:])
