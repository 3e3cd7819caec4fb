"""Problems for descents that another library is to follow, and rules of steps written by hand."""

from __future__ import annotations

import numpy as np

import mlp

SIZES, N, BATCH, STEPS = (5, 8, 6, 3), 96, 16, 2000
CASES = {                       # our optimiser, its rate
    "sgd": (mlp.SGD(), 0.1),
    "momentum": (mlp.Momentum(), 0.02),
    "nesterov": (mlp.Nesterov(), 0.02),
    "rmsprop": (mlp.RMSprop(), 1e-3),
    "adam": (mlp.Adam(), 1e-3),
    "adamw": (mlp.AdamW(), 1e-3),
    "decayed sgd": (mlp.Decay(mlp.SGD(), 1e-3), 0.1),
    "decayed adam": (mlp.Decay(mlp.Adam(), 1e-3), 1e-3),
    "norm clipped": (mlp.ClipNorm(mlp.Momentum(), 0.1), 0.02),
    "value clipped": (mlp.ClipValue(mlp.SGD(), 0.01), 0.1),
}


def problem():
    """Network, initial parameters, samples, noisy classes, and the samples of each step."""
    rng = np.random.default_rng(5)
    network = mlp.mlp(SIZES, "tanh", "cross-entropy")
    x = rng.normal(size=(N, SIZES[0]))
    t = (x @ rng.normal(size=(SIZES[0], SIZES[-1])) + rng.normal(size=(N, SIZES[-1]))).argmax(axis=1)
    order = [part for _ in range(STEPS * BATCH // N + 1) for part in rng.permutation(N).reshape(-1, BATCH)]
    return network, network.init(rng), x, t, order[:STEPS]


def ours(optimiser, rate):
    """Our losses, one a step."""
    network, params, x, t, order = problem()
    plan = mlp.Plan(network, params, optimiser=optimiser)
    return np.array([plan.step(x[chosen], t[chosen], rate) for chosen in order])


def by_hand(case, rate):
    """The rule of the step, by hand: (i, θ, g, slots) -> (θ, slots) of one parameter, in whatever numbers these are."""
    b, c, rho, mu, eps = 0.9, 0.999, 0.99, 0.9, 1e-8

    def adam(i, p, g, s):
        m, v = b * s[0] + (1 - b) * g, c * s[1] + (1 - c) * g * g
        return p - rate * (m / (1 - b**i)) / ((v / (1 - c**i)) ** 0.5 + eps), (m, v)

    def momentum(i, p, g, s):
        return p - rate * (mu * s[0] + g), (mu * s[0] + g, s[1])

    def rmsprop(i, p, g, s):
        v = rho * s[0] + (1 - rho) * g * g
        return p - rate * g / (v**0.5 + eps), (v, s[1])

    def nesterov(i, p, g, s):
        u = mu * s[0] + g
        return p - rate * (g + mu * u), (u, s[1])

    return {
        "sgd": lambda i, p, g, s: (p - rate * g, s), "momentum": momentum, "nesterov": nesterov, "rmsprop": rmsprop,
        "adam": adam, "adamw": lambda i, p, g, s: adam(i, p * (1 - rate * 0.01), g, s),
        "decayed sgd": lambda i, p, g, s: (p - rate * (g + 1e-3 * p), s),
        "decayed adam": lambda i, p, g, s: adam(i, p, g + 1e-3 * p, s), "norm clipped": momentum,
        "value clipped": lambda i, p, g, s: (p - rate * (abs(g + 0.01) - abs(g - 0.01)) / 2, s),
    }[case]
