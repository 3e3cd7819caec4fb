"""Boxes as Typst: the source is short to read, whatever it holds compiles, and looks like what a person would type."""

import itertools
import json

import pytest
from hypothesis import given, settings
from test_boxes import CLOSING, GREEK, HOSTILE, OPENING, random_boxes

import jacobian as jac
from jacobian.printing.boxes import (
    ACCENTS,
    BIG,
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
from jacobian.printing.notation import boxes
from jacobian.printing.typst import SYMBOLS, typst

x, y, A, W1, z1 = jac.symbols("x: n, y: n, A: n n, W1: m n, z1: m")
T, EQUALS = Symbol("⊤"), Symbol("=")

# (box, what is printed, what a person would type by the Typst manual for the same picture)
WRITTEN: list[tuple[Box, str, str]] = [
    (boxes(jac.half_square(A @ x - y)), "frac(1, 2) norm(A x − y)^2", "1/2 norm(A x - y)^2"),
    (boxes(jac.relu(z1)), '"ReLU"(z_1)', 'op("ReLU")(z_1)'),
    (boxes(W1.T @ z1), "W_1^⊤ z_1", "W_1^top z_1"),
    (boxes(jac.ones(12)), "upright(bold(\"1\"))_12", "upright(bold(1))_12"),
    (Super(Name("f"), Symbol("′")), "f^′", "f'"),
    (Sub(Name("x"), Row((Name("i"), Symbol(","), Name("j")))), r"x_(i \, j)", "x_(i, j)"),
    (Super(Fence("(", Fraction(Name("a"), Name("b")), ")"), Name("n")), "(frac(a, b))^n", "(a/b)^n"),
    (Fence("", Fraction(Name("a"), Name("b")), "|"), "lr(frac(a, b) bar.v)", "lr(a/b |)"),
    (Super(Root(Name("x")), Number("2")), "attach(sqrt(x), t: 2)", "sqrt(x)^2"),
    (SubSuper(Symbol("∑"), Row((Name("i"), EQUALS, Number("1"))), Name("n")), "∑_(i = 1)^n", "sum_(i=1)^n"),
    (Under(Row((Name("W"), Name("x"))), Name("m")), "underbrace(W x, m)", "underbrace(W x, m)"),
    (Name("ŷ"), "hat(y)", "hat(y)"),
    (Name("δ", "bold"), "upright(bold(δ))", "upright(bold(delta))"),
    (Row((Symbol("−"), Name("x"), EQUALS, Number("-3"))), "− x = -3", "-x = -3"),
    (Grid(((Number("1"), Name("a")), (Number("-20"), Name("b")))),
     'mat(delim: "[", 1 &, a; -20 &, b)', 'mat(delim: "[", 1 &, a; -20 &, b)'),
    (Lines(((Name("y"), EQUALS, Name("x")), (Row(()), EQUALS, Root(Number("2"))))),
     'y & = x \\\n"" & = sqrt(2)', "y &= x \\ &= sqrt(2)"),
]
NAMES = [line for _, line, _ in WRITTEN]


def picture(source: str) -> bytes:
    """What the Typst compiler draws, display by display."""
    import typst as compiler
    page = f"#set page(width: auto, height: auto)\n$ {source} $"
    return compiler.compile(page.encode(), format="png", ppi=72)


@pytest.mark.parametrize(("box", "line", "_"), WRITTEN, ids=NAMES)
def test_typst_is_written_as_by_hand(box: Box, line: str, _: str) -> None:
    assert typst(box) == line


@pytest.mark.extra
@pytest.mark.parametrize(("box", "_", "typed"), WRITTEN, ids=NAMES)
def test_the_picture_is_that_of_what_a_person_types(box: Box, _: str, typed: str) -> None:
    assert picture(typst(box)) == picture(typed)


@pytest.mark.extra
def test_every_symbol_letter_and_fence_is_drawn() -> None:
    blank = picture("x x")
    letters = [*GREEK, *"ℝℂℕℤ𝔼AzW", "ab", *(f"y{accent}" for accent in ACCENTS)]
    signs: list[Box] = [Name(letter, style) for letter in letters for style in ("italic", "upright", "bold")]
    signs += [Symbol(mark) for mark in SYMBOLS if not mark.isspace() and mark not in "\u2061\u2062\u2063"]
    signs += [Fence(left, Name("x"), right) for left, right in itertools.product(OPENING, CLOSING) if left + right]
    signs += [Sub(Symbol(mark), Name("i")) for mark in BIG] + [Blank(2)]
    for sign in signs:
        assert picture(f"x {typst(sign)} x") != blank, sign


@pytest.mark.extra
@settings(max_examples=80, deadline=None)
@given(random_boxes)
def test_any_box_compiles(box: Box) -> None:
    assert picture(typst(box))


@pytest.mark.extra
@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("kind", [Name, Number, Words], ids=lambda kind: kind.__name__)
def test_hostile_words_stay_words(kind: type[Name | Number | Words], hostile: str) -> None:
    import typst as compiler
    page = f"#metadata[${typst(kind(hostile))}$]<it>".encode()
    [found] = json.loads(compiler.query(page, "<it>", field="value"))
    assert texts(found) == " ".join("".join(c for c in hostile if c.isprintable() or c.isspace()).split())


def texts(content: object) -> str:
    """What stands in the only string of some Typst content."""
    if isinstance(content, dict):
        return content["text"] if "text" in content else "".join(map(texts, content.values()))
    return ""


@pytest.mark.extra
def test_a_derivation_compiles() -> None:
    z = jac.name("z1", W1 @ x)
    d = jac.derive(jac.half_square(jac.tanh(z)), W1)
    assert picture(d.typst())
    assert "W_1" in d.typst()
