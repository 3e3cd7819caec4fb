"""The table of faults: every row recognises itself, and bugs put into layers are caught, explained and located."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from bugs import specs
from bugs.community import COMMUNITY, COMMUNITY_LAYERS
from bugs.fresh import bugs as fresh_bugs
from bugs.fresh import right as fresh_right
from bugs.hard import HARD
from bugs.injected import BUGS, Bug
from bugs.layers import LAYERS

import jacobian as jac
import mlp
from jacobian.errors import InputError
from jacobian.numeric.function import Function
from jacobian.numeric.measure import Estimate
from jacobian.verify import Report, check
from jacobian.verify.diagnose import Point, diagnose
from jacobian.verify.faults import FAULTS, Fault
from mlp.check import example

SEED = 20                   # of the fresh cases in the default run; the command draws a new one every time
ROUNDING = 1e-12


@cache
def report(bug: Bug) -> Report:
    return check(bug.f, bug.x, vjp=bug.vjp, sample=bug.draw)


def share(holds: Any) -> float:
    return float(np.mean(list(holds)))


def named_first(bug: Any, found: Report) -> bool:
    return found.cause is not None and found.cause.name in {bug.cause, *bug.also}


# ----- the corpora -----


def test_the_corpora_are_as_large_as_they_should_be() -> None:
    assert len(LAYERS) >= 20
    assert len(BUGS) >= 120
    assert len(HARD) >= 60
    assert len({bug.name + bug.family for bug in BUGS}) == len(BUGS)
    assert {"visible", "hidden", "latent", "tiny"} == {bug.family for bug in BUGS}


@pytest.mark.parametrize("name", [*LAYERS, *COMMUNITY_LAYERS])
def test_a_right_layer_is_right(name: str) -> None:
    layer = {**LAYERS, **COMMUNITY_LAYERS}[name]
    assert check(layer.f, layer.draw(0), vjp=layer.vjp, sample=layer.draw).verdict == "right"


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: f"{bug.family} {bug.name[:60]}")
def test_a_bug_is_caught(bug: Bug) -> None:
    assert report(bug).verdict == "wrong"


@pytest.mark.parametrize("bug", [b for b in BUGS if b.family == "hidden"], ids=lambda bug: bug.name[:60])
def test_a_hidden_bug_cannot_be_seen_at_the_point_that_is_given(bug: Bug) -> None:
    x = bug.x
    g = np.random.default_rng(0).normal(size=np.shape(bug.f(*x)))
    pairs = zip(bug.vjp(g, *x), bug.right.vjp(g, *x), strict=True)
    assert all(np.allclose(a, b, rtol=1e-12, atol=0) for a, b in pairs)


def test_the_cause_is_named_and_what_is_certain_is_right() -> None:
    assert share(named_first(bug, report(bug)) for bug in BUGS) >= 0.78
    assert share(any(c.name in {bug.cause, *bug.also} for c in report(bug).causes[:3]) for bug in BUGS) >= 0.88
    certain = [bug for bug in BUGS if report(bug).cause is not None and report(bug).cause.certain]
    assert len(certain) > len(BUGS) / 3
    assert share(named_first(bug, report(bug)) for bug in certain) >= 0.95


def test_the_wrong_inputs_are_named_at_few_evaluations() -> None:
    assert share(set(report(bug).wrong) == bug.inputs for bug in BUGS if bug.inputs) >= 0.98
    assert np.median([report(bug).evaluations for bug in BUGS]) <= 300


@pytest.mark.slow
def test_the_cause_is_named_in_code_as_people_write_it() -> None:
    found = {bug: report(bug) for bug in COMMUNITY}
    assert all(each.verdict == "wrong" and set(each.wrong) == bug.inputs for bug, each in found.items())
    assert share(named_first(bug, each) for bug, each in found.items()) >= 0.9
    assert all(named_first(bug, each) for bug, each in found.items() if each.cause and each.cause.certain)


@pytest.mark.slow
def test_right_gradients_on_hard_inputs_are_not_accused() -> None:
    assert share(check(case.f, case.x, vjp=case.vjp).verdict == "wrong" for case in HARD) <= 0.02


@pytest.mark.slow
def test_fresh_bugs_are_caught_and_located() -> None:
    cases = [*fresh_bugs(SEED, 120)]
    reports = [check(bug.f, bug.x, vjp=bug.vjp, sample=bug.draw, spec=specs.of(bug)) for bug in cases]
    assert share(found.verdict == "wrong" for found in reports) >= 0.99
    assert share(set(found.wrong) == bug.inputs for bug, found in zip(cases, reports, strict=True)) >= 0.98
    known = [(bug, found) for bug, found in zip(cases, reports, strict=True) if specs.of(bug) is not None]
    assert share(named_first(bug, found) for bug, found in known) >= 0.9
    assert share(any(c.name == bug.cause for c in found.causes[:3]) for bug, found in known) >= 0.96


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "most"), [("clean", 0.005), ("rough", 0.03)])
def test_fresh_right_gradients_are_not_accused(kind: str, most: float) -> None:
    verdicts = [check(case.f, case.x, vjp=case.vjp).verdict for case in fresh_right(SEED, 100, kind)]
    assert share(verdict == "wrong" for verdict in verdicts) <= most


@pytest.mark.slow
def test_fresh_right_gradients_of_clean_functions_are_right() -> None:
    verdicts = [check(case.f, case.x, vjp=case.vjp).verdict for case in fresh_right(SEED + 1, 100, "clean")]
    assert share(verdict == "right" for verdict in verdicts) >= 0.95


# ----- the rows, on the layers of mlp -----


# Of the others, which are larger, CI takes care.
FEW = ("mlp.affine", "mlp.activations", "mlp.rows", "mlp.penalties")


def layers() -> list[Any]:
    return [pytest.param(layer, wrt, id=f"{layer} by {wrt}",
                         marks=[] if isinstance(layer, mlp.Loss) or type(layer).__module__ in FEW else pytest.mark.slow)
            for layer in mlp.LAYERS for wrt in layer.variables]


def drawn(layer: mlp.Layer, seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    order = random.permutation([3, 4, 5])
    any_size = layer.sizes is mlp.Layer.sizes
    return example(layer, random, sizes=dict(zip(("N", "n", "m"), order, strict=True)) if any_size else None)


def split(layer: mlp.Layer, arrays: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What the layer is differentiated by, and the whole numbers that it takes besides."""
    return (tuple(arrays[name] for name in layer.variables),
            {name: array for name, array in arrays.items() if name not in layer.variables})


def point(layer: mlp.Layer, seed: int) -> Point:
    """The layer's own Jacobians as what is found and what is claimed."""
    arrays = drawn(layer, seed)
    x, fixed = split(layer, arrays)
    function = Function(lambda *x: layer.forward(**dict(zip(layer.variables, x, strict=True)), **fixed), x)
    true = np.hstack([np.reshape(layer.jacobian(name, **arrays).dense(), (function.y.size, -1))
                      for name in layer.variables])
    found = Estimate(true, np.full(true.shape, ROUNDING), np.full(function.y.size, 2.0**-52), "own")
    return Point(function, found, true, found.error)


def spoiled(right: Point, k: int, fault: Fault, phrase: str) -> Point:
    """The point with a form of a fault in the place of ∂y/∂xₖ."""
    block = right.block(k, tuple("abcde"[: len(right.function.shapes)]))
    form = dict(fault.applied(block))[phrase]
    blocks = list(right.function.blocks(right.found.value))
    blocks[k] = form
    m = right.function.y.size
    claimed = np.hstack([b.reshape(m, -1) for b in blocks])
    return Point(right.function, right.found, claimed, right.allowed)


@pytest.mark.parametrize(("layer", "wrt"), layers())
def test_each_fault_that_is_put_into_a_jacobian_of_mlp_is_noticed_and_named(layer: mlp.Layer, wrt: str) -> None:
    k, names = layer.variables.index(wrt), tuple("abcde"[: len(layer.variables)])
    right = [point(layer, seed) for seed in (1, 2)]
    planted = 0
    for fault in FAULTS:
        for phrase in [phrase for phrase, _ in fault.applied(right[0].block(k, names))][:2]:
            here = [dict(fault.applied(p.block(k, names))) for p in right]
            pairs = zip(right, here, strict=True)
            if all(phrase in forms and p.block(k, names).differs(forms[phrase]) for p, forms in pairs):
                points = [spoiled(p, k, fault, phrase) for p in right]
                assert all(p.block(k, names).wrong for p in points)
                assert fault.name in [cause.name for cause in diagnose(points, (k,), names)], (fault.name, phrase)
                planted += 1
    assert planted >= 5


@pytest.mark.parametrize(("layer", "wrt"), layers())
def test_a_jacobian_of_mlp_is_right_and_its_double_is_wrong_by_a_factor_of_two(layer: mlp.Layer, wrt: str) -> None:
    x, fixed = split(layer, drawn(layer, 3))

    def f(*x: Any) -> Any:
        return layer.forward(**dict(zip(layer.variables, x, strict=True)), **fixed)

    def vjp(factor: float) -> Any:
        def product(g: Any, *x: Any) -> Any:
            arrays = dict(zip(layer.variables, x, strict=True)) | fixed
            return tuple((factor if name == wrt else 1) * layer.vjp(g, name, **arrays) for name in layer.variables)

        return product

    def sample(seed: int) -> Any:
        return split(layer, drawn(layer, 3 if fixed else seed))[0]

    whole = not (layer.conditions or layer.declared or layer.indices)    # a spec of all points and of their shapes
    spec = layer if whole else None
    assert check(f, x, vjp=vjp(1.0), spec=spec, sample=sample).verdict == "right"
    found = check(f, x, vjp=vjp(2.0), spec=spec, sample=sample)
    assert found.verdict == "wrong"
    assert found.wrong == (layer.variables.index(wrt),)
    assert "constant factor" in [cause.name for cause in found.causes[:2]]


# ----- where the structure is known -----

X, W, b = jac.symbols("X: N n, W: m n, b: m")
TANH = jac.tanh(X @ W.T + b)


@pytest.mark.parametrize(("new", "name", "step"), [
    ("d = g", "derivative missing", "∂(tanh("),
    ("d = g * a", "activation for its derivative", "∂(tanh("),
    ("d = g * (1 - np.tanh(a)**2)", "derivative at a", "∂(tanh("),
    ("d = -g * (1 - a**2)", "sign", "∂(tanh("),
])
def test_the_wrong_step_of_the_chain_is_named(new: str, name: str, step: str) -> None:
    bug = Bug("TanhLayer", name, "d = g * (1 - a**2)", new, "X W b")
    found = check(bug.f, bug.x, vjp=bug.vjp, sample=bug.draw, spec=TANH)
    assert found.cause is not None
    assert found.cause.name == name
    assert step in found.cause.sentence
    assert found.cause.sentence in found.text()


@pytest.mark.parametrize(("spec", "message"), [
    (3.0, "spec must be an expression"),
    (jac.tanh(X), "spec has the symbols X, but f has the inputs X, W, b"),
    (jac.sin(X @ W.T + b), "spec is another function than f"),
])
def test_a_spec_that_does_not_fit_is_said(spec: Any, message: str) -> None:
    bug = next(bug for bug in BUGS if bug.layer == "TanhLayer")
    with pytest.raises(InputError, match=message):
        check(bug.f, bug.x, vjp=bug.vjp, spec=spec)


def test_the_tape_multiplies_out_to_the_jacobian() -> None:
    x = LAYERS["TanhLayer"].draw(0)
    nodes = TANH.tape(X=x[0], W=x[1], b=x[2])
    assert np.allclose(nodes[-1].value, LAYERS["TanhLayer"].f(*x), rtol=1e-14)
    reverse = {len(nodes) - 1: np.eye(nodes[-1].value.size)}
    for place in reversed(range(len(nodes))):
        for arg, local in zip(nodes[place].args, nodes[place].locals, strict=True):
            reverse[arg] = reverse.get(arg, 0) + reverse[place] @ local
    (at,) = [place for place, node in enumerate(nodes) if node.name == "W"]
    expected = jac.numeric(LAYERS["TanhLayer"].f, x).value[1]
    assert np.allclose(reverse[at], expected.reshape(reverse[at].shape), atol=1e-12)


# ----- products as code, and samples -----


class Remembers:
    """A layer that keeps the activation of its last forward call."""

    def f(self, x: np.ndarray) -> np.ndarray:
        self.a = np.tanh(x)
        return self.a

    def vjp(self, g: np.ndarray, x: np.ndarray) -> np.ndarray:
        return g * (1 - self.a**2)


def test_a_result_that_depends_on_the_last_forward_call_is_a_stale_cache() -> None:
    layer = Remembers()
    found = check(layer.f, np.array([0.3, 0.8]), vjp=layer.vjp)
    assert found.verdict == "wrong"
    assert found.cause is not None
    assert found.cause.name == "stale cache"


@pytest.mark.parametrize(("sample", "message"), [
    (7, "sample must be a function of a seed"),
    (lambda seed: 1 / 0, "sample raised ZeroDivisionError at seed 1"),
    (lambda seed: np.ones(2), "sample must return a tuple"),
])
def test_a_sample_that_gives_no_point_is_said(sample: Any, message: str) -> None:
    layer = LAYERS["Affine"]
    with pytest.raises(InputError, match=message):
        check(layer.f, layer.draw(0), vjp=layer.vjp, sample=sample)


def test_a_bug_that_shows_at_another_point_is_reported_there_and_made_small() -> None:
    bug = next(bug for bug in BUGS if bug.family == "hidden" and bug.layer == "HalfSquared")
    found = report(bug)
    assert "right at the x that was given" in found.text()
    assert sum(a.size for a in found.x) <= 4        # two samples of one entry, of h and of t
    assert len(found.x[0]) == 2


def test_a_bug_at_another_batch_size_is_found_without_a_sample() -> None:
    bug = next(bug for bug in BUGS if bug.family == "hidden" and bug.layer == "HalfSquared")
    assert check(bug.f, bug.x, vjp=bug.vjp).verdict == "wrong"


@pytest.mark.parametrize("seed", range(4))
def test_one_wrong_row_is_no_lost_path_through_a_mean(seed: int) -> None:
    """Of a single row or column every rank is low: that says nothing of its cause."""
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(3, 3))
    wrong = A + np.outer(np.eye(3)[seed % 3], rng.normal(size=3))
    found = check(lambda x: A @ x, rng.normal(size=3), jacobian=wrong)
    assert found.verdict == "wrong"
    assert all("treated as a constant" not in cause.sentence for cause in found.causes)
