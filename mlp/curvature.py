"""What each sample says of the parameters: gradients of samples, tangent kernel, Gauss–Newton, all from factors.

zₙ = W aₙ makes the gradient of sample n the outer product gₙ aₙᵀ, so that one sweep back holds those of all samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

import jacobian as jac
from mlp.given import Array
from mlp.layer import Layer
from mlp.network import Network, Parameters
from mlp.places import Place


@dataclass(frozen=True)
class Outer:
    """∂fₙᵢ/∂W = gₙᵢ aₙᵀ for every sample n, from its factors: g (N, k, m) for k functions of it, a (N, n)."""

    g: Array
    a: Array

    def explicit(self) -> Array:
        """(N, k, m, n)."""
        return self.g[..., None] * self.a[:, None, None, :]

    def products(self) -> Array:
        """⟨∂fₙᵢ/∂W, ∂fₚⱼ/∂W⟩ = (aₙ · aₚ) (gₙᵢ · gₚⱼ), (N, k, N, k)."""
        return np.einsum("nim,pjm->nipj", self.g, self.g) * (self.a @ self.a.T)[:, None, :, None]

    def squares(self) -> Array:
        """‖∂fₙᵢ/∂W‖² = ‖gₙᵢ‖² ‖aₙ‖², (N, k) (Goodfellow 2015, Efficient per-example gradient computations)."""
        return np.square(self.g).sum(axis=2) * np.square(self.a).sum(axis=1)[:, None]


@dataclass(frozen=True)
class Explicit:
    """∂fₙᵢ/∂θ as an array (N, k, …), of a layer whose Jacobian has no such factors."""

    array: Array

    def explicit(self) -> Array:
        return self.array

    def products(self) -> Array:
        N, k = self.array.shape[:2]
        flat = self.array.reshape(N * k, -1)
        return (flat @ flat.T).reshape(N, k, N, k)

    def squares(self) -> Array:
        return np.square(self.array).reshape(*self.array.shape[:2], -1).sum(axis=2)


Own = Outer | Explicit


def factors(J: jac.Jacobian, N: int) -> Array | None:
    """a (N, n), where J = K (I ⊗ a) or 1 ⊗ I, the Jacobians of a Wᵀ by W (row-major) and of 1 bᵀ by b; else None."""
    match J:
        case jac.Product(factors=(jac.Commutation(n=rows), jac.Kronecker(a=jac.Identity(), b=jac.Dense(a=found)))):
            return found if rows == len(found) == N else None
        case jac.Kronecker(a=jac.Dense(a=found), b=jac.Identity()):
            return found if found.shape == (N, 1) else None
    return None


def sample_gradients(network: Network, params: Parameters, x: Array, t: Array) -> dict[str, Own]:
    """∂ℓₙ/∂θ of each sample n by each parameter, k = 1, ℓₙ being the loss of the batch of that sample alone.

    `explicit()` is the array, `squares()` the norms without it. Raises MissingRule where a layer mixes samples.
    """
    cache = network.feed(params, x)
    terms, N = replace(network.objective, reduction="none"), len(cache.h)  # type: ignore[type-var]
    last = dict(zip(terms.arguments, (cache.h, t), strict=True))
    fitting = terms.measure(last)[0]
    losses = terms.value(**fitting)
    share = np.ones_like(losses)
    if network.objective.reduction == "mean":           # type: ignore[attr-defined]
        share = share / (losses.size / N)
    g = terms.pull(share, next(iter(fitting)), fitting).reshape(N, 1, -1)
    return dict(_by_parameters(network, cache, g))


def tangent_kernel(network: Network, params: Parameters, x: Array) -> Array:
    """Σ ∂h/∂θ (∂h/∂θ)ᵀ, (N, m, N, m), the sum over all parameters (Jacot, Gabriel and Hongler 2018, eq. 3)."""
    return sum(own.products() for own in output_jacobians(network, params, x).values())


def output_jacobians(network: Network, params: Parameters, x: Array) -> dict[str, Own]:
    """∂hₙᵢ/∂θ of each output i of each sample n, h (N, m), by each parameter."""
    cache = network.feed(params, x)
    N, m = len(cache.h), cache.h.size // len(cache.h)
    every = np.broadcast_to(np.eye(m, dtype=cache.h.dtype), (N, m, m))
    return dict(_by_parameters(network, cache, every))


def _by_parameters(network: Network, cache: Any, g: Array) -> Iterator[tuple[str, Own]]:
    """Pull k cotangents of each sample, (N, k, m), back through every layer at once."""
    N, k = g.shape[:2]
    cotangents = {network.places[-1].label: g}
    for place, arrays in zip(reversed(network.places), reversed(cache.arrays), strict=True):
        g = cotangents.pop(place.label)
        columns = g.transpose(0, 2, 1).reshape(-1, k)
        for name, full in place.names.items():
            yield full, _own(place, name, arrays, g)
        for argument, source in place.sources.items():
            if argument not in place.layer.variables:
                continue
            J = place.layer.local(argument, arrays)
            _apart(place.layer, J, N)
            if source != "x":
                path = J.T.left(columns).reshape(N, -1, k).transpose(0, 2, 1)
                cotangents[source] = cotangents[source] + path if source in cotangents else path


def _own(place: Place, name: str, arrays: Mapping[str, Array], g: Array) -> Own:
    N, k = g.shape[:2]
    a = factors(place.layer.local(name, arrays), N)
    shape = arrays[name].shape
    if a is not None and (*g.shape[2:], a.shape[1]) == (*shape, 1)[:2]:
        return Outer(g, a)
    rows = [{key: value[n:n + 1] if key in place.sources else value for key, value in arrays.items()} for n in range(N)]
    pulled = [place.layer.local(name, own).T.left(g[n].T).T for n, own in enumerate(rows)]
    return Explicit(np.reshape(pulled, (N, k, *shape)))


def _apart(layer: Layer, J: jac.Jacobian, N: int) -> None:
    """Raise MissingRule where what happens to the first sample moves another."""
    v = np.zeros((N, J.shape[1] // N))
    v[0] = np.random.default_rng(0).normal(size=v.shape[1])
    if np.any(J.push(v.reshape(-1)).reshape(N, -1)[1:]):
        raise jac.MissingRule(f"{layer} mixes the samples of a batch, so that none has a gradient of its own: "
                              "take the layer as it is in evaluation")


# ---- Gauss–Newton --------------------------------------------------------------------------------------------------


def gauss_newton(network: Network, params: Parameters, x: Array, t: Array) -> jac.Jacobian:
    """G = Jᵀ H J, of all parameters one after the other (as `network.named` lists them); `G.dense()` is the matrix.

    J = ∂h/∂θ and H = ∂²loss/∂h², a block for each sample. Source: Schraudolph (2002), eq. 6; Martens (2020), 8.
    """
    named = network.named(params)
    ends = np.cumsum([0, *(array.size for array in named.values())]).tolist()
    parts = [network.jacobian(params, x, name) @ jac.Part(array.size, start, ends[-1] - start - array.size)
             for (name, array), start in zip(named.items(), ends, strict=False)]
    J = jac.Sum(tuple(parts))
    return jac.Product((J.T, loss_hessian(network, network.forward(params, x), t), J))


def gauss_newton_product(network: Network, params: Parameters, x: Array, t: Array,
                         tangents: Mapping[str, Array]) -> Parameters:
    """G v by one sweep forward and one back, for tangents by name, like the parameters (Schraudolph 2002, 3)."""
    v = network.push(params, x, tangents)
    H = loss_hessian(network, network.forward(params, x), t)
    return network.pull(params, x, H.push(v.reshape(-1)).reshape(v.shape))[0]


def loss_hessian(network: Network, h: Array, t: Array) -> jac.Jacobian:
    """H = ∂²loss/∂h², a block (m, m) for each sample, from the second derivative of the loss in symbols."""
    objective = network.objective
    last = objective.measure(dict(zip(objective.arguments, (h, t), strict=True)))[0]
    first, aim = last
    second, scale = _second(objective), 1.0
    if objective.reduction == "mean":       # type: ignore[attr-defined]
        scale = 1 / (len(h) if objective.of == "sample" else h.size)     # type: ignore[attr-defined]
    blocks = [second(**{first: own, aim: wanted}) * scale for own, wanted in zip(last[first], last[aim], strict=True)]
    return jac.BlockDiagonal(tuple(jac.Dense(block.astype(h.dtype)) for block in blocks))


@lru_cache(maxsize=64)
def _second(objective: Layer) -> Any:
    """∂²Σℓ/∂h² of one sample, as a function of arrays."""
    first, aim = objective.symbols.values()
    own = [jac.symbols(" ".join([f"{symbol.label}: m", *symbol.assumptions]))[0] for symbol in (first, aim)]
    whole = replace(objective, reduction="sum")     # type: ignore[type-var]
    function = jac.derive(whole.spec(*own), own[0], own[0]).numpy()
    return lambda **arrays: np.broadcast_to(function(**arrays), (len(arrays[str(own[0].label)]),) * 2)
