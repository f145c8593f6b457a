"""Python names: what a test can see without importing it, and which of its names stand for the focal module."""

from __future__ import annotations

import builtins
import importlib
import pkgutil
import sys
from functools import lru_cache
from pathlib import PurePosixPath

from runfree.canonical import Case
from runfree.evidence.suite_index import suite_index
from runfree.syntax.tree import Import, SourceFile

BUILTINS: frozenset[str] = frozenset(dir(builtins)) | {
    *("__file__", "__name__", "__doc__", "__package__", "__spec__", "__loader__", "__path__", "__builtins__"),
    *("__annotations__", "__dict__", "__class__", "__module__", "__qualname__", "__debug__", "WindowsError"),
    *("reveal_type", "ExceptionGroup", "BaseExceptionGroup", "PythonFinalizationError", "anext", "aiter"),
}

# Pure standard modules whose names may be listed by importing them here: no side effects, nothing of the user's.
_LISTED = frozenset(
    {
        *(
            "abc",
            "argparse",
            "array",
            "ast",
            "asyncio",
            "base64",
            "bisect",
            "calendar",
            "collections",
            "contextlib",
        ),
        *(
            "copy",
            "csv",
            "dataclasses",
            "datetime",
            "decimal",
            "difflib",
            "enum",
            "fractions",
            "functools",
            "glob",
        ),
        *(
            "hashlib",
            "heapq",
            "inspect",
            "io",
            "itertools",
            "json",
            "logging",
            "math",
            "numbers",
            "operator",
            "os",
        ),
        *(
            "os.path",
            "pathlib",
            "pickle",
            "pprint",
            "queue",
            "random",
            "re",
            "secrets",
            "shlex",
            "shutil",
            "socket",
        ),
        *("statistics", "string", "struct", "subprocess", "sys", "tempfile", "textwrap", "threading", "time"),
        *(
            "traceback",
            "types",
            "typing",
            "unittest",
            "unittest.mock",
            "urllib.parse",
            "uuid",
            "warnings",
            "weakref",
        ),
    }
)


@lru_cache(maxsize=128)
def module_members(module: str) -> frozenset[str] | None:
    """Public and private names of a standard module, None where it is not one of those listed.

    The names are those of the Python that runs the server: one that this Python lacks may exist in the user's.
    """
    if module not in _LISTED:
        return None
    try:
        loaded = importlib.import_module(module)
    except ImportError:
        return None
    submodules = (info.name for info in pkgutil.iter_modules(getattr(loaded, "__path__", ())))
    return frozenset(dir(loaded)).union(submodules)


def is_standard(name: str) -> bool:
    """Whether a bare name is that of a commonly used standard module."""
    return name in _LISTED


def dotted_path(path: str) -> tuple[str, ...]:
    """Module components of a file path: `src/pkg/mod.py` -> (src, pkg, mod), packages without `__init__`."""
    pure = PurePosixPath(path.replace("\\", "/"))
    parts = [*pure.parts[:-1], pure.stem]
    if parts[-1] == "__init__":
        parts.pop()
    return tuple(part for part in parts if part not in ("", ".", "/"))


def visible_imports(case: Case) -> list[Import]:
    """Imports that the candidate sees: the file's own and those inside the candidate, none of other functions."""
    index = suite_index(case)
    return [*index.imports, *index.own_imports.get(case.candidate.span.start_byte, ())]


def is_focal_module(module: str, focal: tuple[str, ...], test: tuple[str, ...] = ()) -> bool:
    """Whether an import's module is the focal file: its last components, a leading `src` or the like left out.

    `test` are the components of the test file, which relative imports start from; without them, those go by name.
    """
    parts = _components(module)
    if not focal or not parts:
        return False
    dots = len(module) - len(module.lstrip("."))
    if dots and test:
        return (*test[: max(len(test) - dots, 0)], *parts) == focal
    if len(parts) > len(focal):
        return parts[-len(focal) :] == focal
    if focal[-len(parts) :] != parts:
        return False
    # `hpack` of `src/hpack/hpack.py` is the package, not the module.
    return bool(dots) or focal[-len(parts) - 1 : -1] != parts


def is_surely_focal(module: str, focal: tuple[str, ...], test: tuple[str, ...]) -> bool:
    """Whether an import can hardly be another module of that name: its package is named too, or there is none."""
    parts = _components(module)
    if module.startswith("."):
        return bool(test) and is_focal_module(module, focal, test)
    rest = focal[: len(focal) - len(parts)]
    named = len(parts) > 1 or all(part in ("src", "lib", "python") for part in rest)
    return named and is_focal_module(module, focal)


def is_library(module: str, focal: tuple[str, ...]) -> bool:
    """Whether a bare module name is the standard library's, though the focal file `pkg/logging.py` ends like it."""
    return module in sys.stdlib_module_names and len(focal) > 1


def _components(module: str) -> tuple[str, ...]:
    return tuple(part for part in module.lstrip(".").split(".") if part)


class FocalNames:
    """Which local names of the test stand for the focal module, and which for members of it.

    `modules`: names of the module (`import pkg.mod as m` -> m; dotted access `pkg.mod` too). `members`: local name ->
    name in the focal file. `direct`: imports of members from what can hardly be another module.
    """

    def __init__(self, case: Case) -> None:
        self.modules: set[str] = set()
        self.members: dict[str, str] = {}
        self.direct: list[Import] = []
        focal, test = dotted_path(case.focal_path), dotted_path(case.test_path)
        defined = case.focal.module_names
        for item in visible_imports(case):
            if not item.name:
                if is_surely_focal(item.module, focal, test):
                    self.modules.add(item.binds if item.binds != item.module.split(".")[0] else item.module)
            elif item.name == "*":
                if is_focal_module(item.module, focal, test):
                    self.members.update({name: name for name in defined if not name.startswith("_")})
            elif is_focal_module(item.module, focal, test) and not is_library(item.module, focal):
                self.members[item.binds] = item.name
                if is_surely_focal(item.module, focal, test):
                    self.direct.append(item)
            elif is_focal_module(_joined(item), focal, test) and item.name not in defined:
                self.modules.add(item.binds)
            elif item.name in defined and _is_package_of(item.module, focal):
                self.members[item.binds] = item.name
        shadowed = _rebound(case)
        self.members = {name: of for name, of in self.members.items() if name not in shadowed}


def _joined(item: Import) -> str:
    """The dotted name of what `from module import name` names, were it a module."""
    return item.module + ("" if item.module.endswith(".") else ".") + item.name


def _is_package_of(module: str, focal: tuple[str, ...]) -> bool:
    """Whether a module is a package above the focal file: it may re-export the focal names."""
    parts = _components(module)
    return any(focal[start : start + len(parts)] == parts for start in range(len(focal))) if parts else False


def _rebound(case: Case) -> set[str]:
    """Names that the test file itself defines or the candidate binds otherwise than by import."""
    inner = {i.binds for i in suite_index(case).own_imports.get(case.candidate.span.start_byte, ())}
    own = {f.name for f in case.suite.functions if not f.owner} | {c.name for c in case.suite.classes}
    return own | (case.candidate.binds - inner)


def is_dynamic(file: SourceFile) -> bool:
    """Whether a module makes names in ways that its text does not show."""
    if any(item.name == "*" for item in file.imports) or file.error_lines:
        return True
    if any(f.name in ("__getattr__", "__dir__") and not f.owner for f in file.functions):
        return True
    return any(word in file.text for word in ("globals()", "exec(", "sys.modules", "locals()", "lazy_loader"))
