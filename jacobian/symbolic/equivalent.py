"""Whether two expressions are the same function: by normal form, then by numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.symbolic import sample
from jacobian.symbolic.elementwise import standing_in
from jacobian.symbolic.evaluate import Binding, by_name
from jacobian.symbolic.expr import Expr, alike, leaves, walk
from jacobian.symbolic.operations import add, expression, is_zero, number, orient, scale
from jacobian.symbolic.parse import declaration, declare, parse
from jacobian.symbolic.simplify import simplify
from jacobian.symbolic.symbols import symbols

SMALLEST = (2, 1, 5, 3)         # of the sizes in a draw; of 1 all are
RELATIVE, ABSOLUTE = 1e-9, 1e-13    # what rounding may do, of the results and of the largest intermediate result
TRUSTED = 1e10                  # larger ones come from a singular matrix, and are noise


@dataclass(frozen=True)
class Point:
    """Numbers at which two expressions were compared: sizes, values by name, and what each expression gives."""

    sizes: Mapping[str, int]
    values: Mapping[str, Any]
    first: Any
    second: Any

    def __str__(self) -> str:
        given = [f"{k} = {v}" for k, v in self.sizes.items()] + [f"{k} = {v.tolist()}" for k, v in self.values.items()]
        return f"{self.first.tolist()} and {self.second.tolist()} at {', '.join(given) or 'every point'}"


@dataclass(frozen=True)
class Equivalence:
    """True if two expressions are equal wherever they are defined, and defined at the same points; `how` says why.

    `counterexample` holds the numbers where they differ, None where the shapes do, or nothing does.
    """

    equal: bool
    how: str
    counterexample: Point | None = None

    def __bool__(self) -> bool:
        return self.equal

    def __str__(self) -> str:
        known = f"{'equal' if self.equal else 'not equal'}: {self.how}"
        return known if self.counterexample is None else f"{known}: {self.counterexample}"


def equivalent(a: Any, b: Any, declarations: str = "", seed: int = 0) -> Equivalence:
    """equivalent("x'*A*x", "trace(A*x*x')"): whether both are equal, and how that is known.

    Expressions, or texts as `parse` reads them; what is not declared has the same shape in both. The normal form
    decides first; numbers decide what it cannot, and are asked in any case, as they see where an expression has no
    value: √x ∘ √x is x for x ≥ 0 only. Raises InputError where nothing decides.
    """
    a, b = _read(a, b, declarations)
    if a.shape != b.shape:
        return Equivalence(False, f"the shapes {_shape(a)} and {_shape(b)} differ")
    b = orient(b, a.axes)
    if alike(a, b):
        return Equivalence(True, "the same expression")
    by_name({}, a, b)
    points = list(_points(a, b, np.random.default_rng(seed)))
    for how, differs in (("they differ", _differ), ("only one of them has a value", _one_sided)):
        found = next((point for point, scale in points if differs(point, scale)), None)
        if found is not None:
            return Equivalence(False, how, found)
    if alike(simplify(a), simplify(b)) or is_zero(simplify(add(a, scale(number(-1), b)))):
        return Equivalence(True, "normal form")
    seen = [point for point, _ in points if np.isfinite(point.first).all()]
    if not seen:
        raise InputError(f"{a} and {b} have no normal form in common, and no value at any of {len(points)} points")
    sizes = sorted({", ".join(f"{k} = {v}" for k, v in point.sizes.items()) for point in seen} - {""})
    return Equivalence(True, f"numbers at {len(seen)} points" + (f", {'; '.join(sizes)}" if sizes else ""))


def _read(a: Any, b: Any, declarations: str) -> tuple[Expr, Expr]:
    """Both as expressions; what is not declared gets its shape from an expression, both texts together, or one."""
    known = _with(_symbols(declarations), leaves(*(x for x in (a, b) if isinstance(x, Expr))))
    texts = [x for x in (a, b) if isinstance(x, str)]
    failed: InputError | None = None
    for text in [f"({a}) - ({b})", *texts] if len(texts) == 2 else texts:
        try:
            shapes = _text(_with(known, _symbols(declare(text, _text(known)))))
            first, second = (parse(x, shapes) if isinstance(x, str) else expression(x) for x in (a, b))
            return first, second
        except InputError as error:
            failed = error
    if failed is not None:
        raise failed
    return expression(a), expression(b)


def _symbols(text: str) -> tuple[Expr, ...]:
    return symbols(text) if text else ()


def _with(known: Iterable[Expr], more: Iterable[Expr]) -> list[Expr]:
    """The symbols known, and of more those with other names."""
    named = {symbol.label: symbol for symbol in (*more, *known)}
    return list(named.values())


def _text(known: Iterable[Expr]) -> str:
    return ", ".join(map(declaration, known))


def _shape(x: Expr) -> str:
    return f"({', '.join(map(str, x.shape))}{',' if len(x.shape) == 1 else ''}) of {x}"


def _points(a: Expr, b: Expr, rng: np.random.Generator) -> Iterator[tuple[Point, float]]:
    """Points of several sizes and kinds of numbers, each with the largest number that is met on the way."""
    for smallest, regime in product(SMALLEST, sample.REGIMES):
        sizes = sample.sizes(rng, a, b, smallest=smallest)
        sizes = dict.fromkeys(sizes, 1) if smallest == 1 else sizes
        unknown = Binding({}, sizes)
        values = {x: sample.value(rng, x, a if x in leaves(a) else b, unknown, regime) for x in leaves(a, b)}
        bind = Binding(values, sizes)
        with standing_in():
            first, second = bind.natural(a), bind.natural(b)
            met = [bind(node) for node in walk(a, b)]
            largest = max(float(np.abs(x).max(initial=0, where=np.isfinite(x))) for x in met)
        if largest < TRUSTED:
            yield Point(sizes, {str(x.label): value for x, value in values.items()}, first, second), largest


def _differ(point: Point, largest: float) -> bool:
    p, q = point.first, point.second
    both = np.isfinite(p) & np.isfinite(q)
    with np.errstate(invalid="ignore", over="ignore"):
        return bool(np.any(both & (np.abs(p - q) > RELATIVE * np.maximum(np.abs(p), np.abs(q)) + ABSOLUTE * largest)))


def _one_sided(point: Point, largest: float) -> bool:
    return bool(np.any(np.isfinite(point.first) != np.isfinite(point.second)))
