"""Questions as a table in TOML: of a built-in topic, or of a teacher's own file.

    [[question]]
    kind = "derivative"
    formula = "norm2(A*x - b)^2"
    shapes = "A: m n, x: n, b: m"
    by = "x"
    level = 2
    points = 3

`kind` and `formula` must be there; see `jacobian.worksheet.row.Row` for the others, and `jacobian.worksheet.plan` for
what may stand before the questions. Nothing of it is run.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import partial
from typing import Any, TypeVar

from jacobian.errors import InputError
from jacobian.symbolic.expr import Expr
from jacobian.worksheet.case import Case, parts
from jacobian.worksheet.document import Exercise
from jacobian.worksheet.kinds import KINDS
from jacobian.worksheet.made import Entry, Offer, Options
from jacobian.worksheet.notation import QUANTITIES, USUAL, Notation
from jacobian.worksheet.row import LEVELS, Row

# What each field of a row is in a file, what its entries are, and both in words.
TYPES: dict[str, tuple[type, type, str]] = {
    "str": (str, str, "text"),
    "int": (int, int, "a whole number"),
    "tuple[str, ...]": (list, str, "a list of texts"),
    "tuple[int, ...]": (list, int, "a list of whole numbers"),
}
Read = TypeVar("Read")


@dataclass(frozen=True)
class Set:
    """Questions with a title; `where` is the file, for messages."""

    where: str
    title: str
    about: str
    rows: tuple[Row, ...]
    notation: Notation = USUAL

    def offer(self, options: Options) -> Offer:
        """The questions, to be chosen from. What cannot be made is an InputError that names the question."""
        notation = options.notation.over(self.notation)
        quantities = (x.label for row in self.rows for x in self._parts(row, notation) if x.label)
        notation.known((*QUANTITIES, *quantities))
        asked = [replace(row, level=1, points=0) for row in self.rows]
        entries = tuple(
            Entry(row.level, row.kind, (asked[k], asked[:k].count(asked[k])), partial(self._made, k + 1, options))
            for k, row in enumerate(self.rows))
        return Offer(self.title, (self.about,) if self.about else (), entries, notation=notation)

    def _made(self, k: int, options: Options) -> Exercise:
        row = self.rows[k - 1]
        with self._place(k):
            case = Case(row.formula, row.shapes, row.by, row.sizes, options.seed + k,
                        options.notation.over(self.notation))
            return KINDS[row.kind](case, row)

    def _parts(self, row: Row, notation: Notation) -> list[Expr]:
        """Everything that its formulas are made of."""
        with self._place(self.rows.index(row) + 1):
            found = [x for formula in filter(None, (row.formula, row.equal)) for x in parts(formula, row.shapes)]
            notation.stackable(found)
        return found

    @contextmanager
    def _place(self, k: int) -> Iterator[None]:
        try:
            yield
        except InputError as error:
            raise InputError(f"{self.where}, question {k}: {error}") from error


def loaded(text: str, where: str) -> dict[str, Any]:
    """What stands in a TOML text. Raises InputError with line and column of what is damaged."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where} is no TOML: {error}") from error


def set_of(data: Mapping[str, Any], where: str, notation: Notation = USUAL) -> Set:
    """The questions of what was loaded. Raises InputError with the place of what is wrong."""
    return Set(where, data.get("title", "Worksheet"), data.get("about", ""),
               tuple(_row(part, f"{where}, question {k}") for k, part in enumerate(tables(data, "question", where), 1)),
               notation)


def tables(data: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
    """The tables [[question]] of a file. Raises InputError where these are none."""
    found = data.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise InputError(f"{where}: each {key} is a table of its own: write [[{key}]], and below it what it asks")
    return found


def filled(row: type[Read], part: Mapping[str, Any], where: str, what: str, needed: Iterable[str] = ()) -> Read:
    """The dataclass with what stands in a table, each field of its type. Raises InputError that names the key."""
    known = {field.name: TYPES[str(field.type)] for field in fields(row)}       # type: ignore[arg-type]
    for key, value in part.items():
        if key not in known:
            raise InputError(f"{where}: {key!r} is not known{nearest(key, known)}: {what} has {', '.join(known)}")
        kind, entry, words = known[key]
        entries = value if isinstance(value, list) else [value]
        if not isinstance(value, kind) or not all(type(one) is entry for one in entries):
            raise InputError(f"{where}: {key} is {words}, but {value!r} was given")
    missing = next((key for key in needed if not part.get(key)), None)
    if missing:
        raise InputError(f"{where}: {missing!r} is missing")
    return row(**{key: tuple(value) if isinstance(value, list) else value for key, value in part.items()})


def nearest(word: str, known: Iterable[str]) -> str:
    """A question that names what is meant, maybe."""
    near = get_close_matches(word, list(known), 1, 0.6)
    return f" (is {near[0]} meant?)" if near else ""


def _row(part: Mapping[str, Any], where: str) -> Row:
    row = filled(Row, part, where, "a question", ("kind", "formula"))
    if row.kind not in KINDS:
        raise InputError(f"{where}: the kind {row.kind!r} is not known{nearest(row.kind, KINDS)}: choose one of "
                         f"{', '.join(KINDS)}")
    if not 1 <= row.level <= len(LEVELS):
        raise InputError(f"{where}: a level is from 1 to {len(LEVELS)}, but {row.level!r} was given")
    return row
