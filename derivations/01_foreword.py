"""1 Foreword: how these pages read the notes."""

# # 1 Foreword
#
# The notes on back-propagation state equations without proofs. These pages follow them section by section. Each
# equation, and each statement with a number in it, is a *claim*: we write it down as the notes do, let the package
# derive what belongs there, and compare. The verdict is computed, so it cannot be a matter of opinion.

import jacobian as jac
from derivations.claim import Reading, examine
from derivations.correction import derived

# ## What a derivative is
#
# The derivative of y by x is one linear map, the Jacobian J with J[i, j] = ∂yᵢ/∂xⱼ: one row for each output, one
# column for each input. The gradient of a number f is written in the shape of x, as in the notes. The package writes
# each derivation with its reasons:

A, x = jac.symbols("A: m n, x: n")
f = jac.name("f", jac.half_square(A @ x))
d = jac.derive(f, x)
print(d.text(), "\n")

# ## What a verdict is
#
# A claim and its derivation are two computations. Both are carried out at several points with random numbers and with
# sizes that are all different, so that a transpose that is missing cannot hide. If they agree everywhere the claim is
# right. If they do not, a point with small whole numbers is looked for, to be checked by hand. If the claim cannot be
# computed at all, because its shapes do not multiply, that is the reason. Where a claim can be understood in two ways
# and holds in one of them, it is called ambiguous, and both are shown. Where a letter or a transpose has to be changed
# before it holds, it stays wrong, and what was tried to mend it is shown with what came of it.
#
# Here is the mechanism at work, on a gradient without its transpose and on the right one:

print(examine(Reading(lambda at: A @ (A @ x), d.value)).reason)
print("with the transpose it agrees:", examine(Reading(A.T @ (A @ x), d.value)).agrees, "\n")

# The derivation itself is checked before it is printed: each step follows from the one before by the law that it
# cites, and agrees with numbers and with SymPy.

print("checked,", d.check())
print(derived(d).text(), "\n")

# ## Letters
#
# One letter, one meaning, on all pages: x is the input, W and b are the parameters of a layer, z = W a + b is what
# enters its activation g, a = g(z) what leaves it, h the output, t the target, J the loss, δ = ∂J/∂z the error signal.
# The notes write o (section 5) and y (section 7) for the target t, a^{[3]} (section 7) for the output h, and L
# (section 7) for the loss J; section 6 uses J and 𝕁 for the Jacobian, too. Their n is the number of neurons of layer 2
# (section 4), the number of inputs of a function (section 6) and the number of samples (section 7). Sizes below are m
# neurons and d inputs of layer 1, as in the notes, or n₀, n₁, n₂, n₃ from the input to the output.
