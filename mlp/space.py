"""The axes of an image or a signal, behind those of the samples and the channels: x (N, c, …)."""

from __future__ import annotations

import jacobian as jac
from mlp.given import count

AXES = "dhw"        # depth, height, width: a signal has the last of them, an image the last two


def letters(axes: int, names: str = AXES) -> str:
    """The names of so many axes: "h w" of two, "" of none."""
    return " ".join(names[len(names) - axes:])


def spatial(name: str, axes: int, least: int = 0) -> None:
    """Nothing, for a number of axes that have names."""
    count(name, axes, least)
    if axes > len(AXES):
        raise jac.InputError(f"{name} must be at most {len(AXES)} ({', '.join(AXES)}), but {axes} was given")
