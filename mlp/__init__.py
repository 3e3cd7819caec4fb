"""Layers whose backward steps are Jacobian products, networks of them, and training.

Rows of a batch are samples: x (N, n), W (m, n), b (m,). Parameters go in, gradients come out. Each public name is
loaded when it is first asked for.
"""

import sys
from typing import TYPE_CHECKING

from jacobian import LazyPackage

if TYPE_CHECKING:
    from mlp.activations import (
        ACTIVATIONS,
        CELU,
        ELU,
        GELU,
        SELU,
        Activation,
        GELUTanh,
        Hardsigmoid,
        Hardswish,
        Hardtanh,
        LeakyReLU,
        Linear,
        LogSigmoid,
        Mish,
        ReLU,
        ReLU6,
        Sigmoid,
        SiLU,
        Softplus,
        Softsign,
        Tanh,
        Tanhshrink,
    )
    from mlp.check import Proof, prove
    from mlp.data import DATA, Data, Scaling, digits, inspect, split, split_numbers, standardise
    from mlp.descent import Progress, descend, sgd
    from mlp.initialise import INITIALISERS, initialise
    from mlp.layer import Layer
    from mlp.layers import LAYERS, Affine
    from mlp.losses import (
        L1,
        L2,
        LOSSES,
        BinaryCrossEntropy,
        Cosine,
        CrossEntropy,
        Focal,
        HalfSquaredError,
        Hinge,
        Huber,
        KullbackLeibler,
        LogCosh,
        Loss,
        MeanAbsoluteError,
        MeanSquaredError,
        NegativeLogLikelihood,
        onehot,
    )
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
    from mlp.picture import plot
    from mlp.rows import GLU, Gated, LogSoftmax, Maxout, PReLU, Softmax, Softmin, SwiGLU
    from mlp.schedules import SCHEDULES, Chain, Constant, CosineAnnealing, Exponential, Plateau, Schedule, Steps, WarmUp
    from mlp.state import from_state_dict, load, save, state_dict
    from mlp.train import Epoch, Run, Settings, accuracy, evaluate, learn, perceptron
    from mlp.weigh import weigh

_HOMES = {
    "mlp.activations": (
        "ACTIVATIONS Activation CELU ELU GELU GELUTanh Hardsigmoid Hardswish Hardtanh LeakyReLU Linear LogSigmoid Mish "
        "ReLU ReLU6 SELU SiLU Sigmoid Softplus Softsign Tanh Tanhshrink "
    ),
    "mlp.check": "Proof prove",
    "mlp.data": "DATA Data Scaling digits inspect split split_numbers standardise",
    "mlp.descent": "Progress descend sgd",
    "mlp.initialise": "INITIALISERS initialise",
    "mlp.layer": "Layer",
    "mlp.layers": "LAYERS Affine",
    "mlp.losses": (
        "L1 L2 LOSSES BinaryCrossEntropy Cosine CrossEntropy Focal HalfSquaredError Hinge Huber KullbackLeibler "
        "LogCosh Loss MeanAbsoluteError MeanSquaredError NegativeLogLikelihood onehot "
    ),
    "mlp.network": "Network mlp",
    "mlp.optimise": "OPTIMISERS SGD Adam AdamW ClipNorm ClipValue Decay Momentum Nesterov Optimiser RMSprop",
    "mlp.picture": "plot",
    "mlp.rows": "GLU Gated LogSoftmax Maxout PReLU Softmax Softmin SwiGLU",
    "mlp.schedules": "SCHEDULES Chain Constant CosineAnnealing Exponential Plateau Schedule Steps WarmUp",
    "mlp.state": "from_state_dict load save state_dict",
    "mlp.weigh": "weigh",
    "mlp.train": "Epoch Run Settings accuracy evaluate learn perceptron",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)

sys.modules[__name__].__class__ = LazyPackage
