"""How a sheet is written: the layout of derivatives, how vec stacks, and what the quantities are called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from jacobian.derivation.layout import laid, turned
from jacobian.errors import InputError
from jacobian.symbolic.arrays import vec
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.leaves import SCALAR
from jacobian.symbolic.operations import transpose
from jacobian.symbolic.stacking import by_columns

LAYOUTS = {"mixed": None, "numerator": "numerator", "denominator": "denominator"}     # as derivations know them
STACKINGS = ("rows", "columns")
SIGNAL = "δ"
KEYS = {"delta": SIGNAL, "J": "L"}      # other words for the same part: the loss is J in a network, L in most formulas
QUANTITIES = ("x", "W", "b", "z", "a", "h", "t", "J")      # input, weights, bias, z = W a + b, a = σ(z), output, …
FREE = "ouvrspq"                        # letters for what would be called like something else
LETTER = re.compile(r"[^\W\d_]+")
SLOPE = re.compile(r"(?:∂|d)\w+/(?:∂|d)\w+")
Item = TypeVar("Item")
Names = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Notation:
    """A choice for a whole sheet; what is empty is as usual.

    `layout` is a key of LAYOUTS; "mixed" has Jacobians in numerator layout and gradients in the shape of the variable.
    `vec` is one of STACKINGS. `names` are pairs of letters: ("z", "h") calls the pre-activation h; the signal δ may be
    written as a derivative, ("δ", "∂L/∂z").
    """

    layout: str = ""
    vec: str = ""
    names: Names = ()

    def over(self, other: Notation) -> Notation:
        """The same, and what is not chosen here is as in the other."""
        return Notation(self.layout or other.layout, self.vec or other.vec, self.names or other.names)

    # ---- how derivatives lie ----

    @property
    def lies(self) -> str | None:
        """The layout as a derivation knows it."""
        return LAYOUTS[self.layout or "mixed"]

    @property
    def flips(self) -> bool:
        """Whether Jacobians are transposed, so that in a chain the inner function stands on the left."""
        return self.lies == "denominator"

    @property
    def stacked(self) -> bool:
        """Whether vec stacks the columns."""
        return self.vec == "columns"

    def ordered(self, outer_first: Iterable[Item]) -> tuple[Item, ...]:
        """The factors of a chain as they are written."""
        factors = tuple(outer_first)
        return factors[::-1] if self.flips else factors

    def derivative(self, value: Expr, goal: Expr, x: Expr) -> Expr:
        """∂goal/∂x of a derivation as it lies on the sheet."""
        arrays = SCALAR not in (goal.axes, x.axes)
        found = by_columns(value, goal.axes, x.axes) if self.stacked and arrays else value
        return laid(found, goal, self.lies)

    def matrix(self, J: Expr, y: Expr, x: Expr) -> Expr:
        """The Jacobian of vec y by vec x, numerator layout and rows stacked, as the matrix on the sheet."""
        found = self.map(J, y, x)
        return transpose(found) if self.flips else found

    def map(self, J: Expr, y: Expr, x: Expr) -> Expr:
        """The same as the map from changes of vec x to those of vec y, in any layout."""
        return by_columns(J, y.axes, x.axes) if self.stacked else J

    def turns(self, y: Expr, x: Expr) -> bool:
        """Whether this matrix is the transpose of what ∂y/∂x means, the gradient of a scalar."""
        return self.lies is None and y.shape == () != x.shape

    def gradient_turned(self, goal: Expr) -> bool:
        """Whether ∂goal/∂x of a scalar goal is the transpose of what has the shape of x."""
        return goal.shape == () and turned(goal, self.lies)

    def vector(self, x: Expr) -> Expr:
        """vec x of a matrix."""
        return x if len(x.shape) < 2 else by_columns(vec(x), x.axes, SCALAR) if self.stacked else vec(x)

    def stackable(self, parts: Iterable[Expr]) -> None:
        """Raises InputError where a formula stacks rows by itself and columns are to be stacked."""
        found = next((x for x in parts if x.operation.name in ("vec", "commutation", "reshape")), None)
        if self.stacked and found is not None:
            raise InputError(f"{found} is read row after row, but vec stacks columns on this sheet: take another "
                             "formula, or vec = \"rows\"")

    def flat(self, array: Any) -> Any:
        """The entries of an array as vec stacks them."""
        return array.reshape(-1, order="F" if self.stacked else "C")

    # ---- what things are called ----

    def letters(self, labels: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
        """What each label is called: h1 for z1 where z is h. What would be called like that gets another letter.

        Raises InputError where a letter is `taken` by a size or a function.
        """
        labels, taken = list(labels), {*taken}
        chosen = {KEYS.get(old, old): new for old, new in self.names if old != SIGNAL}
        stems = dict.fromkeys(stem(label) for label in labels)
        found = {old: chosen[key] for old in stems if (key := KEYS.get(old, old)) in chosen}
        clash = next((new for new in found.values() if new in taken), None)
        if clash is not None:
            raise InputError(f"{clash} cannot be the name of a quantity: a size or a function is called so, too")
        free = (letter for letter in FREE if letter not in {*stems, *found.values(), *taken})
        for old in stems:
            if old not in found:
                found[old] = next(free) if old in found.values() else old
        return {label: found[stem(label)] + label[len(stem(label)):] for label in labels}

    def known(self, labels: Iterable[str]) -> None:
        """Raises InputError where the notation names a quantity that is none of these."""
        there = {KEYS.get(one, one) for one in map(stem, labels)}
        for old, _ in self.names:
            if old != SIGNAL and old not in there:
                raise InputError(f"{old} cannot get another name, because nothing is called {old} here: the quantities "
                                 f"are {', '.join(sorted(there))}")

    def signal(self, goal: str, label: str, index: str, capital: bool = False) -> str:
        """δ2, the name of the gradient of the goal by the pre-activation `label`, or d‹goal›_d‹label› for ∂goal/∂label.

        It is a capital letter for a whole batch.
        """
        letter = dict(self.names).get(SIGNAL, SIGNAL)
        return f"d{goal}_d{label}" if "/" in letter else f"{letter.upper() if capital else letter}{index}"


USUAL = Notation()


def stem(label: str) -> str:
    """z of z12."""
    return label.rstrip("0123456789")


def index(label: str) -> str:
    """12 of z12."""
    return label[len(stem(label)):]


def notation(layout: str = "", vec: str = "", names: str = "") -> Notation:
    """The notation that is said in words: notation("denominator", names="z=h, a=y"). Raises InputError."""
    for what, said, known in (("layout", layout, tuple(LAYOUTS)), ("vec", vec, STACKINGS)):
        if said and said not in known:
            raise InputError(f"{what} is one of {', '.join(known)}, but {said!r} was given")
    found = Notation(layout, vec, _names(names))
    if found.lies == "numerator" and "/" in dict(found.names).get(SIGNAL, ""):
        raise InputError("in numerator layout ∂L/∂z is a row, but the signal that is handed back is a column: call it "
                         "by a letter, such as delta=δ, or take another layout")
    return found


def _names(said: str) -> Names:
    """z=h, a=y, delta=∂L/∂z: pairs of letters. Raises InputError with the pair that is none."""
    if not isinstance(said, str):
        raise InputError(f'names are text such as "z=h, a=y", but {said!r} was given')
    pairs: dict[str, str] = {}
    for part in filter(str.strip, said.split(",")):
        old, equals, new = (word.strip() for word in part.partition("="))
        old = KEYS.get(old, old)
        slope = old == SIGNAL and SLOPE.fullmatch(new)
        if not equals or not (LETTER.fullmatch(old) and (LETTER.fullmatch(new) or slope)):
            raise InputError(f"names are pairs of letters such as z=h, a=y, L=J, delta=∂L/∂z, "
                             f"but {part.strip()!r} was given")
        if old in pairs or new in pairs.values():
            raise InputError(f"in the names {said!r} {part.strip()!r} says again what another pair says")
        pairs[old] = new
    return tuple(pairs.items())
