"""A Jacobian is a linear map with a structure: derive it, check it, teach it.

J[i, j] = ∂yᵢ/∂xⱼ, arrays flattened row-major. Numbers, SymPy entries and expressions of symbolic size are three kinds of
entries of the same maps.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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
from jacobian.errors import InputError, MissingExtra, MissingRule, ShapeError, extra
from jacobian.files import write
from jacobian.numeric import numeric
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
from jacobian.worksheet import worksheet

if TYPE_CHECKING:
    from jacobian.derivation.check import Check, CheckFailed
    from jacobian.derivation.derivation import Derivation, derive
    from jacobian.derivation.lines import Line
    from jacobian.derivation.step import Step
    from jacobian.numeric import Numeric
    from jacobian.verify import Report, check
    from jacobian.worksheet.sheet import Worksheet

__all__ = [
    "Binding", "BlockDiagonal", "Check", "CheckFailed", "Column", "Commutation", "Dense", "Derivation", "Diagonal",
    "Embedding", "Expr", "Identity", "InputError", "Jacobian", "Kronecker", "Line", "LowRank", "MissingExtra",
    "MissingRule", "Numeric", "Permutation", "Product", "Report", "Row", "Scalar", "Selection", "ShapeError", "Step",
    "Sum", "Worksheet", "Zero", "chain", "check", "cross_entropy", "derive", "diag", "diagonal", "differentiate",
    "elementwise", "evaluate", "exp", "explicit", "extra", "half_square", "inner", "leaky_relu", "log", "log_softmax",
    "log_sum_exp", "name", "number", "numeric", "onehot", "ones", "power", "relu", "sigmoid", "softmax", "square",
    "symbol", "symbolic", "symbols", "tanh", "total", "vec", "worksheet", "write",
]

# Loaded when first asked for, so that `import jacobian` costs little more than the import of SymPy.
_LATER = {
    "Check": "jacobian.derivation.check",
    "CheckFailed": "jacobian.derivation.check",
    "Derivation": "jacobian.derivation.derivation",
    "Line": "jacobian.derivation.lines",
    "Numeric": "jacobian.numeric",
    "Report": "jacobian.verify",
    "Step": "jacobian.derivation.step",
    "Worksheet": "jacobian.worksheet.sheet",
    "check": "jacobian.verify",
    "derive": "jacobian.derivation.derivation",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'jacobian' has no attribute {name!r}")
    globals()[name] = getattr(import_module(_LATER[name]), name)
    return globals()[name]


def __dir__() -> list[str]:
    return __all__
