"""Boxes as MathML Core, which browsers typeset without a script."""

from __future__ import annotations

from functools import singledispatch
from html import escape as quote

from jacobian.errors import MissingRule
from jacobian.printing.boxes import (
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
    accented,
    big,
    joined,
    lookup,
    tall,
    tightened,
)

TIGHT = '<mo lspace="0" rspace="0">{}</mo>'
RELATION = '<mo lspace="0.278em" rspace="0.278em">{}</mo>'
BINARY = '<mo lspace="0.222em" rspace="0.222em">{}</mo>'
SYMBOLS = {
    **dict.fromkeys("=≠≈≡≔∼∝<>≤≥≪≫∈∉⊂⊆→←↔↦⇒⇐⇔∣", RELATION), **dict.fromkeys("+−±×·∘⊙⊘⊗⊕∗∧∨∩∪", BINARY),
    **dict.fromkeys("∂∇∞∅∀∃⊤′″/.…⋯⋮⋱", TIGHT), "ᵀ": TIGHT.format("⊤"), **dict.fromkeys(BIG, "<mo>{}</mo>"),
    **dict.fromkeys(",;:", '<mo lspace="0" rspace="0.167em">{}</mo>'), "\u2061": TIGHT,
    "\u2062": '<mo lspace="0" rspace="0.06em">{}</mo>', "\u2063": '<mspace width="0"/>',
    "\u2009": '<mspace width="0.167em"/>',
    "\u00a0": '<mspace width="0.3em"/>', "\u2003": '<mspace width="1em"/>',
}
GAP = '<mspace width="0.1em"/>'
ACCENTS = {"\u0302": "^", "\u0303": "~", "\u0304": "¯", "\u0307": "˙"}
CAPITALS, SMALL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
GREEK = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡϴΣΤΥΦΧΨΩ∇αβγδεζηθικλμνξοπρςστυφχψω∂ϵϑϰϕϱϖ"


def _alphabet(letters: str, first: int) -> dict[str, str]:
    return {letter: chr(first + i) for i, letter in enumerate(letters)}


ITALIC = str.maketrans({**_alphabet(CAPITALS + SMALL, 0x1D434), "h": "ℎ", **_alphabet(GREEK, 0x1D6E2)})
BOLD = str.maketrans({**_alphabet(CAPITALS + SMALL, 0x1D400), **_alphabet(GREEK, 0x1D6A8),
                      **_alphabet("0123456789", 0x1D7CE)})


def mathml(box: Box, display: bool = False, alttext: str = "") -> str:
    """The box as one element <math>; alttext is for those who hear the page."""
    block = ' display="block"' if display else ""
    words = f' alttext="{escape(alttext)}"' if alttext else ""
    return f"<math{block}{words}>{element(box)}</math>"


@singledispatch
def element(box: Box) -> str:
    """The box as one element inside <math>."""
    raise MissingRule(f"{type(box).__name__} has no row in jacobian/printing/mathml.py: write its element")


@element.register
def _(box: Name) -> str:
    letter, accent = accented(box.text)
    if accent:
        over = f'<mo stretchy="false">{ACCENTS[accent]}</mo>'
        return f'<mover accent="true">{element(Name(letter, box.style))}{over}</mover>'
    if box.style == "bold":
        return f"<mi>{escape(box.text.translate(BOLD))}</mi>"
    if len(box.text) == 1:
        variant = ' mathvariant="normal"' if box.style == "upright" else ""
        return f"<mi{variant}>{escape(box.text)}</mi>"
    return f"<mi>{escape(box.text.translate(ITALIC) if box.style == 'italic' else box.text)}</mi>"


@element.register
def _(box: Number) -> str:
    return f"<mn>{escape(box.text).replace('-', '−')}</mn>"


@element.register
def _(box: Symbol) -> str:
    row = lookup(SYMBOLS, box.text, "SYMBOLS of jacobian/printing/mathml.py")
    return (TIGHT if box.tight else row).format(quote(box.text))


@element.register
def _(box: Row) -> str:
    return f"<mrow>{''.join(map(element, joined(box)))}</mrow>"


@element.register
def _(box: Sub) -> str:
    return _limbs(box.base, "munder" if big(box.base) else "msub", box.sub)


@element.register
def _(box: Super) -> str:
    if isinstance(box.base, Sub):
        return element(SubSuper(box.base.base, box.base.sub, box.sup))
    return _limbs(box.base, "mover" if big(box.base) else "msup", box.sup)


@element.register
def _(box: SubSuper) -> str:
    return _limbs(box.base, "munderover" if big(box.base) else "msubsup", box.sub, box.sup)


@element.register
def _(box: Fraction) -> str:
    return f"<mfrac>{element(box.over)}{element(box.under)}</mfrac>"


@element.register
def _(box: Root) -> str:
    return f"<msqrt>{element(box.body)}</msqrt>"


@element.register
def _(box: Fence) -> str:
    return _fenced(box.left, element(box.body), box.right, tall(box.body))


@element.register
def _(box: Grid) -> str:
    sides = [{"r": "right", "c": "center"}[letter] for letter in box.alignment]
    rows = "".join(f"<mtr>{''.join(map(_cell, row, sides))}</mtr>" for row in box.rows)
    return _fenced("[", f"<mtable>{rows}</mtable>", "]", stretchy=True)


@element.register
def _(box: Words) -> str:
    return f"<mtext>{escape(' '.join(box.text.split()))}</mtext>"


@element.register
def _(box: Under) -> str:
    brace = f'<munder>{element(box.body)}<mo stretchy="true">⏟</mo></munder>'
    return f"<mrow>{GAP}<munder>{brace}{element(tightened(box.note))}</munder>{GAP}</mrow>"


@element.register
def _(box: Blank) -> str:
    return f'<mspace width="{box.width:g}em" height="1em" depth="0.3em" style="border-bottom: 1px solid"/>'


@element.register
def _(box: Lines) -> str:
    sides = ("right", "center", "left")
    rows = "".join(f"<mtr>{''.join(map(_cell, row, sides))}</mtr>" for row in box.rows)
    return f'<mtable displaystyle="true">{rows}</mtable>'


def escape(text: str) -> str:
    """Plain text as XML; what XML cannot hold is left out."""
    return quote("".join(letter for letter in text if letter.isprintable() or letter == " "))


def _fenced(left: str, body: str, right: str, stretchy: bool) -> str:
    grows = str(stretchy).lower()
    marks = (f'<mo form="{form}" stretchy="{grows}" lspace="0" rspace="0">{escape(mark)}</mo>' if mark else ""
             for form, mark in (("prefix", left), ("postfix", right)))
    return f"<mrow>{body.join(marks)}</mrow>"


def _limbs(base: Box, tag: str, *limbs: Box) -> str:
    return f"<{tag}>{element(base)}{''.join(map(element, map(tightened, limbs)))}</{tag}>"


def _cell(box: Box, side: str) -> str:
    """A cell; Firefox and Safari read columnalign, Chromium only the prefixed style."""
    return f'<mtd columnalign="{side}" style="text-align: -webkit-{side}">{element(box)}</mtd>'
