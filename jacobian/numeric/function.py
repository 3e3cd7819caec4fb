"""y = f(x₁, …, xₖ) seen as one map of flat vectors: arguments copied, results checked, calls counted."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from jacobian.errors import InputError, ShapeError

Real = np.ndarray[Any, np.dtype[np.float64]]
Complex = np.ndarray[Any, np.dtype[np.complex128]]
TINY = float(np.finfo(np.float64).tiny)
NARROW = (np.dtype(np.float16), np.dtype(np.float32))


@contextmanager
def quiet() -> Iterator[None]:
    """No floating-point warning and no Python warning leaves this block."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def inputs(x: Any) -> tuple[np.ndarray[Any, Any], ...]:
    """x₁, …, xₖ: a tuple is several inputs, everything else is one; integers become float64, floats keep their type."""
    return tuple(array(entry, f"input {k}") for k, entry in enumerate(x)) if isinstance(x, tuple) else (array(x, "x"),)


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
    Raises InputError if f is not callable, raises at x, or returns anything but one array of real numbers.
    """

    def __init__(self, f: Callable[..., Any], x: Any) -> None:
        if not callable(f):
            raise InputError(f"f must be a function; it is {type(f).__name__} {f!r:.60}")
        self.f = f
        self.given = inputs(x)
        self.several = isinstance(x, tuple)
        self.shapes = tuple(entry.shape for entry in self.given)
        self.x: Real = np.concatenate([entry.ravel().astype(np.float64) for entry in self.given] or [np.zeros(0)])
        self.types: tuple[np.dtype[Any], ...] = (np.dtype(np.float64),) * len(self.given)
        self.evaluations = 0
        with quiet():
            y = self._first()
        self.shape, self.dtype = y.shape, y.dtype
        self.y: Real = y.ravel().astype(np.float64)

    @property
    def size(self) -> Real:
        """|yᵢ|, and 1 where yᵢ = 0, as f may have lost a small change beside numbers of that size; (m,)."""
        return np.where(self.y == 0, 1.0, np.abs(self.y))

    def at(self, x: Real) -> Real:
        """f(x) as (m,); nan where f has no value there (a domain error away from the point asked for)."""
        try:
            y = self._call(x, self.types)
        except (ArithmeticError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            return np.full(self.y.size, np.nan)
        except Exception as error:
            raise self._refusal(error) from error
        return self._fitting(y).ravel().astype(np.float64)      # a copy: f may hand out the same buffer every time

    def at_complex(self, z: Complex) -> Complex | None:
        """f(z) as (m,), or None where f does not take complex numbers: it raises, warns, or returns something else."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", np.exceptions.ComplexWarning)
                y = self._call(z, tuple(np.result_type(t, np.complex64) for t in self.types), kinds="fciub")
        except Exception:
            return None
        return y.ravel().astype(np.complex128) if y.shape == self.shape else None

    def split(self, rows: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], ...]:
        """(…, n) cut into one block per input, (…) + shape of the input."""
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes])[:-1]
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
        try:
            return self._call(self.x, self.types)
        except InputError:
            raise
        except Exception as error:
            if not any(t in NARROW for t in own):
                raise self._refusal(error) from error
        self.types = own
        try:
            return self._call(self.x, own)
        except InputError:
            raise
        except Exception as error:
            raise self._refusal(error) from error

    def _call(self, x: np.ndarray[Any, Any], types: tuple[np.dtype[Any], ...],
              kinds: str = "fiub") -> np.ndarray[Any, Any]:
        self.evaluations += 1
        y = self.f(*(np.array(part, dtype=t) for part, t in zip(self.split(x), types, strict=True)))
        if y is None:
            raise InputError("f returned None; it must return a number or an array (is a `return` missing?)")
        try:
            values = np.asarray(y)
        except (TypeError, ValueError) as error:
            raise InputError(f"f must return one array; what it returned is none: {error}") from error
        if values.dtype.kind not in kinds:
            raise InputError(f"f must return real numbers; it returned {type(y).__name__} of type {values.dtype}")
        return values

    def _fitting(self, y: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        if y.shape != self.shape:
            raise ShapeError(f"f returned shape {self.shape} at x and {y.shape} close to x; its shape must not change")
        return y

    def _refusal(self, error: Exception) -> InputError:
        at = ", ".join(str(shape) for shape in self.shapes)
        return InputError(f"f raised {type(error).__name__} at x of shape {at}: {error}")
