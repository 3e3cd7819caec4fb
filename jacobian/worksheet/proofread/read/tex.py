r"""TeX as `jacobian.printing.latex` writes it, back to boxes: \frac, \underbrace, arrays, fences, indices."""

from __future__ import annotations

import re

from jacobian.printing.boxes import (
    APPLY,
    Blank,
    Box,
    Fence,
    Fraction,
    Grid,
    Name,
    Number,
    Root,
    Row,
    Sub,
    Super,
    Symbol,
    Under,
    Words,
)
from jacobian.printing.latex import ACCENTS, BLACKBOARD, CLOSING, GREEK, OPENING, SYMBOLS
from jacobian.printing.text import text
from jacobian.symbolic.elementwise import TABLE
from jacobian.worksheet.proofread.node import Unread

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|[^\s]")
LETTERS = {word: letter for letter, word in (*GREEK.items(), *BLACKBOARD.items())}
MARKS = {word: mark for mark, word in SYMBOLS.items() if word.startswith("\\") and " " not in word}
LEFT = {**{word: mark for mark, word in OPENING.items() if mark}, "[": "["}
RIGHT = {**{word: mark for mark, word in CLOSING.items() if mark}, "]": "]"}
COMBINING = {word: mark for mark, word in ACCENTS.items()}
STYLES = {r"\mathrm": "upright", r"\mathit": "italic", r"\mathbf": "bold", r"\boldsymbol": "bold"}
DROPPED = {r"\negthinspace", r"\thinspace", r"\ ", r"\quad", r"\qquad", r"\displaystyle", r"\!", r"\,"}
SIGNS = {"-": "−", "+": "+", "=": "=", "<": "<", ">": ">", ",": ",", ";": ";", ":": ":", "/": "/", ".": "."}


def said(source: str) -> str:
    """The formula as it is written in a terminal. Raises Unread."""
    return text(Reader(source).whole())


class Reader:
    """Reads one formula."""

    def __init__(self, source: str) -> None:
        self.source, self.place = source, 0
        self.tokens = [*TOKEN.findall(re.sub(r"\\text\{([^{}]*)\}", lambda m: r"\text{" + m[1].replace(
            " ", "\u00a0").encode().hex() + "}", source)), ""]

    @property
    def token(self) -> str:
        return self.tokens[self.place]

    def take(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1]

    def lost(self) -> Unread:
        return Unread(f"{self.source!r} is not read as a formula")

    def whole(self) -> Box:
        found = self.row(("",))
        self.take()
        return found

    def row(self, ends: tuple[str, ...]) -> Box:
        """Boxes up to one of the ends, which stays."""
        items: list[Box] = []
        while self.token not in ends:
            if not self.token:
                raise self.lost()
            if self.token in DROPPED:
                self.take()
            elif self.token in "^_":
                items = items or [Row(())]
                mark, limb = self.take(), self.group()
                items[-1] = Super(items[-1], limb) if mark == "^" else Sub(items[-1], limb)
            else:
                items.append(self.one())
        return items[0] if len(items) == 1 else Row(tuple(items))

    def group(self) -> Box:
        if self.take() != "{":
            raise self.lost()
        found = self.row(("}",))
        self.take()
        return found

    def letters(self) -> str:
        """What stands between braces, as it is."""
        self.take()
        found = ""
        while self.token != "}":
            found += self.take()
        self.take()
        return found

    def one(self) -> Box:
        token = self.take()
        if token == "{":
            found = self.row(("}",))
            self.take()
            return found
        if token[0].isdigit():
            return Number(token)
        if token == r"\left" or token in LEFT:
            return self.fence(LEFT[self.take()] if token == r"\left" else LEFT[token])
        if token == r"\Vert":
            return Symbol("∣")
        if token in (r"\frac", r"\tfrac"):
            return Fraction(self.group(), self.group())
        if token == r"\sqrt":
            return Root(self.group())
        if token == r"\underbrace":
            return self.under()
        if token == r"\underline":
            self.letters()
            while self.token == "}":
                self.take()
            return Blank(6)
        if token == r"\text":
            words = bytes.fromhex(self.letters()).decode().replace("\u00a0", " ")
            return Name(words) if words == "log det" else Words(words)
        if token in STYLES:
            word = self.letters()
            return Name(LETTERS.get(word, word), STYLES[token])  # type: ignore[arg-type]
        if token in COMBINING:
            base = self.group()
            if not isinstance(base, Name):
                raise self.lost()
            return Name(base.text + COMBINING[token], base.style)
        if token in LETTERS:
            name = Name(LETTERS[token])
            return Row((name, APPLY)) if name.text in TABLE and self.token in ("(", r"\left") else name
        if token in MARKS:
            return Symbol(MARKS[token])
        if token in SIGNS:
            return Symbol(SIGNS[token])
        if token.isalpha():
            return Name(token)
        raise self.lost()

    def under(self) -> Box:
        body = self.group()
        if self.take() != "_":
            raise self.lost()
        return Under(body, self.group())

    def fence(self, left: str) -> Box:
        """(…), or a matrix between brackets."""
        while self.token in DROPPED:
            self.take()
        if self.token == r"\begin":
            self.take()
            self.letters()
            found = self.array()
            while self.token in (*DROPPED, r"\right"):
                self.take()
            self.take()
            return found
        body = self.row((r"\right", *RIGHT))
        if self.token == r"\right":
            self.take()
        return Fence(left, body, RIGHT.get(self.take(), ""))

    def array(self) -> Box:
        self.letters()
        rows: list[list[Box]] = [[]]
        while True:
            rows[-1].append(self.row(("&", r"\\", r"\end")))
            end = self.take()
            if end == r"\end":
                self.letters()
                return Grid(tuple(map(tuple, rows)))
            if end == r"\\":
                rows.append([])
