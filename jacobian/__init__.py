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
        Insertion,
        Jacobian,
        Kronecker,
        LowRank,
        Part,
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
    from jacobian.printing.numpy import source
    from jacobian.symbolic.differentiate import differentiate
    from jacobian.symbolic.elementwise import (
        absolute,
        arccos,
        arccosh,
        arcsin,
        arcsinh,
        arctan,
        arctanh,
        cos,
        cosh,
        elementwise,
        elu,
        erf,
        exp,
        expm1,
        function,
        gelu,
        leaky_relu,
        log,
        log1p,
        power,
        relu,
        sigmoid,
        sign,
        silu,
        sin,
        sinh,
        softplus,
        sqrt,
        tan,
        tanh,
    )
    from jacobian.symbolic.evaluate import Binding, evaluate, explicit
    from jacobian.symbolic.expr import Expr, leaves
    from jacobian.symbolic.matrix import (
        adjugate,
        cholesky,
        det,
        eigenvalues,
        expm,
        inverse,
        logdet,
        matrix_power,
        nuclear_norm,
        solve,
        spectral_norm,
        trace,
    )
    from jacobian.symbolic.operations import (
        block,
        diag,
        diagonal,
        eye,
        hstack,
        kron,
        name,
        number,
        ones,
        vec,
        vstack,
        zeros,
    )
    from jacobian.symbolic.parse import declare, parse
    from jacobian.symbolic.reductions import (
        column_means,
        column_sums,
        half_square,
        larger,
        maximum,
        mean,
        minimum,
        norm,
        norm1,
        row_means,
        row_sums,
        smaller,
        square,
        total,
    )
    from jacobian.symbolic.rows import cross_entropy, log_softmax, log_sum_exp, onehot, softmax
    from jacobian.symbolic.space import inner, outer, quadratic, reshape
    from jacobian.symbolic.symbols import symbol, symbols
    from jacobian.verify import Report, check
    from jacobian.worksheet.sheet import Worksheet, worksheet

_HOMES = {
    "jacobian.algebra": (
        "BlockDiagonal Column Commutation Dense Diagonal Embedding Identity Insertion Jacobian Kronecker "
        "LowRank Part Permutation Product Row Scalar Selection Sum Zero chain "
    ),
    "jacobian.derivation.check": "Check CheckFailed",
    "jacobian.derivation.derivation": "Derivation derive",
    "jacobian.derivation.lines": "Line",
    "jacobian.derivation.step": "Step",
    "jacobian.errors": "InputError MissingExtra MissingRule ShapeError extra",
    "jacobian.files": "write",
    "jacobian.numeric": "Numeric numeric",
    "jacobian.printing.identities": "identities",
    "jacobian.printing.numpy": "source",
    "jacobian.symbolic.differentiate": "differentiate",
    "jacobian.symbolic.evaluate": "Binding evaluate explicit",
    "jacobian.symbolic.expr": "Expr leaves",
    "jacobian.symbolic.elementwise": (
        "absolute arccos arccosh arcsin arcsinh arctan arctanh cos cosh elementwise elu erf exp expm1 function "
        "gelu leaky_relu log log1p power relu sigmoid sign silu sin sinh softplus sqrt tan tanh "
    ),
    "jacobian.symbolic.matrix": (
        "adjugate cholesky det eigenvalues expm inverse logdet matrix_power nuclear_norm solve spectral_norm trace "
    ),
    "jacobian.symbolic.operations": "block diag diagonal eye hstack kron name number ones vec vstack zeros",
    "jacobian.symbolic.parse": "declare parse",
    "jacobian.symbolic.reductions": (
        "column_means column_sums half_square larger maximum mean minimum norm norm1 row_means row_sums smaller "
        "square total "
    ),
    "jacobian.symbolic.rows": "cross_entropy log_softmax log_sum_exp onehot softmax",
    "jacobian.symbolic.space": "inner outer quadratic reshape",
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
