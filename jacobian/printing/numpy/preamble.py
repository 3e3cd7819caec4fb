"""Functions that NumPy lacks, stable and without loops over entries: generated source carries a copy of those it calls.

They are written with NumPy alone, keep float32, float64 and complex types (integers become float64: the 0.0 in a
result_type), and take arrays without entries. A function
with a kink looks at the real part of complex numbers, so that complex steps see its slope.
"""

from __future__ import annotations

import numpy as np


def relu(x: np.ndarray) -> np.ndarray:
    """max(x, 0), entry by entry."""
    return np.where(np.real(x) <= 0, 0, x)


def step(x: np.ndarray) -> np.ndarray:
    """1 where x > 0, else 0."""
    return np.asarray(np.real(x) > 0).astype(np.result_type(x, 0.0))


def sign(x: np.ndarray) -> np.ndarray:
    """−1, 0 or 1, entry by entry."""
    return np.sign(np.real(x))


def absolute(x: np.ndarray) -> np.ndarray:
    """|x|, entry by entry."""
    return x * np.sign(np.real(x))


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1/(1 + exp(−x)), entry by entry."""
    e = np.exp(np.where(np.real(x) >= 0, -x, x))
    return np.where(np.real(x) >= 0, 1, e) / (1 + e)


def silu(x: np.ndarray) -> np.ndarray:
    """x/(1 + exp(−x)), entry by entry."""
    return x * sigmoid(x)


def softplus(x: np.ndarray) -> np.ndarray:
    """log(1 + exp(x)), entry by entry."""
    return relu(x) + np.log1p(np.exp(np.where(np.real(x) > 0, -x, x)))


def elu(x: np.ndarray) -> np.ndarray:
    """x where x > 0, else exp(x) − 1."""
    return np.where(np.real(x) > 0, x, np.expm1(np.where(np.real(x) > 0, 0, x)))


def erf_near(x: np.ndarray) -> np.ndarray:
    """erf(x) for |x| ≤ ½ (Cody, Rational Chebyshev approximations for the error function, 1969)."""
    a = (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2,
         3.20937758913846947e3)
    b = (1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
    near = np.clip(x, -0.5, 0.5)
    return near * np.polyval(a, near * near) / np.polyval(b, near * near)


def erf(x: np.ndarray) -> np.ndarray:
    """The error function, entry by entry."""
    y = np.abs(real(x))
    return np.where(y <= 0.5, erf_near(x), np.sign(x) * (1 - erfc(y))).astype(np.result_type(x, 0.0))


def erfc(x: np.ndarray) -> np.ndarray:
    """1 − erf(x), with all its digits far to the right (Cody 1969)."""
    y = np.maximum(np.abs(real(x)), 0.46875)
    c = (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
         2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
         1.23033935479799725e3)
    d = (1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
         3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3)
    p = (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
         1.60837851487422766e-2, 6.58749161529837803e-4)
    q = (1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2,
         2.33520497626869185e-3)
    near, z = np.minimum(y, 4), 1 / np.maximum(y, 4) ** 2
    far = (1 / np.sqrt(np.pi) - z * np.polyval(p, z) / np.polyval(q, z)) / np.maximum(y, 4)
    cut = np.trunc(np.minimum(y, 64) * 16) / 16          # exp(−y²) in two factors, the first of them exact
    tail = np.exp(-cut * cut) * np.exp(-(np.minimum(y, 64) - cut) * (np.minimum(y, 64) + cut))
    right = tail * np.where(y <= 4, np.polyval(c, near) / np.polyval(d, near), far)
    whole = np.where(x < 0, 2 - right, right)
    return np.where(np.abs(x) <= 0.46875, 1 - erf_near(x), whole).astype(np.result_type(x, 0.0))


def Phi(x: np.ndarray) -> np.ndarray:
    """The standard normal distribution, entry by entry."""
    return erfc(-x / float(np.sqrt(2))) / 2


def phi(x: np.ndarray) -> np.ndarray:
    """The density of the standard normal distribution, entry by entry."""
    return np.exp(-x * x / 2) / float(np.sqrt(2 * np.pi))


def gelu(x: np.ndarray) -> np.ndarray:
    """x Φ(x), entry by entry."""
    return x * Phi(x)


def softmax(x: np.ndarray) -> np.ndarray:
    """exp(xᵢ)/Σ exp(xⱼ) of a vector, or of each row of a matrix."""
    e = np.exp(x - np.real(x).max(axis=-1, keepdims=True, initial=-np.inf))
    return e / e.sum(axis=-1, keepdims=True)


def logsumexp(x: np.ndarray) -> np.ndarray:
    """log Σ exp(xⱼ) of a vector, or of each row of a matrix."""
    top = np.real(x).max(axis=-1, keepdims=True, initial=-np.inf)
    return np.log(np.exp(x - top).sum(axis=-1)) + top[..., 0]


def log_softmax(x: np.ndarray) -> np.ndarray:
    """x − log Σ exp(xⱼ) of a vector, or of each row of a matrix."""
    shifted = x - np.real(x).max(axis=-1, keepdims=True, initial=-np.inf)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def onehot(c: np.ndarray, n: int) -> np.ndarray:
    """A one at the index c and zeros elsewhere; one row for each index of a vector."""
    hot = np.arange(n) == np.real(c)[..., None]
    if not hot.any(axis=-1).all():
        raise ValueError(f"classes are counted from 0 to {n - 1}, but {c} was given")
    return hot


def norm(x: np.ndarray) -> np.ndarray:
    """√Σ x², scaled by the largest entry so that no square overflows."""
    top = np.abs(np.real(x)).max(initial=0)
    top = top if 0 < top < np.inf else top * 0 + 1
    return top * np.sqrt(np.square(x / top).sum())


def peak(x: np.ndarray, top: np.ndarray) -> np.ndarray:
    """1 at the entry that is `top`, equal shares where several are, 0 elsewhere."""
    hit = np.real(x) == top
    return (hit / hit.sum()).astype(np.result_type(x, 0.0))


def greater(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """1 where a > b, ½ where both are equal, else 0."""
    return np.heaviside(np.real(a - b), 0.5).astype(np.result_type(a, b, 0.0))


def logdet(x: np.ndarray) -> np.ndarray:
    """log det X; NaN where the determinant is negative."""
    sign, log = np.linalg.slogdet(x)
    if np.iscomplexobj(x):
        return log + 1j * np.angle(sign)
    return np.where((sign > 0) | np.isneginf(log), log, np.nan).astype(log.dtype)


def adjugate(x: np.ndarray) -> np.ndarray:
    """adj(X), also of a singular X: from X = U S Vᵀ, adj(X) = det(U V) V adj(S) Uᵀ."""
    if np.iscomplexobj(x):
        return np.linalg.det(x) * np.linalg.inv(x)
    u, s, vt = np.linalg.svd(x)
    rest = np.where(np.eye(len(s), dtype=bool), 1, s).prod(axis=1).astype(np.result_type(x, 0.0))
    return np.linalg.det(u) * np.linalg.det(vt) * (vt.T * rest) @ u.T


def cholesky(x: np.ndarray) -> np.ndarray:
    """L with L Lᵀ = (X + Xᵀ)/2."""
    return np.linalg.cholesky((real(x) + x.T) / 2)


def expm(x: np.ndarray) -> np.ndarray:
    """exp(X) of a matrix, or of each of a stack (Higham 2005, algorithm 2.3: scaling, [13/13] Padé, squaring)."""
    largest = np.abs(x).sum(axis=-2).max(initial=0)
    squarings = int(max(0, np.ceil(np.log2(np.maximum(largest, 1e-300) / 5.371920351148152))))
    term, c = np.broadcast_to(np.eye(x.shape[-1], dtype=np.result_type(x, 0.0)), x.shape), 1.0
    above = below = term * 0
    for k in range(14):
        above, below = above + c * term, below + (-1) ** k * c * term
        term, c = term @ (x / 2.0**squarings), c * (13 - k) / ((26 - k) * (k + 1))
    y = np.linalg.solve(below, above)
    for _ in range(squarings):
        y = y @ y
    return y


def frechet(x: np.ndarray) -> np.ndarray:
    """The derivative of vec exp(X) by vec X: upper right blocks of exp([X, E; 0, X]) (Higham 2008, eq. 3.16)."""
    n = len(x)
    whole = np.zeros((n * n, 2 * n, 2 * n), np.result_type(x, 0.0))
    whole[:, :n, :n] = whole[:, n:, n:] = x
    whole[:, :n, n:] = np.eye(n * n).reshape(n * n, n, n)
    return expm(whole)[:, :n, n:].reshape(n * n, n * n).T


def eigenvalues(x: np.ndarray) -> np.ndarray:
    """The eigenvalues of (X + Xᵀ)/2, ascending."""
    return np.linalg.eigvalsh((real(x) + x.T) / 2)


def eigenvectors(x: np.ndarray) -> np.ndarray:
    """The eigenvectors of (X + Xᵀ)/2 as columns; NaN where an eigenvalue is repeated, as it then has no derivative."""
    values, vectors = np.linalg.eigh((real(x) + x.T) / 2)
    gaps = np.abs(np.subtract.outer(values, values)) + np.where(np.eye(len(x), dtype=bool), np.inf, 0)
    apart = gaps.min(axis=1, initial=np.inf) > 1e-10 * np.abs(values).max(initial=0)
    return np.where(apart, vectors, np.nan).astype(np.result_type(x, 0.0))


def polar(x: np.ndarray) -> np.ndarray:
    """U Vᵀ of X = U S Vᵀ; NaN where X has not full rank, as the nuclear norm has a kink there."""
    u, s, vt = np.linalg.svd(real(x), full_matrices=False)
    return np.where(s.min(initial=np.inf) > 1e-10 * s.max(initial=0), u @ vt, np.nan).astype(np.result_type(x, 0.0))


def leading(x: np.ndarray) -> np.ndarray:
    """u₁ v₁ᵀ; NaN where the largest singular value is repeated, as the spectral norm has a kink there."""
    u, s, vt = np.linalg.svd(real(x), full_matrices=False)
    alone = np.all(s[1:] < s[:1] * (1 - 1e-10))
    return np.where(alone, u[:, :1] * vt[:1], np.nan).astype(np.result_type(x, 0.0))


def singular_values(x: np.ndarray) -> np.ndarray:
    """σ₁ ≥ σ₂ ≥ …"""
    return np.linalg.svd(real(x), compute_uv=False)


def real(x: np.ndarray) -> np.ndarray:
    """x, unless it is complex: its value would not be analytic."""
    if np.iscomplexobj(x):
        raise TypeError("this function takes real numbers, but complex ones were given")
    return x
