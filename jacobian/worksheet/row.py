"""A question as a teacher writes it down: its kind, its formula, and what to ask of it."""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = ("recall", "one rule", "several rules", "a whole chain", "find and prove")      # 1 to 5, by name


@dataclass(frozen=True)
class Row:
    """A question of a set.

    kind       a row of the table of kinds
    formula    f, as jac.parse reads it: "z = W*x + b; a = sigmoid(z); norm2(a - t)/2"
    shapes     its quantities: "W: m n, x: n, b: m, t: m"
    equal      the other side of an identity that is to be proven
    by         the variables: "W, b"
    sizes      for numbers: "m = 2, n = 3"
    level      from 1 to 5
    points     of the whole question; 0 for as many as it has steps
    title      in place of that of the kind
    of         what it is about, behind the title
    text       in place of the words of the kind
    hints      a nudge and the rule, in place of those of the kind
    blank      which lines (1, 2, …) of the derivation are left out
    """

    kind: str
    formula: str
    shapes: str = ""
    equal: str = ""
    by: str = ""
    sizes: str = ""
    level: int = 1
    points: int = 0
    title: str = ""
    text: str = ""
    hints: tuple[str, ...] = ()
    blank: tuple[int, ...] = ()
    of: str = ""
