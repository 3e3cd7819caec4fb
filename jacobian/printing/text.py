"""Boxes as Unicode text, W₁ᵀ δ, and as words for those who listen: W sub 1 transpose times delta."""

from __future__ import annotations

import re
from functools import lru_cache, singledispatch
from unicodedata import name

from jacobian.errors import MissingRule
from jacobian.printing.boxes import (
    LIMBS,
    THIN,
    TIMES,
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
    tightened,
)

HERE = "jacobian/printing/text.py"
REMEMBERED = 2**14      # boxes, of which the same stand in many lines
# A row for each symbol: what is said, and how it stands between its neighbours.
SAID = {
    "=": "equals", "≠": "is not", "≈": "is about", "≡": "is identical to", "≔": "is defined as",
    "∼": "is distributed as", "∝": "is proportional to",
    "<": "is less than", ">": "is greater than", "≤": "is at most", "≥": "is at least",
    "≪": "is much less than", "≫": "is much greater than", "∈": "in", "∉": "not in", "⊂": "is a proper subset of",
    "⊆": "is a subset of", "→": "to", "←": "from", "↔": "corresponds to", "↦": "maps to", "⇒": "implies",
    "⇐": "follows from", "⇔": "is equivalent to", "+": "plus", "−": "minus", "±": "plus or minus", "×": "by",
    "·": "times", "∘": "elementwise times", "⊙": "elementwise times", "⊘": "elementwise over",
    "⊗": "Kronecker times", "⊕": "direct sum",
    "∗": "star", "∧": "and", "∨": "or", "∩": "intersected with", "∪": "united with", "∣": "given", "∂": "partial",
    "∇": "gradient", "∑": "sum", "∏": "product", "∞": "infinity", "∀": "for all", "∃": "there is", "∅": "the empty set",
    "⊤": "transpose", "ᵀ": "transpose", "′": "prime", "″": "double prime", "/": "over", "…": "and so on",
    "⋯": "and so on", "⋮": "and so on", "⋱": "and so on", ",": "comma", ";": "semicolon", ":": "colon", ".": "stop",
    "\u2061": "of", "\u2062": "times", "\u2063": "", "\u2009": "", "\u00a0": "", "\u2003": "",
}
STANDING = {
    **{mark: f" {mark} " for mark in SAID}, **{mark: mark for mark in "∂∇∑∏∞∀∃∅ᵀ′″/…⋯⋮⋱."},
    "⊤": "ᵀ", ",": ", ", ";": "; ", ":": ": ", "\u2061": "", "\u2062": " ", "\u2063": "",
    "\u2009": " ", "\u00a0": " ", "\u2003": " ",
}
SUBSCRIPTS = dict(zip("0123456789+−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
SUPERSCRIPTS = dict(zip("0123456789+−=()abcdefghijklmnoprstuvwxyzᵀ′″",
                        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ′″", strict=True))
VULGAR = {"1/2": "½", "1/3": "⅓", "2/3": "⅔", "1/4": "¼", "3/4": "¾", "1/6": "⅙", "1/8": "⅛"}
POWERS = {"ᵀ": "transpose", "′": "prime", "″": "double prime", "−1": "inverse", "2": "squared", "3": "cubed",
          "∘2": "squared elementwise"}
ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0307": "dot"}
FENCES = {"(": "open parenthesis {} close parenthesis", "[": "open bracket {} close bracket",
          "⟨": "inner product of {} end product", "{": "open brace {} close brace", "‖": "norm of {} end norm",
          "|": "absolute value of {} end absolute value",
          "⌊": "floor of {} end floor", "⌈": "ceiling of {} end ceiling"}


@lru_cache(maxsize=REMEMBERED)
def text(box: Box) -> str:
    """The box in Unicode on one line (Lines on several)."""
    return unicode(box)


@singledispatch
def unicode(box: Box) -> str:
    """The same, worked out anew. Raises MissingRule."""
    raise MissingRule(f"{type(box).__name__} has no row in {HERE}: write its line of text")


@unicode.register
def _(box: Name | Words) -> str:
    return " ".join(box.text.split())


@unicode.register
def _(box: Number) -> str:
    return box.text.replace("-", "−")


@unicode.register
def _(box: Symbol) -> str:
    return _spaced(box).strip()


@unicode.register
def _(box: Row) -> str:
    pieces = joined(box)
    pieces = [piece for left, piece in zip([None, *pieces], pieces, strict=False) if (left, piece) != (TIMES, THIN)]
    factors = {i for k, piece in enumerate(pieces) if piece == TIMES for i in (k - 1, k + 1)}
    said = (_spaced(piece) if i not in factors or big(piece) or _closed(piece) else _grouped(piece)
            for i, piece in enumerate(pieces))
    return re.sub(" +", " ", "".join(said)).strip()


@unicode.register
def _(box: Sub) -> str:
    return _grouped(box.base) + _script("_", SUBSCRIPTS, box.sub)


@unicode.register
def _(box: Super) -> str:
    twice = isinstance(box.base, Super | SubSuper) and not isinstance(box.sup, Symbol)
    return (f"({text(box.base)})" if twice else _grouped(box.base)) + _script("^", SUPERSCRIPTS, box.sup)


@unicode.register
def _(box: SubSuper) -> str:
    return text(Sub(box.base, box.sub)) + _script("^", SUPERSCRIPTS, box.sup)


@unicode.register
def _(box: Fraction) -> str:
    over, under = text(box.over), text(box.under)
    over = f"({over})" if re.search(r" [^ ]+ ", over) and (_loose(box.over) or _reaching(box.over)) else over
    under = f"({under})" if " " in _outside(under) or isinstance(box.under, Fraction) else under
    return VULGAR.get(f"{over}/{under}", f"{over}/{under}")


@unicode.register
def _(box: Root) -> str:
    body = text(box.body)
    return f"√{body}" if isinstance(box.body, Name | Number | Fence) else f"√({body})"


@unicode.register
def _(box: Fence) -> str:
    return f"{box.left}{text(box.body)}{box.right}"


@unicode.register
def _(box: Grid) -> str:
    return f"[{'; '.join(' '.join(map(_entry, row)) for row in box.rows)}]"


@unicode.register
def _(box: Under) -> str:
    return f"({text(box.body)} : {text(box.note)})"


@unicode.register
def _(box: Blank) -> str:
    return "_" * max(3, round(2 * box.width))


@unicode.register
def _(box: Lines) -> str:
    rows = [tuple(map(text, row)) for row in box.rows]
    width = max(len(left) for left, _, _ in rows)
    return "\n".join(f"{left:>{width}} {relation} {right}".rstrip() for left, relation, right in rows)


def _spaced(box: Box) -> str:
    """The box as it stands in a row."""
    if not isinstance(box, Symbol):
        return f"{text(box)} " if big(box) else text(box)
    between = lookup(STANDING, box.text, f"SAID of {HERE}")
    return between.strip() if box.tight else between


def _grouped(box: Box) -> str:
    """The box as a factor or a base: a/b in parentheses, ½ not."""
    line = text(box)
    return f"({line})" if isinstance(box, Fraction | Root) and len(line) > 1 else line


def _closed(box: Box) -> bool:
    """Whether the box is a root √(…), which shows where it ends."""
    return isinstance(box, Root) and text(box).endswith(")")


def _outside(line: str) -> str:
    """The line without what stands in brackets."""
    shorter = re.sub(r"\([^()]*\)|\[[^][]*\]|‖[^‖]*‖", "", line)
    return line if shorter == line else _outside(shorter)


def _loose(box: Box) -> bool:
    """Whether the box is a sum, a relation or the like."""
    return isinstance(box, Row) and any(isinstance(piece, Symbol) and _spaced(piece).strip() and " " in _spaced(piece)
                                        for piece in joined(box))


def _reaching(box: Box) -> bool:
    """Whether a sum or product sign stands in the box, which reaches as far to the right as it can."""
    return isinstance(box, Row) and any(map(big, joined(box)))


def _entry(box: Box) -> str:
    line = text(box)
    return f"({line})" if " " in line and not isinstance(box, Fence | Grid) else line


def _script(mark: str, table: dict[str, str], box: Box) -> str:
    line = text(tightened(box))
    return "".join(table[letter] for letter in line) if line and set(line) <= set(table) else f"{mark}({line})"


# ---- words ---------------------------------------------------------------------------------------------------------


@singledispatch
def alt(box: Box) -> str:
    """The box in words: W sub 2 transpose times delta sub 3."""
    raise MissingRule(f"{type(box).__name__} has no row in {HERE}: write what is said")


@alt.register
def _(box: Name) -> str:
    letter, accent = accented(box.text)
    greek = len(letter) == 1 and name(letter, "").partition("GREEK ")[2]
    said = greek.replace("SMALL LETTER ", "").replace("LETTER ", "").lower() if greek else text(Name(letter))
    return " ".join(filter(None, ("bold" if box.style == "bold" else "", said, ACCENTS.get(accent, ""))))


@alt.register
def _(box: Number) -> str:
    return text(box).replace("−", "minus ")


@alt.register
def _(box: Words) -> str:
    return text(box)


@alt.register
def _(box: Symbol) -> str:
    return lookup(SAID, box.text, f"SAID of {HERE}")


@alt.register
def _(box: Row) -> str:
    return _said(*joined(box))


@alt.register
def _(box: Sub) -> str:
    if big(box.base):
        return f"{alt(box.base)} over {alt(box.sub)} of"
    return f"{alt(box.base)} sub {_ended(box.sub, 'sub')}"


@alt.register
def _(box: Super) -> str:
    return f"{alt(box.base)} {POWERS.get(text(tightened(box.sup))) or 'to the power ' + _ended(box.sup, 'power')}"


@alt.register
def _(box: SubSuper) -> str:
    if big(box.base):
        return f"{alt(box.base)} from {alt(box.sub)} to {alt(box.sup)} of"
    return alt(Super(Sub(box.base, box.sub), box.sup))


@alt.register
def _(box: Fraction) -> str:
    plain = f"{alt(box.over)} over {alt(box.under)}"
    return plain if not {" ", "/"} & {*text(box.over), *text(box.under)} else f"fraction {plain} end fraction"


@alt.register
def _(box: Root) -> str:
    return f"square root of {_ended(box.body, 'root')}"


@alt.register
def _(box: Fence) -> str:
    bare = box.left == "(" and isinstance(box.body, (Name, Number, *LIMBS))
    return alt(box.body) if bare else FENCES.get(box.left, "open {} close").format(alt(box.body))


@alt.register
def _(box: Grid) -> str:
    rows = "; ".join(f"row {i}: {', '.join(map(alt, row))}" for i, row in enumerate(box.rows, 1))
    return f"matrix of {len(box.rows)} by {len(box.rows[0])}: {rows}; end matrix"


@alt.register
def _(box: Under) -> str:
    return f"{alt(box.body)}, noted {alt(box.note)},"


@alt.register
def _(box: Blank) -> str:
    return "blank"


@alt.register
def _(box: Lines) -> str:
    return "; ".join(_said(*row) for row in box.rows)


def _said(*boxes: Box) -> str:
    return " ".join(filter(None, map(alt, boxes)))


def _ended(box: Box, what: str) -> str:
    """The words of the box, and where it ends unless it is short."""
    return alt(box) if " " not in text(box) else f"{alt(box)} end {what}"
