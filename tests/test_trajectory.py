"""The same initial values and batches as torch and as JAX, in double precision: the same losses for 2000 steps."""

import numpy as np
import pytest
from training import CASES, by_hand, ours, problem

pytestmark = pytest.mark.extra
each_case = pytest.mark.parametrize("case", CASES)


def torch_rule(torch, case, rate):
    """The optimiser of torch from parameters, and what is done to gradients before its step."""
    nothing = lambda params: None  # noqa: E731
    return {
        "sgd": (lambda p: torch.optim.SGD(p, rate), nothing),
        "momentum": (lambda p: torch.optim.SGD(p, rate, momentum=0.9), nothing),
        "nesterov": (lambda p: torch.optim.SGD(p, rate, momentum=0.9, nesterov=True), nothing),
        "rmsprop": (lambda p: torch.optim.RMSprop(p, rate), nothing),
        "adam": (lambda p: torch.optim.Adam(p, rate), nothing),
        "adamw": (lambda p: torch.optim.AdamW(p, rate), nothing),
        "decayed sgd": (lambda p: torch.optim.SGD(p, rate, weight_decay=1e-3), nothing),
        "decayed adam": (lambda p: torch.optim.Adam(p, rate, weight_decay=1e-3), nothing),
        "norm clipped": (lambda p: torch.optim.SGD(p, rate, momentum=0.9),
                         lambda p: torch.nn.utils.clip_grad_norm_(p, 0.1)),
        "value clipped": (lambda p: torch.optim.SGD(p, rate), lambda p: torch.nn.utils.clip_grad_value_(p, 0.01)),
    }[case]


@each_case
def test_losses_are_those_of_torch(case: str) -> None:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    optimiser, rate = CASES[case]
    _, params, x, t, order = problem()
    layers = []
    for own in params:
        if own:
            layers.append(torch.nn.Linear(*own["W"].shape[::-1], dtype=torch.float64))
            with torch.no_grad():
                layers[-1].weight.copy_(torch.tensor(own["W"]))
                layers[-1].bias.copy_(torch.tensor(own["b"]))
        else:
            layers.append(torch.nn.Tanh())
    model, measure = torch.nn.Sequential(*layers), torch.nn.CrossEntropyLoss()
    make, change = torch_rule(torch, case, rate)
    steps, x, t, losses = make(model.parameters()), torch.tensor(x), torch.tensor(t), []
    for chosen in order:
        steps.zero_grad()
        loss = measure(model(x[chosen]), t[chosen])
        loss.backward()
        change(model.parameters())
        steps.step()
        losses.append(loss.item())
    assert np.abs(ours(optimiser, rate) - losses).max() <= 1e-12


@each_case
def test_losses_are_those_of_jax(case: str) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    optimiser, rate = CASES[case]
    _, params, x, t, order = problem()
    rule = by_hand(case, rate)
    flat = [own[name] for own in params if own for name in ("W", "b")]

    def measure(flat, x, t):
        *hidden, last = [(flat[k], flat[k + 1]) for k in range(0, len(flat), 2)]
        for W, b in hidden:
            x = jnp.tanh(x @ W.T + b)
        z = jax.nn.log_softmax(x @ last[0].T + last[1])
        return -jnp.mean(z[jnp.arange(len(t)), t])

    def step(carried, now):
        flat, slots, i = carried
        loss, g = jax.value_and_grad(measure)(flat, *now)
        if case == "norm clipped":
            norm = jnp.sqrt(sum(jnp.sum(a * a) for a in g))
            g = [a * jnp.minimum(1, 0.1 / (norm + 1e-6)) for a in g]
        moved = [rule(i, *those) for those in zip(flat, g, slots, strict=True)]
        return ([p for p, _ in moved], [s for _, s in moved], i + 1), loss

    order = np.array(order)
    begin = [jnp.array(p) for p in flat], [(jnp.zeros(p.shape), jnp.zeros(p.shape)) for p in flat], 1.0
    _, losses = jax.lax.scan(step, begin, (jnp.array(x[order]), jnp.array(t[order])))
    assert np.abs(ours(optimiser, rate) - np.array(losses)).max() <= 1e-12
