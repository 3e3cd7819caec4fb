"""IDX files, gz or not, and folders of four of them, as of MNIST and Fashion-MNIST.

The format: two zero bytes, the type, the number of axes, the size of each axis as four bytes, then the entries; the
most significant byte comes first. Source: LeCun, Cortes and Burges, The MNIST database, "The IDX file format".
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO

import numpy as np

import jacobian as jac
from mlp.data import Data
from mlp.given import Array
from mlp.stored import bounded, reading

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
PARTS = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
CHUNK = 2**24


def read(path: str | Path) -> Array:
    """The array of an IDX file. Raises InputError that says at which byte the file is not what it should be."""
    with reading(path, "an IDX file") as place:
        opened = gzip.open(place) if place.suffix == ".gz" else open(place, "rb")  # noqa: SIM115
        with opened as stream:
            return _array(path, stream)  # type: ignore[arg-type]


def _array(path: str | Path, stream: IO[bytes]) -> Array:
    head = _exactly(path, stream, 4, 0)
    if head[:2] != b"\0\0":
        raise jac.InputError(f"{path} is no IDX file: bytes 0 and 1 are {head[0]:#04x} {head[1]:#04x}, "
                             "but zeros are expected")
    if head[2] not in TYPES:
        raise jac.InputError(f"{path} is no IDX file: byte 2 is {head[2]:#04x}, "
                             f"but the type is one of {', '.join(f'{key:#04x}' for key in TYPES)}")
    if not 1 <= head[3] <= 8:
        raise jac.InputError(f"{path}: byte 3 says {head[3]} axes, but 1 to 8 are expected")
    dtype, begin = np.dtype(TYPES[head[2]]), 4 + 4 * head[3]
    shape = tuple(np.frombuffer(_exactly(path, stream, 4 * head[3], 4), ">u4").tolist())
    data = _exactly(path, stream, bounded(path, "the array", shape, dtype), begin)
    if stream.read(1):
        raise jac.InputError(f"{path}: its header says {' × '.join(map(str, shape))} entries, which end at byte "
                             f"{begin + len(data)}, but more bytes follow")
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def _exactly(path: str | Path, stream: IO[bytes], size: int, begin: int) -> bytes:
    """That many bytes, a chunk at a time: a header that promises too much costs no more than what is there."""
    found = bytearray()
    while len(found) < size and (chunk := stream.read(min(CHUNK, size - len(found)))):
        found += chunk
    if len(found) < size:
        raise jac.InputError(f"{path} ends at byte {begin + len(found)}, but {size} bytes are expected from byte "
                             f"{begin} on: the file is cut off")
    return bytes(found)


def folder(path: str | Path) -> Data:
    """The images, scaled to [0, 1] in single precision, and the classes of a folder like that of MNIST.

    Raises InputError for files that are missing, damaged or do not belong together.
    """
    x, t, x_test, t_test = (read(_find(Path(path), part)) for part in PARTS)
    for images, labels, names in ((x, t, PARTS[:2]), (x_test, t_test, PARTS[2:])):
        if images.ndim < 2 or labels.ndim != 1 or len(images) != len(labels):
            raise jac.InputError(f"{path}: {names[0]} has shape {images.shape} and {names[1]} {labels.shape}, "
                                 "but as many labels as images are expected")
        if images.dtype != np.uint8:
            raise jac.InputError(f"{path}: {names[0]} holds {images.dtype}, but bytes from 0 to 255 are expected")
    if x.shape[1:] != x_test.shape[1:]:
        raise jac.InputError(f"{path}: images to learn from have shape {x.shape[1:]}, those to test {x_test.shape[1:]}")
    scaled = [images.reshape(len(images), -1).astype(np.float32) / 255 for images in (x, x_test)]
    classes = int(t.max(initial=0)) + 1
    return Data(scaled[0], t, scaled[1], t_test, classes, tuple(map(str, range(classes))))


def _find(place: Path, part: str) -> Path:
    names = [part + end for part in (part, part.replace("-idx", ".idx")) for end in ("", ".gz")]
    there = [place / name for name in names if (place / name).exists()]
    if not there:
        raise jac.InputError(f"{place} has no file {names[0]} or {names[1]}: give a folder with {', '.join(PARTS)}, "
                             "each gz or not")
    return there[0]
