"""A claimed derivative in any form, written out as Jacobians, one per input, with the rounding it may have."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.function import NARROW, Function, Real, array, quiet
from jacobian.verify.faults.calls import Defect

EPSILON = float(np.finfo(np.float64).eps)
Shapes = tuple[tuple[int, ...], ...]


class Misfit(Exception):
    """The claim has shapes in which nothing can be compared; the message names both."""

    def __init__(self, message: str, given: Shapes, expected: Shapes) -> None:
        super().__init__(message)
        self.given, self.expected = given, expected


@dataclass(frozen=True, eq=False)
class Claim:
    """C[i, j] ≈ ∂yᵢ/∂xⱼ as (m, n), its rounding, and the properties it lacks.

    spread     how far a unit in the last place of x moves each entry, (m, n)
    spacing    the distance of its numbers at 1
    floor      the size of the terms whose rounding may be left in an entry, (m, n)
    """

    matrix: Real
    spread: Real
    spacing: float
    floor: Real
    defects: tuple[Defect, ...] = ()

    @property
    def rounding(self) -> Real:
        """What rounding may have done to each entry, (m, n); Higham 2002, Accuracy and Stability, ch. 3."""
        size = np.where(np.isfinite(self.matrix), np.abs(self.matrix), 0.0)
        return 8 * self.spread + self.spacing * (2**8 * size + 2**4 * self.floor)


def call(name: str, claim: Callable[..., Any], *arguments: Any) -> Any:
    """claim(*arguments) with its exceptions told as an InputError; Misfit, MemoryError and interrupts pass."""
    try:
        with quiet():
            return claim(*arguments)
    except (MemoryError, Misfit):
        raise
    except Exception as error:
        shapes = ", ".join(str(np.shape(a)) if not isinstance(a, tuple) else "a tuple" for a in arguments)
        given = f" for arguments of shape {shapes}" if arguments else ""
        raise InputError(f"{name} raised {type(error).__name__}{given}: {error}") from error


def epsilon(result: np.ndarray[Any, Any]) -> float:
    """The spacing at 1 of the type the numbers were computed in: float32 shows in a float64 array too.

    A number such as 0.5 is held by every type and tells nothing; one with more than 16 binary digits does.
    """
    if result.dtype in NARROW:
        return float(np.finfo(result.dtype).eps)
    values = result[np.isfinite(result)]
    with np.errstate(over="ignore"):
        held = (values.astype(np.float32) == values).all()
    long = np.ldexp(np.frexp(values)[0], 16)
    return float(np.finfo(np.float32).eps) if held and (long != np.round(long)).any() else EPSILON


def parts(name: str, result: Any, names: Sequence[str], shapes: Shapes) -> tuple[np.ndarray[Any, Any], ...]:
    """The claim's arrays, one per shape: a tuple, named after the inputs, or without names a bare array.

    Raises Misfit where shapes differ.
    """
    if result is None:
        raise InputError(f"{name} returned None; it must return numbers or arrays (is a `return` missing?)")
    entries = tuple(result) if isinstance(result, tuple) or (names and isinstance(result, list)) else (result,)
    if len(entries) != len(shapes):
        arrays = "1 array" if len(entries) == 1 else f"{len(entries)} arrays"
        given = tuple(np.shape(entry) for entry in entries)
        expected = f"{len(shapes)}, of shapes {listed(shapes)}"
        raise Misfit(f"{name} gives {arrays}, but it must give {expected}", given, shapes)
    called = [f"{name} for {each}" for each in names] or [name]
    found = tuple(map(array, entries, called))
    for entry, shape, which in zip(found, shapes, called, strict=True):
        if entry.shape != shape:
            given = tuple(other.shape for other in found)
            raise Misfit(f"{which} has shape {entry.shape}, but it must be {shape}", given, shapes)
    return found


def named(function: Function) -> tuple[str, ...]:
    """The inputs of x, a tuple; none where x is no tuple."""
    return function.names if function.several else ()


def listed(shapes: Shapes) -> str:
    """(3, 4), (4,)"""
    return ", ".join(map(str, shapes))


def joined(entries: tuple[np.ndarray[Any, Any], ...], lead: int = 1) -> tuple[Real, float]:
    """The entries flattened side by side as (lead, n), and the coarsest spacing among them."""
    flat = [entry.reshape(lead, -1).astype(np.float64) for entry in entries]
    return np.concatenate(flat, axis=1), max(map(epsilon, entries), default=EPSILON)


def written(name: str, claim: Any, function: Function, x: tuple[np.ndarray[Any, Any], ...]) -> tuple[Real, float]:
    """∂y/∂x as it is claimed: an array, an object with .dense(), or a function of x giving one; (m, n).

    Each array of a jacobian has shape y.shape + x.shape, or is the matrix (m, n); a gradient has the shape of x.
    """
    given = call(name, claim, *(entry.copy() for entry in x)) if callable(claim) else claim
    result = tuple(dense(name, entry) for entry in given) if isinstance(given, tuple) else dense(name, given)
    m, sizes = function.y.size, [int(np.prod(shape)) for shape in function.shapes]
    if name == "gradient":
        return joined(parts(name, result, named(function), function.shapes), m)
    if isinstance(result, np.ndarray) and result.shape == (m, sum(sizes)):
        return joined((array(result, name),), m)
    shapes = tuple(function.shape + shape for shape in function.shapes)
    if isinstance(result, tuple) and [np.shape(entry) for entry in result] == [(m, size) for size in sizes]:
        result = tuple(np.reshape(entry, shape) for entry, shape in zip(result, shapes, strict=True))
    return joined(parts(name, result, named(function), shapes), m)


def dense(name: str, value: Any) -> Any:
    """J.dense() where there is such a thing."""
    return call(name, value.dense) if hasattr(value, "dense") else value


def units(shapes: tuple[tuple[int, ...], ...]) -> Iterator[tuple[Real, ...]]:
    """e₁, …, eₙ over all inputs, each as a tuple of arrays in their shapes."""
    for k, shape in enumerate(shapes):
        for j in range(int(np.prod(shape))):
            unit = tuple(np.zeros(s) for s in shapes)
            unit[k].flat[j] = 1.0
            yield unit


def floor(function: Function, matrix: Real) -> Real:
    """maxₖ |Cᵢₖ| + |yᵢ| / max(1, |xⱼ|): the terms whose rounding may be left in an entry; (m, n)."""
    size = np.where(np.isfinite(matrix), np.abs(matrix), 0.0).max(axis=1, keepdims=True)
    y, x = (np.where(np.isfinite(a), np.abs(a), 0.0) for a in (function.y, function.x))
    return size + y[:, None] / np.maximum(1.0, x)
