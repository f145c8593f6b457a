"""What Python imports give: files of the sample by their paths, modelled library modules, everything else unknown."""

from __future__ import annotations

import copy
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from runfree.interpreter import ir
from runfree.interpreter.budget import Stop
from runfree.interpreter.python_library import LIBRARY
from runfree.interpreter.python_snapshot import Mark, Snapshot, take
from runfree.interpreter.values import MISSING, Env, ModuleValue, Unknown, Value

if TYPE_CHECKING:
    from runfree.interpreter.python_evaluator import PythonEvaluator

_IGNORED = frozenset({"__future__"})


class Modules:
    """The files that can be imported.

    Args:
        focal_path, test_path: paths relative to the project; dotted names are matched against their parts.
        programs: path to lowered file, the focal one and the test file included.
    """

    def __init__(self, focal_path: str, test_path: str, programs: dict[str, ir.Program]) -> None:
        self.focal_path = focal_path
        self.test_path = test_path
        self.programs = programs
        self.home = {p for path in (focal_path, test_path) for p in dotted(path).split(".")} - set(
            sys.stdlib_module_names
        )
        self.by_path: dict[str, ModuleValue] = {}
        self.found: dict[tuple[str, str], str] = {}
        # The state of modules loaded before, None where none is kept.
        self.chain: Snapshot | None = None

    def fresh(self) -> Modules:
        """The same files, nothing loaded yet: each path of an evaluation starts anew."""
        other = copy.copy(self)
        other.by_path = {}
        return other

    def module(self, ev: PythonEvaluator, path: str) -> ModuleValue:
        """The module of a path, its top level executed on first use."""
        module = self.by_path.get(path)
        if module is not None:
            return module
        if ev.importing > 1 or path == self.test_path:
            return self.load(ev, path)
        # Loading has steps of its own, whether it is done now or was done before.
        before, limit = ev.steps, ev.max_steps
        more = ev.budget.load_steps - ev.load_steps
        ev.max_steps = limit + more
        module = self.load_kept(ev, path) if ev.pristine and self.chain is not None else self.load(ev, path)
        used = min(ev.steps - before, more)
        ev.load_steps += used
        ev.max_steps = limit + used
        return module

    def load(self, ev: PythonEvaluator, path: str) -> ModuleValue:
        """Executes a module's top level."""
        module = ModuleValue(dotted(path), self.programs[path], focal=path == self.focal_path)
        self.by_path[path] = module
        ev.load_body(module)
        module.loaded = True
        return module

    def load_kept(self, ev: PythonEvaluator, path: str) -> ModuleValue:
        """A module as it was when first loaded after the same others, loaded now if it never was."""
        chain, self.chain = self.chain, None
        assert chain is not None
        if path in chain.children:
            kept = chain.children[path]
            if kept is None:
                return self.load(ev, path)
            ev.steps += kept.steps
            ev.step(0)
            self.by_path.update(kept.apply(ev))
            self.chain = kept
            return self.by_path[path]
        mark = Mark.of(ev, self.by_path)
        module = self.load(ev, path)
        self.chain = chain.children[path] = take(ev, mark, self.by_path)
        return module

    def find(self, name: str, importer: str) -> str:
        """Path of the file that a dotted name means, "" if it is none of ours."""
        found = self.found.get((name, importer))
        if found is None:
            found = self.found[name, importer] = self.search(name, importer)
        return found

    def search(self, name: str, importer: str) -> str:
        """What `find` keeps."""
        level = len(name) - len(name.lstrip("."))
        wanted = name.lstrip(".")
        if level:
            base = importer.split("/")[:-level]
            wanted = ".".join([*base, *([wanted] if wanted else [])])
            for path in self.programs:
                if dotted(path) == wanted:
                    return path
            if not base or not importer:
                wanted = name.lstrip(".")
            else:
                return ""
        best = ""
        for path in self.programs:
            if path == self.test_path:
                continue
            own = dotted(path)
            matches = own == wanted or own.endswith("." + wanted)
            if matches and (not best or len(own) < len(dotted(best))):
                best = path
        if "." not in wanted and best and best != wanted + ".py" and not self.beside(best):
            # A bare name that means a file inside some folder: found only if that folder is put on the path.
            parts = dotted(best).split(".")
            if len(parts) > 1 and parts[-2] not in ("src", "lib", "source", "python"):
                return ""
            top = self.focal_path.split("/")[0]
            # A bare name that is a library module means the library, unless the file lies at the top or beside.
            if wanted in LIBRARY or (top == wanted and dotted(best) != wanted):
                return ""
        return best

    def beside(self, path: str) -> bool:
        """Whether a file lies in the test file's own folder."""
        return path.rpartition("/")[0] == self.test_path.rpartition("/")[0]

    def is_package(self, name: str) -> bool:
        """Whether a dotted name is a folder above the focal file, whose `__init__` is not at hand."""
        wanted = name.lstrip(".")
        own = dotted(self.focal_path)
        return bool(wanted) and ("." + own).find("." + wanted + ".") >= 0

    def run_import(self, ev: PythonEvaluator, node: ir.Import, env: Env) -> None:
        """Executes an import statement."""
        name = node.module
        importer = (
            env.module.program.path if env.module is not None and env.module.program is not None else ""
        )
        if name in _IGNORED:
            return
        if node.member:
            self.import_member(ev, node, env, importer)
            return
        path = self.find(name, importer)
        if node.binds or "." not in name:
            value = self.module(ev, path) if path else self.outside(ev, name)
            ev.assign_name(node.binds or name, value, env)
            return
        top = name.split(".")[0]
        existing = env.vars.get(top)
        if path:
            holder = (
                existing if type(existing) is ModuleValue and existing.program is None else self.package(top)
            )
            ev.assign_name(top, holder, env)
            step = holder
            parts = name.split(".")
            for part in parts[1:-1]:
                inner = step.env.vars.get(part)
                if type(inner) is not ModuleValue:
                    inner = self.package(part)
                    step.env.vars[part] = inner
                step = inner
            step.env.vars[parts[-1]] = self.module(ev, path)
            return
        if type(existing) is not ModuleValue:
            ev.assign_name(top, self.outside(ev, top), env)

    def package(self, name: str) -> ModuleValue:
        """A package whose own file is not at hand."""
        module = ModuleValue(name)
        module.open = True
        module.home = True
        return module

    def import_member(self, ev: PythonEvaluator, node: ir.Import, env: Env, importer: str) -> None:
        name = node.module
        path = self.find(name, importer)
        if path:
            module = self.module(ev, path)
            if node.member == "*":
                self.import_all(ev, module, env)
                return
            found = module.env.vars.get(node.member, MISSING)
            if found is MISSING:
                inner = self.find(
                    f"{name}.{node.member}" if name.strip(".") else name + node.member, importer
                )
                if inner:
                    found = self.module(ev, inner)
                elif module.open or "__getattr__" in module.env.vars or not module.loaded:
                    ev.risky("home:" + module.name)
                    found = Unknown("home:" + module.name, f"{module.name}.{node.member}")
                elif node.member.startswith("__"):
                    found = Unknown("attribute:" + node.member)
                elif path.endswith("__init__.py"):
                    ev.risky("home:package-member")
                    found = Unknown("home:package-member", f"{name}.{node.member}")
                else:
                    raise ev.error("ImportError", f"cannot import name '{node.member}' from '{name}'")
            ev.assign_name(node.binds, found, env)
            return
        inner = self.find(f"{name}.{node.member}" if name.strip(".") else name + node.member, importer)
        if inner and node.member != "*":
            ev.assign_name(node.binds, self.module(ev, inner), env)
            return
        if node.member == "*":
            if name in LIBRARY:
                for key, value in LIBRARY[name].items():
                    if not key.startswith("_"):
                        ev.assign_name(key, value, env)
            if env.module is not None:
                env.module.open = True
            return
        if self.is_package(name) and importer != self.focal_path and self.focal_path in self.programs:
            # Packages commonly hand on what their modules define: likely the focal file's own object.
            focal = self.module(ev, self.focal_path)
            found = focal.env.vars.get(node.member, MISSING)
            if found is not MISSING:
                ev.risky("home:package-member")
                ev.assign_name(node.binds, found, env)
                return
        ev.assign_name(node.binds, self.outside_member(ev, name, node.member), env)

    def import_all(self, ev: PythonEvaluator, module: ModuleValue, env: Env) -> None:
        names = module.env.vars.get("__all__")
        if names is None:
            names = [n for n in module.env.vars if n and not n.startswith("_")]
        if not isinstance(names, (list, tuple)) or not all(isinstance(n, str) for n in names):
            raise Stop("import-star")
        for name in names:
            if name in module.env.vars:
                ev.assign_name(name, module.env.vars[name], env)
            elif not module.open:
                raise ev.error("AttributeError", f"module '{module.name}' has no attribute '{name}'")
        if module.open and env.module is not None:
            env.module.open = True

    def outside(self, ev: PythonEvaluator, name: str) -> Value:
        """A module that is none of our files."""
        if name in LIBRARY:
            return library_module(name)
        self.may_be_missing(ev, name)
        why = self.why(name)
        ev.reason(why)
        return Unknown(why, name)

    def may_be_missing(self, ev: PythonEvaluator, name: str) -> None:
        """An import inside a try statement may well fail, where the module is not a part of Python."""
        top = name.lstrip(".").split(".")[0]
        head = name.rpartition(".")[0]
        inside = self.find(head, self.test_path) if head.strip(".") else ""
        if inside and not inside.endswith("__init__.py"):
            raise ev.error("ModuleNotFoundError", f"No module named '{name}'; '{head}' is not a package")
        if (
            ev.module is not None
            and ev.module.program is not None
            and ev.module.program.path == self.test_path
        ) and self.why(name).startswith("home:"):
            # A new test may well import what its project does not have.
            ev.reason(self.why(name))
            ev.trace.assumed = True
        if ev.guards and top not in sys.stdlib_module_names and not ev.decide(True):
            raise ev.error("ModuleNotFoundError", f"No module named '{name}'")

    def outside_member(self, ev: PythonEvaluator, name: str, member: str) -> Value:
        """`from name import member` of a module that is none of our files."""
        label = f"{name}.{member}"
        if label in ev.overridden:
            return ev.overridden[label]
        if name in LIBRARY:
            if member in LIBRARY[name]:
                return LIBRARY[name][member]
            if label in LIBRARY:
                return library_module(label)
            real = sys.modules.get(name)
            if real is not None and not hasattr(real, member):
                # Other versions of Python may have it.
                if ev.guards and not ev.decide(False):
                    raise ev.error("ImportError", f"cannot import name '{member}' from '{name}'")
                if not ev.guards:
                    raise Stop("import:" + label)
            return Unknown("library:" + label, label)
        self.may_be_missing(ev, name)
        return Unknown(self.why(name), label)

    def why(self, name: str) -> str:
        """The reason code of a module that is not at hand; those of the project itself are marked."""
        top = name.lstrip(".").split(".")[0]
        if name.startswith(".") or top in self.home:
            return "home:" + (top or ".")
        return "module:" + top


def library_module(name: str) -> ModuleValue:
    """A modelled library module; what it does not hold is unknown."""
    module = ModuleValue(name)
    module.env.vars.update(LIBRARY[name])
    module.open = True
    prefix = name + "."
    for other in LIBRARY:
        if other.startswith(prefix) and "." not in other[len(prefix) :]:
            module.env.vars[other[len(prefix) :]] = library_module(other)
    return module


@lru_cache(maxsize=4096)
def dotted(path: str) -> str:
    """The dotted name of a file's path: "src/pkg/a.py" -> "src.pkg.a", packages without `__init__`."""
    parts = path.removesuffix(".py").replace("\\", "/").strip("/").split("/")
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(p for p in parts if p != ".")
