"""Text as tokens, each with its place; brackets matched; complaints that point at a place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from jacobian.errors import InputError

LENGTH, TOKENS, DEPTH = 50_000, 5_000, 100
WIDTH = 76      # of what is shown of a line, which stands two columns from the edge

OPERANDS = ("number", "fraction", "name", "open")
_SUPER = "⁰¹²³⁴-⁹"
_FRACTION = "¼-¾⅐-⅞"
_WORD = rf"(?![{_SUPER}{_FRACTION}ᵀ⊤])\w[\u0300-\u036f]*"      # h̄ with its bar
_PATTERN = re.compile("|".join((
    r"(?P<space>[^\S\n]+|[#%][^\n]*)",
    r"(?P<stop>[\n;])",
    r"(?P<number>(?:[0-9]+(?:\.(?![*/^\\'T])[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)",
    rf"(?P<fraction>[{_FRACTION}])",
    rf"(?P<super>[⁺⁻]?[{_SUPER}]+)",
    r"(?P<turn>\.?['’′]|ᵀ|⊤|\.T(?!\w))",
    rf"(?P<method>\.(?!\d)(?:{_WORD})+(?=\())",
    rf"(?P<name>(?:(?:np|numpy)\.(?:linalg\.)?)?(?!\d)(?:{_WORD})+|√)",
    r"(?P<operator>\.\*|\./|\.\^|\*\*|[-+*/^@\\−–·⋅×∘⊙⊘⊗])",
    r"(?P<open>[(\[])",
    r"(?P<close>[)\]])",
    r"(?P<bar>‖)",
    r"(?P<comma>,)",
    r"(?P<equals>=(?!=))",
)))
_PLAIN = {"−": "-", "–": "-", "·": "*", "⋅": "*", "×": "*", "∘": ".*", "⊙": ".*", "⊘": "./", "⊗": "kron", "√": "sqrt"}
_PAIRS = {"(": ")", "[": "]"}
_MATLAB = re.compile(r"\.?['’′]|\.[*/^]|\^|\\")
_NUMPY = re.compile(r"@|\*\*|\.T|\.\w.*|(np|numpy)\..*", re.DOTALL)


@dataclass(frozen=True)
class Token:
    """A piece of the text, from start to end; `text` is its plain spelling: * for ·, W1 for W₁."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Source:
    """The text that was given. Raises InputError where it is too long to be read."""

    text: str

    def __post_init__(self) -> None:
        if len(self.text) > LENGTH:
            raise InputError(f"the text has {len(self.text)} characters, but at most {LENGTH} are read")

    def part(self, start: int, end: int) -> str:
        """The text between two places, in one line and not long."""
        part = " ".join(self.text[start:end].split())
        return part if len(part) <= 50 else f"{part[:24]} … {part[-24:]}"

    def error(self, sentence: str, start: int, end: int, kind: type[InputError] = InputError) -> InputError:
        """The complaint with the line it is about and a caret under the place."""
        first = self.text.rfind("\n", 0, start) + 1
        line, column = self.text[first:].partition("\n")[0], start - first
        number = self.text.count("\n", 0, start) + 1
        where = f"character {column + 1}" + (f" of line {number}" if "\n" in self.text.strip() else "")
        cut = max(0, column - WIDTH // 2)
        shown = line[cut:cut + WIDTH].replace("\t", " ")
        caret = " " * (column - cut) + "^" * max(1, min(end - start, len(shown) - column + cut))
        return kind(f"{sentence} (at {where})\n  {shown}\n  {caret}")


def tokenize(source: Source) -> list[Token]:
    """The tokens of a text, the last of kind "end". Raises InputError for what is no token or has no partner."""
    text = source.text
    tokens: list[Token] = []
    opened: list[Token] = []
    place = 0
    while place < len(text):
        token = _next(source, place)
        place = token.end
        if token.kind == "open":
            opened.append(token)
            if len(opened) > DEPTH:
                raise source.error(f"brackets stand more than {DEPTH} deep", token.start, token.end)
        if token.kind == "close":
            _close(source, opened, token)
        if token.kind != "space" and not (token.text == "\n" and (opened or _goes_on(tokens))):
            tokens.append(token)
        if len(tokens) > TOKENS:
            raise InputError(f"the text has more than {TOKENS} names, numbers and signs, which is more than is read")
    if opened:
        raise source.error(f"the bracket {opened[-1].text} is not closed", opened[-1].start, opened[-1].end)
    return [*tokens, Token("end", "", len(text), len(text))]


def _next(source: Source, place: int) -> Token:
    found = _PATTERN.match(source.text, place)
    if not found:
        raise source.error(f"{source.text[place]!r} is not read here", place, place + 1)
    kind, raw = str(found.lastgroup), found.group()
    plain = _PLAIN.get(raw, raw)
    if kind in ("name", "method"):
        plain = normalize("NFKC", plain)
        if not plain.rpartition(".")[2].isidentifier():
            raise source.error(f"{raw!r} is not a name", *found.span())
    return Token(kind, plain, *found.span())


def _close(source: Source, opened: list[Token], token: Token) -> None:
    if not opened:
        raise source.error(f"this {token.text} closes nothing", token.start, token.end)
    partner = opened.pop()
    if _PAIRS[partner.text] != token.text:
        raise source.error(f"the bracket {partner.text} of character {partner.start + 1} is closed by {token.text}",
                           token.start, token.end)


def _goes_on(tokens: list[Token]) -> bool:
    return not tokens or tokens[-1].kind in ("operator", "equals", "comma")


def dialect(source: Source, tokens: list[Token], chosen: str | None) -> str:
    """"matlab" or "numpy": as chosen, else as the signs say. Raises InputError where they say both."""
    signs = {"matlab": _MATLAB, "numpy": _NUMPY}
    if chosen not in (None, *signs):
        raise InputError(f'syntax is "matlab" or "numpy", but {chosen!r} was given')
    said = {syntax: next((t for t in tokens if t.kind in ("operator", "turn", "method", "name")
                          and pattern.fullmatch(source.text[t.start:t.end])), None)
            for syntax, pattern in signs.items()}
    matlab, numpy = said["matlab"], said["numpy"]
    if matlab and numpy:
        a, b = (source.text[t.start:t.end] for t in (matlab, numpy))
        later = max(matlab, numpy, key=lambda t: t.start)
        raise source.error(f"{a} is MATLAB's and {b} is NumPy's: * means the matrix product in one and entry by entry "
                           "in the other, so write all in one of them", later.start, later.end)
    found = "numpy" if numpy else "matlab" if matlab else None
    if chosen and found and chosen != found:
        token = numpy or matlab
        assert token
        raise source.error(f"{source.text[token.start:token.end]} is not read with syntax={chosen!r}",
                           token.start, token.end)
    return chosen or found or "matlab"


class Cursor:
    """A place among the tokens."""

    def __init__(self, source: Source, tokens: list[Token]) -> None:
        self.source, self.tokens, self.place = source, tokens, 0

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    @property
    def following(self) -> Token:
        return self.tokens[min(self.place + 1, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.token
        self.place += 1
        return token

    def at(self, kind: str, *texts: str) -> bool:
        return self.token.kind == kind and (not texts or self.token.text in texts)

    def error(self, sentence: str, at: Any) -> InputError:
        """The complaint about a token or a node."""
        return self.source.error(sentence, at.start, at.end)

    def unexpected(self) -> InputError:
        """Why the token that stands here cannot stand here."""
        token, text = self.token, self.source.text
        before = self.tokens[self.place - 1] if self.place else None
        here = text[token.start:token.end]
        if token.kind == "equals":
            return self.error("= stands only after a name at the beginning of a statement", token)
        if before and before.kind in ("operator", "equals", "comma"):
            return self.error(f"an operand is missing after {text[before.start:before.end]}", before)
        if token.kind == "comma":
            return self.error("a comma stands only between the operands of a function", token)
        if token.kind in ("operator", "turn", "super", "method"):
            return self.error(f"an operand is missing before {here}", token)
        if token.kind in OPERANDS and before:
            return self.error(f"an operator is missing between {text[before.start:before.end]} and {here}: "
                              "write * for a product", token)
        if token.kind == "close":
            return self.error("nothing stands between the brackets", token)
        return self.error(f"{here!r} is not expected here" if here.strip() else "the text ends too early", token)
