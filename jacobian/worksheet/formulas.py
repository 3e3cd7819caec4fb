"""Questions of every kind that fits, from a formula and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from jacobian.errors import InputError
from jacobian.printing.plain import declarations, plain, written
from jacobian.symbolic.expr import Expr, leaves, walk
from jacobian.symbolic.leaves import name
from jacobian.symbolic.operations import rebuild
from jacobian.symbolic.parse import Meaning
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Exercise
from jacobian.worksheet.draw import numbers_of
from jacobian.worksheet.kinds import KINDS
from jacobian.worksheet.kinds.proof import Side
from jacobian.worksheet.made import Offer, Options
from jacobian.worksheet.row import Row
from jacobian.worksheet.set import Set

# Kinds that are asked once of a formula, by all of its variables; kinds that show its derivation, or its derivative
# among others, are dealt out over formulas and variables, so that one does not answer the next. Each with its level.
ONCE = (("shape", 1), ("local", 2), ("numbers", 3), ("difference", 5), ("prove", 5))
SHOWING = (("blank", 2), ("choose", 4), ("mistake", 4), ("blank", 3))
NAMED = {"local", "blank", "mistake", "numbers"}       # kinds that are better with results in between
# What is linear, or a product: no result in between is named for it.
PLAINLY = {"add", "scale", "matmul", "hadamard", "transpose", "kron", "vec", "trace", "diag", "diagonal", "half_square",
           "named"}
LETTERS = "uvwrspq"
FEWEST = 2              # steps of a proof
TRIED = 12              # expressions that are rewritten in the search of an identity
MOST = 4                # forms of which a proof is looked for


@dataclass(frozen=True)
class Formula:
    """A formula to ask about: f, as jac.derive reads it, with its `shapes` and assumptions, "W: m n, t: m onehot".

    `by` are the variables, "W, b", where there is more than one to choose from; `sizes` are for numbers, "m = 2", and
    small ones that differ where they are not said; `of` stands behind the title of each question.
    """

    formula: str
    shapes: str = ""
    by: str = ""
    sizes: str = ""
    of: str = ""

    @classmethod
    def written(cls, f: Expr, by: str = "", sizes: str = "", of: str = "") -> Formula:
        """The formula of an expression. Raises MissingRule where an operation has no word that is read."""
        return cls("; ".join(plain(f).split("\n")), declarations(f), by, sizes, of)


ABOUT = "formulas and their derivatives"
USUAL = (Formula("norm2(A*x - b)^2", "A: m n, x: n, b: m", "x"),
         Formula("trace(A*X*B)", "A: k m, X: m n, B: n k", "X"))


def questions(formulas: Iterable[Formula | str], title: str = "Matrix calculus") -> Set:
    """The questions of each kind that fits each formula, rising in level.

    Raises InputError with the place where a formula cannot be read, and where nothing can be asked about one.
    """
    chosen = tuple(Formula(one) if isinstance(one, str) else one for one in formulas)
    slots = [replace(one, by=x) for one in chosen for x in _variables(one)]
    rows = [*(row for one in chosen for row in _once(one)), *_dealt(slots)]
    for one in chosen:
        if not any(row.of == one.of and row.formula in (one.formula, opened(one).formula) for row in rows):
            raise InputError(f"nothing can be asked about {one.formula}")
    return Set("the formulas", title, ABOUT, tuple(sorted(rows, key=lambda row: row.level)))


def offer(formulas: Iterable[Formula | str], options: Options) -> Offer:
    """Those of the questions that can be made with these numbers in this notation."""
    whole = questions(formulas).offer(options)
    entries = []
    for entry in whole.entries:
        with suppress(InputError):
            entries.append(replace(entry, make=partial(_made, entry.make())))
    return replace(whole, entries=tuple(entries))


def _made(one: Exercise) -> Exercise:
    return one


@lru_cache(maxsize=64)
def _once(one: Formula) -> tuple[Row, ...]:
    return tuple(row for kind, level in ONCE if (row := _fitting(one, kind, level)))


def _dealt(slots: list[Formula]) -> Iterator[Row]:
    """A kind that shows the derivation for each formula and variable, in turn, until each kind has been dealt."""
    left = list(SHOWING)
    for k in range(max(len(slots), len(SHOWING))):
        slot = slots[k % len(slots)]
        left = left or list(SHOWING)
        found = next(((entry, row) for entry in left if (row := _fitting(slot, *entry))), None)
        if found:
            left.remove(found[0])
            yield found[1]


@lru_cache(maxsize=256)
def _fitting(one: Formula, kind: str, level: int) -> Row | None:
    """The question, where one of this kind can be made."""
    said = opened(one) if kind in NAMED else one
    for equal in identities(one) if kind == "prove" else [""]:
        row = Row(kind, said.formula, said.shapes, equal, said.by, said.sizes, level, of=said.of)
        with suppress(InputError):
            made = KINDS[kind](Case(row.formula, row.shapes, row.by, row.sizes), row)
            if kind != "prove" or made.points >= FEWEST:
                return row
    return None


def _variables(one: Formula) -> list[str]:
    """By what it is derived, one by one. Raises InputError where it cannot be, and for sizes that it does not have."""
    case = Case(one.formula, one.shapes, one.by, one.sizes)
    numbers_of(one.sizes, case.symbols)
    return [str(x.label) for x in case.wrt]


def _goal(one: Formula) -> Expr:
    return Meaning(one.formula, one.shapes, None).expression()


@lru_cache(maxsize=256)
def opened(one: Formula) -> Formula:
    """The same with a name for what each function is applied to: u = A*x - b; norm2(u)^2.

    A formula that has names already, or needs none, stays as it is.
    """
    goal = _goal(one)
    parts = walk(goal)
    inner = [arg for x in parts if x.operation.name not in PLAINLY for arg in x.args
             if arg.args and arg.label is None and arg.shape != () and arg.operation.name != "number"]
    if not inner or any(x.operation.name == "named" for x in parts):
        return one
    taken = {str(x.label) for x in parts if x.label}
    free = [f"{letter}{k}" for k in ("", *range(1, len(inner) + 1)) for letter in LETTERS]
    made: dict[Expr, Expr] = {}
    for part in dict.fromkeys(inner):
        word = next(word for word in (map(str.upper, free) if len(part.shape) > 1 else free) if word not in taken)
        taken.add(word)
        free.remove(word.lower())
        made[part] = name(word, rebuild(part, made))
    try:
        return Formula.written(rebuild(goal, made), one.by or str(leaves(goal)[0].label), one.sizes, one.of)
    except InputError:                      # what has no word stays as it was written
        return one


def identities(one: Formula) -> list[str]:
    """Other forms of the formula that take a proof of several steps, the shortest first."""
    side = Side(_goal(one))
    for _ in range(TRIED):
        if side.waiting:
            side.advance()
    found = [x for token, (x, _, _) in side.found.items() if len(side.path(token)) > FEWEST]
    texts = []
    for x in found:
        with suppress(InputError):
            texts.append(written(x))
    return sorted(texts, key=len)[:MOST]
