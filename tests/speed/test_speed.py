"""How fast, as ratios against a peer in the same run where there is one. On demand only:

python -m pytest tests/speed --override-ini addopts= --benchmark-only
"""

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial, reduce
from itertools import chain, pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

import jacobian as jac
import mlp
from jacobian.worksheet.variants import Variants

sys.path.insert(0, str(Path(__file__).parents[1]))
from test_depth import batched, blocks, layers
from textbook import CASES, Case

RNG = np.random.default_rng(0)
LONGEST = 10        # seconds that SymPy is given for one derivative


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def worked(call: Callable[[], object]) -> float:
    """Seconds of processor time."""
    start = time.process_time()
    call()
    return time.process_time() - start


def ratio(one: Callable[[], object], other: Callable[[], object], rounds: int) -> float:
    """The median of one / other, each pair run one right after the other."""
    one(), other()
    return statistics.median(seconds(one) / seconds(other) for _ in range(rounds))


def python(code: str, cache: Path) -> Callable[[], object]:
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return lambda: subprocess.run([sys.executable, "-c", code], check=True, env=environment, capture_output=True)


def test_import_takes_little_more_than_that_of_sympy(benchmark, tmp_path: Path) -> None:
    ours, sympys = python("import jacobian", tmp_path), python("import sympy", tmp_path)
    found = ratio(ours, sympys, 15)
    benchmark.extra_info["ratio to import sympy"] = found
    uses = {
        "import sympy and numpy": "import sympy, numpy",
        "with the first symbol, which loads both": "import jacobian; jacobian.symbols('x: n')",
        "with the first derivation": "import jacobian as jac; (x,) = jac.symbols('x: n'); jac.derive(x @ x, x)",
    }
    for use, code in uses.items():
        benchmark.extra_info[use] = ratio(python(code, tmp_path), sympys, 15)
    benchmark.pedantic(ours, rounds=3)
    assert found <= 1.3


def notes_network() -> tuple[jac.Expr, tuple[jac.Expr, ...]]:
    x, t, W1, b1, W2, b2, W3, b3 = jac.symbols("x: n0, t: n3, W1: n1 n0, b1: n1, W2: n2 n1, b2: n2, W3: n3 n2, b3: n3")
    a1 = jac.name("a1", jac.relu(jac.name("z1", W1 @ x + b1)))
    a2 = jac.name("a2", jac.relu(jac.name("z2", W2 @ a1 + b2)))
    return jac.name("J", jac.half_square(jac.name("h", W3 @ a2 + b3) - t)), (W1, b1, W2, b2, W3, b3)


def test_all_gradients_of_the_notes_network_are_derived_in_half_a_second(benchmark) -> None:
    J, parameters = notes_network()
    found = benchmark.pedantic(lambda: jac.derive(J, parameters).check().ok, rounds=3)
    assert found
    assert benchmark.stats["median"] <= 0.5


def posed(case: Case, sizes: dict[str, int] | None = None) -> tuple[Any, list[Any], dict[str, str]]:
    """The function, the variables and the convention of a case; at sizes what SymPy makes of them."""
    symbols = dict(zip(case.symbols, jac.symbols(case.declarations), strict=True))
    f, wrt = jac.parse(case.function, case.declarations), [symbols[name] for name in case.wrt]
    if sizes is not None:
        f, wrt = f.sympy(sizes), [x.sympy(sizes) for x in wrt]
    return f, wrt, {"convention": case.convention} if case.convention else {}


def limited(call: Callable[[], object]) -> float:
    """Seconds of processor time for the call, which is ended after LONGEST of the clock's."""
    def stop(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST)
    try:
        return worked(call)
    except TimeoutError:
        return LONGEST
    finally:
        signal.alarm(0)


def entries(x: Any) -> list[Any]:
    return list(x) if isinstance(x, sp.MatrixBase) else [x]


def explicit(f: Any, wrt: list[Any]) -> list[Any]:
    """SymPy's derivatives of each entry by each entry."""
    found = entries(f)
    for x in wrt:
        found = [sp.diff(y, e) for y, e in product(found, entries(x))]
    return found


def least(call: Callable[[], object]) -> float:
    """Of three times."""
    return min(worked(call) for _ in range(3))


def derived(case: Case) -> Callable[[], object]:
    """A derivative, its steps, and their text after the check that precedes printing."""
    f, wrt, said = posed(case)
    return lambda: jac.derive(f, *wrt, **said).text()


def test_derivatives_with_steps_and_text_take_a_thirtieth_of_those_of_sympy(benchmark) -> None:
    """Of one in twelve of the corpus, SymPy's entry by entry at sizes 8, 9, …; what takes LONGEST counts as that."""
    times = benchmark.pedantic(lambda: {case: least(derived(case)) for case in CASES}, rounds=1)
    ratios = []
    for case in CASES[::12]:
        try:
            f, wrt, _ = posed(case, dict(zip(case.sizes, range(8, 18), strict=False)))
        except jac.MissingRule:             # eigenvalues have no entries
            continue
        sp.core.cache.clear_cache()
        ratios.append(limited(lambda f=f, wrt=wrt: explicit(f, wrt)) / times[case])
    benchmark.extra_info["median ratio of SymPy's entries at sizes 8, 9, … to ours"] = statistics.median(ratios)
    benchmark.extra_info["median of all the corpus in ms"] = 1e3 * statistics.median(times.values())
    benchmark.extra_info["longest of all the corpus in ms"] = 1e3 * max(times.values())
    assert statistics.median(ratios) >= 30
    assert max(times.values()) <= 0.1


def matrices(case: Case) -> Callable[[], object] | None:
    """SymPy's `diff` of the same expression in MatrixSymbols; None where SymPy cannot say it, or refuses."""
    f, wrt, _ = posed(case)
    try:
        diff = partial(reduce, sp.diff, [x.sympy() for x in wrt], f.sympy())
        diff()
    except Exception:                       # of many kinds, AttributeError and RecursionError among them
        return None
    return diff


@pytest.mark.filterwarnings("ignore::sympy.utilities.exceptions.SymPyDeprecationWarning")
def test_derivatives_with_steps_and_text_take_a_fifth_of_those_of_sympys_matrix_expressions(benchmark) -> None:
    """Side by side, once with empty caches on SymPy's side and an expression new to us, and once more.

    What SymPy leaves unevaluated, and what it gets wrong, counts with the time that it took.
    """
    pairs = {case: (theirs, derived(case)) for case in CASES if (theirs := matrices(case))}

    def first(theirs: Callable[[], object], ours: Callable[[], object]) -> float:
        sp.core.cache.clear_cache()
        return worked(theirs) / worked(ours)

    new = benchmark.pedantic(lambda: [first(*pair) for pair in pairs.values()], rounds=1)
    again = [(least(theirs), least(ours)) for theirs, ours in pairs.values()]
    benchmark.extra_info["expressions that SymPy takes, of all"] = f"{len(pairs)} of {len(CASES)}"
    benchmark.extra_info["median ratio of SymPy's MatrixSymbols to ours, at first"] = statistics.median(new)
    benchmark.extra_info["the same, again"] = statistics.median(a / b for a, b in again)
    theirs, ours = (1e3 * statistics.median(times) for times in zip(*again, strict=True))
    benchmark.extra_info["median in ms of SymPy's MatrixSymbols, of ours"] = theirs, ours
    assert statistics.median(a / b for a, b in again) >= 5


@pytest.mark.parametrize("network", [layers, blocks, batched])
def test_time_grows_in_proportion_to_depth(benchmark, network: Callable[[int], Any]) -> None:
    """Gradients by all parameters and their text, of 100 layers or blocks against 50."""
    def derived(depth: int) -> Callable[[], object]:
        goal, parameters = network(depth)

        def derivation() -> list[str]:
            d = jac.derive(goal, parameters)
            return [str(line.value) for line in d.lines] + [str(d.value_by(x)) for x in parameters]

        return derivation

    found = ratio(derived(100), derived(50), 5)
    benchmark.extra_info["ratio of 100 to 50"] = found
    benchmark.pedantic(derived(50), rounds=3)
    assert found <= 2.5


def test_cost_does_not_depend_on_the_sizes(benchmark) -> None:
    def derived(n: int) -> Callable[[], object]:
        return lambda: str(jac.derive("norm2(tanh(W*x + b) - t)^2", f"W: {n + 1} {n}, b: {n + 1}", wrt="W").value)

    found = ratio(derived(3000), derived(3), 30)
    benchmark.extra_info["ratio of size 3000 to size 3"] = found
    benchmark.pedantic(derived(3000), rounds=10)
    assert found <= 1.2


def test_a_callable_gradient_of_a_network_is_made_ten_times_faster_than_by_sympys_entries(benchmark) -> None:
    """8-16-16-8, tanh, half the squared error, by all weights and biases, until a NumPy function is there.

    SymPy is not waited for longer than LONGEST.
    """
    widths = (8, 16, 16, 8)
    x, t, *parameters = jac.symbols(f"x: {widths[0]}, t: {widths[-1]}, " + ", ".join(
        f"W{k}: {m} {n}, b{k}: {m}" for k, (n, m) in enumerate(pairwise(widths), 1)))

    def goal() -> jac.Expr:
        a = x
        for k, (W, b) in enumerate(zip(parameters[::2], parameters[1::2], strict=True), 1):
            a = jac.name(f"a{k}", jac.tanh(jac.name(f"z{k}", W @ a + b)))
        return jac.half_square(a - t)

    def by_entries() -> object:
        known = [entries(p.sympy({})) for p in (x, t, *parameters)]
        J = goal().sympy({})
        return sp.lambdify(list(chain(*known)), [sp.diff(J, e) for p in known[2:] for e in p], cse=True)

    found = limited(by_entries) / seconds(lambda: jac.derive(goal(), parameters).numpy())
    benchmark.extra_info["ratio of SymPy to ours"] = found
    benchmark.pedantic(lambda: jac.derive(goal(), parameters).numpy(), rounds=3)
    assert found >= 10


@pytest.mark.parametrize(("options", "most"), [
    ({}, 0.5), ({"network": "1-1-1"}, 0.5), ({"network": "8-8-8-2"}, 0.6), ({"batch": 3}, 0.6),
    ({"network": "4-4-4-4-3", "activation": "tanh", "loss": "cross-entropy"}, 1.5),
], ids=str)
@pytest.mark.parametrize("ending", ["pdf", "html"])
def test_a_variant_with_its_key_takes_about_a_quarter_of_a_second(benchmark, options: dict, most: float, ending: str,
                                                            tmp_path: Path) -> None:
    made = Variants(partial(jac.worksheet, "backprop", **options), 20)
    found = worked(lambda: benchmark.pedantic(made.save_all, (tmp_path, [ending]), rounds=1)) / made.count
    benchmark.extra_info["seconds of processor time for each"] = found
    print(f"{found:.3f} s for each variant of {options} as {ending}")
    assert found <= most


def test_the_worksheet_command_takes_at_most_five_seconds(benchmark, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "jacobian", "worksheet", "backprop", "--out", str(tmp_path)]
    benchmark.pedantic(lambda: subprocess.run(command, check=True, capture_output=True), rounds=3)
    assert benchmark.stats["median"] <= 5


@pytest.mark.parametrize("wrt", ["W", "x", "b"])
def test_a_backward_step_of_an_affine_layer_costs_what_the_product_costs(benchmark, wrt: str) -> None:
    x, W, b = RNG.normal(size=(64, 784)), RNG.normal(size=(128, 784)), RNG.normal(size=128)
    g = RNG.normal(size=(64, 128))
    layer = mlp.Affine()
    J = layer.jacobian(wrt, x=x, W=W, b=b)
    flat = g.reshape(-1)
    by_hand = {"W": lambda: g.T @ x, "x": lambda: g @ W, "b": lambda: g.sum(axis=0)}[wrt]
    np.testing.assert_allclose((J.T @ flat).reshape(np.shape(by_hand())), by_hand())
    found = ratio(lambda: J.T @ flat, by_hand, 400)
    benchmark.extra_info["ratio to the product by hand"] = found
    benchmark(lambda: J.T @ flat)
    if wrt == "W":
        assert found <= 1.2
