"""Formulas on the pages: in their face, in the right size, on a phone, and nowhere without need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from support.published import no_camera, published, small_talk
from support.second_talk import write_second_talk

from pipeline.publish.site import Published

pytestmark = pytest.mark.slow

SLIDE = r"""---
layout: text
title: The loss $\ell$ of $5 a run
---
::: left
It is $-\log p$, as $\frac{1}{n}$ of all:

$$
L(\theta) = \left( \frac{\sum_{i=1}^{n} x_i}{\sqrt{n}} \right)^2
$$
:::
::: right
| $\eta$ | step |
|---|---|
| $10^{-3}$ | 1 |

$$
a + b + c + d + e + f + g + h + i + j + k + l = m
$$
:::
"""


def site_of(root: Path, slide: str) -> Published:
    write_second_talk(root / "talk")
    (root / "talk" / "deck" / "slides" / "02-steps.md").write_text(slide, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        no_camera(patch)
        return published(small_talk(root / "talk"), root / "out", single_file=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site_of(tmp_path_factory.mktemp("formulas"), SLIDE).folder


def test_the_face_comes_with_the_first_formula(site: Path, tmp_path: Path) -> None:
    """Its file, rules and licence are there with a formula, inside the single file, too."""
    face = TTFont(site / "math.woff2")
    assert {*map(ord, "∑√θηℓ")} | {0x1D703, 0x1D702} <= set(face.getBestCmap())  # θ and η slanted
    assert len(face["MATH"].table.MathVariants.VertGlyphConstruction) > 5
    assert len((site / "math.woff2").read_bytes()) < 22_000
    assert "math.woff2" in (site / "deck.css").read_text("utf-8")
    assert "math.woff2" in (site / "reading.html").read_text("utf-8")
    assert "STIX Two Math" in (site / "licences.html").read_text("utf-8")
    whole = (site / "offline.html").read_text("utf-8")
    assert "math.woff2" not in whole
    assert whole.count("data:font/woff2;base64,") == 2
    bare = site_of(tmp_path, SLIDE.partition("---\n::: left")[0].replace("$", "") + "---\nNone\n")
    assert not (bare.folder / "math.woff2").exists()
    assert "STIX" not in (bare.folder / "deck.css").read_text("utf-8")
    assert "STIX" not in (bare.folder / "licences.html").read_text("utf-8")


def test_a_title_with_a_formula_is_said_everywhere(site: Path) -> None:
    """In the time line's label, which has no markup."""
    page = (site / "index.html").read_text("utf-8")
    assert "The loss ℓ of $5 a run" in page


@pytest.mark.browser
@pytest.mark.slow
def test_formulas_are_drawn_as_they_should(browser: Any, site: Path) -> None:
    """In their face: large on display, as the text in a line, brackets as high as needed."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto((site / "index.html").as_uri() + "#/steps")
    page.wait_for_selector("html[data-ready]")
    page.evaluate("document.fonts.ready.then(() => true)")
    assert page.evaluate(
        "[...document.fonts].some(f => /STIX/.test(f.family) && f.status == 'loaded')"
    )
    size = "one => parseFloat(getComputedStyle(one).fontSize)"
    high = "one => one.getBoundingClientRect().height"
    assert page.locator("#steps .formula math").first.evaluate(size) >= 32
    line, math = (page.locator(f"#steps .left p{of}").first.evaluate(size) for of in ("", " math"))
    assert 1 <= math / line <= 1.15
    bracket, x = (
        page.locator(f"#steps .formula {of}").first.evaluate(high) for of in ("mo[fence]", "mi")
    )
    assert bracket > 2.5 * x
    page.close()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("name", ["index", "reading"])
def test_a_phone_pushes_a_wide_formula_aside(browser: Any, site: Path, name: str) -> None:
    """It is wider than its box, the page isn't wider than the phone, and axe has no complaint."""
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": 390, "height": 844}, bypass_csp=True)
    page.goto((site / f"{name}.html").as_uri())
    page.wait_for_timeout(300)
    wide = """() => [...document.querySelectorAll('.formula')]
        .filter(f => f.scrollWidth > f.clientWidth)"""
    assert page.evaluate(f"({wide})().length") == 1
    assert page.evaluate(f"({wide})()[0].tabIndex") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    faults = [(f["id"], f["nodes"][0]["html"]) for f in Axe().run(page).response["violations"]]
    page.close()
    assert faults == []
