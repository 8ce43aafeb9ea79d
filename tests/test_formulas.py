"""Formulas become MathML, money stays money, and what can't be shown is an error with its line."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt
from support.made_up import made_up

from pipeline import formulas, tex
from pipeline.numbers.fill import Filled, Numbers
from pipeline.problems import Source, TalkError
from pipeline.slides.markdown import Markup, blocks, read, read_inline

FILE = Path("01-slide.md")

MONEY = r"""
$5 to $10
$1,000
costs $5 and $6
\$5 and \$6
US$
$HOME/x
from $5 to 10$
between $5 and US$ 10
A$5 and A$6
20 $ und 30 $
20$ to 30$
20$/month and 30$/month
$5–$10
$5-$10
$5/$6
$PATH:$HOME/bin
$TSLA and $AAPL
$TSLA/$AAPL
${a} and ${b}
${a}/${b}
$(date) and $(pwd)
$1 and $2
$1/$2
Price ($) and cost ($)
a $$$ restaurant
$$ to $$$ restaurants
$$$ and $$
Ke$ha and A$AP
R$ 10, US$ 20
**$5** or **$10**
$5M or $6M
($5) or ($6)
$5, $10 and $20
cash$flow$
$ 5 and 6 $
a \$x\$ b
$5 million and 3$
`$x$`
"$5" and "$6"
$a,$b
say $5. Or $6.
""".strip().split("\n")

FORMULAS = {
    r"$E = mc^2$": "E = mc²",
    "$x$": "x",
    "$n$th": "n",
    "$k$-means": "k",
    r"$\ell = -\sum_i y_i \log p_i$": "ℓ = − ∑_i y_i log p_i",
    r"costs \$5 and $x$": "x",
    "$5 to $x$": "x",
    "($x$)": "x",
    r"$$\frac{a}{b}$$": "a/b",
    "**$x$**": "x",
    "$5$": "5",
    "$3.14$": "3.14",
    "$5 + 5 = 10$": "5 + 5 = 10",
    "$f(x)$.": "f(x)",
    r"$O(n \log n)$": "O(n log n)",
    "$p<0.05$": "p < 0.05",
    r"$\text{loss for all } x$": "loss for all x",
    "“$x$”": "x",
    r"$\$5$": "$5",
    "$F_1$": "F_1",
    "$|x|$": "|x|",
    "$$ x = 1 $$": "x = 1",
    "text $$x$$ text": "x",
    r"$\{1, 2\}$": "{1,2}",
    "$x$s": "x",
    "$x'$": "x′",
    "$10^{-3}$": "10^(− 3)",
    r"$\theta$?": "θ",
    r"$\sqrt{a + b}$": "√(a + b)",
    r"$\mathbb{R}^n$": "ℝⁿ",
    r"$\hat{y} \le 1$": "y^^ ≤ 1",
    r"$a \iff b$": "a⇔b",
    r"$\operatorname*{arg\,max}_x f$": "arg max_x f",
}

WRONG = {
    r"\foo x": r"unknown command `\foo`",
    r"\alhpa": r"unknown command `\alhpa`",
    r"\frac{a": "a `{` is not closed",
    "a}": "a `}` closes nothing",
    r"\frac{a}": "missing at its end",
    r"\sqrt": "missing at its end",
    r"\binom n": "missing at its end",
    "a + \\": "missing at its end",
    r"\operatorname x": "missing at its end",
    r"\left( x": r"\left and \right don't belong together",
    r"x \right)": r"\left and \right don't belong together",
    "x^": "nothing follows `^` or `_`",
    "a^b^c": "two superscripts in a row",
    r"\begin{matrix} a": r"`\begin{matrix}` has no \end",
    r"\end{matrix}": r"`\end{matrix}` ends nothing",
    r"\begin{nope} a \end{nope}": "unknown environment `nope`",
    r"\begin{array}{q} a \end{array}": "columns are `l`, `c`, `r` and `|`",
    "x & y": "rows and columns stand in an environment",
    r"a \\ b": "rows and columns stand in an environment",
    "50%": "`%` means something else",
    "#1": "`#` means something else",
    r"\href{javascript:alert(1)}{x}": r"unknown command `\href`",
    r"\style{color:red}{x}": r"unknown command `\style`",
    r"\class{measured}{x}": r"unknown command `\class`",
    r"\unicode{x3c}": r"unknown command `\unicode`",
    r"\color{red} x": r"unknown command `\color`",
    r"\newcommand{\x}{\x\x}\x": r"unknown command `\newcommand`",
    r"\text{a {b}}": "braces inside a text",
    r"\hspace{a}": "is no length",
    "{" * 40 + "}" * 40: "too many braces inside each other",
    r"\left(" * 40 + r"\right)" * 40: "too much stands inside each other",
    "x" * 3000: "more than 2,000 signs",
}


def found_in(text: str) -> list[str]:
    """The formulas that a text has, as they are written."""
    markdown = MarkdownIt("commonmark", {"html": False})
    formulas.add_to(markdown)
    tokens = markdown.parse(text)
    all_of = [one for token in tokens for one in (token, *(token.children or []))]
    return [one.content for one in all_of if one.type in formulas.TOKENS]


def filled(text: str) -> Filled:
    return Filled(text, (), tuple(range(1, text.count("\n") + 2)))


def read_text(text: str) -> Markup:
    return read(filled(text), Source(FILE, 1), ())


def mathml(latex: str, *, display: bool = False) -> str:
    return formulas.read_formula(latex, filled(latex), Source(FILE, 1), display=display).mathml


@pytest.mark.parametrize("text", MONEY)
def test_money_and_names_stay_as_they_are(text: str) -> None:
    """Amounts, shell variables, cashtags and escaped dollars are no formulas."""
    assert found_in(text) == []


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_read(text: str) -> None:
    """A formula between dollars is one, and can be read where there is only text."""
    found = found_in(text)
    assert len(found) == 1
    made = formulas.read_formula(found[0], filled(text), Source(FILE, 1), display=False)
    assert made.plain == FORMULAS[text]


def test_a_formula_on_its_own_may_have_several_lines() -> None:
    """`$$` around lines is one formula on display, in a list's item, too."""
    assert found_in("$$\na\n+ b\n$$") == ["\na\n+ b\n"]
    assert len(found_in("- a\n  $$\n  x\n  $$")) == 1
    assert found_in("$$a$$ and $$b$$") == ["a", "b"]
    assert 'display="block"' in read_text("$$\na\n$$").content.html()


@pytest.mark.parametrize("latex", WRONG)
def test_what_cant_be_shown_is_an_error(latex: str) -> None:
    """What the translator would show as text, drop or run is refused, with what is wrong."""
    with pytest.raises(TalkError) as error:
        mathml(latex, display=True)
    assert WRONG[latex] in error.value.message
    assert error.value.where == Source(FILE, 1)
    assert error.value.hint


def test_an_error_has_its_line() -> None:
    """The line is the formula's own, in a paragraph of several lines, too."""
    with pytest.raises(TalkError) as error:
        read_text("One\n\ntwo\nthree $x$\nand $\\foo$")
    assert error.value.where == Source(FILE, 5)


@pytest.mark.parametrize("text", [r"a $ \alpha + 1 $", r"$\alpha never ends", "$$\n\\alpha\n"])
def test_what_begins_like_a_formula_is_one(text: str) -> None:
    """A formula with a space inside its dollars, or never closed, is said, not shown as TeX."""
    with pytest.raises(TalkError, match="begins like a formula"):
        read_text(text)


def test_only_known_elements_and_attributes() -> None:
    """Signs of HTML are text; there is no address, style, class of the page's or comment."""
    made = mathml(r'<script>"a" \text{<b onclick=x>\&amp;</b>}')
    assert "<script" not in made
    assert "<b " not in made
    tree = ElementTree.fromstring(made)
    assert {one.tag for one in tree.iter()} <= {"math", *tex._ELEMENTS}
    assert {name for one in tree.iter() for name in one.attrib} <= {"alttext", "stretchy"}


def test_the_source_stays_for_who_cant_see_it() -> None:
    """The LaTeX is the formula's alternative text."""
    assert mathml(r"\frac{a}{b} < 1").startswith(r'<math alttext="\frac{a}{b} &lt; 1">')


def test_letters_have_their_alphabets() -> None:
    """Upright, bold and other letters are signs or say so: MathML Core knows no other way."""
    assert '<mi mathvariant="normal">d</mi>' in mathml(r"\mathrm{d}x")
    assert '<mi mathvariant="normal">Γ</mi>' in mathml(r"\Gamma")
    for latex, sign in {r"\mathbf{ab}": "𝐛", r"\bm\theta": "𝜽", r"\mathcal{L}": "ℒ"}.items():
        assert sign in mathml(latex)
    assert "𝟙" in mathml(r"\mathbb{1}")


def test_a_sum_has_its_limits_above_and_below() -> None:
    """On display; in a line the browser moves them beside it."""
    for latex in (r"\sum_i^n", r"\max_x", r"\lim_{x \to 0}"):
        assert 'movablelimits="true"' in mathml(latex)
    assert "<munderover>" in mathml(r"\sum_i^n")


def test_functions_stand_apart_and_signs_close() -> None:
    """A thin space after log and none before its bracket; a minus after = is a sign."""
    assert '<mi>log</mi><mspace width="0.167em"></mspace><mi>x</mi>' in mathml(r"\log x")
    assert '<mi>log</mi><mo stretchy="false">(</mo>' in mathml(r"\log(x)")
    assert '<mo form="prefix">−</mo>' in mathml("a = -b")


def test_rows_are_aligned() -> None:
    """`aligned`, `align` and `cases` are tables with their columns' sides."""
    made = mathml(r"\begin{aligned} a &= b \\ &= c \end{aligned}", display=True)
    assert made.count("<mtr>") == 2
    assert '<mtable displaystyle="true" class="pairs">' in made
    assert 'columnalign="left"' in mathml(r"\begin{cases} 1 & a \\ 2 & b \end{cases}")
    ruled = mathml(r"\begin{array}{c|c} a & b \\ \hline c & d \end{array}")
    assert ruled.count('class="ruled"') == 3


def test_a_measured_value_stands_in_a_formula() -> None:
    """A placeholder keeps its mark, and its text stands in the alternative text."""
    numbers = Numbers(made_up())
    made = numbers.fill("$F_1 = {{ finetuned.f1 | pct }}$", Source(FILE, 1))
    content = read_inline(made, Source(FILE, 1), ()).content
    shown = made.marks[0].text
    assert f'alttext="F_1 = {shown}"' in content.html()
    assert '<mtext><data class="measured"' in content.html()
    assert "\ue000" not in content.html()


def test_a_formula_is_no_words_and_its_numbers_no_claims() -> None:
    """It counts as no word, and the checks of numbers see nothing of it but measured values."""
    made = read_text("Two words $x = 3$ and\n\n$$\ny = 4x\n$$\n")
    assert made.words == 3
    assert made.text == "Two words x = 3 and\ny = 4x"
    assert not any(sign.isdigit() for block in blocks(filled("$x = 3$ a")) for sign in block.text)


def test_a_talk_without_a_formula_needs_no_translator() -> None:
    """The translator is loaded with the first formula."""
    import subprocess
    import sys

    code = (
        "import sys; from pipeline.slides.markdown import read; from pathlib import Path\n"
        "from pipeline.numbers.fill import Filled; from pipeline.problems import Source\n"
        "read(Filled('costs $5 to $6', (), (1,)), Source(Path('a'), 1), ())\n"
        "sys.exit('latex2mathml' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_heading_that_is_a_formula_has_a_name() -> None:
    """A screen reader says a table's heading; a wide formula on display is reached by keys."""
    made = read_text("| $\\eta$ | step |\n|---|---|\n| 1 | $x$ |\n").content.html()
    assert made.count("aria-hidden") == 1
    assert '<span class="hidden">η</span></th>' in made
    wide, small = (read_text(f"$$\n{f}\n$$").content.html() for f in ("x + " * 20 + "y", "x"))
    assert 'class="formula" tabindex="0"' in wide
    assert "tabindex" not in small
