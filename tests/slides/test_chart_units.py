"""How a chart's numbers are written in the language of its talk."""

from __future__ import annotations

import pytest

from pipeline.slides.chart_units import Figures, Shape
from pipeline.units import SHARE

pytestmark = pytest.mark.fast


@pytest.mark.parametrize(
    ("figures", "value", "written", "tick"),
    [
        (Figures("ms", language="de"), 1234.5, "1.234", "1.234"),
        (Figures("ms", language="de"), 41.2, "41,2", "41,2"),
        (Figures(SHARE, language="de"), 0.9333, "93,3\u00a0%", "93,33\u00a0%"),
        (Figures("", Shape("millions"), language="de"), 2.5e6, "2,5 Millionen", "2,5 Millionen"),
        (Figures("ms"), 1234.5, "1,234", "1,234"),
    ],
)
def test_numbers_are_written_as_in_the_text(
    figures: Figures, value: float, written: str, tick: str
) -> None:
    """Values and axes have the language's signs."""
    assert (figures.written(value), figures.tick(value)) == (written, tick)
