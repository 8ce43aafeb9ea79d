"""A paragraph's Markdown: what is shown of it, and what is said."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.made_up import made_up, made_up_results

from pipeline.numbers.fill import Numbers
from pipeline.script.elements import Speech
from pipeline.script.parse import load_script
from pipeline.script.words import as_html, bare_text


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("**Model:** the `brain`", "Model: the brain"),
        ("[the page](https://example.org/1), ![a *picture*](x.png)", "the page, a picture"),
        ("- one\n- *two*\n\n1. three", "one two three"),
        ("1969. That was a year.", "1969. That was a year."),
        ("2 * 3 * 4, snake_case and __init__", "2 * 3 * 4, snake_case and init"),
        (r"AT&amp;T, \*not\* <b>", "AT&T, *not* <b>"),
        ("one\ntwo\t three", "one two three"),
        (r"It is $E = mc^2$, with $\alpha_1 \le x$", "It is E = mc², with α_1 ≤ x"),
        (r"$$\frac{a}{b}$$ and *more*", "a/b and more"),
        (r"an unknown $\bogus{x}$", r"an unknown \bogus{x}"),
        ("from $5 to $10, US$ 7 and $HOME", "from $5 to $10, US$ 7 and $HOME"),
        (
            "That is all. / Thank you, // and go. 24/7, and / or",
            "That is all. Thank you, and go. 24/7, and / or",
        ),
        ("", ""),
    ],
)
def test_markdown_is_neither_said_nor_read_off_a_screen(text: str, bare: str) -> None:
    """Marks go, what is no mark stays; the number of a list's item goes, a year stays."""
    assert bare_text(text) == bare


@given(st.text(alphabet="ab1 *_`[]()!\\&-.\n", max_size=60))
def test_what_is_said_is_what_the_notes_show(text: str) -> None:
    """The letters of a paragraph are the same in the HTML for the speaker and without it."""
    tags = r'<ol start="[0-9]+">|</?(?:p|ol|ul|li|em|strong|code|br)>'
    shown = html.unescape(re.sub(tags, " ", as_html(text)))
    assert re.findall("[ab]", shown) == re.findall("[ab]", bare_text(text))


def test_a_text_out_of_the_data_is_no_markdown(tmp_path: Path) -> None:
    """Stars around a word of a message are said to nobody, but they are the message's."""
    results = made_up_results()
    example = type(results.examples[0])(
        **{
            **{name: getattr(results.examples[0], name) for name in results.examples[0].__slots__},
            "text": "*win* _now_ [x](y)",
        }
    )
    path = tmp_path / "script.md"
    path.write_text('## SLIDE 1: A [1 minute]\n**It** says {{ example["gift-card"].text }}.\n')
    (speech,) = load_script(path, Numbers(made_up(examples=(example,)))).slides()[0].items
    assert isinstance(speech, Speech)
    assert speech.bare == "It says *win* _now_ [x](y)."
