"""By what a derivative is taken, in words: "x", "W, b" by both at once, "x x" by x and then by x again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from unicodedata import normalize

from jacobian.errors import InputError
from jacobian.symbolic.expr import Expr, leaves, walk
from jacobian.symbolic.parse.tokens import Source

MANY = 12       # names in a sentence
DATA = {"constant", "index", "onehot"}      # assumptions of what nobody derives by unless he says so


def variables(wrt: str | None, f: Expr, declared: Mapping[str, Expr]) -> list[tuple[Expr, ...]]:
    """The variables of each derivative, one after the other; without words the only one that f has.

    They are symbols, named results in f, and what is declared without being used. Raises InputError with the place.
    """
    if wrt is None:
        return [(_only(f),)]
    if not isinstance(wrt, str):
        raise InputError(f'what to derive by is said in words, wrt="x" or wrt="W, b", but {wrt!r} was given')
    source, known = Source(wrt), {**declared, **{str(x.label): x for x in walk(f) if x.label is not None}}
    stages: list[list[Expr]] = []
    joined = False
    for token in re.finditer(r"[^\s,]+|,", wrt):
        if token.group() == ",":
            if joined or not stages:
                raise source.error("a variable is missing before this comma", *token.span())
            joined = True
            continue
        x = known.get(normalize("NFKC", token.group()))
        if x is None:
            others = f"but {_listed(known)}" if known else "nor any other variable"
            raise source.error(f"the formula has no {source.part(*token.span())}, {others}", *token.span())
        if joined:
            stages[-1].append(x)
        else:
            stages.append([x])
        joined = False
    if joined or not stages:
        raise InputError(f"the variables to derive by end too early in {wrt!r}: write x, or W, b")
    for stage in stages[:-1]:
        if len(stage) > 1:
            raise InputError(f"a derivative by {_listed(stage)} at once is not derived again: take one of them")
    return [tuple(dict.fromkeys(stage)) for stage in stages]


def _only(f: Expr) -> Expr:
    found = leaves(f)
    free = [x for x in found if not DATA & {*x.assumptions}]
    if len(free) == 1:
        return free[0]
    if not free:
        raise InputError("there is nothing to derive by: the formula has " + (
            f"only {_listed(found)}, which are data" if found else "no variable"))
    names = [str(x.label) for x in free]
    raise InputError(f"the formula has the variables {_listed(names)}: say by which to derive, such as "
                     f'"{names[0]}", or "{", ".join(names[:2])}" for both')


def _listed(names: Iterable[object]) -> str:
    words = list(map(str, names))
    *some, last = words if len(words) <= MANY else [*words[:MANY], f"{len(words) - MANY} more"]
    return f"{', '.join(some)} and {last}" if some else last
