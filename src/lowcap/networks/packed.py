"""The form in which a fused population computes: one product, rows last."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float, Int

from lowcap.networks.layout import Layout
from lowcap.networks.mixing import mix, sum_units
from lowcap.networks.rows import columns_for

Matrix = Float[Array, "_ _"]


class Packed(eqx.Module):
    """All members' networks, each first-layer bias the weight of one more input that is always 1.

    So the biases and their gradients come out of the large products. Activations are
    [units, rows], and not the other way round: then no product has to transpose the weights,
    which is a fifth of the time of a small batch, and the sum over a member's units adds whole
    rows. The members share nothing but their input, so the gradient of the sum of their losses
    holds each member's own gradient, exactly.
    """

    w1: Float[Array, "first columns"]
    w2: Float[Array, "units outputs"]
    b2: Float[Array, "members outputs"]
    layout: Layout = eqx.field(static=True)

    def hidden(
        self, x: Float[Array, "rows columns"]
    ) -> tuple[Float[Array, "lines rows"] | None, Float[Array, "units rows"]]:
        """Outputs of members without a hidden layer (None without such), and all hidden units.

        Args:
            x: may be of lower precision than the weights.
        """
        z, lines = _product(self.w1, x), self.layout.lines
        return (z[:lines] if lines else None), jax.nn.relu(z[lines:] if lines else z)

    def readout(
        self, lines: Float[Array, "lines rows"] | None, hidden: Float[Array, "units rows"]
    ) -> Float[Array, "members outputs rows"]:
        """Every member's outputs, from what `hidden` gave."""
        layout = self.layout
        if lines is not None:
            direct = lines.reshape(layout.linear, layout.outputs, -1)
            if layout.linear == layout.members:
                return direct
        if layout.outputs == 1:
            mixed = sum_units(layout.alike, hidden * self.w2)[:, None]
        else:
            mixed = mix(layout.alike, hidden, self.w2)
        mixed = mixed + self.b2[layout.linear :, :, None]
        return mixed if lines is None else jnp.concatenate([direct, mixed])

    def logits(self, x: Float[Array, "rows columns"]) -> Float[Array, "members outputs rows"]:
        """Every member's outputs."""
        return self.readout(*self.hidden(x))

    def per_weight(self, values: Float[Array, " members"]) -> "Packed":
        """A value of each member, shaped to broadcast over that member's weights."""
        of_unit, of_row = values[self.layout.owner], values[self.layout.row_owner]
        return Packed(of_row[:, None], of_unit[:, None], values[:, None], self.layout)


def pack(
    arrays: dict[str, np.ndarray],
    layout: Layout,
    used: Bool[np.ndarray, " inputs"],
    members: Int[np.ndarray, " some"] | None = None,
) -> Packed:
    """Some members, all unless given, as they act on the inputs that are used.

    An input that is 0 in every row adds nothing to any unit and gets no gradient, so training this
    form is training the whole, exactly.
    """
    rows, units, some, inner = slice(None), slice(None), slice(None), layout
    if members is not None and len(members) < layout.members:
        rows, units, some = layout.all_rows_of(members), layout.all_units_of(members), members
        inner = layout.of(members)
    inputs = int(used.sum())
    w1 = np.zeros((inner.lines + inner.units, columns_for(inputs)), np.float32)
    w1[:, :inputs] = np.compress(used, arrays["w1"][rows], axis=1)
    w1[:, inputs] = arrays["b1"][rows]
    w2, b2 = arrays["w2"][units], arrays["b2"][some]
    return Packed(jax.device_put(w1), jax.device_put(w2), jax.device_put(b2), inner)


def unpack(
    members: Int[np.ndarray, " some"],
    packed: Packed,
    arrays: dict[str, np.ndarray],
    layout: Layout,
    used: Bool[np.ndarray, " inputs"],
) -> None:
    """The inverse of `pack`: write the weights of some members into the arrays of all.

    Inputs that are never used keep their weights.
    """
    places = np.flatnonzero(used)
    rows, units = layout.all_rows_of(members), layout.all_units_of(members)
    first = np.asarray(packed.w1)
    arrays["w1"][rows[:, None], places] = first[:, : len(places)]
    arrays["b1"][rows] = first[:, len(places)]
    arrays["w2"][units], arrays["b2"][members] = np.asarray(packed.w2), np.asarray(packed.b2)


@jax.custom_vjp
def _product(w: Matrix, x: Matrix) -> Matrix:
    """``w @ x.T`` with factors of x's precision, summed in single precision.

    Written out with its gradient, which JAX would otherwise take at mixed precision, that is
    slowly. The rows get no gradient: training does not ask for it.
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
