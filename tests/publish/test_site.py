"""The public site: what is in it, how large, and that nothing of others is ever lost."""

from __future__ import annotations

import gzip
import re
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pypdf
import pytest
from msgspec.structs import replace
from support.made_up import made_up_results
from support.needs import posix
from support.published import ADDRESS, no_camera, png, published, small_talk, this_talk

from pipeline.export import chromium as browser
from pipeline.export import pdf
from pipeline.problems import TalkError
from pipeline.publish import metadata
from pipeline.publish.metadata import base_address
from pipeline.publish.site import Published
from pipeline.script.elements import Speech

pytestmark = pytest.mark.slow

FIRST_SLIDE = ("index.html", "deck.css", "deck.js", "reveal.js", "manrope.woff2", "favicon.svg")
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "javascript:alert(3) {{ 7 * 7 }} {% raw %} ${x}",
    "</script></style><!-- ]]> \x00\x07\u202e\u2066gnp.exe",
    '" onload="alert(4) \' & &lt;b&gt; \ue0005\ue001',
)


@pytest.fixture(autouse=True)
def _no_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    no_camera(monkeypatch)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """This talk's site with a made-up run, the single file and the transcript."""
    root = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        no_camera(patch)
        return published(this_talk(root / "talk"), root / "out", single_file=True, transcript=True)


def texts(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_site_is_small(site: Published) -> None:
    """The whole site, its first slide and the single file stay under their sizes."""
    sizes = site.sizes
    without = site.total_bytes - sizes["offline.html"] - sizes["transcript.html"]
    assert without <= 1_500_000
    first = [(site.folder / name).read_bytes() for name in FIRST_SLIDE]
    assert sum(map(len, first)) <= 300_000
    assert sum(len(gzip.compress(content)) for content in first) <= 90_000
    assert sizes["offline.html"] <= 2_000_000


def test_the_same_inputs_give_the_same_bytes(site: Published, tmp_path: Path) -> None:
    """Two publications of one talk are the same files."""
    talk = this_talk(site.folder.parents[1] / "talk")
    again = published(talk, tmp_path, single_file=True, transcript=True)
    assert texts(again.folder) == texts(site.folder)


def test_every_page_says_what_it_is(site: Published) -> None:
    """Title, description, canonical address, cards with a whole address, language, icon."""
    pages = [name for name in site.sizes if name.endswith(".html") and name != "offline.html"]
    assert sorted(pages) == [
        "404.html", "index.html", "licences.html", "reading.html", "transcript.html",
    ]  # fmt: skip
    for name in set(pages) - {"404.html"}:
        text = (site.folder / name).read_text("utf-8")
        address = f"{ADDRESS}/{'' if name == 'index.html' else name}"
        assert '<html lang="en"' in text
        assert f'<link rel="canonical" href="{address}">' in text
        assert f'<meta property="og:url" content="{address}">' in text
        assert f'<meta property="og:image" content="{ADDRESS}/card.png">' in text
        assert '<meta name="twitter:card" content="summary_large_image">' in text
        assert text.count('<meta name="description"') == 1
        assert '<link rel="icon" href="favicon.svg"' in text
        assert text.index("Content-Security-Policy") < text.index("<title>")
    for name in ("reading.html", "transcript.html", "licences.html", "404.html"):
        assert "<script" not in (site.folder / name).read_text("utf-8")


def test_search_engines_find_the_pages(site: Published) -> None:
    """The site map names each page once; robots.txt names the site map."""
    addresses = re.findall(r"<loc>(.*?)</loc>", (site.folder / "sitemap.xml").read_text())
    names = ("", "reading.html", "licences.html", "transcript.html")
    assert addresses == [f"{ADDRESS}/{name}" for name in names]
    assert f"Sitemap: {ADDRESS}/sitemap.xml" in (site.folder / "robots.txt").read_text()
    assert (site.folder / ".nojekyll").read_bytes() == b""


def test_a_talk_without_an_address_names_none(tmp_path: Path) -> None:
    """Without an address there is no site map and no canonical link, and all links are relative."""
    folder = published(small_talk(tmp_path / "bread"), tmp_path / "out").folder
    assert not (folder / "sitemap.xml").exists()
    text = (folder / "index.html").read_text("utf-8")
    assert "canonical" not in text
    assert '<meta property="og:image" content="card.png">' in text
    assert not re.search(r'(?:href|src)="(?:/|https?:)', text)


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("", ""),
        ("https://example.org", "https://example.org/"),
        ("https://example.org/a/", "https://example.org/a/"),
        ("https://example.org/a", "https://example.org/a/"),
        ("https://example.org/a/index.html", "https://example.org/a/"),
        ("https://example.html", "https://example.html/"),
    ],
)
def test_an_address_means_a_folder(address: str, base: str) -> None:
    """The site's folder, however its address is written."""
    assert base_address(address) == base


def test_the_reading_page_has_every_slide(site: Published) -> None:
    """All slides with their titles, their pictures' words and tables, and links among them."""
    talk = this_talk(site.folder.parents[1] / "talk")
    text = (site.folder / "reading.html").read_text("utf-8")
    for slide in talk.slides:
        assert f'<section id="{slide.name}"' in text
        assert slide.title.html() in text
    assert 'href="#/' not in text
    assert "fragment" not in text
    assert text.count("<figure>") == text.count("<details>") > 10
    assert "<h2" in text


def test_the_transcript_is_there_only_if_asked_for(site: Published, tmp_path: Path) -> None:
    """Its words are those that are said, without cues, notes, asides and questions."""
    talk = this_talk(site.folder.parents[1] / "talk")
    text = (site.folder / "transcript.html").read_text("utf-8")
    plain = " ".join(re.sub(r"<[^>]+>", "", text).split())
    said = [
        item for slide in talk.script.slides() for item in slide.items if isinstance(item, Speech)
    ]
    assert said[0].bare[:40] in plain.replace("&quot;", '"').replace("&#x27;", "'")
    assert "[CLICK]" not in plain
    assert "PAUSE" not in plain
    assert "transcript.html" not in published(talk, tmp_path).sizes


def test_licences_come_along(site: Published) -> None:
    """reveal.js and the typeface with their whole licences, data and model with their names."""
    text = (site.folder / "licences.html").read_text("utf-8")
    for words in (
        "Permission is hereby granted",
        "SIL OPEN FONT LICENSE",
        "CC BY 4.0",
        "Apache-2.0",
    ):
        assert words in text
    assert "MIT" in (site.folder / "offline.html").read_text("utf-8")[:500_000]


# --- Folders of others --------------------------------------------------------------------------


def test_a_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    """A folder without our list of files is neither emptied nor added to."""
    talk = small_talk(tmp_path / "bread")
    other = tmp_path / "out" / "public" / "thesis.tex"
    other.parent.mkdir(parents=True)
    other.write_text("years of work")
    with pytest.raises(TalkError, match="holds files that `publish` didn't make"):
        published(talk, tmp_path / "out")
    assert texts(tmp_path / "out") == {"public/thesis.tex": b"years of work"}


def test_a_file_of_others_is_left_alone(tmp_path: Path) -> None:
    """A file that was added to a published folder is named, and nothing changes."""
    talk = small_talk(tmp_path / "bread")
    folder = published(talk, tmp_path / "out").folder
    (folder / "thesis.tex").write_text("years of work")
    before = texts(folder)
    with pytest.raises(TalkError, match=r"a file that `publish` didn't make \(thesis.tex\)"):
        published(talk, tmp_path / "out")
    assert texts(folder) == before


def test_files_of_the_host_stay(tmp_path: Path) -> None:
    """A domain, a repository, a place for certificates; proven like all else, linked by nothing."""
    talk = small_talk(tmp_path / "bread")
    folder = published(talk, tmp_path / "out").folder
    (folder / "CNAME").write_text("talks.example.org\n")
    (folder / ".well-known").mkdir()
    (folder / ".well-known" / "security.txt").write_text("Contact: mailto:me@example.org\n")
    (folder / ".git" / "objects").mkdir(parents=True)
    (folder / ".git" / "objects" / "a1").write_bytes(b"\x00\xff")
    before = texts(folder)
    assert texts(published(talk, tmp_path / "out").folder) == before
    assert "CNAME" not in (folder / ".published").read_text("utf-8")
    (folder / "CNAME").write_text("good bread needs little more than flour water and time")
    with pytest.raises(TalkError, match="words of the script") as error:
        published(talk, tmp_path / "out")
    assert str(error.value.where) == "public/CNAME"


def test_a_list_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    """Its own files are known by their names; somebody else's are still left alone."""
    talk = small_talk(tmp_path / "bread")
    folder = published(talk, tmp_path / "out", single_file=True, transcript=True).folder
    before = texts(folder)
    (folder / "thesis.tex").write_text("years of work")
    for left in ("", "Made by `build.py publ", "\x00" * 40):
        (folder / ".published").write_text(left)
        with pytest.raises(TalkError, match=r"didn't make \(thesis.tex\)"):
            published(talk, tmp_path / "out")
    (folder / "thesis.tex").unlink()
    again = published(talk, tmp_path / "out", single_file=True, transcript=True)
    assert texts(again.folder) == before


@posix
def test_a_link_in_its_place_is_left_alone(tmp_path: Path) -> None:
    """A symbolic link where the folder should be is not followed."""
    talk = small_talk(tmp_path / "bread")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "public").symlink_to(tmp_path / "bread")
    with pytest.raises(TalkError, match="this is no plain folder"):
        published(talk, tmp_path / "out")


def test_what_is_gone_from_the_talk_is_gone_from_the_site(tmp_path: Path) -> None:
    """A publication replaces the last one as a whole."""
    talk = small_talk(tmp_path / "bread")
    assert "transcript.html" in published(talk, tmp_path / "out", transcript=True).sizes
    assert not (published(talk, tmp_path / "out").folder / "transcript.html").exists()


def test_a_full_disk_leaves_the_last_site_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No room left half-way: the site that was there stays, and no half one stays beside it."""
    talk = small_talk(tmp_path / "bread")
    folder = published(talk, tmp_path / "out", transcript=True).folder
    before, whole = texts(folder), tempfile.mkstemp
    for after in (0, 5, 10):
        left = iter(range(after))

        def full(left: Iterator[int] = left, **where: Any) -> tuple[int, str]:
            if next(left, None) is None:
                raise OSError(28, "No space left on device", "somewhere")
            return whole(**where)

        with monkeypatch.context() as patch:
            patch.setattr(tempfile, "mkstemp", full)
            with pytest.raises(OSError, match="No space left"):
                published(talk, tmp_path / "out", transcript=True)
        assert texts(folder) == before, after
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["public"]


def test_a_killed_exchange_is_put_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the two renames, the last site comes back with the next run."""
    talk = small_talk(tmp_path / "bread")
    out = tmp_path / "out"
    folder = published(talk, out).folder
    before = texts(folder)
    folder.rename(out / ".public.old")
    monkeypatch.setattr("pipeline.publish.metadata.icon", lambda _: "<svg><script/></svg>")
    with pytest.raises(TalkError, match="a picture can't have `script`"):
        published(talk, out)
    assert texts(folder) == before
    assert [path.name for path in out.iterdir()] == ["public"]


def test_no_browser_opens_what_is_not_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of the deck is proven before its picture is taken."""
    opened: list[str] = []
    monkeypatch.setattr(metadata, "card_picture", lambda *_: opened.append("page") or png())
    monkeypatch.setattr("pipeline.publish.metadata.icon", lambda _: "<svg><script/></svg>")
    with pytest.raises(TalkError, match="a picture can't have `script`"):
        published(small_talk(tmp_path / "bread"), tmp_path / "out")
    assert opened == []
    monkeypatch.undo()
    monkeypatch.setattr(metadata, "card_picture", lambda *_: opened.append("page") or png())
    published(small_talk(tmp_path / "bread"), tmp_path / "out")
    assert opened == ["page"]


def test_without_a_browser_all_the_rest_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No Chromium: no card, PDF or PowerPoint, which is said; the site is there and says so too."""
    monkeypatch.undo()
    monkeypatch.setattr(browser, "find_browser", lambda: None)
    site = published(small_talk(tmp_path / "bread"), tmp_path / "out", pdf=True, pptx=True)
    assert [str(error) for error in site.left_out] == ["there is no Chromium on this machine"]
    assert not {"card.png", "slides.pdf", "slides.pptx"} & set(site.sizes)
    text = (site.folder / "reading.html").read_text("utf-8")
    assert "og:image" not in text
    assert "slides.pdf" not in text


def test_an_equal_deck_is_printed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The PDF is kept until the deck, or the browser, is another; of several the last one."""
    printed: list[str] = []

    def export_pdf(page: Path, to: Path, *_: object, **__: object) -> Path:
        printed.append(page.read_text("utf-8"))
        paper = pypdf.PdfWriter()
        for _ in range(3):
            paper.add_blank_page(960, 540)
        paper.write(to)
        return to

    versions = ["1", "1", "1", "2"]
    monkeypatch.setattr(pdf, "export_pdf", export_pdf)
    monkeypatch.setattr(browser, "find_browser", lambda: "chromium")
    monkeypatch.setattr(browser, "browser_version", lambda: versions.pop(0))
    talk, counts = small_talk(tmp_path / "bread"), list[int]()
    for title in (talk.slides[1].title_text, talk.slides[1].title_text, "Other", "Other"):
        slide = tmp_path / "bread/deck/slides" / talk.slides[1].source.path.name
        slide.write_text(re.sub("(?m)^title: .*$", f"title: {title}", slide.read_text("utf-8")))
        made = published(small_talk(tmp_path / "bread"), tmp_path / "out", pdf=True)
        assert len(pypdf.PdfReader(made.folder / "slides.pdf").pages) == 3
        counts.append(len(printed))
    assert counts == [1, 1, 2, 3]
    assert len([*(tmp_path / "bread/.cache/publish").glob("slides-*.pdf")]) == 1


# --- Hostile messages ---------------------------------------------------------------------------


class Elements(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.handlers: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.handlers |= {key for key, _ in attrs if key.startswith("on")}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_hostile_messages_stay_text(tmp_path: Path) -> None:
    """Messages out of the data are shown as they are: no element, no handler, no template."""
    results = made_up_results()
    examples = tuple(
        replace(one, text=HOSTILE[index % len(HOSTILE)])
        for index, one in enumerate(results.examples)
    )
    results = replace(results, examples=examples)
    site = published(
        this_talk(tmp_path / "talk", results), tmp_path / "out", single_file=True, transcript=True
    )
    for name in ("index.html", "reading.html", "offline.html"):
        page = Elements((site.folder / name).read_text("utf-8"))
        for message in HOSTILE:
            shown = re.sub(
                "[\x00-\x08\x0e-\x1f\u202a-\u202e\u2066-\u2069\ue000-\uf8ff]", "\ufffd", message
            )
            assert shown in page.text, name
        assert "img" not in page.found
        assert not page.handlers
        assert "alert(3) 49" not in page.text
