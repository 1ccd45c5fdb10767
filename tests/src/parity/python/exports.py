"""Prints the public names of a package, read from its sources: exports.py FOLDER.

Names are what `__all__` lists, and the public methods, properties and fields of classes, those of their private
bases included. Members of enumerations and exception classes' own attributes are values, not names of the interface.
"""

import ast
import sys
from pathlib import Path

package = Path(sys.argv[1])


def parse(module):
    paths = [package / f"{module}.py", package / f"{module}.pyi"]
    return next((ast.parse(path.read_text()) for path in paths if path.exists()), None)


def exported(tree):
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return ast.literal_eval(node.value)
    return []


def find(module, name):
    """The module and the node that define a name, through imports within the package."""
    tree = parse(module)
    for node in tree.body if tree else []:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name:
            return module, node
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return find(node.module, alias.name) if node.module else (alias.name, None)
    return module, None


def base_name(base):
    base = base.value if isinstance(base, ast.Subscript) else base
    return base.id if isinstance(base, ast.Name) else getattr(base, "attr", "")


def members(module, node):
    bases = [base_name(base) for base in node.bases]
    if any(base in ("Enum", "IntEnum", "StrEnum") for base in bases):
        return
    for base in bases:
        where, found = find(module, base)
        if isinstance(found, ast.ClassDef) and base not in top_level:
            yield from members(where, found)
    for child in node.body:
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield child.name
        elif isinstance(child, ast.AnnAssign):
            yield child.target.id


def show(module, prefix=""):
    for name in exported(parse(module)):
        where, node = find(module, name)
        if name.startswith("__"):
            continue
        if node is None and where == name and parse(name):
            show(name, f"{prefix}{name}.")
            continue
        if prefix and name in top_level:
            continue  # The same object under its longer name.
        print(prefix + name)
        if isinstance(node, ast.ClassDef):
            for member in members(where, node):
                if not member.startswith("_"):
                    print(f"{prefix}{name}.{member}")


top_level = exported(parse("__init__"))
show("__init__")
