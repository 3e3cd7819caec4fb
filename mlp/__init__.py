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
    from mlp.affine import Affine, Bias
    from mlp.batch import BatchNorm, Standardised, averaged
    from mlp.binary import BinaryCrossEntropy, Focal, Hinge
    from mlp.check import Proof, prove
    from mlp.curvature import gauss_newton, gauss_newton_product, output_jacobians, sample_gradients, tangent_kernel
    from mlp.data import DATA, Data, Scaling, digits, inspect, split, split_numbers, standardise
    from mlp.descent import Progress, descend, sgd
    from mlp.differences import HalfSquaredError, Huber, LogCosh, MeanAbsoluteError, MeanSquaredError
    from mlp.directions import Cosine
    from mlp.dropout import Dropout, Masked
    from mlp.evaluation import accuracy, evaluate
    from mlp.initialise import INITIALISERS, initialise
    from mlp.joining import Add, Concatenate, Embedding, Flatten
    from mlp.layer import Layer
    from mlp.layers import LAYERS
    from mlp.likelihoods import CrossEntropy, KullbackLeibler, NegativeLogLikelihood, onehot
    from mlp.loss import Loss
    from mlp.losses import LOSSES
    from mlp.network import Network, mlp
    from mlp.norms import GroupNorm, LayerNorm, RMSNorm
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
    from mlp.penalties import L1, L2
    from mlp.picture import plot
    from mlp.plan import Plan
    from mlp.rows import GLU, Gated, LogSoftmax, Maxout, PReLU, Softmax, Softmin, SwiGLU
    from mlp.schedules import SCHEDULES, Chain, Constant, CosineAnnealing, Exponential, Plateau, Schedule, Steps, WarmUp
    from mlp.sequences import Attention, CausalAttention, RecurrentCell
    from mlp.state import from_state_dict, load, save, state_dict
    from mlp.straight import Loop, compiled, straight
    from mlp.train import Epoch, Run, Settings, learn, perceptron
    from mlp.windows import AveragePool, Convolution, MaxPool

_HOMES = {
    "mlp.activations": (
        "ACTIVATIONS CELU ELU GELU SELU Activation GELUTanh Hardsigmoid Hardswish Hardtanh LeakyReLU Linear "
        "LogSigmoid Mish ReLU ReLU6 SiLU Sigmoid Softplus Softsign Tanh Tanhshrink "
    ),
    "mlp.affine": "Affine Bias",
    "mlp.batch": "BatchNorm Standardised averaged",
    "mlp.binary": "BinaryCrossEntropy Focal Hinge",
    "mlp.check": "Proof prove",
    "mlp.curvature": "gauss_newton gauss_newton_product output_jacobians sample_gradients tangent_kernel",
    "mlp.data": "DATA Data Scaling digits inspect split split_numbers standardise",
    "mlp.descent": "Progress descend sgd",
    "mlp.differences": "HalfSquaredError Huber LogCosh MeanAbsoluteError MeanSquaredError",
    "mlp.directions": "Cosine",
    "mlp.dropout": "Dropout Masked",
    "mlp.evaluation": "accuracy evaluate",
    "mlp.initialise": "INITIALISERS initialise",
    "mlp.joining": "Add Concatenate Embedding Flatten",
    "mlp.layer": "Layer",
    "mlp.layers": "LAYERS",
    "mlp.likelihoods": "CrossEntropy KullbackLeibler NegativeLogLikelihood onehot",
    "mlp.loss": "Loss",
    "mlp.losses": "LOSSES",
    "mlp.network": "Network mlp",
    "mlp.norms": "GroupNorm LayerNorm RMSNorm",
    "mlp.optimise": "OPTIMISERS SGD Adam AdamW ClipNorm ClipValue Decay Momentum Nesterov Optimiser RMSprop",
    "mlp.penalties": "L1 L2",
    "mlp.picture": "plot",
    "mlp.plan": "Plan",
    "mlp.rows": "GLU Gated LogSoftmax Maxout PReLU Softmax Softmin SwiGLU",
    "mlp.schedules": "SCHEDULES Chain Constant CosineAnnealing Exponential Plateau Schedule Steps WarmUp",
    "mlp.sequences": "Attention CausalAttention RecurrentCell",
    "mlp.state": "from_state_dict load save state_dict",
    "mlp.straight": "Loop compiled straight",
    "mlp.train": "Epoch Run Settings learn perceptron",
    "mlp.windows": "AveragePool Convolution MaxPool",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)

sys.modules[__name__].__class__ = LazyPackage
