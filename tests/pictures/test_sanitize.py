"""The talk's own drawings: what could run, load or reach out is an error with its line."""

from __future__ import annotations

import random
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.made_up import made_up
from support.needs import ROOT

from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.pictures.drawings import drawing_texts, load_drawings
from pipeline.pictures.picture import Picture
from pipeline.pictures.sanitize import sanitized
from pipeline.pictures.svg import Styles, inline, read_vector, standalone
from pipeline.problems import Source, TalkError

HERE = Source(Path("dog.svg"))
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' viewBox="0 0 400 300"><title>A box</title><desc>A grey box</desc>\n'
)
DRAWINGS = sorted((ROOT / "deck" / "drawings").glob("*.svg"))


def drawing(inside: str) -> str:
    """What stands inside is on line 2."""
    return f"{HEAD}{inside}\n</svg>\n"


def shown(inside: str) -> str:
    """A drawing as it stands in a page, with its styles and as a file of its own."""
    root = sanitized(drawing(inside), HERE).root
    made = Picture("dog", ElementTree.tostring(root, "unicode"), "A box", "A grey box")
    vector, styles = read_vector(made), Styles()
    return inline(vector, "use", None, styles) + styles.css + standalone(vector, "index.html")


FORMS = {"an attribute": '<rect {}="{}"/>', "a style": '<rect style="{}:{}"/>'}
ATTACKS = {
    # Elements, in any capitals and namespace.
    "script": "<script>hit()</script>",
    "script in capitals": "<SCRIPT>hit()</SCRIPT>",
    "script in a namespace": '<s:script xmlns:s="http://www.w3.org/2000/svg">hit()</s:script>',
    "script in a description": "<g><desc><script>hit()</script></desc></g>",
    "html": '<p><video src="http://evil.invalid/x" autoplay=""/></p>',
    "html by its namespace": '<h:img xmlns:h="http://www.w3.org/1999/xhtml" src="x"/>',
    "html in no namespace": '<img xmlns="" src="x"/>',
    "html inside": "<foreignObject><p>x</p></foreignObject>",
    "html inside, small": "<foreignobject/>",
    "frame": '<iframe src="http://evil.invalid"/>',
    "picture": '<image href="http://evil.invalid/x.png"/>',
    "picture in a filter": '<filter id="f"><feImage href="http://evil.invalid/x"/></filter>',
    "set": '<a><set attributeName="href" to="javascript:hit()"/><text>x</text></a>',
    "animate": '<a href="#x"><animate attributeName="href" values="javascript:hit()"/></a>',
    "motion": '<rect><animateMotion path="M0 0"/></rect>',
    "listener": '<handler type="text/ecmascript">hit()</handler>',
    "font": '<font-face-uri href="http://evil.invalid"/>',
    "cursor": '<cursor href="http://evil.invalid/x.png"/>',
    "title with html": "<title><b>x</b></title>",
    # Attributes.
    "handler": '<rect onclick="hit()"/>',
    "handler in capitals": '<rect ONCLICK="hit()"/>',
    "handler of tomorrow": '<rect onsomething="hit()"/>',
    "handler of a root": '<g onload="hit()"/>',
    "target": '<a href="#x" target="_top"><text>x</text></a>',
    "ping": '<a href="#x" ping="http://evil.invalid"><text>x</text></a>',
    "link with a script": '<a href="javascript:hit()"><text>x</text></a>',
    "link with a script, spaced": '<a href=" java&#10;script:hit()"><text>x</text></a>',
    "link by xlink": '<a xlink:href="data:text/html,hit"><text>x</text></a>',
    "link elsewhere": '<a href="https://evil.invalid/"><text>x</text></a>',
    "link to another file": '<a href="other.html#x"><text>x</text></a>',
    "link without a scheme": '<a href="//evil.invalid/#x"><text>x</text></a>',
    "use elsewhere": '<use href="http://evil.invalid/x#a"/>',
    "use of data": '<use xlink:href="data:image/svg+xml,%3Csvg/%3E#a"/>',
    "gradient elsewhere": '<linearGradient id="g" href="x.svg#a"/>',
    "reference on a shape": '<rect href="#/slide"/>',
    "id with markup": '<g id="a&quot;&gt;&lt;script&gt;"/>',
    "source": '<rect src="http://evil.invalid"/>',
    "unknown": '<rect fil="red"/>',
    # Values, written as attributes or styles.
    **{
        f"{name}: {value} as {form}": template.format(name, value)
        for name, value in (
            ("fill", "url(http://evil.invalid/x#a)"),
            ("fill", "URL( //evil.invalid/x )"),
            ("stroke", "url(&quot;http://evil.invalid/x#a&quot;)"),
            ("fill", "\\75rl(http://evil.invalid/x)"),
            ("fill", "u\\72 l(http://evil.invalid/x)"),
            ("mask", "url(other.svg#m)"),
            ("clip-path", "url(http://evil.invalid#c)"),
            ("filter", "url('data:image/svg+xml,x#f')"),
            ("marker-end", "url(//evil.invalid#m)"),
            ("fill", "var(--x, url(http://evil.invalid))"),
            ("fill", "image-set('http://evil.invalid/x' 1x)"),
            ("fill", "src('http://evil.invalid')"),
            ("fill", "attr(href url)"),
            ("fill", "red}&lt;/style&gt;&lt;script&gt;hit()&lt;/script&gt;"),
            ("fill", "red/*&lt;/style&gt;*/"),
            ("font-family", "'&lt;/style&gt;&lt;script&gt;'"),
            ("font-family", "a\\3c /style\\3e "),
            ("transform", "matrix(1 0 0 1 0 0) expression(hit())"),
            ("fill", "red;{{}}"),
        )
        for form, template in FORMS.items()
        if form == "an attribute" or not value.endswith(("*/", ";{{}}"))
    },
    "style that opens a rule": '<rect style="fill:red}body{background:url(http://x)}.z{"/>',
    "style that ends one": '<rect style="fill:red;}&lt;/style>&lt;script>"/>',
    "style with an import": '<rect style="@import url(http://evil.invalid);fill:red"/>',
    "style of another language": '<rect style="fill red"/>',
    # Style sheets.
    "import": "<style>@import url(http://evil.invalid/x);</style>",
    "font face": "<style>@font-face{font-family:a;src:url(http://evil.invalid)}</style>",
    "media": "<style>@media print{rect{fill:red}}</style>",
    "sheet that loads": "<style>rect{fill:url(http://evil.invalid)}</style><rect/>",
    "sheet with a nested rule": "<style>rect{fill:red;.deck{display:none}}</style><rect/>",
    "sheet that looks at attributes": '<style>[href^="x"]{fill:red}</style>',
    "sheet that looks outside": "<style>.reveal rect{fill:red}</style>",
    "sheet without a name": "<style>{fill:red}</style>",
    "sheet cut off": "<style>rect</style>",
    # What would stop the browser.
    "use of itself": '<g id="a"><use href="#a"/></g>',
    "pattern of itself": '<pattern id="p"><rect fill="url(#p)"/></pattern><rect fill="url(#p)"/>',
    "a million": "".join(
        f'<g id="a{n}">' + f'<use href="#a{n - 1}"/>' * 30 + "</g>" for n in range(1, 6)
    )
    + '<g id="a0"><rect/></g>',
    "too deep": "<g>" * 80 + "</g>" * 80,
}


@pytest.mark.parametrize("inside", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_one_error_with_its_line(tmp_path: Path, inside: str) -> None:
    """Refused before it is a picture: no page can have it."""
    (tmp_path / "dog.svg").write_text(drawing(inside), encoding="utf-8")
    with pytest.raises(TalkError) as caught:
        load_drawings(tmp_path, Numbers(NOTHING))
    line = 1 if "a5" in inside else 2  # repeating too much is of the whole
    assert str(caught.value).startswith(f"{tmp_path / 'dog.svg'}:{line}: ")
    assert caught.value.hint


HARMLESS = {
    "sheet that reaches for the deck": "<style>.reveal{display:none}</style>",
    "sheet with unknown properties": "<style>rect{behavior:url(x);cursor:url(x)}</style><rect/>",
    "style with unknown properties": '<rect style="-moz-binding:url(http://evil.invalid#x)"/>',
    "custom property": '<rect style="--x:url(http://evil.invalid)"/>',
    "class of the deck": '<text class="measured fragment hidden">0.999</text>',
    "claim to be measured": '<text><tspan data-at="finetuned.f1">0.999</tspan></text>',
    "step of reveal": '<g class="step-1" data-fragment-index="3"/>',
    "metadata": "<metadata><x>secret</x></metadata>",
    "metadata deep inside": "<g><metadata>secret</metadata></g>",
    "another program's": '<i:x xmlns:i="urn:inkscape" i:y="http://evil.invalid">secret</i:x><g/>',
    "base": '<g xml:base="http://evil.invalid/"><use href="#x"/></g>',
    "comment": "<!-- secret <script> -->",
    "instruction": "<?xml-stylesheet href='http://evil.invalid'?>",
    "text with markup": "<text>&lt;script&gt;&lt;/script&gt; <![CDATA[</svg><img src=x>]]></text>",
    "description with markup": "<g><desc>&lt;/desc&gt;&lt;script&gt;</desc></g>",
    "comment in a style": '<rect style="fill:red/*&lt;/style>secret*/"/>',
}


@pytest.mark.parametrize("inside", HARMLESS.values(), ids=HARMLESS)
def test_what_is_left_out_reaches_no_page(inside: str) -> None:
    """Neither in the page, nor in its styles, nor in the picture's own file."""
    made = shown(inside)
    for word in ("evil.invalid", "secret", "<script", "<img", "reveal", "display", "measured"):
        assert word not in made
    for word in ("data-at", "fragment", "hidden ", "url(x)", "<!--", "<?", "</style>s"):
        assert word not in made


def test_other_programs_drawings_are_taken() -> None:
    """Inkscape's file shows what it showed: gradients, styles, spaces in a text."""
    made = shown(
        '<s:namedview xmlns:s="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" s:zoom="1"/>'
        '<defs id="d"><linearGradient id="lg"><stop offset="0" style="stop-color:#ff0000"/>'
        '</linearGradient></defs><g xmlns:i="http://www.inkscape.org/namespaces/inkscape"'
        ' i:label="Layer 1"><rect style="fill:url(#lg);-inkscape-stroke:none;stroke-width:1"/>'
        '<text xml:space="preserve" style="font-family:\'Comic Sans MS\'">a  b</text></g>'
    )
    for part in (
        ".p0{stop-color:#ff0000}.p1{fill:url(#use.lg);stroke-width:1}",
        '<linearGradient id="use.lg">',
        '.p2{font-family:"Comic Sans MS"}',
        '<text xml:space="preserve" class="p2">a  b</text>',
        'style="fill: url(#lg); stroke-width: 1"',  # in its own file
    ):
        assert part in made
    assert "nkscape" not in made
    assert "Layer" not in made


def test_a_style_sheet_becomes_styles_of_its_elements() -> None:
    """In CSS's order: names, classes, ids, later rules, and last what an element says itself."""
    root = sanitized(
        drawing(
            "<style>#one{fill:#111} .a.b{fill:#222} .a{fill:#333;stroke:red} rect{fill:#444;"
            "opacity:.5} .a{stroke:blue} *{stroke-width:2}</style>"
            '<rect id="one" class="a b"/><rect class="a b step-2"/><rect class="b"/>'
            '<rect class="a" style="stroke:none!important"/><text>x</text>'
        ),
        HERE,
    ).root
    styles = [dict(re.findall(r"([\w-]+): ([^;]+)", e.get("style", ""))) for e in root[2:]]
    assert [style.get("fill") for style in styles] == ["#111", "#222", "#444", "#333", None]
    assert [style.get("stroke") for style in styles] == ["blue", "blue", None, "none", None]
    assert [style.get("opacity") for style in styles] == [".5", ".5", ".5", ".5", None]
    assert {style["stroke-width"] for style in styles} == {"2"}
    assert [e.get("class") for e in root[2:]] == [None, "step-2", None, None, None]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<svg", "dog.svg:1: not valid SVG: unclosed token: line 1, column 0"),
        (
            HEAD + "\x01",
            "dog.svg:2: not valid SVG: not well-formed (invalid token): line 2, column 0",
        ),
        (HEAD + "&nbsp;</svg>", "dog.svg:2: not valid SVG: undefined entity: line 2, column 0"),
        ("<p/>", "dog.svg: not an SVG: its outermost element is no <svg>"),
        (
            '<!DOCTYPE svg [\n<!ENTITY a "aaaa">\n<!ENTITY b "&a;&a;&a;">]><svg/>',
            "dog.svg:2: the drawing declares an entity, `a`",
        ),
        (
            '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg/>',
            "dog.svg:1: the drawing declares an entity, `a`",
        ),
        (drawing("").replace("title", "g"), "dog.svg: the drawing has no <title>"),
        (drawing("").replace("desc", "g"), "dog.svg: the drawing has no <desc>"),
    ],
)
def test_what_is_no_drawing_is_said(tmp_path: Path, text: str, message: str) -> None:
    """Broken XML with its line, entities, and a drawing that says nothing in words."""
    (tmp_path / "dog.svg").write_text(text, encoding="utf-8")
    with pytest.raises(TalkError) as caught:
        load_drawings(tmp_path, Numbers(NOTHING))
    assert str(caught.value).removeprefix(f"{tmp_path}/") == message


def test_a_doctype_alone_is_no_fault(tmp_path: Path) -> None:
    """Many programs write one; nothing is fetched for it."""
    doctype = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://evil.invalid/svg11.dtd">'
    (tmp_path / "dog.svg").write_text(f'<?xml version="1.0"?>{doctype}{drawing("")}', "utf-8")
    assert "evil" not in load_drawings(tmp_path, Numbers(NOTHING))["dog"].svg


@pytest.mark.parametrize("name", [".#dog.svg", "My Flow.svg", "Flow.SVG", 'a"><img src=x>.svg'])
def test_a_name_that_no_address_can_have_is_no_drawings(tmp_path: Path, name: str) -> None:
    """A drawing's name stands in ids and addresses; a slide can show such a file by its path."""
    (tmp_path / name).write_text("no SVG at all", encoding="utf-8")
    assert load_drawings(tmp_path, Numbers(NOTHING)) == {}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_drawing_has_a_name_in_any_letters(tmp_path: Path, form: str) -> None:
    """A Mac writes `ü` as two signs; the name is the same."""
    path = tmp_path / unicodedata.normalize(form, "müll.svg")
    path.write_text(drawing(""), encoding="utf-8")
    assert list(load_drawings(tmp_path, Numbers(NOTHING))) == ["müll"]


def test_only_drawings_that_are_wanted_are_read(tmp_path: Path) -> None:
    """A file of another program may lie among them: a slide shows it by its path."""
    (tmp_path / "dog.svg").write_text(drawing(""), encoding="utf-8")
    (tmp_path / "boxes.svg").write_text("no SVG at all", encoding="utf-8")
    assert list(load_drawings(tmp_path, Numbers(NOTHING), {"dog"})) == ["dog"]
    with pytest.raises(TalkError, match="not valid SVG"):
        load_drawings(tmp_path, Numbers(NOTHING), {"boxes"})


def test_a_drawing_without_words_can_be_shown_as_it_is(tmp_path: Path) -> None:
    """The hint says how."""
    (tmp_path / "boxes.svg").write_text(drawing("").replace("title", "g"), encoding="utf-8")
    with pytest.raises(TalkError) as caught:
        load_drawings(tmp_path, Numbers(NOTHING))
    assert "![what it shows](drawings/boxes.svg)" in caught.value.hint


def test_numbers_in_a_drawing_are_the_runs(tmp_path: Path) -> None:
    """In its text they can be opened, in its own colour; title and description have them too."""
    inside = (
        '<text fill="red">of {{ data.messages | count }} <tspan fill="blue">'
        "{{ finetuned.f1 | num }}</tspan> and {{ data.name }}</text>"
    )
    text = drawing(inside).replace("A box", "{{ data.messages | count }} boxes")
    (tmp_path / "dog.svg").write_text(text, encoding="utf-8")
    picture = load_drawings(tmp_path, Numbers(made_up()))["dog"]
    assert picture.title == "5,574 boxes"
    root = ElementTree.fromstring(picture.svg)
    assert "".join(root[2].itertext()) == "of 5,574 0.95 and SMS Spam Collection"
    numbers = [(e.get("data-at"), e.get("style")) for e in root.iter() if e.get("class")]
    assert numbers == [
        ("data.messages", "text-decoration-color: red"),
        ("finetuned.f1", "text-decoration-color: blue"),
    ]
    assert read_vector(picture).places == ("data.messages", "finetuned.f1")
    (tmp_path / "dog.svg").write_text(drawing("<text>\n{{ data.mesages | count }}</text>"), "utf-8")
    with pytest.raises(TalkError, match=r"dog.svg:3: data has no `mesages`"):
        load_drawings(tmp_path, Numbers(made_up()))


def test_the_words_of_a_drawing_know_their_lines(tmp_path: Path) -> None:
    """As they are written, before anything is filled: what the number check reads."""
    (tmp_path / "dog.svg").write_text(drawing("<g>\n<text>{{ a }}</text></g>"), encoding="utf-8")
    found = [(key, text, source.line) for key, text, source in drawing_texts(tmp_path / "dog.svg")]
    assert found == [("title", "A box", 1), ("desc", "A grey box", 1), ("text", "{{ a }}", 3)]


def test_our_own_drawings_come_through_as_they_are() -> None:
    """Nothing of them is left out but the white space between elements."""
    assert DRAWINGS
    for path in DRAWINGS:
        text = path.read_text("utf-8")
        before, after = ElementTree.fromstring(text), sanitized(text, Source(path)).root
        for one, other in zip(before.iter(), after.iter(), strict=True):
            one.attrib.pop("aria-labelledby", None)
            assert (one.tag, one.attrib, one.text) == (other.tag, other.attrib, other.text)


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_a_damaged_drawing_is_an_error_or_a_drawing(path: Path) -> None:
    """Letters changed, taken out, put in: never a traceback, in any page."""
    text, seeded = path.read_text("utf-8"), random.Random(path.stem)
    for _ in range(150):
        damaged = list(text)
        for _ in range(seeded.randint(1, 3)):
            at = seeded.randrange(len(damaged))
            damaged[at : at + seeded.randint(0, 4)] = seeded.choice(
                [
                    "",
                    "<",
                    ">",
                    '"',
                    "&",
                    "/",
                    "=",
                    "{",
                    "\x7f",
                    "\ufffe",
                    "url(",
                    "ellipse",
                    "é",
                    " ",
                ]
            )
        try:
            root = sanitized("".join(damaged), Source(path)).root
            vector = read_vector(Picture("dog", ElementTree.tostring(root, "unicode"), "t", "d"))
        except TalkError:
            continue
        styles = Styles()
        ElementTree.fromstring(standalone(vector, "index.html"))
        ElementTree.fromstring(inline(vector, "use", None, styles))
