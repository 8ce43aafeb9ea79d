"""Charts that slides ask for with a fence, in a browser: seen, opened, step by step, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browsing import wait_until
from support.measured import two_measurements
from support.second_talk import SETTINGS

from pipeline.config import load_config
from pipeline.pages.speaker import write_speaker_pages
from pipeline.slides.layouts import load_layouts
from pipeline.talk import load_talk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHART = """\
---
layout: figure
title: Bars
---
::: left
```chart
kind: bars
values: hash.*.insert.ns
alt: Robin Hood is faster
step: each
```
:::
"""
SEEN = "name => document.querySelector(`#bars svg${name}`).checkVisibility()"


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("charts")
    (root / "deck" / "slides").mkdir(parents=True)
    (root / "talk.toml").write_text(SETTINGS, "utf-8")
    (root / "deck" / "slides" / "01-bars.md").write_text(CHART, "utf-8")
    talk = load_talk(load_config(root), two_measurements(), load_layouts())
    write_speaker_pages(talk, root / "out", root / ".cache")
    return root / "out" / "index.html"


@pytest.fixture
def page(browser: Any, deck: Path) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
    page.goto(deck.as_uri())
    page.wait_for_selector("html[data-ready]")
    yield page
    context.close()
    assert complaints == []


def test_bars_come_one_by_one_and_open_their_run(page: Any) -> None:
    """A click each; the number at a bar's end says where it comes from."""
    shown = "document.querySelectorAll('#bars svg.wide .fragment.visible[data-part=bar]').length"
    for bars in range(3):
        assert page.evaluate(shown) == bars
        page.keyboard.press("ArrowRight")
    page.click("#bars svg.wide .measured >> nth=1")
    wait_until(page, "document.querySelector('#measured').open")
    assert "hash.json" in page.inner_text("#measured")


def test_a_phone_shows_the_drawing_that_is_made_for_it(page: Any) -> None:
    """And no other screen does."""
    assert [page.evaluate(SEEN, name) for name in (".wide", ":not(.wide)")] == [True, False]
    page.set_viewport_size({"width": 390, "height": 844})
    wait_until(page, f"!({SEEN})('.wide')")
    assert page.evaluate(SEEN, ":not(.wide)")
