"""What the benchmarks measure with, and the page that shows what they measured."""

from __future__ import annotations

import platform
import statistics
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from benchmarks import timing
from benchmarks.__main__ import change
from benchmarks.page import (
    DOCS,
    Machine,
    Row,
    Trained,
    Training,
    Way,
    made,
    products,
    table,
    training_table,
)
from benchmarks.talks import write_talk
from benchmarks.training import evenly
from pipeline.config import load_config
from pipeline.files import read_text
from pipeline.script.parse import parse_script


def test_a_long_talk_is_this_one_over_and_over(tmp_path: Path) -> None:
    """Each slide has its section, and each cut keeps of it what it keeps of the first."""
    root = write_talk(tmp_path / "talk", 30)
    slides = sorted(path.stem for path in root.glob("deck/slides/*.md"))
    assert len(slides) == 30
    assert slides[-1] == "30-support-case-2"
    path = root / "script" / "voiceover.md"
    script = parse_script(read_text(path, "the script"), path)
    spoken = [number for section in script.sections for number in section.numbers]
    assert spoken == list(range(1, 31))
    standard = load_config(root).cuts["standard"]
    assert standard.slots["30"] == standard.slots["8"]
    assert {"printed-answer", "tone-later", "2-tone-later"} & set(standard.keep) == {
        "tone-later",
        "2-tone-later",
    }


def test_the_page_is_that_of_the_figures() -> None:
    """After a measurement, and after a change of the page: `python -m benchmarks.page`."""
    assert made() == (DOCS / "speed.md").read_text("utf-8")


def test_what_is_over_its_limit_is_said_to_be() -> None:
    """By the median of its turns; memory by the most of them."""
    row = Row("a build", "×", (2.0, 9.0, 3.0), 0.3, 61, limit=2.5, limit_mb=60)
    line = table([row])[-1]
    assert "| 3.00 × | 2.00 to 9.00 | 2.5 ×, **over** | 0.30 | 61 MB of 60, **over** |" in line
    assert "over" not in table([replace(row, values=(2.5,), peak_mb=60)])[-1]


def test_a_change_is_one_that_never_was(tmp_path: Path) -> None:
    """Of the first slides, or of all; titles don't grow."""
    root = write_talk(tmp_path / "talk")
    seen = set[tuple[str, ...]]()
    for slides in (None, 1, None):
        change(root, slides)
        seen.add(tuple(path.read_text("utf-8") for path in sorted(root.glob("deck/slides/*.md"))))
    assert len(seen) == 3
    assert all(text.count(" take ") == 1 for text in min(seen))


def test_a_process_is_timed_to_its_end() -> None:
    """What it and its children took; another status than an allowed one is an error."""
    spent = timing.run([sys.executable, "-c", "print(sum(range(10**6)))"])
    assert spent.said == "499999500000\n"
    assert spent.processor > 0
    assert spent.peak_bytes > 2**20
    with pytest.raises(timing.FailedError, match="ended with 3"):
        timing.run([sys.executable, "-c", "raise SystemExit(3)"])


def test_figures_name_no_host_and_no_path() -> None:
    """The machine is its processor, cores, memory and versions."""
    here = msgspec.json.encode(Machine.now()).decode()
    assert platform.node() not in here
    assert str(Path.home()) not in here


def test_few_batches_stand_for_all_of_a_training() -> None:
    """One of each group of like ones, whole: what they pad to is on average that of all."""
    lengths = [1 + place // 4 for place in range(400)]
    batches = [*[list(range(at, at + 4)) for at in range(396, -1, -4)], [399]]
    places = evenly(batches, lengths, 10)
    assert len(places) == 40
    assert all(places[at : at + 4] in batches for at in range(0, 40, 4))
    assert statistics.mean(lengths[at] for at in places) == pytest.approx(50.5, abs=0.5)
    assert len(evenly(batches, lengths, 1000)) == 400


def test_a_training_is_beside_the_first_way_by_the_clock_and_by_the_processor() -> None:
    """Medians of the turns; the spread is the processor's, which other work changes little."""
    turn = Trained("fp32", 1.0, 10.0, 5.0, 2.0, 0.5, 150.0, 16, 4422, 5.0)
    quick = replace(turn, precision="bf16", messages_per_second=30.0, padding=1.06, gigaflops=80.0)
    turns = tuple(replace(quick, messages_per_processor_second=one) for one in (44.0, 36.0, 40.0))
    ways = (Way("small", "as it comes", (turn,)), Way("small", "ours", turns))
    line = list(training_table(ways))[-1]
    assert line == "| ours, bf16 | 30.0 | 30.0 | 40.0 | 20.0 | 36.0 to 44.0 | 6% | 50% |"
    here = Machine("a processor", 1, "Linux", "2026-01-01", 0.0, {})
    said = products(Training(here, ("avx512_bf16",), ways))
    assert "here: `avx512_bf16`, no AMX." in said
    assert "150 Gflop/s in fp32 and 80 Gflop/s in bf16" in said
