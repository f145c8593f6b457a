"""Finds the focal file of each Python test file, by name and by what the tests import and use."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from runfree_training.execute import Pair

_MOST_LINES = 4000
_ASIDE = {
    "docs", "doc", "examples", "example", "benchmarks", "benchmark", "bench", "scripts", "tools", "build", "dist",
    "node_modules", "site-packages", "fuzz", "fuzzing", "misc", "venv",
}  # fmt: skip
_SLOW = re.compile(
    r"propert|hypothesis|fuzz|bench|perf|stress|integration|type.?check|typing|mypy", re.IGNORECASE
)


class Tree:
    """The Python files of a project by the names they can be imported under."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths = tuple(sorted(_python_files(root)))
        self.tests = tuple(p for p in self.paths if is_test_path(p))
        self.sources = tuple(p for p in self.paths if p not in set(self.tests) and _is_source(p))
        self._parsed: dict[str, ast.Module | None] = {}

    @cached_property
    def modules(self) -> dict[str, str]:
        """Dotted module names to paths; `src/` and other folders without `__init__.py` are import roots."""
        known: dict[str, str] = {}
        for path in self.paths:
            parts = list(Path(path).with_suffix("").parts)
            package = parts[:-1]
            while package and (self.root / Path(*package) / "__init__.py").exists():
                package = package[:-1]
            dotted = parts[len(package) :]
            if dotted[-1] == "__init__":
                dotted = dotted[:-1]
            if dotted:
                known.setdefault(".".join(dotted), path)
            known.setdefault(".".join(parts), path)
        return known

    def parse(self, path: str) -> ast.Module | None:
        """A file's syntax tree; None where it has none or is too long."""
        if path not in self._parsed:
            try:
                text = (self.root / path).read_text(encoding="utf-8")
                self._parsed[path] = ast.parse(text) if text.count("\n") <= _MOST_LINES else None
            except (SyntaxError, ValueError, OSError):
                self._parsed[path] = None
        return self._parsed[path]

    def package(self, path: str) -> str:
        """The dotted package that a file's relative imports start from."""
        names = sorted((name for name, p in self.modules.items() if p == path), key=len)
        if not names:
            return ""
        return names[0] if path.endswith("__init__.py") else names[0].rpartition(".")[0]

    def owner(self, module: str, name: str, depth: int = 0) -> str | None:
        """The file that defines `name` of `module`, re-exports followed; the module's own file if none does."""
        if f"{module}.{name}" in self.modules:
            return self.modules[f"{module}.{name}"]
        path = self.modules.get(module)
        tree = self.parse(path) if path else None
        if path is None or tree is None:
            return None
        if depth < 4:
            for target, original, _ in imported(tree, self.package(path)):
                if original == name or (original == "*" and target != module and self._defines(target, name)):
                    return self.owner(target, name, depth + 1) or path
        return path

    def _defines(self, module: str, name: str) -> bool:
        path = self.modules.get(module)
        tree = self.parse(path) if path else None
        return tree is not None and any(getattr(node, "name", "") == name for node in tree.body)


def find_pairs(root: Path) -> list[Pair]:
    """The focal/test pairs of a project, best first; test files without a focal file say why.

    Best first: focal files take turns, with the test file of the same name before others; generated inputs and
    benchmarks come last.
    """
    tree = Tree(root)
    found = [_pair(tree, path) for path in tree.tests if not path.endswith(("__init__.py", "conftest.py"))]
    turns: Counter[str] = Counter()
    ranked = []
    for pair in sorted(found, key=lambda pair: (not _same_name(pair), pair.test_path)):
        ranked.append((bool(pair.left_out), bool(_SLOW.search(pair.test_path)), turns[pair.focal_path], pair))
        turns[pair.focal_path] += 1
    return [pair for *_, pair in sorted(ranked, key=lambda row: row[:3])]


def _same_name(pair: Pair) -> bool:
    return _stem(Path(pair.test_path).stem) == _stem(_name(pair.focal_path))


def _pair(tree: Tree, path: str) -> Pair:
    module = tree.parse(path)
    if module is None:
        return Pair("", path, "the test file does not parse or is too long")
    if not any(True for _ in test_functions(module)):
        return Pair("", path, "no test function")
    uses = _uses(tree, module, path)
    wanted = _stem(Path(path).stem)
    named = [p for p in tree.sources if wanted and _stem(_name(p)) == wanted]
    if named:
        best = max(named, key=lambda p: (uses[p], len(set(Path(p).parts) & set(Path(path).parts)), p))
        if not uses[best] and len(named) > 1 and any(uses.values()):
            best = uses.most_common(1)[0][0]
    elif uses:
        best, most = uses.most_common(1)[0]
        if most * 4 < sum(uses.values()):
            return Pair("", path, "no focal file of that name, and no file has a quarter of the uses")
    else:
        return Pair("", path, "no focal file of that name, and nothing of the project is imported")
    focal = tree.parse(best)
    if focal is None:
        return Pair(best, path, "the focal file does not parse or is too long")
    if not any(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) for node in ast.walk(focal)):
        return Pair(best, path, "the focal file has no function")
    return Pair(best, path)


def test_functions(module: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """(qualified name, node) of each function that pytest or unittest would collect by its name."""

    def walk(
        body: Iterable[ast.stmt], owner: str
    ) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
                yield owner + node.name, node
            elif isinstance(node, ast.ClassDef):
                yield from walk(node.body, f"{owner}{node.name}::")
            elif isinstance(node, ast.If | ast.Try | ast.With):
                yield from walk(node.body, owner)

    return walk(module.body, "")


def imported(module: ast.Module, package: str) -> Iterator[tuple[str, str, str]]:
    """(module, name, local name) of each import anywhere in a file; name "" for modules, "*" for wildcards."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, "", alias.asname or alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".") if package else []
                parts = parts[: len(parts) - node.level + 1]
                base = ".".join([*parts, *([node.module] if node.module else [])])
            for alias in node.names:
                yield base, alias.name, alias.asname or alias.name


def bound_by(node: ast.stmt) -> set[str]:
    """Names that a statement at module level makes: imports, definitions, assignments."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def names_read(node: ast.AST) -> set[str]:
    """Names that a definition reads, parameters (fixtures) included."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return names | {a.arg for a in ast.walk(node) if isinstance(a, ast.arg)}


def _uses(tree: Tree, module: ast.Module, path: str) -> Counter[str]:
    """How often the test file uses names that each source file defines."""
    sources = set(tree.sources)
    reads = Counter(node.id for node in ast.walk(module) if isinstance(node, ast.Name))
    members = [
        (node.value.id, node.attr)
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    ]
    uses: Counter[str] = Counter()
    for source, name, local in imported(module, tree.package(path)):
        if name and name != "*":
            owner = tree.owner(source, name)
            if owner and f"{source}.{name}" in tree.modules and Path(owner).name == "__init__.py":
                source, name = f"{source}.{name}", ""
            elif owner in sources:
                uses[owner] += 1 + reads[local]
                continue
        if name == "" or name == "*":
            for base, attribute in members:
                owner = tree.owner(source, attribute) if base == local else None
                if owner in sources:
                    uses[owner] += 1
            plain = tree.modules.get(source)
            if plain in sources:
                uses[plain] += 1
    return uses


def _python_files(root: Path) -> Iterator[str]:
    for path in root.rglob("*.py"):
        relative = path.relative_to(root)
        if (
            not any(part.startswith(".") for part in relative.parts)
            and path.is_file()
            and not path.is_symlink()
        ):
            yield relative.as_posix()


def is_test_path(path: str) -> bool:
    """Whether a path is that of a test file, by its name and folder."""
    parts = Path(path).parts
    if parts[-1] == "conftest.py":
        return True
    in_tests = any(part.lower() in {"tests", "test", "testing"} for part in parts[:-1])
    named = bool(re.fullmatch(r"(test_.*|.*_tests?|tests?)\.py", parts[-1]))
    return (named and (in_tests or parts[-1] != "tests.py")) or in_tests


def _is_source(path: str) -> bool:
    parts = Path(path).parts
    return not _ASIDE & {part.lower() for part in parts[:-1]} and parts[-1] not in {"setup.py", "noxfile.py"}


def _name(path: str) -> str:
    """The name a file goes by: a package's `__init__.py` by its folder's."""
    place = Path(path)
    return place.parent.name if place.name == "__init__.py" else place.stem


def _stem(name: str) -> str:
    """A file name without `test`, underscores and a plural's end: what focal and test names have in common."""
    bare = re.sub(r"^tests?_?|_?tests?$", "", name.lower())
    return re.sub(r"s$", "", bare.replace("_", "").replace("-", ""))
