"""Boxes and their printers: every box has a row in each, and nothing that is written can break out of its notation."""

import re
from importlib.resources import files
from io import BytesIO
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jacobian.errors import InputError, MissingRule
from jacobian.printing import boxes
from jacobian.printing.boxes import (
    Blank,
    Box,
    Fence,
    Fraction,
    Grid,
    Lines,
    Name,
    Number,
    Root,
    Row,
    Sub,
    SubSuper,
    Super,
    Symbol,
    Under,
    Words,
)
from jacobian.printing.latex import CLOSING, GREEK, OPENING, latex
from jacobian.printing.latex import SYMBOLS as LATEX
from jacobian.printing.mathml import SYMBOLS as MATHML
from jacobian.printing.mathml import element, mathml
from jacobian.printing.text import SAID, STANDING, alt, text, unicode
from jacobian.printing.typst import SYMBOLS as TYPST
from jacobian.printing.typst import typst

KINDS = [kind for kind in vars(boxes).values() if isinstance(kind, type) and issubclass(kind, Box) and kind is not Box]
PRINTERS = {"latex": latex, "mathml": element, "typst": typst, "text": unicode, "alt": alt}
HOSTILE = [r"\input{x} $a$ & b % # _ ^ ~", "<script>alert('x')</script>", '"><b onclick="x">', "}{ \\end{document}",
           "|‖`*", "&amp; ]]> <!--", "é δ → ⊤ ½ 日本", "", " ", "\x00\x1b\n\t", "{", "}", "\\"]

symbol = st.sampled_from(sorted(SAID))
words = st.text(max_size=6) | st.sampled_from(HOSTILE)
leaves = st.one_of(
    st.builds(Name, words, st.sampled_from([None, "italic", "upright", "bold"])), st.builds(Number, words),
    st.builds(Number, st.integers().map(str)), st.builds(Symbol, symbol, st.booleans()), st.builds(Words, words),
    st.builds(Blank, st.floats(0, 20)),
)


def _grids(inner):
    return st.integers(1, 3).flatmap(lambda n: st.lists(st.lists(inner, min_size=n, max_size=n).map(tuple), min_size=1,
                                                        max_size=3).map(tuple).map(Grid))


def _compound(inner):
    return st.one_of(
        st.builds(Row, st.lists(inner, max_size=4).map(tuple)), st.builds(Sub, inner, inner),
        st.builds(Super, inner, inner), st.builds(SubSuper, inner, inner, inner),
        st.builds(Fraction, inner, inner), st.builds(Root, inner),
        st.builds(Fence, st.sampled_from(list(OPENING)), inner, st.sampled_from(list(CLOSING))), _grids(inner),
        st.builds(Under, inner, inner),
        st.builds(Lines, st.lists(st.tuples(inner, inner, inner), min_size=1, max_size=3).map(tuple)),
    )


random_boxes = st.recursive(leaves, _compound, max_leaves=12)


def balanced(line: str) -> bool:
    """Whether braces, environments and stretched fences of LaTeX are closed, and nothing else is special."""
    plain = re.sub(r"\\[#$%&_{}]", "", line)
    depth = 0
    for mark in re.findall(r"[{}]", plain):
        depth += 1 if mark == "{" else -1
        if depth < 0:
            return False
    begun, ended = re.findall(r"\\begin\{(\w+)", line), re.findall(r"\\end\{(\w+)", line)
    stretched = len(re.findall(r"\\left(?![a-z])", line)) == len(re.findall(r"\\right(?![a-z])", line))
    rows = not re.search(r"\\\\\s*[\[*]", plain)          # TeX would read a length or a star after the end of a row
    return rows and depth == 0 and sorted(begun) == sorted(ended) and stretched and not set("#$%|~`") & set(plain)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("printer", PRINTERS)
def test_every_box_has_a_row_in_every_printer(printer, kind):
    assert PRINTERS[printer].dispatch(kind) is not PRINTERS[printer].dispatch(Box)


@pytest.mark.parametrize("printer", PRINTERS)
def test_a_box_without_a_row_is_named(printer):
    class Spiral(Box):
        pass

    with pytest.raises(MissingRule, match="Spiral has no row in jacobian/printing"):
        PRINTERS[printer](Spiral())


def test_every_printer_knows_the_same_symbols():
    assert set(LATEX) == set(MATHML) == set(TYPST) == set(SAID) == set(STANDING)


@pytest.mark.parametrize("printer", PRINTERS)
def test_an_unknown_symbol_is_named(printer):
    with pytest.raises(InputError, match="☃"):
        PRINTERS[printer](Row((Name("x"), Symbol("☃"))))


@pytest.mark.parametrize("make", [lambda: Grid(()), lambda: Grid(((),)), lambda: Lines(()),
                                  lambda: Grid(((Name("a"),), (Name("b"), Name("c"))))])
def test_matrices_and_equations_without_a_form_are_refused(make):
    with pytest.raises(InputError):
        make()


@settings(max_examples=60, deadline=None)
@given(random_boxes)
def test_latex_of_any_box_is_balanced(box):
    assert balanced(latex(box))


@settings(max_examples=60, deadline=None)
@given(random_boxes, st.booleans())
def test_mathml_of_any_box_is_xml_and_keeps_its_arity(box, display):
    arity = {"msub": 2, "msup": 2, "msubsup": 3, "mfrac": 2, "munder": 2, "mover": 2, "munderover": 3, "msqrt": 1}
    root = ElementTree.fromstring(mathml(box, display=display, alttext=alt(box)))
    assert (root.get("display") == "block") == display
    assert all(len(node) == arity.get(node.tag, len(node)) for node in root.iter())


@settings(max_examples=60, deadline=None)
@given(random_boxes)
def test_text_and_words_of_any_box_are_strings(box):
    assert isinstance(text(box), str)
    assert isinstance(alt(box), str)


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("kind", [Name, Number, Words], ids=lambda kind: kind.__name__)
def test_hostile_words_stay_words(kind, hostile):
    leaf = ElementTree.fromstring(element(kind(hostile)))
    assert not list(leaf)
    assert balanced(latex(kind(hostile)))
    assert not re.search(r"\\(input|end)\b", latex(kind(hostile)))


@pytest.mark.parametrize("mark", sorted(OPENING))
def test_fences_stretch_around_what_is_tall_only(mark):
    low, high = Fence(mark, Name("x"), ")"), Fence(mark, Fraction(Name("a"), Name("b")), ")")
    assert 'stretchy="false"' in element(low)
    assert 'stretchy="true"' in element(high)
    assert not re.search(r"\\right(?![a-z])", latex(low))
    assert re.search(r"\\right(?![a-z])", latex(high))


def W(k: int) -> Box:
    return Sub(Name("W"), Number(str(k)))


EXAMPLES = [
    (Row((Super(W(1), Symbol("⊤")), Name("δ"))),
     "W₁ᵀ δ", r"W_{1}^{\top} \delta", "W sub 1 transpose times delta"),
    (Row((Name("δ"), Symbol("∘"), Super(Name("ReLU"), Symbol("′")), Fence("(", Sub(Name("z"), Number("2")), ")"))),
     "δ ∘ ReLU′(z₂)", r"\delta \circ \mathrm{ReLU}^{\prime} ( z_{2} )",
     "delta elementwise times ReLU prime of z sub 2"),
    (Fraction(Row((Symbol("∂"), Name("L"))), Row((Symbol("∂"), W(2)))),
     "∂L/∂W₂", r"\frac{\partial L}{\partial W_{2}}", "partial L over partial W sub 2"),
    (Row((Fraction(Name("a"), Name("b")), Fraction(Name("c"), Name("d")))),
     "(a/b) (c/d)", r"\frac{a}{b} \thinspace \frac{c}{d}", "a over b times c over d"),
    (Grid(((Fence("[", Name("a"), "]"),),) * 2),
     "[[a]; [a]]", r"\left[\negthinspace\begin{array}{c} \lbrack a \rbrack \\ \lbrack a \rbrack "
     r"\end{array}\negthinspace\right]",
     "matrix of 2 by 1: row 1: open bracket a close bracket; row 2: open bracket a close bracket; end matrix"),
    (Fraction(Row((Name("a"), Symbol("+"), Name("b"))), Row((Number("2"), Name("n")))),
     "(a + b)/(2 n)", r"\frac{a + b}{2 n}", "fraction a plus b over 2 times n end fraction"),
    (Row((Fraction(Number("1"), Number("2")), Super(Fence("‖", Name("x"), "‖"), Number("2")))),
     "½ ‖x‖²", r"\frac{1}{2} \lVert x \rVert^{2}", "1 over 2 times norm of x end norm squared"),
    (Row((Symbol("−"), Name("x"), Symbol("="), Row((Symbol("−"), Super(Name("A"), Number("-1")), Name("b"))))),
     "−x = −A⁻¹ b", "- x = - A^{-1} b", "minus x equals minus A inverse times b"),
    (Grid(((Number("1"), Number("-2")), (Number("3"), Number("4")))),
     "[1 −2; 3 4]", r"\left[\negthinspace\begin{array}{rr} 1 & -2 \\ 3 & 4 \end{array}\negthinspace\right]",
     "matrix of 2 by 2: row 1: 1, minus 2; row 2: 3, 4; end matrix"),
    (Row((SubSuper(Symbol("∑"), Row((Name("i"), Symbol("="), Number("1"))), Name("n")), Sub(Name("x"), Name("i")))),
     "∑ᵢ₌₁ⁿ xᵢ", r"\sum_{i = 1}^{n} x_{i}", "sum from i equals 1 to n of x sub i"),
    (Row((Name("ŷ"), Symbol("="), Name("vec"), Name("W"))),
     "ŷ = vec W", r"\hat{y} = \mathrm{vec} \thinspace W", "y hat equals vec of W"),
    (Row((Name("x"), Symbol(">"), Number("0"), Words("and"), Name("y"))),
     "x > 0 and y", r"x > 0 \  {\text{and}} \  y", "x is greater than 0 and y"),
    (Super(Name("x"), Row((Name("m"), Symbol("×"), Name("q")))),
     "x^(m×q)", r"x^{m \times q}", "x to the power m by q end power"),
    (Lines(((Name("y"), Symbol("="), Name("x")), (Row(()), Symbol("="), Root(Number("2"))))),
     "y = x\n  = √2", r"\begin{aligned} y &= x \\  &= \sqrt{2} \end{aligned}", "y equals x; equals square root of 2"),
]


@pytest.mark.parametrize(("box", "line", "tex", "words"), EXAMPLES, ids=[line for _, line, _, _ in EXAMPLES])
def test_worked_examples(box, line, tex, words):
    assert (text(box), latex(box), alt(box)) == (line, tex, words)


def test_one_letter_is_italic_and_several_are_upright_unless_stated():
    assert [Name(word).style for word in "Wδŷ"] == ["italic"] * 3
    assert [Name(word).style for word in ("ReLU", "Δ")] == ["upright"] * 2
    assert element(Name("d", "upright")) == '<mi mathvariant="normal">d</mi>'
    assert element(Name("W", "bold")) == "<mi>𝐖</mi>"
    assert element(Name("h1", "italic")) == "<mi>ℎ1</mi>"
    assert [latex(Name(letter, "bold")) for letter in "Wδ"] == [r"\mathbf{W}", r"\boldsymbol{\delta}"]


def test_columns_of_numbers_end_at_the_right():
    assert Grid(((Number("1"), Name("a")), (Number("-2"), Number("3")))).alignment == "rc"


@pytest.mark.extra
def test_the_font_has_every_letter_and_symbol():
    from fontTools import ttLib as fonts
    data = files("jacobian.worksheet.render").joinpath("fonts/latin-modern-math-subset.woff2").read_bytes()
    font = fonts.TTFont(BytesIO(data))
    names = [Name(letter, style) for letter in [*GREEK, *"AzW"] for style in ("italic", "upright", "bold")]
    printed = "".join([*map(element, [*names, *map(Symbol, SAID)]), *OPENING, *CLOSING, "ℝ⏟√0123456789"])
    spaces = {"\u2009", "\u2003"}
    missing = set(re.sub(r"<[^>]*>|&\w+;", "", printed)) - spaces - set(map(chr, font.getBestCmap()))
    assert not missing
    assert font["MATH"].table.MathVariants
    assert font["name"].getDebugName(1) == "Jacobian Math"


@pytest.mark.parametrize(("words", "spelled"), [
    ("d(X⁻¹) = −X⁻ᵀ", r"{\text{d(X}^{-1}\text{) = }{-}\text{X}^{-\top}}"),
    ("‖x‖² of a₁₂", r"{{\Vert}\text{x}{\Vert}^{2}\text{ of a}_{12}}"),
    ("½ x^(∘2)", r"{{\tfrac{1}{2}}\text{ x}^{{\circ}\text{2}}}"),
    ("K_(m,n)", r"{\text{K}_{\text{m,n}}}"),
    ("[a > b] & 5 %", r"{\text{[a }{>}\text{ b] }{\&}\text{ 5 }{\%}}"),
])
def test_words_with_letters_above_and_below_the_line_are_mathematics(words, spelled):
    assert latex(Words(words)) == spelled
