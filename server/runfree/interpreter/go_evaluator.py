"""The evaluator for Go: names, members, elements, assignments, calls, defer and panic, switches, ranges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runfree.interpreter import ir
from runfree.interpreter.budget import Budget, Stop
from runfree.interpreter.evaluator import Negation
from runfree.interpreter.go_semantics import GoPanic, GoSemantics
from runfree.interpreter.go_types import (
    BOOL,
    DEFAULTS,
    INT,
    INT32,
    INTEGERS,
    NIL_VALUE,
    OPAQUE,
    STRING,
    UINT8,
    UNIVERSE,
    UNTYPED_BOOL,
    G,
    GoBuiltin,
    GoPackage,
    GoType,
    MapData,
    Method,
    Ref,
    SliceData,
    StructData,
    boolean,
    from_bytes,
    identical,
    integer,
    pointer_to,
    to_bytes,
)
from runfree.interpreter.lower_go import LOOP
from runfree.interpreter.statements import Signal
from runfree.interpreter.values import Env, FunctionValue, ModuleValue, Thrown, Unknown, Value

_CONTROL = (ir.If, ir.For, ir.While, ir.Switch, ir.Return, ir.Break, ir.Continue, ir.Block)
# Library calls that return, whatever they are given, and touch nothing of the user's.
_HARMLESS = (
    "log.", "time.", "runtime.", "rand.", "math.", "strconv.", "strings.", "unicode.", "utf8.", "bits.", "filepath.",
    "path.", "os.Getenv", "errors.", "fmt.Sprint", "html.", "url.",
)  # fmt: skip
_HARMFUL = (
    "log.Fatal",
    "log.Panic",
    "strings.Repeat",
    "runtime.Goexit",
    "time.NewT",
    "time.Tick",
    "rand.Int",
    "rand.Perm",
)
# Library calls that change nothing of what they are given.
_READERS = (
    "fmt.",
    "log.",
    "reflect.",
    "json.Marshal",
    "strings.",
    "bytes.",
    "assert.",
    "require.",
    "errors.",
    "context.",
)
_CONSTANTS: dict[str, Value] = {
    "true": G(UNTYPED_BOOL, True),
    "false": G(UNTYPED_BOOL, False),
    "nil": NIL_VALUE,
}


class GoEvaluator(GoSemantics):
    """Evaluates Go; `builtins` are the predeclared functions."""

    def __init__(self, budget: Budget, decisions: tuple[bool, ...] = (), deadline: float = 0.0) -> None:
        super().__init__(budget, decisions, deadline)
        self.builtins: dict[str, Value] = {}
        # Package-level names that are evaluated when first read, by scope; where each function is at home.
        self.pending: dict[int, Any] = {}
        self.homes: dict[int, tuple[Env, ModuleValue]] = {}
        self.generics: dict[int, Generic] = {}
        self.reversed_maps: bool | None = None
        self.defers: list[list[tuple[Value, list[Value]]]] = []
        self.panics: list[Thrown | None] = []

    # -- names and statements -------------------------------------------------------------------------------------

    def run(self, body: tuple[ir.Statement, ...], env: Env) -> Signal | None:
        # Coverage counts blocks: all statements up to and including the next branch, even where one of them panics.
        fresh = True
        for position, node in enumerate(body):
            if fresh and self.tracing:
                for later in body[position:]:
                    if later.line:
                        self.hit(later.line)
                    if isinstance(later, _CONTROL):
                        break
            fresh = isinstance(node, _CONTROL)
            signal = self.run_one(node, env)
            if signal is not None:
                return signal
        return None

    def settle(self, name: str, env: Env) -> Env | None:
        """Evaluates a package-level name that was not read before; the package's scope, None if it has no such name."""
        while env.parent is not None:
            env = env.parent
        waiting = self.pending.get(id(env), ())
        if name not in waiting:
            return None
        waiting.pop(name)()
        return env

    def name_missing(self, name: str, env: Env, local: bool) -> Value:
        package = self.settle(name, env)
        if package is not None and name in package.vars:
            return package.vars[name]
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name in self.builtins:
            return self.builtins[name]
        if name in UNIVERSE:
            return UNIVERSE[name]
        self.risky("name:" + name)
        return Unknown("home:" + name, name)

    def missing_type(self, name: str, env: Env) -> GoType:
        package = self.settle(name, env)
        found = package.vars.get(name) if package is not None else None
        return found if isinstance(found, GoType) else UNIVERSE.get(name, OPAQUE)

    def eval_const(self, node: ir.Const, env: Env) -> Value:
        if isinstance(node.type, GoType):
            return G(node.type, node.value)
        if node.type == "type":
            return self.resolve(node.value[1], env)
        return G(BOOL, node.value)

    def eval_compare(self, node: ir.Compare, env: Env) -> Value:
        left = self.eval(node.left, env)
        return self.compare(node.rest[0][0], left, self.eval(node.rest[0][1], env))

    def eval_unary(self, node: ir.Unary, env: Env) -> Value:
        if node.op == "&":
            return self.address(node.value, env)
        value = self.eval(node.value, env)
        if node.op == "*":
            if isinstance(value, GoType):
                return pointer_to(value)
            return self.deref(value)
        if node.op == "not":
            known = self.truth_of(value)
            if known is None:
                why = getattr(value, "why", "condition")
                return Negation(value, why) if isinstance(value, Unknown) else Unknown(why)
            return boolean(not known)
        if node.op == "<-":
            raise Stop("channel")
        return self.unary(node.op, value)

    def eval_logical(self, node: ir.Logical, env: Env) -> Value:
        left = self.eval(node.left, env)
        if self.truth(left, default=node.op == "and") == (node.op == "and"):
            return self.eval(node.right, env)
        return left

    def address(self, node: ir.Expression, env: Env) -> Value:
        """`&expression`."""
        if isinstance(node, ir.Name):
            scope: Env | None = env
            while scope is not None and node.id not in scope.vars:
                scope = scope.parent
            value = self.lookup(node.id, env)
            while scope is None or node.id not in scope.vars:
                scope = scope.parent if scope is not None else env
                if scope is None:
                    raise Stop("address")
            return self.address_of(value, Ref(scope.vars, node.id))
        if isinstance(node, ir.Attribute):
            data, name = self.field_place(self.eval(node.value, env), node.name)
            if data is None:
                return Unknown("field", kind="non-nil")
            return self.address_of(data.fields[name], Ref(data.fields, name))
        if isinstance(node, ir.Index):
            owner, key = self.eval(node.value, env), self.eval(node.key, env)
            value = self.get_index(owner, key)
            if type(owner) is G and owner.t.kind == "slice" and type(key) is G:
                return self.address_of(value, Ref(owner.v.array, owner.v.offset + key.v))
            if type(owner) is G and owner.t.kind == "array" and type(key) is G:
                return self.address_of(value, Ref(owner.v, key.v))
            return Unknown("address", kind="non-nil")
        return self.address_of(self.eval(node, env), None)

    def run_annotate(self, node: ir.Annotate, env: Env) -> Signal | None:
        if not isinstance(node.target, ir.Name):
            raise Stop("syntax:var")
        name = node.target.id
        if node.annotation == ("const",):
            value = self.eval(node.value, env) if node.value is not None else NIL_VALUE
        elif node.annotation is None:
            value = (
                self.default(self.single(self.eval(node.value, env))) if node.value is not None else NIL_VALUE
            )
        else:
            t = self.resolve(node.annotation, env)
            value = (
                self.zero(t)
                if node.value is None
                else self.coerce(self.single(self.eval(node.value, env)), t)
            )
        if name != "_":
            env.vars[name] = self.copy(value)
        return None

    def single(self, value: Value) -> Value:
        """One value, not several."""
        if type(value) is tuple:
            raise Stop("does-not-compile")
        return value

    def run_assign(self, node: ir.Assign, env: Env) -> Signal | None:
        value = self.eval(node.value, env)
        target = node.targets[0]
        if node.declare:
            goals = target.items if isinstance(target, ir.Sequence) else (target,)
            if all(isinstance(g, ir.Name) and (g.id == "_" or g.id in env.vars) for g in goals):
                raise Stop("does-not-compile")  # no new variables on the left side of :=
        if not isinstance(target, ir.Sequence):
            self.store(target, self.single(value), env, node.declare)
            return None
        if isinstance(value, Unknown):
            parts = tuple(Unknown(value.why, value.label) for _ in target.items)
        elif type(value) is tuple and len(value) == len(target.items):
            parts = value
        else:
            raise Stop("does-not-compile")
        # The right side is complete before anything is assigned.
        parts = tuple(self.copy(v) for v in parts)
        for goal, part in zip(target.items, parts, strict=True):
            self.store(goal, part, env, node.declare)
        return None

    def store(self, target: ir.Expression, value: Value, env: Env, declare: bool = False) -> None:
        """Assigns one value to one target."""
        if isinstance(target, ir.Name):
            if target.id == "_":
                return
            if declare and target.id not in env.vars:
                env.vars[target.id] = self.copy(self.default(value))
                return
            scope: Env | None = env
            while scope is not None and target.id not in scope.vars:
                scope = scope.parent
            if scope is None:
                scope = self.settle(target.id, env)
                if scope is None or target.id not in scope.vars:
                    raise Stop("does-not-compile")
            self.replace(scope.vars, target.id, value)
            return
        if isinstance(target, ir.Attribute):
            owner = self.eval(target.value, env)
            self.set_attribute(owner, target.name, value)
        elif isinstance(target, ir.Index):
            owner = self.eval(target.value, env)
            self.set_index(owner, self.eval(target.key, env), value)
        elif isinstance(target, ir.Unary) and target.op == "*":
            pointer = self.eval(target.value, env)
            if isinstance(pointer, Unknown):
                self.risky(pointer.why)
                return
            old = self.deref(pointer)
            if isinstance(pointer.v, Ref):
                self.replace(pointer.v.container, pointer.v.key, value)
            else:
                self.overwrite(old, value)
        else:
            raise Stop("syntax:target")

    def declared_type(self, old: Value) -> GoType | None:
        """The static type of a variable that holds a value; unknown for what an interface variable may hold."""
        if type(old) is G and not old.boxed and old is not NIL_VALUE:
            return old.t
        return None

    def replace(self, container: Any, key: Any, value: Value) -> None:
        """Writes a variable, field or element in place: pointers to a struct go on seeing it."""
        old = container[key]
        t = self.declared_type(old)
        if t is not None:
            value = self.coerce(value, t)
        elif type(value) is G and value is not NIL_VALUE:
            value = self.default(value)
            if old is NIL_VALUE or (type(old) is G and old.boxed):
                value = G(value.t, value.v, True)
        if type(old) is G and old.t.kind in ("struct", "array") and not old.boxed and type(value) is G:
            self.overwrite(old, value)
            return
        container[key] = self.copy(value)

    def overwrite(self, old: Value, value: Value) -> None:
        """Copies a struct or array over another one."""
        if isinstance(value, Unknown) or type(old) is not G:
            raise Stop("struct-unknown")
        fresh = self.copy(self.coerce(value, old.t))
        if old.t.kind == "struct":
            old.v.fields.update(fresh.v.fields)
        else:
            old.v[:] = fresh.v

    def run_augment(self, node: ir.Augment, env: Env) -> Signal | None:
        target = node.target
        left = self.eval(target, env)
        value = self.binary(node.op, left, self.eval(node.value, env))
        self.store(target, value, env)
        return None

    def run_scope(self, node: ir.Scope, env: Env) -> Signal | None:
        raise Stop("syntax:scope")

    def run_import(self, node: ir.Import, env: Env) -> Signal | None:
        return None

    def run_class(self, node: ir.ClassDef, env: Env) -> Signal | None:
        """A type declared inside a function."""
        kind, expression, _ = node.declared
        if kind == "alias":
            env.vars[node.name] = self.resolve(expression, env)
            return None
        made = GoType("opaque", node.name)
        env.vars[node.name] = made
        made.underlie(self.resolve(expression, env))
        return None

    def run_function(self, node: ir.FunctionDef, env: Env) -> Signal | None:
        raise Stop("syntax:function")

    # -- members --------------------------------------------------------------------------------------------------

    def eval_attribute(self, node: ir.Attribute, env: Env) -> Value:
        if isinstance(node.value, ir.Name):
            owner = self.lookup(node.value.id, env)
            if type(owner) is GoPackage:
                return self.package_member(owner, node.name)
            return self.get_attribute(owner, node.name, node.value, env)
        return self.get_attribute(self.eval(node.value, env), node.name, node.value, env)

    def package_member(self, package: GoPackage, name: str) -> Value:
        """`strings.ToUpper`."""
        if package.env is not None:
            return self.lookup(name, package.env)
        if package.members is not None and name in package.members:
            return package.members[name]
        return Unknown("library:" + package.path, f"{package.name}.{name}")

    def field_place(self, owner: Value, name: str) -> tuple[StructData | None, str]:
        """The struct data that holds a field, embedded structs included."""
        if type(owner) is G and owner.t.kind == "pointer":
            owner = self.deref(owner)
        if type(owner) is not G or owner.t.kind != "struct":
            return None, name
        todo = [owner]
        for _ in range(8):
            following = []
            for item in todo:
                if name in item.v.fields:
                    return item.v, name
                for inner, t, embedded in item.t.fields:
                    value = item.v.fields[inner]
                    if embedded and type(value) is G:
                        if t.kind == "pointer" and value.v is not None:
                            value = self.deref(value)
                        if type(value) is G and value.t.kind == "struct":
                            following.append(value)
            todo = following
            if not todo:
                break
        return None, name

    def get_attribute(
        self, value: Value, name: str, node: ir.Expression | None = None, env: Env | None = None
    ) -> Value:
        if isinstance(value, Unknown):
            return Unknown(value.why, f"{value.label}.{name}" if value.label else "")
        if isinstance(value, GoType):
            found = self.find_method(value, name)
            if found is None:
                raise Stop("does-not-compile")
            return Method(found[0], None)
        if type(value) is not G:
            raise Stop("attribute:" + type(value).__name__)
        t = value.t
        if hasattr(value.v, "member"):
            return value.v.member(self, name)
        if t.kind == "pointer" and value.v is None:
            found = self.find_method(t.elem or OPAQUE, name)
            if found is not None and found[1]:
                return Method(found[0], value)
        if t.kind == "nil" or (t.kind in ("pointer", "struct") and value.v is None):
            raise self.panic("runtime error: invalid memory address or nil pointer dereference")
        data, name = self.field_place(value, name)
        base = t.elem if t.kind == "pointer" and t.elem is not None else t
        if data is not None:
            return data.fields[name]
        found = self.find_method(base, name)
        if found is not None:
            return self.bound(found, value, base, node, env)
        promoted = self.promoted(value, name)
        if promoted is not None:
            return promoted
        return self.missing_member(value, name)

    def missing_member(self, value: G, name: str) -> Value:
        """A member that is not found: files at hand may not be all of the package."""
        self.risky("home:member")
        return Unknown("home:member", name)

    def bound(
        self,
        found: tuple[ir.FunctionDef, bool],
        value: G,
        base: GoType,
        node: ir.Expression | None,
        env: Env | None,
    ) -> Value:
        """A method bound to its receiver, which is copied, or its address taken."""
        definition, pointer = found
        if pointer and value.t.kind != "pointer":
            if base.kind == "struct":
                return Method(definition, G(pointer_to(base), value.v))
            if node is not None and env is not None:
                return Method(definition, self.address(node, env))
            raise Stop("address")
        if not pointer and value.t.kind == "pointer":
            return Method(definition, self.copy(self.deref(value)))
        return Method(definition, self.copy(value) if not pointer else value)

    def promoted(self, value: G, name: str) -> Value:
        """A method of an embedded field."""
        owner = self.deref(value) if value.t.kind == "pointer" else value
        if type(owner) is not G or owner.t.kind != "struct":
            return None
        for inner, t, embedded in owner.t.fields:
            if not embedded:
                continue
            field = owner.v.fields[inner]
            if isinstance(field, Unknown):
                return Unknown(field.why, name)
            if type(field) is G and name in getattr(field.v, "methods", ()):
                return field.v.member(self, name)
            if t.kind == "interface":
                if name in t.names or (type(field) is G and self.find_method(field.t, name)):
                    return self.get_attribute(field, name)
                continue
            base = t.elem if t.kind == "pointer" and t.elem is not None else t
            found = self.find_method(base, name)
            if found is not None:
                if type(field) is G and field.t.kind == "pointer" and field.v is None and not found[1]:
                    raise self.panic("runtime error: invalid memory address or nil pointer dereference")
                return self.bound(found, field, base, None, None)
            deeper = self.promoted(field, name) if type(field) is G and field.v is not None else None
            if deeper is not None:
                return deeper
        return None

    def find_method(self, t: GoType, name: str) -> tuple[ir.FunctionDef, bool] | None:
        """A method that a type declares itself."""
        base = t.elem if t.kind == "pointer" and not t.name and t.elem is not None else t
        return base.methods.get(name)

    def has_method(self, value: Value, name: str) -> bool:
        """Whether a value's method set holds a method (pointer methods only for pointers)."""
        if type(value) is not G:
            return False
        found = self.find_method(value.t, name)
        if found is not None:
            return not found[1] or value.t.kind == "pointer"
        if hasattr(value.v, "methods"):
            return name in value.v.methods
        base = value.t.elem if value.t.kind == "pointer" and value.t.elem is not None else value.t
        if base.kind == "struct" and value.v is not None:
            owner = self.deref(value) if value.t.kind == "pointer" else value
            for inner, _, embedded in base.fields:
                if embedded and type(owner) is G and self.has_method(owner.v.fields[inner], name):
                    return True
        return False

    def set_attribute(self, value: Value, name: str, new: Value) -> None:
        if isinstance(value, Unknown):
            self.risky(value.why)
            return
        if type(value) is G and value.v is None:
            raise self.panic("runtime error: invalid memory address or nil pointer dereference")
        data, name = self.field_place(value, name)
        if data is None:
            raise Stop("does-not-compile")
        t = data.t.field(name)
        if t is not None:
            new = self.coerce(new, t)
        old = data.fields[name]
        if t is not None and t.kind in ("struct", "array") and type(old) is G and type(new) is G:
            self.overwrite(old, new)
        else:
            data.fields[name] = self.copy(new)

    # -- elements -------------------------------------------------------------------------------------------------

    def eval_index(self, node: ir.Index, env: Env) -> Value:
        value = self.eval(node.value, env)
        if type(value) in (FunctionValue, GoBuiltin):
            return value  # a generic function with its type written out
        if isinstance(value, GoType) or type(value) is Method:
            raise Stop("generic")
        return self.get_index(value, self.eval(node.key, env))

    def get_index(self, value: Value, key: Value) -> Value:
        if isinstance(value, Unknown) or isinstance(key, Unknown):
            unknown = value if isinstance(value, Unknown) else key
            self.risky(unknown.why)
            return Unknown(unknown.why, unknown.label)
        if type(value) is G and value.t.kind == "pointer":
            value = self.deref(value)
        if type(value) is not G:
            raise Stop("does-not-compile")
        kind = value.t.kind
        if isinstance(key, slice):
            return self.cut(value, key)
        if kind == "map":
            if value.t.key is None or value.t.elem is None:
                raise Stop("map")
            entry = (
                value.v.entries.get(self.map_key(self.coerce(key, value.t.key)))
                if value.v is not None
                else None
            )
            return entry[1] if entry is not None else self.zero(value.t.elem)
        if type(key) is not G or not isinstance(key.v, int):
            raise Stop("does-not-compile")
        if kind in ("string", "untyped string"):
            data = to_bytes(value.v)
            self.check_index(key.v, len(data))
            return G(UINT8, data[key.v])
        if kind == "slice":
            length = value.v.length if value.v is not None else 0
            self.check_index(key.v, length)
            return value.v.array[value.v.offset + key.v]
        if kind == "array":
            self.check_index(key.v, len(value.v))
            return value.v[key.v]
        raise Stop("does-not-compile")

    def check_index(self, index: int, length: int) -> None:
        """Panics outside the range."""
        if not 0 <= index < length:
            raise self.panic(f"runtime error: index out of range [{index}] with length {length}")

    def cut(self, value: G, key: slice) -> Value:
        """`value[low:high:max]`."""
        parts = [p.v if type(p) is G else p for p in (key.start, key.stop, key.step)]
        if any(isinstance(p, Unknown) for p in parts):
            return Unknown("slice")
        low, high, limit = parts
        if value.t.kind in ("string", "untyped string"):
            data = to_bytes(value.v)
            low, high = low or 0, len(data) if high is None else high
            if not 0 <= low <= high <= len(data):
                raise self.panic(
                    f"runtime error: slice bounds out of range [{low}:{high}] with length {len(data)}"
                )
            return G(STRING if value.t.kind != "string" else value.t, from_bytes(data[low:high]))
        if value.t.kind == "array":
            whole = SliceData(value.v)
            t = GoType("slice", elem=value.t.elem)
        elif value.t.kind == "slice":
            whole, t = value.v if value.v is not None else SliceData([]), value.t
        else:
            raise Stop("does-not-compile")
        low, high = low or 0, whole.length if high is None else high
        bound = whole.cap if limit is None else limit
        if not 0 <= low <= high <= bound <= whole.cap:
            raise self.panic(
                f"runtime error: slice bounds out of range [{low}:{high}] with capacity {whole.cap}"
            )
        if value.v is None:
            return G(t, None)
        return G(t, SliceData(whole.array, whole.offset + low, high - low, bound - low))

    def set_index(self, value: Value, key: Value, new: Value) -> None:
        if isinstance(value, Unknown) or isinstance(key, Unknown):
            self.risky((value if isinstance(value, Unknown) else key).why)
            if type(value) is G:
                raise Stop("unknown-index")
            return
        if type(value) is G and value.t.kind == "pointer":
            value = self.deref(value)
        if type(value) is not G or type(key) is not G:
            raise Stop("does-not-compile")
        kind, t = value.t.kind, value.t
        if kind == "map":
            if value.v is None:
                raise self.panic("assignment to entry in nil map")
            if t.key is None or t.elem is None:
                raise Stop("map")
            key = self.coerce(key, t.key)
            self.charge(1)
            value.v.entries[self.map_key(key)] = (key, self.copy(self.coerce(new, t.elem)))
            if len(value.v.entries) > self.budget.items:
                raise Stop("budget:items")
            return
        if t.elem is not None:
            new = self.coerce(new, t.elem)
        if kind == "slice":
            self.check_index(key.v, value.v.length if value.v is not None else 0)
            array, index = value.v.array, value.v.offset + key.v
        elif kind == "array":
            self.check_index(key.v, len(value.v))
            array, index = value.v, key.v
        else:
            raise Stop("does-not-compile")
        old = array[index]
        if t.elem is not None and t.elem.kind in ("struct", "array") and type(old) is G and type(new) is G:
            self.overwrite(old, new)
        else:
            array[index] = self.copy(new)

    # -- literals ---------------------------------------------------------------------------------------------------

    def eval_mapping(self, node: ir.Mapping, env: Env) -> Value:
        return self.composite(node, self.resolve(node.type, env), env)

    def composite(self, node: ir.Mapping, t: GoType, env: Env) -> Value:
        """A composite literal of a type."""
        self.charge(len(node.items))
        if t.kind == "pointer" and t.elem is not None and t.elem.kind == "struct":
            inner = self.composite(node, t.elem, env)
            return G(t, inner.v) if type(inner) is G else inner
        if t.kind == "struct":
            made: dict[str, Value] = {}
            for position, (key, value) in enumerate(node.items):
                if key is None:
                    if position >= len(t.fields):
                        raise Stop("does-not-compile")
                    name = t.fields[position][0]
                elif isinstance(key, ir.Name):
                    name = key.id
                else:
                    raise Stop("does-not-compile")
                kind = t.field(name)
                if kind is None:
                    raise Stop("does-not-compile")
                made[name] = self.copy(self.element(value, kind, env))
            for name, kind, _ in t.fields:
                if name not in made:
                    made[name] = self.zero(kind)
            return G(t, StructData(t, {n: made[n] for n, _, _ in t.fields}))
        if t.kind == "map":
            data = MapData()
            for key, value in node.items:
                if key is None or t.key is None or t.elem is None:
                    raise Stop("does-not-compile")
                name_value = self.element(key, t.key, env)
                data.entries[self.map_key(name_value)] = (
                    name_value,
                    self.copy(self.element(value, t.elem, env)),
                )
            return G(t, data)
        if t.kind in ("slice", "array") and t.elem is not None:
            return self.list_literal(node, t, t.elem, env)
        if t.kind == "opaque":
            for _, value in node.items:
                if not isinstance(value, ir.Mapping):
                    self.eval(value, env)
            return Unknown("type", kind="non-nil")
        if t.kind == "native" and not node.items:
            return self.zero(t)
        raise Stop("does-not-compile")

    def list_literal(self, node: ir.Mapping, t: GoType, elem: GoType, env: Env) -> Value:
        items: dict[int, Value] = {}
        position = 0
        for key, value in node.items:
            if key is not None:
                index = self.eval(key, env)
                if (
                    type(index) is not G
                    or not isinstance(index.v, int)
                    or not 0 <= index.v < self.budget.items
                ):
                    raise Stop("literal-index")
                position = index.v
            items[position] = self.copy(self.element(value, elem, env))
            position += 1
        length = max(items, default=-1) + 1
        if t.kind == "array":
            if t.length < 0:
                t = GoType("array", elem=elem)
                t.length = length
            length = t.length
        self.charge(length)
        values = [items[i] if i in items else self.zero(elem) for i in range(length)]
        return G(t, values if t.kind == "array" else SliceData(values))

    def element(self, node: ir.Expression, t: GoType, env: Env) -> Value:
        """An element of a composite literal, which may leave its type out."""
        if isinstance(node, ir.Mapping) and node.type is None:
            return self.composite(node, t, env)
        return self.coerce(self.single(self.eval(node, env)), t)

    def make_sequence(self, node: ir.Sequence, items: list[Value]) -> Value:
        if node.kind != "values":
            raise Stop("syntax:sequence")
        return tuple(self.single(i) for i in items)

    def make_mapping(self, node: ir.Mapping, env: Env) -> Value:
        return self.eval_mapping(node, env)

    # -- conversions --------------------------------------------------------------------------------------------------

    def eval_convert(self, node: ir.Convert, env: Env) -> Value:
        if node.type == "commaok":
            return self.comma_ok(node.value, env)
        value = self.single(self.eval(node.value, env))
        kind = node.type
        if kind[0] == "generic":
            base = self.lookup(kind[1][1], env) if kind[1][0] == "name" else None
            if isinstance(base, FunctionValue):
                return self.call(base, [value], {})
        return self.convert(value, self.resolve(kind, env))

    def comma_ok(self, node: ir.Expression, env: Env) -> Value:
        """`value, ok := m[key]` and `value, ok := x.(T)`."""
        if isinstance(node, ir.Index):
            owner, key = self.eval(node.value, env), self.eval(node.key, env)
            if isinstance(owner, Unknown) or isinstance(key, Unknown):
                return Unknown("map")
            if type(owner) is not G or owner.t.kind != "map" or owner.t.key is None or owner.t.elem is None:
                raise Stop("does-not-compile")
            found = self.map_key(self.coerce(key, owner.t.key))
            if owner.v is not None and found in owner.v.entries:
                return owner.v.entries[found][1], boolean(True)
            return self.zero(owner.t.elem), boolean(False)
        if isinstance(node, ir.TypeTest):
            value = self.eval(node.value, env)
            t = self.resolve(node.type, env)
            known = self.has_type(value, t)
            if known is None:
                return Unknown("type-assertion")
            return (self.unboxed(value, t) if known else self.zero(t)), boolean(known)
        raise Stop("syntax:comma-ok")

    def eval_type_test(self, node: ir.TypeTest, env: Env) -> Value:
        value = self.eval(node.value, env)
        t = self.resolve(node.type, env)
        known = self.has_type(value, t)
        if known is None:
            self.risky("type-assertion")
            return Unknown("type-assertion")
        if not known:
            raise self.panic("interface conversion: interface is of another type")
        return self.unboxed(value, t)

    def unboxed(self, value: Value, t: GoType) -> Value:
        """A value taken out of an interface."""
        if type(value) is G and t.kind != "interface":
            return G(value.t, value.v)
        return value

    def has_type(self, value: Value, t: GoType) -> bool | None:
        """Whether an interface value has a dynamic type, or implements an interface; None if unknown."""
        if isinstance(value, Unknown) or t.kind == "opaque":
            return None
        if type(value) is not G:
            return None if t.kind == "func" else False
        if value.t.kind == "nil":
            return False
        if t.kind == "interface":
            if "?" in t.names:
                return None
            return all(self.has_method(value, n) for n in t.names)
        return identical(self.default(value).t, t)

    # -- calls ------------------------------------------------------------------------------------------------------

    def eval_await(self, node: ir.Await, env: Env) -> Value:
        """A deferred call: its function and arguments are evaluated now."""
        if not isinstance(node.value, ir.Call) or not self.defers:
            raise Stop("defer")
        function = self.eval(node.value.function, env)
        arguments, _ = self.eval_arguments(node.value.arguments, env)
        self.defers[-1].append((function, [self.copy(a) for a in arguments]))
        return None

    def eval_arguments(
        self, arguments: tuple[ir.Argument, ...], env: Env
    ) -> tuple[list[Value], dict[str, Value]]:
        values: list[Value] = []
        for argument in arguments:
            value = self.eval(argument.value, env)
            if argument.spread:
                if isinstance(value, Unknown):
                    raise Stop("unpack:" + value.why)
                values.append(Spread(value))
            elif type(value) is tuple and len(arguments) == 1:
                values.extend(value)
            else:
                values.append(self.single(value))
        return values, {}

    def eval_call(self, node: ir.Call, env: Env) -> Value:
        if isinstance(node.function, ir.Name) and node.function.id in ("make", "new") and node.type:
            t = self.resolve(node.type, env)
            sizes = [self.eval(a.value, env) for a in node.arguments]
            return self.make(node.function.id, t, sizes)
        function = self.eval(node.function, env)
        arguments, keywords = self.eval_arguments(node.arguments, env)
        self.line = node.line
        return self.call(function, arguments, keywords)

    def make(self, name: str, t: GoType, sizes: list[Value]) -> Value:
        """`make(T, ...)` and `new(T)`."""
        if name == "new":
            return self.address_of(self.zero(t), None)
        if t.kind == "map":
            return G(t, MapData())
        if t.kind != "slice" or t.elem is None:
            raise Stop("channel" if t.kind == "chan" else "make")
        if any(type(s) is not G for s in sizes) or not sizes:
            raise Stop("make")
        length = sizes[0].v
        cap = sizes[1].v if len(sizes) > 1 else length
        if length < 0 or cap < length:
            raise self.panic("runtime error: makeslice: len out of range")
        if cap > self.budget.items:
            raise Stop("budget:items")
        self.charge(cap)
        elem = t.elem
        return G(t, SliceData([self.zero(elem) for _ in range(cap)], 0, length, cap))

    def call(self, function: Value, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        kind = type(function)
        if kind is FunctionValue:
            return self.call_function(function.definition, arguments, function.env, function.module)
        if kind is Method:
            receiver = function.receiver
            parent, module = self.homes[id(function.definition)]
            values = arguments if receiver is None else [receiver, *arguments]
            return self.call_function(function.definition, values, parent, module)
        if kind is GoBuiltin:
            self.step()
            flat: list[Value] = []
            for argument in arguments:
                if type(argument) is Spread:
                    flat += argument.value.v.items() if argument.value.v is not None else []
                else:
                    flat.append(argument)
            return function.call(self, flat)
        if isinstance(function, GoType):
            if len(arguments) != 1:
                raise Stop("does-not-compile")
            return self.convert(arguments[0], function)
        if isinstance(function, Unknown):
            return self.call_unknown(function, arguments)
        if type(function) is G and function.v is None:
            raise self.panic("runtime error: invalid memory address or nil pointer dereference")
        if type(function) is G and type(function.v) in (FunctionValue, Method, GoBuiltin):
            return self.call(function.v, arguments, keywords)
        raise Stop("does-not-compile")

    def call_unknown(self, function: Unknown, arguments: list[Value]) -> Value:
        """A call of code that is not known."""
        self.step()
        harmless = function.label.startswith(_HARMLESS) and not function.label.startswith(_HARMFUL)
        if harmless and not any(type(a) in (FunctionValue, Method) for a in arguments):
            return Unknown("library:" + function.label, function.label + "()")
        self.risky(function.why)
        if any(type(a) in (FunctionValue, Method) for a in arguments) or any(
            type(a) is G and a.t.kind in ("pointer", "slice", "map", "struct") for a in arguments
        ):
            self.trace.escaped = True
            self.trace.internal = True
            if function.why.startswith("library:") and not function.label.startswith(_READERS):
                self.overwritten(arguments)
        return Unknown(function.why, function.label + "()" if len(function.label) < 100 else function.label)

    def overwritten(self, arguments: list[Value]) -> None:
        """The elements of slices, and what pointers point to, are unknown once unknown code had them."""
        for value in arguments:
            if type(value) is Spread:
                value = value.value
            if type(value) is not G:
                continue
            if type(value.v) is SliceData:
                data = value.v
                data.array[data.offset : data.offset + data.length] = [
                    Unknown("handed-over") for _ in range(data.length)
                ]
            elif type(value.v) is Ref:
                value.v.container[value.v.key] = Unknown("handed-over")

    def call_function(
        self,
        definition: ir.FunctionDef,
        arguments: list[Value],
        parent: Env,
        home: ModuleValue,
    ) -> Value:
        """Calls a user function: parameters, results, deferred calls, recovered panics."""
        body = definition.body.load()
        env = Env(parent, home, "function")
        if definition.annotations or "generic" in definition.flags:
            self.bind_types(definition, arguments, env)
        self.bind_parameters(definition, arguments, env)
        results = [(n, self.resolve(t, env)) for n, t in definition.result]
        for name, t in results:
            if name != "_":
                env.vars[name] = self.zero(t)
        saved = self.module, self.tracing, self.line
        self.depth += 1
        if self.depth > self.budget.depth:
            raise Stop("budget:depth")
        self.module = home
        self.tracing = home.focal
        self.defers.append([])
        try:
            value = self.run_deferring(body.statements, env, results)
        except Stop as stop:
            stop.path = stop.path or (home.program.path if home.program is not None else "")
            raise
        finally:
            self.defers.pop()
            self.module, self.tracing, self.line = saved
            self.depth -= 1
        return value

    def run_deferring(
        self, statements: tuple[ir.Statement, ...], env: Env, results: list[tuple[str, GoType]]
    ) -> Value:
        """A body, then its deferred calls, last first; a recovered panic ends with the named results."""
        thrown: Thrown | None = None
        value: Value = None
        named = bool(results) and results[0][0] != "_"
        frame = len(self.defers) - 1
        try:
            inner = Env(env, env.module, "block")
            signal = self.run(statements, inner)
            if signal is not None and signal.kind == "return":
                value = self.fit(signal.value, results, env)
            if named and type(value) is not Unknown and value is not None:
                parts = value if type(value) is tuple else (value,)
                for (name, _), part in zip(results, parts, strict=True):
                    env.vars[name] = part
        except Thrown as error:
            if not isinstance(error.value, GoPanic):
                self.run_deferred(frame, None)
                raise
            thrown = error
        thrown = self.run_deferred(frame, thrown)
        if thrown is not None:
            raise thrown
        if named:
            current = tuple(env.vars[n] if n != "_" else self.zero(t) for n, t in results)
            if value is None or type(value) is not Unknown:
                return current[0] if len(current) == 1 else current
        elif value is None and results:
            zeros = tuple(self.zero(t) for _, t in results)
            return zeros[0] if len(zeros) == 1 else zeros
        return value

    def run_deferred(self, frame: int, thrown: Thrown | None) -> Thrown | None:
        """Runs the deferred calls of a frame; the panic that is left afterwards."""
        while self.defers[frame]:
            function, arguments = self.defers[frame].pop()
            self.panics.append(thrown)
            try:
                self.call(function, arguments, {})
                thrown = self.panics[-1]
            except Thrown as later:
                thrown = later
            finally:
                self.panics.pop()
        return thrown

    def fit(self, value: Value, results: list[tuple[str, GoType]], env: Env) -> Value:
        """Returned values in the types of the results."""
        if value is None:
            return None
        if isinstance(value, Unknown) and len(results) > 1:
            return tuple(Unknown(value.why, value.label) for _ in results)
        parts = value if type(value) is tuple else (value,)
        if len(parts) != len(results):
            raise Stop("does-not-compile")
        fitted = tuple(self.copy(self.coerce(p, t)) for p, (_, t) in zip(parts, results, strict=True))
        return fitted[0] if len(fitted) == 1 else fitted

    def bind_parameters(self, definition: ir.FunctionDef, arguments: list[Value], env: Env) -> None:
        """Binds arguments in the types of the parameters."""
        parameters = definition.parameters
        position = 0
        for parameter in parameters:
            t = self.resolve(parameter.type, env)
            if parameter.kind == "rest":
                rest = arguments[position:]
                position = len(arguments)
                kind = GoType("slice", elem=t)
                if len(rest) == 1 and type(rest[0]) is Spread:
                    value = self.coerce(rest[0].value, kind)
                elif rest:
                    value = G(kind, SliceData([self.copy(self.coerce(v, t)) for v in rest]))
                else:
                    value = G(kind, None)
            else:
                if position >= len(arguments) or type(arguments[position]) is Spread:
                    raise Stop("does-not-compile")
                value = self.copy(self.coerce(arguments[position], t))
                position += 1
            if parameter.name != "_":
                env.vars[parameter.name] = value
        if position < len(arguments):
            raise Stop("does-not-compile")

    def bind_types(self, definition: ir.FunctionDef, arguments: list[Value], env: Env) -> None:
        """Infers type parameters from the arguments."""
        names = set(definition.annotations)
        if "generic" in definition.flags:
            receiver = definition.parameters[0].type
            inner = receiver[1] if receiver[0] == "ptr" else receiver
            if inner[0] == "generic":
                names |= {a[1] for a in inner[2] if a[0] == "name"}
        found: dict[str, GoType] = {}
        for parameter, value in zip(definition.parameters, arguments, strict=False):
            if type(value) is Spread:
                value = value.value
                self.unify(("slice", parameter.type), value, names, found)
            else:
                self.unify(parameter.type, value, names, found)
        for name in names:
            env.vars[name] = found.get(name, OPAQUE)

    def unify(self, expression: Any, value: Value, names: set[str], found: dict[str, GoType]) -> None:
        """Learns type parameters from one argument."""
        if type(value) is FunctionValue and expression[0] == "func":
            own = value.definition
            for wanted, parameter in zip(expression[1], own.parameters, strict=False):
                self.unify_types(wanted, self.resolve(parameter.type, value.env), names, found)
            for wanted, (_, declared) in zip(expression[2], own.result, strict=False):
                self.unify_types(wanted, self.resolve(declared, value.env), names, found)
            return
        if type(value) is not G:
            return
        t = value.t
        if t.kind in DEFAULTS:
            if expression[0] == "name" and expression[1] in names:
                found.setdefault(expression[1], DEFAULTS[t.kind])
            return
        self.unify_types(expression, t, names, found)

    def unify_types(
        self, expression: Any, t: GoType | None, names: set[str], found: dict[str, GoType]
    ) -> None:
        if t is None:
            return
        kind = expression[0]
        if kind == "name" and expression[1] in names:
            if t.kind not in ("opaque", "nil"):
                found[expression[1]] = t
        elif kind in ("slice", "ptr"):
            self.unify_types(expression[1], t.elem, names, found)
        elif kind == "map":
            self.unify_types(expression[1], t.key, names, found)
            self.unify_types(expression[2], t.elem, names, found)
        elif kind == "generic" and t.names and t.params:
            for argument, actual in zip(expression[2], t.params, strict=False):
                self.unify_types(argument, actual, names, found)

    def instantiate_type(self, base: GoType, arguments: Any, env: Env) -> GoType:
        declared = self.generics.get(id(base))
        if declared is None:
            return OPAQUE
        actual = tuple(self.resolve(a, env) for a in arguments)
        for known, made in declared.made:
            if len(known) == len(actual) and all(identical(a, b) for a, b in zip(known, actual, strict=True)):
                return made
        made = GoType("opaque", base.name)
        declared.made.append((actual, made))
        inner = Env(declared.env, None, "block")
        inner.vars.update(dict(zip(declared.parameters, actual, strict=False)))
        made.underlie(self.resolve(declared.expression, inner))
        made.methods = base.methods
        made.params = actual
        made.names = declared.parameters
        return made

    def make_function(self, definition: ir.FunctionDef, env: Env) -> Value:
        return FunctionValue(definition, env, env.module or ModuleValue(""))

    # -- loops, switches, exceptions ------------------------------------------------------------------------------

    def run_for(self, node: ir.For, env: Env) -> Signal | None:
        source = self.eval(node.iterable, env)
        target = node.target
        if not isinstance(target, ir.Sequence):
            raise Stop("syntax:range")
        for turn, pair in enumerate(self.pairs(source)):
            if turn > self.budget.items:
                raise Stop("budget:items")
            self.step()
            inner = Env(env, env.module, "block")
            for goal, value in zip(target.items, pair, strict=False):
                self.store(goal, value, inner if target.kind == "declare" else env, target.kind == "declare")
            signal = self.run(node.body, inner)
            if signal is not None:
                if signal.kind == "return" or (signal.label and signal.label != node.label):
                    return signal
                if signal.kind == "break":
                    return None
        return None

    def pairs(self, source: Value) -> Iterator[tuple[Value, ...]]:
        """Key and value of each turn of a range loop."""
        if isinstance(source, Unknown):
            self.risky(source.why)
            for turn in range(3):
                if not self.decide(turn == 0):
                    return
                yield Unknown(source.why), Unknown(source.why)
            raise Stop("budget:unknown-loop")
        if type(source) is not G:
            raise Stop("range-function")
        if source.t.kind == "pointer":
            source = self.deref(source)
        kind = source.t.kind
        if kind in INTEGERS:
            for index in range(source.v):
                yield (G(source.t if kind != "untyped int" else INT, index),)
        elif kind in ("string", "untyped string"):
            position = 0
            for char in source.v:
                bad = 0xDC80 <= ord(char) <= 0xDCFF
                yield integer(position), G(INT32, 0xFFFD if bad else ord(char))
                position += 1 if bad else len(char.encode())
        elif kind == "slice":
            if source.v is not None:
                data = source.v
                array, offset = data.array, data.offset
                for index in range(data.length):
                    yield integer(index), self.copy(array[offset + index])
        elif kind == "array":
            for index, value in enumerate(self.copy(source).v):
                yield integer(index), value
        elif kind == "map":
            yield from self.map_pairs(source)
        else:
            raise Stop("channel" if kind == "chan" else "range")

    def map_pairs(self, source: G) -> Iterator[tuple[Value, ...]]:
        """Entries of a map; their order is random in Go, so what depends on it is not certain."""
        if source.v is None:
            return
        keys = list(source.v.entries)
        if len(keys) > 1 and self.tracing:
            # Two orders are tried, one decision for all maps of a path: what agrees does not depend on it.
            if self.reversed_maps is None:
                self.reason("map-order")
                self.reversed_maps = self.decide(False)
            if self.reversed_maps:
                keys.reverse()
        for key in keys:
            if key in source.v.entries:
                yield source.v.entries[key]

    def iterate(self, value: Value) -> Iterator[Value]:
        raise Stop("iterate")

    def run_while(self, node: ir.While, env: Env) -> Signal | None:
        turns = 0
        while self.condition(node.test, env, default=turns == 0):
            turns += 1
            if turns > self.budget.items:
                raise Stop("budget:items")
            signal = self.run(node.body, env)
            if signal is not None:
                if signal.kind == "return" or (signal.label and signal.label != node.label):
                    return signal
                if signal.kind == "break":
                    return None
            if node.post and env.kind != "loop":
                for statement in node.post:
                    self._statements[type(statement)](statement, env)
            elif node.post:
                # Each turn has variables of its own (Go 1.22): closures keep those of their turn.
                env_vars = dict(env.vars)
                fresh = Env(env.parent, env.module, env.kind)
                fresh.vars = env_vars
                env = fresh
                for statement in node.post:
                    self._statements[type(statement)](statement, env)
        return None

    def run_block_scope(self, node: ir.Block, env: Env) -> Signal | None:
        inner = Env(env, env.module, "loop" if node.label == LOOP else "block")
        return self.run(node.body, inner)

    def run_switch(self, node: ir.Switch, env: Env) -> Signal | None:
        kind, _, binds = node.binds.partition(":")
        subject = self.eval(node.subject, env) if node.subject is not None else boolean(True)
        chosen: int | None = None
        for position, case in enumerate(node.cases):
            if case.default:
                continue
            if self.tracing:
                self.hit(case.line)
            if kind == "type":
                matched = any(self.type_case(subject, t, env) for t in case.types)
            else:
                matched = any(self.value_case(node.subject, subject, v, env) for v in case.values)
            if matched:
                chosen = position
                break
        if chosen is None:
            chosen = next((i for i, c in enumerate(node.cases) if c.default), None)
        while chosen is not None:
            case = node.cases[chosen]
            if self.tracing:
                self.hit(case.line)
            inner = Env(env, env.module, "block")
            if kind == "type" and binds:
                value = subject
                if len(case.types) == 1 and case.types[0] != ("name", "nil"):
                    value = self.unboxed(subject, self.resolve(case.types[0], env))
                inner.vars[binds] = value
            signal = self.run(case.body, inner)
            if signal is not None:
                if signal.kind == "break" and (not signal.label or signal.label == node.label):
                    return None
                return signal
            chosen = chosen + 1 if case.falls else None
        return None

    def type_case(self, subject: Value, expression: Any, env: Env) -> bool:
        if expression == ("name", "nil"):
            if isinstance(subject, Unknown):
                return self.decide(False)
            return type(subject) is G and subject.t.kind == "nil"
        known = self.has_type(subject, self.resolve(expression, env))
        return self.decide(False) if known is None else known

    def value_case(self, node: ir.Expression | None, subject: Value, value: ir.Expression, env: Env) -> bool:
        if node is None:
            return self.condition(value, env)
        return self.truth(self.compare("==", subject, self.eval(value, env)), default=False)

    def format_value(self, value: Value, conversion: str, spec: Value) -> Value:
        raise Stop("syntax:format")

    def eval_comprehension(self, node: ir.Comprehension, env: Env) -> Value:
        raise Stop("syntax:comprehension")


class Spread:
    """`values...` in a call."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


class Generic:
    """A generic type declaration and the types made of it."""

    def __init__(self, expression: Any, parameters: tuple[str, ...], env: Env) -> None:
        self.env = env
        self.expression = expression
        self.parameters = parameters
        self.made: list[tuple[tuple[GoType, ...], GoType]] = []
