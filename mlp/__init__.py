"""Layers whose backward steps are Jacobian products, networks of them, and training.

Rows of a batch are samples: x (N, n), W (m, n), b (m,). Parameters go in, gradients come out.
"""

from mlp.activations import ACTIVATIONS, Activation, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from mlp.data import DATA, Data, digits, inspect, split
from mlp.layer import Layer
from mlp.layers import LAYERS, Affine
from mlp.losses import LOSSES, CrossEntropy, HalfSquaredError, MeanSquaredError, onehot
from mlp.network import Network, mlp
from mlp.optimise import Progress, descend, sgd
from mlp.train import Epoch, Settings, accuracy, classifier, learn, load, plot, save

__all__ = [
    "ACTIVATIONS", "DATA", "LAYERS", "LOSSES", "Activation", "Affine", "CrossEntropy", "Data", "Epoch",
    "HalfSquaredError", "Layer", "LeakyReLU", "MeanSquaredError", "Network", "Progress", "ReLU", "Settings", "Sigmoid",
    "Softmax", "Tanh", "accuracy", "classifier", "descend", "digits", "inspect", "learn", "load", "mlp", "onehot",
    "plot", "save", "sgd", "split",
]
