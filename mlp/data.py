"""Data sets, split and scaled, and a look at data before it is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import jacobian as jac
from mlp.given import Array, between, classes, count, finite, numbers
from mlp.layers import Affine
from mlp.network import Network, Parameters
from mlp.stored import unpack


@dataclass(frozen=True)
class Scaling:
    """x̃ = (x − μ)/σ of the features and t̃ = (t − ν)/τ of the targets: what was done to the data."""

    mean: Array
    deviation: Array
    target_mean: Array
    target_deviation: Array

    def fold(self, network: Network, params: Parameters) -> Parameters:
        """The parameters that do to raw data what these do to scaled: W₁/σ, b₁ − W₁ μ/σ; τ W_L, τ b_L + ν.

        Raises MissingRule where the first or the last layer is not affine.
        """
        if not isinstance(network.layers[0], Affine) or not isinstance(network.layers[-1], Affine):
            raise jac.MissingRule(f"a scaling goes into affine layers, not into {network.layers[0]} and "
                                  f"{network.layers[-1]}: begin and end the network with Affine()")
        first, *others = params
        W = first["W"] / self.deviation
        *others, last = [{"W": W, "b": first["b"] - W @ self.mean}, *others]
        tau = self.target_deviation
        return [*others, {"W": (tau * last["W"].T).T, "b": tau * last["b"] + self.target_mean}]


@dataclass(frozen=True)
class Data:
    """Samples to learn from, x (N, n) and t, and others to judge by, not used in training.

    t are classes (N,), 0 … classes − 1, called `labels`; or, where `classes` is None, numbers (N, m). `scaling` is what
    was done to them. Raises InputError for numbers that `inspect` refuses and for classes that there are not.
    """

    x: Array
    t: Array
    x_test: Array
    t_test: Array
    classes: int | None = None
    labels: tuple[str, ...] = ()
    scaling: Scaling | None = None

    def __post_init__(self) -> None:
        for names in (("x", "t"), ("x_test", "t_test")):
            x, t = inspect(getattr(self, names[0]), getattr(self, names[1]), names)
            object.__setattr__(self, names[0], x)
            object.__setattr__(self, names[1], t.astype(x.dtype).reshape(len(x), -1) if self.classes is None
                               else classes(names[1], t, self.classes))

    @property
    def outputs(self) -> int:
        """How many numbers a network is to give: one for each class or each target."""
        return self.t.shape[1] if self.classes is None else self.classes


# ---- parts ---------------------------------------------------------------------------------------------------------


def parts(t: Array, share: float, rng: np.random.Generator, *, alike: bool) -> tuple[Array, Array]:
    """Two sets of samples at random, in order, with `share` of them, or of each class, in the second."""
    between("share", share, 0, 1)
    groups = [np.flatnonzero(t == kind) for kind in np.unique(t)] if alike else [np.arange(len(t))]
    mixed = [rng.permutation(members) for members in groups]
    held = np.sort(np.concatenate([members[:round(share * len(members))] for members in mixed]))
    kept = np.setdiff1d(np.arange(len(t)), held)
    if not len(held) or not len(kept):
        raise jac.InputError(f"{len(t)} samples in {len(groups)} groups are too few to hold {share:g} of each back")
    return kept, held


def split(x: Array, t: Array, seed: int = 0, share: float = 0.2, labels: Sequence[str] = ()) -> Data:
    """The samples and their classes at random in two parts, with `share` of each class in the second, for judging."""
    x, t = inspect(x, t)
    count("seed", seed, 0)
    if t.ndim != 1:
        raise jac.ShapeError(f"t has shape {t.shape}, but a class for each sample, (N,), is expected")
    kept, held = parts(t, share, np.random.default_rng(seed), alike=True)
    return Data(x[kept], t[kept], x[held], t[held], len(np.unique(t)), tuple(labels))


def split_numbers(x: Array, t: Array, seed: int = 0, share: float = 0.2) -> Data:
    """The samples and the numbers to find, (N,) or (N, m), at random in two parts, with `share` in the second."""
    x, t = inspect(x, t)
    count("seed", seed, 0)
    kept, held = parts(t, share, np.random.default_rng(seed), alike=False)
    return Data(x[kept], t[kept], x[held], t[held])


def standardise(data: Data) -> Data:
    """Features, and targets that are numbers, with mean 0 and deviation 1 over the samples to learn from.

    A constant keeps its deviation. Source: LeCun et al. 1998, Efficient BackProp, 4.3.
    """
    mean, deviation = _moments(data.x)
    whole = np.zeros(data.outputs, data.x.dtype), np.ones(data.outputs, data.x.dtype)
    nu, tau = _moments(data.t) if data.classes is None else whole
    scaled = {name: (getattr(data, name) - mean) / deviation for name in ("x", "x_test")}
    if data.classes is None:
        scaled |= {name: (getattr(data, name) - nu) / tau for name in ("t", "t_test")}
    return replace(data, **scaled, scaling=Scaling(mean, deviation, nu, tau))


def _moments(x: Array) -> tuple[Array, Array]:
    deviation = x.std(axis=0)
    return x.mean(axis=0), np.where(np.ptp(x, axis=0) > 0, deviation, 1).astype(x.dtype)


def label(cells: Sequence[Any], key: Callable[[Any], Any] = str) -> tuple[Array, tuple[str, ...]]:
    """Class indices of the cells (N,), and the names of the classes, sorted by the key."""
    names = sorted(set(cells), key=key)
    if len(names) < 2:
        raise jac.InputError(f"all samples are of one class, {names[0]!r}: at least two are expected")
    index = {name: k for k, name in enumerate(names)}
    return np.array([index[cell] for cell in cells]), tuple(map(str, names))


# ---- sources -------------------------------------------------------------------------------------------------------


def digits(seed: int = 1) -> Data:
    """1797 handwritten digits, 8 × 8 pixels scaled to [0, 1], a fifth of each class held back; the seed says which.

    Source: Alpaydin and Kaynak 1998, UCI, in scikit-learn's wheel. Raises MissingExtra without scikit-learn.
    """
    whole = _bunch("digits")
    return split(whole.data / 16.0, whole.target, seed, labels=[str(k) for k in range(10)])


def scikit(name: str) -> Callable[[int], Data]:
    """The data set of scikit-learn's wheel of that name, by the seed of its split, standardised."""
    def load(seed: int = 1) -> Data:
        whole = _bunch(name)
        if "target_names" in whole:
            return standardise(split(whole.data, whole.target, seed, labels=[str(name) for name in whole.target_names]))
        return standardise(split_numbers(whole.data, whole.target, seed))

    return load


def _bunch(name: str) -> Any:
    return getattr(jac.extra("sklearn.datasets", "data", f"the data set {name}"), f"load_{name}")()


def arrays(path: str | Path, seed: int = 1) -> Data:
    """x and t of an npz file, and x_test and t_test where it has them, else a fifth held back.

    Whole numbers t (N,) are classes. Raises InputError for other names and what cannot be.
    """
    named = unpack(path)
    if named.keys() not in ({"x", "t"}, {"x", "t", "x_test", "t_test"}):
        raise jac.InputError(f"{path} holds {', '.join(named) or 'nothing'}, but x and t are expected, "
                             "and x_test and t_test or neither of them")
    try:
        x, t = inspect(named["x"], named["t"])
        if t.ndim != 1 or t.dtype.kind not in "iub":
            return standardise(Data(**named) if "x_test" in named else split_numbers(x, t, seed))
        classes = int(t.max()) + 1
        labels = [str(k) for k in range(classes)]
        return standardise(Data(**named, classes=classes, labels=tuple(labels)) if "x_test" in named
                           else split(x, t, seed, labels=labels))
    except jac.InputError as error:
        raise jac.InputError(f"{path}: {error}") from error


DATA: dict[str, Callable[[int], Data]] = {
    "digits": digits, **{name: scikit(name) for name in ("breast_cancer", "diabetes", "iris", "wine")}}


# ---- a look at data ------------------------------------------------------------------------------------------------


def inspect(x: Any, t: Any, names: tuple[str, str] = ("x", "t")) -> tuple[Array, Array]:
    """x (N, n) and t with a row for each sample, as floating arrays (classes stay whole numbers), after a look at them.

    Raises InputError that says where something is wrong, rows and columns counted from 0, and how to mend it.
    """
    x, t = _sound(names[0], x), _sound(names[1], t)
    if x.ndim != 2:
        raise jac.ShapeError(f"{names[0]} has shape {x.shape}, but a row for each sample, (N, n), is expected: "
                             + ("use x.reshape(1, -1) for one sample" if x.ndim == 1 else "use x.reshape(len(x), -1)"))
    if 0 in x.shape:
        raise jac.InputError(f"{names[0]} of shape {x.shape} is empty: "
                             "give at least one sample with at least one feature")
    if t.ndim not in (1, 2) or len(t) != len(x):
        raise jac.ShapeError(f"{names[1]} has shape {t.shape}, but {names[0]} has {len(x)} rows: "
                             "give one class, or one row, for each sample")
    return (x if x.dtype.kind == "f" else x.astype(float)), t


def _sound(name: str, value: Any) -> Array:
    return finite(name, numbers(name, value), "leave that sample out or fill in a number")
