"""The deck in a real browser: what fits, what moves, what opens, what a screen reader gets."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from msgspec.structs import replace
from support.browsing import axe_on_slides, show_slide, slide_names, wait_until
from support.evidence import evident
from support.made_up import made_up_results
from support.needs import ROOT
from support.pages import build_deck
from support.published import no_camera, published, this_talk
from support.second_talk import FIGURES

from pipeline.config import load_config
from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.pages.slide import DeckInput
from pipeline.pictures.charts.draw import cached_figures
from pipeline.pictures.charts.evidence import draw_evidence
from pipeline.pictures.diagrams.draw import draw_diagrams
from pipeline.pictures.drawings import load_drawings
from pipeline.problems import Source
from pipeline.results import Results
from pipeline.slides.layouts import load_layouts
from pipeline.slides.slide import read_slides

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZES = {
    "720p": (1280, 720),
    "1080p": (1920, 1080),
    "4:3": (1024, 768),
    "phone": (390, 844),
}
SLOTS = (30, 60, 180, 150, 150, 150, 120, 180, 180, 180, 180, 180, 120, 240, 120, 240, 180, 180)
SLOTS_S = dict(enumerate((*SLOTS, 120, 120, 60, 30), 1))

# What of the deck printing may not change.
PRINTED = """() => [document.documentElement.dataset.theme, document.documentElement.className,
  Reveal.getIndices(), document.querySelectorAll('.fragment.visible').length]"""
# Says when the first slide is there.
READY = """new MutationObserver((_, observer) => {
  if (!document.documentElement?.dataset.ready) return;
  observer.disconnect();
  window.firstSlide();
}).observe(document, {subtree: true, attributes: true});"""

# Each fault of the slide that is shown, as a sentence. Lengths are in slide pixels.
FAULTS = """index => {
  const section = Reveal.getSlides()[index], slide = section.querySelector('.slide');
  const scale = Reveal.getScale(), frame = slide.getBoundingClientRect(), faults = [];
  const line = document.querySelector('.timeline').getBoundingClientRect();
  const scroll = Reveal.isScrollView();
  const seen = e => e.checkVisibility({visibilityProperty: true, opacityProperty: true})
    && !e.closest('.hidden');
  const name = e => `${e.tagName.toLowerCase()}.${e.getAttribute('class') || ''} `
    + `"${e.textContent.trim().slice(0, 30)}"`;
  const boxes = [];
  const walker = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.data.trim() || !seen(parent) || parent.closest('title, desc, style')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    let size = parseFloat(getComputedStyle(parent).fontSize);
    if (parent.ownerSVGElement) size *= parent.getScreenCTM().a / scale;
    const least = parent.closest('.foot, .run-marks') ? 16 : scroll ? 22 : 24;
    const drawn = scroll && parent.ownerSVGElement;
    if (size > 0 && size < least - 0.05 && !drawn)
      faults.push(`${name(parent)} is ${size.toFixed(1)} px, under ${least}`);
    const clip = parent.closest('.message')?.getBoundingClientRect();
    for (const r of range.getClientRects()) {
      if (r.width < 1 || size === 0) continue;
      const trim = r.height * 0.2;
      if (clip && (r.top + r.bottom) / 2 > clip.bottom) continue;
      const top = Math.max(r.top + trim, clip ? clip.top : 0);
      const bottom = Math.min(r.bottom - trim, clip ? clip.bottom : 1e9);
      boxes.push({parent, left: r.left, right: r.right, top, bottom});
    }
  }
  const scrolled = e => scroll && e.closest('.layout-framework .art');
  for (const svg of slide.querySelectorAll('.picture > svg')) {
    if (!svg.checkVisibility()) continue;
    const r = svg.getBoundingClientRect();
    boxes.push({parent: svg, left: r.left, right: r.right, top: r.top, bottom: r.bottom});
    if (r.width < 40 || r.height < 40) faults.push(`${name(svg)} has no size`);
  }
  for (const card of slide.querySelectorAll('.card, .way, .result, li, td, .instead')) {
    if (!seen(card)) continue;
    const {left, right, top, bottom} = card.getBoundingClientRect();
    boxes.push({parent: card, left, right, top, bottom, block: true});
  }
  const foot = slide.querySelector('.foot').getBoundingClientRect();
  for (const box of boxes) {
    if (scrolled(box.parent)) continue;
    const over = Math.max(frame.left - box.left, box.right - frame.right, frame.top - box.top,
      box.bottom - frame.bottom) / scale;
    if (over > 1) faults.push(`${name(box.parent)} is ${over.toFixed(0)} px outside the slide`);
    if (!scroll && box.bottom > line.top + 5 * scale)
      faults.push(`${name(box.parent)} reaches the time line`);
    if (!box.parent.closest('.foot') && box.bottom > foot.top + 5 * scale && box.right > foot.left)
      faults.push(`${name(box.parent)} reaches the foot`);
  }
  const texts = boxes.filter(box => !box.block && box.parent.tagName !== 'svg');
  texts.forEach((one, index) => texts.slice(index + 1).forEach(two => {
    if (one.parent === two.parent) return;
    const wide = Math.min(one.right, two.right) - Math.max(one.left, two.left);
    const high = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
    if (wide > 2 * scale && high > 2 * scale)
      faults.push(`${name(one.parent)} lies over ${name(two.parent)}`);
  }));
  for (const e of slide.querySelectorAll('.card, .way, .result, li, td, .part, .head, h1, p')) {
    if (e.closest('.hidden') || !seen(e)) continue;
    if (e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).display !== 'inline')
      faults.push(`${name(e)} is wider than its box`);
  }
  return faults;
}"""


def deck_input(
    results: Results,
    slides: Path | None = None,
    address: str = "",
    drawn: Results | None = None,
) -> DeckInput:
    """This talk with a run; its charts are those of the run `drawn`, if one is given."""
    config = load_config(ROOT)
    config = replace(config, talk=replace(config.talk, address=address))
    measured = evident(results)
    numbers = Numbers(measured)
    made = read_slides(slides or ROOT / "deck/slides", load_layouts(), numbers).shown
    (figures,) = FIGURES
    pictures = {
        **cached_figures(drawn or results, figures),
        **draw_evidence(measured, figures),
        **draw_diagrams(ROOT / "deck/diagrams", numbers, {slide.name for slide in made}, figures),
        **load_drawings(ROOT / "deck/drawings", Numbers(NOTHING)),
    }
    notes = {slide.number: f"<p>Say {slide.number}.</p>" for slide in made}
    spoken = numbers.fill("{{ linear.recall.low | spoken }}", Source(ROOT))
    notes[made[1].number] += f"<p>{spoken.in_html(spoken.text)}</p>"
    return DeckInput(config, measured, made, SLOTS_S, notes, pictures, spoken=spoken.marks)


@pytest.fixture(scope="session")
def font_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("font")


@pytest.fixture(scope="session")
def deck(tmp_path_factory: pytest.TempPathFactory, font_cache: Path) -> Path:
    """The talk's own deck, from made-up results."""
    out = tmp_path_factory.mktemp("deck")
    page = deck_input(made_up_results(), address="https://example.org/talks/a-talk")
    build_deck(page, out, font_cache)
    return out / "index.html"


class Opened:
    """A page, what it asked for, and what it complained of."""

    def __init__(self, page: Any, deck: Path, query: str = "") -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._console)
        page.goto(deck.as_uri() + query)
        page.wait_for_selector("html[data-ready]")

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def faults(self) -> list[str]:
        found = []
        for index, name in enumerate(slide_names(self.page)):
            show_slide(self.page, index)
            found += [f"{index + 1} {name}: {fault}" for fault in self.page.evaluate(FAULTS, index)]
        return found


@pytest.fixture
def opened(browser: Any, deck: Path) -> Iterator[Opened]:
    page = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    yield Opened(page, deck)
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_overflows(browser: Any, deck: Path, size: str, theme: str) -> None:
    """On every slide all text lies on the slide, on nothing else, and is large enough."""
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
    faults = Opened(page, deck, f"?theme={theme}").faults()
    page.close()
    assert "\n".join(faults) == ""


MARKED = """([index, marks]) => {
  const slide = Reveal.getSlides()[index].querySelector('.slide');
  const list = document.createElement('p');
  list.className = 'run-marks';
  for (const mark of marks) {
    const shown = Object.assign(document.createElement('span'), {textContent: mark});
    shown.className = 'run-mark';
    list.append(shown);
  }
  slide.append(list);
  const head = slide.querySelector('.head, h1').getBoundingClientRect().top;
  return head - list.getBoundingClientRect().bottom;
}"""


@pytest.mark.parametrize("size", ["720p", "phone"])
def test_marks_of_runs_stay_above_the_title(browser: Any, deck: Path, size: str) -> None:
    """One that is longer than a line is cut, whatever stands before it."""
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
    Opened(page, deck)
    long = "lookup, another and a third are stale: changed: " + "a-file.csv, " * 20
    for index, marks in enumerate(([long], ["sample data", "quick run", long]), 3):
        show_slide(page, index)
        assert page.evaluate(MARKED, [index, marks]) >= 0
    page.close()


def long_results() -> Results:
    """Seven-digit counts, long names, a message of the greatest length, a rival that loses."""
    made = made_up_results()
    data = replace(
        made.data,
        source="sample",
        messages=5_574_321,
        name="Sammlung unverlangter Kurznachrichtenwerbung",
        train=replace(made.data.train, messages=4_459_457),
        validation=replace(made.data.validation, messages=557_432),
        test=replace(made.data.test, messages=557_432),
    )
    confusion = replace(
        made.finetuned.confusion,
        true_positive=70_123,
        false_positive=13_077,
        true_negative=480_222,
        false_negative=15_010,
    )
    message = "Donaudampfschifffahrtsgesellschaftskapitänsmütze " * 3 + "ruf an, 100% gratis!!"
    examples = tuple(
        replace(example, text=message) if example.id == "new-number" else example
        for example in made.examples
    )
    slow = dataclasses.replace(made.finetuned, confusion=confusion, fit_seconds=5_399.0)
    model = replace(made.model, name="AussergewöhnlichGrossesSprachmodell-1350M")
    run = replace(made.run, quick=True)
    return replace(made, run=run, data=data, finetuned=slow, examples=examples, model=model)


# One compound a slide, where that slide's layout is tightest.
COMPOUNDS = {
    "03-myth-knowledge.md": [("knowledge", "Rechtsschutzversicherungswissen")],
    "05-myth-rag-cheating.md": [("It's the calculator", "It's the Taschenrechnergenehmigung")],
    "07-myth-vibes.md": [("Show examples", "Veranschaulichungsbeispiele, examples")],
    "08-support-case.md": [("stale", "aktualisierungsbedürftig")],
    "09-reality-check.md": [("Fine-tuning |", "Feinabstimmungsverfahren |")],
    "11-glossary-one.md": [("### Embeddings", "### Worteinbettungsräume")],
    "12-glossary-two.md": [("### Overfitting", "### Überanpassungsgefahr")],
    "16-methods.md": [("**Function calling**", "**Funktionsaufrufschnittstelle**")],
    "17-pitfalls.md": [("*Measure first*", "*Vergleichsgrundlagenmessung*")],
    "18-red-flags.md": [("You chase benchmarks", "Vergleichswertoptimierung")],
    "19-cheat-sheet.md": [("A reliable assistant", "Zuverlässigkeitsprüfung")],
    "20-takeaways.md": [("A toolkit", "Ein Werkzeugkastenprinzip")],
}


@pytest.mark.parametrize("size", ["720p", "phone"])
def test_longer_numbers_and_words_still_fit(
    browser: Any, tmp_path: Path, font_cache: Path, size: str
) -> None:
    """Seven-digit counts and German compound nouns stay on their slides, too."""
    slides = tmp_path / "slides"
    slides.mkdir()
    for path in (ROOT / "deck/slides").glob("*.md"):
        text = path.read_text("utf-8")
        for old, new in COMPOUNDS.get(path.name, ()):
            assert old in text, f"{path.name} no longer has “{old}”: choose another"
            text = text.replace(old, new)
        (slides / path.name).write_text(text, "utf-8")
    build_deck(deck_input(long_results(), slides), tmp_path / "out", font_cache)
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
    # Charts of other numbers are their own tests' business: only their place counts here.
    faults = Opened(page, tmp_path / "out/index.html").faults()
    page.close()
    assert "\n".join(fault for fault in faults if "px, under" not in fault) == ""


@pytest.mark.parametrize("address", ["#/demo", "#/", "#/nowhere", '#/%22]"'])
def test_a_link_to_a_slide_leads_there_on_a_phone_too(
    browser: Any, deck: Path, address: str
) -> None:
    """Where all slides stand below each other; an address that names none leads to the first."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(deck.as_uri() + address)
    page.wait_for_selector("html[data-ready]")
    name = "demo" if address == "#/demo" else "title"
    wait_until(page, f"Reveal.getCurrentSlide().id === '{name}'")
    top = page.evaluate(f"document.querySelector('#{name}').getBoundingClientRect().top")
    assert -10 <= top <= 422
    assert failed == []
    page.close()


def test_d_darkens_the_slides_on_a_phone_too(browser: Any, deck: Path) -> None:
    """reveal.js writes the first theme's background into each slide of its scroll view."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(deck.as_uri())
    page.wait_for_selector("html[data-ready]")
    shade = "getComputedStyle(document.querySelector('.slide-background')).backgroundColor"
    assert page.evaluate(shade) == "rgb(250, 248, 244)"
    page.keyboard.press("d")
    wait_until(page, f"{shade} === 'rgb(16, 18, 24)'")
    page.close()


HOSTILE = (
    "<script>document.title='run'</script></section></div>{{ 7 * 7 }} **bold** | a | b |",
    "\U0001f389" * 80,
    "مرحبا! لقد ربحت جائزة بقيمة 1000 دولار، اتصل الآن \u202eevil\u202c",
)


@pytest.mark.parametrize("text", HOSTILE, ids=["html", "emoji", "right-to-left"])
def test_hostile_messages_stay_text(
    browser: Any, tmp_path: Path, font_cache: Path, text: str
) -> None:
    """A message out of the data is shown as it is, runs nothing and breaks nothing."""
    made = made_up_results()
    examples = tuple(replace(example, text=text) for example in made.examples)
    page_input = deck_input(replace(made, examples=examples), drawn=made)
    build_deck(page_input, tmp_path, font_cache)
    page = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    opened = Opened(page, tmp_path / "index.html")
    assert len(slide_names(page)) == 22
    assert page.title().startswith("Beyond the Hype")
    shown = page.locator("#demo .examples td").first.text_content()
    assert shown == text.replace("\u202e", "\ufffd").replace("\u202c", "\ufffd")
    faults = opened.faults()
    page.close()
    assert opened.complaints == []
    assert "\n".join(fault for fault in faults if " demo:" in fault) == ""


def test_nothing_leaves_the_machine(opened: Opened, deck: Path) -> None:
    """All requests are files of the deck's own folder, six at most, and nothing complains."""
    for index in range(22):
        show_slide(opened.page, index)
    folder = deck.parent.as_uri()
    outside = [url for url in opened.requests if not url.startswith((folder, "data:"))]
    assert outside == []
    assert len([url for url in opened.requests if not url.startswith("data:")]) <= 6
    assert opened.complaints == []


def test_keys_move_and_steps_come_in_order(opened: Opened) -> None:
    """The arrow key goes through each step of each slide once, in the slides' order."""
    steps = {slide.name: slide.steps for slide in deck_input(made_up_results()).slides}
    seen: dict[str, int] = {}
    for _ in range(sum(steps.values()) + len(steps)):
        name, step = opened.page.evaluate(
            "[Reveal.getCurrentSlide().id, Reveal.getIndices().f ?? -1]"
        )
        seen[name] = max(seen.get(name, 0), step + 1)
        opened.page.keyboard.press("ArrowRight")
    assert list(seen) == list(steps)
    assert seen == steps
    opened.page.keyboard.press("Home")
    assert opened.page.evaluate("Reveal.getIndices().h") == 0


def test_a_myth_is_struck_on_its_first_step(opened: Opened) -> None:
    """The claim is stated whole first; the first step strikes it and shows what is true."""
    opened.page.goto(opened.page.url.split("#")[0] + "#/myth-knowledge")
    struck = opened.page.locator("#myth-knowledge .struck")
    width = "e => getComputedStyle(e).backgroundSize.split(' ')[0]"
    assert struck.evaluate(width) in ("0px", "0%")
    opened.page.keyboard.press("ArrowRight")
    assert struck.evaluate(width) == "100%"
    assert opened.page.locator("#myth-knowledge .reality").is_visible()


def test_the_theme_switches_and_lasts(opened: Opened) -> None:
    """Key D switches light and dark live; the choice outlasts a reload."""
    theme = "document.documentElement.dataset.theme"
    paper = "getComputedStyle(document.body).backgroundColor"
    assert opened.page.evaluate(theme) == "light"
    before = opened.page.evaluate(paper)
    opened.page.keyboard.press("d")
    assert opened.page.evaluate(theme) == "dark"
    assert opened.page.evaluate(paper) != before
    opened.page.reload()
    opened.page.wait_for_selector("html[data-ready]")
    assert opened.page.evaluate(theme) == "dark"


def test_a_measured_number_opens_its_run(opened: Opened) -> None:
    """Enter on a number shows its unrounded value, place, counts, interval and run."""
    page = opened.page
    show_slide(page, 13)
    number = page.locator("#demo .after [data-at='finetuned.recall']")
    number.focus()
    page.keyboard.press("Enter")
    text = page.locator("dialog#measured").inner_text()
    for part in ("0.93", "unrounded 0.9333333333333333", "finetuned.recall", "70 of 75", "0.9133"):
        assert part in text
    for part in ("dddddddd", "SmolLM2-135M", "42", "2026-11-24 12:00:00", "python build.py"):
        assert part in text
    page.keyboard.press("Escape")
    assert page.locator("dialog#measured[open]").count() == 0
    assert number.evaluate("e => e === document.activeElement")
    assert page.evaluate("Reveal.isOverview()") is False


SAID = """() => {
  const notes = document.createElement("aside");
  notes.className = "notes";
  notes.innerHTML = '<span class="measured" data-at="finetuned.f1">in words</span>';
  Reveal.getCurrentSlide().append(notes);
}"""


def test_w_lists_the_numbers_of_a_slide(opened: Opened) -> None:
    """Key W lists all measured numbers of the slide, or says that there are none."""
    page = opened.page
    show_slide(page, 13)
    page.evaluate(SAID)
    page.keyboard.press("w")
    assert page.locator("dialog#measured li").count() > 10
    listed = page.locator("dialog#measured ul").inner_text()
    assert "in words" not in listed  # the script's: not for the room
    page.locator("dialog#measured li button").first.click()
    assert "unrounded 558" in page.locator("dialog#measured").inner_text()
    page.locator("dialog#measured .close").click()
    show_slide(page, 20)
    page.keyboard.press("w")
    assert "Nothing on this slide" in page.locator("dialog#measured").inner_text()


def test_both_diagrams_open_full_size(opened: Opened) -> None:
    """Each diagram's link opens its own file in a new tab; a click on the diagram does, too."""
    page = opened.page
    show_slide(page, 14)
    for name in ("pipeline", "training-loop"):
        for target in (f"a[data-full={name}]", f"[data-picture={name}] .node rect >> nth=0"):
            with page.context.expect_page() as tab:
                page.locator(f"#how-fine-tuning-works {target}").click(
                    force=True, position={"x": 8, "y": 8}
                )
            other = tab.value
            other.wait_for_load_state()
            assert other.url.endswith(f"figures/{name}.svg")
            assert other.locator("svg > title").count() == 1
            assert other.locator("text").first.bounding_box()["height"] > 20
            other.close()


def test_the_time_line_leads_to_slides(opened: Opened) -> None:
    """A piece per slide, as wide as its slot; a click goes there; the present one is marked."""
    page = opened.page
    pieces = page.locator(".timeline a")
    assert pieces.count() == 22
    widths = [pieces.nth(index).bounding_box()["width"] for index in (0, 1, 13)]
    assert widths[0] < widths[1] < widths[2]
    assert widths[2] / widths[1] == pytest.approx(4, rel=0.1)
    assert pieces.nth(13).get_attribute("aria-label").endswith("rival, 4 min")
    pieces.nth(13).click()
    wait_until(page, "Reveal.getIndices().h === 13")
    assert pieces.nth(13).get_attribute("aria-current") == "step"
    height = "e => parseFloat(getComputedStyle(e, '::before').height)"
    past, present, coming = (pieces.nth(index).evaluate(height) for index in (3, 13, 20))
    assert coming < past < present


def test_a_diagrams_nodes_lead_to_slides(opened: Opened) -> None:
    """A node of the decision framework is a link that the keyboard reaches."""
    page = opened.page
    show_slide(page, 9)
    link = page.locator("#framework svg a[href='#/myth-rag-cheating']").first
    link.focus()
    page.keyboard.press("Enter")
    wait_until(page, "Reveal.getCurrentSlide().id === 'myth-rag-cheating'")


def test_notes_are_hidden_until_asked_for(opened: Opened) -> None:
    """The audience sees no notes; key T shows them to a speaker who practises alone."""
    page = opened.page
    assert page.locator("aside.notes >> visible=true").count() == 0
    assert page.locator("#spoken").is_hidden()
    page.wait_for_selector("#spoken[data-ready]", state="attached")
    assert page.locator("aside.notes").count() == 22
    assert page.locator("aside.notes >> visible=true").count() == 0
    page.keyboard.press("t")
    assert page.locator("#spoken").inner_text() == "Say 1."
    page.keyboard.press("ArrowRight")
    number = page.locator("#spoken .measured")
    number.focus()
    page.keyboard.press("Enter")
    assert "linear.recall.low" in page.locator("dialog#measured").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Any, deck: Path, theme: str) -> None:
    """No axe-core rule is violated on any slide, in either theme."""
    page = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    opened = Opened(page, deck, f"?theme={theme}")
    found = axe_on_slides(page)
    page.close()
    assert found == []
    assert opened.complaints == []


def test_print_gives_one_page_a_slide(browser: Any, deck: Path) -> None:
    """Chromium prints exactly 22 pages: a slide that overflows would make a 23rd."""
    page = browser.new_page()
    page.goto(deck.as_uri() + "?print-pdf")
    page.wait_for_selector("html.reveal-print[data-ready]")
    page.wait_for_selector(".pdf-page .timeline", state="attached")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 22


@pytest.mark.parametrize("size", [(1280, 720), (1024, 768), (390, 844)], ids=str)
def test_control_p_prints_one_slide_a_page(browser: Any, deck: Path, size: tuple[int, int]) -> None:
    """From the open deck, dark and in the middle: 22 pages, each with its title and all steps.

    Afterwards the deck is as it was.
    """
    pypdf = pytest.importorskip("pypdf")
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    opened = Opened(page, deck, "?theme=dark#/myth-more-data")
    before = page.evaluate(PRINTED)
    page.emulate_media(media="print")  # as in the dialog: styles first, then the event
    made = page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="screen")
    pages = pypdf.PdfReader(io.BytesIO(made)).pages
    titles = page.locator(".slides section h1").all_text_contents()
    titles[20] = "Use it when it makes sense"  # this slide's title is for screen readers alone
    assert page.evaluate(PRINTED) == before
    page.close()
    assert len(pages) == len(titles) == 22
    assert {tuple(map(float, one.mediabox)) for one in pages} == {(0, 0, 960, 540)}
    said = ["".join(filter(str.isalnum, one.extract_text())) for one in pages]
    for text, title in zip(said, titles, strict=True):
        assert "".join(filter(str.isalnum, title))[:9] in text
    assert "Firstcounthowmanylabelsarewrong" in said[3]
    assert opened.complaints == []


def test_screen_readers_may_browse(opened: Opened) -> None:
    """The page has a language, no role that shuts browsing out, and a heading on each slide."""
    page = opened.page
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator(".reveal").get_attribute("role") is None
    for name in slide_names(page):
        assert page.locator(f"#{name} h1").count() == 1
        assert page.locator(f"#{name}").get_attribute("aria-labelledby") == f"{name}-title"
    for svg in page.locator(".picture > svg").all():
        assert svg.locator("> title").count() == svg.locator("> desc").count() == 1


@pytest.mark.parametrize("whose", ["speaker", "public"])
def test_the_first_slide_needs_few_bytes(
    browser: Any, deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    """All that a browser asks for until this talk's first slide is there: 300 kB, 90 kB gzipped."""
    import gzip

    folder = deck.parent
    if whose == "public":
        no_camera(monkeypatch)
        folder = published(this_talk(tmp_path / "talk"), tmp_path / "out").folder
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    asked: list[str] = []
    until_ready: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.expose_function("firstSlide", lambda: until_ready.extend(asked))
    page.add_init_script(READY)
    page.goto((folder / "index.html").as_uri())
    page.wait_for_selector("html[data-ready]")
    page.wait_for_timeout(200)
    page.close()
    files = [Path(unquote(urlsplit(one).path)) for one in until_ready if one.startswith("file:")]
    needed = {"index.html", "deck.css", "reveal.js", "deck.js", "manrope.woff2"}
    assert needed <= {file.name for file in files}
    contents = [file.read_bytes() for file in files]
    assert sum(map(len, contents)) <= 300_000
    assert sum(len(gzip.compress(content, 9)) for content in contents) <= 90_000
