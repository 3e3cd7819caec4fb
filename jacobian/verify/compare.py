"""|claimed − numeric| against what both errors allow, entry by entry: right, wrong, or undecided."""

from dataclasses import replace
from typing import Any

import numpy as np

from jacobian.numeric.function import TINY, Function, Real
from jacobian.numeric.measure import Estimate
from jacobian.numeric.noise import EPSILON, noise, scales
from jacobian.verify.claim import Claim
from jacobian.verify.kinks import STEADY, Sides, sides
from jacobian.verify.report import Place, Report, Verdict, derivative
from jacobian.verify.table import surplus

Mask = np.ndarray[Any, np.dtype[np.bool_]]
RESOLVED = 1e-2         # an entry that may be off by less than this share of itself is right
NOISY = 2.0**10 * EPSILON       # the noise of f beside its size, above which it is not the rounding of a double
VISIBLE = 0.09          # and of a noisy f less than this share: a factor of 1.1 would show
SMALL = 2e-3            # or less than this share of the largest entry of its output, beside which it hardly counts
DROWNED = 2.0**12       # units in the last place of y below which its change is hard to see
NEGLIGIBLE = 1e-6       # a zero is known to this share of the largest entry of its output, or to half its digits


def compare(name: str, claim: Claim, function: Function, found: Estimate) -> Report:
    """Wrong: |C − N| > 2 (error of N + rounding of C). Right: |C − N| + 2 error of N is small, entry by entry.

    N is the numeric Jacobian. Rounding excuses a claim from being wrong; it does not make it right.
    """
    allowed = tolerance(claim, found)
    wrong = surplus(claim.matrix, found.value, allowed) > 1
    gap = np.where(np.isfinite(claim.matrix), np.abs(claim.matrix - found.value), np.inf)
    gap = np.where(np.isfinite(found.value), gap, -1.0)
    size = np.maximum(np.abs(claim.matrix), np.abs(found.value))
    off = gap + 2 * found.error
    told = np.isfinite(off) & (off <= RESOLVED * size)
    zero = ~told & nought(claim, function, found, off, told)
    hidden = ~told & ~zero
    rough = noisy(function, found) if hidden.any() else np.zeros(len(hidden), bool)
    beside = sides(function, claim.matrix, hidden, off) if hidden.any() else None
    if beside:
        wrong |= beside.forbids
        hidden &= ~beside.allows
    drowned = hidden & rough[:, None]
    told |= drowned & (off <= VISIBLE * size)
    row = largest(function, found, told)
    zero |= drowned & (claim.matrix == 0) & (off <= VISIBLE * row)
    small = drowned & ~told & ~zero & (off <= SMALL * row)
    hidden &= ~told & ~zero & ~small
    worst = np.where(wrong, gap, -1.0) if wrong.any() else np.where(hidden, off, -1.0) if hidden.any() else gap
    i, j = map(int, np.unravel_index(np.argmax(worst), worst.shape))
    place = locate(function, i, j)
    entry = derivative(place, function.names)
    if wrong.any():
        verdict: Verdict = "wrong"
        sentence = f"The {name} is wrong. {wrong.sum()} of {wrong.size} entries are off, most of all {entry}."
    elif hidden.any():
        verdict, sentence = "undecided", f"Undecided: {doubt(function, off, hidden, entry)}."
    else:
        verdict, sentence = "right", f"The {name} is right: {agreement(off, size, told, zero, small)}."
    notes = tuple(each.sentence for each in claim.defects)
    if verdict == "right":
        notes += convention(claim, beside) if beside and (beside.kinked & beside.allows).any() else ()
    if claim.defects and verdict != "wrong":
        verdict, sentence = "wrong", f"The {name} is wrong, though its Jacobian is {verdict}."
    return Report(
        verdict, name, sentence, float(max(gap[i, j], 0.0)), float(allowed[i, j]), place,
        shaped(function, claim.matrix), shaped(function, found.value), shaped(function, allowed), notes,
    )


def tolerance(claim: Claim, found: Estimate) -> Real:
    """2 (error of N + rounding of C): twice what both errors allow, entry by entry; (m, n)."""
    return 2 * (found.error + claim.rounding)


def nought(claim: Claim, function: Function, found: Estimate, off: Real, told: Mask) -> Mask:
    """Whether an entry is 0 as far as numbers can tell: claimed as 0 or as rounding left in place of 0, and known so.

    A claim is rounding if a unit in the last place of x moves it by as much, or beside the largest entry of its output.
    Where no entry of the output is told, 0 must be known to what rounding leaves of f. What is claimed may be other
    than 0 where it and what is known of it are below the rounding of the largest entry.
    """
    row = largest(function, found, told)
    spacing = np.maximum(found.epsilon, claim.spacing)[:, None]
    share = np.maximum(NEGLIGIBLE, np.sqrt(spacing))
    rounding = np.maximum(8 * claim.spread, 2**4 * claim.spacing * row)
    least = 2**10 * spacing * function.size[:, None] / np.maximum(1.0, np.abs(function.x))
    lost = np.abs(claim.matrix) + off <= 2**10 * spacing * row
    return lost | (np.abs(claim.matrix) <= rounding) & (off <= np.where(row > 0, share * row, least))


def largest(function: Function, found: Estimate, told: Mask) -> Real:
    """The largest entry of each output that is told, itself or, where that is more, in units of the inputs; (m, n)."""
    s, entries = scales(function), np.where(told, np.abs(found.value), 0.0)
    return np.maximum(entries.max(axis=1, initial=0.0)[:, None], (entries * s).max(axis=1, initial=0.0)[:, None] / s)


def noisy(function: Function, found: Estimate) -> Mask:
    """Whether y is known less well than a double: its noise or spacing, or its rounding beside its changes; (m,)."""
    changes = np.max(np.abs(np.nan_to_num(found.value)) * scales(function), axis=1, initial=0.0)
    buried = DROWNED * found.epsilon * function.size > np.maximum(changes, TINY)
    return buried | (np.maximum(noise(function).sigma / function.size, found.epsilon) > NOISY)


def widened(claim: Claim, found: Estimate) -> Estimate:
    """N with an error that covers the gap to C: the entries that other differences do not confirm to be wrong."""
    gap = np.where(np.isfinite(found.value), np.abs(claim.matrix - found.value), 0.0)
    return replace(found, error=np.maximum(found.error, np.where(2 * gap > tolerance(claim, found), gap, 0.0)))


def convention(claim: Claim, beside: Sides) -> tuple[str, ...]:
    """Which of the derivatives at a kink are claimed."""
    at = beside.kinked & beside.allows
    C, left, right = claim.matrix[at], beside.left[at], beside.right[at]
    slack = STEADY * (np.abs(left) + np.abs(right))
    names = {"the slope from the left": left, "the slope from the right": right, "their mean": (left + right) / 2}
    taken = [name for name, value in names.items() if (np.abs(C - value) <= slack).all()]
    return (f"f has a kink in {at.sum()} entries: a value between the slopes on both sides is right there;"
            f" this is {taken[0] if taken else 'one of them'}.",)


def doubt(function: Function, off: Real, hidden: Mask, entry: str) -> str:
    """Why nothing can be said of the hidden entries, and of `entry` least of all."""
    lost, blind = ~np.isfinite(function.y), ~np.isfinite(off)
    if lost.any():
        return f"f(x) is not finite in {lost.sum()} of {lost.size} entries"
    if blind.any():
        return f"f has no numeric derivative in {blind.sum()} of {blind.size} entries here, such as {entry}"
    return (f"{hidden.sum()} of {hidden.size} entries may be off unseen, most of all {entry}, by up to"
            f" {off[hidden].max():.2g} (noise, a kink, float32, or f(x) large beside its change?)")


def agreement(off: Real, size: Real, told: Mask, zero: Mask, small: Mask) -> str:
    """How closely the entries agree: beside their own size, and absolutely where they are 0 or small."""
    share = np.max(off / np.where(size > 0, size, 1.0), where=told, initial=0.0)
    said = [(int(told.sum()), f"agree to {share:.2g} of their size")]
    said += [(int(mask.sum()), f"{'is' if mask.sum() == 1 else 'are'} {what} to ±{off[mask].max(initial=0):.2g}")
             for mask, what in ((zero, "0"), (small, "small and known"))]
    (first, how), *others = [(count, how) for count, how in said if count] or said[:1]
    rest = [f"{'the other ' * (len(others) == 1)}{count} {how}" for count, how in others]
    return ", ".join([f"{first} of {told.size} entries {how}", *rest])


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
