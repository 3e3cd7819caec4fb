"""A sheet as a Jupyter notebook whose answer cells check themselves; nbgrader and Otter find their marks in it.

Sources: the metadata of nbgrader, schema 3 (nbgrader.readthedocs.io), and the format of the tests of Otter
(otter-grader.readthedocs.io).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import groupby
from typing import Any

from jacobian.errors import extra
from jacobian.worksheet import document as sheet
from jacobian.worksheet.render.markdown import blocks as markdown
from jacobian.worksheet.render.markdown import escape
from jacobian.worksheet.render.values import values

Names = dict[tuple[int, str], str]  # by the number of the exercise and the name in it
ONWARDS = ["raises-exception"]      # a cell that may fail and does not stop those below it
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def notebook(document: sheet.Document) -> str:
    """The whole file. Raises MissingExtra without nbformat, the extra "notebook"."""
    nbformat = extra("nbformat", "notebook", "a sheet as a notebook")
    exercises = [piece for piece in document.blocks if isinstance(piece, sheet.Exercise)]
    called = _called(exercises)
    tests = dict(filter(None, (_test(piece, called) for piece in exercises)))
    cells = [*_title(document), *_cells(document.blocks, called), *_closing(document)]
    for k, cell in enumerate(cells):
        cell["id"] = f"cell-{k}"
    made = nbformat.from_dict({
        "nbformat": 4, "nbformat_minor": 5, "cells": cells,
        "metadata": {"title": document.title, "kernelspec": KERNEL, "language_info": {"name": "python"},
                     "otter": {"OK_FORMAT": True, "tests": tests}},
    })
    nbformat.validate(made)
    return str(nbformat.writes(made)) + "\n"


def _title(document: sheet.Document) -> Iterator[dict[str, Any]]:
    subtitle = f"\n\n*{escape(document.subtitle).strip()}*" if document.subtitle else ""
    yield _markdown(f"# {escape(document.title)}{subtitle}")
    checker = files("jacobian.worksheet.render").joinpath("check.py").read_text("utf-8")
    yield _code(checker.rstrip(), _graded("checker", locked=True))
    seals = {_name(piece, k): one.seal for piece in document.blocks if isinstance(piece, sheet.Exercise)
             for k, one in enumerate(piece.typed, 1)}
    if seals:
        judge = files("jacobian.worksheet.render").joinpath("typed.py").read_text("utf-8")
        lines = "".join(f'    "{name}": "{seal}",\n' for name, seal in seals.items())
        yield _code(f"{judge}\n\nSEALS = {{\n{lines}}}", {"tags": ONWARDS, "jupyter": {"source_hidden": True},
                                                       **_graded("formulas", locked=True)})


def _closing(document: sheet.Document) -> Iterator[dict[str, Any]]:
    if document.footer:
        yield _markdown(escape(document.footer))


def _called(exercises: Iterable[sheet.Exercise]) -> Names:
    """What each number is called: as in its exercise, with the number of that where another has or gives the name."""
    pieces = tuple(exercises)
    found = [(piece.number, check.name) for piece in pieces for check in piece.checks]
    given = (value.name for piece in pieces for value in values(piece.question))
    often = Counter([*(name for _, name in found), *given])
    return {(number, name): name if often[name] == 1 else f"{name}_in_{number}" for number, name in found}


def _cells(blocks: Iterable[sheet.Block], called: Names) -> Iterator[dict[str, Any]]:
    for exercise, group in groupby(blocks, lambda piece: isinstance(piece, sheet.Exercise)):
        if exercise:
            for piece in group:
                yield from _exercise(piece, called)     # type: ignore[arg-type]
        else:
            yield from _told(tuple(group), 1)


def _told(blocks: tuple[sheet.Block, ...], level: int, heading: str = "") -> Iterator[dict[str, Any]]:
    """What is told, and a cell with the numbers that it gives."""
    yield _markdown("\n\n".join(filter(None, (heading, markdown(blocks, level)))))
    given = [f"{value.name} = {value.code}" for value in values(blocks)]
    if given:
        yield _code("\n".join(given))


def _exercise(piece: sheet.Exercise, called: Names) -> Iterator[dict[str, Any]]:
    credit = f" ({piece.credit})" if piece.credit else ""
    yield from _told(piece.question, 2, f"## {piece.number}. {escape(piece.title)}{credit}")
    name = f"exercise-{piece.number}"
    written = round(piece.points - _checked(piece), 1)
    if piece.answer is not None:
        yield _markdown(f"**Answer**\n\n{markdown(piece.answer, 2)}")
    elif written > 0:
        yield _markdown("*Your answer*", _graded(f"{name}-written", grade=True, solution=True, points=written))
    known = {value.name: value.code for value in values(piece.answer or ())}
    for check in piece.checks:
        seal = ", ".join(map(repr, (check.salt, check.step, check.shift, check.digest)))
        number = called[piece.number, check.name]
        yield _code(f"{number} = {known.get(check.name, '...')}", _graded(f"{name}-{check.name}", solution=True))
        yield _code(f'check("{number}", {number}, {seal})',
                    {"tags": ONWARDS, **_graded(f"{name}-{check.name}-check", grade=True, locked=True,
                                                points=check.points)})
    for k, one in enumerate(piece.typed, 1):
        formula = _name(piece, k)
        yield _markdown(f"{escape(one.text)} Write a formula in quotes, in any notation.")
        yield _code(f"{formula} = {one.answer!r}" if one.answer else f"{formula} = ...",
                    _graded(f"{name}-{formula}", solution=True))
        yield _code(f'check_formula("{formula}", {formula}, SEALS["{formula}"])',
                    {"tags": ONWARDS, **_graded(f"{name}-{formula}-check", grade=True, locked=True, points=one.points)})


def _checked(piece: sheet.Exercise) -> float:
    """The points of what checks itself."""
    return sum(check.points for check in piece.checks) + sum(one.points for one in piece.typed)


def _name(piece: sheet.Exercise, k: int) -> str:
    """What the k-th formula of an exercise is called."""
    return f"formula_{piece.number}_{k}"


def _graded(name: str, *, grade: bool = False, solution: bool = False, locked: bool = False,
            points: float = 0) -> dict[str, Any]:
    """What nbgrader wants to know of a cell."""
    marks = {"schema_version": 3, "grade_id": name.replace("_", "-"), "grade": grade, "solution": solution,
             "locked": locked, "task": False}
    return {"nbgrader": {**marks, "points": points} if grade else marks}


def _test(piece: sheet.Exercise, called: Names) -> tuple[str, dict[str, Any]] | None:
    """The test of an exercise as Otter runs it, if a number or a formula in it can be checked."""
    calls = [f"right({called[piece.number, one.name]}, {', '.join(map(repr, seal))})"
             for one in piece.checks for seal in [(one.salt, one.step, one.shift, one.digest)]]
    calls += [f'accepted({formula}, SEALS["{formula}"])' for formula in
              (_name(piece, k) for k, _ in enumerate(piece.typed, 1))]
    if not calls:
        return None
    cases = [{"code": f">>> {call}\nTrue", "hidden": False, "locked": False} for call in calls]
    name = f"exercise-{piece.number}"
    points = round(_checked(piece), 1)
    suite = {"cases": cases, "scored": True, "setup": "", "teardown": "", "type": "doctest"}
    return name, {"name": name, "points": points, "suites": [suite]}


def _markdown(source: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": metadata or {}, "source": source}


def _code(source: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": metadata or {}, "source": source, "outputs": [], "execution_count": None}
