"""Functions of matrices: inverse, determinant, trace, powers, factors, exponential, eigenvalues, singular values.

Sources: Magnus and Neudecker (2019), chapters 8 and 9; Petersen and Pedersen, The Matrix Cookbook (2012), chapter 2;
Higham, Functions of Matrices (2008), chapters 3 and 10; Murray, Differentiation of the Cholesky decomposition (2016).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp

from jacobian.algebra import (
    Column,
    Commutation,
    Dense,
    Diagonal,
    Identity,
    Jacobian,
    Kronecker,
    Product,
    Row,
    Scalar,
    Selection,
    Sum,
)
from jacobian.errors import InputError, MissingRule, ShapeError
from jacobian.symbolic.arrays import KRON, kron, vec
from jacobian.symbolic.elementwise import power
from jacobian.symbolic.exponential import exponential, frechet
from jacobian.symbolic.expr import Expr, Operation, make
from jacobian.symbolic.leaves import EYE, ONES, SCALAR, expression, eye, number, tril
from jacobian.symbolic.operations import (
    BUILD,
    DIAG,
    MATMUL,
    SCALE,
    TRANSPOSE,
    add,
    diag,
    inside,
    matmul,
    scale,
    transpose,
)

MN = "Magnus and Neudecker (2019)"


def _square(x: Any, what: str) -> Expr:
    x = expression(x)
    if None in x.axes or x.axes[0] != x.axes[1]:
        raise ShapeError(f"{what} takes a square matrix, but {x} has shape {x.shape}")
    return x


def _entrywise(f: Callable[[Any], Any], explicit: Callable[[Any], Any]) -> Callable[..., Any]:
    """f of numbers, or what SymPy makes of a matrix of entries."""
    def value(y: Expr, x: Any) -> Any:
        return np.array(explicit(sp.Matrix(x)), dtype=object).reshape(-1, x.shape[1]) if x.dtype == object else f(x)

    return value


def _number(f: Callable[[Any], Any], explicit: Callable[[Any], Any]) -> Callable[..., Any]:
    """The same for a number made of a matrix."""
    def value(y: Expr, x: Any) -> Any:
        return np.reshape(explicit(sp.Matrix(x)) if x.dtype == object else f(x), (1, 1))

    return value


def _parts(decompose: Callable[[], Any], x: Any, *shapes: tuple[int, ...]) -> Any:
    """The parts of a decomposition of x; NaN where LAPACK finds none."""
    try:
        return decompose()
    except np.linalg.LinAlgError:
        return [np.full(shape, np.nan, x.dtype) for shape in shapes]


def _svd(x: Any) -> Any:
    """U, S, Vᵀ with X = U S Vᵀ."""
    k = min(x.shape)
    return _parts(lambda: np.linalg.svd(x, full_matrices=False), x, (len(x), k), (k,), (k, x.shape[1]))


def _eigen(x: Any) -> Any:
    """Λ, V with V Λ Vᵀ = (X + Xᵀ)/2."""
    return _parts(lambda: np.linalg.eigh((x + x.T) / 2), x, (len(x),), x.shape)


# ---- inverse and solve ---------------------------------------------------------------------------------------------


def _inverted(x: Any) -> Any:
    """X⁻¹; NaN where X is singular."""
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        return np.full_like(x, np.nan)


def _explicit_det(x: sp.Matrix) -> sp.Expr:
    """By Berkowitz's algorithm, on polynomials where the entries are such: others ask of each pivot if it is zero."""
    typed = x.to_DM()
    if typed.domain.is_EX or typed.domain.is_EXRAW:
        return x.det(method="berkowitz")
    return (-1) ** x.rows * typed.domain.to_sympy(typed.charpoly_berk()[-1])


def _explicit_inverse(x: sp.Matrix) -> sp.Matrix:
    return x.adjugate() / _explicit_det(x)


def _inverse_jacobian(y: Expr, k: int) -> Jacobian:
    return Kronecker(Dense(scale(number(-1), y)), Dense(transpose(y)))


INVERSE = Operation("inverse", "i i -> i i", _entrywise(_inverted, _explicit_inverse), _inverse_jacobian,
                    f"{MN}, theorem 8.3", turn=inside)


def inverse(x: Any) -> Expr:
    """X⁻¹ of a square matrix. Raises ShapeError; its value at a singular X is NaN."""
    x = _square(x, "inverse")
    if x.operation is EYE or "orthogonal" in x.assumptions:
        return transpose(x)
    if x.operation is INVERSE:
        return x.args[0]
    if x.operation is TRANSPOSE:
        return transpose(inverse(x.args[0]))
    if x.operation is DIAG:
        return diag(power(x.args[0], -1))
    if x.operation is SCALE:
        return scale(power(x.args[0], -1), inverse(x.args[1]))
    if x.operation is KRON and x.args[0].axes[0] == x.args[0].axes[1]:
        return kron(*map(inverse, x.args))
    return make(INVERSE, (x,))


def solve(a: Any, b: Any) -> Expr:
    """A⁻¹ B: the solution X of A X = B, B a vector or a matrix."""
    a, b = _square(a, "solve"), expression(b)
    return matmul(inverse(a), vec(b) if len(b.shape) == 1 else b)


# ---- determinant and trace -----------------------------------------------------------------------------------------


def _adjugate(x: Any) -> Any:
    """adj(X), also of a singular X: from X = U S Vᵀ, adj(X) = det(U V) V adj(S) Uᵀ; of complex X by its minors."""
    if x.dtype.kind == "c":
        return _minors(x)
    u, s, vt = _svd(x)
    rest = np.array([np.prod(np.delete(s, k)) for k in range(s.size)], dtype=x.dtype)
    return (np.linalg.det(u) * np.linalg.det(vt) * (vt.T * rest) @ u.T).astype(x.dtype)


def _minors(x: Any) -> Any:
    """adj(X)ᵢⱼ = (−1)ⁱ⁺ʲ det of X without row j and column i: keeps small imaginary parts, as complex steps need."""
    minors = [[np.linalg.det(np.delete(np.delete(x, j, 0), i, 1)) for j in range(len(x))] for i in range(len(x))]
    return (-1) ** np.indices(x.shape).sum(axis=0) * np.array(minors)


def _logdet(x: Any) -> Any:
    """log det X; NaN where the determinant is negative."""
    sign, log = np.linalg.slogdet(x)
    return log + 1j * np.imag(np.log(sign)) if x.dtype.kind == "c" and sign.real > 0 else \
        log if sign.real > 0 or np.isneginf(log) else np.full_like(log, np.nan)


def _adjugate_jacobian(y: Expr, k: int) -> Jacobian:
    turned = transpose(inverse(y.args[0]))
    return Sum((Product((Column(y), Row(turned))), Kronecker(Dense(scale(number(-1), y)), Dense(turned))))


DET = Operation("det", "i i -> · ·", _number(np.linalg.det, _explicit_det),
                lambda y, k: Row(transpose(adjugate(y.args[0]))), f"{MN}, theorem 8.1")
LOGDET = Operation("logdet", "i i -> · ·", _number(_logdet, lambda x: sp.log(_explicit_det(x))),
                   lambda y, k: Row(transpose(inverse(y.args[0]))), f"{MN}, theorem 8.2")
ADJUGATE = Operation("adjugate", "i i -> i i", _entrywise(_adjugate, lambda x: x.adjugate()), _adjugate_jacobian,
                     f"{MN}, theorem 8.4 (nonsingular)", turn=inside)
TRACE = Operation("trace", "i i -> · ·", _number(np.trace, lambda x: x.trace()),
                  lambda y, k: Row(eye(y.args[0].axes[0])), f"{MN}, table 9.2", linear="together")


def det(x: Any) -> Expr:
    """det X; its gradient adj(X)ᵀ is right for a singular X, too."""
    x = _square(x, "det")
    if x.operation is EYE:
        return number(1)
    if x.operation is TRANSPOSE:
        return det(x.args[0])
    return power(det(x.args[0]), -1) if x.operation is INVERSE else make(DET, (x,))


def logdet(x: Any) -> Expr:
    """log det X, of a matrix with a positive determinant; else its value is NaN."""
    return make(LOGDET, (_square(x, "logdet"),))


def adjugate(x: Any) -> Expr:
    """adj(X) = det(X) X⁻¹, also of a singular X; its derivative is that at a nonsingular one."""
    x = _square(x, "adjugate")
    if x.operation is INVERSE:
        return scale(power(det(x.args[0]), -1), x.args[0])
    return transpose(adjugate(x.args[0])) if x.operation is TRANSPOSE else make(ADJUGATE, (x,))


def trace(x: Any) -> Expr:
    """tr X = Σ xᵢᵢ; tr(u vᵀ) = vᵀ u."""
    x = _square(x, "trace")
    if x.operation is EYE:
        return number(x.axes[0])
    if x.operation is SCALE:
        return scale(x.args[0], trace(x.args[1]))
    if x.operation is MATMUL:
        for k, factor in enumerate(x.args[1:], 1):
            if factor.axes[0] is None:
                return matmul(*x.args[k:], *x.args[:k])
    if x.operation is TRANSPOSE:
        return trace(x.args[0])
    return make(TRACE, (x,))


BUILD.update({"trace": trace})


# ---- powers --------------------------------------------------------------------------------------------------------

HIGHEST = 64


def _matrix_power_jacobian(y: Expr, k: int) -> Jacobian:
    x, n = y.args[0], y.data
    terms = [_sandwich(matrix_power(x, i), matrix_power(x, n - 1 - i)) for i in range(n)]
    return reduce(lambda J, K: J + K, terms)


def _sandwich(a: Expr, b: Expr) -> Jacobian:
    """dX ↦ A dX B."""
    left, right = (Identity(x.axes[0]) if x.operation is EYE else Dense(x) for x in (a, transpose(b)))
    return Kronecker(left, right)


MATRIX_POWER = Operation("matrix_power", "i i -> i i", lambda y, x: np.linalg.matrix_power(x, y.data),
                         _matrix_power_jacobian, f"{MN}, table 9.6", turn=inside)


def matrix_power(x: Any, k: Any) -> Expr:
    """Xᵏ of a square matrix for a whole number k; X⁻ᵏ = (X⁻¹)ᵏ. Raises InputError for other exponents."""
    x, exponent = _square(x, "matrix_power"), expression(k).data
    if not getattr(exponent, "is_Integer", False) or abs(exponent) > HIGHEST:
        raise InputError(f"the exponent of a matrix power is a whole number from −{HIGHEST} to {HIGHEST}, "
                         f"but {k} was given: a power entry by entry is written .^ or jac.power")
    n = int(exponent)
    if n < 0:
        return matrix_power(inverse(x), -n)
    if n == 0 or x.operation is EYE:
        return eye(x.axes[0])
    if n == 1:
        return x
    if x.operation is TRANSPOSE:
        return transpose(matrix_power(x.args[0], n))
    if x.operation is ONES:
        return scale(power(number(x.axes[0]), n - 1), x)
    return make(MATRIX_POWER, (x,), n)


# ---- Cholesky ------------------------------------------------------------------------------------------------------


def _cholesky(y: Expr, x: Any) -> Any:
    """L with L Lᵀ = (X + Xᵀ)/2, for real, complex (without conjugation) and SymPy entries; NaN where there is none."""
    a = (x + x.T) / 2
    lower, root = a * 0, sp.sqrt if a.dtype == object else np.sqrt
    for j in range(len(a)):
        lower[j, j] = root(a[j, j] - lower[j, :j] @ lower[j, :j])
        lower[j + 1:, j] = (a[j + 1:, j] - lower[j + 1:, :j] @ lower[j, :j]) / lower[j, j]
    return lower


def _cholesky_jacobian(y: Expr, k: int) -> Jacobian:
    n, back = y.axes[0], inverse(y)
    half = add(tril(n), scale(number(sp.Rational(-1, 2)), eye(n)))
    mean = Product((Scalar(number(sp.Rational(1, 2)), n * n), Sum((Identity(n * n), Commutation(n, n)))))
    return Product((Kronecker(Dense(y), Identity(n)), Diagonal(half), Kronecker(Dense(back), Dense(back)), mean))


CHOLESKY = Operation("cholesky", "i i -> i i", _cholesky, _cholesky_jacobian, "Murray (2016), eq. 8")


def cholesky(x: Any) -> Expr:
    """L, lower triangular with positive diagonal, L Lᵀ = X for a positive definite X (of others its symmetric part).

    dL = L (Φ ∘ (L⁻¹ dX L⁻ᵀ)), Φ the lower triangle of ones with halves on the diagonal.
    """
    return make(CHOLESKY, (_square(x, "cholesky"),))


# ---- exponential ---------------------------------------------------------------------------------------------------


def _no_entries(y: Expr) -> MissingRule:
    return MissingRule(f"{y.operation.name} has no explicit entries: its value is computed from numbers only")


def _exponential_value(y: Expr, x: Any) -> Any:
    if x.dtype == object:
        raise _no_entries(y)
    return exponential(x)


def _frechet_value(y: Expr, x: Any) -> Any:
    if x.dtype == object:
        raise _no_entries(y)
    n = len(x)
    units = np.eye(n * n, dtype=x.dtype).reshape(n * n, n, n)
    return np.stack([frechet(x, unit).reshape(-1) for unit in units], axis=1)


FRECHET = Operation("frechet", "", _frechet_value, source="Higham (2008), algorithm 3.17", turn=inside)
EXPM = Operation("expm", "i i -> i i", _exponential_value,
                 lambda y, k: Dense(make(FRECHET, y.args, axes=(y.size, y.size))), "Higham (2008), 10.2", turn=inside)


def expm(x: Any) -> Expr:
    """exp(X) = Σ Xᵏ/k!, the matrix exponential.

    Its derivative has no elementary closed form: it is the Fréchet derivative L(X), vec(d exp(X)) = L(X) vec(dX), which
    is computed from the exponential of a block matrix.
    """
    x = _square(x, "expm")
    return transpose(expm(x.args[0])) if x.operation is TRANSPOSE else make(EXPM, (x,))


# ---- eigenvalues and singular values -------------------------------------------------------------------------------

GAP = 1e-10         # eigenvalues nearer than this, relative to the largest, have no derivative of their own


def _moved(value: Callable[[Any], Any], change: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """The value at a real array; at X + i h E to first order in h, for LAPACK's iterations are not analytic."""
    def at(y: Expr, x: Any) -> Any:
        if x.dtype == object:
            raise _no_entries(y)
        return value(x) if x.dtype.kind != "c" else value(x.real) + 1j * change(x.real, x.imag)

    return at


def _of_numbers(f: Callable[[Any], Any]) -> Callable[..., Any]:
    """f of a numeric array, which has no explicit entries."""
    def at(y: Expr, x: Any) -> Any:
        if x.dtype == object:
            raise _no_entries(y)
        return f(x)

    return at


def _apart(values: Any) -> Any:
    gaps = np.abs(np.subtract.outer(values, values))
    gaps[np.diag_indices(len(values))] = np.inf
    return gaps.min(axis=1, initial=np.inf) > GAP * np.abs(values).max(initial=0)


def _eigenvectors(x: Any) -> Any:
    """V with the eigenvectors as columns; NaN where an eigenvalue is repeated, as it then has no derivative."""
    values, vectors = _eigen(x)
    return np.where(_apart(values), vectors, np.nan).astype(x.dtype)


def _eigenvalues(x: Any) -> Any:
    return _eigen(x)[0][:, None].astype(x.dtype)


def _eigenvalue_change(x: Any, e: Any) -> Any:
    v = _eigenvectors(x)
    return np.einsum("ji,jk,ki->i", v, (e + e.T) / 2, v)[:, None]


def _eigenvalue_jacobian(y: Expr, k: int) -> Jacobian:
    turned = Dense(transpose(make(EIGENVECTORS, y.args)))
    return Product((Selection(y.axes[0]), Kronecker(turned, turned)))


EIGENVECTORS = Operation("eigenvectors", "i i -> i i", _of_numbers(_eigenvectors))
EIGENVALUES = Operation("eigenvalues", "i i -> i ·", _moved(_eigenvalues, _eigenvalue_change), _eigenvalue_jacobian,
                        f"{MN}, theorem 8.9")


def eigenvalues(x: Any) -> Expr:
    """The eigenvalues of a symmetric matrix (of others of its symmetric part), ascending: dλᵢ = vᵢᵀ dX vᵢ.

    The derivative of a repeated eigenvalue is NaN: it has none.
    """
    return make(EIGENVALUES, (_square(x, "eigenvalues"),))


def _polar(x: Any) -> Any:
    """U Vᵀ of X = U S Vᵀ; NaN where X has not full rank, as the nuclear norm has a kink there."""
    u, s, vt = _svd(x)
    full = s.min(initial=np.inf) > GAP * s.max(initial=0)
    return (u @ vt if full else np.full_like(x, np.nan)).astype(x.dtype)


def _leading(x: Any) -> Any:
    """u₁ v₁ᵀ; NaN where the largest singular value is repeated, as the spectral norm has a kink there."""
    u, s, vt = _svd(x)
    alone = s.size == 1 or s[0] - s[1] > GAP * s[0]
    return (np.outer(u[:, 0], vt[0]) if alone else np.full_like(x, np.nan)).astype(x.dtype)


def _singular(pick: Callable[[Any], Any], gradient: Callable[[Any], Any]) -> Callable[..., Any]:
    def value(x: Any) -> Any:
        return pick(_svd(x)[1]).reshape(1, 1).astype(x.dtype)

    return _moved(value, lambda x, e: (gradient(x) * e).sum(keepdims=True))


POLAR = Operation("polar", "i j -> i j", _of_numbers(_polar))
LEADING = Operation("leading", "i j -> i j", _of_numbers(_leading))
NUCLEAR = Operation("nuclear", "i j -> · ·", _singular(np.sum, _polar), lambda y, k: Row(polar(y.args[0])),
                    "Watson (1992), of full rank")
SPECTRAL = Operation("spectral", "i j -> · ·", _singular(np.max, _leading), lambda y, k: Row(make(LEADING, y.args)),
                     f"{MN}, theorem 8.10, of a simple largest singular value")


def polar(x: Expr) -> Expr:
    """U Vᵀ where X = U S Vᵀ: the identity of a positive definite X."""
    return eye(x.axes[0]) if "posdef" in x.assumptions else make(POLAR, (x,))


def nuclear_norm(x: Any) -> Expr:
    """‖X‖_* = Σ σᵢ; its gradient is U Vᵀ where X = U S Vᵀ has full rank, else NaN."""
    return make(NUCLEAR, (_matrix(x, "nuclear_norm"),))


def spectral_norm(x: Any) -> Expr:
    """‖X‖₂ = σ₁; its gradient is u₁ v₁ᵀ where σ₁ is simple, else NaN."""
    return make(SPECTRAL, (_matrix(x, "spectral_norm"),))


def _matrix(x: Any, what: str) -> Expr:
    x = expression(x)
    if None in x.axes or x.axes == SCALAR:
        raise ShapeError(f"{what} takes a matrix, but {x} has shape {x.shape}")
    return x
