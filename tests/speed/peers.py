"""Times of one training step beside other libraries, in one process: prints them as JSON. ONE_THREAD is for its caller.

Each round gives every library its turn, one right after the other, so that ratios are of pairs. Times are of the
processor, which other programs on the machine disturb least; they count every thread.
"""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

import mlp

ONE_THREAD = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"),
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1", "JAX_PLATFORMS": "cpu",
}
WIDTHS = (784, 256, 128, 10)
RATE = 0.01
SLOW = 1e-4         # for networks whose squared errors are large
Call = Callable[[], Any]


def present(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def rounds(calls: dict[str, tuple[Call, int]], count: int) -> dict[str, list[float]]:
    """Seconds a step of each in each round; (call, n) says that a call makes n steps."""
    for call, _ in calls.values():
        call(), call()
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(count):
        for name, (call, steps) in calls.items():
            start = time.process_time()
            call()
            found[name].append((time.process_time() - start) / steps)
    return found


def repeated(step: Call, times: int) -> tuple[Call, int]:
    def run() -> None:
        for _ in range(times):
            step()

    return run, times


# ---- 784-256-128-10, ReLU, softmax and cross-entropy, float32 -----------------------------------------------------


def ours(x: Any, t: Any) -> Call:
    network = mlp.mlp(WIDTHS, "relu", "cross-entropy")
    plan = mlp.Plan(network, network.init(np.random.default_rng(0)), np.float32)
    return lambda: plan.step(x, t, RATE)


def torch_step(x: Any, t: Any, compiled: bool) -> Call:
    import torch
    from torch import nn
    torch.set_num_threads(1)
    network = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
    optimiser, loss = torch.optim.SGD(network.parameters(), lr=RATE), nn.CrossEntropyLoss()
    whole = torch.compile(lambda x, t: loss(network(x), t)) if compiled else lambda x, t: loss(network(x), t)
    x, t = torch.from_numpy(x), torch.from_numpy(t)

    def step() -> None:
        optimiser.zero_grad()
        whole(x, t).backward()
        optimiser.step()

    return step


def jax_step(x: Any, t: Any) -> Call:
    import jax
    jnp = jax.numpy
    rng = np.random.default_rng(0)
    theta = [(jnp.asarray(rng.normal(size=(n, m)) * (2 / n) ** 0.5, jnp.float32), jnp.zeros(m, jnp.float32))
             for n, m in pairwise(WIDTHS)]

    def loss(theta: Any, x: Any, t: Any) -> Any:
        a = x
        for k, (W, b) in enumerate(theta):
            a = a @ W + b if k == len(theta) - 1 else jax.nn.relu(a @ W + b)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(a), t[:, None], axis=1))

    def step(theta: Any, x: Any, t: Any) -> Any:
        value, slopes = jax.value_and_grad(loss)(theta, x, t)
        return value, jax.tree.map(lambda p, g: p - RATE * g, theta, slopes)

    fast, state, x, t = jax.jit(step, donate_argnums=0), [theta], jnp.asarray(x), jnp.asarray(t)

    def run() -> None:
        value, state[0] = fast(state[0], x, t)
        value.block_until_ready()

    return run


def sklearn_step(x: Any, t: Any) -> Call:
    from sklearn.neural_network import MLPClassifier
    network = MLPClassifier(WIDTHS[1:-1], solver="sgd", momentum=0, alpha=0, batch_size=len(x),
                            learning_rate_init=RATE, shuffle=False)
    return lambda: network.partial_fit(x, t, classes=range(WIDTHS[-1]))


def large(N: int) -> dict[str, list[float]]:
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(N, WIDTHS[0])).astype(np.float32), rng.integers(WIDTHS[-1], size=N)
    times = {1: 64, 32: 4, 128: 2}[N]       # 64 steps are two rounds of what a plan puts off
    calls = {"mlp": repeated(ours(x, t), times)}
    if present("torch"):
        calls["torch eager"] = repeated(torch_step(x, t, False), times)
        try:
            compiled = torch_step(x, t, True)
            compiled()
            calls["torch.compile"] = repeated(compiled, times)
        except Exception as error:          # it wants a C++ compiler of its own choice
            print("torch.compile:", str(error).splitlines()[0], flush=True)
    if present("jax"):
        calls["JAX jit"] = repeated(jax_step(x, t), times)
    if present("sklearn"):
        calls["scikit-learn"] = repeated(sklearn_step(x, t), max(times // 8, 1))
    return rounds(calls, 30)


# ---- networks with the other layers, batch 32, half the squared error, float32 ------------------------------------


def layered() -> dict[str, tuple[mlp.Network, tuple[int, ...], Any]]:
    """Of each layer a network that learns with it, the shape of a sample, and the same as torch takes it."""
    from torch import nn

    class SelfAttention(nn.Module):
        """Queries, keys and values by three convolutions of width 1."""

        def __init__(self) -> None:
            super().__init__()
            self.q, self.k, self.v = (nn.Conv1d(64, 64, 1) for _ in "qkv")

        def forward(self, x: Any) -> Any:
            return nn.functional.scaled_dot_product_attention(self.q(x), self.k(x), self.v(x)).flatten(1)

    half, one = mlp.HalfSquaredError(), mlp.Convolution((1,))
    named = (("q", one, "x"), ("k", one, "x"), ("v", one, "x"), ("a", mlp.Attention(), ("q", "k", "v")), mlp.Flatten(1))
    torchs = {mlp.BatchNorm(): nn.BatchNorm1d(256), mlp.LayerNorm(): nn.LayerNorm(256)}
    normed = {f"784-256-10, {type(own).__name__}": (
        mlp.Network((mlp.Affine(), own, mlp.ReLU(), mlp.Affine()), half, (784, 256, 10)), (784,),
        nn.Sequential(nn.Linear(784, 256), theirs, nn.ReLU(), nn.Linear(256, 10))) for own, theirs in torchs.items()}
    return {
        "1×28×28, 8 kernels 5×5, MaxPool": (
            mlp.Network((mlp.Convolution((5, 5)), mlp.ReLU(), mlp.MaxPool((2, 2)), mlp.Flatten(), mlp.Affine()), half,
                        ((1, 28, 28), 8, 10)), (1, 28, 28),
            nn.Sequential(nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1152, 10))),
        "16×14×14, 16 kernels 3×3": (
            mlp.Network((mlp.Convolution((3, 3), padding=1), mlp.ReLU(), mlp.Flatten(), mlp.Affine()), half,
                        ((16, 14, 14), 16, 10)), (16, 14, 14),
            nn.Sequential(nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(3136, 10))),
        **normed,
        "64×32, Attention": (mlp.Network((*named, mlp.Affine()), half, ((64, 32), 64, 64, 64, 10)), (64, 32),
                             nn.Sequential(SelfAttention(), nn.Linear(64 * 32, 10))),
    }


def torch_like(network: Any, x: Any, t: Any) -> Call:
    import torch
    torch.set_num_threads(1)
    optimiser = torch.optim.SGD(network.parameters(), lr=SLOW)
    x, t = torch.from_numpy(x), torch.from_numpy(t)

    def step() -> None:
        optimiser.zero_grad()
        (((network(x) - t) ** 2).sum() / (2 * len(x))).backward()
        optimiser.step()

    return step


def other() -> dict[str, dict[str, list[float]]]:
    rng, found = np.random.default_rng(0), {}
    for name, (network, shape, theirs) in layered().items():
        x, t = (rng.normal(size=(32, *axes)).astype(np.float32) for axes in (shape, (10,)))
        plan = mlp.Plan(network, network.init(rng), np.float32)
        found[f"{name}, batch 32"] = rounds({
            "mlp": repeated(lambda plan=plan, x=x, t=t: plan.step(x, t, SLOW), 4),
            "torch eager": repeated(torch_like(theirs, x, t), 4)}, 30)
    return found


# ---- 2-3-4-1, ReLU, half the squared error, a sample at a time, float64 -------------------------------------------


def torch_loop(x: Any, t: Any, order: Any) -> Call:
    import torch
    from torch import nn
    torch.set_num_threads(1)
    network = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1)).double()
    optimiser = torch.optim.SGD(network.parameters(), lr=RATE)
    x, t = torch.from_numpy(x), torch.from_numpy(t)

    def run() -> None:
        for n in order:
            optimiser.zero_grad()
            (((network(x[n]) - t[n]) ** 2).sum() / 2).backward()
            optimiser.step()

    return run


def jax_loop(x: Any, t: Any, order: Any) -> Call:
    import jax
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    network = mlp.mlp("2-3-4-1")
    theta = [(jnp.asarray(own["W"]), jnp.asarray(own["b"]))
             for own in network.init(np.random.default_rng(0)) if own]

    def loss(theta: Any, x: Any, t: Any) -> Any:
        a = x
        for k, (W, b) in enumerate(theta):
            a = W @ a + b if k == len(theta) - 1 else jax.nn.relu(W @ a + b)
        return jnp.sum((a - t) ** 2) / 2

    def step(theta: Any, n: Any) -> Any:
        value, slopes = jax.value_and_grad(loss)(theta, x[n], t[n])
        return jax.tree.map(lambda p, g: p - RATE * g, theta, slopes), value

    x, t, order = jnp.asarray(x), jnp.asarray(t), jnp.asarray(order)
    fast = jax.jit(lambda theta: jax.lax.scan(step, theta, order))
    return lambda: fast(theta)[1].block_until_ready()


def small() -> dict[str, list[float]]:
    rng, network = np.random.default_rng(0), mlp.mlp("2-3-4-1")
    x, t, params = rng.normal(size=(100, 2)), rng.normal(size=(100, 1)), network.init(rng)
    few, some, many = (rng.integers(100, size=n) for n in (100, 2000, 100_000))
    loops = {"mlp, plain Python": (mlp.straight(network), some)}
    if present("numba"):
        loops["mlp, numba"] = (mlp.compiled(network), many)
    calls: dict[str, tuple[Call, int]] = {
        name: (lambda loop=loop, order=order: loop.descend(params, x, t, order, RATE), len(order))
        for name, (loop, order) in loops.items()}
    if present("torch"):
        calls["torch eager"] = (torch_loop(x, t, few), len(few))
    if present("jax"):
        calls["JAX scan"] = (jax_loop(x, t, many), len(many))
    return rounds(calls, 30)


if __name__ == "__main__":
    found = {f"784-256-128-10, batch {N}": large(N) for N in (1, 32, 128)}
    found |= other() if present("torch") else {}
    print("times", json.dumps(found | {"2-3-4-1, batch 1": small()}))
