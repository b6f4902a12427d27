"""A small model as ONNX, with what its columns need inside: it takes the user's values as they are.

One input for each column, in the file's order, under the column's name: float32 [n, 1] for a
number, strings [n, 1] for a category. Missing is NaN, or the empty string. Outputs are "label" [n]
and "probabilities" [n, classes], or "prediction" [n, 1] of a regression.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lowcap.errors import SettingsError
from lowcap.small.export.layers import layers_of
from lowcap.small.model import Column, SmallModel

if TYPE_CHECKING:
    import onnx

_OPSET = 17
_ML_OPSET = 3
_IR = 8


def onnx_bytes(model: SmallModel) -> bytes:
    """The content of ``model.onnx``.

    Raises:
        SettingsError: the package onnx is not installed, or the network cannot be exported.
    """
    try:
        import onnx
        from onnx import helper
    except ImportError:
        raise SettingsError("ONNX needs the package onnx: pip install 'lowcap[export]'") from None
    graph = _Graph(model)
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid("ai.onnx.ml", _ML_OPSET)]
    made = helper.make_model(
        graph.finished(), opset_imports=opsets, producer_name="lowcap", ir_version=_IR
    )
    onnx.checker.check_model(made, full_check=True)
    return made.SerializeToString()


class _Graph:
    """Nodes are added one after the other; names never meet a column's."""

    def __init__(self, model: SmallModel) -> None:
        self.model = model
        self.layers = layers_of(model)
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.taken = set(model.names())
        if "" in self.taken:
            raise SettingsError("a column without a name cannot be an input of ONNX: name it")

    def name(self, wish: str) -> str:
        """The name wished for, or one like it that is free."""
        found, number = wish, 1
        while found in self.taken:
            number += 1
            found = f"{wish}_{number}"
        self.taken.add(found)
        return found

    def constant(self, values: Any) -> str:
        """A constant's name; of text as strings, of numbers in single precision."""
        from onnx import numpy_helper

        array = np.asarray(values)
        array = array.astype(np.float32) if array.dtype == np.float64 else array
        name = self.name("constant")
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def add(
        self, kind: str, *inputs: str, output: str = "", domain: str = "", **settings: Any
    ) -> str:
        """Add a node; the name of its only output."""
        from onnx import helper

        output = output or self.name(kind.lower())
        node = helper.make_node(kind, inputs, [output], domain=domain, **settings)
        self.nodes.append(node)
        return output

    def finished(self) -> "onnx.GraphProto":
        """The whole graph."""
        from onnx import TensorProto, helper

        seen = [piece for column in self.model.columns for piece in self._seen(column)]
        joined = seen[0] if len(seen) == 1 else self.add("Concat", *seen, axis=1)
        outputs = self._answer(self._logits(joined))
        kinds = {"number": TensorProto.FLOAT, "category": TensorProto.STRING}
        inputs = [
            helper.make_tensor_value_info(column.name, kinds[column.kind], ["n", 1])
            for column in self.model.columns
        ]
        return helper.make_graph(self.nodes, "lowcap", inputs, outputs, self.constants)

    def _seen(self, column: Column) -> list[str]:
        """What the network sees of a column."""
        if column.kind == "category":
            return self._category(column)
        missing = self.add("IsNaN", column.name)
        # A mean far from 0 has more digits than single precision: what it rounds away follows.
        mean = float(np.float32(column.mean))
        moved = self.add("Sub", column.name, self.constant(mean))
        if mean != column.mean:
            moved = self.add("Sub", moved, self.constant(column.mean - mean))
        scaled = self.add("Div", moved, self.constant(column.scale))
        fill = self.constant((float(column.fill) - column.mean) / column.scale)
        seen = [self.add("Where", missing, fill, scaled)]
        return [*seen, self.add("Cast", missing, to=1)] if column.flagged else seen

    def _category(self, column: Column) -> list[str]:
        if "" in column.categories:
            raise SettingsError(
                f"column '{column.name}': the empty text is a category of it, but means missing"
            )
        words = list(column.categories)
        place = {word: number for number, word in enumerate(words)}
        filled = place.get(str(column.fill), -1)
        number = self._mapped(column.name, [*words, ""], [*range(len(words)), filled], -1)
        same = self.add("Equal", number, self.constant(np.arange(len(words))[None]))
        seen = [self.add("Cast", same, to=1)]
        if column.flagged:
            flag = self._mapped(column.name, [""], [1], 0)
            seen.append(self.add("Cast", flag, to=1))
        return seen

    def _mapped(self, name: str, words: list[str], numbers: list[int], otherwise: int) -> str:
        return self.add(
            "LabelEncoder", name, domain="ai.onnx.ml", keys_strings=words, values_int64s=numbers,
            default_int64=otherwise,
        )  # fmt: skip

    def _logits(self, inputs: str) -> str:
        layers = self.layers
        first = self.add(
            "Gemm", inputs, self.constant(layers.first), self.constant(layers.bias), transB=1
        )
        if layers.second is None or layers.second_bias is None:
            return first
        hidden = self.add("Relu", first)
        second, bias = self.constant(layers.second), self.constant(layers.second_bias)
        return self.add("Gemm", hidden, second, bias, transB=1)

    def _answer(self, logits: str) -> list[Any]:
        from onnx import TensorProto, helper

        model = self.model
        if not model.classes:
            scaled = self.add("Mul", logits, self.constant(model.target_scale))
            name = self.name("prediction")
            self.add("Add", scaled, self.constant(model.target_mean), output=name)
            return [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 1])]
        label, probabilities = self.name("label"), self.name("probabilities")
        if len(model.classes) == 2:
            one = self.add("Sigmoid", logits)
            rest = self.add("Sigmoid", self.add("Neg", logits))  # 1 - p loses what is near 1
            self.add("Concat", rest, one, axis=1, output=probabilities)
            positive = self.add("Not", self.add("Less", logits, self.constant(0.0)))
            place = self.add("Cast", positive, to=7)
            place = self.add("Reshape", place, self.constant(np.array([-1])))
        else:
            self.add("Softmax", logits, axis=1, output=probabilities)
            place = self.add("ArgMax", logits, axis=1, keepdims=0)
        kind, labels = _labels(model.classes)
        self.add("Gather", self.constant(labels), place, output=label)
        shape = ["n", len(model.classes)]
        return [
            helper.make_tensor_value_info(label, kind, ["n"]),
            helper.make_tensor_value_info(probabilities, TensorProto.FLOAT, shape),
        ]


def _labels(classes: Sequence[Any]) -> tuple[int, np.ndarray]:
    """Labels as a tensor: truth values, whole numbers, floating point, or else text."""
    from onnx import TensorProto

    found = np.array(classes)
    kinds = {"b": TensorProto.BOOL, "i": TensorProto.INT64, "f": TensorProto.FLOAT}
    kind = found.dtype.kind
    if kind == "i":
        return kinds[kind], found.astype(np.int64)
    if kind in kinds:
        return kinds[kind], found
    return TensorProto.STRING, np.array([str(label) for label in classes], object)
