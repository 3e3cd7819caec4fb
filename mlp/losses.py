"""The table of losses by name; `mlp.loss` is what they have in common."""

from __future__ import annotations

from mlp.binary import BinaryCrossEntropy, Focal, Hinge
from mlp.differences import HalfSquaredError, Huber, LogCosh, MeanAbsoluteError, MeanSquaredError
from mlp.directions import Cosine
from mlp.likelihoods import CrossEntropy, KullbackLeibler, NegativeLogLikelihood

LOSSES = {"half-squared": HalfSquaredError(), "mse": MeanSquaredError(), "mae": MeanAbsoluteError(), "huber": Huber(),
          "log-cosh": LogCosh(), "cross-entropy": CrossEntropy(), "binary-cross-entropy": BinaryCrossEntropy(),
          "nll": NegativeLogLikelihood(), "kl": KullbackLeibler(), "hinge": Hinge(), "focal": Focal(),
          "cosine": Cosine()}
