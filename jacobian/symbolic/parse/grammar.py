"""Text as nodes, by operator precedence.

-x^2 is -(x^2) and 2^-x is allowed; a^b^c, which tools read differently, is refused, a**b**c is Python's a**(b**c). A
quote, .T or a superscript belongs to what stands before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fractions import Fraction
from typing import Any
from unicodedata import normalize

import sympy as sp

from jacobian.errors import InputError
from jacobian.symbolic.parse.declarations import Declarations
from jacobian.symbolic.parse.functions import ALONG, CONSTANTS, NEGATIVE, SIGNS, WORDS, abstract
from jacobian.symbolic.parse.node import Node, Program, ordered
from jacobian.symbolic.parse.row import Row
from jacobian.symbolic.parse.tokens import DEPTH, OPERANDS, Cursor, Source, Token, dialect, tokenize

DIGITS, EXPONENT = 50, 300
ADDED, MULTIPLIED, SIGNED, RAISED = 1, 2, 3, 4
TIGHTNESS = {"+": ADDED, "-": ADDED, **dict.fromkeys(("*", "/", "\\", ".*", "./", "@", "kron"), MULTIPLIED),
             **dict.fromkeys(("^", ".^", "**"), RAISED)}


def read(text: Any, declared: Declarations, syntax: str | None = None) -> Program:
    """The statements of a text. Raises InputError with the place of what cannot be read."""
    if not isinstance(text, str):
        raise InputError(f'a formula is given as text, such as "x\'*A*x", but {text!r} was given')
    source = Source(text)
    tokens = tokenize(source)
    if all(token.kind in ("stop", "end") for token in tokens):
        raise InputError('the text of the formula is empty: write one such as "x\'*A*x"')
    return _Reader(source, tokens, dialect(source, tokens, syntax), declared).program()


class _Reader(Cursor):
    def __init__(self, source: Source, tokens: list[Token], syntax: str, declared: Declarations) -> None:
        super().__init__(source, tokens)
        for name in declared.functions:
            if name in WORDS[syntax]:
                raise InputError(f"{name} is a function that is known: declare yours by another name")
        self.syntax, self.declared = syntax, declared.symbols
        self.words = {**WORDS[syntax], **{name: [abstract(name)] for name in declared.functions}}
        self.depth = 0
        self.given: dict[str, Node] = {}
        self.used: dict[str, Token] = {}

    # ---- nodes ----

    def call(self, row: Row, start: int, end: int, *args: Node, sizes: dict[str, Node] | None = None) -> Node:
        args = tuple(map(self.whole, args))
        depth = 1 + max((arg.depth for arg in args), default=0)
        if row.words in "+-" and len(args) == 2:      # a sum of many terms is one operation
            depth = max(args[0].depth, 1 + args[1].depth)
        if depth > DEPTH:
            raise self.source.error(f"more than {DEPTH} operations stand inside one another", start, end)
        sizes = sizes or {}
        absent = frozenset(letter for letter, given in sizes.items() if given.data == 1) \
            if self.syntax == "matlab" and not row.counted else frozenset()
        return Node("call", start, end, args, row, sizes, absent, depth)

    def sign(self, sign: str, end: int, *args: Node) -> Node:
        row = SIGNS[self.syntax].get(sign)
        if row is None:
            raise self.source.error(f"{sign} is not read in {self.syntax} syntax", args[0].start, end)
        return self.call(row, args[0].start, end, *args)

    def whole(self, node: Node) -> Node:
        """A list as a matrix: MATLAB's [A, B]."""
        if node.kind != "list":
            return node
        if self.syntax == "numpy" or self.source.text[node.start] == "(":
            raise self.error("a list stands only in hstack, vstack and block", node)
        return self.stacked("hstack", node.args, node.start, node.end)

    def stacked(self, word: str, blocks: Sequence[Node], start: int, end: int) -> Node:
        row = self.words[word][0]
        if not row.given(len(blocks)):
            raise self.source.error(f"{word} does not take {len(blocks)} operands", start, end)
        return self.whole(blocks[0]) if len(blocks) == 1 else self.call(row, start, end, *blocks)

    # ---- statements ----

    def program(self) -> Program:
        roots = []
        while not self.at("end"):
            if self.at("stop"):
                self.take()
                continue
            roots.append(self.statement())
            if not self.at("stop") and not self.at("end"):
                raise self.unexpected()
        return Program(self.source, self.syntax, ordered(roots), roots[-1])

    def statement(self) -> Node:
        name = self.token
        if not (name.kind == "name" and self.following.kind == "equals"):
            return self.whole(self.expression(0))
        if name.text in self.given or name.text in self.declared or name.text in self.words:
            taken = "a function" if name.text in self.words else "something else already"
            raise self.error(f"{name.text} is the name of {taken}: give this result another", name)
        self.place += 2
        value = self.whole(self.expression(0))
        if name.text in self.used:
            raise self.error(f"{name.text} is used here before it is given a value", self.used[name.text])
        self.given[name.text] = Node("given", value.start, value.end, (value,), name.text)
        return self.given[name.text]

    # ---- expressions ----

    def expression(self, tightness: int) -> Node:
        """What stands here, as far as its operators hold more tightly."""
        self.depth += 1
        if self.depth > DEPTH:
            raise self.error(f"more than {DEPTH} operations stand inside one another", self.token)
        left = self.operand()
        while True:
            if self.at("turn") or self.at("super") or self.at("method") or self.transposes():
                left = self.turned(left, self.take())
            elif self.at("operator") and TIGHTNESS[self.token.text] > tightness:
                left = self.binary(left, self.take())
            else:
                break
        self.depth -= 1
        return left

    def transposes(self) -> bool:
        """Whether ^T stands here, and T is not a name of something."""
        return (self.at("operator", "^") and self.following.kind == "name" and self.following.text == "T"
                and "T" not in self.declared and "T" not in self.given)

    def turned(self, left: Node, token: Token) -> Node:
        if token.kind == "method":
            return self.called(token, left)
        if token.kind == "super":
            exponent = self.number(normalize("NFKC", token.text).replace("−", "-"), token)
            return self.sign("^", token.end, left, exponent)
        return self.sign("'", token.end if token.kind == "turn" else self.take().end, left)

    def binary(self, left: Node, token: Token) -> Node:
        if token.text not in ("^", ".^"):
            right = self.expression(TIGHTNESS[token.text] - (token.text == "**"))
            return self.sign(token.text, right.end, left, right)
        right = self.negative(self.take(), self.operand()) if self.at("operator", "-") else self.operand()
        if self.at("operator", "^", ".^") and not self.transposes():
            raise self.error("a^b^c is read in two ways: write (a^b)^c or a^(b^c)", self.token)
        return self.sign(token.text, right.end, left, right)

    def negative(self, minus: Token, inner: Node) -> Node:
        return self.call(NEGATIVE, minus.start, inner.end, inner)

    def operand(self) -> Node:
        token = self.token
        if token.kind not in (*OPERANDS, "bar") and not self.at("operator", "+", "-"):
            raise self.unexpected()
        self.take()
        if token.kind == "number":
            return self.number(token.text, token)
        if token.kind == "fraction":
            over, under = normalize("NFKC", token.text).split("⁄")
            return Node("number", token.start, token.end, data=sp.Rational(int(over), int(under)))
        if token.kind == "name":
            return self.called(token) if self.at("open", "(") else self.word(token)
        if token.kind == "open":
            return self.bracket(token)
        inner = self.expression(0 if token.kind == "bar" else SIGNED)
        if token.text == "-":
            return self.negative(token, inner)
        if token.kind == "bar":
            if not self.at("bar"):
                raise self.error("this ‖ is not closed", token)
            return self.call(self.words["norm"][0], token.start, self.take().end, inner)
        return inner

    # ---- operands ----

    def number(self, written: str, token: Token) -> Node:
        mantissa, _, exponent = written.lower().partition("e")
        if len(mantissa) > DIGITS or len(exponent) > 4 or abs(int(exponent or 0)) > EXPONENT:
            raise self.error(f"a number has at most {DIGITS} digits and an exponent of at most {EXPONENT}", token)
        return Node("number", token.start, token.end, data=sp.Rational(Fraction(written)))

    def word(self, token: Token) -> Node:
        name = token.text.rpartition(".")[2]
        own = name == token.text
        if own and name in self.given:
            return Node("again", token.start, token.end, data=self.given[name])
        if not (own and name in self.declared):
            if name in CONSTANTS:
                return Node("number", token.start, token.end, data=CONSTANTS[name])
            rows = self.words.get(name, [])
            for row in rows:
                if row.given(0):
                    return self.call(row, token.start, token.end)
            if rows:
                raise self.error(f"{name} is a function: write {name}(…)", token)
            if not own or name.lower() in ("inf", "nan"):
                raise self.error(f"{token.text} is not known: write finite numbers, names and functions", token)
        self.used.setdefault(name, token)
        return Node("name", token.start, token.end, data=name)

    def bracket(self, opened: Token) -> Node:
        """(…) is what stands in it; [A, B] and (A, B) are lists, [A, B; C, D] is a matrix of matrices."""
        lines: list[tuple[Node, ...]] = []
        comma = False
        while True:
            items, comma = self.items()
            lines.append(items)
            if not (self.at("stop", ";") and opened.text == "["):
                break
            self.take()
        if not self.at("close"):
            raise self.unexpected()
        closed = self.take()
        if opened.text == "(" and len(lines[0]) == 1 and not comma:
            inner = lines[0][0]
            inner.start, inner.end = opened.start, closed.end
            return inner
        whole = Node("list", opened.start, closed.end, lines[0])
        return whole if len(lines) == 1 else self.matrix(lines, whole)

    def items(self) -> tuple[tuple[Node, ...], bool]:
        """Expressions with commas between them, and whether a comma stands after the last."""
        items = [self.expression(0)]
        while self.at("comma"):
            self.take()
            if self.at("close"):
                return tuple(items), True
            items.append(self.expression(0))
        return tuple(items), False

    # ---- functions ----

    def called(self, token: Token, *first: Node) -> Node:
        """A function of what stands in the brackets; x.sum() is sum(x)."""
        self.take()
        args, along = list(first), None
        while not self.at("close"):
            if self.at("name", "axis") and self.following.kind == "equals":
                along = self.axis()
            else:
                args.append(self.expression(0))
            if not self.at("close"):
                if not self.at("comma"):
                    raise self.unexpected()
                self.take()
        start, end = first[0].start if first else token.start, self.take().end
        word = token.text.rpartition(".")[2]
        if len(args) == 1 and args[0].kind == "list" and word in ("hstack", "vstack", "ones", "zeros", "block"):
            args = list(args[0].args)
        if word == "block":
            return self.blocks(args, token)
        if word in ("hstack", "vstack"):
            return self.stacked(word, args, start, end)
        rows = self.rows(ALONG.get((word, along), "") if along is not None else word, token, along)
        for row in rows:
            found = row.given(len(args))
            if found:
                arity, letters = found
                sizes = dict(zip(letters.split(), map(self.size, args[arity:]), strict=True))
                return self.call(row, start, end, *args[:arity], sizes=sizes)
        raise self.source.error(f"{word} does not take {len(args)} operand{'s' * (len(args) != 1)}", start, end)

    def rows(self, word: str, token: Token, along: int | None) -> list[Row]:
        name = token.text.rpartition(".")[2]
        if word in self.words:
            return self.words[word]
        if along is not None:
            raise self.error(f"{name} with axis={along} is not known", token)
        if name in self.declared or name in self.given or name in self.used or len(name) == 1:
            raise self.error(f"{name} is not a function: write {name}*(…) for a product, or declare one that is "
                             f'applied entry by entry, "{name}: function"', token)
        near = get_close_matches(name, [*self.words, "block"], 3, 0.6)
        known = f"write {' or '.join(near)}, or " if near else ""
        raise self.error(f"the function {name} is not known: {known}declare one of your own that is applied entry by "
                         f'entry, "{name}: function"', token)

    def axis(self) -> int:
        self.place += 2
        sign = -1 if self.at("operator", "-") and self.take() else 1
        if not self.at("number") or self.token.text not in ("0", "1"):
            raise self.error("axis is 0, 1 or -1", self.token)
        return sign * int(self.take().text)

    def size(self, node: Node) -> Node:
        """A size: a name or a positive whole number, or a sum or product of these."""
        if node.kind == "call" and node.row.words in ("+", "*"):
            node.args = tuple(map(self.size, node.args))
            return node
        named = node.kind == "name" and node.data not in self.declared
        if named or (node.kind == "number" and node.data.is_Integer and node.data > 0):
            return node
        given = self.source.part(node.start, node.end)
        raise self.error("a size is a name or a positive whole number, or a sum or product of these, "
                         f"but {given} was given", node)

    def blocks(self, lines: list[Node], at: Token) -> Node:
        """block([[A, B], [C, D]])."""
        if any(line.kind != "list" for line in lines) or not lines:
            raise self.error("block takes a list of lists: block([[A, B], [C, D]])", at)
        return self.matrix([line.args for line in lines], at)

    def matrix(self, lines: Iterable[tuple[Node, ...]], at: Node | Token) -> Node:
        """Lines of blocks, one below the other."""
        return self.stacked("vstack", [self.stacked("hstack", line, line[0].start, line[-1].end) for line in lines],
                            at.start, at.end)
