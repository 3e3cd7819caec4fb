"""|claimed − numeric| against what both errors allow: right, wrong, or undecided."""

from typing import Any

import numpy as np

from jacobian.numeric.function import Function, Real
from jacobian.verify.claim import Claim, natural
from jacobian.verify.report import Place, Report, Verdict, derivative, surplus

RESOLVED = 1e-2         # a bound below this share of the largest entry shows a claim to be right


def compare(name: str, claim: Claim, function: Function, value: Real, error: Real) -> Report:
    """|C − J| ≤ 2 (error of C + error of J) in every entry."""
    allowed = 2 * (error + claim.rounding)
    excess = surplus(claim.matrix, value, allowed)
    verdict, sentence = judge(name, claim, function, value, allowed, excess)
    gap = np.abs(claim.matrix - value)
    gap = np.where(np.isfinite(claim.matrix), gap, np.inf)
    gap = np.where(np.isfinite(value), gap, -1.0)
    wrong = excess > 1
    i, j = np.unravel_index(int(np.argmax(np.where(wrong, gap, -1.0) if wrong.any() else gap)), gap.shape)
    place = locate(function, int(i), int(j))
    if verdict == "wrong" and wrong.any():
        worst = derivative(place, function.several)
        sentence += f" {np.count_nonzero(wrong)} of {wrong.size} entries are off, most of all {worst}."
    return Report(
        verdict, name, sentence, float(max(gap[i, j], 0.0)), float(allowed[i, j]), place,
        shaped(function, claim.matrix), shaped(function, value), shaped(function, allowed), claim.faults,
    )


def judge(
    name: str, claim: Claim, function: Function, value: Real, allowed: Real, excess: Real
) -> tuple[Verdict, str]:
    """The verdict and its sentence."""
    if (excess > 1).any():
        return "wrong", f"The {name} is wrong."
    if claim.faults:
        return "wrong", f"The {name} is wrong, though its Jacobian is right."
    lost = ~np.isfinite(function.y)
    if lost.any():
        return "undecided", f"Undecided: f(x) is not finite in {lost.sum()} of {lost.size} entries."
    blind = ~np.isfinite(value) | ~np.isfinite(allowed)
    if blind.any():
        return "undecided", f"Undecided: f has no numeric derivative in {blind.sum()} of {blind.size} entries here."
    ends = np.cumsum([int(np.prod(shape)) for shape in function.shapes])[:-1]
    blocks = zip(*(np.split(a, ends, axis=1) for a in (value, allowed)), strict=True)
    for k, (block, bound) in enumerate(blocks):
        scale, widest = np.abs(block).max(initial=0.0), bound.max(initial=0.0)
        if widest > RESOLVED * max(scale, negligible(function, value)):
            which = f" with respect to input {k}" if function.several else ""
            return "undecided", (
                f"Undecided: the numeric Jacobian{which} is known to ±{widest:.2g} only,"
                f" and its largest entry is {scale:.2g} (noise, a kink, or float32?)."
            )
    return "right", f"The {name} is right: all {value.size} entries agree, to {allowed.max():.2g} or better."


def negligible(function: Function, value: Real) -> float:
    """Below this an entry counts as 0: 1e-6 of the largest entry, 1e-10 of the change y/x that rounding leaves."""
    return float(max(1e-6 * np.abs(value).max(initial=0.0), 1e-10 * natural(function), np.finfo(np.float64).tiny))


def locate(function: Function, i: int, j: int) -> Place:
    """Entry (i, j) of the (m, n) Jacobian as indices of the output and of one input."""
    output = tuple(int(a) for a in np.unravel_index(i, function.shape))
    for k, shape in enumerate(function.shapes):
        size = int(np.prod(shape))
        if j < size:
            return Place(k, output, tuple(int(a) for a in np.unravel_index(j, shape)))
        j -= size
    raise IndexError(f"column {j} is beyond the inputs")


def shaped(function: Function, matrix: Real) -> Any:
    """(m, n) as f(x).shape + x.shape, a tuple where x is one."""
    return function.one(function.blocks(matrix))
