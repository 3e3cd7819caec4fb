"""Layers whose backward steps are Jacobian products, networks of them, and training.

Rows of a batch are samples: x (N, n), W (m, n), b (m,). Parameters go in, gradients come out. Each public name is
loaded when it is first asked for.
"""

import sys
from typing import TYPE_CHECKING

from jacobian import LazyPackage

if TYPE_CHECKING:
    from mlp.activations import ACTIVATIONS, Activation, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
    from mlp.data import DATA, Data, digits, inspect, split
    from mlp.descent import Progress, descend, sgd
    from mlp.initialise import INITIALISERS, initialise
    from mlp.layer import Layer
    from mlp.layers import LAYERS, Affine
    from mlp.losses import LOSSES, CrossEntropy, HalfSquaredError, MeanSquaredError, onehot
    from mlp.network import Network, mlp
    from mlp.optimise import (
        OPTIMISERS,
        SGD,
        Adam,
        AdamW,
        ClipNorm,
        ClipValue,
        Decay,
        Momentum,
        Nesterov,
        Optimiser,
        RMSprop,
    )
    from mlp.schedules import SCHEDULES, Chain, Constant, Cosine, Exponential, Plateau, Schedule, Steps, WarmUp
    from mlp.train import Epoch, Settings, accuracy, classifier, learn, load, plot, save
    from mlp.weigh import weigh

_HOMES = {
    "mlp.activations": "ACTIVATIONS Activation LeakyReLU ReLU Sigmoid Softmax Tanh",
    "mlp.data": "DATA Data digits inspect split",
    "mlp.descent": "Progress descend sgd",
    "mlp.initialise": "INITIALISERS initialise",
    "mlp.layer": "Layer",
    "mlp.layers": "LAYERS Affine",
    "mlp.losses": "LOSSES CrossEntropy HalfSquaredError MeanSquaredError onehot",
    "mlp.network": "Network mlp",
    "mlp.optimise": "OPTIMISERS SGD Adam AdamW ClipNorm ClipValue Decay Momentum Nesterov Optimiser RMSprop",
    "mlp.schedules": "SCHEDULES Chain Constant Cosine Exponential Plateau Schedule Steps WarmUp",
    "mlp.weigh": "weigh",
    "mlp.train": "Epoch Settings accuracy classifier learn load plot save",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)

sys.modules[__name__].__class__ = LazyPackage
