"""A set of questions as TOML: a built-in topic, or a teacher's own file.

    title = "Gradients"
    about = "scalar functions of vectors and matrices"

    [[question]]
    kind = "derivative"
    formula = "norm2(A*x - b)^2"
    shapes = "A: m n, x: n, b: m"
    by = "x"
    level = 2
    points = 3

Before the questions may stand `layout`, `vec` and `names`, as in `jacobian.worksheet.notation`.
`kind` and `formula` must be there; see `jacobian.worksheet.row.Row` for the others. Nothing of it is run.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from jacobian.errors import InputError
from jacobian.worksheet.case import Case, parts
from jacobian.worksheet.kinds import KINDS
from jacobian.worksheet.made import Made, Options
from jacobian.worksheet.notation import QUANTITIES, USUAL, Notation, notation
from jacobian.worksheet.row import LEVELS, Row

# What each field of a row is in a file, what its entries are, and both in words.
TYPES: dict[str, tuple[type, type, str]] = {
    "str": (str, str, "text"),
    "int": (int, int, "a whole number"),
    "tuple[str, ...]": (list, str, "a list of texts"),
    "tuple[int, ...]": (list, int, "a list of whole numbers"),
}
NOTATION = ("layout", "names", "vec")
HEAD = {"title", "about", "question", *NOTATION}


@dataclass(frozen=True)
class Set:
    """Questions with a title; `where` is the file, for messages."""

    where: str
    title: str
    about: str
    rows: tuple[Row, ...]
    notation: Notation = USUAL

    def make(self, options: Options) -> Made:
        """The questions with their answers, rising in level. Raises InputError that names the question."""
        made = []
        notation = options.notation.over(self.notation)
        for k, row in enumerate(self.rows, 1):
            case = Case(row.formula, row.shapes, row.by, row.sizes, options.seed + k, notation)
            try:
                for formula in filter(None, (row.formula, row.equal)):
                    notation.stackable(parts(formula, row.shapes))
                made.append(KINDS[row.kind](case, row))
            except InputError as error:
                raise InputError(f"{self.where}, question {k}: {error}") from error
        quantities = (x.label for row in self.rows for x in parts(row.formula, row.shapes) if x.label)
        notation.known((*QUANTITIES, *quantities))
        return Made(self.title, (self.about,) if self.about else (), (),
                    tuple(sorted(made, key=lambda exercise: exercise.level)), notation=notation)


def read(text: str, where: str) -> Set:
    """The set of a TOML text. Raises InputError with the place of what is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where} is no TOML: {error}") from error
    unknown = next((key for key in data if key not in HEAD), None)
    if unknown is not None:
        raise InputError(f"{where}: {unknown!r} is not known: a set has {', '.join(sorted(HEAD))}")
    questions = data.get("question")
    if not isinstance(questions, list) or not questions:
        raise InputError(f"{where} has no question: write [[question]], and below it kind and formula")
    return Set(where, _text(data, "title", where) or "Worksheet", _text(data, "about", where),
               tuple(_row(part, f"{where}, question {k}") for k, part in enumerate(questions, 1)),
               notation(**{key: _text(data, key, where) for key in NOTATION}))


def _text(data: Mapping[str, Any], key: str, where: str) -> str:
    value = data.get(key, "")
    if not isinstance(value, str):
        raise InputError(f"{where}: {key} is text, but {value!r} was given")
    return value


def _row(part: Any, where: str) -> Row:
    known = {field.name: TYPES[str(field.type)] for field in fields(Row)}
    for key, value in part.items():
        if key not in known:
            raise InputError(f"{where}: {key!r} is not known: a question has {', '.join(known)}")
        kind, entry, words = known[key]
        entries = value if isinstance(value, list) else [value]
        if not isinstance(value, kind) or not all(type(one) is entry for one in entries):
            raise InputError(f"{where}: {key} is {words}, but {value!r} was given")
    missing = next((key for key in ("kind", "formula") if not part.get(key)), None)
    if missing:
        raise InputError(f"{where}: {missing!r} is missing")
    if part["kind"] not in KINDS:
        raise InputError(f"{where}: the kind {part['kind']!r} is not known: choose one of {', '.join(KINDS)}")
    if not 1 <= part.get("level", 1) <= len(LEVELS):
        raise InputError(f"{where}: a level is from 1 to {len(LEVELS)}, but {part['level']!r} was given")
    said: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in part.items()}
    return Row(**said)
