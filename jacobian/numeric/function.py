"""y = f(x₁, …, xₖ) seen as one map of flat vectors: arguments copied, results checked, calls counted."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from itertools import repeat
from math import prod
from typing import Any

import numpy as np

from jacobian.errors import InputError, ShapeError
from jacobian.numeric.names import chosen, names, plain

Real = np.ndarray[Any, np.dtype[np.float64]]
Complex = np.ndarray[Any, np.dtype[np.complex128]]
Index = np.ndarray[Any, np.dtype[np.intp]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
TINY = float(np.finfo(np.float64).tiny)
NARROW = (np.dtype(np.float16), np.dtype(np.float32))


@contextmanager
def quiet() -> Iterator[None]:
    """No floating-point warning and no Python warning leaves this block."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def inputs(x: Any, names: Sequence[str] = ()) -> tuple[np.ndarray[Any, Any], ...]:
    """x₁, …, xₖ: a tuple is several inputs, everything else is one; integers become float64, floats keep their type."""
    entries = x if isinstance(x, tuple) else (x,)
    called = names or plain("x", len(entries))
    return tuple(array(entry, name) for entry, name in zip(entries, called, strict=True))


def array(x: Any, name: str) -> np.ndarray[Any, Any]:
    """A copy of x as an array of real floats, or an InputError that calls it by its name."""
    try:
        values = np.array(x)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{name} is not one array (several inputs are a tuple): {error}") from error
    if values.dtype.kind == "f":
        return values
    if values.dtype.kind in "iu":
        return values.astype(np.float64)
    given = f"an array of {values.dtype}" if isinstance(x, np.ndarray) else f"{type(x).__name__} {x!r:.60}"
    raise InputError(f"{name} must be real numbers; it is {given}")


class Function:
    """y = f(x₁, …, xₖ) with x and y flattened row-major: x (n,), y (m,).

    f gets fresh float64 copies of its inputs in their shapes (or the type they came in, if f refuses float64).
    `executor` is where several points are evaluated at once; without one they take turns. `seen` is called after
    each. `names` are those of the parameters of f, or what the inputs are `called`. Raises InputError if f is not
    callable, raises at x, or returns anything but one array of real numbers.
    """

    kinds = "fiub"              # of the numbers f may return
    numbers = "real numbers"

    def __init__(self, f: Callable[..., Any], x: Any, executor: Executor | None = None,
                 seen: Callable[[], None] = lambda: None, called: Sequence[str] | None = None) -> None:
        if not callable(f):
            raise InputError(f"f must be a function; it is {type(f).__name__} {f!r:.60}")
        if not (executor is None or isinstance(executor, Executor)):
            raise InputError(f"executor must be a concurrent.futures.Executor; it is {type(executor).__name__}")
        self.f, self.executor, self.seen = f, executor, seen
        self.several = isinstance(x, tuple)
        count = len(x) if self.several else 1
        self.names = names(f, count) if called is None else chosen(called, count)
        self.given = inputs(x, self.names)
        self.shapes = tuple(entry.shape for entry in self.given)
        self.x: Real = np.concatenate([entry.ravel().astype(np.float64) for entry in self.given] or [np.zeros(0)])
        self.types: tuple[np.dtype[Any], ...] = (np.dtype(np.float64),) * len(self.given)
        self.evaluations = 0
        with quiet():
            y = self._first()
        self.shape, self.dtype = y.shape, y.dtype
        self.y: Real = self.flat(y)

    @property
    def size(self) -> Real:
        """|yᵢ|, and 1 where yᵢ = 0, as f may have lost a small change beside numbers of that size; (m,)."""
        return np.where(self.y == 0, 1.0, np.abs(self.y))

    def flat(self, y: np.ndarray[Any, Any]) -> Real:
        """A value of f as (m,): a copy, as f may hand out the same buffer every time."""
        return y.ravel().astype(np.float64)

    def cotangent(self, g: Real) -> np.ndarray[Any, Any]:
        """g (m,) as an array like f(x)."""
        return g.reshape(self.shape).copy()

    def at(self, points: Sequence[Real]) -> Iterator[Real]:
        """f at each of the points as (m,); nan where f has no value there (a domain error away from x)."""
        for y in self._outcomes(points, self.types):
            if isinstance(y, ArithmeticError | ValueError):
                yield np.full(self.y.size, np.nan)
            elif isinstance(y, Exception):
                raise self._refusal(y) from y
            else:
                yield self.flat(self._fitting(self._read(y)))

    def at_complex(self, points: Sequence[Complex]) -> Iterator[Complex | None]:
        """f at each of the points as (m,), or None where it takes no complex numbers: raises or gives another shape."""
        for y in self._outcomes(points, tuple(np.result_type(t, np.complex64) for t in self.types)):
            try:
                values = np.asarray(y)
            except (TypeError, ValueError):
                values = np.asarray(None)
            fits = values.dtype.kind in "fciub" and values.shape == self.shape
            yield values.ravel().astype(np.complex128) if fits else None

    def split(self, rows: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], ...]:
        """(…, n) cut into one block per input, (…) + shape of the input."""
        ends = np.cumsum([prod(shape) for shape in self.shapes])[:-1]
        parts = np.split(rows, ends, axis=-1) if self.shapes else []
        return tuple(p.reshape(p.shape[:-1] + s) for p, s in zip(parts, self.shapes, strict=True))

    def blocks(self, matrix: Real) -> tuple[Real, ...]:
        """(m, n) as one array per input, of shape y.shape + x.shape."""
        return self.split(matrix.reshape(*self.shape, self.x.size))

    def one(self, parts: tuple[Any, ...]) -> Any:
        """The tuple itself where x was a tuple, else its only entry."""
        return parts if self.several else parts[0]

    def _first(self) -> np.ndarray[Any, Any]:
        own = tuple(entry.dtype for entry in self.given)
        (y,) = self._outcomes([self.x], self.types)
        if isinstance(y, Exception) and any(t in NARROW for t in own):
            self.types = own
            (y,) = self._outcomes([self.x], own)
        if isinstance(y, Exception):
            raise self._refusal(y) from y
        return self._read(y)

    def _outcomes(self, points: Sequence[np.ndarray[Any, Any]], types: tuple[np.dtype[Any], ...]) -> Iterator[Any]:
        """What f returns or raises at each of the points, each of its inputs of the type asked for."""
        arguments = ([np.array(part, dtype=t) for part, t in zip(self.split(x), types, strict=True)] for x in points)
        apply = self.executor.map if self.executor and len(points) > 1 else map
        for y in apply(outcome, repeat(self.f), arguments):
            self.evaluations += 1
            self.seen()
            yield y

    def _read(self, y: Any) -> np.ndarray[Any, Any]:
        if y is None:
            raise InputError("f returned None; it must return a number or an array (is a `return` missing?)")
        try:
            values = np.asarray(y)
        except (TypeError, ValueError) as error:
            raise InputError(f"f must return one array; what it returned is none: {error}") from error
        if values.dtype.kind not in self.kinds:
            raise InputError(f"f must return {self.numbers}; it returned {type(y).__name__} of type {values.dtype}")
        return values

    def _fitting(self, y: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        if y.shape != self.shape:
            raise ShapeError(f"f returned shape {self.shape} at x and {y.shape} close to x; its shape must not change")
        return y

    def _refusal(self, error: Exception) -> InputError:
        at = ", ".join(str(shape) for shape in self.shapes)
        return InputError(f"f raised {type(error).__name__} at x of shape {at}: {error}")


class ComplexFunction(Function):
    """y = f(x₁, …, xₖ) where y may be complex: then its real parts and after them its imaginary parts, y (2m,)."""

    kinds, numbers = "fiubc", "numbers"

    def flat(self, y: np.ndarray[Any, Any]) -> Real:
        real = super().flat(y.real)
        return np.concatenate([real, super().flat(y.imag)]) if self.dtype.kind == "c" else real

    def cotangent(self, g: Real) -> np.ndarray[Any, Any]:
        """g (2m,) as an array like f(x): ⟨g, y⟩ = Re gᴴ y."""
        if self.dtype.kind != "c":
            return super().cotangent(g)
        real, imaginary = np.split(g, 2)
        return (real + 1j * imaginary).reshape(self.shape)


def outcome(f: Callable[..., Any], arguments: Sequence[np.ndarray[Any, Any]]) -> Any:
    """f(*arguments), or the exception it raised. A function of a module, so that it reaches other processes."""
    with np.errstate(all="ignore"):
        try:
            return f(*arguments)
        except Exception as error:
            return error
