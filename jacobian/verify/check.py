"""Is this derivative right? A claim against the numeric Jacobian and its bounds."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.function import Function, quiet
from jacobian.numeric.measure import Estimate, measure
from jacobian.verify.claim import Claim, Misfit, floor, written
from jacobian.verify.compare import compare, shaped
from jacobian.verify.products import Call, faults, matrix
from jacobian.verify.report import Report

JITTERS = 2             # how often the claim is computed again, a unit in the last place away
ORDER = ("wrong", "undecided", "right")


def check(
    f: Callable[..., Any], x: Any, *, vjp: Any = None, jvp: Any = None, jacobian: Any = None, gradient: Any = None
) -> Report:
    """C = ∂y/∂x? with y = f(x), for a C given by any of: vjp(g, *x) = Jᵀg, jvp(v, *x) = Jv, jacobian, gradient.

    x is an array, or a tuple of arrays for f(*x). vjp returns one gradient per input (a bare array for one input);
    v is a tangent, a tuple of tangents where x is a tuple. jacobian is an array of shape f(x).shape + x.shape, the
    matrix (m, n), an object with .dense(), or a function of x giving one of these; gradient, of a scalar f, has the
    shape of x. Of several claims the worst report is returned, and the verdicts on the others are in its notes.

    "wrong": an entry is off by more than the bounds on both errors allow, a shape does not fit, or a product is not
    linear, not deterministic, or changes its arguments. "right": every entry agrees, and its bound is small beside the
    entry itself or, where it is 0, beside the largest entry of the same output. Otherwise "undecided", with the reason.

    Raises InputError where nothing can be compared: no claim, no entries, a claim that raises or is no numbers.
    Source of the bounds: jacobian.numeric; of the rounding of the claim: Higham 2002, Accuracy and Stability, ch. 3.
    """
    offered = {"vjp": vjp, "jvp": jvp, "jacobian": jacobian, "gradient": gradient}
    claims = {name: claim for name, claim in offered.items() if claim is not None}
    if not claims:
        raise InputError("check needs a claim: vjp=, jvp=, jacobian= or gradient=")
    function = Function(f, x)
    fitting(claims, function)
    with quiet():
        found = measure(function)
        reports = [examine(name, claim, function, found) for name, claim in claims.items()]
    first, *others = sorted(reports, key=lambda report: ORDER.index(report.verdict))
    return replace(first, notes=first.notes + tuple(report.sentence for report in others))


def fitting(claims: dict[str, Any], function: Function) -> None:
    """InputError where the claims cannot belong to this function."""
    if function.x.size == 0 or function.y.size == 0:
        raise InputError(f"nothing to compare: x has {function.x.size} entries and f(x) has {function.y.size}")
    if "gradient" in claims and function.y.size != 1:
        raise InputError(f"gradient= needs a scalar f; f(x) has shape {function.shape}: use jacobian= or vjp=")
    for name in ("vjp", "jvp"):
        if name in claims and not callable(claims[name]):
            raise InputError(f"{name} must be a function; it is {type(claims[name]).__name__}")


def examine(name: str, claim: Any, function: Function, found: Estimate) -> Report:
    """The report on one claim."""
    try:
        given = read(name, claim, function)
    except Misfit as misfit:
        sentence = f"The {name} is wrong: {misfit}."
        return Report("wrong", name, sentence, np.inf, 0.0, None, None, shaped(function, found.value))
    return compare(name, given, function, found)


def read(name: str, claim: Any, function: Function) -> Claim:
    """The claim as a Jacobian, with its rounding: what a unit in the last place of x does, and what its type allows."""
    product = Call(name, claim, function) if name in ("vjp", "jvp") else None
    once = (lambda x: matrix(product, x)) if product else (lambda x: written(name, claim, function, x))
    first, spacing = once(function.given)
    spread, level = np.zeros_like(first), floor(function, first)
    for k in range(JITTERS if callable(claim) else 0):
        with suppress(InputError):          # x may be the last point at which the claim has a value
            spread = np.fmax(spread, np.abs(once(jittered(function.given, k))[0] - first))
    spread = np.where(np.isfinite(spread), spread, 0.0)
    sentences = faults(product, function.given, first, level) if product and np.isfinite(first).all() else ()
    return Claim(first, spread, spacing, level, sentences)


def jittered(x: tuple[np.ndarray[Any, Any], ...], seed: int) -> tuple[np.ndarray[Any, Any], ...]:
    """x moved by one unit in the last place, up or down."""
    random = np.random.default_rng(seed)
    return tuple(
        np.nextafter(entry, (random.choice([-1.0, 1.0], entry.shape) * np.inf).astype(entry.dtype)) for entry in x
    )
