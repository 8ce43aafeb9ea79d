"""Scripts made up for tests: any text that could stand in one, sections of a given length."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from pipeline.config import Config, Cut, Pace, TalkInfo
from pipeline.script.elements import Script
from pipeline.script.timing import Timing, timings
from support.needs import file_of


def seed_script() -> Path:
    """The example voiceover that this form of script comes from; not everyone has it."""
    return file_of("SEED_SCRIPT", "the example voiceover")


PIECES = [
    "## SLIDE 1: A [1 minute]",
    "## SLIDE 2-3: B [2 minutes total]",
    "## SLIDE four: x [1 minute]",
    "##  SLIDE 5 - t [x] [0 s]",
    "## Q&A SESSION [5-8 minutes]",
    "## CLOSING REMARKS [30 seconds]",
    "**END OF SCRIPT**",
    "## DELIVERY TIPS",
    "# foo [3]",
    "#### SLIDE 7: x [3 minutes]",
    "### sub",
    "1. **Pace:** Aim",
    "** :** x",
    "**Key: a:** b",
    "[PAUSE 3s]",
    "**[PAUSE 1:3O]**",
    "[NEXT SLIDE]",
    '[OPTIONAL "a": b]',
    "[OPTIONAL x]",
    "[OPTIONAL: If]",
    "[END OPTIONAL]",
    "[ONLY full]",
    "[END ONLY]",
    "[NOTE: x [y] z",
    "closing]",
    "]",
    "[]",
    "[CLICK]",
    "__[CLICK]__",
    "**[DEMO 2 minutes]**",
    "> quoted",
    "```",
    "~~~py",
    "```x`y",
    "    code",
    "\tcode",
    "- item",
    "1. one",
    "Hello, 98.7% of it.",
    '**Q: "Why?"** [slide 9] #data',
    "Q: why #a",
    "A: because",
    "A:",
    "A: A: b",
    "A: # x",
    "---",
    "***",
    "*x*",
    "__",
    "**",
    "\u2028x",
    "\x1c",
    "\ufeff",
    "â€”",
    "<!-- a -->",
    "[a](b)",
    "\r",
    "\ue0001\ue001",
]
LINES = st.one_of(
    st.sampled_from(PIECES),
    st.text(max_size=12),
    st.tuples(
        st.sampled_from(["", "  ", "    ", "## ", "> ", "[", "**", "A: ", "- "]),
        st.sampled_from(PIECES),
        st.sampled_from(["", " ", "]", "**", "  "]),
    ).map("".join),
    st.just(""),
)
SCRIPTS = st.one_of(st.text(), st.lists(LINES, max_size=25).map("\n".join))


def words(count: int) -> str:
    return "word " * count


def section(number: object, slot: str, count: int, more: str = "") -> str:
    return f"## SLIDE {number}: TITLE [{slot}]\n\n{more}\n{words(count)}\n\n"


def time_script(
    script: Script, name: str, cut: Cut, pace_wpm: int, cuts: dict[str, Cut] | None = None
) -> Timing:
    """The timing of one cut at a pace, without a talk.toml."""
    pace = Pace(pace_wpm, lowest=140, highest=160)
    config = Config(Path("nowhere"), TalkInfo("T", "S"), pace, cuts or {name: cut})
    return timings(script, config)[name]
