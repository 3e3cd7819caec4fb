"""The learning curve as a picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from types import ModuleType

import numpy as np

import jacobian as jac
from mlp.train import Epoch


def require_picture() -> ModuleType:
    """matplotlib.figure, or a MissingExtra, to be asked for before training begins."""
    return jac.extra("matplotlib.figure", "plot", "the learning curve")


def plot(epochs: Sequence[Epoch], title: str, loss: str = "cross-entropy", score: str = "accuracy") -> bytes:
    """The learning curve as PNG: loss and score against the epoch, of each part there is. Raises MissingExtra."""
    figure = require_picture().Figure(figsize=(9, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    for axes, kind, name in ((left, "loss", loss), (right, "score", score)):
        for part, style in (("", "-"), ("validation_", ":"), ("test_", "--")):
            values = [getattr(epoch, part + kind) for epoch in epochs]
            if not np.isnan(values).all():
                words = {"": "training", "validation_": "validation", "test_": "held back"}[part]
                axes.plot([epoch.i for epoch in epochs], values, style, label=words)
        axes.set(xlabel="epoch", ylabel=name)
        axes.grid(alpha=0.3)
        axes.legend()
    left.set_yscale("log")
    right.set_ylim(top=1.005)
    figure.suptitle(title)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=120)
    return stream.getvalue()
