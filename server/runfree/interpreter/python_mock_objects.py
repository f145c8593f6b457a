"""Mock objects of unittest.mock as ordinary instances: children, recorded calls, return values, side effects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from runfree.interpreter import python_types as types
from runfree.interpreter.python_types import CONTAINERS, SCALARS, class_of
from runfree.interpreter.values import (
    MISSING,
    BoundMethod,
    Builtin,
    ClassMethod,
    ClassValue,
    Coroutine,
    FunctionValue,
    Instance,
    IteratorValue,
    ModuleValue,
    Property,
    StaticMethod,
    Unknown,
    Value,
)

Call = Callable[[Any, list[Value], dict[str, Value]], Value]
# Not an identifier, so that no attribute of the user collides with it.
STATE = "mock:state"

_PROTOCOL = {
    "__len__": 0, "__contains__": False, "__int__": 1, "__float__": 1.0, "__index__": 1, "__exit__": False, "__bool__": True,
}  # fmt: skip
_ORDER = frozenset({"__lt__", "__le__", "__gt__", "__ge__"})
_NUMBERS = (
    "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "lshift", "rshift", "and", "xor", "or", "pow", "divmod",
)  # fmt: skip
MAGICS = (
    frozenset(_PROTOCOL)
    | _ORDER
    | {"__iter__", "__enter__", "__getitem__", "__setitem__", "__delitem__", "__neg__", "__pos__", "__abs__", "__invert__"}
    | {f"__{side}{n}__" for n in _NUMBERS for side in ("", "r")}
    | {f"__i{n}__" for n in _NUMBERS if n != "divmod"}
)  # fmt: skip
_SETTABLE = MAGICS | {
    "__str__",
    "__repr__",
    "__hash__",
    "__eq__",
    "__ne__",
    "__next__",
    "__format__",
    "__call__",
}


class State:
    """What one mock knows of itself.

    Attributes:
        parent, name: whose child it is, and how: an attribute's name or "()".
        calls: its own calls; mock_calls: those of its children too, by their dotted names.
        escaped: unknown code holds it, so that what was called is no longer known.
    """

    def __init__(self, name: str = "", parent: Instance | None = None) -> None:
        self.name = name
        self.parent = parent
        self.children: dict[str, Value] = {}
        self.calls: list[Value] = []
        self.mock_calls: list[Value] = []
        self.returns: Value = MISSING
        self.effect: Value = None
        self.spec: Value = None
        self.wraps: Value = None
        self.escaped = False


def _mock_class(name: str, base: ClassValue) -> ClassValue:
    made = ClassValue(name, [base], kind="mock")
    made.kind = "mock"
    return made


MOCK = _mock_class("Mock", types.OBJECT)
MAGIC = _mock_class("MagicMock", MOCK)
ASYNC = _mock_class("AsyncMock", MAGIC)
PROPERTY = _mock_class("PropertyMock", MOCK)
PLAIN = _mock_class("NonCallableMock", MOCK)
PLAIN_MAGIC = _mock_class("NonCallableMagicMock", MAGIC)
CALL = ClassValue("_Call", [types.TUPLE])
_MAGIC_METHOD = ClassValue("MagicProxy", [types.OBJECT])


def is_mock(value: Value) -> bool:
    """Whether a value is a mock object."""
    return type(value) is Instance and value.klass.kind == "mock"


def state_of(mock: Instance) -> State:
    """The state of a mock; one whose `__init__` was not called has an empty one."""
    state = mock.attrs.get(STATE)
    if not isinstance(state, State):
        state = mock.attrs[STATE] = State()
    return state


def escape(mock: Instance) -> None:
    """Unknown code holds the mock, and with it its children."""
    state_of(mock).escaped = True


def is_escaped(mock: Instance) -> bool:
    """Whether unknown code may have called the mock."""
    return any(state_of(owner).escaped for owner in lineage(mock))


def lineage(mock: Instance) -> Iterator[Instance]:
    """The mock, the mock whose child it is, and so on; `put` sees to it that no mock is its own ancestor."""
    owner: Instance | None = mock
    while owner is not None:
        yield owner
        owner = state_of(owner).parent


def new_mock(
    ev: Any, klass: ClassValue, keywords: dict[str, Value] | None = None, name: str = ""
) -> Instance:
    """A mock as `klass(**keywords)` makes it."""
    mock = Instance(klass)
    mock.attrs[STATE] = State(name)
    configure(ev, mock, keywords or {})
    return mock


def configure(ev: Any, mock: Instance, keywords: dict[str, Value]) -> None:
    """Applies constructor arguments; the unknown ones are attributes, dotted names reach into children."""
    state = state_of(mock)
    for name, value in keywords.items():
        if name in ("spec", "spec_set", "autospec"):
            if value is not None and value is not False:
                state.spec = value
        elif name == "wraps":
            state.wraps = value
        elif name == "name":
            state.children.setdefault("name:", value)
        elif name in ("unsafe", "parent", "create", "new_callable"):
            continue
        else:
            target: Value = mock
            *path, last = name.split(".")
            for part in path:
                target = ev.get_attribute(target, part)
            ev.set_attribute(target, last, value)


def child_class(klass: ClassValue) -> ClassValue:
    """The class of a mock's children."""
    for base in klass.mro:
        if base in (MAGIC, PLAIN_MAGIC, ASYNC, PROPERTY):
            return MAGIC if base is not ASYNC else ASYNC
    return MOCK


def child(ev: Any, mock: Instance, name: str) -> Value:
    """The child of a name ("()": the return value), made on first use."""
    state = state_of(mock)
    found = state.children.get(name)
    if found is None:
        ev.charge(1)
        klass = child_class(mock.klass)
        if name == "()" and klass is ASYNC:
            klass = MAGIC
        member = MISSING if state.spec is None else spec_member(ev, state.spec, name)
        if type(member) is FunctionValue and member.definition.is_async:
            klass = ASYNC
        found = Instance(klass)
        found.attrs[STATE] = State(name, mock)
        if name == "()" and isinstance(state.spec, ClassValue):
            state_of(found).spec = state.spec
        state.children[name] = found
    return found


def spec_member(ev: Any, spec: Value, name: str) -> Value:
    """What a specification holds under a name, MISSING if nothing, unknown where it cannot be told."""
    if isinstance(spec, Unknown) or spec is True:
        return Unknown("mock-spec")
    if isinstance(spec, (list, tuple)):
        return True if name in spec else MISSING
    klass = spec if isinstance(spec, ClassValue) else class_of(spec)
    if is_mock(spec) or klass is None:
        return Unknown("mock-spec")
    if type(spec) is ModuleValue:
        return spec.env.vars.get(name, Unknown("mock-spec") if spec.open else MISSING)
    if type(spec) is FunctionValue:
        return Unknown("mock-spec")
    if type(spec) is Instance and name in spec.attrs:
        return spec.attrs[name]
    found = klass.find(name)
    if type(found) in (StaticMethod, ClassMethod):
        found = found.function
    if found is not MISSING:
        return found
    hosts = [k.host for k in klass.mro if k.host is not None]
    if klass.opaque or klass.fields is not None or klass.kind in ("enum", "exception"):
        return Unknown("mock-spec")
    if any(name in k.annotations for k in klass.mro) or any(hasattr(h, name) for h in hosts):
        return Unknown("mock-spec")
    return MISSING


def get(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    """A member that a mock does not have yet."""
    mock, name = a[0], a[1]
    state = state_of(mock)
    deleted = state.children.get("deleted:" + name)
    missing = deleted is not None
    if not missing and name.startswith("__") and name.endswith("__"):
        if name not in _SETTABLE or name == "__call__":
            missing = name not in ("__name__", "__qualname__") or state.spec is None
            if not missing:
                return getattr(state.spec, "name", Unknown("mock-spec"))
        elif child_class(mock.klass) is MOCK:
            missing = True
        else:
            made = child(ev, mock, name)
            install(mock, name, made)
            return made
    if not missing and state.spec is not None:
        member = spec_member(ev, state.spec, name)
        if member is MISSING:
            missing = True
        elif isinstance(member, Unknown):
            ev.risky("mock-spec")
    if not missing and name.startswith(("assert", "assret", "asert", "aseert", "assrt")):
        raise ev.error("AttributeError", f"'{name}' is not a valid assertion")
    if missing:
        shown = "Mock object" if deleted is None or state.spec is not None else name
        raise ev.error("AttributeError", f"{shown} has no attribute '{name}'" if shown != name else name)
    return child(ev, mock, name)


def put(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    """Sets a member of a mock; special methods go to a class of its own."""
    mock, name, new = a
    state = state_of(mock)
    state.children.pop("deleted:" + name, None)
    if name == "return_value":
        state.returns = new
    elif name == "side_effect":
        state.effect = _effect(ev, new)
    elif name in _SETTABLE:
        install(mock, name, new)
        state.children[name] = new
    else:
        free = is_mock(new) and state_of(new).parent is None and not state_of(new).name
        if free and all(owner is not new for owner in lineage(mock)):
            state_of(new).parent, state_of(new).name = mock, name
        mock.attrs[name] = new


def delete(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    """Removes a member: reading it raises from then on."""
    mock, name = a
    mock.attrs.pop(name, None)
    state_of(mock).children["deleted:" + name] = True


def own_class(mock: Instance) -> ClassValue:
    """The class of this mock alone: unittest.mock makes one for every mock."""
    if mock.klass.definition is not None or "mock:own" not in mock.klass.namespace:
        own = ClassValue(mock.klass.name, [mock.klass])
        own.namespace["mock:own"] = True
        mock.klass = own
    return mock.klass


def install(mock: Instance, name: str, new: Value) -> None:
    """Gives the mock a special method."""
    own_class(mock)
    if type(new) is FunctionValue:
        mock.klass.namespace[name] = new
    else:
        # Mocks and other callables are called without the receiver.
        mock.klass.namespace[name] = Builtin(name, lambda ev, a, k: ev.call(new, a[1:], k))


def _effect(ev: Any, new: Value) -> Value:
    if type(new) in CONTAINERS or type(new) is IteratorValue or isinstance(new, str):
        return new if type(new) is IteratorValue else IteratorValue(iter(ev.collect(new)))
    return new


def record(ev: Any, mock: Instance, arguments: list[Value], keywords: dict[str, Value]) -> None:
    """Notes a call with the mock and all whose child it is."""
    ev.charge(2)
    state = state_of(mock)
    state.calls.append(make_call("", arguments, keywords))
    state.mock_calls.append(make_call("", arguments, keywords))
    name, owner = state.name, state.parent
    while owner is not None and ev.budget.depth > name.count("."):
        above = state_of(owner)
        above.mock_calls.append(make_call(name, arguments, keywords))
        name = above.name + (name if name.startswith("()") else "." + name) if above.name else name
        owner = above.parent


def make_call(name: str, arguments: list[Value], keywords: dict[str, Value]) -> Instance:
    """A `mock.call` with its three parts; a call of the mock itself is a pair."""
    triple = (name, tuple(arguments), dict(keywords))
    made = Instance(CALL, triple if name else triple[1:])
    made.attrs.update({"args": triple[1], "kwargs": triple[2], "call:name": name})
    return made


def run(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    """A call of a mock."""
    mock, arguments = a[0], a[1:]
    klass = mock.klass
    if PLAIN in klass.mro or PLAIN_MAGIC in klass.mro:
        raise ev.error("TypeError", f"'{klass.name}' object is not callable")
    ev.step()
    record(ev, mock, arguments, k)
    if ASYNC in klass.mro:
        return Coroutine(lambda: _result(ev, mock, arguments, k))
    return _result(ev, mock, arguments, k)


def _result(ev: Any, mock: Instance, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    state = state_of(mock)
    effect = state.effect
    if isinstance(effect, Unknown):
        return ev.call_unknown(effect, arguments, keywords)
    if effect is not None:
        if _is_exception(effect):
            raise ev.throw(ev.make_exception(effect))
        result = (
            ev.next_of(effect, MISSING)
            if type(effect) is IteratorValue
            else ev.call(effect, arguments, keywords)
        )
        if type(effect) is IteratorValue and _is_exception(result):
            raise ev.throw(ev.make_exception(result))
        if result is not DEFAULT:
            return ev.await_value(result) if type(result) is Coroutine and ASYNC in mock.klass.mro else result
    if state.returns is not MISSING:
        return state.returns
    if state.wraps is not None:
        return ev.call(state.wraps, arguments, keywords)
    return default_return(ev, mock)


def default_return(ev: Any, mock: Instance) -> Value:
    """What a mock returns that was told nothing."""
    state = state_of(mock)
    if state.name in _PROTOCOL and "()" not in state.children:
        return _PROTOCOL[state.name]
    if state.name in _ORDER:
        return NotImplemented
    if state.name == "__iter__":
        return IteratorValue(iter(()))
    return child(ev, mock, "()")


def _is_exception(value: Value) -> bool:
    klass = value if isinstance(value, ClassValue) else value.klass if type(value) is Instance else None
    return klass is not None and klass.kind == "exception"


def _known(read: Callable[[Any, Instance, State], Value]) -> Call:
    """A member that tells of calls: unknown once unknown code may have made some."""

    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        if is_escaped(a[0]):
            ev.reason("mock-escaped")
            return Unknown("mock-escaped")
        return read(ev, a[0], state_of(a[0]))

    return call


def _return_value(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    state = state_of(a[0])
    return state.returns if state.returns is not MISSING else default_return(ev, a[0])


_READ: dict[str, Callable[[Any, Instance, State], Value]] = {
    "called": lambda ev, m, s: bool(s.calls), "call_count": lambda ev, m, s: len(s.calls),
    "call_args": lambda ev, m, s: s.calls[-1] if s.calls else None, "call_args_list": lambda ev, m, s: list(s.calls),
    "mock_calls": lambda ev, m, s: list(s.mock_calls),
    "method_calls": lambda ev, m, s: [c for c in s.mock_calls if plain_method(c)],
    "await_count": lambda ev, m, s: Unknown("mock-await", kind="int"),
}  # fmt: skip


def plain_method(call: Instance) -> bool:
    """Whether a recorded call is one of a child by plain attributes."""
    name = call.attrs["call:name"]
    return bool(name) and "()" not in name and "__" not in name


for _name, _reader in _READ.items():
    MOCK.namespace[_name] = Property(Builtin(_name, _known(_reader)))
MOCK.namespace["return_value"] = Property(
    Builtin("return_value", _return_value),
    Builtin("return_value", lambda ev, a, k: put(ev, [a[0], "return_value", a[1]], k)),
)
MOCK.namespace["side_effect"] = Property(
    Builtin("side_effect", lambda ev, a, k: state_of(a[0]).effect),
    Builtin("side_effect", lambda ev, a, k: put(ev, [a[0], "side_effect", a[1]], k)),
)


def _init(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    mock = a[0]
    mock.attrs[STATE] = State()
    names = ("spec", "side_effect", "return_value", "wraps", "name", "spec_set")
    configure(ev, mock, {**dict(zip(names, a[1:], strict=False)), **k})


def _configure_mock(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    configure(ev, a[0], k)


def _attach(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    state_of(a[1]).parent = None
    state_of(a[1]).name = ""
    put(ev, [a[0], a[2], a[1]], {})


def _reset(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    state = state_of(a[0])
    state.calls.clear()
    state.mock_calls.clear()
    if k.get("return_value"):
        state.returns = MISSING
    if k.get("side_effect"):
        state.effect = None
    for inner in list(state.children.values()):
        if is_mock(inner):
            _reset(ev, [inner], {})


for _name, _call in (
    ("__init__", _init), ("__getattr__", get), ("__setattr__", put), ("__delattr__", delete), ("__call__", run),
    ("configure_mock", _configure_mock), ("attach_mock", _attach), ("reset_mock", _reset),
):  # fmt: skip
    MOCK.namespace[_name] = Builtin(_name, _call, binds=True)


def _magic(name: str) -> Instance:
    proxy = Instance(_MAGIC_METHOD)
    proxy.attrs["magic"] = name
    return proxy


def _magic_of(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    proxy, mock = a[0], a[1]
    return proxy if mock is None else child(ev, mock, proxy.attrs["magic"])


_MAGIC_METHOD.namespace["__get__"] = Builtin("__get__", _magic_of, binds=True)
_MAGIC_METHOD.namespace["__call__"] = Builtin(
    "__call__", lambda ev, a, k: ev.call(child(ev, a[1], a[0].attrs["magic"]), a[2:], k), binds=True
)
for _name in MAGICS:
    MAGIC.namespace[_name] = _magic(_name)
for _klass in (MOCK, CALL):
    _klass.namespace["__hash__"] = Builtin(
        "__hash__", lambda ev, a, k: Unknown("hash", kind="int"), binds=True
    )
del MOCK.namespace["__hash__"]


def _call_equal(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    one, other = parts_of(a[0]), parts_of(a[1])
    if one is None or other is None:
        return False
    if one[0] and other[0] and one[0] != other[0]:
        return False
    return ev.container_equal(one[1:], other[1:])


def parts_of(value: Value) -> tuple[str, Value, Value] | None:
    """Name, arguments and keywords of a call or of a tuple that stands for one; None where it is neither."""
    if type(value) is Instance and value.klass is CALL:
        return value.attrs["call:name"], value.attrs["args"], value.attrs["kwargs"]
    if type(value) is not tuple or len(value) > 3:
        return None
    name, arguments, keywords = "", (), {}
    for item in value:
        if isinstance(item, str):
            name = item
        elif type(item) is tuple:
            arguments = item
        elif type(item) is dict:
            keywords = item
        else:
            return None
    return name, arguments, keywords


def _call_call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    before = a[0].attrs["call:name"] + ("()" if "call:made" in a[0].attrs else "")
    made = make_call(before, a[1:], k)
    made.attrs["call:made"] = True
    return made


def _call_get(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    before = a[0].attrs["call:name"] + ("()" if "call:made" in a[0].attrs else "")
    return make_call(f"{before}.{a[1]}" if before else a[1], [], {})


PROPERTY.namespace["__get__"] = Builtin("__get__", lambda ev, a, k: run(ev, a[:1], {}), binds=True)
PROPERTY.namespace["__set__"] = Builtin("__set__", lambda ev, a, k: run(ev, [a[0], a[2]], {}), binds=True)
for _name, _call in (("__eq__", _call_equal), ("__call__", _call_call), ("__getattr__", _call_get)):
    CALL.namespace[_name] = Builtin(_name, _call, binds=True)
CALL.namespace["__repr__"] = Builtin(
    "__repr__", lambda ev, a, k: Unknown("repr", kind="str", truth=True), binds=True
)
_ANY = ClassValue("_ANY", [types.OBJECT])
_ANY.namespace["__eq__"] = Builtin("__eq__", lambda ev, a, k: True, binds=True)
_ANY.namespace["__ne__"] = Builtin("__ne__", lambda ev, a, k: False, binds=True)
ANY = Instance(_ANY)
DEFAULT = Instance(ClassValue("_SentinelObject", [types.OBJECT]))
ROOT_CALL = make_call("", [], {})
SIMPLE = SCALARS | CONTAINERS | {BoundMethod}
