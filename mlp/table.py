"""Tables of comma-separated values, with a header: the columns are features, one of them is the target."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

import jacobian as jac
from mlp.data import Data, label, split, split_numbers, standardise
from mlp.given import Array
from mlp.stored import reading

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
MISSING = {"", "?", "na", "n/a", "nan", "null", "none"}
KINDS = 20          # whole numbers of at most so many kinds are classes
TASKS = ("classes", "numbers")


@dataclass(frozen=True)
class Table:
    """x (N, n) with the names of its columns, and the cells of the target (N,) as text, none of them missing."""

    features: tuple[str, ...]
    x: Array
    target: list[str]
    lines: list[int]


def read(path: str | Path, target: str, drop: Sequence[str] = ()) -> Table:
    """The table, without the columns in `drop`. Raises InputError naming the line and the column that is wrong."""
    with reading(path, "a table") as place, open(place, "rb") as stream:
        return _table(path, stream, target, drop)


def _lines(path: str | Path, stream: BinaryIO) -> Iterator[str]:
    """The lines as text, without the mark of order that some programs put before the first."""
    for number, line in enumerate(stream, 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise jac.InputError(f"{path}, line {number}: byte {error.start + 1} is {line[error.start]:#04x}, "
                                 "which is no text in UTF-8") from error


def _rows(path: str | Path, stream: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """The number of the line, from 1, and the cells of each row that is not blank."""
    rows = csv.reader(_lines(path, stream), strict=True)
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise jac.InputError(f"{path}, line {rows.line_num}: {error}") from error
        if row is None:
            return
        if row:
            yield rows.line_num, [cell.strip() for cell in row]


def _table(path: str | Path, stream: BinaryIO, target: str, drop: Sequence[str]) -> Table:
    rows = _rows(path, stream)
    _, header = next(rows, (0, []))
    _check_header(path, header, [target, *drop])
    features = [(k, name) for k, name in enumerate(header) if name not in (target, *drop)]
    if not features:
        raise jac.InputError(f"{path} has no column beside {', '.join([target, *drop])}: a feature is needed")
    at, x, cells, lines = header.index(target), array("d"), [], []
    for line, row in rows:
        if len(row) != len(header):
            raise jac.InputError(f"{path}, line {line}: {len(row)} cells, but the header has {len(header)}")
        for k, name in features:
            x.append(_number(path, line, name, row[k]))
        if row[at].lower() in MISSING:
            raise _missing(path, line, target)
        cells.append(row[at])
        lines.append(line)
    if not cells:
        raise jac.InputError(f"{path} has a header, but no row below it")
    return Table(tuple(name for _, name in features), np.array(x).reshape(len(cells), -1), cells, lines)


def _check_header(path: str | Path, header: list[str], asked: Sequence[str]) -> None:
    if not header:
        raise jac.InputError(f"{path} is empty: a line with the names of the columns is expected")
    for k, name in enumerate(header, 1):
        if not name:
            raise jac.InputError(f"{path}, line 1: column {k} has no name")
        if header.count(name) > 1:
            raise jac.InputError(f"{path}, line 1: the name {name!r} stands above more than one column")
    for name in asked:
        if name not in header:
            raise jac.InputError(f"{path} has no column {name!r}: choose one of {_some(header)}")


def _number(path: str | Path, line: int, name: str, cell: str) -> float:
    if not NUMBER.fullmatch(cell):
        if cell.lower() in MISSING:
            raise _missing(path, line, name)
        raise jac.InputError(f"{path}, line {line}: column {name!r} holds {cell[:40]!r}, but a feature is a number: "
                             "write numbers, or leave the column out with --drop")
    if np.isinf(value := float(cell)):
        raise jac.InputError(f"{path}, line {line}: column {name!r} holds {cell[:40]}, which is too large")
    return value


def _missing(path: str | Path, line: int, name: str) -> jac.InputError:
    return jac.InputError(f"{path}, line {line}: column {name!r} has no value: leave that row out or fill it in")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:20]) + ", …" * (len(names) > 20)


def load(path: str | Path, target: str, *, task: str | None = None, drop: Sequence[str] = (), seed: int = 1) -> Data:
    """The table as data, a fifth of its rows held back, standardised by the others.

    The target is one of `TASKS`: text, and whole numbers of at most 20 kinds, are classes where nothing is asked for.
    """
    table = read(path, target, drop)
    whole = all(WHOLE.fullmatch(cell) for cell in table.target)
    real = all(NUMBER.fullmatch(cell) for cell in table.target)
    if task is None:
        task = "classes" if not real or (whole and len(set(table.target)) <= KINDS) else "numbers"
    cells = table.target if task == "classes" else [
        _number(path, line, target, cell) for line, cell in zip(table.lines, table.target, strict=True)]
    try:
        if task == "numbers":
            return standardise(split_numbers(table.x, np.array(cells), seed))
        t, labels = label(cells, float if real else str)
        return standardise(split(table.x, t, seed, labels=labels))
    except jac.InputError as error:
        raise jac.InputError(f"{path}: {error}") from error
