"""Jacobians with a known or detected pattern: few evaluations, the same entries, and a structured map."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jacobian as jac
from jacobian.errors import InputError, ShapeError
from jacobian.numeric import numeric
from jacobian.numeric.sparsity import Pattern, coloured, structured

RANDOM = np.random.default_rng(0)


def heat(x: np.ndarray) -> np.ndarray:
    """x² and the differences to both neighbours: tridiagonal."""
    y = x**2
    y[1:] += 3 * x[:-1]
    y[:-1] -= np.sin(x[1:])
    return y


def heats(x: np.ndarray) -> np.ndarray:
    """∂heat/∂x."""
    n = x.size
    return np.diag(2 * x) + 3 * np.eye(n, k=-1) - np.diag(np.cos(x[1:]), 1)


def grid(x: np.ndarray) -> np.ndarray:
    """x³ and the sum of the four neighbours on a grid."""
    y = x**3
    y[1:] += x[:-1]
    y[:-1] += x[1:]
    y[:, 1:] += x[:, :-1]
    y[:, :-1] += x[:, 1:]
    return y


def grids(x: np.ndarray) -> np.ndarray:
    """∂grid/∂x."""
    r, c = x.shape
    return np.diag(3 * x.ravel() ** 2) + np.kron(beside(r), np.eye(c)) + np.kron(np.eye(r), beside(c))


def beside(n: int) -> np.ndarray:
    return np.eye(n, k=1) + np.eye(n, k=-1)


def shares(x: np.ndarray) -> np.ndarray:
    """∂/∂x of each row over its sum."""
    blocks = [(np.eye(row.size) * row.sum() - row[:, None]) / row.sum() ** 2 for row in x]
    return by_rows(x, np.concatenate(blocks))


def by_rows(x: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """The blocks below each other, (N p, q), as the block-diagonal matrix."""
    n, p = len(x), len(blocks) // len(x)
    return np.kron(np.eye(n), np.ones((p, x.shape[1]))) * np.tile(blocks, (1, n))


SCATTERED = RANDOM.normal(size=(30, 24)) * (RANDOM.random((30, 24)) < 0.08)
ROWS = RANDOM.uniform(1, 2, size=(20, 3))
# name: f, x, the Jacobian (m, n) at x, the kind it becomes, the most evaluations
CASES: dict[str, tuple[Callable[..., Any], np.ndarray, Callable[..., Any], type[jac.Jacobian], int]] = {
    "elementwise": (np.exp, ROWS, lambda x: np.diag(np.exp(x.ravel())), jac.Diagonal, 30),
    "rows": (lambda x: x / x.sum(axis=1)[:, None], ROWS, shares, jac.BlockDiagonal, 60),
    "row sums": (lambda x: np.sin(x).sum(axis=1), ROWS, lambda x: by_rows(x, np.cos(x)), jac.BlockDiagonal, 60),
    "tridiagonal": (heat, RANDOM.normal(size=40), heats, jac.Sum, 80),
    "grid": (grid, RANDOM.normal(size=(9, 8)), grids, jac.Sum, 150),
    "scattered": (lambda x: SCATTERED @ np.sin(x), RANDOM.normal(size=24), lambda x: SCATTERED * np.cos(x), jac.Dense,
                  160),
    "no output": (lambda x: 0 * x[:0], ROWS[0], lambda x: np.zeros((0, 3)), jac.Zero, 20),
}


@pytest.mark.parametrize("name", CASES)
def test_a_detected_pattern_gives_the_same_entries_with_few_evaluations(name: str) -> None:
    f, x, jacobian, kind, evaluations = CASES[name]
    exact = jacobian(x)
    found = numeric(f, x, sparsity="detect")
    assert isinstance(found.value, kind)
    assert type(found.error) is type(found.value)
    assert (np.abs(found.value.dense() - exact) <= found.error.dense() + 4e-16 * np.abs(exact)).all()
    assert found.error.dense().max(initial=0) <= 1e-7
    assert found.evaluations <= evaluations


@pytest.mark.parametrize("form", [
    lambda J: J != 0, lambda J: J.tolist(), lambda J: jac.Dense(J), lambda J: (J.reshape(40, 40),),
], ids=["mask", "nested list", "map", "tuple"])
def test_a_pattern_is_taken_in_every_form(form: Callable[[np.ndarray], Any]) -> None:
    x = RANDOM.normal(size=40)
    found = numeric(heat, x, sparsity=form(heats(x)))
    assert (np.abs(found.value.dense() - heats(x)) <= found.error.dense() + 1e-15).all()
    assert found.evaluations <= 60


def test_a_block_diagonal_map_is_a_pattern() -> None:
    x = RANDOM.normal(size=(2, 20))
    full = jac.Dense(np.ones((20, 20)))
    found = numeric(lambda x: np.stack([heat(x[0]), heat(x[1])]), x, sparsity=jac.BlockDiagonal((full, full)))
    exact = by_rows(x, np.concatenate([heats(x[0]), heats(x[1])]))
    assert (np.abs(found.value.dense() - exact) <= found.error.dense() + 1e-15).all()
    with pytest.raises(InputError, match="sparsity leaves out"):
        numeric(lambda x: heat(x.ravel()), x, sparsity=jac.BlockDiagonal((full, full)))


@pytest.mark.extra
def test_a_pattern_may_be_a_sparse_matrix_of_scipy() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    x = RANDOM.normal(size=40)
    found = numeric(heat, x, sparsity=sparse.csr_array(heats(x)))
    assert (np.abs(found.value.dense() - heats(x)) <= found.error.dense() + 1e-15).all()
    assert found.evaluations <= 60


@pytest.mark.parametrize("sparsity", ["detect", None])
def test_several_inputs_have_a_map_each(sparsity: Any) -> None:
    x, w = RANDOM.normal(size=(12, 3)), RANDOM.normal(size=(12, 3))
    sparsity = sparsity or (np.kron(np.eye(12), np.ones((1, 3))), np.kron(np.eye(12), np.ones((1, 3))))
    found = numeric(lambda x, w: (x * w).sum(axis=1), (x, w), sparsity=sparsity)
    for value, error, other in zip(found.value, found.error, (w, x), strict=True):
        assert isinstance(value, jac.BlockDiagonal)
        exact = np.kron(np.eye(12), np.ones((1, 3))) * other.ravel()
        assert (np.abs(value.dense() - exact) <= error.dense() + 1e-15).all()


def test_complex_output_keeps_its_structure() -> None:
    x = RANDOM.normal(size=30)
    found = numeric(lambda x: np.exp(1j * x), x, sparsity="detect")
    assert isinstance(found.value, jac.Diagonal)
    assert (np.abs(found.value.d - 1j * np.exp(1j * x)) <= found.error.d).all()


@pytest.mark.parametrize("stray", [1e-3, 1.0])
def test_an_input_that_the_shapes_hide_is_found(stray: float) -> None:
    def f(x: np.ndarray) -> np.ndarray:
        y = np.tanh(x)
        y += stray * x[3]
        return y

    x = RANDOM.normal(size=25)
    exact = np.diag(1 / np.cosh(x) ** 2) + stray * (np.arange(25) == 3)
    found = numeric(f, x, sparsity="detect")
    assert (np.abs(found.value.dense() - exact) <= found.error.dense() + 4e-16).all()


@pytest.mark.parametrize(("sparsity", "message"), [
    (np.eye(40), r"sparsity leaves out an input that f\(x\)\[\d+\] depends on"),
    (np.eye(39), r"sparsity has shape \(39, 39\), but the Jacobian is 40 × 40"),
    ("auto", 'sparsity must be an array, a sparse matrix, a Jacobian or "detect"; it is \'auto\''),
    (True, "sparsity must be an array"),
    ((np.eye(40), np.eye(40)), "one for each of the 1 inputs; 2 were given"),
    ([[1], [1, 2]], "sparsity must be an array"),
])
def test_a_pattern_that_is_wrong_is_said(sparsity: Any, message: str) -> None:
    with pytest.raises((InputError, ShapeError), match=message):
        numeric(heat, RANDOM.normal(size=40), sparsity=sparsity)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 12), st.floats(0, 1))
def test_colours_keep_rows_apart_and_the_map_keeps_the_entries(seed: int, m: int, n: int, density: float) -> None:
    random = np.random.default_rng(seed)
    mask = random.random((m, n)) < density
    pattern = Pattern.of(*np.nonzero(mask), m, n)
    groups = coloured(pattern)
    for group in groups:
        assert np.unique(group.rows).size == group.rows.size
    places = {(i, group.columns[k]) for group in groups for i, k in zip(group.rows, group.places, strict=True)}
    assert places == set(zip(*np.nonzero(mask), strict=True))
    values = random.normal(size=pattern.rows.size)
    exact = np.zeros((m, n))
    exact[pattern.rows, pattern.columns] = values
    assert np.array_equal(structured(pattern, values).dense(), exact)


def test_a_band_takes_as_many_directions_as_its_width() -> None:
    assert len(coloured(Pattern.of(*np.nonzero(heats(np.ones(50))), 50, 50))) == 3


def slow(x: np.ndarray) -> np.ndarray:
    return np.sin(x) * x[0]


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_an_executor_gives_the_same_numbers(kind: type[Executor]) -> None:
    x = np.array([0.7, -1.3, 2.1])
    with kind(2) as executor:                                   # type: ignore[call-arg]
        found = numeric(slow, x, executor=executor)
    alone = numeric(slow, x)
    assert np.array_equal(found.value, alone.value)
    assert np.array_equal(found.error, alone.error)


def test_an_executor_evaluates_at_once() -> None:
    threads, gate = set(), threading.Barrier(2)

    def f(x: np.ndarray) -> np.ndarray:
        threads.add(threading.get_ident())
        if threading.current_thread() is not threading.main_thread():
            gate.wait(10)
        return np.asarray(x, float) ** 2

    with ThreadPoolExecutor(2) as executor:
        found = numeric(f, 1.5, executor=executor)
    assert len(threads) == 3
    assert found.value == pytest.approx(3.0, rel=1e-12)


def test_what_is_no_executor_is_said() -> None:
    with pytest.raises(InputError, match=r"executor must be a concurrent.futures.Executor; it is int"):
        numeric(np.sin, 1.0, executor=4)                        # type: ignore[arg-type]


def test_progress_is_shown_on_a_terminal_and_nowhere_else(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for terminal in ("", "1"):
        monkeypatch.setenv("FORCE_COLOR", terminal)
        assert numeric(np.sin, 1.0, progress=True).value == pytest.approx(np.cos(1.0))
        shown = capsys.readouterr()
        assert ("numeric Jacobian" in shown.err) == bool(terminal)
        assert shown.out == ""
