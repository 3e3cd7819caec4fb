"""The proof of the layers: every one of the table is right, and one that is not is shown to be wrong."""

from dataclasses import dataclass

import numpy as np
import pytest

import jacobian as jac
import mlp

each_precision = pytest.mark.parametrize("dtype", ["float64", "float32"])


@each_precision
@pytest.mark.parametrize("layer", mlp.LAYERS, ids=str)
def test_every_layer_is_its_symbolic_jacobian(layer, dtype):
    proofs = [*mlp.prove([layer], seed=3, dtype=dtype)]
    assert [proof.wrt for proof in proofs] == list(layer.variables)
    assert not [(proof.wrt, proof.errors) for proof in proofs if not proof.right]


@dataclass(frozen=True)
class Slip(mlp.Layer):
    """a = z², with a derivative that lacks its 2, or is right but for one part in 10⁹."""

    factor: float

    shapes = "z: N m"

    def spec(self, z):
        return z**2

    def value(self, z):
        return z * z

    def by_z(self, z):
        return jac.Diagonal(self.factor * z)


@pytest.mark.parametrize("factor", [1.0, 2 * (1 + 1e-9)])
def test_a_wrong_jacobian_is_told_from_the_60_digits_and_not_from_itself(factor):
    proof, = mlp.prove([Slip(factor)])
    assert not proof.right
    off = proof.errors["explicit"] * np.finfo(float).eps
    assert off == pytest.approx(abs(1 - factor / 2), rel=1e-3)
    assert max(proof.errors["symbolic"], proof.errors["complex step"]) < 10
    assert next(iter(mlp.prove([Slip(2.0)]))).right


def test_the_kind_of_jacobian_is_named_with_its_parts():
    kinds = {proof.wrt: proof.kind for proof in mlp.prove([mlp.Affine()])}
    assert kinds == {"x": "Kronecker(Identity, Dense)", "W": "Product(Commutation, Kronecker(Identity, Dense))",
                     "b": "Kronecker(Dense, Identity)"}
