"""The questions of `jacobian practice`: one line each."""

from __future__ import annotations

from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.sheet import Item

_BACKWARD = "delta2 is the gradient of the loss by z2. Give the gradient by z1."
ROWS = (
    ("a layer, by W", "z = W x + b, and delta is the gradient of the loss by z. Give the gradient by W.",
     "delta*x'", "delta: m, x: n", ""),
    ("a layer, by x", "z = W x + b, and delta is the gradient of the loss by z. Give the gradient by x.",
     "W'*delta", "W: m n, delta: m", ""),
    ("sigmoid", f"a1 = sigmoid(z1), z2 = W2 a1 + b2; {_BACKWARD}", "(W2'*delta2) .* a1 .* (1 - a1)",
     "W2: p n, delta2: p, z1: n", "a1 = sigmoid(z1)"),
    ("any activation", f"a1 = g(z1), z2 = W2 a1 + b2; {_BACKWARD}", "(W2'*delta2) .* dg(z1)",
     "W2: p n, delta2: p, z1: n, g: function", "a1 = g(z1)"),
    ("ReLU", f"a1 = relu(z1), z2 = W2 a1 + b2; {_BACKWARD}", "(W2'*delta2) .* (z1 > 0)", "W2: p n, delta2: p, z1: n",
     "a1 = relu(z1)"),
    ("tanh", "a = tanh(z), entry by entry. Give the Jacobian of a by z.", "diag(1 - a.^2)", "z: n", "a = tanh(z)"),
    ("softmax", "p = softmax(z). Give the Jacobian of p by z.", "diag(p) - p*p'", "z: n", "p = softmax(z)"),
    ("cross-entropy", "p = softmax(z), L is the cross-entropy with the one-hot t. Give the gradient by z.", "p - t",
     "z: n, t: n onehot", "p = softmax(z)"),
    ("a quadratic form", "Give the gradient of x'A x by x, for any square A.", "(A + A')*x", "A: n n, x: n", ""),
    ("least squares", "Give the gradient of |A x - b|^2 by x.", "2*A'*(A*x - b)", "A: m n, x: n, b: m", ""),
    ("a batch, by W", "Z = X W', rows are samples, D is the gradient of the total loss by Z. Give the gradient of the "
     "mean loss over N samples by W.", "D'*X/N", "D: N m, X: N n", ""),
    ("a step", "One step of gradient descent on W at the rate eta; the gradient is delta x'.", "W - eta*delta*x'",
     "W: m n, eta:, delta: m, x: n", ""),
    ("trace", "Give the gradient of trace(A X B) by X.", "A'*B'", "A: k m, B: n k", ""),
    ("norm", "Give the gradient of the Euclidean norm of x by x.", "x/norm(x)", "x: n", ""),
)


def drills() -> list[Item]:
    """The questions, built when they are asked for."""
    return [Item(name, Question(answer, shapes, given, text=text), 1) for name, text, answer, shapes, given in ROWS]
