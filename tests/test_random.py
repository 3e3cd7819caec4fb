"""Random expressions, sizes of 1 included: the derivative is that of the complex step."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import jacobian as jac
from jacobian.derivation.check import complex_step
from jacobian.symbolic import sample
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import leaves
from jacobian.symbolic.operations import transpose

SYMBOLS = jac.symbols("A: m n, B: n m, C: 1 n, D: m 1, Q: n n, u: m, v: n, w: 1, s:, r:")
UNARY = [
    jac.tanh, jac.sigmoid, lambda x: x * x, lambda x: -x, lambda x: x / 3, lambda x: x.T, transpose, jac.total,
    jac.half_square, jac.softmax, jac.log_sum_exp, jac.log_softmax, lambda x: jac.exp(jac.tanh(x)),
    lambda x: jac.name("z1", x), lambda x: jac.relu(x) + jac.leaky_relu(x, 0.25), jac.diag, jac.diagonal,
    lambda x: x**3, lambda x: 1 / (2 + x * x),
]
BINARY = [lambda x, y: x @ y, lambda x, y: x + y, lambda x, y: x * y, lambda x, y: x - 2 * y, jac.inner,
          jac.cross_entropy]


@st.composite
def expressions(draw: st.DrawFn) -> jac.Expr:
    pool = list(SYMBOLS)
    for _ in range(draw(st.integers(2, 7))):
        x, y = draw(st.sampled_from(pool)), draw(st.sampled_from(pool[-4:] + list(SYMBOLS)))
        made = draw(st.sampled_from([(f, (x,)) for f in UNARY] + [(f, (x, y)) for f in BINARY] * 3))
        try:
            pool.append(made[0](*made[1]))
        except jac.InputError:
            continue
    return pool[-1]


@given(f=expressions(), seed=st.integers(0, 99))
@settings(max_examples=150, deadline=None)
def test_the_derivative_of_a_random_expression_is_that_of_the_complex_step(f: jac.Expr, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = sample.sizes(rng, f, smallest=1 + seed % 2)
    bind = Binding(sample.instance(rng, f, sizes), sizes)
    for x in leaves(f):
        J = jac.differentiate(f, x)
        expected = complex_step(lambda at, x=x: bind.replaced(x, at)(f), bind(x))
        allowed = 1e-9 * (1 + np.abs(expected).max())
        np.testing.assert_allclose(J.map(bind, bind.size).dense(), expected, rtol=1e-9, atol=allowed)
        assert jac.derive(f, x).check(seed).ok
