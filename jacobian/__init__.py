"""A Jacobian is a linear map with a structure: derive it, check it, teach it.

J[i, j] = ∂yᵢ/∂xⱼ, arrays flattened row-major. Numbers, SymPy entries and expressions of symbolic size are three kinds
of entries of the same maps. Each public name is loaded when it is first asked for (as in Scientific Python's SPEC 1).
"""

import sys
from typing import TYPE_CHECKING

from jacobian.lazy import LazyPackage

if TYPE_CHECKING:
    from jacobian.adapters import check_jax, check_torch
    from jacobian.algebra import (
        BlockDiagonal,
        Column,
        Commutation,
        Dense,
        Diagonal,
        Embedding,
        Gather,
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
        Scatter,
        Selection,
        Sum,
        Zero,
        chain,
    )
    from jacobian.cli.worksheet import save_sheet, sheet_options
    from jacobian.command import Parser, command
    from jacobian.derivation.check import Check, CheckFailed
    from jacobian.derivation.derivation import Derivation, derive
    from jacobian.derivation.lines import Line
    from jacobian.derivation.step import Step
    from jacobian.errors import InputError, MissingExtra, MissingRule, ShapeError, extra
    from jacobian.files import write, write_all
    from jacobian.numeric import Adjoint, Kink, Numeric, TaylorRates, adjoint_test, numeric, taylor_rates
    from jacobian.printing.identities import identities
    from jacobian.printing.numpy import source
    from jacobian.printing.plain import declarations
    from jacobian.symbolic.arrays import block, hstack, kron, vec, vstack
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
    from jacobian.symbolic.equivalent import Equivalence, equivalent
    from jacobian.symbolic.evaluate import Binding, evaluate, explicit
    from jacobian.symbolic.exchange import from_sympy
    from jacobian.symbolic.expr import Expr, leaves
    from jacobian.symbolic.forward import along
    from jacobian.symbolic.leaves import eye, name, number, ones, zeros
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
    from jacobian.symbolic.operations import diag, diagonal
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
    from jacobian.symbolic.simplify import simplify
    from jacobian.symbolic.space import inner, outer, quadratic, reshape
    from jacobian.symbolic.symbols import symbol, symbols
    from jacobian.verify import Report, check
    from jacobian.worksheet.answers.grade import grade
    from jacobian.worksheet.answers.question import Question
    from jacobian.worksheet.answers.verdict import Verdict
    from jacobian.worksheet.formulas import Formula
    from jacobian.worksheet.sheet import Worksheet, worksheet

_HOMES = {
    "jacobian.adapters": "check_jax check_torch",
    "jacobian.algebra": (
        "BlockDiagonal Column Commutation Dense Diagonal Embedding Gather Identity Insertion Jacobian Kronecker "
        "LowRank Part Permutation Product Row Scalar Scatter Selection Sum Zero chain "
    ),
    "jacobian.cli.worksheet": "save_sheet sheet_options",
    "jacobian.command": "Parser command",
    "jacobian.derivation.check": "Check CheckFailed",
    "jacobian.derivation.derivation": "Derivation derive",
    "jacobian.derivation.lines": "Line",
    "jacobian.derivation.step": "Step",
    "jacobian.errors": "InputError MissingExtra MissingRule ShapeError extra",
    "jacobian.files": "write write_all",
    "jacobian.lazy": "LazyPackage",
    "jacobian.numeric": "Adjoint Kink Numeric TaylorRates adjoint_test numeric taylor_rates",
    "jacobian.printing.identities": "identities",
    "jacobian.printing.numpy": "source",
    "jacobian.printing.plain": "declarations",
    "jacobian.symbolic.arrays": "block hstack kron vec vstack",
    "jacobian.symbolic.differentiate": "differentiate",
    "jacobian.symbolic.equivalent": "Equivalence equivalent",
    "jacobian.symbolic.evaluate": "Binding evaluate explicit",
    "jacobian.symbolic.exchange": "from_sympy",
    "jacobian.symbolic.expr": "Expr leaves",
    "jacobian.symbolic.forward": "along",
    "jacobian.symbolic.elementwise": (
        "absolute arccos arccosh arcsin arcsinh arctan arctanh cos cosh elementwise elu erf exp expm1 function "
        "gelu leaky_relu log log1p power relu sigmoid sign silu sin sinh softplus sqrt tan tanh "
    ),
    "jacobian.symbolic.leaves": "eye name number ones zeros",
    "jacobian.symbolic.matrix": (
        "adjugate cholesky det eigenvalues expm inverse logdet matrix_power nuclear_norm solve spectral_norm trace "
    ),
    "jacobian.symbolic.operations": "diag diagonal",
    "jacobian.symbolic.parse": "declare parse",
    "jacobian.symbolic.reductions": (
        "column_means column_sums half_square larger maximum mean minimum norm norm1 row_means row_sums smaller "
        "square total "
    ),
    "jacobian.symbolic.rows": "cross_entropy log_softmax log_sum_exp onehot softmax",
    "jacobian.symbolic.simplify": "simplify",
    "jacobian.symbolic.space": "inner outer quadratic reshape",
    "jacobian.symbolic.symbols": "symbol symbols",
    "jacobian.verify": "Report check",
    "jacobian.worksheet.answers.grade": "grade",
    "jacobian.worksheet.answers.question": "Question",
    "jacobian.worksheet.answers.verdict": "Verdict",
    "jacobian.worksheet.formulas": "Formula",
    "jacobian.worksheet.sheet": "Worksheet worksheet",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)

sys.modules[__name__].__class__ = LazyPackage
