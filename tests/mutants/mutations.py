"""The mutants of a source file: every place where one small mistake can be made."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

SWAPS: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
TURNED = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
"""Comparisons whose swap is already their negation."""

LEFT_OUT = {"annotation", "returns", "decorator_list"}
"""Types, which beartype and pyright check, and decorators, which say how to compile or store."""


@dataclass(frozen=True)
class Place:
    """Where in a file an expression is."""

    scope: str
    """The function or class it is in, with those around it; empty at the top of a module."""
    reach: tuple[int, int]
    """First and last line of which a test must run one to meet a mistake here: the statement's; for
    defaults, those of the function's body; for what runs at import, the whole file."""
    in_function: bool = False
    says_whether: bool = False
    """What the function returns is a bool."""


@dataclass(frozen=True)
class Mutant:
    """One mistake in one file."""

    file: str
    scope: str
    reach: tuple[int, int]
    at_import: bool
    """Whether it is in no function."""
    line: int
    code: str
    """The line as it was."""
    kind: str
    before: str
    after: str
    text: str
    """The whole file with the mistake in it."""

    @property
    def name(self) -> tuple[str, str, str, str]:
        """What stays the same when other lines of the file change."""
        return self.file, self.scope, self.before, self.after

    @property
    def words(self) -> tuple[str, str, str, str]:
        """By which `accepted.toml` names it."""
        return self.file, self.code, self.before, self.after

    @property
    def key(self) -> str:
        """Changes with the file, so that a result of an older file is not taken for this one's."""
        return sha256(f"{self.file}\n{self.text}".encode()).hexdigest()[:12]


def mutants(file: str, source: str) -> Iterator[Mutant]:
    """All mutants of a file, from top to bottom."""
    whole = source.encode()
    lines = whole.splitlines(keepends=True)
    starts = [sum(map(len, lines[:i])) for i in range(len(lines))]
    for node, place, condition in _expressions(ast.parse(source), Place("", (1, len(lines)))):
        for kind, mistake in _mistakes(node, condition):
            first = starts[node.lineno - 1] + node.col_offset
            last = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
            before, after = whole[first:last].decode(), ast.unparse(mistake)
            text = b"%s(%s)%s" % (whole[:first], after.encode(), whole[last:])
            code = lines[node.lineno - 1].decode().strip()
            at = (file, place.scope, place.reach, not place.in_function, node.lineno, code)
            yield Mutant(*at, kind, before, after, text.decode())


def _expressions(
    node: ast.AST, place: Place, condition: bool = False
) -> Iterator[tuple[ast.expr, Place, bool]]:
    """Every expression at and below a node, its place, and whether it decides or answers."""
    if isinstance(node, ast.JoinedStr):  # a message; Python 3.11 does not know its columns
        return
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        scope = f"{place.scope}.{node.name}".lstrip(".")
        place = replace(place, scope=scope, in_function=isinstance(node, ast.FunctionDef))
    if isinstance(node, ast.FunctionDef):
        says_whether = isinstance(node.returns, ast.Name) and node.returns.id == "bool"
        reach = (node.body[0].lineno, node.end_lineno or 0)
        place = replace(place, reach=reach, says_whether=says_whether)
    elif isinstance(node, ast.stmt) and place.in_function:
        inner = [*getattr(node, "body", ()), *(c.pattern for c in getattr(node, "cases", ()))]
        last = min(i.lineno for i in inner) - 1 if inner else node.end_lineno or 0
        place = replace(place, reach=(node.lineno, max(node.lineno, last)))
    if isinstance(node, ast.expr):
        yield node, place, condition
    for field, value in ast.iter_fields(node):
        if field in LEFT_OUT:
            continue
        decides = field in ("test", "ifs")
        decides |= isinstance(node, ast.Return) and place.says_whether
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _expressions(child, place, decides)


def _mistakes(node: ast.expr, condition: bool) -> Iterator[tuple[str, ast.expr]]:
    """What could stand in an expression's place, each with its kind."""
    match node:
        case ast.Compare(ops=ops):
            for i, operator in enumerate(ops):
                other = copy.deepcopy(node)
                other.ops[i] = SWAPS[type(operator)]()
                yield "comparison", other
        case ast.BinOp(op=operator) | ast.BoolOp(op=operator) if type(operator) in SWAPS:
            other = copy.deepcopy(node)
            other.op = SWAPS[type(operator)]()
            yield "operator", other
        case ast.UnaryOp(operand=operand):
            yield "operator", operand
        case ast.Constant(value=bool(value)):
            yield "constant", ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield "constant", ast.Constant(value + 1)
    turned = (
        isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], TURNED)
    )
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    if condition and not turned and not negative and not isinstance(node, ast.Constant):
        yield "condition", ast.UnaryOp(ast.Not(), node)
