"""Functions and modules of torch, checked as they are: planted mistakes are named, what is right is left alone."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bugs.injected import BUGS, Bug

import jacobian as jac
from jacobian.adapters import of_torch
from jacobian.cli import main
from jacobian.errors import InputError
from jacobian.testing import assert_torch
from jacobian.verify import WrongDerivative

torch = pytest.importorskip("torch")
Function, nn = torch.autograd.Function, torch.nn


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def draw(*shape: int, kind: Any = torch.float64) -> Any:
    return torch.randn(*shape, dtype=kind)


class Affine(Function):
    """y = x Wᵀ + b."""

    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return x @ weight.T + bias

    @staticmethod
    def backward(ctx, g):
        x, weight = ctx.saved_tensors
        return g @ weight, g.T @ x, g.sum(0)


def changed(backward: Callable[..., Any]) -> Any:
    """Affine with another backward pass: backward(ctx, g, x, weight)."""
    return type("Other", (Affine,), {"backward": staticmethod(lambda ctx, g: backward(ctx, g, *ctx.saved_tensors))})


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_a_right_function_is_right_in_both_precisions(kind: Any) -> None:
    report = assert_torch(Affine, draw(4, 3, kind=kind), draw(2, 3, kind=kind), draw(2, kind=kind))
    assert report.verdict == "right"
    assert report.names == ("x", "weight", "bias")
    assert [block.shape for block in report.claimed] == [(4, 2, 4, 3), (4, 2, 2, 3), (4, 2, 2)]


def negated(ctx, g, x, weight):
    return g @ weight, -g.T @ x, g.sum(0)


def averaged(ctx, g, x, weight):
    return g @ weight, g.T @ x, g.mean(0)


def turned(ctx, g, x, weight):
    return g @ weight, x.T @ g, g.sum(0)


def few(ctx, g, x, weight):
    return g @ weight, g.T @ x


def none(ctx, g, x, weight):
    return g @ weight, None, g.sum(0)


def asks_for_another(ctx, g, x, weight):
    first, second, _ = ctx.needs_input_grad
    return g @ weight if second else None, g.T @ x if first else None, g.sum(0)


def strict(ctx, g, x, weight):
    return g @ weight, (g.view(-1).view(g.shape).T @ x), g.sum(0)


def greedy(ctx, g, x, weight):
    return g.mul_(2) @ weight / 2, g.T @ x / 2, g.sum(0) / 2


def thresholded(ctx, g, x, weight):
    return g.clamp(max=1) @ weight, g.T @ x, g.sum(0)


def dirty(ctx, g, x, weight):
    found = g @ weight, g.T @ x, g.sum(0)
    x += 1
    return found


PLANTED = {
    "sign": (negated, "constant factor", (1,)),
    "mean for the batch sum": (averaged, "batch sum or mean", (2,)),
    "transpose": (turned, "transpose", (1,)),
    "one gradient too few": (few, "path dropped", ()),
    "no gradient": (none, "path dropped", (1,)),
    "needs_input_grad": (asks_for_another, "needs_input_grad", (0, 1)),
    "view of a cotangent": (strict, "not contiguous", (0, 1, 2)),
    "cotangent written into": (greedy, "argument changed", ()),
    "not linear": (thresholded, "not linear in g", (0,)),
    "input written into": (dirty, "argument changed", ()),
}


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
@pytest.mark.parametrize(("backward", "cause", "wrong"), PLANTED.values(), ids=PLANTED)
def test_a_planted_mistake_is_named(backward: Any, cause: str, wrong: tuple[int, ...], kind: Any) -> None:
    report = jac.check_torch(changed(backward), draw(4, 3, kind=kind), draw(2, 3, kind=kind), draw(2, kind=kind))
    assert report.verdict == "wrong"
    assert cause in [each.name for each in report.causes]
    assert report.wrong == wrong
    assert all(report.names[k] in report.text() for k in wrong)
    with pytest.raises(WrongDerivative):
        assert_torch(changed(backward), draw(4, 3, kind=kind), draw(2, 3, kind=kind), draw(2, kind=kind))


def test_a_wrong_gradient_is_said_by_the_name_of_the_parameter() -> None:
    text = jac.check_torch(changed(turned), draw(4, 3), draw(2, 3), draw(2)).text()
    assert "what is returned for weight has shape (3, 2), but it must be (2, 3)" in text
    assert "transpose, in the gradient of weight" in text
    assert "∂y[0, 0]/∂weight[0, " in jac.check_torch(changed(none), draw(4, 3), draw(2, 3), draw(2)).sentence


class Shifted(Function):
    """y = a + b, b broadcast."""

    @staticmethod
    def forward(ctx, a, b, c):
        return a + b.sum() + c.sum()

    @staticmethod
    def backward(ctx, g):
        return g, g.sum().expand(3), g.sum().expand(2, 3).T


def test_of_two_inputs_of_one_shape_the_wrong_one_is_named() -> None:
    report = jac.check_torch(Shifted, draw(2), draw(3), draw(3))
    assert report.sentence == "The vjp is wrong: what is returned for c has shape (3, 2), but it must be (3,)."


class OutsideContext(Function):
    """y = x², x kept on the class: right until there is a second call before the backward pass."""

    @staticmethod
    def forward(ctx, x):
        OutsideContext.x = x
        return x**2

    @staticmethod
    def backward(ctx, g):
        return 2 * g * OutsideContext.x


class Destructive(Function):
    """y = sin x whose backward pass writes into what forward has saved."""

    @staticmethod
    def forward(ctx, x):
        ctx.slope = x.cos()
        return x.sin()

    @staticmethod
    def backward(ctx, g):
        return ctx.slope.mul_(g).clone()


@pytest.mark.parametrize(("f", "cause"), [(OutsideContext, "stale cache"), (Destructive, "saved tensors changed")])
def test_what_shows_only_when_a_graph_is_used_twice_is_found(f: Any, cause: str) -> None:
    report = jac.check_torch(f, draw(3))
    assert report.sentence == "The vjp is wrong, though its Jacobian is right."
    assert (report.cause.name, report.wrong) == (cause, (0,))
    assert "The gradient of x is another" in report.text()


class Polar(Function):
    """r, φ of points of the plane, and the quadrant, which has no derivative."""

    @staticmethod
    def forward(ctx, points, turns):
        x, y = points.unbind(-1)
        r = torch.hypot(x, y)
        ctx.save_for_backward(x, y, r)
        quadrant = (x > 0).long() + 2 * (y > 0).long()
        ctx.mark_non_differentiable(quadrant)
        return r, torch.atan2(y, x) + turns, quadrant

    @staticmethod
    def backward(ctx, g, h, _):
        x, y, r = ctx.saved_tensors
        return torch.stack((g * x / r - h * y / r**2, g * y / r + h * x / r**2), -1), None


class WrongPolar(Polar):
    @staticmethod
    def backward(ctx, g, h, _):
        x, y, r = ctx.saved_tensors
        return torch.stack((g * x / r + h * y / r**2, g * y / r + h * x / r**2), -1), None


def test_several_outputs_are_checked_together_and_a_wrong_one_by_itself() -> None:
    report = jac.check_torch(Polar, draw(3, 2), 2)
    assert (report.verdict, report.names) == ("right", ("points",))
    assert "y is y[0], y[1], flattened, one after the other." in report.text()
    wrong = jac.check_torch(WrongPolar, draw(3, 2), 2)
    assert wrong.verdict == "wrong"
    assert "y is the output y[1]." in wrong.text()
    assert wrong.numeric.shape == (3, 3, 2)


class Crossed(Polar):
    """Right for each output alone: the cotangents meet in a product."""

    @staticmethod
    def backward(ctx, g, h, _):
        (found, none) = Polar.backward(ctx, g, h, None)
        return found * (1 + (g * h).sum()), none


def test_a_mistake_that_no_single_output_shows_is_found() -> None:
    report = jac.check_torch(Crossed, draw(3, 2), 2)
    assert report.verdict == "wrong"
    assert report.cause.name == "not linear in g"


class Cube(Function):
    """y = x³ with a jvp of its own, in the style with a separate context."""

    factor = 3

    @staticmethod
    def forward(x):
        return x**3

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * g * x**2

    @staticmethod
    def jvp(ctx, v):
        (x,) = ctx.saved_tensors
        return Cube.factor * v * x**2


def test_the_jvp_of_a_function_is_checked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    report = jac.check_torch(Cube, draw(3))
    assert (report.verdict, report.names) == ("right", ("x",))
    assert any(note.startswith("The jvp is right") for note in report.notes)
    monkeypatch.setattr(Cube, "factor", 2)
    wrong = jac.check_torch(Cube, draw(3))
    assert (wrong.verdict, wrong.claim) == ("wrong", "jvp")
    assert "constant factor" in [cause.name for cause in wrong.causes]


# ---- inputs -------------------------------------------------------------------------------------------------------


class Take(Function):
    """Rows of a table, scaled: integers, booleans, None and numbers are passed on."""

    @staticmethod
    def forward(ctx, table, rows, mask, nothing, scale):
        assert nothing is None
        ctx.save_for_backward(rows, mask)
        ctx.shape, ctx.scale = table.shape, scale
        return scale * table[rows] * mask[:, None]

    @staticmethod
    def backward(ctx, g):
        rows, mask = ctx.saved_tensors
        found = torch.zeros(ctx.shape, dtype=g.dtype)
        return found.index_add_(0, rows, ctx.scale * g * mask[:, None]), None, None, None, None


class Overwriting(Take):
    @staticmethod
    def backward(ctx, g):
        rows, mask = ctx.saved_tensors
        found = torch.zeros(ctx.shape, dtype=g.dtype)
        found[rows] = ctx.scale * g * mask[:, None]
        return found, None, None, None, None


def test_what_has_no_derivative_is_passed_on() -> None:
    given = draw(4, 2), torch.tensor([2, 0, 2]), torch.tensor([True, True, True]), None, 0.5
    report = jac.check_torch(Take, *given)
    assert (report.verdict, report.names) == ("right", ("table",))
    wrong = jac.check_torch(Overwriting, *given)
    assert wrong.verdict == "wrong"
    assert "overwritten" in [cause.name for cause in wrong.causes]


def test_a_sample_finds_what_the_given_inputs_hide() -> None:
    def sample(seed: int) -> tuple[Any, ...]:
        seed = min(seed, 4)
        return draw(5, 2), torch.tensor([seed, 0, seed, 1]), torch.ones(4, dtype=torch.bool), None, 2.0

    hidden = draw(4, 2), torch.tensor([2, 0, 1]), torch.ones(3, dtype=torch.bool), None, 0.5
    assert jac.check_torch(Take, *hidden, sample=sample).verdict == "right"
    report = jac.check_torch(Overwriting, *hidden, sample=sample)
    assert report.verdict == "wrong"
    assert report.notes[0] == "It is right at the inputs given, and wrong at those of sample(1)."


def test_only_inputs_that_require_a_gradient_are_checked_where_some_do() -> None:
    x, weight = draw(4, 3).requires_grad_(), draw(2, 3)
    assert jac.check_torch(changed(none), x, weight, draw(2)).verdict == "right"
    assert jac.check_torch(changed(none), x, weight, draw(2)).names == ("x",)
    assert x.grad is None
    assert not weight.requires_grad


def test_inputs_need_not_be_contiguous() -> None:
    x, weight = draw(3, 4).T, draw(2, 6)[:, ::2]
    before = x.clone()
    assert jac.check_torch(Affine, x, weight, draw(1).expand(2)).verdict == "right"
    assert torch.equal(x, before)


def test_inputs_are_tensors_in_tuples_and_dictionaries() -> None:
    def f(state: Any, options: Any) -> Any:
        return {"h": state[0] * options["gain"], "c": torch.tanh(state[1])}

    report = jac.check_torch(f, (draw(2), draw(3)), {"gain": draw(2), "name": "f"})
    assert report.verdict == "right"
    assert report.names == ("state[0]", "state[1]", "options['gain']")
    assert "y is y['h'], y['c'], flattened" in report.text()


# ---- modules ------------------------------------------------------------------------------------------------------


class Scaled(nn.Module):
    """y = c W x by a Function, c a buffer; it counts its calls and keeps what it has seen."""

    def __init__(self, backward: Any = None, outputs: int = 2) -> None:
        super().__init__()
        self.weight = nn.Parameter(draw(outputs, 3))
        self.frozen = nn.Parameter(draw(outputs), requires_grad=False)
        self.register_buffer("factor", draw(outputs))
        self.function = changed(backward) if backward else Affine
        self.calls, self.seen = 0, None

    def forward(self, x):
        self.calls += 1
        self.factor += 1
        self.seen = self.function.apply(x, self.weight, self.frozen)
        return self.factor * self.seen


def everything(module: Any) -> dict[str, Any]:
    return {"state": {k: v.clone() for k, v in module.state_dict().items()}, "calls": module.calls,
            "mode": module.training, "random": torch.random.get_rng_state(), "threads": torch.get_num_threads(),
            "gradients": [p.grad if p.grad is None else p.grad.clone() for p in module.parameters()],
            "memory": [p.data_ptr() for p in (*module.parameters(), *module.buffers())], "seen": module.seen}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("backward", [None, negated])
def test_a_module_is_left_as_it_was(training: bool, backward: Any) -> None:
    module = Scaled(backward).train(training)
    x = draw(4, 3).requires_grad_()
    module(x).sum().backward()                  # with gradients, and a result of an earlier call that has a history
    before, gradient = everything(module), x.grad.clone()
    report = jac.check_torch(module, x)
    after = everything(module)
    assert report.verdict == ("wrong" if backward else "right")
    assert report.names == ("x", "weight")
    assert report.wrong == ((1,) if backward else ())
    assert after["seen"] is before["seen"]
    torch.testing.assert_close(after, before, rtol=0, atol=0)
    assert torch.equal(x.grad, gradient)


def test_a_frozen_parameter_is_not_checked() -> None:
    module = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2)).double()
    module[0].requires_grad_(False)
    assert jac.check_torch(module, draw(4, 3)).names == ("input", "1.weight", "1.bias")


class Dropping(Function):
    @staticmethod
    def forward(ctx, x, mask):
        ctx.save_for_backward(mask)
        return x * mask

    @staticmethod
    def backward(ctx, g):
        return g, None


class WrongDropout(nn.Module):
    def forward(self, x):
        return Dropping.apply(x, torch.bernoulli(torch.full_like(x, 0.5)))


BUILT_IN = {
    "batch norm and dropout": lambda: (nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Dropout(0.5)), draw(5, 3)),
    "lstm": lambda: (nn.LSTM(2, 2), draw(3, 1, 2)),
    "attention": lambda: (nn.MultiheadAttention(2, 1), draw(3, 1, 2), draw(3, 1, 2), draw(3, 1, 2)),
    "convolution": lambda: (nn.Conv1d(2, 2, 2), draw(1, 2, 4)),
    "embedding": lambda: (nn.Embedding(4, 2), torch.tensor([1, 3, 1])),
    "cross-entropy": lambda: (nn.CrossEntropyLoss(), draw(4, 3), torch.tensor([0, 2, 1, 1])),
    "layer norm": lambda: (nn.LayerNorm(3), draw(4, 3)),
    "weights tied": lambda: (tied(), draw(2, 3)),
}


def tied() -> Any:
    module = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3))
    module[2].weight = module[0].weight
    return module


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
@pytest.mark.parametrize("make", BUILT_IN.values(), ids=BUILT_IN)
def test_modules_of_torch_are_right(make: Callable[[], Any], kind: Any) -> None:
    module, *inputs = make()
    module.to(kind)
    inputs = [leaf.to(kind) if leaf.is_floating_point() else leaf for leaf in inputs]
    before, state = deepcopy(module.state_dict()), torch.random.get_rng_state()
    report = jac.check_torch(module, *inputs)
    assert report.verdict == "right", report.text()
    assert set(report.names) >= {name for name, _ in module.named_parameters()}
    torch.testing.assert_close(module.state_dict(), before, rtol=0, atol=0)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_dropout_drops_the_same_entries_at_each_call() -> None:
    right = jac.check_torch(nn.Dropout(0.5), draw(6), seed=3)
    assert right.verdict == "right"
    assert "f draws random numbers: each call starts from seed 3." in right.notes

    def kept(seed: int) -> list[bool]:
        return (np.diag(jac.check_torch(nn.Dropout(0.5), draw(6), seed=seed).numeric) != 0).tolist()

    masks = [kept(seed) for seed in range(5)]
    assert 0 < np.sum(masks[0]) < 6
    assert any(mask != masks[0] for mask in masks)
    torch.manual_seed(7)
    assert masks == [kept(seed) for seed in range(5)]
    assert jac.check_torch(WrongDropout(), draw(6)).verdict == "wrong"


def test_gradients_are_asked_for_whatever_is_set_outside() -> None:
    with torch.no_grad():
        assert jac.check_torch(Affine, draw(4, 3), draw(2, 3), draw(2)).verdict == "right"
    module = nn.BatchNorm1d(3)
    with torch.inference_mode():
        assert jac.check_torch(module, draw(4, 3, kind=torch.float32)).verdict == "right"


def test_a_spec_finds_the_step_that_is_wrong() -> None:
    W, x = jac.symbols("W: m n, x: n")

    class Tanh(Function):
        @staticmethod
        def forward(ctx, W, x):
            ctx.save_for_backward(W, x, torch.tanh(W @ x))
            return torch.tanh(W @ x)

        @staticmethod
        def backward(ctx, g):
            W, x, y = ctx.saved_tensors
            return torch.outer(g * y, x), W.T @ (g * y)

    report = jac.check_torch(Tanh, draw(2, 3), draw(3), spec=jac.tanh(W @ x))
    assert "in the step ∂(tanh(W x))/∂(W x)" in report.cause.sentence


# ---- the views, the command, bad input ---------------------------------------------------------------------------


def test_views_have_the_names_of_the_parameters() -> None:
    module = nn.Sequential(Scaled(none))
    report = jac.check_torch(module, draw(4, 3))
    assert report.names == ("input", "0.weight")
    assert "y[0, 0]" in report._repr_html_()
    assert "0.weight[0, 0]" in report._repr_html_()
    assert '"inputs": ["input", "0.weight"]' in report.json()
    assert "\n  0.weight:\n" in report.text()


MODULE = """
import torch
from torch import nn

class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2
    @staticmethod
    def backward(ctx, g):
        return 2 * g * ctx.saved_tensors[0]

class Half(Square):
    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0]

linear = nn.Linear(3, 2)
embedding = nn.Embedding(4, 2)

def draw(seed):
    return torch.tensor([seed % 4, 1])
"""


def test_the_command_recognises_functions_and_modules(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "users_torch.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert main(["check", "users_torch:Square", "--shapes", "3"]) == 0
    assert "The vjp is right" in capsys.readouterr().out
    assert main(["check", "users_torch:Half", "--shapes", "2 3"]) == 1
    assert "constant factor, in the gradient of x: 1/2" in capsys.readouterr().out
    assert main(["check", "users_torch:linear", "--shapes", "4 3"]) == 0
    assert main(["check", "users_torch:embedding", "--sample", "draw"]) == 0
    with pytest.raises(InputError, match="nothing is claimed of nn"):
        main(["check", "users_torch:nn.Linear", "--shapes", "4 3"])


class Fails(Function):
    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, g):
        raise KeyError("no gradient today")


WRONG = {
    "a class": (nn.Linear, (draw(2),), "f must be a torch.autograd.Function, a module or a function"),
    "a number": (3, (draw(2),), "f must be a torch.autograd.Function, a module or a function; it is 3"),
    "no floating-point numbers": (Affine, (torch.tensor([1]),) * 3, "nothing to check: no input"),
    "complex": (Polar, (draw(2, 2).to(torch.complex64), 1), "points must be a tensor of real numbers on the CPU"),
    "another device": (Polar, (torch.empty(2, 2, device="meta"), 1), "float32 on meta"),
    "bfloat16": (Polar, (draw(2, 2).bfloat16(), 1), "in float64, float32 or float16; it is one of torch.bfloat16"),
    "shapes": (Affine, (draw(4, 3), draw(2, 2), draw(2)), "f raised RuntimeError"),
    "detached": (lambda x: x.detach(), (draw(2),), "no output of f requires a gradient"),
    "no tensor": (lambda x: x.tolist(), (draw(2),), "f must return a tensor of floating-point numbers"),
    "backward fails": (Fails, (draw(2),), "vjp raised .*no gradient today"),
    "empty": (torch.sin, (draw(0),), "nothing to compare: x has 0 entries"),
}


@pytest.mark.parametrize(("f", "inputs", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_checked_is_said(f: Any, inputs: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        jac.check_torch(f, *inputs)


def test_a_module_that_cannot_be_copied_is_said() -> None:
    module = nn.Linear(3, 2)
    module.handle = (k for k in range(3))
    with pytest.raises(InputError, match="the module cannot be copied"):
        jac.check_torch(module, torch.ones(4, 3))
    with pytest.raises(InputError, match="sample must be a function of a seed"):
        jac.check_torch(nn.Linear(3, 2), torch.ones(4, 3), sample=3)
    with pytest.raises(InputError, match="sample raised ZeroDivisionError at seed 1"):
        jac.check_torch(nn.Linear(3, 2), torch.ones(4, 3), sample=lambda seed: 1 // 0)


def test_the_examples_of_the_docstring() -> None:
    assert doctest.testmod(of_torch).failed == 0
    assert doctest.testmod(of_torch).attempted >= 4


# ---- the corpus of injected bugs -----------------------------------------------------------------------------------


def as_function(bug: Bug, vjp: Any) -> Any:
    """f and this vjp of the corpus as a Function that has the names of f's inputs."""
    def forward(ctx, *x):
        ctx.save_for_backward(*x)
        return torch.as_tensor(np.array(bug.f(*(a.numpy() for a in x))))

    class Written(Function):
        @staticmethod
        def backward(ctx, g):
            found = vjp(g.numpy(), *(a.numpy() for a in ctx.saved_tensors))
            found = found if isinstance(found, tuple) else (found,)
            return tuple(torch.as_tensor(np.asarray(a, order="C")) for a in found)

    forward.__signature__ = Signature([Parameter("ctx", Parameter.POSITIONAL_ONLY),
                                       *signature(bug.right.f).parameters.values()])
    Written.forward = staticmethod(forward)
    return Written


def tensors(x: Any) -> tuple[Any, ...]:
    return tuple(torch.tensor(a) for a in x)


def summed(bug: Bug) -> bool:
    """Whether an axis is left over, over which torch sums by itself: that is no mistake there."""
    given = [np.shape(a) for a in bug.x]
    found = [np.shape(a) for a in replace(bug).vjp(np.ones(np.shape(bug.f(*bug.x))), *bug.x)]
    return any(len(a) > len(b) and a[len(a) - len(b):] == b for a, b in zip(found, given, strict=False))


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_function_gets_the_report_of_its_numpy_code(bug: Bug) -> None:
    report = jac.check_torch(as_function(bug, bug.vjp), *tensors(bug.x), sample=lambda seed: tensors(bug.draw(seed)))
    if summed(bug):
        assert (report.verdict, bug.cause) == ("right", "sum over broadcast missing")
        return
    f = lambda *x: bug.f(*(np.array(a.tolist()) for a in x))         # noqa: E731   its steps are seen in neither
    expected = jac.check(f, bug.x, vjp=replace(bug).vjp, sample=bug.draw, names=report.names)
    assert report.verdict == expected.verdict == "wrong"
    if report.claimed is None:          # torch stops at the first gradient of a wrong shape
        assert expected.claimed is None
        assert set(report.wrong) <= set(expected.wrong)
        return
    assert report.wrong == expected.wrong
    assert [cause.name for cause in report.causes[:3]] == [cause.name for cause in expected.causes[:3]]


LAYERS = {bug.layer: bug for bug in BUGS if bug.scale == 1}


@pytest.mark.slow
@pytest.mark.parametrize("bug", LAYERS.values(), ids=LAYERS)
def test_the_right_layers_of_the_corpus_are_right_as_functions(bug: Bug) -> None:
    assert jac.check_torch(as_function(bug, bug.right.vjp), *tensors(bug.right.draw(0))).verdict == "right"
