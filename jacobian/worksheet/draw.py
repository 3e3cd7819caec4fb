"""Small numbers for the symbols of a formula, chosen by seed and rejected until a person can learn from them.

Whole numbers are drawn until every number that is printed in a key is whole or a simple fraction; where a function such
as exp or a root forbids that, until each shows its digits. The formula is smooth there, no gradient vanishes, and no
misconception gives a right number, unless it does so at every draw.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

import numpy as np
import sympy as sp

from jacobian.derivation.derivation import Derivation, derive
from jacobian.errors import InputError
from jacobian.symbolic.assumptions import ASSUMPTIONS
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, leaves, sizes_of, walk
from jacobian.worksheet.misconceptions import Misconceptions, Telling, misconceptions
from jacobian.worksheet.numbers import STEEPEST, Instance, alive, confirm, exact
from jacobian.worksheet.whole import whole

TRIES = 600
SMALLEST, LARGEST = 2, 8        # sizes that are worked by hand
SPANS = (3, 2, 1)               # of the whole numbers, in turn
DENOMINATORS = np.array([[1], [2], [3], [4], [5], [6], [8], [9], [10], [12]])
FAINT = 0.01                    # number that is no fraction: a smaller slope comes from a saturated function
ROUNDING = 1e-9
MOVE, JUMP = 1e-7, 1e-3         # of the symbols, and of a number that is not smooth
FARTHEST = 1e6                  # number: what is farther is divided by 0, but for rounding
PROBES = 8                      # draws at which a misconception is right that is none here


def instance(derivation: Derivation, locals: Iterable[tuple[Expr, Expr]], given: str, seed: int) -> Instance:
    """Small whole numbers for the symbols, with which ∂y/∂x of the `locals` y, x can be worked out by hand, too.

    The same seed gives the same ones. Raises InputError where none are found.
    """
    return _draws(derivation, tuple(locals), given)(seed)


@dataclass(frozen=True, eq=False)
class Draws:
    """Numbers for a derivation at sizes that are `given` in words; what no seed changes is found once."""

    derivation: Derivation
    locals: tuple[tuple[Expr, Expr], ...]
    given: str

    @cached_property
    def symbols(self) -> list[Expr]:
        return leaves(self.derivation.goal, *self.derivation.wrt)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """They rise, or where no numbers have a value then, fall."""
        found = [numbers_of(self.given, self.symbols, falling) for falling in (False, True)]
        return next((sizes for sizes in found if next(self._drawn(np.random.default_rng(0), sizes), None)), found[0])

    @cached_property
    def gradients(self) -> list[Expr]:
        return [self.derivation.value_by(x) for x in self.derivation.wrt]

    @cached_property
    def printed(self) -> list[Expr]:
        """What a key may print in numbers: results, lines of the derivation, local Jacobians, and their parts."""
        return walk(*self.derivation.named(), *(line.value for line in self.derivation.lines), *self.gradients,
                    *(derive(y.args[0], x).value for y, x in self.locals))

    @cached_property
    def varied(self) -> list[Expr]:
        """All of these but constants, which stand in the formula as they are."""
        return [x for x in self.printed if leaves(x)]

    @cached_property
    def fractions(self) -> bool:
        """Whether numbers can be fractions: no function makes an algebraic number transcendental."""
        for found in islice(self._drawn(np.random.default_rng(0), self.sizes), PROBES):
            bind = Binding({x: exact(found.natural(x)) for x in self.symbols}, self.sizes)
            if not all(sp.sympify(entry).is_algebraic is True for x in self.printed for entry in bind(x).flat):
                return False
        return True

    @cached_property
    def misconceptions(self) -> list[Misconceptions]:
        asked = dict.fromkeys((*self.derivation.named(), *self.gradients))
        return misconceptions([x.args[0] if x.operation.name == "named" else x for x in asked], *self.symbols)

    def _drawn(self, rng: np.random.Generator, given: Mapping[str, int]) -> Iterator[Binding]:
        """Points of these sizes where nothing is infinite, as every symbol is assumed to be."""
        sizes = Binding({}, given)
        for k in range(TRIES):
            span = SPANS[k % len(SPANS)]
            values = {x: whole(rng, x, self.derivation.goal, sizes, span).astype(float) for x in self.symbols}
            if all(ASSUMPTIONS[word].holds(values[x]) for x in self.symbols for word in x.assumptions):
                found = Binding(values, given)
                if all((np.abs(found(x)) <= FARTHEST).all() for x in self.printed):
                    yield found

    def humane(self, rng: np.random.Generator, fractions: bool) -> Iterator[Binding]:
        """Those of them that a person can work with."""
        for found in self._drawn(rng, self.sizes):
            numbers = np.concatenate([found(x).ravel() for x in self.varied])
            if np.abs(numbers).max() <= STEEPEST and (simple(numbers) if fractions else shown(numbers)) and \
                    all(alive(np.atleast_1d(found.natural(x))) for x in self.gradients) and self._smooth(found, rng):
                yield found

    def _smooth(self, found: Binding, rng: np.random.Generator) -> bool:
        """Whether no number jumps where the symbols move a little, each in its way: slopes do at kinks and at ties."""
        free = [x for x in self.symbols if "index" not in x.assumptions]
        moves = {x: rng.uniform(-MOVE, MOVE, size=found(x).shape) for x in free}
        for side in (1, -1):
            moved = found.moved({x: found(x) + side * move for x, move in moves.items()}
                                | {x: found(x) for x in self.symbols if x not in free})
            if not all(np.all(np.abs(moved(x) - found(x)) <= JUMP) for x in self.printed):
                return False
        return True

    def __call__(self, seed: int) -> Instance:
        for fractions in (True, False) if self.fractions else (False,):
            telling = _telling(self, fractions)
            for found in self.humane(np.random.default_rng(seed), fractions) if telling.possible else ():
                if telling(found):
                    chosen = Instance({x: exact(found.natural(x)) for x in self.symbols}, self.sizes, fractions)
                    confirm(self.derivation, chosen)
                    return chosen
        raise InputError(f"no small numbers were found for {self.derivation.goal.args[0]} with seed {seed}: take "
                         'another seed, or other sizes, such as "n = 3"')


_draws = lru_cache(maxsize=256)(Draws)


@lru_cache(maxsize=256)
def _telling(draws: Draws, fractions: bool) -> Telling:
    """What numbers must tell apart."""
    return Telling(draws.misconceptions, islice(draws.humane(np.random.default_rng(0), fractions), PROBES))


def simple(numbers: Any) -> bool:
    """Whether each is whole or a fraction with a small denominator."""
    wholes = numbers * DENOMINATORS
    return bool((np.abs(wholes - np.round(wholes)) <= ROUNDING).any(axis=0).all())


def shown(numbers: Any) -> bool:
    """Whether each is 0, or large enough to be seen in a few decimals."""
    return bool(((numbers == 0) | (np.abs(numbers) >= FAINT)).all())


def numbers_of(given: str, symbols: list[Expr], falling: bool = False) -> dict[str, int]:
    """The sizes of "m = 2, n = 3"; those that it does not say are small, differ and rise, or fall. Raises InputError.
    """
    names = [str(n) for n in sizes_of(*symbols)]
    found: dict[str, int] = {}
    for part in filter(str.strip, given.split(",")):
        said = re.fullmatch(r"\s*(\w+)\s*=\s*(\d{1,3})\s*", part, re.ASCII)
        if said is None or said[1] not in names or not 1 <= int(said[2]) <= LARGEST:
            raise InputError(f'sizes are given as "m = 2, n = 3", each from 1 to {LARGEST}, of '
                             f"{', '.join(names) or 'no sizes'}, but {part.strip()!r} was given")
        found[said[1]] = int(said[2])
    open_ = [n for n in names if n not in found]
    free = [k for k in range(SMALLEST, SMALLEST + len(names)) if k not in found.values()][:len(open_)]
    found |= dict(zip(open_, reversed(free) if falling else free, strict=True))
    return {n: found[n] for n in names}
