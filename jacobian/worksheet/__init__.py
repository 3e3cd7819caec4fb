"""Worksheets with keys, cut from derivations."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jacobian.worksheet.sheet import Worksheet


def worksheet(topic: str, *, network: str = "2-3-4-1", activation: str = "relu", loss: str = "half-squared",
              seed: int = 0) -> Worksheet:
    """The worksheet on a topic: worksheet("backprop", network="2-3-4-1", seed=7).

    The same options give the same files, byte for byte. Raises InputError for unknown topics, activations and losses,
    for networks that cannot be, and where no small numbers were found.
    """
    # Only now: the rooms below are much to load for those who never print a sheet.
    return import_module("jacobian.worksheet.sheet").prepare(topic, network, activation, loss, seed)
