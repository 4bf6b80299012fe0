"""Owns the ways in which a line is made wrong: Cosmic Ray's, and those that it lacks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import CodeType
from typing import Any

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.operators.provider import OperatorProvider

_THEIRS = """
AddNot ReplaceUnaryOperator_Delete_Not ReplaceAndWithOr ReplaceOrWithAnd
ReplaceTrueWithFalse ReplaceFalseWithTrue NumberReplacer ReplaceUnaryOperator_Delete_USub
ExceptionReplacer RemoveDecorator ZeroIterationForLoop
ReplaceBreakWithContinue ReplaceContinueWithBreak
ReplaceComparisonOperator_Eq_NotEq ReplaceComparisonOperator_NotEq_Eq
ReplaceComparisonOperator_Is_IsNot ReplaceComparisonOperator_IsNot_Is
ReplaceComparisonOperator_Lt_LtE ReplaceComparisonOperator_LtE_Lt
ReplaceComparisonOperator_Gt_GtE ReplaceComparisonOperator_GtE_Gt
ReplaceBinaryOperator_Add_Sub ReplaceBinaryOperator_Sub_Add
ReplaceBinaryOperator_Mul_FloorDiv ReplaceBinaryOperator_FloorDiv_Mul
ReplaceBinaryOperator_Div_Mul ReplaceBinaryOperator_Mod_Mul ReplaceBinaryOperator_Pow_Mul
ReplaceBinaryOperator_LShift_RShift ReplaceBinaryOperator_RShift_LShift
ReplaceBinaryOperator_BitOr_BitAnd ReplaceBinaryOperator_BitAnd_BitOr
"""
"""Of each kind the change that is hardest to notice: ``<`` becomes ``<=``, and not ``!=`` too."""


class _Ours(Operator):  # type: ignore[misc]  # Cosmic Ray has no types
    """One of the ways that Cosmic Ray lacks."""

    @classmethod
    def examples(cls) -> tuple[()]:
        """Return none: those of ours are doctests."""
        return ()


class RemoveStatement(_Ours):
    """Leave out a ``return``, a ``raise``, a call, or what is set in an object.

    >>> mutate_code("def f(x):\\n    x.n = 1\\n    return x\\n", RemoveStatement(), 1)
    'def f(x):\\n    x.n = 1\\n    pass\\n'
    """

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Yield the places of the statements that can be left out."""
        if self._can_be_left_out(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Return ``pass`` in place of a statement."""
        nothing = parso.parse("pass").children[0]
        nothing.prefix = node.get_first_leaf().prefix
        return nothing

    @staticmethod
    def _can_be_left_out(node: Any) -> bool:
        if node.parent is None or node.parent.type != "simple_stmt":
            return False
        if not parso.python.tree.search_ancestor(node, "funcdef"):
            return False
        if node.type == "expr_stmt":  # without a name's first value anything fails
            return bool(node.children[0].type != "name" or node.children[1] != "=")
        return node.type in ("return_stmt", "raise_stmt", "del_stmt", "atom_expr", "yield_expr")


class NegateLater(_Ours):
    """Negate the condition of an ``elif``, or of a comprehension: ``AddNot`` leaves them out.

    >>> mutate_code("[x for x in y if x or z]", NegateLater(), 0)
    '[x for x in y if not (x or z)]'
    """

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Yield the places of the conditions."""
        for condition in self._conditions(node):
            yield condition.start_pos, condition.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Put a ``not`` before one of the conditions, and return the node that holds it."""
        condition = list(self._conditions(node))[index]
        place = next(i for i, each in enumerate(node.children) if each is condition)
        node.children[place] = parso.parse(f" not ({condition.get_code().strip()})")
        return node

    @staticmethod
    def _conditions(node: Any) -> Iterator[Any]:
        if node.type == "if_stmt":
            for word, condition in zip(node.children, node.children[1:], strict=False):
                if getattr(word, "value", "") == "elif":
                    yield condition
        elif node.type in ("comp_if", "old_comp_if"):
            yield node.children[1]


class SwapIn(_Ours):
    """Turn ``in`` into ``not in``, and the other way.

    >>> mutate_code("x not in y", SwapIn(), 0)
    'x in y'
    """

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Yield the places of the two."""
        if node.type == "comparison":
            for each in self._words(node):
                yield each.start_pos, each.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Swap one of them, and return the comparison."""
        word = list(self._words(node))[index]
        place = next(i for i, each in enumerate(node.children) if each is word)
        turned = " in" if word.get_code().split() == ["not", "in"] else " not in"
        node.children[place] = parso.parse(turned)
        return node

    @staticmethod
    def _words(node: Any) -> list[Any]:
        return [x for x in node.children[1::2] if x.get_code().split() in (["in"], ["not", "in"])]


_PROVIDED = OperatorProvider()
_OPERATORS = [_PROVIDED[name]() for name in _THEIRS.split()]
_OPERATORS += [RemoveStatement(), NegateLater(), SwapIn()]


def mutants(code: str) -> Iterator[str]:
    """Yield the programs that differ from this one in one place, and run.

    A number that has a name at the top of a module stays: what it is, is decided there, and a test
    speaks of it by its name.

    >>> list(mutants("x = not y < 1"))
    ['x =  y < 1', 'x = not y < 2', 'x = not y < 0', 'x = not y <= 1']
    >>> list(mutants("MOST = 16 * 1024"))
    ['MOST = 16 // 1024']
    """
    nodes = list(ast_nodes(get_ast(code)))
    for operator in _OPERATORS:
        places = [node for node in nodes for _ in operator.mutation_positions(node)]
        for place, node in enumerate(places):
            if node.type == "number" and _has_a_name(node):
                continue
            try:
                wrong = mutate_code(code, operator, place)
            except AttributeError:  # ExceptionReplacer knows no name with a dot
                continue
            if wrong is not None and changes(code, wrong):
                yield wrong


def _has_a_name(node: Any) -> bool:
    statement = parso.python.tree.search_ancestor(node, "expr_stmt")
    return statement is not None and any(
        name.value.isupper() for name in statement.get_defined_names()
    )


def changes(one: str, other: str) -> bool:
    """Tell whether another program runs, and not just as this one does.

    >>> changes("def f(x: int | None) -> None: ...", "def f(x: int & None) -> None: ...")
    False
    >>> changes("def f(): return None", "def f(): pass")
    False
    >>> changes("if TYPE_CHECKING: import x", "if not TYPE_CHECKING: import x")
    False
    >>> changes("x = 1", "x =")
    False
    >>> changes("x = 1", "x = True")
    True
    """
    try:
        return _does(compile(_bare(one), "", "exec")) != _does(compile(_bare(other), "", "exec"))
    except SyntaxError:
        return False


def _does(code: CodeType) -> tuple[object, ...]:
    """Return what is run of a compiled program, whatever stands in which line."""
    constants = [_does(c) if isinstance(c, CodeType) else (type(c), c) for c in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, repr(constants)


def _bare(code: str) -> ast.Module:
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.test = ast.Constant(False)
    return ast.fix_missing_locations(tree)
