"""Files of arrays: read with a bound on memory, and what is wrong with one is a sentence.

npz is a zip archive of arrays in NumPy's npy format (NumPy enhancement proposal 1). No pickle is ever loaded.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

import jacobian as jac
from mlp.given import Array, numbers

LIMIT = 2**32       # bytes of a file, and of the arrays in it
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


@contextmanager
def reading(path: str | Path, what: str) -> Iterator[Path]:
    """The path of a regular file that is not too large. What the system and archives raise becomes an InputError."""
    place = Path(path)
    try:
        if place.exists() and not place.is_file():
            raise jac.InputError(f"{path} is not a file: {what} is expected")
        if (size := place.stat().st_size) > LIMIT:
            raise jac.InputError(f"{path} has {size} bytes, but at most {LIMIT} are read")
        yield place
    except jac.InputError:
        raise
    except OSError as error:
        raise jac.InputError(f"{path} cannot be read as {what}: {error.strerror or error}") from error
    except Exception as error:      # bytes that are no archive make NumPy, zipfile and zlib raise a dozen kinds
        raise jac.InputError(f"{path} cannot be read as {what}: {error or type(error).__name__}") from error


def bounded(path: str | Path, name: str, shape: tuple[int, ...], dtype: np.dtype) -> int:
    """The bytes of an array that is declared so. Raises InputError where they are more than are read."""
    size = math.prod(shape) * dtype.itemsize
    if size > LIMIT:
        raise jac.InputError(f"{path}: {name} is declared as {' × '.join(map(str, shape))} numbers of {dtype.itemsize} "
                             f"bytes, but at most {LIMIT} bytes are read")
    return size


def unpack(path: str | Path, what: str = "an npz file") -> dict[str, Array]:
    """The arrays of an npz file by name. Raises InputError naming the array that is damaged or too large."""
    with reading(path, what) as place, zipfile.ZipFile(place) as archive:
        return {info.filename.removesuffix(".npy"): _array(path, archive, info) for info in archive.infolist()}


def _array(path: str | Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    name = info.filename.removesuffix(".npy")
    with archive.open(info) as stream:
        version = np.lib.format.read_magic(stream)
        if version not in HEADERS:
            raise jac.InputError(f"{path}: {name} has version {version} of the npy format, but 1.0 or 2.0 is expected")
        shape, by_columns, dtype = HEADERS[version](stream)
        if dtype.hasobject:
            raise jac.InputError(f"{path}: {name} holds Python objects, but numbers or text are expected")
        size, found = bounded(path, name, shape, dtype), info.file_size - stream.tell()
        if size != found:
            raise jac.InputError(f"{path}: {name} of shape {shape} has {size} bytes, but {found} are there")
        flat = np.frombuffer(bytearray(stream.read()), dtype)
    return flat.reshape(shape[::-1]).T if by_columns else flat.reshape(shape)


def pack(named: Mapping[str, Array]) -> bytes:
    """W1, b1, W2, … in NumPy's npz format; the same arrays give the same bytes."""
    stream = io.BytesIO()
    np.savez(stream, **{name: numbers(name, array) for name, array in named.items()})
    return stream.getvalue()
