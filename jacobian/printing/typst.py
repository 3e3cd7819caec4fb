"""Boxes as Typst mathematics, to stand between dollar signs: short to read, and nothing in it can break out of it."""

from __future__ import annotations

import re
from functools import singledispatch

from jacobian.errors import MissingRule
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
    accented,
    joined,
    lookup,
)
from jacobian.printing.latex import GREEK

HERE = "jacobian/printing/typst.py"
# Typst knows the room around a Unicode symbol; spelled are those that mean something else in its source.
SYMBOLS = {
    **{mark: mark for mark in "=≠≈≡≔∼∝<>≤≥≪≫∈∉⊂⊆∅→←↔↦⇒⇐⇔+−±×·∘⊙⊘⊗⊕∗∧∨∩∪∂∇∑∏∞∀∃⊤′″∣…⋯⋮⋱"},
    **{mark: "\\" + mark for mark in "/,;:."}, "ᵀ": "⊤",
    "\u2061": "", "\u2062": "", "\u2063": "", "\u2009": "thin", "\u00a0": "thick", "\u2003": "quad",
}
FENCES = {"()": "({})", "[]": "[{}]", "{}": "{{{}}}", "⟨⟩": "⟨{}⟩", "⌊⌋": "⌊{}⌋", "⌈⌉": "⌈{}⌉",
          "||": "abs({})", "‖‖": "norm({})"}      # pairs, which Typst stretches by itself
OPENING = {"(": "paren.l", "[": "bracket.l", "{": "brace.l", "⟨": "chevron.l", "|": "bar.v", "‖": "bar.v.double",
           "⌊": "floor.l", "⌈": "ceil.l", "": ""}
CLOSING = {")": "paren.r", "]": "bracket.r", "}": "brace.r", "⟩": "chevron.r", "|": "bar.v", "‖": "bar.v.double",
           "⌋": "floor.r", "⌉": "ceil.r", "": ""}
ACCENTS = {"\u0302": "hat({})", "\u0303": "tilde({})", "\u0304": "macron({})", "\u0307": "dot({})"}
STYLES = {"italic": "italic({})", "upright": "upright({})", "bold": "upright(bold({}))"}
LETTERS = {*GREEK, *"ℝℂℕℤ𝔼"}
NATURAL = {**dict.fromkeys(GREEK, "italic"), **dict.fromkeys("ΓΔΘΛΞΠΣΥΦΨΩℝℂℕℤ𝔼", "upright")}    # as Typst has them


@singledispatch
def typst(box: Box) -> str:
    """The box in mathematics mode."""
    raise MissingRule(f"{type(box).__name__} has no row in {HERE}: write how Typst spells it")


@typst.register
def _(box: Name) -> str:
    letter, accent = accented(box.text)
    if accent:
        return ACCENTS[accent].format(typst(Name(letter, box.style)))
    bare = box.text in LETTERS or (len(box.text) == 1 and box.text.isascii() and box.text.isalpha())
    spelled = box.text if bare else quoted(box.text)
    natural = NATURAL.get(box.text, "italic") if bare else "upright"
    return spelled if box.style == natural else STYLES[box.style or "italic"].format(spelled)


@typst.register
def _(box: Number) -> str:
    plain = box.text.replace("−", "-")
    return plain.replace("/", "\\/") if re.fullmatch(r"-?\d+(\.\d+)?(/\d+)?", plain, re.ASCII) else quoted(box.text)


@typst.register
def _(box: Symbol) -> str:
    return lookup(SYMBOLS, box.text, f"SYMBOLS of {HERE}")


@typst.register
def _(box: Row) -> str:
    """Items apart by a blank, but none beside words, where Typst would show it, unless two words would run together."""
    whole, wordy = "", True
    for item in joined(box):
        piece = _stacked(item) if isinstance(item, Lines) else typst(item)
        words = isinstance(item, Name | Number | Words) and '"' in piece
        apart = not (wordy or words) or (whole[-1:].isalnum() and piece[:1].isalnum())
        whole += f" {piece}" if piece and apart else piece
        wordy = words if piece else wordy
    return whole or '""'


@typst.register
def _(box: Sub) -> str:
    return _attached(box.base, _=box.sub)


@typst.register
def _(box: Super) -> str:
    if isinstance(box.base, Sub):
        return typst(SubSuper(box.base.base, box.base.sub, box.sup))
    return _attached(box.base, **{"^": box.sup})


@typst.register
def _(box: SubSuper) -> str:
    return _attached(box.base, **{"_": box.sub, "^": box.sup})


@typst.register
def _(box: Fraction) -> str:
    return f"frac({_argument(box.over)}, {_argument(box.under)})"


@typst.register
def _(box: Root) -> str:
    return f"sqrt({_argument(box.body)})"


@typst.register
def _(box: Fence) -> str:
    body = _argument(box.body)
    if box.left + box.right in FENCES:
        return FENCES[box.left + box.right].format(body)
    left, right = lookup(OPENING, box.left, f"OPENING of {HERE}"), lookup(CLOSING, box.right, f"CLOSING of {HERE}")
    return f"lr({' '.join(filter(None, (left, body, right)))})"


@typst.register
def _(box: Grid) -> str:
    def cell(entry: Box, side: str) -> str:
        return _argument(entry) + (" &" if side == "r" else "")

    rows = "; ".join(", ".join(map(cell, row, box.alignment)) for row in box.rows)
    return f'mat(delim: "[", {rows})'


@typst.register
def _(box: Words) -> str:
    return quoted(box.text)


@typst.register
def _(box: Under) -> str:
    return f"underbrace({_argument(box.body)}, {_argument(box.note)})"


@typst.register
def _(box: Blank) -> str:
    return f"#box(width: {box.width:.2f}em, stroke: (bottom: 0.5pt))"


@typst.register
def _(box: Lines) -> str:
    return " \\\n".join(f"{_cell(left)} & {_cell(relation)} {_cell(right)}" for left, relation, right in box.rows)


def quoted(text: str) -> str:
    """Plain words as a string of Typst; what cannot be printed is left out."""
    plain = "".join(letter for letter in text if letter.isprintable() or letter.isspace())
    return '"' + " ".join(plain.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _argument(box: Box) -> str:
    """The box as an argument of a function, which must not be empty."""
    return typst(box) or '""'


def _attached(base: Box, **limbs: Box) -> str:
    """base_(sub)^(sup), by name where the base would not hold together."""
    if isinstance(base, Name | Number | Symbol | Fence):
        return _argument(base) + "".join(mark + _limb(limb) for mark, limb in limbs.items())
    named = {"_": "b", "^": "t"}
    placed = ", ".join(f"{named[mark]}: {_argument(limb)}" for mark, limb in limbs.items())
    return f"attach({_argument(base)}, {placed})"


def _limb(box: Box) -> str:
    spelled = typst(box)
    return spelled if len(spelled) == 1 or spelled.isdecimal() else f"({spelled})"


def _cell(box: Box) -> str:
    return typst(Row((box,)))


def _stacked(box: Lines) -> str:
    """Lines beside other things: only a matrix stands by itself."""
    rows = "; ".join(f"{_cell(left)} &, {_cell(relation)}, & {_cell(right)}" for left, relation, right in box.rows)
    return f"mat(delim: #none, column-gap: #0.3em, {rows})"
