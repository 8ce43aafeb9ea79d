"""Styles hold in either direction of writing."""

import re

import pytest

from pipeline.resources import TEMPLATES

SHEETS = sorted(path for path in TEMPLATES.glob("*/*.css") if path.parent.name != "live")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
NAMED = re.compile(
    r"(?:^|;)\s*(?:(?:margin|padding|border)-(?:left|right)|left|right|float)\s*:(?! *inline)"
    r"|text-align:\s*(?:left|right)"
)
FOUR = re.compile(r"(?:^|;)\s*(?:margin|padding|inset)\s*:([^;]+)")
EITHER = {
    ".timeline": "drawn from the first slide to the last, with the slide's whole width",
    ".pdf-page .timeline": "the same",
    ".copy": "in code, which goes from left to right",
    ".listing figcaption ~ .copy": "the same",
    ".numbered .line::before": "the same",
    ".slide:has(> .cover > .bleed) .code": "a code to scan has the same ground on all sides",
    'mtd[columnalign="left"]': "formulas go from left to right",
    'mtd[columnalign="right"]': "the same",
    ".pairs > mtr > mtd:nth-child(2n + 3)": "the same",
    "mtd.ruled": "the same",
    ".screen iframe": "scaled from its left corner, whole",
    ".caption": "in the middle",
    "@page": "paper has the same edges",
}


def _sides(values):
    """The parts of `4px 0 calc(1px + 2px) 0`."""
    return re.findall(r"(?:[\w.-]*\([^()]*(?:\([^()]*\)[^()]*)*\)|[^\s()])+", values)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_rule_names_left_or_right(sheet):
    """A page from right to left is the mirror of the others: rules say where lines begin."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL)
    wrong = []
    for selector, body in RULE.findall(text):
        name = selector.strip()
        if name in EITHER or "direction: ltr" in body or "dir=" in name:
            continue
        fours = [_sides(values) for values in FOUR.findall(body)]
        uneven = any(len(sides) == 4 and sides[1] != sides[3] for sides in fours)
        if uneven or NAMED.search(body):
            wrong.append(name)
    assert not wrong
