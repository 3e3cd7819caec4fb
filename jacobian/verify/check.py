"""Is this derivative right? A claim against the numeric Jacobian and its bounds, at x and at other points."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from jacobian.errors import InputError
from jacobian.numeric.function import Function, quiet
from jacobian.verify.report import Report
from jacobian.verify.sample import Sample
from jacobian.verify.search import Search

ORDER = ("wrong", "undecided", "right")


def check(
    f: Callable[..., Any], x: Any, *, vjp: Any = None, jvp: Any = None, jacobian: Any = None, gradient: Any = None,
    sample: Sample | None = None, spec: Any = None, names: Sequence[str] | None = None,
) -> Report:
    """C = ∂y/∂x? with y = f(x), for a C given by any of: vjp(g, *x) = Jᵀg, jvp(v, *x) = Jv, jacobian, gradient.

    x is an array, or a tuple of arrays for f(*x). vjp returns one gradient per input (a bare array for one input);
    v is a tangent, a tuple of tangents where x is a tuple. jacobian is an array of shape f(x).shape + x.shape, the
    matrix (m, n), an object with .dense(), or a function of x giving one of these; gradient, of a scalar f, has the
    shape of x. Of several claims the worst report is returned, and the verdicts on the others are in its notes.

    A claim that is a function is also tried at other points: at sample(seed), which returns an x, for seeds 1, 2, …, or
    at each x of a list; without a sample, at points like x with other signs, sizes and lengths of axes, where f takes
    them.

    "wrong": an entry is off by more than the bounds on both errors allow, a shape does not fit, or a product is not
    linear, not the same twice, depends on earlier calls, or changes its arguments. "right": every entry agrees, and its
    bound is small beside the entry itself or, where it is 0, beside the largest entry of the same output; at a kink
    every value between the slopes on both sides is right. Otherwise "undecided", with the reason: an entry that noise
    hides so far that a factor of 1.1 would not show is never called right.

    report.cause is the simplest fault of the table jacobian.verify.faults that explains the numbers, report.causes all
    of them. spec says what f is (an expression, or a layer with a spec), so that the step that is wrong is found too.
    names are what the report calls the inputs, if not as the parameters of f are called.

    Raises InputError where nothing can be compared: no claim, no entries, a claim that raises or is no numbers.
    Source of the bounds: jacobian.numeric; of the rounding of the claim: Higham 2002, Accuracy and Stability, ch. 3.
    """
    offered = {"vjp": vjp, "jvp": jvp, "jacobian": jacobian, "gradient": gradient}
    claims = {name: claim for name, claim in offered.items() if claim is not None}
    if not claims:
        raise InputError("check needs a claim: vjp=, jvp=, jacobian= or gradient=")
    if not (sample is None or callable(sample) or isinstance(sample, list)):
        raise InputError("sample must be a function of a seed that returns an x, or a list of such x;"
                         f" it is {type(sample).__name__}")
    function = Function(f, x, called=names)
    fitting(claims, function)
    search = Search(function, sample, spec)
    with quiet():
        reports = [search.examine(name, claim) for name, claim in claims.items()]
    first, *others = sorted(reports, key=lambda report: ORDER.index(report.verdict))
    notes = first.notes + tuple(report.sentence for report in others)
    return replace(first, notes=notes, evaluations=search.evaluations)


def fitting(claims: dict[str, Any], function: Function) -> None:
    """InputError where the claims cannot belong to this function."""
    if function.x.size == 0 or function.y.size == 0:
        raise InputError(f"nothing to compare: x has {function.x.size} entries and f(x) has {function.y.size}")
    if "gradient" in claims and function.y.size != 1:
        raise InputError(f"gradient= needs a scalar f; f(x) has shape {function.shape}: use jacobian= or vjp=")
    for name in ("vjp", "jvp"):
        if name in claims and not callable(claims[name]):
            raise InputError(f"{name} must be a function; it is {type(claims[name]).__name__}")
