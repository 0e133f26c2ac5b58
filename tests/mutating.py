"""What `script/mutants` needs so that mutmut reaches the rules.

mutmut leaves decorated functions alone, and every rule is decorated with its code. So it works on a
copy in which each decorator is applied below its function, which means the same.

As a pytest plugin this leaves out the tests of properties, which are slow, and empties the caches
before each test: every mutant is tried in a fork of a process that has run the tests already, and
would find the answers of the unchanged code.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: mutmut takes these as they are.
_KEPT = ("classmethod", "staticmethod")
_MUTATED = "applications.checks"
_CACHING = (_MUTATED, "tests.applications.checks")


def without_decorators(source: str) -> str:
    """The same module with `f = decorator(f)` below each decorated function."""
    lines = source.splitlines()
    for function in sorted(_decorated(ast.parse(source)), key=lambda f: f.lineno, reverse=True):
        end, indent = function.end_lineno or function.lineno, " " * function.col_offset
        for decorator in function.decorator_list:  # put below in turn, so the nearest comes first
            written = ast.unparse(decorator)
            lines.insert(end, f"{indent}{function.name} = {written}({function.name})")
        first = function.decorator_list[0].lineno - 1
        del lines[first : function.lineno - 1]
    return "\n".join(lines) + "\n"


def _decorated(module: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            names = [d.id for d in node.decorator_list if isinstance(d, ast.Name)]
            if not set(names) & set(_KEPT):
                yield node


def pytest_runtest_setup() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith(_CACHING):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    slow = [item for item in items if getattr(_function_of(item), "is_hypothesis_test", False)]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


def _function_of(item: pytest.Item) -> object:
    return item.function if isinstance(item, pytest.Function) else None


def copy_project(target: Path) -> None:
    """What mutmut needs of the project, with the rules undecorated. Equal files are left alone:
    mutmut tries again what is newer than its mutants."""
    for folder in ("applications", "tests"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                _copy(path, target)
    _copy(ROOT / "pyproject.toml", target)


def _copy(path: Path, target: Path) -> None:
    own = path.relative_to(ROOT)
    content = path.read_bytes()
    if path.suffix == ".py" and own.is_relative_to(_MUTATED.replace(".", "/")):
        content = without_decorators(content.decode()).encode()
    copy = target / own
    if copy.is_file() and copy.read_bytes() == content:
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(content)
    if path.suffix != ".py":  # of these mutmut keeps the copy it has
        (target / "mutants" / own).unlink(missing_ok=True)


if __name__ == "__main__":
    copy_project(Path(sys.argv[1]))
