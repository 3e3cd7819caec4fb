"""A Jacobian is a linear map with a structure: derive it, check it, teach it.

J[i, j] = ∂yᵢ/∂xⱼ, arrays flattened row-major. Numbers, SymPy entries and expressions of symbolic size are three kinds of
entries of the same maps.
"""

from jacobian import symbolic
from jacobian.algebra import (
    BlockDiagonal,
    Column,
    Commutation,
    Dense,
    Diagonal,
    Embedding,
    Identity,
    Jacobian,
    Kronecker,
    LowRank,
    Permutation,
    Product,
    Row,
    Scalar,
    Selection,
    Sum,
    Zero,
    chain,
)
from jacobian.derivation.check import Check, CheckFailed
from jacobian.derivation.derivation import Derivation, derive
from jacobian.derivation.lines import Line
from jacobian.derivation.step import Step
from jacobian.errors import InputError, MissingExtra, MissingRule, ShapeError, extra
from jacobian.files import write
from jacobian.numeric import Numeric, numeric
from jacobian.symbolic.differentiate import differentiate
from jacobian.symbolic.evaluate import Binding, evaluate, explicit
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.functions import (
    cross_entropy,
    elementwise,
    exp,
    half_square,
    leaky_relu,
    log,
    log_softmax,
    log_sum_exp,
    onehot,
    power,
    relu,
    sigmoid,
    softmax,
    square,
    tanh,
    total,
)
from jacobian.symbolic.operations import diag, diagonal, name, number, ones, vec
from jacobian.symbolic.space import inner
from jacobian.symbolic.symbols import symbol, symbols
from jacobian.verify import Report, check
from jacobian.worksheet.worksheet import Worksheet, worksheet

__all__ = [
    "Binding", "BlockDiagonal", "Check", "CheckFailed", "Column", "Commutation", "Dense", "Derivation", "Diagonal",
    "Embedding", "Expr", "Identity", "InputError", "Jacobian", "Kronecker", "Line", "LowRank", "MissingExtra",
    "MissingRule", "Numeric", "Permutation", "Product", "Report", "Row", "Scalar", "Selection", "ShapeError", "Step",
    "Sum", "Worksheet", "Zero", "chain", "check", "cross_entropy", "derive", "diag", "diagonal", "differentiate",
    "elementwise", "evaluate", "exp", "explicit", "extra", "half_square", "inner", "leaky_relu", "log", "log_softmax",
    "log_sum_exp", "name", "number", "numeric", "onehot", "ones", "power", "relu", "sigmoid", "softmax", "square",
    "symbol", "symbolic", "symbols", "tanh", "total", "vec", "worksheet", "write",
]
