"""Random weights to begin with: their deviation says how the variance of activations or gradients is kept.

Weights (m, n, …) have n · … inputs and m · … outputs, where … are the places of a kernel. Every other parameter keeps
the value with which its network begins. The definitions are those of torch.nn.init.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from mlp.given import Array
from mlp.network import Network, Parameters, choose

Draw = Callable[[np.random.Generator, tuple[int, ...]], Array]
Variance = Callable[[int, int], float]

VARIANCES: dict[str, Variance] = {
    "glorot": lambda n, m: 2 / (n + m),     # Glorot and Bengio 2010, eq. 12 and 16
    "he": lambda n, m: 2 / n,               # He et al. 2015, eq. 10
    "lecun": lambda n, m: 1 / n,            # LeCun et al. 1998, Efficient BackProp, eq. 16
}


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many numbers go into an output of weights of that shape, and how many outputs an input goes to."""
    places = math.prod(shape[2:])
    return shape[1] * places, shape[0] * places


def normal(variance: Variance) -> Draw:
    """N(0, σ²)."""
    return lambda rng, shape: rng.normal(0, variance(*fans(shape)) ** 0.5, shape)


def uniform(variance: Variance) -> Draw:
    """U(−√3 σ, √3 σ), whose deviation is σ."""
    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        bound = (3 * variance(*fans(shape))) ** 0.5
        return rng.uniform(-bound, bound, shape)

    return draw


def orthogonal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Q with QᵀQ = I or QQᵀ = I, uniform over all such: of a normal matrix, with R's diagonal positive.

    Source: Saxe, McClelland and Ganguli (2014); for the signs Mezzadri (2007), section 5.
    """
    m, n = shape[0], math.prod(shape[1:])
    Q, R = np.linalg.qr(rng.normal(size=(max(m, n), min(m, n))))
    Q = Q * np.sign(np.diagonal(R))
    return np.ascontiguousarray(Q if m >= n else Q.T).reshape(shape)


INITIALISERS: dict[str, Draw] = {
    **{f"{name}-{kind.__name__}": kind(variance) for name, variance in VARIANCES.items() for kind in (normal, uniform)},
    "orthogonal": orthogonal,
}


def initialise(network: Network, rng: np.random.Generator, name: str | None = None) -> Parameters:
    """Random θ: weights by the row of INITIALISERS, or as each following layer asks for where none is named.

    Raises InputError for a name that is not known.
    """
    if name is None:
        return network.init(rng)
    draw: Draw = choose(INITIALISERS, name, "the initialisation")
    return [{own: draw(rng, array.shape) if array.ndim > 1 else array for own, array in layer.items()}
            for layer in network.init(rng)]
