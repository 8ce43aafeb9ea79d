"""Lengths of the talk by their names, `{{ plan.length }}`: known only once the script is timed."""

from __future__ import annotations

from typing import NoReturn

from pipeline.problems import TalkError


class PlanPath:
    """What a placeholder names of the plan. It can be shown, and nothing can depend on it."""

    __slots__ = ("at",)

    def __init__(self, at: str = "plan") -> None:
        self.at = at

    def __getattr__(self, name: str) -> PlanPath:
        if name.startswith("_"):
            raise AttributeError(name)
        return PlanPath(f"{self.at}.{name}")

    def __getitem__(self, key: object) -> PlanPath:
        return PlanPath(f"{self.at}[{key}]" if isinstance(key, int) else f"{self.at}.{key}")

    def _refuse(self, *_: object) -> NoReturn:
        raise TalkError(
            f"`{self.at}` is known only once the script is timed",
            hint="it can be shown, in header, footer and tips: {{ plan.length }}",
        )

    def __repr__(self) -> str:
        return self.at

    __str__ = __bool__ = __len__ = __iter__ = __eq__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __hash__ = None  # type: ignore[assignment]
