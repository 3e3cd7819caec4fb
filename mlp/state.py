"""Parameters in files and under torch's names: npz without pickle, safetensors, and what a state_dict holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import numpy as np

import jacobian as jac
from mlp.given import Array, finite, numbers
from mlp.network import Network, Parameters, choose
from mlp.stored import pack, reading, unpack

# What torch.nn calls a layer's parameter.
TORCH = {"W": "weight", "b": "bias", "gamma": "weight", "beta": "bias", "s": "weight", "E": "weight"}


def state_dict(network: Network, params: Parameters) -> dict[str, Array]:
    """{"0.weight": W1, "0.bias": b1, "2.weight": W2, …}: what torch.nn.Sequential of the same layers calls them.

    Raises MissingRule for a parameter that has no name there.
    """
    return {theirs: own[name] for theirs, k, name in _torch_names(network) for own in [params[k]]}


def from_state_dict(network: Network, state: Mapping[str, Array]) -> Parameters:
    """The inverse of `state_dict`, of arrays or of torch's tensors. Raises InputError for what does not fit."""
    names = _torch_names(network)
    ours = {theirs: network.places[k].names[name] for theirs, k, name in names}
    unknown = [name for name in state if name not in ours]
    if unknown:
        raise jac.InputError(f"{unknown[0]} is no parameter of these layers in torch.nn.Sequential, "
                             f"which are {', '.join(ours)}")
    return network.parameters({ours[name]: finite(name, numbers(name, array)) for name, array in state.items()})


def _torch_names(network: Network) -> list[tuple[str, int, str]]:
    """Of each parameter: torch's name, the position of its layer, its declared name."""
    missing = [(place.layer, name) for place in network.places for name in place.names if name not in TORCH]
    if missing:
        raise jac.MissingRule(f"{missing[0][1]} of {missing[0][0]} has no name in torch: "
                              "write its row in mlp.state.TORCH")
    return [(f"{k}.{TORCH[name]}", k, name) for k, place in enumerate(network.places) for name in place.names]


# ---- files ---------------------------------------------------------------------------------------------------------


def _to_safetensors(named: Mapping[str, Array]) -> bytes:
    whole = {name: np.ascontiguousarray(numbers(name, array)) for name, array in named.items()}
    return _safetensors().save(whole)


def _from_safetensors(path: str | Path, what: str) -> dict[str, Array]:
    package = _safetensors()
    with reading(path, what) as place:
        return package.load(place.read_bytes())


def _safetensors() -> ModuleType:
    return jac.extra("safetensors.numpy", "safetensors", "a file of that kind")


Format = tuple[Callable[[Mapping[str, Array]], bytes], Callable[[str | Path, str], dict[str, Array]]]
FORMATS: dict[str, Format] = {
    ".npz": (pack, unpack), ".safetensors": (_to_safetensors, _from_safetensors)}


def require_format(end: str) -> None:
    """Nothing, or a MissingExtra, to be asked for before training begins."""
    if end == ".safetensors":
        _safetensors()


def _format(path: str | Path) -> Format:
    return choose(FORMATS, Path(path).suffix, "the ending")


def save(path: str | Path, named: Mapping[str, Array]) -> Path:
    """The arrays by name in the format that the path's ending says, npz or safetensors; whole or not there."""
    return jac.write(path, _format(path)[0](named))


def load(path: str | Path, network: Network) -> Parameters:
    """The parameters that `save` wrote, by our names (W1, b1, …) or by torch's (0.weight, 0.bias, …).

    Raises InputError where the file cannot be read or is of another network.
    """
    named = _format(path)[1](path, "a file of parameters")
    try:
        if any("." in name for name in named):
            return from_state_dict(network, named)
        return network.parameters({name: finite(name, numbers(name, array)) for name, array in named.items()})
    except jac.InputError as error:
        raise jac.InputError(f"{path} does not fit: {error}") from error
