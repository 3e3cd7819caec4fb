"""Right answers in forms that neither corpus has: question, shapes and what is given, and what is typed."""

FORMS = {
    ("(W2'*delta2) .* a1 .* (1 - a1)", "W2: p n, delta2: p, z1: n", "a1 = sigmoid(z1)"): (
        r"W2.T·δ2 ⊙ σ'(z1)", "W2.t() @ delta2 * a1*(1-a1)", r"$W_2^T \delta_2 \odot a_1 \odot (1 - a_1)$",
        r"\(W_{2}^{\mathrm{T}}\delta_{2}\odot a_{1}\odot(1-a_{1})\)", r"{W_2}^T \delta_2 \circ \sigma'(z_1)",
        "W⁽²⁾ᵀδ⁽²⁾ ⊙ σ'(z⁽¹⁾)", "delta2 @ W2 * sigmoid_prime(z1)", "np.einsum('ji,j->i', W2, delta2) * a1 * (1 - a1)",
        "∑_j W2_ji δ2_j a1_i (1 - a1_i)", r"\sum_{j} (W_2)_{ji} (\delta_2)_j \, a_{1,i} (1 - a_{1,i})",
        "1/(1+exp(-z1)) .* (1 - 1/(1+exp(-z1))) .* (W2'*delta2)"),
    ("delta*x'", "delta: m, x: n, W: m n", ""): (
        "np.atleast_2d(delta).T @ np.atleast_2d(x)",
        "dL/dW_ji = delta_j x_i", r"\frac{\partial L}{\partial W_{ji}} = \delta_j x_i", "delta*x'.", "(x_i delta_j)^T"),
    ("A*x", "A: m 2*n, x: 2*n", ""): ("A @ x", "sum_j A_ij x_j"),
    ("inv(X)'", "X: n n invertible", ""): (
        "X^{-T}", "np.linalg.inv(X.T)", "X⁻ᵀ", "X'^-1", "adj(X)'/det(X)", r"\left(X^{-1}\right)^\top"),
    ("inv(A')*(b + c)", "A: n n, b: n, c: n", ""): (
        r"A'\(b + c)", r"A' \ (b + c)", r"A'\[b + c]", r"A'\c + A'\b   % one system each", r"A^{-\top}\,(b+c)",
        "np.linalg.solve(A.T, b + c)  # no inverse"),
    ("D'*vector(1)", "D: N m", ""): (
        "D'*ones(N, 1)", "size(D, 1)*mean(D)'", "np.size(D, 0)*np.mean(D, 0)", "D.size/D.shape[1]*D.mean(0)",
        "D.sum(axis=0)  # over the batch", "np.add(D, D).sum(0)/2", "(np.atleast_2d(np.ones(N)) @ D).T"),
    ("x/norm(x)", "x: n", ""): ("x / |x|", "x/||x||_2", "x/np.sqrt(x@x)", "x (x'x)^(-1/2)", r"\frac{x}{||x||}"),
    ("diag(p) - p*p'", "z: n", "p = softmax(z)"): (
        "p_i(δ_ij - p_j)", r"p_i(\delta_{ij} - p_j)", "diag(p) (I - 1 p^T)", r"\mathrm{diag}(p) - p p^T"),
    ("(g - mean(g) - y*mean(g.*y))/s", "g: n, y: n, s:", ""): (
        "(g - (1/n) 1 1^T g - (1/n) y y^T g)/s", "(n g - sum(g) - y (g'y))/(n s)",
        r"\frac{1}{s}(g - \frac{1}{n}\sum_j g_j - y \frac{1}{n}\sum_j g_j y_j)"),
}
