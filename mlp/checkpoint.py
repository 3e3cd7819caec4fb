"""Checkpoints: all that training needs to go on, in one npz file that is written whole or not at all.

A run that was killed at any moment goes on from the last whole epoch, and ends with the parameters, bit by bit, of one
that was never stopped: the state of the generator is in the file, and what an epoch does depends on nothing else.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

import jacobian as jac
from mlp.data import Data
from mlp.descent import Point
from mlp.given import Array
from mlp.network import Network, Parameters
from mlp.optimise import State
from mlp.stored import pack, unpack
from mlp.train import Epoch, Run, Settings


def save(path: str | Path, network: Network, data: Data, settings: Settings, run: Run) -> Path:
    """The run in a file. Raises InputError where it cannot be written."""
    about = {"settings": _described(settings), "network": repr(network), "data": digest(data),
             "generator": run.generator, "steps": run.point.state.steps}
    parts = {"params": run.point.params, "best": run.best, **_slots(run.point.state)}
    named = {f"{part}/{name}": array for part, params in parts.items() for name, array in network.named(params).items()}
    epochs = np.array([astuple(epoch) for epoch in run.epochs], float)
    text = np.frombuffer(json.dumps(about, default=int).encode(), np.uint8)
    return jac.write(path, pack({**named, "epochs": epochs, "about": text}))


def load(path: str | Path, network: Network, data: Data, settings: Settings) -> Run:
    """The run to go on with. Raises InputError for a damaged file and for one of other data or settings.

    More epochs than before may be asked for.
    """
    named = unpack(path, "a checkpoint")
    try:
        about = json.loads(named.pop("about").tobytes())
        differs = _difference(about, network, data, settings)
        run = None if differs else _run(about, named, network, settings)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise jac.InputError(f"{path} is no checkpoint: {error} is not as it was written") from error
    if run is None:
        raise jac.InputError(f"{path} was made with {differs}: a run goes on as it began")
    return run


def _run(about: dict[str, Any], named: dict[str, Array], network: Network, settings: Settings) -> Run:
    epochs, parts = named.pop("epochs"), dict[str, dict[str, Array]]()
    for name, array in named.items():
        part, _, own = name.partition("/")
        parts.setdefault(part, {})[own] = array
    whole: dict[str, Parameters] = {part: network.parameters(own) for part, own in parts.items()}
    slots = {slot: whole[f"slot {slot}"] for slot in settings.optimiser.start(whole["params"]).slots}
    return Run(Point(whole["params"], State(about["steps"], slots)), about["generator"],
               tuple(Epoch(int(i), *map(float, rest)) for i, *rest in epochs), whole["best"])


def _slots(state: State) -> dict[str, Parameters]:
    return {f"slot {slot}": params for slot, params in state.slots.items()}


def _described(settings: Settings) -> dict[str, str]:
    """Each setting in words, but for the number of epochs, which does not change those that were."""
    return {name: repr(value) for name, value in vars(settings).items() if name != "epochs"}


def _difference(about: dict[str, Any], network: Network, data: Data, settings: Settings) -> str:
    """What is not as it was when the checkpoint was made, or nothing."""
    now = {**_described(settings), "another network": repr(network), "other data": digest(data)}
    then = {**about["settings"], "another network": about["network"], "other data": about["data"]}
    return next((f"{name}: {then[name]}, but {value} is asked for" for name, value in now.items()
                 if then[name] != value), "")


def digest(data: Data) -> str:
    """SHA-256 of the samples: the same data have the same digest."""
    found = hashlib.sha256()
    for array in (data.x, data.t, data.x_test, data.t_test):
        found.update(f"{array.shape} {array.dtype.str}".encode())
        found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()
