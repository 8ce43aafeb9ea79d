"""SVG of other programs is shown as it is, without what runs, loads, or tells of its maker."""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.media import photo, svg

from pipeline.pictures.foreign import ForeignSvg, cleaned
from pipeline.problems import Source, TalkError

USED = Source(Path("02-steps.md"), 6)

INKSCAPE = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- Created with Inkscape by a.person on that.machine -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg width="210mm" height="120mm" viewBox="0 0 210 120" version="1.1" id="svg5"
  sodipodi:docname="secret plan.svg" inkscape:export-filename="/home/person/secret.png"
  xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
  xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"
  xmlns="http://www.w3.org/2000/svg">
  <sodipodi:namedview id="base" inkscape:zoom="0.7"/>
  <metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">me</rdf:RDF></metadata>
  <style>.cls-1 { fill: url(#lg1) }</style>
  <g inkscape:label="Layer 1" id="layer1"><rect class="cls-1" width="80" height="40"/>
  <text x="25" y="55"><tspan>Encoder 42</tspan></text></g>
</svg>
"""
DRAW_IO = svg(
    '<switch><foreignObject width="100%" height="100%"><div xmlns="http://www.w3.org/1999/xhtml" '
    'style="display: flex"><b>Tokenizer</b></div></foreignObject><text>Tokenizer</text></switch>'
    '<a xlink:href="https://www.drawio.com/doc" xmlns:xlink="http://www.w3.org/1999/xlink">'
    "<text>Text is not SVG</text></a>",
    'width="241px" height="61px" content="&lt;mxfile&gt;the whole document&lt;/mxfile&gt;"',
)


def clean(text: str, path: Path = Path("plan.svg")) -> ForeignSvg:
    return cleaned(text.encode(), Source(path), USED, path.name)


def test_inkscapes_file_says_nothing_of_its_maker() -> None:
    """Layers, paths, metadata and comments go; shapes, styles and words stay."""
    made = clean(INKSCAPE)
    text = made.content.decode()
    for word in (
        "secret",
        "person",
        "Inkscape",
        "inkscape",
        "sodipodi",
        "rdf",
        "DOCTYPE",
        "version",
    ):
        assert word not in text
    assert ".cls-1 { fill: url(#lg1) }" in text
    assert (made.text, round(made.width), round(made.height)) == ("Encoder 42", 2016, 1152)
    ElementTree.fromstring(text)


def test_draw_io_keeps_its_words_and_loses_its_document() -> None:
    """HTML inside it is shown; the link to its maker is no link any more."""
    made = clean(DRAW_IO)
    text = made.content.decode()
    assert "mxfile" not in text
    assert "https://" not in text.replace("http://www.w3.org", "")
    assert "<html:b>Tokenizer</html:b>" in text
    assert 'viewBox="0 0 241 61"' in text


def test_a_picture_inside_has_no_camera_in_it() -> None:
    """A photo that a program embedded is cleaned like any other."""
    import base64

    data = base64.b64encode(photo(size=(64, 64))).decode()
    text = clean(svg(f'<image href="data:image/jpeg;base64,{data}"/>')).content.decode()
    packed = text.partition("base64,")[2].partition('"')[0]
    from PIL import Image

    image = Image.open(io.BytesIO(base64.b64decode(packed)))
    assert image.format == "WEBP"
    assert not image.getexif()


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<script>1</script>", "a picture can't have a <script>"),
        ('<rect onclick="x()"/>', "a picture can't run anything: `onclick`"),
        ('<a href="javascript:1"><text>x</text></a>', "a picture can't run anything: `href=java"),
        ('<image href="https://x.invalid/a.png"/>', "a picture can't load anything from elsewhere"),
        (
            '<use href="other.svg#a"/>',
            "a picture can't load anything from elsewhere: `other.svg#a`",
        ),
        ('<style>@import "x.css";</style>', "a picture's styles can't load others"),
        ("<style>g{fill:url(https://x.invalid)}</style>", "a picture's styles can't load `https"),
        ("<style>g{fill:u\\72l(https://x.invalid)}</style>", "a picture's styles can't load"),
        ('<rect style="fill:url(//x.invalid/y)"/>', "a picture's styles can't load `//x.invalid"),
        ('<rect fill="url(http://x.invalid/y)"/>', "a picture's styles can't load `http://x.inv"),
        (
            '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="x"/></foreignObject>',
            "a picture can't have a <iframe>",
        ),
        ('<a><set attributeName="href" to="javascript:1"/></a>', "a picture can't "),
        ('<set attributeName="onload" to="x()"/>', "a picture can't run anything: `onload`"),
        (
            '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
            "references without an end",
        ),
        ('<image href="data:image/png;base64,aGVsbG8="/>', "`a picture in it` is no picture"),
        ('<image href="data:text/html,hello"/>', "a picture in it is of an unknown kind"),
    ],
)
def test_what_runs_or_loads_is_an_error_with_its_line(inside: str, message: str) -> None:
    """An <img> would do neither, but the file can be opened by itself."""
    with pytest.raises(TalkError) as caught:
        clean(svg(f"\n{inside}"))
    assert caught.value.message.startswith(message)
    assert caught.value.where == Source(Path("plan.svg"), 2)


def test_entities_are_refused() -> None:
    """A file of a few lines could stand for gigabytes."""
    text = '<!DOCTYPE svg [\n<!ENTITY a "b">]>' + svg("&a;")
    with pytest.raises(TalkError, match="declares an entity, `a`"):
        clean(text)


def test_what_would_stop_the_browser_is_refused() -> None:
    """Ten of ten of ten …: a file of a few lines draws a thing a million times."""
    groups = "".join(f'<g id="g{n}">{f"""<use href="#g{n + 1}"/>""" * 40}</g>' for n in range(4))
    with pytest.raises(TalkError, match="repeats too much"):
        clean(svg(f'{groups}<rect id="g4" width="1" height="1"/>'))


@pytest.mark.parametrize("attributes", ['width="1.2.3" height="..."', 'viewBox="0 0 .. ."'])
def test_a_size_that_is_no_number(attributes: str) -> None:
    """Read as far as it is one, or missed: never a crash."""
    with pytest.raises(TalkError, match="says no size"):
        clean(svg("<rect/>", attributes))


def test_remarks_and_hidden_layers_are_left_out() -> None:
    """Nobody sees them on the slide; in a public file anybody could."""
    text = clean(
        svg(
            "<style>/* for Kim */ rect { fill: /* or blue */ red }</style>"
            '<g style="display : none"><text>Secret one</text></g>'
            '<g display="none"><text>Secret two</text></g>'
            '<rect style="/* mine */fill:red"/><text>Shown</text>'
        )
    )
    written = text.content.decode()
    for word in ("Kim", "blue", "mine", "Secret"):
        assert word not in written
    assert "fill:  red" in written
    assert text.text == "Shown"


@pytest.mark.parametrize(
    "more",
    [
        '<use href="#a"/>',
        "<style>g { display: inline !important }</style>",
        '<set attributeName="display" to="inline" begin="1s"/>',
    ],
)
def test_a_hidden_layer_that_something_shows_stays(more: str) -> None:
    """Forms that are drawn elsewhere, and layers that come later."""
    text = clean(svg(f'<g style="display:none"><text id="a">Later</text></g>{more}'))
    assert "Later" in text.content.decode()
