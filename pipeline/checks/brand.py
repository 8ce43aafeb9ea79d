"""A talk's own colours against each other: what a colour-blind listener could not tell apart."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.config import Config
from pipeline.palette import confusable
from pipeline.problems import Problem


def brand_problems(config: Config) -> Iterator[Problem]:
    """Opposites that look alike, in a theme whose colours the talk changes."""
    brand = config.brand
    for theme, own, colours in (
        ("light", brand.light, brand.palette.light),
        ("dark", brand.dark, brand.palette.dark),
    ):
        for one, other, whom in confusable(colours):
            named = next((name for name in (one, other) if name in own), "")
            if named:
                yield Problem(
                    f"`{one}` and `{other}` look alike in the {theme} theme ({whom})",
                    config.source("brand", theme, named),
                    "take one lighter, or a blue against an orange",
                    "warning",
                )
