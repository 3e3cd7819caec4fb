"""Small numbers for the symbols of a formula, chosen by seed and rejected until a person can compute with them."""

from __future__ import annotations

import re

import numpy as np

from jacobian.derivation.derivation import Derivation
from jacobian.errors import InputError
from jacobian.symbolic.assumptions import ASSUMPTIONS
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, leaves, sizes_of
from jacobian.worksheet.numbers import Instance, exact, visible

TRIES = 400
SMALLEST, LARGEST = 2, 8        # sizes that are worked by hand


def instance(derivation: Derivation, given: str, seed: int) -> Instance:
    """Small integers for the symbols; the same seed gives the same ones. Raises InputError where none are found."""
    rng = np.random.default_rng(seed)
    symbols = leaves(derivation.goal, *derivation.wrt)
    sizes = numbers_of(given, symbols)
    for _ in range(TRIES):
        values = {x: exact(_drawn(rng, x, sizes)) for x in symbols}
        found = Instance(values, sizes)
        if all(np.count_nonzero(found(y)) and visible(found(y)) for y in map(derivation.value_by, derivation.wrt)):
            return found
    raise InputError(f"no small numbers were found for {derivation.goal.args[0]} with seed {seed}: take another seed")


def _drawn(rng: np.random.Generator, x: Expr, sizes: dict[str, int]) -> np.ndarray:
    drawn = rng.integers(-3, 4, size=[Binding({}, sizes).size(n) for n in x.shape])
    for word in x.assumptions:
        drawn = ASSUMPTIONS[word].draw(rng, drawn)
    return np.asarray(drawn)


def numbers_of(given: str, symbols: list[Expr]) -> dict[str, int]:
    """The sizes of "m = 2, n = 3"; those that it does not say are small and differ. Raises InputError."""
    names = [str(n) for n in sizes_of(*symbols)]
    found: dict[str, int] = {}
    for part in filter(str.strip, given.split(",")):
        said = re.fullmatch(r"\s*(\w+)\s*=\s*(\d{1,3})\s*", part, re.ASCII)
        if said is None or said[1] not in names or not 1 <= int(said[2]) <= LARGEST:
            raise InputError(f'sizes are given as "m = 2, n = 3", each from 1 to {LARGEST}, of '
                             f"{', '.join(names) or 'no sizes'}, but {part.strip()!r} was given")
        found[said[1]] = int(said[2])
    free = (k for k in range(SMALLEST, SMALLEST + len(names)) if k not in found.values())
    return {n: found[n] if n in found else next(free) for n in names}
