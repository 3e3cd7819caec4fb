"""Plants mistakes one by one in a copy of the project and shows that each makes a test fail.

python tests/mutations.py              all of them, with a table
python tests/mutations.py sign kron    those whose name contains a word
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = Path(__file__).parent.parent
PATIENCE = 900          # seconds for the tests of one mistake


@dataclass(frozen=True)
class Mutation:
    """`old` becomes `new` in `file`; `tests` are where it must be noticed."""

    name: str
    file: str
    old: str
    new: str
    tests: str


LAYERS = "tests/test_layers.py"
LAWS = "tests/test_laws.py"
FAULTS = "tests/test_faults.py"
VIEWS = "tests/test_views.py"
DERIVE = "tests/test_derive.py"
FORWARD = "tests/test_forward.py"
REWRITES = "tests/test_rewrites.py"
NOTATION = "tests/test_notation.py"
EXCHANGE = "tests/test_exchange.py"

MUTATIONS = (
    # ---- what is shown ---------------------------------------------------------------------------------------------
    Mutation("second derivative: what g is goes unsaid", "jacobian/derivation/write.py",
             "*(means if x is goal else ())", "*()", "tests/test_derivation.py"),
    Mutation("lines: another rewrite passes for the same", "jacobian/derivation/lines.py",
             "return (step.record.row, step.node)", "return (step.node,)", "tests/test_lines.py"),
    Mutation("differentials: checked where the function is not finite", "jacobian/derivation/retrace.py",
             "return draw(rng, smallest, f.goal, parts,", "return draw(rng, smallest, f.differential, parts,", FORWARD),
    Mutation("sum of negative terms: a sign for none", "jacobian/symbolic/operations.py",
             "(c, x) = (c, x) if plus is None else (-c, plus)", "x = x if plus is None else plus", NOTATION),
    Mutation("sign of a sum in a product: lost", "jacobian/symbolic/rewrites/sums.py",
             "number((-1) ** signs)", "number(1)", REWRITES),
    Mutation("Kronecker product: a scalar forgotten", "jacobian/symbolic/arrays.py",
             "return scale(b.args[0], kron(a, b.args[1]))", "return kron(a, b.args[1])", NOTATION),
    Mutation("power of a norm: exponents added", "jacobian/printing/notation.py", "boxed(k * inner)",
             "boxed(k + inner)", NOTATION),
    Mutation("quotient: what is below the line keeps its exponent", "jacobian/printing/notation.py",
             "power(s.args[0], -s.data.exponent) for s in below", "s for s in below", NOTATION),
    Mutation("quotient: a denominator forgotten", "jacobian/printing/notation.py",
             "_factors([*q, *(power", "_factors([*(power", NOTATION),
    Mutation("sum above a line without its brackets", "jacobian/printing/text.py",
             "(_loose(box.over) or _reaching(box.over))", "_loose(box.over)", VIEWS),
    Mutation("powers: a squared norm counts as a norm", "jacobian/symbolic/rewrites/factors.py",
             "return norm(x.args[0]), 2", "return norm(x.args[0]), 1", REWRITES),
    Mutation("columns: the exchange in a Kronecker product by rows", "jacobian/symbolic/stacking.py",
             "commutation(q, m)), eye(p)), beside)", "commutation(m, q)), eye(p)), beside)", VIEWS),
    Mutation("columns: the slope of the exponential by rows", "jacobian/symbolic/stacking.py",
             "FRECHET.value(y, x.T)", "FRECHET.value(y, x)", VIEWS),
    Mutation("words in LaTeX: an exponent on the line", "jacobian/printing/latex.py",
             'f"{mark}{{{\'\'.join(map(table.__getitem__, piece))}}}"', '"".join(map(table.__getitem__, piece))',
             "tests/test_boxes.py"),
    Mutation("source: a slope called as its function", "jacobian/symbolic/elementwise.py",
             '"d" * self.name.count("′") + ', "", "tests/test_source.py"),
    # ---- local Jacobians of operations -----------------------------------------------------------------------------
    Mutation("half square: factor", "jacobian/symbolic/reductions.py", "lambda y, k: Row(y.args[0]))",
             "lambda y, k: Row(scale(number(2), y.args[0])))", "tests/test_symbolic.py"),
    Mutation("square: factor forgotten", "jacobian/symbolic/reductions.py",
             "lambda y, k: Row(scale(number(2), y.args[0])))",
             "lambda y, k: Row(y.args[0]))", "tests/test_symbolic.py"),
    Mutation("matrix product: forgotten transpose", "jacobian/symbolic/operations.py",
             "b = Dense(transpose(matmul(*right))) if right", "b = Dense(matmul(*right)) if right",
             "tests/test_symbolic.py"),
    Mutation("matrix product: swapped factors", "jacobian/symbolic/operations.py", "return Kronecker(a, b)",
             "return Kronecker(b, a)", "tests/test_symbolic.py"),
    Mutation("Hadamard: a factor kept", "jacobian/symbolic/operations.py", "hadamard(*y.args[:k], *y.args[k + 1:])",
             "hadamard(*y.args)", "tests/test_symbolic.py"),
    Mutation("transpose: sizes exchanged", "jacobian/symbolic/operations.py", "return Commutation(*y.args[0].axes)",
             "return Commutation(*y.axes)", "tests/test_symbolic.py"),
    Mutation("tanh: activation for its slope", "jacobian/symbolic/elementwise.py",
             "lambda x, y: _one_less(power(y, 2)))", "lambda x, y: y)",
             "tests/test_symbolic.py"),
    Mutation("sigmoid: half of the product", "jacobian/symbolic/elementwise.py",
             "lambda x, y: hadamard(y, _one_less(y)))", "lambda x, y: y)",
             "tests/test_symbolic.py"),
    Mutation("softmax: sign of the rank-one part", "jacobian/symbolic/rows.py",
             "LowRank(scale(number(-1), vec(y)), vec(y))", "LowRank(vec(y), vec(y))", "tests/test_symbolic.py"),
    Mutation("cross-entropy: targets forgotten", "jacobian/symbolic/rows.py",
             "return Row(add(weighted, scale(number(-1), t)))", "return Row(weighted)", "tests/test_symbolic.py"),
    Mutation("cross-entropy: weights taken for one-hot", "jacobian/symbolic/rows.py",
             "weighted = p if sums_to_one(t) else _weighted(t, p)", "weighted = p", "tests/test_symbolic.py"),
    Mutation("log-sum-exp: softmax forgotten", "jacobian/symbolic/rows.py",
             "        return Row(p)\n", "        return Row(ones(*x.axes))\n", "tests/test_symbolic.py"),
    Mutation("power: exponent", "jacobian/symbolic/elementwise.py", "scale(number(k), power(x, k - 1))",
             "scale(number(k), power(x, k))", "tests/test_symbolic.py"),
    Mutation("relu: slope of a wrong form", "jacobian/symbolic/elementwise.py",
             "sp.Piecewise((x, x > 0), (0, True)), _rect", "sp.Piecewise((2 * x, x > 0), (0, True)), _rect",
             "tests/test_symbolic.py"),
    # ---- laws ------------------------------------------------------------------------------------------------------
    Mutation("law: transposed Kronecker swapped", "jacobian/algebra/laws/transposes.py",
             "return Kronecker(J.a.T, J.b.T)", "return Kronecker(J.b.T, J.a.T)", LAWS),
    Mutation("law: transposed product in the same order", "jacobian/algebra/laws/transposes.py",
             "Product(tuple(F.T for F in reversed(J.factors)))", "Product(tuple(F.T for F in J.factors))", LAWS),
    Mutation("law: commutation its own transpose", "jacobian/algebra/laws/transposes.py",
             "return Commutation(J.n, J.m)", "return Commutation(J.m, J.n)", LAWS),
    Mutation("law: product of Kronecker products swapped", "jacobian/algebra/laws/products.py",
             "return Kronecker(compose(J.a, K.a), compose(J.b, K.b))",
             "return Kronecker(compose(J.b, K.b), compose(J.a, K.a))", LAWS),
    Mutation("law: gradient pulled without transpose", "jacobian/algebra/laws/products.py", "return Row(K.T.push(J.g))",
             "return Row(K.push(J.g)) if K.shape[0] == K.shape[1] else Row(K.T.push(J.g))", LAWS),
    Mutation("law: commutation moved with exchanged sizes", "jacobian/algebra/laws/reorderings.py",
             "return Product((Kronecker(K.b, K.a), Commutation(n, q)))",
             "return Product((Kronecker(K.b, K.a), Commutation(q, n)))", LAWS),
    Mutation("law: permutations in the wrong order", "jacobian/algebra/laws/reorderings.py",
             "return Permutation(K.p[J.p])", "return Permutation(J.p[K.p])", LAWS),
    Mutation("law: common Kronecker factor", "jacobian/algebra/laws/sums.py", "return Kronecker(J.a, add(J.b, K.b))",
             "return Kronecker(add(J.a, K.a), J.b)", LAWS),
    Mutation("law: low ranks in the wrong order", "jacobian/algebra/laws/sums.py", "np.hstack([J.v, K.v])",
             "np.hstack([K.v, J.v])", LAWS),
    Mutation("law: a wrong printed formula", "jacobian/algebra/laws/reorderings.py",
             "K_{m,p} (A ⊗ B) = (B ⊗ A) K_{n,q}", "K_{m,p} (A ⊗ B) = (B ⊗ A) K_{q,n}", LAWS),
    Mutation("kinds: float32 lost", "jacobian/algebra/jacobian.py", "whole = self.matrix(typed(dtype))",
             "whole = self.matrix(Arrays)", LAWS + " tests/test_algebra.py"),
    # ---- the notes -------------------------------------------------------------------------------------------------
    Mutation("derivations: a coarse comparison", "derivations/claim.py", "rtol=TOLERANCE, atol=TOLERANCE):",
             "rtol=0.5, atol=TOLERANCE):", "tests/test_derivations.py"),
    Mutation("derivations: what is mended counts", "derivations/claim.py", " if not reading.mended]", "]",
             "tests/test_derivations.py"),
    # ---- layers ----------------------------------------------------------------------------------------------------
    Mutation("affine by W: commutation exchanged", "mlp/layers.py", "jac.Commutation(len(W), len(x))",
             "jac.Commutation(len(x), len(W))", LAYERS),
    Mutation("affine by x: swapped Kronecker factors", "mlp/layers.py",
             "jac.Kronecker(jac.Identity(len(x)), jac.Dense(W))",
             "jac.Kronecker(jac.Dense(W), jac.Identity(len(x)))", LAYERS),
    Mutation("affine by b: batch sum forgotten", "mlp/layers.py", "np.ones((len(x), 1), b.dtype)",
             "np.eye(len(x), 1, dtype=b.dtype)", LAYERS),
    Mutation("affine: wrong spec", "mlp/layers.py", "(x @ W.T if len(x.shape) == 2 else W @ x) + b",
             "(x @ W.T if len(x.shape) == 2 else W @ x) - b", LAYERS),
    Mutation("relu layer: g for its slope", "mlp/activations.py", "return np.heaviside(z, 0)",
             "return np.maximum(z, 0)", LAYERS),
    Mutation("tanh layer: inaccurate tail", "mlp/activations.py", "return 4 * _bell(2 * z)",
             "return 1 - np.square(np.tanh(z))", LAYERS),
    Mutation("softmax layer: sign", "mlp/activations.py", "jac.Diagonal(-p), sums", "jac.Diagonal(p), sums", LAYERS),
    Mutation("half squared error: mean forgotten", "mlp/losses.py", "jac.Row((h - t) / len(h))",
             "jac.Row(h - t)", LAYERS),
    Mutation("mean squared error: factor 2", "mlp/losses.py", "jac.Row(2 * (h - t) / h.size)",
             "jac.Row((h - t) / h.size)", LAYERS),
    Mutation("half squared error by the target: sign", "mlp/losses.py", "jac.Row((h - t) / len(h))\n\n"
             "    def by_t(self, h: Array, t: Array) -> jac.Jacobian:\n        return self.by_h(t, h)",
             "jac.Row((h - t) / len(h))\n\n"
             "    def by_t(self, h: Array, t: Array) -> jac.Jacobian:\n        return self.by_h(h, t)", LAYERS),
    Mutation("cross-entropy layer by z: targets forgotten", "mlp/losses.py", "np.exp(_log_softmax(z)) - t) / len(z))",
             "np.exp(_log_softmax(z))) / len(z))", LAYERS),
    Mutation("cross-entropy layer by z: weights taken for one-hot", "mlp/losses.py",
             "(t.sum(axis=1, keepdims=True) * np.exp", "(np.exp", LAYERS),
    Mutation("cross-entropy layer by t: sign", "mlp/losses.py", "_log_softmax(z) / -len(z)", "_log_softmax(z) / len(z)",
             LAYERS),
    Mutation("leaky relu layer: slope on the wrong side", "mlp/activations.py",
             "np.where(z > 0, 1, np.where(z <= 0, self.s, z))", "np.where(z > 0, self.s, np.where(z <= 0, 1, z))",
             LAYERS),
    Mutation("sigmoid layer: overflow", "mlp/activations.py",
             "e = np.exp(-np.abs(z))\n        return np.where(z < 0, e, 1) / (1 + e)", "return 1 / (1 + np.exp(-z))",
             LAYERS),
    Mutation("sigmoid layer: tanh's slope", "mlp/activations.py", "return _bell(z)\n", "return 4 * _bell(2 * z)\n",
             LAYERS),
    Mutation("jvp: transposed", "mlp/layer.py", "return J.push(v.reshape(-1))", "return J.T.push(v.reshape(-1))",
             LAYERS),
    Mutation("layer: NaN let through", "mlp/layer.py", "            finite(f\"{self}: {name}\", array)\n",
             "            pass\n", LAYERS),
    Mutation("network: gradients in the order of the sweep", "mlp/network.py", "found[::-1]", "found",
             "tests/test_network.py"),
    Mutation("training: NaN in the data blamed on the rate", "mlp/optimise.py", "    x, t = inspect(x, t)\n",
             "    return x, t\n", "tests/test_train.py"),
    Mutation("training: the last step not looked at", "mlp/optimise.py",
             "np.isfinite(loss) and all(np.isfinite(array).all() for own in new for array in own.values())",
             "np.isfinite(loss)", "tests/test_train.py"),
    Mutation("vjp: forgotten transpose", "mlp/layer.py", "self.local(wrt, arrays).T.push(g.reshape(-1))",
             "self.local(wrt, arrays).push(g.reshape(-1))", LAYERS),
    Mutation("sgd: uphill", "mlp/optimise.py", "own[name] - rate * g[name]", "own[name] + rate * g[name]",
             "tests/test_train.py"),
    Mutation("training: seed ignored", "mlp/train.py", "rng = np.random.default_rng(settings.seed)",
             "rng = np.random.default_rng()", "tests/test_train.py"),
    # ---- building --------------------------------------------------------------------------------------------------
    Mutation("transpose of a product in the same order", "jacobian/symbolic/operations.py",
             "matmul(*map(turn, reversed(x.args)))", "matmul(*map(turn, x.args))",
             "tests/test_symbolic.py tests/test_notation.py"),
    Mutation("sum: coefficients lost", "jacobian/symbolic/operations.py", "total[key] = known + c, first",
             "total[key] = known + 1, first", "tests/test_symbolic.py"),
    Mutation("brackets forgotten", "jacobian/printing/notation.py",
             "return box if loose >= tightness else Fence(\"(\", box, \")\")\n\n\ndef shown",
             "return box\n\n\ndef shown", "tests/test_notation.py"),
    # ---- NumPy source and Typst ------------------------------------------------------------------------------------
    Mutation("source: brackets forgotten", "jacobian/printing/numpy/program.py",
             "return self.text if self.tight >= tight else", "return self.text if True else", "tests/test_source.py"),
    Mutation("source: a forgotten transpose", "jacobian/printing/numpy/products.py",
             "np.linalg.solve({_transposed(b.code)}, {left})", "np.linalg.solve({b.code}, {left})",
             "tests/test_source.py"),
    Mutation("source: sums along the other axis", "jacobian/printing/numpy/products.py",
             "sum({f'axis={axis}'", "sum({f'axis={1 - axis}'", "tests/test_source.py"),
    Mutation("source: a transpose is no exchange", "jacobian/printing/numpy/einsum.py", "return out[::-1] if",
             "return out if", "tests/test_source.py"),
    Mutation("source: float32 lost", "jacobian/printing/numpy/program.py", "[*types, '0.0']", "['float']",
             "tests/test_source.py"),
    Mutation("source: a shared part computed twice", "jacobian/printing/numpy/program.py", "elif uses > 1 or",
             "elif uses > 9 or", "tests/test_source.py"),
    Mutation("Typst: a fraction upside down", "jacobian/printing/typst.py",
             "({_argument(box.over)}, {_argument(box.under)})", "({_argument(box.under)}, {_argument(box.over)})",
             "tests/test_typst.py"),
    # ---- the sweep -------------------------------------------------------------------------------------------------
    Mutation("a row for a result of its own", "jacobian/symbolic/differentiate.py",
             "arg.args[0] if arg.operation is TRANSPOSE and None in arg.axes else arg for arg", "arg for arg",
             "tests/test_lines.py"),
    Mutation("paths in another order", "jacobian/symbolic/differentiate.py", "for k in reversed(range(len(args)))",
             "for k in range(len(args))", "tests/test_lines.py"),
    Mutation("a path dropped", "jacobian/symbolic/differentiate.py",
             "return reduce(add, reversed(terms))", "return terms[0]",
             "tests/test_symbolic.py tests/test_derivation.py"),
    Mutation("faults: every single row is of low rank", "jacobian/verify/faults/parts.py",
             "<= min(2, n - 1, extent(lost) - 1)", "<= min(2, n - 1)", "tests/test_faults.py"),
    # ---- the check of derivations ----------------------------------------------------------------------------------
    Mutation("check: laws not used again", "jacobian/derivation/check.py",
             "if not step.again().equals(step.after):", "if False:", "tests/test_derivation.py"),
    Mutation("check: joins not looked at", "jacobian/derivation/check.py",
             "if len(have) != len(wanted) or not all(map(Jacobian.equals, have, wanted)):", "if False:",
             "tests/test_derivation.py"),
    Mutation("check: SymPy asked at size 1", "jacobian/derivation/check.py", "SMALLEST = (2, 1, 5)",
             "SMALLEST = (1, 2, 5)", "tests/test_derivation.py"),
    Mutation("check: draws of the same sizes", "jacobian/derivation/check.py", "SMALLEST = (2, 1, 5)",
             "SMALLEST = (2, 1, 2)", "tests/test_derivation.py"),
    Mutation("check: the complex step of the whole left out", "jacobian/derivation/check.py",
             "*stepped([*operations, *whole], rng)]", "*stepped(operations, rng)]", "tests/test_derivation.py"),
    Mutation("check: SymPy not asked about the whole", "jacobian/derivation/check.py",
             "[*_by_rule(steps, operations), whole]", "[*_by_rule(steps, operations)]", "tests/test_derivation.py"),
    Mutation("check: SymPy not asked about operations", "jacobian/derivation/check.py",
             "[*_by_rule(steps, operations), whole]", "[whole]", "tests/test_derivation.py"),
    Mutation("check: what SymPy finds not compared", "jacobian/derivation/check.py",
             "elif not close(one.J @ v, found):", "elif False:",
             "tests/test_derivation.py"),
    Mutation("check: limits kept silent", "jacobian/derivation/check.py", "limits += unasked", "pass",
             "tests/test_derivation.py"),
    Mutation("check: a large map sees one entry", "jacobian/derivation/check.py",
             "else rng.normal(size=(n, VECTORS))", "else np.eye(n, 1)", "tests/test_derivation.py"),
    Mutation("check: a dependence may be denied", "jacobian/derivation/check.py",
             "if x not in inside}", "}", "tests/test_derivation.py"),
    Mutation("SymPy: the wrong entry moved", "jacobian/derivation/measure.py",
             'UNKNOWN * v.reshape(x.shape)', 'UNKNOWN * v.reshape(x.T.shape).T',
             "tests/test_derivation.py tests/test_symbolic.py"),
    Mutation("step: the reason of another argument", "jacobian/derivation/reasons.py", "REASONS.get((name, k))",
             "REASONS.get((name, 0))", "tests/test_derivation.py"),
    Mutation("forward: a product rule with one term", "jacobian/symbolic/forward.py", "return add(*terms)",
             "return next(iter(terms))", FORWARD),
    Mutation("forward: what is constant moves, too", "jacobian/symbolic/forward.py", "args.get(k, zeros(*arg.axes))",
             "args.get(k, arg)", FORWARD),
    Mutation("forward: a direction off the symmetric ones", "jacobian/symbolic/forward.py",
             "projection(x, convention).push(v)", "v", FORWARD),
    Mutation("forward: changes not compared with numbers", "jacobian/derivation/retrace.py",
             "if not close(bind(record.result), change(record.node)):", "if False:", FORWARD),
    Mutation("forward: rules not used again", "jacobian/derivation/retrace.py",
             "if pushed(node, record.given, spoken) is not record.result:", "if False:", FORWARD),
    Mutation("forward: changes need not join", "jacobian/derivation/retrace.py",
             "if any(known.get(node.args[k])", "if any(False and known.get(node.args[k])", FORWARD),
    Mutation("forward: what is written not compared", "jacobian/derivation/retrace.py",
             "if not close(bind(line.value).reshape(-1), found):", "if False:", FORWARD),
    Mutation("forward: another last change", "jacobian/derivation/retrace.py",
             "if known.get(f.goal, zeros(*f.goal.axes)) is not f.differential:", "if False:", FORWARD),
    Mutation("forward: local Jacobians not compared", "jacobian/derivation/retrace.py",
             "*stepped(locals_, rng)]", "]", FORWARD),
    Mutation("forward: dots forgotten", "jacobian/derivation/forward.py", "why, not whole, J, at)",
             "why, False, J, at)", FORWARD),
    Mutation("forward: printed all the same", "jacobian/derivation/views/forward.py",
             "_agree(self).require()", "pass", FORWARD),
    Mutation("differential: of free entries", "jacobian/derivation/derivation.py",
             'self.jacobians if self.convention == "projection" else sweep(self.goal, self.wrt)[0]', "self.jacobians",
             FORWARD + " tests/test_views.py"),
    Mutation("differential: changes keep no structure", "jacobian/symbolic/assumptions.py",
             "tuple(word for word in kept if word)", "()", FORWARD),
    Mutation("derivation: what needs no step left out", "jacobian/derivation/derivation.py", "[*record, *rest]",
             "record", "tests/test_derivation.py"),
    Mutation("check: failures printed all the same", "jacobian/derivation/check.py", "if not self.ok:",
             "if False:", "tests/test_derivation.py"),
    Mutation("printing: without the complex step", "jacobian/derivation/check.py",
             "if not close(sum((J[x] @ v[x] for x in group), np.zeros(found.size)), found):", "if False:",
             "tests/test_derivation.py"),
    Mutation("printing: named results do not move", "jacobian/derivation/check.py",
             ", *([x] for x in jacobians if x.args)):", ",):", "tests/test_derivation.py"),
    # ---- rewrites --------------------------------------------------------------------------------------------------
    Mutation("rewrite: sum of squares, whatever stands behind", "jacobian/symbolic/rewrites/products.py",
             "inside = [factor for factor in x.args if not (is_one(factor) and None in factor.axes)]",
             "inside = x.args[1:2] if is_one(x.args[0]) else []", REWRITES),
    Mutation("rewrite: columns of one-hot rows sum to one", "jacobian/symbolic/rewrites/products.py",
             "if a.operation is ONES and sums_to_one(transpose(b)) and a.axes[0] is None:",
             "if a.operation is ONES and sums_to_one(b) and a.axes[0] is None:", REWRITES),
    Mutation("rewrite: ones counted by their rows", "jacobian/symbolic/rewrites/products.py",
             "number(count(a.axes[1])), ones(a.axes[0], b.axes[1])",
             "number(count(a.axes[0])), ones(a.axes[0], b.axes[1])",
             REWRITES),
    Mutation("rewrite: a Kronecker factor not transposed", "jacobian/symbolic/rewrites/products.py",
             "if a.operation is KRON and b.operation is VEC and tuple(y.axes[1] for y in a.args) == b.args[0].axes:",
             "if a.operation is KRON and b.operation is VEC and a.args[0].axes[1] == b.args[0].axes[0]:", REWRITES),
    Mutation("rewrite: an inverse cancels at the far end", "jacobian/symbolic/rewrites/inverses.py",
             "if right and alike(right[-1], a)", "if right and alike(right[0], a)", REWRITES),
    Mutation("rewrite: a transpose passes for its matrix in a power", "jacobian/symbolic/rewrites/inverses.py",
             "return transpose(x.args[0].args[0]), x.args[0].data", "return x.args[0].args[0], x.args[0].data",
             REWRITES),
    Mutation("rewrite: a determinant forgotten", "jacobian/symbolic/rewrites/inverses.py",
             "return scale(_det(before), matmul(", "return scale(number(1), matmul(", REWRITES),
    Mutation("rewrite: Cholesky factors in any order", "jacobian/symbolic/rewrites/inverses.py",
             "for one, other, wrap in ((a, b, lambda y: y), (_alone(b), _alone(a), inverse)):",
             "for one, other, wrap in ((b, a, lambda y: y), (_alone(b), _alone(a), inverse)):", REWRITES),
    Mutation("rewrite: softmax by another sum", "jacobian/symbolic/rewrites/traces.py",
             "if alike(s, below):", "if s.operation is below.operation:", REWRITES),
    Mutation("rewrite: the sign of a logistic function", "jacobian/symbolic/rewrites/entrywise.py",
             "return None if a is None else sigmoid(scale(number(-1), a))", "return None if a is None else sigmoid(a)",
             REWRITES),
    Mutation("rewrite: ones beside a vector scale rows for columns", "jacobian/symbolic/rewrites/entrywise.py",
             "return matmul(others, diag(matmul(*factor.args[1:])))",
             "return matmul(diag(matmul(*factor.args[1:])), others)",
             REWRITES),
    Mutation("rewrite: softmax of a sum without its multiples", "jacobian/symbolic/rewrites/entrywise.py",
             "kept = [term for term in inside.args if not is_one(factored(term)[2])]",
             "kept = [term for term in inside.args if term.operation.name != \"scale\"]", REWRITES),
    Mutation("rewrite: triangles of ones count the diagonal once", "jacobian/symbolic/rewrites/sums.py",
             "add(scale(number(c), ones(n, n)), scale(number(c), eye(n)), *kept)",
             "add(scale(number(c), ones(n, n)), *kept)",
             REWRITES),
    Mutation("rewrite: a common factor loses its sign", "jacobian/symbolic/rewrites/sums.py",
             "map(number, (front, c / front, d / front))", "map(number, (front, abs(c / front), abs(d / front)))",
             REWRITES),
    Mutation("rewrite: a lower triangle times any", "jacobian/symbolic/rewrites/factors.py",
             "all(triangle(y) == \"lower\" for y in factors)", "any(triangle(y) == \"lower\" for y in factors)",
             REWRITES),
    Mutation("rewrite: the order decides the sign", "jacobian/symbolic/rewrites/sums.py",
             "front = -abs(c) if even and c.is_negative and d.is_negative else abs(c) if even else sp.Integer(1)",
             "front = c if even else sp.Integer(1)", REWRITES),
    # ---- SymPy, and equality -----------------------------------------------------------------------------------------
    Mutation("from SymPy: a row read as a column", "jacobian/symbolic/exchange.py",
             "return transpose(_below(*map(transpose, blocks)))", "return _below(*map(transpose, blocks))", EXCHANGE),
    Mutation("to SymPy: min for max", "jacobian/symbolic/exchange.py", "number(1 if y.data == \"max\" else -1)",
             "number(1)", EXCHANGE),
    Mutation("equivalent: a missing value is no difference", "jacobian/symbolic/equivalent.py",
             "np.isfinite(point.first) != np.isfinite(point.second)", "np.isnan(point.first) & ~np.isnan(point.first)",
             EXCHANGE),
    Mutation("equivalent: functions stand in for each other", "jacobian/symbolic/elementwise.py",
             "sp.Rational(10 + zlib.crc32(label.encode()) % 89, 250)", "sp.Rational(50, 250)", EXCHANGE),
    # ---- worksheets ------------------------------------------------------------------------------------------------
    Mutation("worksheet: answers on the sheet", "jacobian/worksheet/sheet.py", "[replace(exercise, answer=None) for",
             "[replace(exercise) for", "tests/test_worksheet.py"),
    Mutation("worksheet: numbers not confirmed", "jacobian/worksheet/numbers.py",
             "if not np.allclose(derived, measured, rtol=1e-9, atol=1e-9):", "if False:", "tests/test_worksheet.py"),
    # ---- files and programs ----------------------------------------------------------------------------------------
    Mutation("files: written in place", "jacobian/files.py", "os.replace(aside, place)",
             "place.write_bytes(aside.read_bytes())", "tests/test_files.py"),
    Mutation("files: each renamed before the next is written", "jacobian/files.py",
             'content.encode("utf-8") if isinstance(content, str) else content)\n',
             'content.encode("utf-8") if isinstance(content, str) else content)\n'
             "                path == paths[-1] or os.link(aside, place) or aside.unlink()\n", "tests/test_files.py"),
    Mutation("programs: what waits is left to Python's end", "jacobian/command.py",
             "                _say(\"\", sys.stdout)\n",
             "                pass\n", "tests/test_cli.py"),
    Mutation("programs: an output that failed is tried again", "jacobian/command.py",
             "        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())\n", "", "tests/test_cli.py"),
    Mutation("programs: characters that cannot be shown", "jacobian/command.py", 'errors="backslashreplace"',
             'errors="strict"', "tests/test_cli.py"),
    Mutation("source: a class that does not exist", "jacobian/printing/numpy/preamble.py",
             "if not hot.any(axis=-1).all():", "if hot.ndim > 2:", "tests/test_source.py"),
    # ---- views of one result -----------------------------------------------------------------------------------------
    Mutation("index: a delta is used where its index runs further", "jacobian/symbolic/indices.py",
             "inside = sp.sympify(count(k.size) - other.end).is_nonnegative", "inside = True", VIEWS),
    Mutation("index: a sum of what does not depend on it", "jacobian/symbolic/indices.py",
             "return times(number(k.size), x)", "return x", VIEWS),
    Mutation("index: places of a pair exchanged", "jacobian/symbolic/entry.py",
             "times(frame.delta(a, d), frame.delta(b, c))", "times(frame.delta(a, c), frame.delta(b, d))", VIEWS),
    Mutation("index: letters beside a sum used again", "jacobian/symbolic/letters.py",
             "                used |= _reach(args[-1])\n", "                pass\n", VIEWS),
    Mutation("index: counted from 0 in print", "jacobian/printing/notation.py",
             "rest = p.offset if ends else p.offset + 1", "rest = p.offset", VIEWS),
    Mutation("columns: A ⊗ B stays", "jacobian/symbolic/stacking.py", "            return kron(b, a)\n",
             "            return kron(a, b)\n", VIEWS),
    Mutation("columns: commutations the other way", "jacobian/symbolic/stacking.py",
             "*([] if J.axes[1] is None else [commutation(*into)])", "*([] if J.axes[1] is None else "
             "[commutation(*reversed(into))])", VIEWS),
    Mutation("layout: gradients in denominator layout turned", "jacobian/derivation/layout.py",
             "the variable, a column for each of the function.\",\n                    False, True)",
             "the variable, a column for each of the function.\",\n                    True, True)", VIEWS),
    Mutation("views: printed unchecked", "jacobian/derivation/views/view.py",
             "        for failure in self.failures():\n", "        for failure in ():\n", VIEWS),
    # ---- formulas as text ------------------------------------------------------------------------------------------
    Mutation("text: a sum of sizes for a product", "jacobian/symbolic/expr.py", "ast.Mult: operator.mul",
             "ast.Mult: operator.add", "tests/test_parse.py"),
    Mutation("text: a declared function is tanh", "jacobian/symbolic/parse/functions.py",
             "Row(name, EACH, each.function(name))", "Row(name, EACH, each.tanh)", "tests/test_parse.py"),
    Mutation("derive: both at once is one after the other", "jacobian/derivation/variables.py", "        if joined:\n",
             "        if False:\n", DERIVE),
    Mutation("derive: data is a variable", "jacobian/derivation/variables.py", "if not DATA & {*x.assumptions}",
             "if True", DERIVE),
    Mutation("derive: the caret is lost", "jacobian/command.py", "*place, \"\"", "\"\"", DERIVE),
    Mutation("derive: a word is lost at a fold", "jacobian/cli/terminal.py", "line[k:].lstrip()",
             "line[k + 2:].lstrip()", DERIVE),
    Mutation("derive: what fails its check is printed", "jacobian/cli/derive.py", "        return 1\n",
             "        return 0\n", DERIVE),
    # ---- depth, names and order, plain text ------------------------------------------------------------------------
    Mutation("depth: where paths meet no name is given", "jacobian/symbolic/differentiate.py", "above[node] > 1",
             "above[node] > 9", "tests/test_depth.py"),
    Mutation("depth: a name that is taken is given", "jacobian/derivation/derivation.py",
             "return None if word in taken else word", "return word", "tests/test_depth.py"),
    Mutation("order: the first of two that are as short", "jacobian/symbolic/rewrites/sums.py",
             "key=lambda y: (cost(y), made[y])", "key=cost", "tests/test_invariance.py"),
    Mutation("order: a name is found only in one order", "jacobian/symbolic/differentiate.py",
             "for part in parts if part.token in names})",
             "for part in parts if part.token in names and part is names[part.token].args[0]})",
             "tests/test_invariance.py"),
    Mutation("plain: a − (b − c) without brackets", "jacobian/printing/plain.py",
             "said += f\" - {written(scale(number(-c), body), PRODUCT)}\"",
             "said += f\" - {written(scale(number(-c), body))}\"", "tests/test_random.py"),
    Mutation("plain: the size 1 is lost", "jacobian/printing/plain.py", "return (ATOM, entry) if x.axes == SCALAR else",
             "return (ATOM, entry) if True else", "tests/test_random.py"),
    Mutation("text: triu is tril", "jacobian/symbolic/parse/functions.py",
             "lambda x: op.transpose(_lower(op.transpose(x)))", "_lower", "tests/test_parse.py"),
    Mutation("text: m + n for m n in a size", "jacobian/symbolic/parse/sizes.py", "Axis((given.row.words, [",
             "Axis((\"+\", [", "tests/test_parse.py"),
    Mutation("random: a block of a stack is another", "jacobian/symbolic/arrays.py",
             "            passed += count(block.axes[0])\n", "            passed += 1\n", "tests/test_invariance.py"),
    # ---- numeric Jacobians and the verdict on a claim --------------------------------------------------------------
    Mutation("verdict: the largest entry stands for all", "jacobian/verify/compare.py",
             "(off <= RESOLVED * size)", "(off <= RESOLVED * size.max())", "tests/test_check.py"),
    Mutation("verdict: what is small is drowned in noise", "jacobian/verify/compare.py",
             "~told & rough[:, None] & (off <= largest)", "~told & (off <= largest)", "tests/test_check.py"),
    Mutation("kinks: values beyond both slopes forgiven", "jacobian/verify/kinks.py",
             "forbids = kinked & ((claimed", "forbids = zero & ((claimed", "tests/test_check.py"),
    Mutation("kinks: entries not taken together", "jacobian/verify/kinks.py",
             "wrong |= (found < low - slack) | (found > high + slack)", "wrong |= np.isnan(found)",
             "tests/test_check.py"),
    Mutation("search: no other points", "jacobian/verify/search.py",
             "yield from given(self.sample, self.function.several) if self.sample else drawn(self.function.given)",
             "yield from ()", FAULTS),
    Mutation("search: the past forgotten", "jacobian/verify/search.py", "late = self.late(here, witnesses)",
             "late = None", FAULTS),
    Mutation("search: not made smaller", "jacobian/verify/search.py", "if there and there.suspicious:",
             "if there and not there.suspicious:", FAULTS),
    Mutation("products: a result may be overwritten", "jacobian/verify/products.py",
             "if not np.array_equal(product.again(), once, equal_nan=True):", "if product.again() is once:", FAULTS),
    Mutation("faults: one entry explained is enough", "jacobian/verify/faults/fault.py",
             "(off <= slack).all() and explained", "(off <= slack).any()", FAULTS),
    Mutation("faults: explained at one point is enough", "jacobian/verify/faults/fault.py",
             "wrong = [block for block in blocks if block.wrong]", "wrong = [b for b in blocks if b.wrong][:1]",
             FAULTS),
    Mutation("spec: the chain multiplied out with a wrong sign", "jacobian/verify/spec.py",
             "self.reverse[at] + (change", "self.reverse[at] - (change", FAULTS),
    Mutation("spec: another function accepted", "jacobian/verify/spec.py", "> AGREES * size", "> 1e9 * size", FAULTS),
    Mutation("verdict: any small claim is 0", "jacobian/verify/compare.py",
             "(np.abs(claim.matrix) <= rounding) & (off", "(np.abs(claim.matrix) <= np.inf) & (off",
             "tests/test_check.py"),
    Mutation("verdict: rounding left in place of 0 not known", "jacobian/verify/compare.py",
             "np.maximum(8 * claim.spread, 2**4 * claim.spacing * row)", "0 * row", "tests/test_check.py"),
    Mutation("claim: one floor for all outputs", "jacobian/verify/claim.py", ".max(axis=1, keepdims=True)", ".max()",
             "tests/test_check.py"),
    Mutation("numeric: a change lost beside 1", "jacobian/numeric/function.py",
             "np.where(self.y == 0, 1.0, np.abs(self.y))", "np.abs(self.y)", "tests/test_numeric.py"),
    Mutation("numeric: a value without a bound", "jacobian/numeric/measure.py", "np.where(lost, np.inf, bound)",
             "np.where(lost, 0.0, bound)", "tests/test_numeric.py"),
    Mutation("numeric: what a line through x shows is overlooked", "jacobian/numeric/measure.py",
             "np.maximum(0.0, np.nan_to_num(", "0.0 * np.abs(np.nan_to_num(", "tests/test_numeric.py"),
    Mutation("numeric: a cusp has a slope", "jacobian/numeric/differences.py", "np.where(upright, np.inf, bound + gap)",
             "bound + gap", "tests/test_numeric.py"),
    Mutation("numeric: any series is one in h²", "jacobian/numeric/differences.py", "credit[:-1] & fast",
             "credit[:-1]", "tests/test_numeric.py"),
    Mutation("numeric: a kink has its left slope", "jacobian/numeric/differences.py", "np.where(apart, (a + b) / 2,",
             "np.where(apart, a,", "tests/test_hard.py"),
    Mutation("numeric: code that is not analytic passes", "jacobian/numeric/confirm.py",
             "EXCLUDED * real.bound + error", "1e99 * real.bound + error", "tests/test_numeric.py"),
    Mutation("numeric: a complex Jacobian is conjugated", "jacobian/numeric/result.py", "+ 1j * value[1::2]",
             "- 1j * value[1::2]", "tests/test_hard.py"),
    Mutation("numeric: the executor stands idle", "jacobian/numeric/function.py",
             "self.executor.map if self.executor", "map if self.executor", "tests/test_sparsity.py"),
    Mutation("noise: none is looked for", "jacobian/numeric/noise.py",
             "    return np.nan_to_num(np.fmin.reduce(found), nan=0.0, posinf=np.inf)",
             "    return 0.0 * np.fmin.reduce(found)", "tests/test_hard.py"),
    Mutation("sparsity: columns of one colour share a row", "jacobian/numeric/sparsity.py",
             "pattern.rows * p + pattern.columns % p", "pattern.columns", "tests/test_sparsity.py"),
    Mutation("sparsity: a band on the other side", "jacobian/numeric/sparsity.py",
             "top, left = max(-d, 0), max(d, 0)", "left, top = max(-d, 0), max(d, 0)", "tests/test_sparsity.py"),
    Mutation("sparsity: what a pattern leaves out passes", "jacobian/numeric/sparsity.py",
             "wrong |= ~touched & changed", "wrong &= ~touched & changed", "tests/test_sparsity.py"),
    Mutation("Taylor: the derivative is added", "jacobian/numeric/taylor.py", "rest = moved - h[:, None] * slope",
             "rest = moved + h[:, None] * slope", "tests/test_taylor.py"),
    Mutation("adjoint: one side twice", "jacobian/numeric/adjoint.py", "rows.append((y @ u, v @ w,",
             "rows.append((y @ u, y @ u,", "tests/test_taylor.py"),
)


def noticed(mutation: Mutation, place: Path) -> bool:
    """Whether the tests fail with the mistake in the copy at `place`."""
    path = place / mutation.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *mutation.tests.split()]
    try:
        run = subprocess.run(command, cwd=place, capture_output=True, env=_environment(place), check=False,
                             timeout=PATIENCE)
    except subprocess.TimeoutExpired:       # what does not end has not passed
        return True
    finally:
        path.write_text(text, encoding="utf-8")
    return run.returncode == 1


def _environment(place: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}


def main(words: list[str]) -> int:
    chosen = [m for m in MUTATIONS if not words or any(word in m.name for word in words)]
    table = Table("mistake", "in", "noticed")
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "copy"
        left_out = shutil.ignore_patterns(".git", "__pycache__", "*.egg-info", ".*_cache", ".hypothesis")
        shutil.copytree(ROOT, place, ignore=left_out)
        for mutation in track(chosen, "planting mistakes"):
            found = noticed(mutation, place)
            missed += not found
            table.add_row(mutation.name, mutation.file, "yes" if found else "[red]NO")
    Console().print(table)
    print(f"{len(chosen) - missed} of {len(chosen)} planted mistakes were noticed")
    return 1 if missed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
