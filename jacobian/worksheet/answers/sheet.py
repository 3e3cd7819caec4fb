"""A teacher's set of questions as JSON, and the answers of a class as CSV.

    {"title": "Back-propagation", "questions": [
      {"name": "hidden layer", "text": "Give the gradient by z.", "answer": "(W'*delta) .* a .* (1 - a)",
       "shapes": "W: m n, delta: m, z: n", "given": "a = sigmoid(z)", "points": 2}]}

Of a question "name" and "answer" must be there; "asks" is "formula", "shape" or "numbers"; "values" are those of the
quantities where numbers are asked. Of the CSV the first line names the questions after a column for the students.
Nothing of either is run.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jacobian.errors import InputError
from jacobian.worksheet.answers.question import Question

LARGEST, FIELD = 50_000_000, 10_000_000     # characters of a file, and of a field
FIELDS = {"name": str, "text": str, "answer": (str, list, int, float), "shapes": str, "given": str, "asks": str,
          "values": str, "points": (int, float)}


@dataclass(frozen=True)
class Item:
    """A question of a sheet with its name and its points."""

    name: str
    question: Question
    points: float


@dataclass(frozen=True)
class Sheet:
    title: str
    items: tuple[Item, ...]


def text_of(path: str | Path) -> str:
    """The text of a file. Raises InputError where there is none."""
    try:
        data = Path(path).read_bytes()
        if len(data) > LARGEST:
            raise InputError(f"{path} has {len(data)} bytes, but at most {LARGEST} are read")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: byte {error.start} cannot be read") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def sheet(path: str | Path) -> Sheet:
    """The sheet of a JSON file. Raises InputError with the place of what is wrong."""
    text = text_of(path)
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}, column {error.colno}: this is no JSON: {error.msg}") from error
    except RecursionError as error:
        raise InputError(f"{path}: brackets stand too deep") from error
    questions = data.get("questions") if isinstance(data, dict) else None
    if not isinstance(questions, list) or not questions:
        raise InputError(f'{path}: a sheet is {{"title": …, "questions": [{{"name": …, "answer": …}}]}}')
    items = tuple(_item(path, k, part) for k, part in enumerate(questions, 1))
    names = [item.name for item in items]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{path}: two questions are called {twice!r}")
    return Sheet(str(data.get("title", Path(path).stem)), items)


def written(made: Sheet) -> str:
    """The JSON of a sheet, which `sheet` reads again."""
    questions = [{"name": item.name, **item.question.fields, "points": item.points} for item in made.items]
    return json.dumps({"title": made.title, "questions": questions}, ensure_ascii=False, indent=1) + "\n"


def _item(path: str | Path, k: int, part: Any) -> Item:
    where = f"{path}, question {k}"
    if not isinstance(part, Mapping):
        raise InputError(f'{where}: a question is {{"name": …, "answer": …}}, but {part!r} was given')
    for key, value in part.items():
        if key not in FIELDS:
            raise InputError(f"{where}: {key!r} is not known: a question has {', '.join(FIELDS)}")
        if not isinstance(value, FIELDS[key]) or isinstance(value, bool):  # type: ignore[arg-type]
            raise InputError(f"{where}: {key!r} cannot be {value!r}")
    missing = next((key for key in ("name", "answer") if not part.get(key)), None)
    if missing:
        raise InputError(f"{where}: {missing!r} is missing")
    points = part.get("points", 1)
    if not 0 <= points < float("inf"):
        raise InputError(f"{where}: points are a number from 0 on, but {points!r} was given")
    chosen = {key: part[key] for key in ("answer", "shapes", "given", "asks", "values", "text") if key in part}
    try:
        return Item(part["name"], Question(**chosen), points)
    except (InputError, ValueError) as error:
        raise InputError(f"{where}, {part['name']!r}: {error}") from error


def answers(path: str | Path, made: Sheet) -> list[tuple[str, dict[str, str]]]:
    """Each student with the answers by the name of the question. Raises InputError with the line of what is wrong."""
    limit = csv.field_size_limit(FIELD)
    try:
        reader = csv.reader(io.StringIO(text_of(path), newline=""), strict=True)
        head = [cell.strip() for cell in next(reader, [])]
        names = {item.name for item in made.items}
        unknown = next((cell for cell in head[1:] if cell not in names), None)
        if len(head) < 2 or unknown is not None or len(set(head[1:])) < len(head) - 1:
            said = f"{', '.join(head) or 'nothing'} was given"
            given = f"{unknown!r} is no question" if unknown is not None else said
            raise InputError(f"{path}, line 1: the first line names a column for the students and then questions, "
                             f"{', '.join(names)}, each once, but {given}")
        found = []
        for row in reader:
            if len(row) > len(head):
                raise InputError(f"{path}, line {reader.line_num}: {len(row)} cells stand under {len(head)} columns: "
                                 "put answers with commas in quotation marks")
            if any(map(str.strip, row)):
                found.append((row[0].strip(), dict(zip(head[1:], row[1:], strict=False))))
        return found
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: this is no CSV: {error}") from error
    finally:
        csv.field_size_limit(limit)
