"""Boxes as LaTeX for plain amsmath; words instead of signs (\\lbrace, \\vert) so that it may stand in Markdown too."""

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
    tall,
)
from jacobian.printing.text import SUBSCRIPTS, SUPERSCRIPTS, VULGAR

HERE = "jacobian/printing/latex.py"
SYMBOLS = {
    "=": "=", "≠": r"\neq", "≈": r"\approx", "≡": r"\equiv", "≔": r"\mathrel{:=}", "∼": r"\sim", "∝": r"\propto",
    "<": "<", ">": ">", "≤": r"\leq", "≥": r"\geq", "≪": r"\ll", "≫": r"\gg",
    "∈": r"\in", "∉": r"\notin", "⊂": r"\subset", "⊆": r"\subseteq", "∅": r"\emptyset",
    "→": r"\to", "←": r"\leftarrow", "↔": r"\leftrightarrow", "↦": r"\mapsto",
    "⇒": r"\Rightarrow", "⇐": r"\Leftarrow", "⇔": r"\Leftrightarrow",
    "+": "+", "−": "-", "±": r"\pm", "×": r"\times", "·": r"\cdot", "∘": r"\circ", "⊙": r"\odot", "⊘": r"\oslash",
    "⊗": r"\otimes", "⊕": r"\oplus", "∗": r"\ast", "/": "/", "∧": r"\land", "∨": r"\lor", "∩": r"\cap", "∪": r"\cup",
    "∂": r"\partial", "∇": r"\nabla", "∑": r"\sum", "∏": r"\prod", "∞": r"\infty", "∀": r"\forall", "∃": r"\exists",
    "⊤": r"\top", "ᵀ": r"\top", "′": r"\prime", "″": r"\prime\prime", "∣": r"\mid",
    ",": ",", ";": ";", ":": ":", ".": ".", "…": r"\dots", "⋯": r"\cdots", "⋮": r"\vdots", "⋱": r"\ddots",
    "\u2061": "", "\u2062": "", "\u2063": "", "\u2009": r"\thinspace", "\u00a0": r"\ ", "\u2003": r"\quad",
}
OPENING = {"(": "(", "[": r"\lbrack", "{": r"\lbrace", "⟨": r"\langle", "|": r"\lvert", "‖": r"\lVert",
           "⌊": r"\lfloor", "⌈": r"\lceil", "": ""}
CLOSING = {")": ")", "]": r"\rbrack", "}": r"\rbrace", "⟩": r"\rangle", "|": r"\rvert", "‖": r"\rVert",
           "⌋": r"\rfloor", "⌉": r"\rceil", "": ""}
GREEK = {
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "ϵ": r"\epsilon",
    "ζ": r"\zeta", "η": r"\eta", "θ": r"\theta", "ϑ": r"\vartheta", "ι": r"\iota", "κ": r"\kappa",
    "λ": r"\lambda", "μ": r"\mu", "ν": r"\nu", "ξ": r"\xi", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma",
    "τ": r"\tau", "υ": r"\upsilon", "φ": r"\varphi", "ϕ": r"\phi", "χ": r"\chi", "ψ": r"\psi", "ω": r"\omega",
    "Γ": r"\Gamma", "Δ": r"\Delta", "Θ": r"\Theta", "Λ": r"\Lambda", "Ξ": r"\Xi", "Π": r"\Pi", "Σ": r"\Sigma",
    "Υ": r"\Upsilon", "Φ": r"\Phi", "Ψ": r"\Psi", "Ω": r"\Omega", "ℓ": r"\ell",
}
ACCENTS = {"\u0302": r"\hat", "\u0303": r"\tilde", "\u0304": r"\bar", "\u0307": r"\dot"}
STYLES = {"italic": r"\mathit", "upright": r"\mathrm", "bold": r"\mathbf"}
# amsmath has no \mathbb, so these are bold.
BLACKBOARD = {letter: rf"\mathbf{{{plain}}}" for letter, plain in zip("ℝℂℕℤ𝔼", "RCNZE", strict=True)}
ESCAPES = str.maketrans({
    **{mark: "\\" + mark for mark in "#$%&_{}"}, "\\": r"\textbackslash{}", "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "`": r"\textquoteleft{}",
})
MATHS = {
    **{mark: word for mark, word in SYMBOLS.items() if not mark.isascii()}, **GREEK, **BLACKBOARD, "√": r"\surd",
    **{mark: word for table in (OPENING, CLOSING) for mark, word in table.items() if mark and not mark.isascii()},
    "‖": r"\Vert", **{mark: rf"\tfrac{{{value[0]}}}{{{value[2]}}}" for value, mark in VULGAR.items()},
}
RAISED, LOWERED = ({small: SYMBOLS.get(letter, GREEK.get(letter, letter)) for letter, small in table.items()}
                   for table in (SUPERSCRIPTS, SUBSCRIPTS))
# Signs that LaTeX reads as its own; MathJax has none of the words for them that LaTeX has outside mathematics.
SIGNS = {**{mark: "\\" + mark for mark in "#$%&_"}, "{": r"\lbrace", "}": r"\rbrace", "\\": r"\backslash",
         "^": r"\wedge", "~": r"\sim", "<": "<", ">": ">", "|": r"\vert", "`": r"\prime"}
# What leaves the words: runs of small letters above and below the line, ^(…) and _(…), and single marks.
APART = re.compile(rf"([{''.join(RAISED)}]+|[{''.join(LOWERED)}]+|[\^_]\([^()^_]*\)|"
                   rf"[{re.escape(''.join((*MATHS, *SIGNS)))}])")


@singledispatch
def latex(box: Box) -> str:
    """The box in mathematics mode, braces balanced."""
    raise MissingRule(f"{type(box).__name__} has no row in {HERE}: write how LaTeX spells it")


@latex.register
def _(box: Name) -> str:
    letter, accent = accented(box.text)
    if accent:
        return f"{ACCENTS[accent]}{{{latex(Name(letter, box.style))}}}"
    if box.text in GREEK:
        return f"\\boldsymbol{{{GREEK[box.text]}}}" if box.style == "bold" else GREEK[box.text]
    if not (box.text.isascii() and box.text.isalnum()):
        return BLACKBOARD.get(box.text) or spell(box.text)
    plain = box.style == "italic" and len(box.text) == 1
    return box.text if plain else f"{STYLES[box.style or 'italic']}{{{box.text}}}"


@latex.register
def _(box: Number) -> str:
    plain = box.text.replace("−", "-")
    return spell(box.text) if set(plain) - set("0123456789.-/") else plain


@latex.register
def _(box: Symbol) -> str:
    return lookup(SYMBOLS, box.text, f"SYMBOLS of {HERE}")


@latex.register
def _(box: Row) -> str:
    return " ".join(filter(None, map(latex, joined(box))))


@latex.register
def _(box: Sub) -> str:
    return f"{_base(box.base)}_{{{latex(box.sub)}}}"


@latex.register
def _(box: Super) -> str:
    return f"{latex(box.base) if isinstance(box.base, Sub) else _base(box.base)}^{{{latex(box.sup)}}}"


@latex.register
def _(box: SubSuper) -> str:
    return f"{_base(box.base)}_{{{latex(box.sub)}}}^{{{latex(box.sup)}}}"


@latex.register
def _(box: Fraction) -> str:
    return f"\\frac{{{latex(box.over)}}}{{{latex(box.under)}}}"


@latex.register
def _(box: Root) -> str:
    return f"\\sqrt{{{latex(box.body)}}}"


@latex.register
def _(box: Fence) -> str:
    left, right = lookup(OPENING, box.left, f"OPENING of {HERE}"), lookup(CLOSING, box.right, f"CLOSING of {HERE}")
    if tall(box.body):
        left, right = rf"\left{left or '.'}", rf"\right{right or '.'}"
    return f"{left} {latex(box.body)} {right}".strip()


@latex.register
def _(box: Grid) -> str:
    rows = r" \\ ".join(" & ".join(map(latex, row)) for row in box.rows)
    gap = r"\negthinspace"
    return f"\\left[{gap}\\begin{{array}}{{{box.alignment}}} {rows} \\end{{array}}{gap}\\right]"


@latex.register
def _(box: Words) -> str:
    return spell(box.text)


@latex.register
def _(box: Under) -> str:
    return f"\\underbrace{{{latex(box.body)}}}_{{{latex(box.note)}}}"


@latex.register
def _(box: Blank) -> str:
    return f"\\underline{{\\hspace{{{box.width:g}em}}}}"


@latex.register
def _(box: Lines) -> str:
    rows = r" \\ ".join(f"{latex(left)} &{latex(relation)} {latex(right)}" for left, relation, right in box.rows)
    return f"\\begin{{aligned}} {rows} \\end{{aligned}}"


def escape(text: str) -> str:
    """Plain words as LaTeX outside mathematics."""
    return text.translate(ESCAPES)


def spell(text: str) -> str:
    """Plain words inside mathematics: letters and signs that only mathematics has leave the words."""
    return "{" + "".join(_spelled(piece) for piece in APART.split(" ".join(text.split())) if piece) + "}"


def _spelled(piece: str) -> str:
    for mark, table in (("^", RAISED), ("_", LOWERED)):
        if set(piece) <= set(table):
            return f"{mark}{{{''.join(map(table.__getitem__, piece))}}}"
        if piece.startswith(f"{mark}("):
            return mark + spell(piece[2:-1])
    sign = MATHS.get(piece) or SIGNS.get(piece)
    return f"{{{sign}}}" if sign else rf"\text{{{piece}}}"


def _base(box: Box) -> str:
    return latex(box) if isinstance(box, Name | Number | Symbol | Fence) else f"{{{latex(box)}}}"
