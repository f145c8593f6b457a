"""Puts a Go test together: the package's files, one evaluator a path, the paths explored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from runfree.interpreter import ir
from runfree.interpreter.answers import NEVER, Answers, Reason
from runfree.interpreter.budget import Budget, Stop
from runfree.interpreter.explore import Exploration, PathEnd, explore, join, outcome_of
from runfree.interpreter.frameworks_go import FailNow, GoTestEvaluator, TestingT
from runfree.interpreter.go_compile import compile_doubts
from runfree.interpreter.go_evaluator import Generic
from runfree.interpreter.go_library import BUILTINS, LIBRARY
from runfree.interpreter.go_semantics import GoPanic
from runfree.interpreter.go_types import G, GoPackage, GoType, pointer_to
from runfree.interpreter.lower_go import lower, lower_cached
from runfree.interpreter.machine import Machine
from runfree.interpreter.reach import all_lines, expand, regions
from runfree.interpreter.values import Env, FunctionValue, ModuleValue, Thrown, Unknown
from runfree.mutation import Mutant

Context = tuple[tuple[str, str], ...]
BROKEN = "does-not-compile:test"
_IMPLICIT = (
    "String", "Error", "GoString", "Format", "Unwrap", "Is", "As", "Len", "Less", "Swap", "MarshalJSON", "UnmarshalJSON",
    "MarshalText", "UnmarshalText", "Read", "Write", "Close", "Scan", "Value",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Index:
    """What a file declares at package level.

    Attributes:
        names: functions, types, variables by name. methods: by the type's name.
        inits: init functions. eager: variables whose value may have effects.
    """

    names: dict[str, tuple[ir.Program, ir.Statement]]
    methods: dict[str, list[tuple[ir.Program, ir.FunctionDef]]]
    inits: tuple[ir.FunctionDef, ...]
    imports: tuple[ir.Import, ...]
    eager: tuple[str, ...]
    unsupported: str


@lru_cache(maxsize=256)
def index(program: ir.Program, watched: bool) -> Index:
    """The declarations of a file; `watched`: values with any call in them are evaluated first, not only plain calls."""
    names: dict[str, tuple[ir.Program, ir.Statement]] = {}
    methods: dict[str, list[tuple[ir.Program, ir.FunctionDef]]] = {}
    inits: list[ir.FunctionDef] = []
    eager: list[str] = []
    unsupported = ""
    for node in program.body:
        if isinstance(node, ir.FunctionDef):
            if node.owner:
                methods.setdefault(node.owner, []).append((program, node))
            elif node.name == "init":
                inits.append(node)
            else:
                names[node.name] = program, node
        elif isinstance(node, ir.ClassDef):
            names[node.name] = program, node
        elif isinstance(node, ir.Annotate) and isinstance(node.target, ir.Name):
            names[node.target.id] = program, node
            called = watched and b"(" in program.text[node.pos : node.end]
            if called or isinstance(node.value, ir.Call):
                eager.append(node.target.id)
        elif isinstance(node, ir.Assign) and isinstance(node.targets[0], ir.Sequence):
            names.update((t.id, (program, node)) for t in node.targets[0].items if isinstance(t, ir.Name))
        elif isinstance(node, ir.Unsupported):
            unsupported = node.reason
    imports = tuple(n for n in program.body if isinstance(n, ir.Import))
    return Index(names, methods, tuple(inits), imports, tuple(eager), unsupported)


class Files:
    """The lowered files of a test: the focal file's package, and an external test package where there is one."""

    def __init__(self, focal: ir.Program, test: ir.Program, siblings: tuple[ir.Program, ...]) -> None:
        self.focal = focal
        self.test = test
        folder = focal.path.rpartition("/")[0]
        same = [p for p in siblings if p.path.rpartition("/")[0] == folder and p.package == focal.package]
        outside = [
            p
            for p in siblings
            if p.path.rpartition("/")[0] == folder and p.package == focal.package + "_test"
        ]
        self.external = test.package != focal.package
        self.inside = [focal, *same] if self.external else [focal, test, *same]
        self.outside = [test, *outside] if self.external else []
        self.own = Declarations(self, self.inside)
        self.tests = Declarations(self, self.outside) if self.external else self.own


class Declarations:
    """What the files of one package declare together."""

    def __init__(self, files: Files, programs: list[ir.Program]) -> None:
        self.programs = programs
        self.indices = [index(p, p in (files.focal, files.test)) for p in programs]
        self.names: dict[str, tuple[ir.Program, ir.Statement]] = {}
        self.methods: dict[str, list[tuple[ir.Program, ir.FunctionDef]]] = {}
        for one in self.indices:
            self.names.update(one.names)
            for owner, found in one.methods.items():
                self.methods.setdefault(owner, []).extend(found)


class Waiting:
    """The declarations of a package that were not read yet; taking one gives what brings it into the scope."""

    def __init__(self, loader: Loader, package: Env, declared: Declarations) -> None:
        self.loader = loader
        self.package = package
        self.declared = declared
        self.taken: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self.declared.names and name not in self.taken

    def pop(self, name: str, default: None = None) -> Callable[[], None] | None:
        """What brings a name in, once."""
        if name not in self:
            return default
        self.taken.add(name)
        program, node = self.declared.names[name]
        return partial(self.loader.bring, self.package, self.declared, program, node)


class Loader:
    """Brings the declarations of packages into scopes when they are first read."""

    def __init__(self, ev: GoTestEvaluator, files: Files) -> None:
        self.ev = ev
        self.files = files
        self.scopes: dict[int, Env] = {}
        self.imported: dict[int, Env | None] = {}
        self.package = self.load(files.own, None)
        self.tests = self.load(files.tests, self.package) if files.external else self.package

    def load(self, declared: Declarations, imported: Env | None) -> Env:
        """The scope of one package.

        Raises:
            Stop: a file holds something at package level that is not modelled.
        """
        package = Env(None, None, "module")
        self.ev.pending[id(package)] = Waiting(self, package, declared)
        self.imported[id(package)] = imported
        for one in declared.indices:
            if one.unsupported:
                raise Stop(one.unsupported)
        return package

    def scope(self, package: Env, program: ir.Program) -> Env:
        """The scope of a file, with its imports."""
        found = self.scopes.get(id(program))
        if found is None:
            found = Env(package, ModuleValue(program.package, program, program is self.files.focal), "file")
            self.scopes[id(program)] = found
            for node in index(program, program in (self.files.focal, self.files.test)).imports:
                self.import_into(found, node, self.imported[id(package)])
        return found

    def bring(self, package: Env, declared: Declarations, program: ir.Program, node: ir.Statement) -> None:
        """Brings one declaration into its package's scope."""
        scope = self.scope(package, program)
        if isinstance(node, ir.FunctionDef):
            package.vars[node.name] = FunctionValue(node, *self.place(package, program))
        elif isinstance(node, ir.ClassDef):
            methods = declared.methods.get(node.name, [])
            for home, method in methods:
                self.ev.homes[id(method)] = self.place(package, home)
            self.declare(package, scope, node, [m for _, m in methods])
        else:
            self.evaluate(package, scope, node)

    def import_into(self, scope: Env, node: ir.Import, imported: Env | None) -> None:
        """Binds an import in its file's scope."""
        if node.binds in ("_", "."):
            if node.binds == ".":
                raise Stop("dot-import")
            return
        path = node.module
        folder = self.files.focal.path.rpartition("/")[0]
        own = imported is not None and (
            path.rsplit("/", 1)[-1] in (self.files.focal.package, folder.rsplit("/", 1)[-1])
            or (folder != "" and path.endswith(folder))
        )
        if own:
            package = GoPackage(path, None, imported)
            package.name = self.files.focal.package
        else:
            package = GoPackage(path, LIBRARY.get(path))
        name = package.name
        if "/" in path and name.startswith("v") and name[1:].isdigit():
            name = path.rsplit("/", 2)[-2]
        scope.vars[node.binds or name.removeprefix("go-")] = package

    def declare(self, package: Env, scope: Env, node: ir.ClassDef, methods: list[ir.FunctionDef]) -> None:
        """A package-level type."""
        kind, expression, parameters = node.declared
        if kind == "alias":
            package.vars[node.name] = self.ev.resolve(expression, scope)
            return
        made = GoType("opaque", node.name)
        made.package = scope.module.name if scope.module is not None else "main"
        made.methods = {f.name: (f, "pointer" in f.flags) for f in methods}
        package.vars[node.name] = made
        if parameters:
            self.ev.generics[id(made)] = Generic(expression, parameters, scope)
        else:
            made.underlie(self.ev.resolve(expression, scope))

    def evaluate(self, package: Env, scope: Env, node: ir.Statement) -> None:
        """A package-level variable or constant."""
        ev = self.ev
        saved = ev.module, ev.tracing, ev.line
        ev.module, ev.tracing = scope.module, False
        inner = Env(scope, scope.module, "block")
        try:
            ev._statements[type(node)](node, inner)
        finally:
            ev.module, ev.tracing, ev.line = saved
        for name, value in inner.vars.items():
            if name not in package.vars:
                package.vars[name] = value
            ev.pending[id(package)].pop(name, None)

    def initialise(self) -> None:
        """Evaluates what is left at package level, then the init functions."""
        ev = self.ev
        ev.importing += 1
        try:
            for package, declared in self.packages():
                for name in (n for one in declared.indices for n in one.eager):
                    thunk = ev.pending[id(package)].pop(name, None)
                    try:
                        if thunk is not None:
                            thunk()
                    except Stop:
                        package.vars.setdefault(name, Unknown("package-variable", name))
                for program, one in zip(declared.programs, declared.indices, strict=True):
                    for node in one.inits:
                        self.run_init(FunctionValue(node, *self.place(package, program)))
        finally:
            ev.importing -= 1
        ev.focal_loaded = True

    def packages(self) -> list[tuple[Env, Declarations]]:
        """The packages, an external test package last."""
        found = [(self.package, self.files.own)]
        return [*found, (self.tests, self.files.tests)] if self.files.external else found

    def place(self, package: Env, program: ir.Program) -> tuple[Env, ModuleValue]:
        """A file's scope and module."""
        scope = self.scope(package, program)
        assert scope.module is not None
        return scope, scope.module

    def run_init(self, function: FunctionValue) -> None:
        """Runs an init function; one that is given up leaves everything in doubt."""
        try:
            self.ev.call(function, [], {})
        except Stop:
            self.ev.trace.tainted = self.ev.trace.caught = self.ev.trace.escaped = True


def run_paths(files: Files, name: str, budget: Budget) -> Exploration:
    """Explores the paths of one test."""

    def one(decisions: tuple[bool, ...], limits: Budget, deadline: float) -> tuple[Machine, PathEnd]:
        ev = GoTestEvaluator(files.test.path, limits, decisions, deadline)
        ev.builtins = BUILTINS
        try:
            loader = Loader(ev, files)
            loader.initialise()
            test = loader.tests.vars.get(name) or ev.name_missing(name, loader.tests, False)
            if not isinstance(test, FunctionValue):
                return ev, PathEnd("stopped", stop=Stop("test-not-found"))
            t = TestingT(name)
            try:
                ev.call(test, [G(pointer_to(GoType("native", "T")), t)], {})
            except Thrown as thrown:
                if not isinstance(thrown.value, FailNow):
                    raise
            t.finish(ev)
            return ev, PathEnd("failed" if t.failed else "passed", sentence=t.message)
        except Thrown as thrown:
            message = thrown.value.message if isinstance(thrown.value, GoPanic) else "failed"
            return ev, PathEnd("failed", thrown, sentence="panics: " + (message or "panic"))
        except Stop as stop:
            stop.args = (stop.reason, ev.line)
            if stop.reason == "does-not-compile" and stop.path == files.test.path:
                stop.reason = BROKEN
            return ev, PathEnd("stopped", stop=stop)
        except (RecursionError, MemoryError):
            return ev, PathEnd("stopped", stop=Stop("budget:depth"))
        except Exception as error:
            # A gap of the evaluator itself: no claim may come of it, and no crash either.
            return ev, PathEnd("stopped", stop=Stop(f"internal:{type(error).__name__}"))

    return explore(one, budget)


@lru_cache(maxsize=64)
def files_of(focal_text: str, suite_text: str, focal_path: str, test_path: str, context: Context) -> Files:
    """The lowered files of a test."""
    focal_path = focal_path or "focal.go"
    test_path = test_path or "focal_test.go"
    siblings = tuple(
        lower_cached(text, path)
        for path, text in context
        if path.endswith(".go") and path not in (focal_path, test_path)
    )
    return Files(lower_cached(focal_text, focal_path), lower_cached(suite_text, test_path), siblings)


def roots_of(files: Files, name: str) -> set[str]:
    """Names that the test and its helpers mention, and those that formatting and sorting call unmentioned."""
    roots = set(_IMPLICIT)
    for region in regions(files.test):
        if not region.name.startswith("Test") or region.name == name:
            roots |= region.mentions
    return expand((*files.inside, *files.outside), roots)


def analyse_go(
    focal_text: str,
    suite_text: str,
    name: str,
    focal_path: str,
    test_path: str,
    budget: Budget,
    context: Context,
) -> Answers:
    """Reads one Go test to its end."""
    files = files_of(focal_text, suite_text, focal_path, test_path, context)
    if files.focal.has_error:
        return Answers(reasons=(Reason("syntax-error", 0, files.focal.path),))
    if files.test.has_error:
        return Answers(
            "fails", "fails", "does not compile: syntax error", line_grades=dict.fromkeys(all_lines(files.focal), NEVER),
            reasons=(Reason("syntax-error", 0, files.test.path),), loaded=False,
        )  # fmt: skip
    result = run_paths(files, name, budget)
    doubts = compile_doubts(files.test, name, tuple(files.inside + files.outside))
    note_doubts(result, files, doubts)
    answers = join(result, files.focal, lambda: roots_of(files, name))
    error = next((d.partition(":")[2] for d in doubts if d.startswith("compile-error:")), "")
    if any(end.stop is not None and end.stop.reason == BROKEN for end in result.ends):
        error = error or "types do not match"
    if error:
        return replace(
            answers, outcome="fails", likely="fails", sentence="does not compile: " + error, loaded=False
        )
    return answers


def note_doubts(result: Exploration, files: Files, doubts: tuple[str, ...]) -> None:
    """Where it is not certain that the files compile, no path certainly passes, and no line is certainly executed."""
    if not doubts:
        return
    for end in result.ends:
        end.trace.assumed = end.trace.tainted = True
        end.trace.certain.clear()
        end.trace.reasons.insert(0, (doubts[0], 0, files.test.path))


def analyse_mutant(
    focal_text: str,
    suite_text: str,
    name: str,
    focal_path: str,
    test_path: str,
    mutant: Mutant,
    budget: Budget,
    context: Context,
) -> Answers:
    """Reads one Go test on the focal file with one edit; only the outcome is of use."""
    files = files_of(focal_text, suite_text, focal_path, test_path, context)
    focal = edited(files.focal, mutant)
    if focal is None:
        return Answers(loaded=False)
    others = [p for p in (*files.inside, *files.outside) if p not in (files.focal, files.test)]
    result = run_paths(Files(focal, files.test, tuple(others)), name, budget)
    outcome, likely, sentence = outcome_of(result)
    return Answers(outcome, likely, sentence, steps=result.steps, paths=len(result.ends))


def edited(program: ir.Program, mutant: Mutant) -> ir.Program | None:
    """The program with one edit, only the declaration around it lowered anew; None for a syntax error."""
    data = program.text
    for position, node in enumerate(program.body):
        if isinstance(node, ir.FunctionDef) and node.pos <= mutant.start_byte and mutant.end_byte <= node.end:
            piece = (
                data[node.pos : mutant.start_byte]
                + mutant.replacement.encode()
                + data[mutant.end_byte : node.end]
            )
            fresh = lower(piece, program.path, node.pos, node.line - 1)
            if fresh.has_error:
                return None
            body = (*program.body[:position], *fresh.body, *program.body[position + 1 :])
            return ir.Program(program.path, data, body, program.package)
    whole = lower(mutant.apply(data.decode(errors="replace")).encode(), program.path)
    return None if whole.has_error else whole
