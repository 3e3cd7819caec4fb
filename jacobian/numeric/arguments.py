"""Tangents and cotangents as users write them, one array per input or per output, and as flat vectors."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from jacobian.algebra import Jacobian
from jacobian.errors import InputError, ShapeError
from jacobian.numeric.function import Real, quiet

Shapes = tuple[tuple[int, ...], ...]


def parted(vector: Real, shapes: Shapes) -> tuple[Real, ...]:
    """A flat vector cut into arrays of these shapes."""
    ends = np.cumsum([prod(shape) for shape in shapes])[:-1]
    return tuple(part.reshape(shape) for part, shape in zip(np.split(vector, ends), shapes, strict=True))


def flat(name: str, value: Any, shapes: Shapes, kinds: str = "fiub") -> tuple[Any, float]:
    """What a user's product returned as one vector, and the spacing at 1 of its numbers; a tuple is several arrays.

    `kinds` are those of NumPy that its numbers may be of.
    """
    parts = value if isinstance(value, tuple | list) and len(shapes) > 1 else (value,)
    arrays = [np.asarray(part) for part in parts]
    if any(a.dtype.kind not in kinds for a in arrays):
        what = "numbers" if "c" in kinds else "real numbers"
        raise InputError(f"{name} must return arrays of {what}; it returned {type(value).__name__} {value!r:.60}")
    found = tuple(a.shape for a in arrays)
    if found != shapes:
        raise ShapeError(f"{name} returned {listed(found)}; it must return {listed(shapes)}")
    spacings = [np.finfo(a.dtype if a.dtype.kind in "fc" else float).eps for a in arrays]
    return np.concatenate([np.zeros(0), *map(np.ravel, arrays)]), float(max(spacings, default=0.0))


def listed(shapes: Shapes) -> str:
    """shape (3, 4), or shapes (3, 4) and (4,)."""
    return f"shape{'s' * (len(shapes) > 1)} {' and '.join(map(str, shapes)) or 'of nothing'}"


def called(name: str, product: Any, *arguments: Any) -> Any:
    """product(*arguments) with what it raises told as an InputError."""
    if not callable(product):
        raise InputError(f"{name} must be a function; it is {type(product).__name__} {product!r:.60}")
    try:
        with quiet():
            return product(*arguments)
    except Exception as error:
        shapes = ", ".join(str(np.shape(a)) if not isinstance(a, tuple) else "a tuple" for a in arguments)
        raise InputError(f"{name} raised {type(error).__name__} for arguments of shape {shapes}: {error}") from error


def matrix(value: Any, output: tuple[int, ...], shapes: Shapes) -> Callable[[Real], Real]:
    """v ↦ J v, J a structured Jacobian, a matrix (m, n), an array f(x).shape + x.shape, or a tuple of one per input."""
    parts = value if isinstance(value, tuple) else (value,)
    m, sizes = prod(output), [prod(shape) for shape in shapes]
    if len(parts) == 1 < len(shapes):
        shapes, sizes = ((sum(sizes),),), [sum(sizes)]
    if len(parts) != len(shapes):
        raise ShapeError(f"jacobian must be one for all inputs or one for each of {len(shapes)}; it is {len(parts)}")
    maps = []
    for part, shape, n in zip(parts, shapes, sizes, strict=True):
        found = part if isinstance(part, Jacobian) else np.asarray(part)
        if found.shape not in ((m, n), output + shape):
            raise ShapeError(f"jacobian has shape {tuple(found.shape)}; it must be {(m, n)} or {output + shape}")
        maps.append(found if isinstance(found, Jacobian) else found.reshape(m, n))
    ends = np.cumsum(sizes)[:-1]
    return lambda v: np.sum([J @ part for J, part in zip(maps, np.split(v, ends), strict=True)], axis=0)
