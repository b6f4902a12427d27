"""The form in which a wide population computes: one product, images last."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from lowcap.networks.layout import Layout

Matrix = Float[Array, "_ _"]


class Fused(eqx.Module):
    """All members' networks, each bias the weight of one more pixel that is always 1.

    So the biases and their gradients come out of the large products. Activations are
    [units, rows], and not the other way round: then no product has to transpose the weights,
    which is a fifth of the time of a small batch, and the sum over a member's units adds whole
    rows. The members share nothing but their input, so the gradient of the sum of their losses
    holds each member's own gradient, exactly.
    """

    w1: Float[Array, "units columns"]
    w2: Float[Array, " units"]
    b2: Float[Array, " members"]
    layout: Layout = eqx.field(static=True)

    def hidden(self, x: Float[Array, "rows columns"]) -> Float[Array, "units rows"]:
        """The activations of every hidden unit; x may be of lower precision than the weights."""
        return jax.nn.relu(_product(self.w1, x))

    def readout(self, hidden: Float[Array, "units rows"]) -> Float[Array, "members rows"]:
        """Every member's log-odds of class 1, from the hidden activations."""
        return self.layout.sum_units(hidden * self.w2[:, None]) + self.b2[:, None]

    def logits(self, x: Float[Array, "rows columns"]) -> Float[Array, "members rows"]:
        """Every member's log-odds of class 1."""
        return self.readout(self.hidden(x))

    def per_weight(self, values: Float[Array, " members"]) -> "Fused":
        """A value of each member, shaped to broadcast over that member's weights."""
        of_unit = values[self.layout.owner]
        return Fused(of_unit[:, None], of_unit, values, self.layout)


@jax.custom_vjp
def _product(w: Matrix, x: Matrix) -> Matrix:
    """``w @ x.T`` with factors of x's precision, summed in single precision.

    Written out with its gradient, which JAX would otherwise take at mixed precision, that is
    slowly. The images get no gradient: training does not ask for it.
    """
    over = (((1,), (1,)), ((), ()))
    return lax.dot_general(w.astype(x.dtype), x, over, preferred_element_type=jnp.float32)


def _forward(w: Matrix, x: Matrix) -> tuple[Matrix, Matrix]:
    return _product(w, x), x


def _backward(x: Matrix, slope: Matrix) -> tuple[Matrix, Matrix]:
    over = (((1,), (0,)), ((), ()))
    slope = slope.astype(x.dtype)
    return lax.dot_general(slope, x, over, preferred_element_type=jnp.float32), jnp.zeros_like(x)


_product.defvjp(_forward, _backward)
