"""The textbook's derivatives in corpus/*.txt, and what each of them is in numbers, by `matlab` and the complex step.

A file's first line names the source. An entry is a line `place | function | declarations | sizes`, where the place is
an equation, a table, a section or a page, and `sizes` are conditions such as n < m; under it stand its derivatives:

    x: …             the gradient in the shape of x, where f is a scalar; the Jacobian (numerator layout) of a column by
                     a column; the shape of f where x is a scalar
    dX: …            the differential of f, linear in dX
    X kron: …        the Jacobian of vec f by vec X, row after row
    x y: …           the second derivative: the Jacobian of the gradient by x with respect to y
    X dX: …, X X kron: …   the same as the differential of the gradient, or row after row
    X free: …        X is symmetric: entry ij is the derivative by xᵢⱼ = xⱼᵢ
    X projection: …  X has structure: the gradient G of that structure with df = ⟨G, dX⟩

The text "none" stands where the syntax has no closed form. `note:` says how the source's own formula differs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import matlab
import numpy as np

Values = Mapping[str, Any]
FOLDER = Path(__file__).parent / "corpus"
STEP = 1e-30
CONVENTIONS = ("free", "projection")
WORDS = (*CONVENTIONS, "kron")


@dataclass(frozen=True)
class Declared:
    """One symbol: `sizes` by name, none of a scalar."""

    name: str
    sizes: tuple[str, ...]
    assumptions: frozenset[str]


def declared(text: str) -> list[Declared]:
    """"A: m n, x: n positive, c:"."""
    found = []
    for part in text.split(","):
        name, words = part.split(":")
        known = frozenset(words.split()) & MADE.keys()
        found.append(Declared(name.strip(), tuple(w for w in words.split() if w not in known), known))
    return found


@dataclass(frozen=True)
class Case:
    """One derivative: of `function` as `key` says, expected to be `answer`."""

    source: str
    function: str
    declarations: str
    conditions: str
    key: str
    answer: str

    def __str__(self) -> str:
        return f"{self.source} | {self.function} | {self.key}"

    @cached_property
    def symbols(self) -> dict[str, Declared]:
        return {d.name: d for d in declared(self.declarations)}

    @property
    def convention(self) -> str | None:
        return next((w for w in self.key.split() if w in CONVENTIONS), None)

    @property
    def form(self) -> str:
        """"value", "kron" or "differential"."""
        last = self.key.split()[-1]
        return "kron" if last == "kron" else "value" if last in self.symbols or self.convention else "differential"

    @property
    def wrt(self) -> tuple[str, ...]:
        """The one variable, or the two of a second derivative."""
        words = [w for w in self.key.split() if w not in WORDS]
        return tuple(w if w in self.symbols else w.removeprefix("d") for w in words)

    @property
    def sizes(self) -> list[str]:
        return list(dict.fromkeys(size for d in self.symbols.values() for size in d.sizes))


def entries(path: Path) -> Iterator[Case]:
    """The cases of one file."""
    title, *lines = path.read_text(encoding="utf-8").splitlines()
    assert title.startswith("# ")
    for line in filter(None, lines):
        if not line.startswith(" "):
            place, function, declarations, *conditions = line.split(" | ")
        elif not line.startswith("    note: "):
            key, _, answer = line.strip().partition(": ")
            yield Case(f"{path.stem} {place}", function, declarations, "".join(conditions), key, answer)


def cases() -> list[Case]:
    return [case for path in sorted(FOLDER.glob("*.txt")) for case in entries(path)]


CASES = cases()
CLOSED = [case for case in CASES if case.answer != "none"]


def refused() -> list[list[str]]:
    """Texts that do not fit, their declarations, and the part that an error has to name."""
    lines = (Path(__file__).parent / "refused.txt").read_text(encoding="utf-8").splitlines()
    return [line.split(" | ") for line in lines if line and not line.startswith("#")]


# ---- random instances ----------------------------------------------------------------------------------------------


DRAWS = 3


def sizes(case: Case) -> list[dict[str, int]]:
    """Three draws of sizes that all differ and are as the conditions ask."""
    pairs = [pair.split(" < ") for pair in filter(None, case.conditions.split(", "))]
    numbers = range(2, max(len(case.sizes) + 3, 5))
    fitting = [chosen for drawn in itertools.permutations(numbers, len(case.sizes))
               for chosen in [dict(zip(case.sizes, drawn, strict=True))]
               if all(chosen[a] < chosen[b] for a, b in pairs)]
    order = np.random.default_rng(len(fitting)).permutation(max(len(fitting), DRAWS))
    return [fitting[k % len(fitting)] for k in order[:DRAWS]]


def invertible(x: Any) -> Any:
    """Well-conditioned, with a positive determinant."""
    x = x + 1.5 * np.diag(np.sign(np.diag(x)))
    x[0] *= np.sign(np.linalg.det(x))
    return x


MADE: dict[str, Callable[[Any], Any]] = {
    "positive": lambda x: 2 * np.abs(x),
    "onehot": lambda x: (x == x.max(axis=1 if x.shape[1] > 1 else 0, keepdims=True)).astype(float),
    "symmetric": lambda x: (x + x.T) / 2,
    "posdef": lambda x: x @ x.T + np.eye(len(x)) / 2,
    "diagonal": lambda x: np.diag(np.diag(x)),
    "lower": lambda x: np.tril(invertible(x)),
    "upper": lambda x: np.triu(invertible(x)),
    "orthogonal": lambda x: np.linalg.qr(x)[0],
    "invertible": invertible,
}


def array(rng: np.random.Generator, symbol: Declared, shape: tuple[int, int]) -> Any:
    """A random value with what is assumed of the symbol, no entry near 0 where nothing else is said."""
    x = rng.uniform(0.2, 0.95, shape) * rng.choice([-1, 1], shape)
    for assumption in symbol.assumptions:
        x = MADE[assumption](x)
    return x.astype(complex)


def instances(case: Case) -> list[dict[str, Any]]:
    """Three instances of different sizes: values by name, the sizes among them."""
    return [instance(case, given, draw) for draw, given in enumerate(sizes(case))]


def instance(case: Case, given: Mapping[str, int], draw: int) -> dict[str, Any]:
    """Values at which the function is finite and real."""
    rng = np.random.default_rng([draw, *given.values()])
    f = matlab.read(case.function)
    for _ in range(200):
        values = {name: np.full((1, 1), n, complex) for name, n in given.items()}
        for d in case.symbols.values():
            values[d.name] = array(rng, d, (*(given[s] for s in d.sizes), 1, 1)[:2])
        with np.errstate(all="ignore"):
            found = f(values)
        if np.all(np.isfinite(found)) and np.all(found.imag == 0):
            return values
    raise AssertionError(f"no point found for {case}")


TANGENT: dict[str, Callable[[Any], Any]] = {
    "symmetric": lambda step: np.maximum(step, step.T), "posdef": lambda step: np.maximum(step, step.T),
    "diagonal": lambda step: np.diag(np.diag(step)), "lower": np.tril, "upper": np.triu,
}


# ---- numbers -------------------------------------------------------------------------------------------------------


def directions(case: Case, name: str, shape: tuple[int, int]) -> Iterator[Any]:
    """A unit step of each entry; with a convention, what the structure leaves of it, both halves of a symmetric one."""
    structure = next((a for a in case.symbols[name].assumptions if a in TANGENT), None) if case.convention else None
    for i, j in np.ndindex(shape):
        step = np.zeros(shape)
        step[i, j] = 1
        yield TANGENT[structure](step) if structure else step


def slopes(case: Case, values: Values, name: str) -> Any:
    """J[:, j] = Im f(x + ih eⱼ) / h, row after row."""
    f = matlab.read(case.function)
    columns = []
    for step in directions(case, name, values[name].shape):
        moved = f({**values, name: values[name] + 1j * STEP * step})
        columns.append(moved.imag.reshape(-1) / STEP)
    return np.stack(columns, axis=1)


def differences(f: Callable[[Any], Any], x: Any, steps: Iterable[Any]) -> Any:
    """J[:, j]: real central differences of order six."""
    weights, h = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}, 1e-3
    return np.stack([sum(sign * weight / h * f(x + sign * k * h * step).real.reshape(-1)
                         for k, weight in weights.items() for sign in (-1, 1)) for step in steps], axis=1)


def second(case: Case, values: Values, first: str, then: str) -> Any:
    """H[:, j]: the differences of the gradient by the first variable."""
    return differences(lambda y: slopes(case, {**values, then: y}, first), values[then],
                       directions(case, then, values[then].shape))


def derivative(case: Case, values: Values) -> Any:
    """The matrix that the numbers give: size of f × size of x, or size of x × size of y."""
    if len(case.wrt) == 2:
        return second(case, values, *case.wrt)
    J = slopes(case, values, *case.wrt)
    if case.convention == "projection":
        J = J / [step.sum() or 1 for step in directions(case, *case.wrt, values[case.wrt[0]].shape)]
    return J


def claimed(case: Case, values: Values) -> Any:
    """The same matrix by the expected text. An answer whose shape is not the one promised fails."""
    answer, last = matlab.read(case.answer), case.wrt[-1]
    if case.form == "differential":
        return np.stack([answer({**values, f"d{last}": step}).reshape(-1)
                         for step in directions(case, last, values[last].shape)], axis=1).real
    value = answer(values)
    rows, columns = (values[case.wrt[0]] if len(case.wrt) == 2 else matlab.read(case.function)(values)), values[last]
    if case.form == "value" and rows.size == 1:
        assert value.shape == columns.shape, f"a gradient of shape {value.shape}"
    elif case.form == "value" and columns.size == 1:
        assert value.shape == rows.shape, f"a derivative of shape {value.shape}"
    else:
        assert case.form == "kron" or (rows.shape[1] == columns.shape[1] == 1), "no Jacobian in matrix notation"
        assert value.shape == (rows.size, columns.size), f"a Jacobian of shape {value.shape}"
    return value.reshape(rows.size, columns.size).real


def tolerance(case: Case) -> float:
    """Of the complex step; of the differences that a second derivative takes."""
    return 1e-8 if len(case.wrt) == 2 else 1e-10


def close(value: Any, want: Any, relative: float) -> None:
    """Equal to the largest entry's precision."""
    assert value.shape == want.shape
    np.testing.assert_allclose(value, want, rtol=0, atol=relative * max(1e-3, np.abs(want).max()))
