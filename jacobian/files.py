"""Files that are whole or not there."""

import errno
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from jacobian.errors import InputError


def write(path: str | Path, content: str | bytes) -> Path:
    """Write aside, then rename: after an interruption the old file or the new one stands, never a half.

    Folders that are missing are made. Raises InputError where the place cannot be written.
    """
    return write_all({path: content})[0]


def write_all(contents: Mapping[str | Path, str | bytes]) -> list[Path]:
    """Files that belong together: each is renamed into its place only after all of them were written aside.

    One that cannot be written leaves all the others as they were. Folders that are missing are made; text is UTF-8; a
    link is followed. Raises InputError naming the file.
    """
    paths = [Path(path) for path in contents]
    places = [Path(os.path.realpath(path)) for path in paths]
    asides = [place.parent / f".{secrets.token_hex(8)}" for place in places]
    try:
        for path, place, aside, content in zip(paths, places, asides, contents.values(), strict=True):
            with _named(path):
                _write_aside(place, aside, content.encode("utf-8") if isinstance(content, str) else content)
        for path, place, aside in zip(paths, places, asides, strict=True):
            with _named(path):
                os.replace(aside, place)
    finally:
        for aside in asides:
            with suppress(OSError):
                aside.unlink()
    return paths


def _write_aside(place: Path, aside: Path, data: bytes) -> None:
    if place.exists() and not place.is_file():
        raise FileExistsError(errno.EEXIST, "it is there, but no file")
    with suppress(FileExistsError):
        place.parent.mkdir(parents=True)
    with open(aside, "xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}): choose another place") from error
