"""A Jacobian is a linear map with a structure: derive it, check it, teach it.

J[i, j] = ∂yᵢ/∂xⱼ, arrays flattened row-major. Numbers, SymPy entries and expressions of symbolic size are three kinds
of entries of the same maps. Each public name is loaded when it is first asked for (as in Scientific Python's SPEC 1).
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from jacobian.printing.identities import identities
    from jacobian.symbolic.differentiate import differentiate
    from jacobian.symbolic.evaluate import Binding, evaluate, explicit
    from jacobian.symbolic.expr import Expr, leaves
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
    from jacobian.worksheet.sheet import Worksheet, worksheet

_HOMES = {
    "jacobian.algebra": (
        "BlockDiagonal Column Commutation Dense Diagonal Embedding Identity Jacobian Kronecker LowRank "
        "Permutation Product Row Scalar Selection Sum Zero chain "
    ),
    "jacobian.derivation.check": "Check CheckFailed",
    "jacobian.derivation.derivation": "Derivation derive",
    "jacobian.derivation.lines": "Line",
    "jacobian.derivation.step": "Step",
    "jacobian.errors": "InputError MissingExtra MissingRule ShapeError extra",
    "jacobian.files": "write",
    "jacobian.numeric": "Numeric numeric",
    "jacobian.printing.identities": "identities",
    "jacobian.symbolic.differentiate": "differentiate",
    "jacobian.symbolic.evaluate": "Binding evaluate explicit",
    "jacobian.symbolic.expr": "Expr leaves",
    "jacobian.symbolic.functions": (
        "cross_entropy elementwise exp half_square leaky_relu log log_softmax log_sum_exp onehot power relu "
        "sigmoid softmax square tanh total "
    ),
    "jacobian.symbolic.operations": "diag diagonal name number ones vec",
    "jacobian.symbolic.space": "inner",
    "jacobian.symbolic.symbols": "symbol symbols",
    "jacobian.verify": "Report check",
    "jacobian.worksheet.sheet": "Worksheet worksheet",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'jacobian' has no attribute {name!r}")
    globals()[name] = getattr(import_module(_HOME[name]), name)
    return globals()[name]


def __dir__() -> list[str]:
    return __all__


class _Package(ModuleType):
    """The import of jacobian.numeric binds that module here; the public function of the same name is what users get."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
