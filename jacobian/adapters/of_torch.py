"""jac.check_torch: the backward pass of a torch.autograd.Function, of a module, or of a function of tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from jacobian.adapters.graph import Graph, Put, apart, as_it_is, copies, numbers, transposed
from jacobian.adapters.problem import Problem, Share, differ, examined, told
from jacobian.adapters.tree import filled, leaves
from jacobian.errors import InputError, extra
from jacobian.verify import Report
from jacobian.verify.faults.calls import Defect
from jacobian.verify.sample import Arrays

ADVICE = {
    "needs_input_grad": "ctx.needs_input_grad: its indices count the arguments of forward",
    "not contiguous": "view, data_ptr and strides: reshape, or contiguous() first",
    "stale cache": "what is kept outside ctx: it must belong to this call",
    "saved tensors changed": "operations in place on ctx.saved_tensors",
}


def check_torch(
    f: Any, *inputs: Any, sample: Callable[[int], Any] | None = None, spec: Any = None, seed: int = 0
) -> Report:
    """C = ∂y/∂x? with y = f(*inputs) and C what torch makes of f: a Function, a module, or a function of tensors.

    Differences of the forward pass, in double precision where it takes that, judge the backward pass in the precision
    of the inputs, and the `jvp` of a Function that has one. Checked are the inputs that require a gradient, or all of
    floating-point numbers if none does, and the parameters of a module that require one, by their names; all else is
    passed on as it is. Inputs are tensors, NumPy arrays, tuples, lists and dictionaries of them, and whatever else f
    takes; of several outputs y is one vector.

    Beyond what `jac.check` looks at: the gradient of each input when no other is asked for (needs_input_grad), that
    for inputs and cotangents which are not contiguous, that after another forward pass, and that of a second backward
    pass (retain_graph).

    A module is copied and stays as it is: parameters, gradients, buffers, mode. Each call starts from the same buffers
    and, where random numbers are drawn, from `seed`: dropout drops the same entries every time. sample(seed) returns
    the inputs, several as a tuple, of a further call to look at; spec is that of `jac.check`, with the parameters
    after the inputs.

    Raises MissingExtra without torch, the extra "torch", and InputError where nothing can be compared.
    Source: PyTorch documentation, Extending PyTorch, "Extending torch.autograd" (what a Function must hold to).

    >>> import jacobian as jac, torch
    >>> class Square(torch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x**2
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         return g * ctx.saved_tensors[0]
    >>> print(jac.check_torch(Square, torch.tensor([1.0, 3.0, -2.0])).cause.sentence)
    constant factor, in the gradient of x: 1/2 (C = s T)
    >>> report = jac.check_torch(torch.nn.Linear(3, 2), torch.ones(4, 3))
    >>> report.verdict, report.names
    ('right', ('input', 'weight', 'bias'))
    """
    torch = extra("torch", "torch", "a check of a backward pass in torch")
    with apart(torch):
        return examined(lambda given: problem(Graph(torch, f, given, seed)), inputs, sample, spec)


def problem(graph: Graph) -> Problem:
    """f and what torch says of its derivatives."""
    torch, function, every = graph.torch, graph.function, tuple(range(len(graph.x)))
    with graph.steady(), told():
        start = torch.random.default_generator.get_state()
        outputs = graph.outputs(graph.laid(copies(graph.x), every)[0])
        random = not torch.equal(start, torch.random.default_generator.get_state())
    kept = [k for k, (_, y) in enumerate(outputs) if y.requires_grad]
    if not kept:
        raise InputError("nothing to check: no output of f requires a gradient (is it detached?)")

    def forward(*x: Any) -> Arrays:
        found = graph.forward(*x)
        return tuple(found[k] for k in kept)

    def pull(share: Share, *x: Any) -> Arrays:
        return tuple(np.zeros(a.shape) if grad is None else grad
                     for grad, a in zip(gradients(graph, kept, share, x, every), x, strict=True))

    def push(v: Arrays, *x: Any) -> Arrays:
        dual = torch.autograd.forward_ad
        with graph.steady(), dual.dual_level():
            arguments, _ = graph.laid(x, (), lambda k, t: dual.make_dual(t, torch.from_numpy(v[k]).to(t.dtype)))
            found = [dual.unpack_dual(graph.outputs(arguments)[k][1]) for k in kept]
        return tuple(np.zeros(each.primal.shape) if each.tangent is None else numbers(each.tangent) for each in found)

    missing: list[str] = []
    with suppress(Exception):       # the report will say so
        found = gradients(graph, kept, drawn, copies(graph.x), every)
        missing = [name for name, grad in zip(graph.names, found, strict=True) if grad is None]
    notes = [f"{name} requires no gradient and is left out." for k, (name, _) in enumerate(outputs) if k not in kept]
    notes += [f"No gradient is given for {name}, which stands for 0." for name in missing]
    notes += [f"f draws random numbers: each call starts from seed {graph.seed}."] if random else []
    base = torch.autograd.Function
    backward = function is None or function.backward is not base.backward or function.vjp is not base.vjp
    names = tuple(name for k, (name, _) in enumerate(outputs) if k in kept)
    return Problem(graph.x, graph.names, names, forward, pull if backward else None,
                   push if function and function.jvp is not base.jvp else None,
                   lambda: properties(graph, kept) if backward else iter(()), graph.fixed(), tuple(notes))


def gradients(graph: Graph, kept: list[int], share: Share, x: Arrays, asked: Sequence[int], put: Put = as_it_is,
              between: Callable[[Any], Any] = lambda arguments: None, times: int = 1) -> list[Any]:
    """The gradients of those asked; None for the others, and where the backward pass gives none.

    put: what becomes of an input or a cotangent; between: what is done between the forward and the backward pass;
    times: how often the backward pass is made through the same graph.
    """
    with graph.steady():
        arguments, tensors = graph.laid(x, asked, put)
        outputs = graph.outputs(arguments)
        between(arguments)
        return graph.back(tensors, [outputs[k][1] for k in kept], share, asked, put, times)


def drawn(outputs: Arrays) -> Arrays:
    """Cotangents from the normal distribution, the same at each call."""
    random = np.random.default_rng(3)
    return tuple(random.normal(size=np.shape(y)) for y in outputs)


def properties(graph: Graph, kept: list[int]) -> Iterator[Defect]:
    """The ways of use in which a gradient is another than it is with all of them asked for at once."""
    every = tuple(range(len(graph.x)))
    right = gradients(graph, kept, drawn, copies(graph.x), every)
    size = max(np.abs(grad).max(initial=0.0) for grad in right if grad is not None)

    def off(asked: tuple[int, ...] = every, **use: Any) -> tuple[tuple[int, ...], str]:
        """The inputs whose gradients are others in that use, and how."""
        try:
            found = gradients(graph, kept, drawn, copies(graph.x), asked, **use)
        except Exception as error:
            excused = "between" in use or "times" in use or not possible(use.get("put", as_it_is))
            return () if excused else asked, f"cannot be had ({error})"
        return tuple(k for k in asked if differ(right[k], found[k], size)), "is another"

    def possible(put: Put) -> bool:
        """Whether the forward pass takes such inputs."""
        with suppress(Exception), graph.steady():
            return bool(graph.outputs(graph.laid(copies(graph.x), (), put)[0]))
        return False

    def further(arguments: Any) -> None:
        with suppress(Exception):
            graph.call(*filled(arguments, iter([graph.further(leaf) for _, leaf in leaves(arguments, "")])))

    uses: list[tuple[str, str, dict[str, Any]]] = [
        *(("needs_input_grad", "when no other is asked for", {"asked": (k,)}) for k in every if len(every) > 1),
        ("not contiguous", "where inputs and cotangents are not contiguous", {"put": lambda k, t: transposed(t)}),
        ("stale cache", "after another forward pass", {"between": further}),
        ("saved tensors changed", "at a second backward pass", {"times": 2}),
    ]
    for name, when, use in uses:
        wrong, how = off(**use)
        if wrong:
            which = " and ".join(graph.names[k] for k in wrong)
            yield Defect(name, f"The gradient of {which} {how} {when}.", ADVICE[name], wrong)
