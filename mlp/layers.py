"""The table of all layers, one instance of each."""

from __future__ import annotations

from mlp.activations import ACTIVATIONS
from mlp.affine import Affine, Bias
from mlp.batch import BatchNorm, Standardised
from mlp.dropout import Masked
from mlp.joining import Add, Concatenate, Embedding, Flatten
from mlp.layer import Layer
from mlp.losses import LOSSES
from mlp.norms import GroupNorm, LayerNorm, RMSNorm
from mlp.penalties import L1, L2
from mlp.rows import GLU, LogSoftmax, Maxout, PReLU, Softmax, Softmin, SwiGLU
from mlp.sequences import Attention, CausalAttention, RecurrentCell
from mlp.windows import AveragePool, Convolution, MaxPool

LAYERS: tuple[Layer, ...] = (
    Affine(), Bias(), *ACTIVATIONS.values(), PReLU(), Softmax(), Softmin(), LogSoftmax(), GLU(), SwiGLU(), Maxout(),
    LayerNorm(), RMSNorm(), GroupNorm(axes=1), BatchNorm(), BatchNorm(axes=1), Standardised(), Masked(),
    Add(), Concatenate(), Flatten(), Embedding(),
    Convolution((3,), padding=1), Convolution((2, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2)),
    MaxPool((2,), padding=1), MaxPool((3, 2), stride=1), AveragePool((2,), padding=1),
    AveragePool((3, 2), stride=2, padding=1, counted=False),
    Attention(), CausalAttention(), RecurrentCell(),
    *LOSSES.values(), L1(), L2())
