"""Expressions in matrix notation with symbolic sizes.

An expression has two axes, rows and columns, either of which may be absent: a matrix (m, n), a column (n, ·), a row
(·, n), a scalar (·, ·). An absent axis is not an axis of size 1. Users see NumPy's shapes, (m, n), (n,) and ().
Equal expressions are one object, so that `is` compares them and a walk over the graph visits each once.
"""

from __future__ import annotations

import ast
import operator
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import import_module
from threading import Lock
from typing import Any, ClassVar
from weakref import WeakValueDictionary

import sympy as sp

from jacobian.algebra import Jacobian
from jacobian.algebra.entries import Size, extent
from jacobian.errors import InputError, MissingRule, ShapeError

Axes = tuple[Size, Size]


def _no_jacobian(y: Expr, k: int) -> Jacobian:
    raise MissingRule(f"no derivative of {y.operation.name} by its argument {k + 1}: "
                      f"write `jacobian` in the row {y.operation.name!r} of jacobian/symbolic")


@dataclass(frozen=True, eq=False)
class Operation:
    """One row: `signature` ("i j, j k -> i k"; a letter may stand for an absent axis), value, local Jacobian, source.

    `value(y, *arrays)` computes from arrays with two axes (absent ones of size 1); `jacobian(y, k)` is the structured
    Jacobian of the expression y by its argument k, in terms of y.args and, where that is shorter, of y itself.
    """

    name: str
    signature: str
    value: Callable[..., Any]
    jacobian: Callable[[Expr, int], Jacobian] = _no_jacobian
    source: str = "definition"
    commutes: bool = False      # whether the order of the arguments does not matter, as in a sum
    turn: Callable[[Expr, Callable[[Expr], Expr]], Expr] | None = None     # yᵀ, given how its arguments are turned
    entrywise: bool = False     # whether it works on each entry of its one argument by itself
    linear: str = ""            # "each": in each argument by itself, as a product; "together": in all at once, as a sum
    sized: bool = False         # whether the value depends on the sizes of y (and in its data): then those are numbers

    def axes(self, *args: Expr) -> Axes:
        """The axes of the result by the signature. Raises ShapeError naming the operand that does not fit."""
        patterns, (first, second) = _letters(self.signature)
        bound: dict[str, Size] = {"·": None}
        for arg, pattern in zip(args, patterns if args else (), strict=True):
            for letter, size in zip(pattern, arg.axes, strict=True):
                if bound.setdefault(letter, size) != size:
                    given = ", ".join(f"{a} of shape {a.shape}" for a in args)
                    inputs = self.signature.partition("->")[0].strip()
                    raise ShapeError(f"{self.name} takes operands of shapes {inputs}, but was given {given}: "
                                     f"{letter} cannot be both {_size(bound[letter])} and {_size(size)}")
        return bound[first], bound[second]


@cache
def _letters(signature: str) -> tuple[list[list[str]], list[str]]:
    """The letters of each argument's two axes, and those of the result's."""
    inputs, _, output = signature.partition("->")
    *patterns, result = ([*pattern.split(), "·", "·"][:2] for pattern in (*inputs.split(","), output))
    return patterns, result


def _size(size: Size) -> str:
    return "no axis" if size is None else str(size)


@dataclass(frozen=True)
class Variable:
    """What a symbol is called, what is known of it beyond its shape, and of which expression it is a change, if any."""

    name: str
    assumptions: tuple[str, ...] = ()
    of: Expr | None = None

    def __str__(self) -> str:
        return self.name


def _first_print(x: Expr) -> str:
    """Printing stands above this module and is loaded when something is first printed; then it takes over here."""
    import_module("jacobian.printing.notation")
    return Expr.printer(x)


@dataclass(frozen=True, eq=False)
class Token:
    """What is equal up to the order of terms and of elementwise factors."""

    __weakref__: Any = field(init=False, default=None)


@dataclass(frozen=True, eq=False, repr=False)
class Expr:
    """operation(args): NumPy's meaning of the operators, `@` matrix product, `*` elementwise, `.T` transpose.

    `data` is what the operation needs besides its arguments: a name, a number, a function. Two expressions have one
    `token` if they differ at most in the order of terms and of elementwise factors.
    """

    operation: Operation
    args: tuple[Expr, ...]
    data: Any
    axes: Axes
    token: Token = field(repr=False)
    __weakref__: Any = field(init=False, default=None)

    printer: ClassVar[Callable[[Expr], str]] = staticmethod(_first_print)
    operators: ClassVar[dict[str, Callable[..., Any]]] = {}
    __array_ufunc__ = None

    @property
    def shape(self) -> tuple[Size, ...]:
        """NumPy's shape: () of a scalar, (n,) of a vector, (m, n) of a matrix."""
        return tuple(size for size in self.axes if size is not None)

    @property
    def size(self) -> Size:
        return extent(self)

    @property
    def label(self) -> str | None:
        """The name of a symbol or a named intermediate result, else None."""
        return str(self.data) if self.operation.name in ("symbol", "named") else None

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What is known of a symbol beyond its shape."""
        return self.data.assumptions if isinstance(self.data, Variable) else ()

    @property
    def origin(self) -> Expr:
        """X of a change dX; of anything else itself."""
        return self.data.of if isinstance(self.data, Variable) and self.data.of is not None else self

    @property
    def T(self) -> Expr:
        """The transpose of a matrix; a vector is its own, as in NumPy."""
        return self.operators["T"](self)

    def sympy(self, sizes: Any = None) -> Any:
        """SymPy's matrix expression; at given sizes, {"m": 2, "n": 3}, the matrix with entries W_11, W_12, …."""
        if sizes is None:
            return import_module("jacobian.symbolic.exchange").matrix_expression(self)
        return import_module("jacobian.symbolic.evaluate").explicit(self, sizes)

    def plain(self) -> str:
        """Text that `jac.parse` reads again, beside `jac.declarations`, in MATLAB's way: "z1 = W*x + b", "sumsq(z1)".

        Raises MissingRule where an operation has no word that is read.
        """
        return import_module("jacobian.printing.plain").plain(self)

    @property
    def names(self) -> tuple[str, ...]:
        """Those of its symbols, in the order in which they come."""
        return tuple(str(x.label) for x in walk(self) if isinstance(x.data, Variable))

    def tape(self, **values: Any) -> Any:
        """Every node at given values, its arguments before it: label, value, args, and local Jacobians as matrices."""
        return import_module("jacobian.symbolic.tape").tape(self, **values)

    def _repr_latex_(self) -> str:
        """In a notebook."""
        latex, notation = map(import_module, ("jacobian.printing.latex", "jacobian.printing.notation"))
        return f"$\\displaystyle {latex.latex(notation.boxes(self))}$"

    def __matmul__(self, other: Any) -> Any:
        return self.operators["@"](self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return self.operators["@"](other, self)

    def __add__(self, other: Any) -> Expr:
        return self.operators["+"](self, other)

    def __radd__(self, other: Any) -> Expr:
        return self.operators["+"](other, self)

    def __sub__(self, other: Any) -> Expr:
        return self.operators["-"](self, other)

    def __rsub__(self, other: Any) -> Expr:
        return self.operators["-"](other, self)

    def __neg__(self) -> Expr:
        return self.operators["*"](-1, self)

    def __mul__(self, other: Any) -> Expr:
        return self.operators["*"](self, other)

    def __rmul__(self, other: Any) -> Expr:
        return self.operators["*"](other, self)

    def __truediv__(self, other: Any) -> Expr:
        return self.operators["/"](self, other)

    def __rtruediv__(self, other: Any) -> Expr:
        return self.operators["/"](other, self)

    def __pow__(self, exponent: Any) -> Expr:
        return self.operators["**"](self, exponent)

    def __rpow__(self, base: Any) -> Expr:
        return self.operators["**"](base, self)

    def __copy__(self) -> Expr:
        return self

    def __deepcopy__(self, memo: Any) -> Expr:
        return self

    def __reduce__(self) -> Any:
        raise InputError(f"{self} cannot be pickled: keep the code that builds it")

    def __bool__(self) -> bool:
        raise InputError(f"{self} has no truth value: it is an expression, not a number")

    def __iter__(self) -> Iterator[Expr]:
        raise InputError(f"{self} cannot be taken apart entry by entry: use .sympy(sizes) for its entries")

    def __str__(self) -> str:
        return type(self).printer(self)

    __repr__ = __str__


_lock = Lock()
_all: WeakValueDictionary[tuple[Any, ...], Expr] = WeakValueDictionary()
_tokens: WeakValueDictionary[tuple[Any, ...], Token] = WeakValueDictionary()


def make(operation: Operation, args: Iterable[Expr] = (), data: Hashable = None, axes: Axes | None = None) -> Expr:
    """The one expression with these parts; its axes follow from the signature unless they are given."""
    args = tuple(args)
    axes = operation.axes(*args) if axes is None else axes
    key = (operation, args, data, axes)
    with _lock:
        found = _all.get(key)
        if found is None:
            found = _all[key] = Expr(operation, args, data, axes, _token(operation, args, data, axes))
    return found


def _token(operation: Operation, args: tuple[Expr, ...], data: Hashable, axes: Axes) -> Token:
    tokens: Any = tuple(arg.token for arg in args)
    key = (operation, frozenset(Counter(tokens).items()) if operation.commutes else tokens, data, axes)
    found = _tokens.get(key)
    if found is None:
        found = _tokens[key] = Token()
    return found


def alike(a: Expr, b: Expr) -> bool:
    """Whether a and b differ at most in the order of terms and of elementwise factors."""
    return a.token is b.token


def walk(*roots: Expr, until: Callable[[Expr], bool] | None = None) -> list[Expr]:
    """Every expression in the graph of the roots once, arguments before users; not below where `until` holds."""
    return list(_graph(roots[0]) if until is None and len(roots) == 1 else _order(roots, until))


def _order(roots: Iterable[Expr], until: Callable[[Expr], bool] | None = None) -> Iterable[Expr]:
    order: dict[Any, None] = {}
    stack: list[Any] = [*roots][::-1]
    while stack:
        node = stack.pop()
        if node is None:                    # what stands below waited for its arguments
            order[stack.pop()] = None
        elif node not in order:
            if node.args and not (until and until(node)):
                stack += (node, None, *node.args[::-1])
            else:
                order[node] = None
    return order


@lru_cache(maxsize=64)
def _graph(root: Expr) -> tuple[Expr, ...]:
    """A walk from one root, for which a derivation asks again and again."""
    return tuple(_order((root,)))


def leaves(*roots: Expr) -> list[Expr]:
    """The symbols in the graph of the roots, in order of first appearance."""
    return [node for node in walk(*roots) if node.operation.name == "symbol"]


def sizes_of(*roots: Expr) -> list[sp.Symbol]:
    """The symbolic sizes in the graph of the roots, sorted by name."""
    found: set[sp.Symbol] = set()
    for node in walk(*roots):
        for part in (*node.axes, node.data):
            if isinstance(part, sp.Basic):
                found |= free(part)
    return sorted(found & _sizes, key=lambda n: n.name)


_sizes: set[Any] = set()


@cache
def free(size: sp.Basic) -> frozenset[sp.Symbol]:
    """The symbols of a size or a number."""
    return frozenset(size.free_symbols)


LONGEST = 80            # a size that is written as a sum or a product


def size(text: Any) -> Size:
    """A size from what a user wrote: a positive whole number, a name, or a sum or product of these: n*q, m+1."""
    if isinstance(text, sp.Integer):
        text = int(text)
    if isinstance(text, sp.Expr) and text.free_symbols:
        _sizes.update(text.free_symbols)
        return text
    if (isinstance(text, int) and not isinstance(text, bool)) or (isinstance(text, str) and text.isdecimal()):
        if int(text) < 1:
            raise _no_size(text)
        return int(text)
    if isinstance(text, str) and text.isidentifier():
        symbol = sp.Symbol(text, integer=True, positive=True)
        _sizes.add(symbol)
        return symbol
    if isinstance(text, str) and len(text) <= LONGEST:
        with suppress(SyntaxError):
            return _composed(ast.parse(text, mode="eval").body, text)
    raise _no_size(text)


_COMPOSED: dict[type, Callable[..., Any]] = {ast.Add: operator.add, ast.Mult: operator.mul}


def _composed(part: ast.expr, whole: str) -> Any:
    """The size that a part of a sum or product says."""
    if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Pow) and isinstance(part.left, ast.Name):
        power = part.right.value if isinstance(part.right, ast.Constant) else None
        if isinstance(power, int) and 0 < power < LONGEST:
            return size(part.left.id) ** power
    elif isinstance(part, ast.BinOp) and type(part.op) in _COMPOSED:
        return _COMPOSED[type(part.op)](_composed(part.left, whole), _composed(part.right, whole))
    elif isinstance(part, ast.Name):
        return size(part.id)
    elif isinstance(part, ast.Constant) and isinstance(part.value, int):
        return size(part.value)
    raise _no_size(whole)


def _no_size(text: Any) -> InputError:
    return InputError("a size is a positive whole number or a name, or a sum or product of these such as n*q, "
                      f"but {text!r} was given")
