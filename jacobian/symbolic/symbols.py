"""Symbols declared in one line: names, sizes, assumptions."""

from __future__ import annotations

import re

from jacobian.errors import InputError
from jacobian.symbolic.assumptions import ASSUMPTIONS
from jacobian.symbolic.expr import Expr, Variable, make, size
from jacobian.symbolic.leaves import SYMBOL

LENGTH = 200            # of one declaration


def symbols(text: str) -> tuple[Expr, ...]:
    """symbols("W: m n, x: n, t: m onehot, c:") declares a matrix, two vectors and a scalar.

    A size is a name, a number, or a sum or product of these, "x: n*q". After the sizes stand assumptions: symmetric,
    posdef, diagonal, lower, upper, orthogonal, invertible (of a square matrix), positive, onehot (each sample has a
    one and zeros), index (entries count classes from 0), constant.
    Raises InputError for what cannot be read, with the part that cannot.
    """
    if not isinstance(text, str) or not text.strip():
        raise InputError(f'symbols are declared in words, such as "W: m n, x: n, c:", but {text!r} was given')
    return tuple(map(_declare, text.split(",")))


def symbol(text: str) -> Expr:
    """One symbol: symbol("W: m n")."""
    return symbols(text)[0]


def _declare(part: str) -> Expr:
    if len(part) > LENGTH:
        raise InputError(f"a declaration has at most {LENGTH} characters, but {part.strip()[:40]!r} … has {len(part)}")
    label, _, rest = part.partition(":")
    label = label.strip()
    if not label.isidentifier():
        raise InputError(f"{part.strip()!r} does not begin with a name: write a declaration such as 'W: m n'")
    words = re.sub(r"\s*([-+*^/])\s*", r"\1", rest).split()
    if words == ["function"]:
        raise InputError(f"{label} is declared a function, not a symbol: write {label} = jac.function({label!r})")
    assumed = tuple(word for word in words if word in ASSUMPTIONS)
    sizes = [word for word in words if word not in ASSUMPTIONS]
    if len(sizes) > 2:
        raise InputError(f"{part.strip()!r}: a symbol has at most two sizes, and the assumptions known are "
                         f"{', '.join(ASSUMPTIONS)}, but {' '.join(sizes)!r} was given")
    m, n = (*map(size, sizes), None, None)[:2]
    for word in assumed:
        if ASSUMPTIONS[word].square and (m is None or m != n):
            raise InputError(f"{part.strip()!r}: what is {word} is a square matrix, declared with one size twice, "
                             f"such as '{label}: n n {word}'")
    return make(SYMBOL, data=Variable(label, assumed), axes=(m, n))
