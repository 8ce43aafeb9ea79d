"""A PowerPoint file as people make them, for tests: python-pptx writes it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from support.imported import DECKS


def made_pptx(path: Path) -> Path:
    """Six slides: a title, levels, two columns, a table, a picture with a chart, a hidden one."""
    show: Any = Presentation()
    layouts = {layout.name: layout for layout in show.slide_layouts}
    show.core_properties.title, show.core_properties.author = "Bikes in the rain", "Lou Marsh"
    first = show.slides.add_slide(layouts["Title Slide"])
    first.shapes.title.text = "Bikes in the rain"
    first.placeholders[1].text = "What a winter of commuting taught us"
    first.notes_slide.notes_text_frame.text = (
        "Good evening. I have ridden to work through every rain of this winter.\n"
        "Let me tell you what broke, and what didn't."
    )
    second = show.slides.add_slide(layouts["Title and Content"])
    second.shapes.title.text = "What breaks *first*"
    frame = second.placeholders[1].text_frame
    frame.text = "Brakes"
    for words, level in (("Pads: every 900 km", 1), ("Cables", 1), ("Chain {% oil %}", 0)):
        paragraph = frame.add_paragraph()
        run = paragraph.add_run()
        run.text, paragraph.level = words, level
    run.font.bold = True
    run.hyperlink.address = "https://example.org/oil"
    third = show.slides.add_slide(layouts["Two Content"])
    third.shapes.title.text = "Before and after"
    third.placeholders[1].text, third.placeholders[2].text = "Wet feet", "Dry feet"
    fourth = show.slides.add_slide(layouts["Title Only"])
    fourth.shapes.title.text = "Costs"
    table = fourth.shapes.add_table(3, 2, Inches(1), Inches(2), Inches(8), Inches(2)).table
    for at, text in enumerate(("Part", "Price", "Pads", "$12", "A | B", "<none>")):
        table.cell(at // 2, at % 2).text = text
    fifth = show.slides.add_slide(layouts["Title Only"])
    fifth.shapes.title.text = "Kilometres"
    picture = (DECKS / "img" / "servers.png").read_bytes()
    shown = fifth.shapes.add_picture(io.BytesIO(picture), Inches(1), Inches(2), Inches(4))
    shown._element.nvPicPr.cNvPr.set("descr", "A rack of wheels")
    data = CategoryChartData()
    data.categories = ["Jan", "Feb"]
    data.add_series("km", (120, 95))
    kind = XL_CHART_TYPE.COLUMN_CLUSTERED
    fifth.shapes.add_chart(kind, Inches(5), Inches(2), Inches(4), Inches(3), data)
    hidden = show.slides.add_slide(layouts["Title Only"])
    hidden.shapes.title.text = "Old prices"
    hidden._element.set("show", "0")
    show.save(str(path))
    return path
