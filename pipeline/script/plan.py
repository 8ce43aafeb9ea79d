"""What the slots of a cut add up to; and the script's own words for it, `{{ plan.length }}`."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from pipeline.lengths import Length, clock
from pipeline.numbers.fill import MARK, Mark
from pipeline.problems import Source, TalkError, nearest
from pipeline.script.elements import Field, Remark, Script, Section, Verbatim

_PATH = re.compile(
    r"plan(?:\.cuts\.([\w-]+))?"
    r"\.(?:(length|qa|session)|slides\[([0-9]{1,4})\]\.(starts|slot))(\.minutes)?"
)
_FORMS = (
    "plan.length, plan.qa, plan.session, plan.slides[10].starts, plan.slides[10].slot, each with "
    ".minutes for whole minutes; plan.cuts.short.length for a cut"
)


class Plan(msgspec.Struct, frozen=True):
    """What the slots of a cut add up to."""

    talk_s: int
    qa: Length | None
    closing: Length | None
    starts_s: Mapping[int, int]
    slots_s: Mapping[int, int]

    @property
    def session(self) -> Length | None:
        """Slides, Q&A and closing remarks together; None without a slot for the Q&A."""
        if self.qa is None:
            return None
        closing_s = self.closing.high_s if self.closing else 0
        return Length(self.talk_s + self.qa.low_s, self.talk_s + self.qa.high_s + closing_s)


def of_plan(mark: Mark) -> bool:
    """Whether a value is a length that is known only once the script is timed."""
    return mark.at.split(".")[0] == "plan"


def with_plan(script: Script, written: Plan, cuts: Mapping[str, Plan]) -> Script:
    """The script with the lengths that its header, footer and tips name.

    `written` is the script as it is written, `cuts` are the plans of the cuts. Raises TalkError
    for a name that the plan has not.
    """

    def filled(text: str, source: Source) -> str:
        def value(found: re.Match[str]) -> str:
            return _shown(script.marks[int(found[1])].at, written, cuts, source)

        return MARK.sub(value, text)

    def note(old: Field | Remark | Verbatim) -> Field | Remark | Verbatim:
        match old:
            case Field():
                key, value = filled(old.key, old.source), filled(old.value, old.source)
                return replace(old, key=key, value=value)
            case Remark():
                return replace(old, text=filled(old.text, old.source))
            case Verbatim():
                return old

    def section(old: Section) -> Section:
        return replace(old, notes=tuple(note(n) for n in old.notes))

    if not any(of_plan(mark) for mark in script.marks):
        return script
    return replace(script, sections=tuple(section(s) for s in script.sections))


def _shown(at: str, written: Plan, cuts: Mapping[str, Plan], source: Source) -> str:
    path = _PATH.fullmatch(at)
    if not path:
        raise TalkError(f"there is no `{at}`", source, _FORMS)
    cut, name, slide, of_slide, minutes = path.groups()
    if cut and cut not in cuts:
        raise TalkError(f"there is no cut `{cut}`", source, nearest(cut, cuts))
    plan = cuts[cut] if cut else written
    if name:
        found = {"length": plan.talk_s, "qa": plan.qa, "session": plan.session}[name]
    else:
        found = (plan.starts_s if of_slide == "starts" else plan.slots_s).get(int(slide))
    if found is None:
        what = f"slide {slide}" if slide else "slot for the Q&A"
        hint = f"slides: {', '.join(map(str, plan.slots_s))}" if slide else "## Q&A [5 minutes]"
        raise TalkError(f"`{at}`: the script has no {what}", source, hint)
    if not minutes:
        return str(found) if isinstance(found, Length) else clock(found)
    if isinstance(found, Length):
        return f"{found.low_s // 60}-{-(-found.high_s // 60)}"
    return str((found + 30) // 60)
