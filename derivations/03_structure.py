"""3 ANN structure: how many parameters."""

# # 3 ANN structure
#
# The figure of the notes is lost, but its sizes are in the text: two inputs, three neurons in the first hidden layer,
# four in the second, one output. With these sizes the package knows every shape.


import numpy as np

from derivations.claim import Claim, Reading
from derivations.correction import defined
from derivations.network import network

net = network(2, 3, 4, 1)
for k in net.W:
    print(f"layer {k}: W has shape {net.W[k].shape}, b has shape {net.b[k].shape}")
print()

# ## The number of parameters
#
# The notes add up (2x3 + 3) + (3x4 + 4) + (4x1 + 1) and do not give the sum. We count the entries of the symbols of
# each layer, and then all of them.

counts = [net.W[k].size + net.b[k].size for k in net.W]
count = Claim(
    "3.1", "layer 1 has 2x3 + 3 parameters, layer 2 has 3x4 + 4, layer 3 has 4x1 + 1",
    r"(2 \times 3 + 3) + (3 \times 4 + 4) + (4 \times 1 + 1)",
    (Reading(lambda at: np.array([2 * 3 + 3, 3 * 4 + 4, 4 * 1 + 1]), lambda at: np.array(counts)),),
    defined(*net.z.values()),
    remark="2x3 is a product here. As a shape it would be the wrong way round: W^{[1]} is 3 × 2, as section 5 says.")
print(count)
print(f"in all {' + '.join(map(str, counts))} = {sum(counts)} parameters\n")

# ## The names of the layers
#
# Two layers have the same label in the notes: "Hidden Layer 1 (layer 1)" and "Hidden Layer 1 (layer 2)". We number the
# layers that have an activation in the order in which the network computes them, and compare with the labels.

labels = Claim(
    "3.2", "layer 1 is Hidden Layer 1, layer 2 is Hidden Layer 1", r"\text{Hidden Layer } 1, \ \text{Hidden Layer } 1",
    (Reading(lambda at: np.array([1, 1]), lambda at: np.array([k for k in net.a if k in net.z])),),
    defined(*(net.a[k] for k in net.a if k in net.z)),
    remark="The second is Hidden Layer 2.")
print(labels)
