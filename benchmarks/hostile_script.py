"""How long scripts take that are made to be slow: `python -m benchmarks.hostile_script [SIGNS]`.

Each of some texts is repeated to 100,000 signs wherever one can stand: as title, slot, cue, speech,
question, field of the header or tip. Aim: nothing takes over a second to read and time, nor to
write as captions, notes and text. Measured is processor time, since other work may run beside it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pipeline.config import Config, Cut, TalkInfo
from pipeline.pages.captions import captions, moments, web_vtt
from pipeline.pages.notes import notes_html
from pipeline.pages.script import script_txt
from pipeline.script.parse import parse_script
from pipeline.script.timing import timed

SLIDE = "## SLIDE 1: A [1 minute]\n"
PLACES = {
    "title": "## SLIDE 1: {} [1 minute]\n",
    "slot": "## SLIDE 1: A [{}]\n",
    "speech": f"{SLIDE}{{}}\n",
    "aside": f"{SLIDE}> {{}}\n",
    "pause": f"{SLIDE}[PAUSE 3s {{}}]\n",
    "show": f"{SLIDE}[SHOW x {{}} (3 s)]\n",
    "unknown cue": f"{SLIDE}[{{}}]\n",
    "only": f"{SLIDE}[ONLY {{}}]\nx\n[END ONLY]\n",
    "question": '## Q&A [1 minute]\n**Q: "a"** {}\nA: x\n',
    "field": "**Duration:** 1 minute {}\n",
    "key": "**{}\n",
    "tip": "## DELIVERY TIPS\n1. **Time:** slide 1 {}\n",
}
TEXTS = [
    *("$1", "1/", "1-", "a-", "1:", "0:0", "1 s ", ",", ", ", " ", "[", "]", "[a](", "*a ", "**"),
    *("_", "`", "#a ", "slide 1 1 s ", "IF TIME ", "a. ", "word ", "9 ", "这。", "- ", "é ", ">\n"),
]
CONFIG = Config(Path("nowhere"), TalkInfo("T", "S"), cuts={"full": Cut("1 minute")})


def measured(signs: int) -> Iterator[tuple[float, float, str, str]]:
    """Seconds to read and time, seconds to write, what was repeated, and where."""
    for place, form in PLACES.items():
        for text in TEXTS:
            content = form.format(text * (signs // len(text)))
            began = time.process_time()
            script, times = timed(parse_script(content, Path("script.md")), CONFIG)
            read = time.process_time()
            web_vtt(captions(moments(script, times["full"])))
            notes_html(script, 1)
            script_txt(script, times["full"].choice)
            yield read - began, time.process_time() - read, text, place


def main(signs: str = "100000") -> None:
    """Print the slowest."""
    found = sorted(measured(int(signs)), key=lambda entry: -max(entry[:2]))
    print(f"{len(found)} scripts of {int(signs):,} signs, the slowest:")
    for read_s, written_s, text, place in found[:8]:
        print(f"{text!r:>12} as {place}: read and timed {read_s:.2f} s, written {written_s:.2f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
