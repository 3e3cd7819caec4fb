"""A law says what two structured maps make: a row of a table, read by composition, derivations, printing and tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

MN = "Magnus and Neudecker (2019)"
DEFINITION = "definition"


@dataclass(frozen=True)
class Law:
    """`formula`, for maps of the kinds `left` and `right` joined by `op`; apply(J, K) is None where it does not hold.

    op is "@" (composition), "+" (sum), "T" (transpose) or "=" (the same map in a simpler kind);
    for the last two there is no right map.
    """

    name: str
    op: str
    left: type
    right: type | None
    formula: str
    source: str
    apply: Callable[..., Any]

    def fits(self, op: str, *kinds: type) -> bool:
        mine = (self.left,) if self.right is None else (self.left, self.right)
        return self.op == op and len(mine) == len(kinds) and all(map(issubclass, kinds, mine))


LAWS: list[Law] = []


def law(op: str, left: type, right: type | None, name: str, formula: str, source: str) -> Callable[..., Any]:
    """Make the decorated function `apply` of a new row; the order of the rows is the order in which they are tried."""

    def add(apply: Callable[..., Any]) -> Callable[..., Any]:
        LAWS.append(Law(name, op, left, right, formula, source, apply))
        _fitting.cache_clear()
        return apply

    return add


@cache
def _fitting(op: str, *kinds: type) -> tuple[Law, ...]:
    return tuple(row for row in LAWS if row.fits(op, *kinds))


def cite(op: str, *maps: Any) -> tuple[Any, Law] | None:
    """The result of the first law that holds, and that law; None where no law holds."""
    for row in _fitting(op, *map(type, maps)):
        result = row.apply(*maps)
        if result is not None:
            return result, row
    return None
