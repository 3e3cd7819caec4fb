"""Formulas from text: what is read, of what shapes, and the expression that it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from jacobian.errors import InputError
from jacobian.symbolic import leaves
from jacobian.symbolic import operations as op
from jacobian.symbolic.expr import Expr, Variable, make, size
from jacobian.symbolic.parse.declarations import FUNCTION
from jacobian.symbolic.parse.declarations import declarations as declared
from jacobian.symbolic.parse.functions import SIGNS
from jacobian.symbolic.parse.grammar import read
from jacobian.symbolic.parse.kinds import Kinds
from jacobian.symbolic.parse.node import Node, Program, ordered
from jacobian.symbolic.parse.sizes import Sizes

BITS = 4000


def parse(text: str, declarations: str = "", syntax: str | None = None) -> Expr:
    """parse("x'*A*x", "A: n n, x: n"): the expression that a text says, in MATLAB's or NumPy's way of writing.

    `'` or `.*` or `^` say MATLAB, where `*` is the matrix product and x a column; `@`, `.T`, `**` or `np.` say NumPy,
    where `*` goes entry by entry; else it is read as MATLAB; `syntax` chooses. What is not declared gets its shape
    from its use and its name (see `declare`); a declared size is a number: sum(x)/n. "g: function" declares a function
    of one variable without values, which is taken entry by entry: its derivative is g′. Statements `z = A*x + b`, on
    lines or with ; between them, give names to intermediate results; the last one is the result. Raises InputError,
    for shapes ShapeError, with the place.
    """
    return Meaning(text, declarations, syntax).expression()


def declare(text: str, declarations: str = "", syntax: str | None = None) -> str:
    """declare("norm2(A*x-b)") is "A: m n, x: n, b: m": the shapes with which `parse` reads a text."""
    meaning = Meaning(text, declarations, syntax)
    functions = (f"{name}: {FUNCTION}" for name in meaning.functions)
    return ", ".join([*map(declaration, meaning.symbols.values()), *functions])


def declaration(symbol: Expr) -> str:
    """How a symbol is declared: "A: n n symmetric"."""
    sizes = (str(n).replace(" ", "") for n in symbol.shape)
    return f"{symbol.label}: {' '.join((*sizes, *symbol.assumptions))}".rstrip()


class Meaning:
    """A text with the shape of each of its parts: its `symbols` by name, the `functions` in it that were declared."""

    def __init__(self, text: str, declarations: str, syntax: str | None) -> None:
        self.declared = declared(declarations)
        self.program: Program = read(text, self.declared, syntax)
        called = {node.row.words for node in self.program.nodes if node.kind == "call"}
        self.functions = [name for name in self.declared.functions if name in called]
        given = self.declared.symbols
        known = {str(s) for symbol in given.values() for n in symbol.axes if isinstance(n, sp.Basic)
                 for s in n.free_symbols}
        known |= {n.data for node in self.program.nodes for n in ordered(node.sizes.values()) if n.kind == "name"}
        known -= given.keys()
        self.kinds = Kinds(self.program, given, known)
        self.sizes = Sizes(self.program, self.kinds, given, known)
        self.known = known
        self.symbols: dict[str, Expr] = {}
        for node in self.program.nodes:
            if node.kind == "name" and node.data not in self.symbols and node.data not in known:
                self.symbols[node.data] = given[node.data] if node.data in given else \
                    make(leaves.SYMBOL, data=Variable(node.data), axes=self.sizes[node])

    def expression(self) -> Expr:
        built: dict[Node, Any] = {}
        for node in self.program.nodes:
            built[node] = self._built(node, built)
        return _summed(built[self.program.result.whole])

    def _built(self, node: Node, built: Mapping[Node, Any]) -> Any:
        if node.kind == "number":
            return leaves.number(node.data)
        if node.kind == "name":
            return self.symbols[node.data] if node.data in self.symbols else leaves.number(size(node.data))
        args = [built[arg.whole] for arg in node.args]
        if node.kind == "call" and node.row in _SUMS and len({self.kinds[n] for n in (node, *node.args)}) == 1:
            first, second = args[0], _summed(args[1])
            terms = first if isinstance(first, list) else [first]
            terms.append(second if node.row.words == "+" else op.scale(leaves.number(-1), second))
            return terms
        return self._called(node, [_summed(arg) for arg in args])

    def _called(self, node: Node, args: list[Expr]) -> Expr:
        axes = self.sizes[node]
        try:
            if node.kind == "given":
                return leaves.name(node.data, args[0])
            row = node.row
            if row.words in _POWERS:
                _bounded(*args)
            elif row.words in _QUOTIENTS:
                _bounded(args[1], leaves.number(-1))
            value = row.build(axes, *args) if row.sizes is not None else row.build(*args)
        except InputError as error:
            raise self.program.error(str(error), node, type(error)) from error
        if value.operation is leaves.NUMBER and _bits(value.data) > BITS:
            raise self.program.error("this number is too long", node)
        return op.orient(value, axes)


_SUMS = [SIGNS[syntax][sign] for syntax in SIGNS for sign in "+-"]
_POWERS, _QUOTIENTS = ("^", ".^", "**", "power"), ("/", "./")


def _summed(value: Any) -> Expr:
    """A sum of many terms is built when it is whole."""
    return op.add(*value) if isinstance(value, list) else value


def _bits(number: sp.Expr) -> int:
    return max((int(q.p).bit_length() + int(q.q).bit_length() for q in number.atoms(sp.Rational)), default=0)


def _bounded(base: Expr, exponent: Expr) -> None:
    """Raise InputError for a power of numbers that has no value, or more digits than anyone reads."""
    if exponent.operation is not leaves.NUMBER or not exponent.data.is_Rational:
        return
    k, x = exponent.data, base.data if base.operation is leaves.NUMBER else sp.Integer(2)
    if x.is_zero and k < 0:
        raise InputError("this divides by 0")
    if x.is_negative and k.q != 1:
        raise InputError(f"the negative number {x} has no real power {k}")
    if _bits(x) * abs(k.p) > BITS or k.q > BITS:
        raise InputError(f"the exponent {exponent} is too large")
