r"""An answer as tokens: NumPy's, MATLAB's, LaTeX's and Unicode's signs, each with its place.

LaTeX is read sign by sign, so that a complaint points at what was typed: fonts and spaces are dropped, `\frac` and
`\begin` stay commands, Greek letters become names. A backslash is a division from the left where no LaTeX stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import normalize

from jacobian.symbolic.parse.tokens import Source, Token
from jacobian.worksheet.answers.node import Misread
from jacobian.worksheet.answers.text.names import GREEK
from jacobian.worksheet.answers.text.words import MAPS

LENGTH, DEPTH = 2000, 60
ARRAYS = ("np", "numpy", "jnp", "torch")                # libraries in which * goes entry by entry
LIBRARIES = (*ARRAYS, "sp", "sympy", "scipy")

_SUPER, _FRACTION = "⁰¹²³⁴⁵⁶⁷⁸⁹", "¼-¾⅐-⅞"
SUB = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789ijklmnoprstuvx", strict=True))
PATTERN = re.compile("|".join((
    r"(?P<space>\s+|\\[,;:! ~()\[\]]|~|\$|#[^\n]*|(?<!\d)%(?=\s*(?!\d)\w)[^\n]*)",
    r"(?P<row>\\\\)",
    r"(?P<command>\\(?:[A-Za-z]+|[|{}]))",
    r"(?P<number>\d*\.\d*\(\d+\)|\d+(?:\.(?![*/^\\'T])\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)",
    rf"(?P<fraction>[{_FRACTION}])",
    rf"(?P<index>⁽[{_SUPER}]⁾)",
    rf"(?P<super>⁺?⁻?[{_SUPER}]+|⁻ᵀ)",
    r"(?P<turn>\.['’]|ᵀ|⊤|\.T(?!\w)|\.transpose\(\)|\.t\(\))",
    r"(?P<prime>['’′])",
    r"(?P<method>\.(?=[a-z_]+\b)[a-z_]+)",
    rf"(?P<name>(?:(?:{'|'.join(LIBRARIES)})\.(?:(?:linalg|multiply|special|nn|functional)\.)*)?(?![\d{_SUPER}{_FRACTION}ᵀ⊤ₓ])(?:(?![{_SUPER}{_FRACTION}ᵀ⊤])\w)+|√|Σ|∑|∇|∂)",
    r"(?P<compare><=|>=|==|!=|≤|≥|>|<(?!-))",
    r"(?P<equals>:=|<-|←|=)",
    r"(?P<operator>\.(?![A-Za-z\d*/^'’])|\.\*|\./|\.\^|\*\*|[-+*/^@−–·⋅×∘⊙⊗⊘_∗])",
    r"(?P<bar>\|\||‖|\|)",
    r"(?P<open>[(\[{⟨])",
    r"(?P<close>[)\]}⟩])",
    r"(?P<stop>;)",
    r"(?P<cell>&)",
    r"(?P<comma>,)",
    r"(?P<colon>:)",
    r"(?P<string>\"[^\"]*\")",
)))
PLAIN = {".": "*", "−": "-", "–": "-", "∗": "*", "⋅": "·", "∘": "⊙", "⊘": "./", "||": "‖", "≤": "<=", "≥": ">=",
          "√": "sqrt", "Σ": "sum", "∑": "sum", ":=": "=", "<-": "=", "←": "="}
SIGNS = {"cdot": "·", "times": "×", "ast": "*", "odot": "⊙", "circ": "⊙", "otimes": "⊗", "bullet": "·"}
PARTNER = {"(": ")", "[": "]", "{": "}", "⟨": "⟩"}
DROPPED = {"left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "bigg", "Bigg", "displaystyle", "quad",
            "qquad", "limits", "tfrac"}
FONTS = {"mathbf", "boldsymbol", "bm", "mathrm", "mathsf", "mathbb", "mathit", "vec", "rm", "bf", "operatorname",
         "text", "textbf", "mathds", "bold"}
COMMANDS = {"frac", "dfrac", "tfrac", "sqrt", "sum", "overline", "bar", "begin", "end"}
_MACROS = ("softmax|diag|tr|Tr|trace|det|logdet|adj|max|min|norm|top|intercal|transpose|prime|partial|nabla|mid|"
           "[lr]?[vV]ert|[lr]angle|[lr]brace|[gl]eq?")
_KNOWN = "|".join(sorted({*FONTS, *COMMANDS, *DROPPED, *SIGNS, *MAPS, *GREEK.values()}))
LATEX = re.compile(rf"\\(?:(?:var)?(?:{_KNOWN}|{_MACROS})(?![A-Za-z])|[^A-Za-z(\[\s])")
OPERANDS = ("name", "number", "fraction", "close", "turn", "prime", "index", "super")


@dataclass(frozen=True)
class Signs:
    """The tokens of an answer and what they say of how it is meant."""

    source: Source
    tokens: list[Token]
    numpy: bool
    matlab: bool
    latex: bool
    dotted: bool         # .T, which people also write in other ways of writing


def tokenize(text: str) -> Signs:
    """The tokens, the last of kind "end". Raises Misread for what is no token and for brackets without partner."""
    if len(text) > LENGTH:
        raise Misread(f"the answer has {len(text)} characters, but at most {LENGTH} are read", LENGTH, len(text))
    source = Source(text)
    tokens = list(_tokens(source))
    _matched(tokens)
    raw = [text[t.start:t.end] for t in tokens]
    numpy = any(r in ("@", "**", "axis") or r.startswith(tuple(f"{name}." for name in ARRAYS)) or t.kind == "method"
                for t, r in zip(tokens, raw, strict=True)) or "None" in raw
    matlab = any(r in (".*", "./", ".^", ".'", "\\") for r in raw) or any(
        t.kind == "prime" and r != "′" and i and tokens[i - 1].kind in ("name", "close", "prime", "number")
        and tokens[i + 1].text != "(" for i, (t, r) in enumerate(zip(tokens, raw, strict=True)) if i + 1 < len(tokens))
    return Signs(source, tokens, numpy, matlab and "→" not in raw, "\\" in text, ".T" in raw)


def _tokens(source: Source) -> Iterator[Token]:
    text, place, before = source.text, 0, ""
    divides = not LATEX.search(text)
    while place < len(text):
        found = PATTERN.match(text, place)
        if not found:
            raise Misread(f"the sign {text[place]} is not read here", place, place + 1)
        kind, raw, (start, place) = str(found.lastgroup), found.group(), found.span()
        if raw == "$" and text[:start].strip() and text[place:].strip():
            raise Misread("the sign $ is not read here", start, place)
        if divides and raw[0] == "\\" and before in OPERANDS:
            kind, raw, place = "operator", "\\", start + 1
        if kind == "space" or (raw == "." and start and not text[place:].strip()):
            continue
        before = kind
        if kind == "command":
            yield from _command(raw[1:], start, place)
        elif kind == "name":
            yield Token("name", _name(raw), start, place)
        else:
            yield Token(kind, PLAIN.get(raw, raw), start, place)
    yield Token("end", "", len(text), len(text))


def _name(raw: str) -> str:
    """W₁ is W1, δᵢ is δ_i."""
    plain = PLAIN.get(raw, raw)
    lowered = "".join(("" if c in "₀₁₂₃₄₅₆₇₈₉" or (i and plain[i - 1] in SUB) else "_") + SUB[c] if c in SUB else c
                      for i, c in enumerate(plain))
    return normalize("NFKC", lowered) if not set(lowered) & set("𝟏𝟙") else "𝟙"


def _command(word: str, start: int, end: int) -> Iterator[Token]:
    if word in SIGNS:
        yield Token("operator", SIGNS[word], start, end)
    elif word in ("top", "intercal", "transpose"):
        yield Token("mark", "T", start, end)
    elif word == "prime":
        yield Token("prime", "′", start, end)
    elif word in ("lVert", "rVert", "Vert", "|"):
        yield Token("bar", "‖", start, end)
    elif word in ("lvert", "rvert", "vert"):
        yield Token("bar", "|", start, end)
    elif word in ("langle", "lbrace", "{"):
        yield Token("open", "⟨" if word == "langle" else "{", start, end)
    elif word in ("rangle", "rbrace", "}"):
        yield Token("close", "⟩" if word == "rangle" else "}", start, end)
    elif word in ("leftarrow", "gets"):
        yield Token("equals", "=", start, end)
    elif word in ("ge", "geq", "gt", "le", "leq", "lt"):
        yield Token("compare", {"g": ">", "l": "<"}[word[0]] + "=" * ("e" in word), start, end)
    elif word in FONTS or word in COMMANDS:
        yield Token("font" if word in FONTS else "command", word.replace("dfrac", "frac").replace("tfrac", "frac"),
                    start, end)
    elif word not in DROPPED:
        yield Token("name", "∂" if word == "partial" else "∇" if word == "nabla" else word, start, end)


def _matched(tokens: list[Token]) -> None:
    """Raise Misread for a bracket without its partner."""
    opened: list[Token] = []
    for token in tokens:
        if token.kind == "open":
            opened.append(token)
            if len(opened) > DEPTH:
                raise Misread(f"brackets stand more than {DEPTH} deep", token.start, token.end)
        elif token.kind == "close":
            if not opened:
                raise Misread(f"the bracket {token.text} was never opened", token.start, token.end)
            partner = opened.pop()
            if PARTNER[partner.text] != token.text:
                raise Misread(f"the bracket {partner.text} is closed by {token.text}", partner.start, token.end)
    if opened:
        raise Misread(f"the bracket {opened[-1].text} is not closed", opened[-1].start, opened[-1].end)
