"""Expressions at given values: NumPy arrays (any float or complex type) or SymPy entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from functools import lru_cache
from operator import index
from typing import Any

import numpy as np
import sympy as sp

from jacobian.algebra.entries import Arrays, Size, array, count
from jacobian.errors import InputError, ShapeError
from jacobian.symbolic.assumptions import ASSUMPTIONS
from jacobian.symbolic.expr import Expr, free, leaves, make, walk
from jacobian.symbolic.leaves import SYMBOL, expression


class Binding:
    """Values for symbols and sizes. bind(expr) is the array with two axes, bind.size(n) the number.

    `values` maps symbols to arrays of the symbols' shapes; sizes follow from them, or are given. Raises InputError for
    a value that is missing, ShapeError for one that does not fit.
    """

    def __init__(self, values: Mapping[Expr, Any], sizes: Mapping[Any, int] | None = None) -> None:
        self.sizes = {str(key): _whole(key, value) for key, value in by_size(sizes).items()}
        self._lengths: dict[Any, int] = {}          # those of `sizes` and sums and products of them
        arrays = {symbol: array(value, str(symbol)) for symbol, value in values.items()}
        for symbol, value in arrays.items():
            self._measure(symbol, value)
        for symbol, value in arrays.items():
            self._solve(symbol, value)
        self.dtype = np.result_type(*[a.dtype for s, a in arrays.items() if "index" not in s.assumptions] or [float])
        for symbol, value in arrays.items():
            if value.shape != tuple(map(self.size, symbol.shape)):
                raise ShapeError(f"{symbol} has shape {symbol.shape}, but an array of shape {value.shape} was given")
            _assumed(symbol, value)
        self._known = {symbol: value.reshape(self.shape(symbol)) for symbol, value in arrays.items()}

    def _measure(self, symbol: Expr, value: Any) -> None:
        if value.ndim != len(symbol.shape):
            raise ShapeError(f"{symbol} has shape {symbol.shape}, but an array of shape {value.shape} was given")
        for size, length in zip(symbol.shape, value.shape, strict=True):
            known = self.sizes.setdefault(size.name, length) if isinstance(size, sp.Symbol) else None
            if known not in (None, length):
                raise ShapeError(f"{symbol} has shape {symbol.shape}, but an array of shape {value.shape} was given, "
                                 f"and {size} = {known} elsewhere")

    def _solve(self, symbol: Expr, value: Any) -> None:
        """Take n from a size such as 2 n, in which it is all that is not known; what does not fit is refused later."""
        for size, length in zip(symbol.shape, value.shape, strict=True):
            if isinstance(size, sp.Expr) and not isinstance(size, sp.Symbol):
                left = size.xreplace({n: sp.Integer(self.sizes[n.name]) for n in size.free_symbols
                                      if n.name in self.sizes})
                unknown = list(left.free_symbols)
                if len(unknown) == 1 and (step := sp.diff(left, unknown[0])).is_positive and step.is_Integer:
                    self.sizes[unknown[0].name] = max((length - int(left.subs(unknown[0], 0))) // int(step), 0)

    def size(self, n: Size) -> Size:
        """The value of a size."""
        if n is None or isinstance(n, int):
            return n
        if n not in self._lengths:
            self._lengths[n] = self._length(n)
        return self._lengths[n]

    def _length(self, n: Any) -> int:
        if isinstance(n, sp.Symbol) and n.name in self.sizes:
            return self.sizes[n.name]
        missing = [s.name for s in n.free_symbols if s.name not in self.sizes]
        if missing:
            raise InputError(f"the size {missing[0]} is not known: give it, or an array that shows it")
        return int(n.xreplace({s: sp.Integer(self.sizes[s.name]) for s in n.free_symbols}))

    def shape(self, x: Expr) -> tuple[int, int]:
        """The two axes of an expression in numbers, an absent one of size 1."""
        m, n = x.axes
        return self.size(count(m)), self.size(count(n))

    def _leaf(self, x: Expr) -> Any:
        make = _LEAVES.get(x.operation.name)
        if make is None:
            given = ", ".join(str(s) for s in self._known if s.operation.name == "symbol") or "nothing"
            raise InputError(f"{x} of shape {x.shape} has no value: values were given for {given}")
        if self.dtype == object:
            return np.vectorize(sp.sympify, otypes=[object])(make(self, x))
        return np.asarray(make(self, x)).astype(self.dtype)

    def __call__(self, x: Any) -> Any:
        """The array of an expression, with two axes; anything else is returned as it is."""
        if not isinstance(x, Expr):
            return x
        known = self._known
        if x in known:
            return known[x]
        with np.errstate(all="ignore"):
            for node in walk(x, until=known.__contains__):
                if node not in known:
                    known[node] = node.operation.value(self.sized(node), *(known[arg] for arg in node.args)) \
                        if node.args else self._leaf(node)
        return known[x]

    def sized(self, x: Expr) -> Expr:
        """x as its operation takes it: with numbers for its sizes where the value depends on them."""
        if not x.operation.sized:
            return x
        data = tuple(map(self.size, x.data)) if isinstance(x.data, tuple) else x.data
        return make(x.operation, x.args, data, tuple(map(self.size, x.axes)))

    def values(self) -> dict[Expr, Any]:
        """The arrays of the symbols, in NumPy's shape."""
        return {x: self.natural(x) for x in self._known if x.operation is SYMBOL}

    def replaced(self, x: Expr, array: Any) -> Binding:
        """The same values, but with an array (of two axes) for x, a symbol or a named result."""
        return self.moved({x: array})

    def moved(self, arrays: Mapping[Expr, Any]) -> Binding:
        """The same for several."""
        other = copy(self)
        other._known = {s: a for s, a in self._known.items() if s.operation is SYMBOL} | dict(arrays)
        return other

    def natural(self, x: Expr) -> Any:
        """The array in NumPy's shape: (), (n,) or (m, n)."""
        return self(x).reshape([self.size(n) for n in x.shape])


def by_size(sizes: Mapping[Any, int] | None) -> Mapping[Any, int]:
    """The sizes by name, none by default. Raises InputError where something else stands in their place."""
    if not isinstance(sizes, Mapping | None):
        raise InputError("arrays are given by the names of their symbols, as in x=…, and sizes as {'n': 3}, "
                         f"but {type(sizes).__name__} was given without a name")
    return sizes or {}


def _whole(key: Any, value: Any) -> int:
    """A size as a number. Raises InputError unless it is a positive whole one."""
    try:
        number = index(value)
    except TypeError:
        number = 0
    if number < 1:
        raise InputError(f"the size {key} is a positive whole number, but {value!r} was given")
    return number


def _assumed(symbol: Expr, value: Any) -> None:
    """Raise InputError where numbers are not what the symbol was declared to be; NaN passes through."""
    if not symbol.assumptions or value.dtype == object or not np.isfinite(value).all():
        return
    for word in symbol.assumptions:
        if not ASSUMPTIONS[word].holds(value.real):
            raise InputError(f"{symbol} is declared {ASSUMPTIONS[word].words}, but {value} was given")


def _number(bind: Binding, x: Expr) -> Any:
    sizes = free(x.data)
    missing = min((s.name for s in sizes if s.name not in bind.sizes), default=None)
    if missing is not None:
        raise InputError(f"the size {missing} is not known: give it, or an array that shows it")
    value = x.data.xreplace({s: sp.Integer(bind.sizes[s.name]) for s in sizes}) if sizes else x.data
    return np.array([[value if bind.dtype == object else _float(value)]])


@lru_cache(maxsize=1024)
def _float(value: sp.Expr) -> float:
    return float(value) if value.is_real else np.nan


_LEAVES: dict[str, Callable[[Binding, Expr], Any]] = {
    "number": _number,
    "ones": lambda bind, x: np.ones(bind.shape(x), int),
    "zeros": lambda bind, x: np.zeros(bind.shape(x), int),
    "eye": lambda bind, x: np.eye(*bind.shape(x), dtype=int),
    "commutation": lambda bind, x: Arrays.commutation(*map(bind.size, x.data)),
    "commutation by columns": lambda bind, x: Arrays.commutation(*map(bind.size, reversed(x.data))),
    "selection": lambda bind, x: Arrays.selection(bind.size(x.data)),
    "insertion": lambda bind, x: Arrays.insertion(*map(bind.size, x.data)),
    "tril": lambda bind, x: np.tril(np.ones(bind.shape(x), int)),
    "permutation": lambda bind, x: Arrays.eye(len(x.data))[list(x.data)],
    "gather": lambda bind, x: Arrays.gather(np.array(x.data), x.axes[1]),
}


def evaluate(x: Any, sizes: Mapping[Any, int] | None = None, /, **values: Any) -> Any:
    """The array of x in NumPy's shape, from arrays by the names of the symbols: evaluate(f, W=…, x=…)."""
    x = expression(x)
    return Binding(by_name(values, x), sizes).natural(x)


def by_name(values: Mapping[str, Any], *roots: Expr) -> dict[Expr, Any]:
    """The values by symbol. Raises InputError for a name that the roots do not have."""
    symbols = leaves(*roots)
    known = {str(symbol.label): symbol for symbol in symbols}
    twice = [symbol for symbol in symbols if known[str(symbol.label)] is not symbol]
    if twice:
        raise InputError(f"{twice[0]} of shape {twice[0].shape} and of shape {known[str(twice[0].label)].shape} "
                         "are two symbols of one name: give each a name of its own")
    unknown = [key for key in values if key not in known]
    if unknown:
        raise InputError(f"{unknown[0]!r} is not in {roots[0]}: its symbols are {', '.join(known) or 'none'}")
    return {known[key]: value for key, value in values.items()}


def explicit(x: Expr, sizes: Mapping[Any, int] | None = None) -> Any:
    """x with SymPy entries W_11, W_12, … at given sizes: a SymPy expression of a scalar, else a SymPy matrix.

    Vectors are columns. Raises InputError for a size that is not given, and for class indices, which have no entries.
    """
    bind = Binding({}, sizes)
    indices = [s for s in leaves(x) if "index" in s.assumptions]
    if indices:
        raise InputError(f"{indices[0]} is an index of classes and has no entries to write: use a one-hot vector")
    unknown = {s: letters(s, [bind.size(n) for n in s.shape]) for s in leaves(x)}
    taken: dict[Any, Expr] = {}
    for symbol, array_of_letters in unknown.items():
        for letter in array_of_letters.flat:
            if taken.setdefault(letter, symbol) is not symbol:
                raise InputError(f"{letter} would be an entry of two symbols, {symbol} of shape {symbol.shape} and "
                                 f"{taken[letter]} of shape {taken[letter].shape}: give them other names")
    entries = Binding(unknown, sizes)
    entries.dtype = np.dtype(object)
    whole = entries(x)
    if x.shape == ():
        return whole[0, 0]
    return sp.Matrix(whole if x.axes[0] is not None else whole.T)


def letters(symbol: Expr, shape: list[int]) -> Any:
    """An array of SymPy symbols named after the symbol, with indices from 1."""
    join = "" if all(n < 10 for n in shape) else "_"
    entries = np.empty(shape, dtype=object)
    for place in np.ndindex(*shape):
        label = f"{symbol.label}_{join.join(str(i + 1) for i in place)}" if shape else str(symbol.label)
        entries[place] = sp.Symbol(label, real=True)
    return entries
