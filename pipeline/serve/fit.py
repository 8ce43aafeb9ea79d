"""What doesn't fit on a slide, as an open deck measured it: each thing is said once."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence

import msgspec

from pipeline.export.overflow import Fault, overflow_problems
from pipeline.problems import Problem
from pipeline.slides.slide import Slide

MOST_SIGNS = 200_000  # of a message
MOST_FAULTS = 50  # of a slide
LONGEST = 300  # signs of what is said of one fault
MOST_LINES, WITHIN_S = 60, 60.0  # on the terminal, whatever browsers say


class _Measured(msgspec.Struct):
    """A fault as a browser says it; what else it says is left out."""

    part: str
    kind: str
    side: str
    px: int
    said: str


_DECODER = msgspec.json.Decoder(dict[str, list[_Measured]])


class Overflow:
    """What open decks said, by slide; a slide on which all fits is forgotten."""

    def __init__(self) -> None:
        self._said: dict[str, set[str]] = {}
        self._when: deque[float] = deque(maxlen=MOST_LINES)

    def heard(self, text: str, slides: Sequence[Slide]) -> Iterator[Problem]:
        """The problems in a browser's message that are new; nothing where it is no such message."""
        if len(text) > MOST_SIGNS:
            return
        try:
            found = _DECODER.decode(text)
        except (msgspec.DecodeError, UnicodeEncodeError):  # a surrogate alone
            return
        for slide in slides:
            if slide.name not in found:
                continue
            faults = [_fault(one) for one in found[slide.name][:MOST_FAULTS]]
            known = self._said.pop(slide.name, set())
            new = [f for f in faults if f.said not in known][: MOST_FAULTS - len(known)]
            if faults:
                self._said[slide.name] = known | {fault.said for fault in new}
            for problem in overflow_problems([slide], {slide.name: new}):
                if self._may_say():
                    yield problem

    def _may_say(self) -> bool:
        now = time.monotonic()
        if len(self._when) == MOST_LINES and now - self._when[0] < WITHIN_S:
            return False
        self._when.append(now)
        return True


def _fault(one: _Measured) -> Fault:
    """No control signs for the terminal, whoever says it."""
    said = "".join(sign if sign.isprintable() else " " for sign in one.said)
    return Fault(one.part, one.kind, one.side, one.px, said[:LONGEST])
