"""Values of the evaluator: known ones are plain data of builtin types, the rest are the classes here.

User code never becomes a live class or function: instances, classes and functions are records that the evaluator
reads. `Unknown` may know a type, a truth value or a length; everything computed from it is unknown again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from runfree.interpreter import ir

Value: TypeAlias = Any


class Missing:
    """The absence of a value."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


class Unknown:
    """A value that is not known.

    Attributes:
        why: stable code of the reason. label: dotted name of what it came from, "" if nothing has a name.
        kind: name of its type, "" if unknown. truth, length: None if unknown.
    """

    __slots__ = ("kind", "label", "length", "truth", "why")

    def __init__(self, why: str, label: str = "", kind: str = "", truth: bool | None = None) -> None:
        self.why = why
        self.label = label
        self.kind = kind
        self.truth = truth
        self.length: int | None = None

    def __repr__(self) -> str:
        return f"<unknown {self.kind or '?'} {self.label or self.why}>"


class Env:
    """The variables of one function call, class body, block or module."""

    __slots__ = ("function", "kind", "klass", "locals", "module", "parent", "redirect", "vars")

    def __init__(self, parent: Env | None, module: ModuleValue | None, kind: str = "function") -> None:
        self.vars: dict[str, Value] = {}
        self.parent = parent
        self.module = module
        self.kind = kind
        self.locals: frozenset[str] = frozenset()
        self.redirect: dict[str, Env] | None = None
        self.klass: ClassValue | None = None
        self.function: FunctionValue | None = None


class ModuleValue:
    """A module: `open` where names may exist that the text does not show."""

    __slots__ = ("env", "focal", "home", "loaded", "name", "open", "program")

    def __init__(self, name: str, program: ir.Program | None = None, focal: bool = False) -> None:
        self.name = name
        self.program = program
        self.focal = focal
        self.env = Env(None, self, "module")
        self.open = False
        self.home = False
        self.loaded = False


class FunctionValue:
    """A user function with its closure, defaults and the class it was defined in."""

    __slots__ = ("attrs", "defaults", "definition", "env", "module", "name", "owner")

    def __init__(self, definition: ir.FunctionDef, env: Env, module: ModuleValue) -> None:
        self.definition = definition
        self.env = env
        self.module = module
        self.name = definition.name
        self.defaults: dict[str, Value] = {}
        self.owner: ClassValue | None = None
        self.attrs: dict[str, Value] = {}


class Builtin:
    """A modelled function: `call(evaluator, arguments, keywords)`."""

    __slots__ = ("binds", "call", "name")

    def __init__(
        self, name: str, call: Callable[[Any, list[Value], dict[str, Value]], Value], binds: bool = False
    ) -> None:
        self.name = name
        self.call: Callable[[Any, list[Value], dict[str, Value]], Value] = call
        self.binds = binds


class BoundMethod:
    """A function with its receiver."""

    __slots__ = ("function", "receiver")

    def __init__(self, function: Value, receiver: Value) -> None:
        self.function = function
        self.receiver = receiver


class Property:
    """A property; also what functools.cached_property makes (`cached`)."""

    __slots__ = ("cached", "deleter", "getter", "setter")

    def __init__(self, getter: Value, setter: Value = None, deleter: Value = None, cached: str = "") -> None:
        self.getter = getter
        self.setter = setter
        self.deleter = deleter
        self.cached = cached


class StaticMethod:
    """A function that is not bound."""

    __slots__ = ("function",)

    def __init__(self, function: Value) -> None:
        self.function = function


class ClassMethod:
    """A function that is bound to the class."""

    __slots__ = ("function",)

    def __init__(self, function: Value) -> None:
        self.function = function


class ClassValue:
    """A class, of the user or built in (`host` is then the builtin type its values have).

    Attributes:
        opaque: "" or why members may exist that are not known (an unknown base, decorator or metaclass).
        kind: "", "enum", "exception".
        fields: dataclass or namedtuple fields, None where it is neither.
    """

    __slots__ = (
        "abstract", "annotations", "bases", "definition", "fields", "frozen", "host", "kind", "module", "mro", "name",
        "namespace", "opaque", "options",
    )  # fmt: skip

    def __init__(self, name: str, bases: list[ClassValue], host: type | None = None, kind: str = "") -> None:
        self.name = name
        self.bases = bases
        self.host = host
        self.kind: str = kind or next((b.kind for b in bases if b.kind), "")
        self.namespace: dict[str, Value] = {}
        self.annotations: dict[str, str] = {}
        self.opaque: str = next((b.opaque for b in bases if b.opaque), "")
        self.fields: list[FieldValue] | None = None
        self.options: dict[str, Value] = {}
        self.module: ModuleValue | None = None
        self.definition: ir.ClassDef | None = None
        self.abstract: frozenset[str] = frozenset()
        self.frozen = False
        self.mro: list[ClassValue] = linearise(self)

    def rebase(self, bases: list[ClassValue]) -> None:
        """Gives the class other bases."""
        self.bases = bases
        self.mro = linearise(self)

    def find(self, name: str) -> Value:
        """A name looked up along the classes, `MISSING` if absent."""
        for klass in self.mro:
            if name in klass.namespace:
                return klass.namespace[name]
        return MISSING

    def base_host(self) -> type | None:
        """The builtin type that instances hold, if any."""
        for klass in self.mro:
            if klass.host is not None and klass.host is not object:
                return klass.host
        return None

    def __repr__(self) -> str:
        return f"<class {self.name}>"


def linearise(klass: ClassValue) -> list[ClassValue]:
    """The method resolution order (C3); a plain left-to-right one where C3 has none."""
    lists = [list(b.mro) for b in klass.bases] + [list(klass.bases)]
    result = [klass]
    while any(lists):
        for options in lists:
            if options and not any(options[0] in other[1:] for other in lists):
                head = options[0]
                break
        else:
            head = next(o[0] for o in lists if o)
            klass.opaque = "mro"
        result.append(head)
        lists = [[c for c in other if c is not head] for other in lists]
    return result


class FieldValue:
    """A dataclass or namedtuple field."""

    __slots__ = ("compare", "default", "factory", "init", "keyword_only", "name", "show")

    def __init__(self, name: str, default: Value = MISSING, factory: Value = MISSING) -> None:
        self.name = name
        self.default = default
        self.factory = factory
        self.init = True
        self.compare = True
        self.show = True
        self.keyword_only = False


class Instance:
    """An object of a user class (or a builtin exception); `payload` is the builtin value it extends."""

    __slots__ = ("attrs", "klass", "payload")

    def __init__(self, klass: ClassValue, payload: Value = MISSING) -> None:
        self.klass = klass
        self.attrs: dict[str, Value] = {}
        self.payload = payload

    def __repr__(self) -> str:
        return f"<{self.klass.name} instance>"


class SuperValue:
    """What `super()` gives: lookups start after `after` in the order of `klass`."""

    __slots__ = ("after", "klass", "receiver")

    def __init__(self, after: ClassValue, klass: ClassValue, receiver: Value) -> None:
        self.after = after
        self.klass = klass
        self.receiver = receiver


class IteratorValue:
    """An iterator or generator; `host` yields its values one by one."""

    __slots__ = ("host", "kind", "started")

    def __init__(self, host: Iterator[Value], kind: str = "iterator") -> None:
        self.host = host
        self.kind = kind
        self.started = False


class Coroutine:
    """A call of an async function that has not been awaited."""

    __slots__ = ("run",)

    def __init__(self, run: Callable[[], Value]) -> None:
        self.run = run


class Manager:
    """A modelled context manager: `leave` gets the exception in flight and says whether it is swallowed."""

    __slots__ = ("attrs", "enter", "leave", "name")

    def __init__(
        self,
        name: str,
        enter: Callable[[], Value],
        leave: Callable[[Thrown | None], bool],
        attrs: Value = None,
    ) -> None:
        self.name = name
        self.enter = enter
        self.leave = leave
        self.attrs: dict[str, Value] = attrs if attrs is not None else {}


class DefaultDict(dict[Any, Any]):
    """A collections.defaultdict with a factory of the evaluator."""

    factory: Value = None

    def copy(self) -> DefaultDict:
        """A copy with the same factory."""
        other = DefaultDict(self)
        other.factory = self.factory
        return other


class Thrown(Exception):  # noqa: N818 - an exception of the user's program
    """An exception of the interpreted program on its way; `value` is an `Instance` or unknown."""

    def __init__(self, value: Value, line: int = 0, path: str = "") -> None:
        super().__init__()
        self.value = value
        self.line = line
        self.path = path
        self.assertion = False
