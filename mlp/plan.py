"""Training without new arrays: a plan owns the parameters and a buffer for each result and each cotangent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import jacobian as jac
from mlp.fused import Aim, Work, aim, work
from mlp.given import Array, between, of_samples
from mlp.network import Network, Parameters
from mlp.optimise import OPTIMISERS, SGD, Optimiser, State, copied
from mlp.places import INPUT, located
from mlp.worded import row

PLAIN = SGD()
Pulls = list[tuple[str, Array, Array | None]]       # an input, where its cotangent is written, and what it is added to


class Batch:
    """The buffers of a network for so many rows: results, cotangents, and the layers at work on them."""

    def __init__(self, network: Network, params: Parameters, rows: int, kind: Any) -> None:
        places = located(network.layers, network.sizes, rows)
        uses = [source for place in places for source in place.sources.values()]
        start = network.sizes[0]
        self.x = np.empty((rows, *(start if isinstance(start, tuple) else (start,))), self._kind(places[0], kind))
        results, cotangents = {INPUT: self.x}, {INPUT: np.empty(0)}
        self.works: list[Work] = []
        for place, own in zip(places, params, strict=True):
            works, source = work(place.layer), next(iter(place.sources.values()))
            shared = works.in_place and source != INPUT and uses.count(source) == 1
            results[place.label] = results[source].reshape(place.output) if shared else np.empty(place.output, kind)
            cotangents[place.label] = (cotangents[source].reshape(place.output) if shared
                                       else np.empty(place.output, kind))
            inputs = {argument: results[source] for argument, source in place.sources.items()}
            self.works.append(works(place, inputs, own, results[place.label], cotangents[place.label]))
        last = places[-1].label
        self.aim: Aim = aim(network.objective)(network.objective, results[last], cotangents[last])
        written: set[str] = set()
        self.backward: list[tuple[Work, Pulls]] = []
        for place, one in zip(reversed(places), reversed(self.works), strict=True):
            pulls: Pulls = []
            for argument, source in place.sources.items():
                if source != INPUT and argument in place.layer.variables:
                    total = cotangents[source] if source in written else None
                    pulls.append((argument, cotangents[source] if total is None else np.empty_like(total), total))
                    written.add(source)
            self.backward.append((one, pulls))

    @staticmethod
    def _kind(first: Any, kind: Any) -> Any:
        return int if set(first.sources) & set(first.layer.indices) else kind

    def forward(self, x: Array, t: Array, weights: Array | None) -> float:
        """J of a batch, and its cotangent."""
        try:
            np.copyto(self.x, x)
        except (TypeError, ValueError) as error:
            raise jac.InputError(f"x must hold numbers that {self.x.dtype} can hold: {error}") from error
        for one in self.works:
            one.forward()
        return self.aim(t, weights)

    @staticmethod
    def pull(one: Work, pulls: Pulls) -> None:
        """The cotangents of the inputs of a layer; those of a result used twice are added."""
        for argument, out, total in pulls:
            one.pull(argument, out)
            if total is not None:
                np.add(total, out, total)


class Plan:
    """θ ← θ − rate d(∇J(θ)) in place, d being the optimiser's; no temporary exceeds a batch's results.

    J and ∇J are equal to those of `Network.gradients` to rounding. Weights w (N,), of which none is negative, multiply
    the losses of the samples: J = 1/N Σ wₙ ℓₙ, where `Network.gradients` divides by Σ w. The plan takes a copy of the
    parameters and of the optimiser's state, which `parameters()` and `state()` give back. The entries of x are not
    looked at: give data that were. Raises ShapeError and InputError for samples, weights and rates that do not fit.
    """

    def __init__(self, network: Network, params: Parameters, dtype: Any = None, *, optimiser: str | Optimiser = PLAIN,
                 state: State | None = None) -> None:
        named = network.named(params)
        self.network, self.optimiser = network, row(OPTIMISERS, Optimiser, optimiser, "the optimiser")
        self.dtype = np.dtype(dtype or np.result_type(*[array.dtype for array in named.values()] or [float]))
        own = network.parameters({name: np.array(array, self.dtype, order="C") for name, array in named.items()})
        self._own: list[Mapping[str, Array]] = [dict(layer) for layer in own]
        self._state = self.optimiser.start(self._own) if state is None else state.copy()
        self._batches: dict[int, Batch] = {}
        self._now: Batch | None = None

    def step(self, x: Array, t: Array, rate: float, weights: Array | None = None) -> float:
        """One step of the optimiser; J before it."""
        between("rate", rate, 0, np.inf)
        if type(self.optimiser) is not SGD:
            loss, gradients = self.gradients(x, t, weights)
            self._state = self.optimiser.advance(self._state, self._own, gradients, rate)
            return loss
        batch, factor = self._batch(x), np.array(rate, self.dtype)
        loss = batch.forward(x, t, self._fitting(weights, batch))
        for one, pulls in batch.backward:
            batch.pull(one, pulls)
            if one.own:
                one.descend(factor)
        self._state = State(self._state.steps + 1, {})
        return loss

    def gradients(self, x: Array, t: Array, weights: Array | None = None) -> tuple[float, Parameters]:
        """(J, ∂J/∂θ), in arrays that the next call may overwrite."""
        self.settle()
        batch = self._batch(x)
        loss, found = batch.forward(x, t, self._fitting(weights, batch)), []
        for one, pulls in batch.backward:
            batch.pull(one, pulls)
            found.append(one.gradients())
        return loss, found[::-1]

    def parameters(self) -> Parameters:
        """A copy of θ."""
        self.settle()
        return copied(self._own)

    def state(self) -> State:
        """A copy of what the optimiser remembers."""
        return self._state.copy()

    def settle(self) -> None:
        """Bring the buffers of θ up to date, where changes of weights are kept as factors."""
        for one in self._now.works if self._now is not None else []:
            one.settle()

    def _batch(self, x: Array) -> Batch:
        shape = np.shape(x)
        rows = shape[0] if shape and shape[0] else 1
        found = self._batches.get(rows)
        if found is None:
            found = self._batches[rows] = Batch(self.network, self._own, rows, self.dtype)
        if shape != found.x.shape:
            raise jac.ShapeError(f"x has shape {shape}, but {('N', *found.x.shape[1:])} is expected")
        if found is not self._now:
            self.settle()
            self._now = found
        return found

    def _fitting(self, weights: Array | None, batch: Batch) -> Array | None:
        return None if weights is None else of_samples(weights, len(batch.x)).astype(self.dtype, copy=False)
