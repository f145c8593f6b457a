"""unittest.mock's patching: names of the sample's files are replaced and put back, those of libraries are overridden."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from typing import Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.python_builtins import BUILTINS
from runfree.interpreter.python_mock_checks import CHECKS
from runfree.interpreter.python_mock_objects import (
    ANY,
    ASYNC,
    DEFAULT,
    MAGIC,
    MOCK,
    PLAIN,
    PLAIN_MAGIC,
    PROPERTY,
    ROOT_CALL,
    escape,
    is_mock,
    new_mock,
)
from runfree.interpreter.values import (
    MISSING,
    Builtin,
    ClassValue,
    FunctionValue,
    Instance,
    IteratorValue,
    Manager,
    ModuleValue,
    StaticMethod,
    Thrown,
    Unknown,
    Value,
)

assert CHECKS
# Modules of Python that are loaded wherever this runs, and hold the same names everywhere.
STANDARD = frozenset(
    {
        "json",
        "re",
        "math",
        "string",
        "copy",
        "functools",
        "itertools",
        "collections",
        "textwrap",
        "html",
        "time",
        "os",
    }
)
_OPTIONS = ("spec", "spec_set", "autospec", "create", "new_callable", "unsafe")


def locate(ev: Any, target: str) -> tuple[Value, str]:
    """The object that holds a dotted target, and the name in it, found as importing and reading attributes does.

    Raises:
        Thrown: a part of the target does not exist.
    """
    parts = target.split(".")
    if len(parts) < 2:
        raise ev.error("TypeError", f"Need a valid target to patch. You supplied: {target!r}")
    for size in range(len(parts) - 1, 0, -1):
        path = ev.modules.find(".".join(parts[:size]), "")
        if path:
            owner: Value = ev.modules.module(ev, path)
            break
    else:
        size, owner = 1, ev.modules.outside(ev, parts[0])
    for part in parts[size:-1]:
        owner = ev.get_attribute(owner, part)
    return owner, parts[-1]


def current(ev: Any, owner: Value, name: str) -> Value:
    """What an owner holds under a name before it is replaced: MISSING if nothing, unknown where it cannot be told."""
    if type(owner) is ModuleValue:
        if name in owner.env.vars:
            return owner.env.vars[name]
        real = sys.modules.get(owner.name) if owner.program is None and owner.name in STANDARD else None
        if real is not None and not hasattr(real, name):
            # Other versions of Python may have it.
            ev.risky("library-version")
            return MISSING
        sure = owner.program is not None and not owner.open and not owner.program.path.endswith("__init__.py")
        return (
            MISSING
            if sure and "__getattr__" not in owner.env.vars and name[:2] != "__"
            else Unknown("patched")
        )
    if isinstance(owner, ClassValue):
        found = owner.find(name)
        if found is not MISSING:
            return found.function if type(found) is StaticMethod else found
        hosts = [k.host or getattr(builtins, k.name, object) for k in owner.mro if k.definition is None]
        sure = (
            not owner.opaque
            and owner.kind in ("", "exception")
            and not any(hasattr(h, name) for h in hosts)
            and name[:2] != "__"
        )
        return MISSING if sure and owner.definition is not None else Unknown("patched")
    if type(owner) is Instance and not is_mock(owner):
        if name in owner.attrs:
            return owner.attrs[name]
        if owner.payload is not MISSING or owner.klass.find("__getattr__") is not MISSING:
            return Unknown("patched")
        return current(ev, owner.klass, name)
    return Unknown("patched")


class Patch:
    """One patched name: usable as decorator, context manager, or by start and stop."""

    def __init__(
        self, ev: Any, find: Callable[[], tuple[Value, str]], new: Value, options: dict[str, Value]
    ) -> None:
        self.ev = ev
        self.find = find
        self.given = new is not MISSING and new is not DEFAULT
        self.new = new
        self.options = options
        self.undo: Callable[[], None] | None = None

    def start(self) -> Value:
        """Puts the new value in place.

        Raises:
            Thrown: what is to be replaced does not exist. Stop: it is nothing that can be replaced here.
        """
        ev = self.ev
        owner, name = self.find()
        old = current(ev, owner, name)
        absent = old is MISSING and not (name in BUILTINS and type(owner) is ModuleValue)
        if absent and ev.truth_of(self.options.get("create", False)) is False:
            shown = owner.name if isinstance(owner, (ModuleValue, ClassValue)) else "the object"
            raise ev.error("AttributeError", f"{shown} does not have the attribute '{name}'")
        self.undo = replace(ev, owner, name, self.made(old))
        return self.new

    def made(self, old: Value) -> Value:
        """The new value, made now if none was given."""
        if self.given:
            return self.new
        ev = self.ev
        extra = {n: v for n, v in self.options.items() if n not in _OPTIONS}
        if "new_callable" in self.options:
            self.new = ev.call(self.options["new_callable"], [], extra)
            return self.new
        spec = next((self.options[n] for n in _OPTIONS[:3] if self.options.get(n) not in (None, False)), None)
        is_async = type(old) is FunctionValue and old.definition.is_async
        self.new = new_mock(
            ev, ASYNC if is_async else MAGIC, {**extra, "spec": old if spec is True else spec}
        )
        return self.new

    def stop(self, thrown: Thrown | None = None) -> bool:
        """Puts the old value back."""
        if self.undo is not None:
            self.undo()
            self.undo = None
        return False

    def value(self) -> Value:
        """What `patch(...)` gives."""
        manager = Manager("patch", self.start, self.stop)
        manager.attrs["start"] = Builtin("start", lambda ev, a, k: self.start())
        manager.attrs["stop"] = Builtin("stop", lambda ev, a, k: self.stop())
        manager.attrs["__patch__"] = self
        return manager


def replace(ev: Any, owner: Value, name: str, new: Value) -> Callable[[], None]:
    """Puts a new value under a name, and says how to put the old one back."""
    if is_mock(new):
        ev.patched.append(new)
    if name.startswith("__") and not isinstance(owner, ModuleValue) and not is_mock(owner):
        raise Stop("mock:special")
    if type(owner) is ModuleValue and owner.program is not None:
        return put_back(owner.env.vars, name, new)
    if isinstance(owner, ClassValue) and owner.definition is not None:
        return put_back(owner.namespace, name, new)
    if type(owner) is Instance:
        if is_mock(owner):
            ev.set_attribute(owner, name, new)
            return lambda: None
        if owner.klass.find("__slots__") is not MISSING or owner.klass.frozen:
            raise Stop("mock:slots")
        return put_back(owner.attrs, name, new)
    label = owner.name if type(owner) is ModuleValue else owner.label if isinstance(owner, Unknown) else ""
    if label and "(" not in label and "[" not in label:
        home = label.split(".")[0] in ev.modules.home
        if home and is_mock(new):
            # Code that is not at hand may call it as well.
            escape(new)
        return put_back(ev.overridden, f"{label}.{name}", new)
    ev.risky("mock:library")
    if not isinstance(owner, Unknown):
        # A library class that the evaluator models would go on behaving as unpatched: give up instead.
        raise Stop("mock:library")
    return lambda: None


def put_back(store: dict[str, Value], name: str, new: Value) -> Callable[[], None]:
    """Replaces an entry; the result restores it."""
    old = store.get(name, MISSING)
    if new is MISSING:
        store.pop(name, None)
    else:
        store[name] = new

    def undo() -> None:
        if old is MISSING:
            store.pop(name, None)
        else:
            store[name] = old

    return undo


def _patch(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    k = dict(k)
    target = a[0] if a else k.pop("target", None)
    new = a[1] if len(a) > 1 else k.pop("new", MISSING)
    if not isinstance(target, str):
        raise Stop("mock")
    return Patch(ev, lambda: locate(ev, target), new, k).value()


def _patch_object(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    k = dict(k)
    owner = a[0] if a else k.pop("target", None)
    name = a[1] if len(a) > 1 else k.pop("attribute", None)
    new = a[2] if len(a) > 2 else k.pop("new", MISSING)
    if not isinstance(name, str):
        raise Stop("mock")
    return Patch(ev, lambda: (owner, name), new, k).value()


def _patch_dict(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    k = dict(k)
    given = dict(zip(("in_dict", "values", "clear"), a, strict=False))
    target = given.get("in_dict", k.pop("in_dict", None))
    values, clear = given.get("values", k.pop("values", {})), given.get("clear", k.pop("clear", False))
    saved: list[tuple[dict[Value, Value], dict[Value, Value]]] = []

    def enter() -> Value:
        owner = ev.get_attribute(*locate(ev, target)) if isinstance(target, str) else target
        store = ev.environ if type(owner) is Instance and owner.klass.name == "_Environ" else owner
        if type(store) is not dict or type(values) is not dict or ev.truth_of(clear) is not False:
            raise Stop("mock:dict")
        saved.append((store, dict(store)))
        store.update(values)
        store.update(k)
        return owner

    def leave(thrown: Thrown | None = None) -> bool:
        if saved:
            store, before = saved.pop()
            store.clear()
            store.update(before)
        return False

    manager = Manager("patch.dict", enter, leave)
    patch = Patch(ev, lambda: (None, ""), None, {})
    patch.start, patch.stop = enter, leave  # type: ignore[method-assign]
    manager.attrs["__patch__"] = patch
    return manager


def decorate_with(ev: Any, manager: Manager, function: Value) -> Value:
    """A test function (or every test of a class) under a patch decorator."""
    patch = manager.attrs.get("__patch__")
    if patch is None:
        raise Stop("mock")
    if isinstance(function, ClassValue):
        for name, member in function.namespace.items():
            if name.startswith("test") and type(member) is FunctionValue:
                decorate_with(ev, manager, member)
        return function
    if type(function) is not FunctionValue or not function.name.startswith("test"):
        raise Stop("mock:decorator")
    function.attrs["__patches__"] = [*function.attrs.get("__patches__", []), patch]
    return function


def _autospec(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    rest = {n: v for n, v in k.items() if n not in ("spec", "instance", "spec_set")}
    return new_mock(ev, MAGIC, {**rest, "spec": a[0] if a else k.get("spec")})


def _mock_open(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    """`mock_open(read_data=...)`: what a file handle of a fixed text gives."""
    data = a[1] if len(a) > 1 else k.get("read_data", "")
    handle = new_mock(ev, MAGIC)
    opened = new_mock(ev, MAGIC, {"return_value": handle})
    if not isinstance(data, (str, bytes)):
        for name in ("read", "readline", "readlines"):
            ev.set_attribute(ev.get_attribute(handle, name), "return_value", Unknown("mock-open"))
        return opened
    lines = data.splitlines(keepends=True)
    for name, value in (("read", data), ("readlines", lines)):
        ev.set_attribute(ev.get_attribute(handle, name), "return_value", value)
    ev.set_attribute(ev.get_attribute(handle, "readline"), "side_effect", Unknown("mock-open"))
    ev.set_attribute(ev.get_attribute(handle, "__iter__"), "side_effect", Builtin("__iter__", _lines(lines)))
    ev.set_attribute(ev.get_attribute(handle, "__enter__"), "return_value", handle)
    return opened


def _lines(lines: list[Value]) -> Any:
    return lambda ev, a, k: IteratorValue(iter(list(lines)))


def _sentinel(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    return ev.sentinels.setdefault(a[1], Instance(_SENTINEL_OBJECT))


_SENTINEL_OBJECT = ClassValue("_SentinelObject", [])
_SENTINEL = ClassValue("_Sentinel", [])
_SENTINEL.namespace["__getattr__"] = Builtin("__getattr__", _sentinel, binds=True)
_patch.attrs = {  # type: ignore[attr-defined]
    "object": Builtin("mock.patch.object", _patch_object), "dict": Builtin("mock.patch.dict", _patch_dict),
}  # fmt: skip
MOCKS: dict[str, Value] = {
    "Mock": MOCK, "MagicMock": MAGIC, "AsyncMock": ASYNC, "NonCallableMock": PLAIN, "PropertyMock": PROPERTY,
    "NonCallableMagicMock": PLAIN_MAGIC, "create_autospec": Builtin("mock.create_autospec", _autospec),
    "mock_open": Builtin("mock.mock_open", _mock_open), "patch": Builtin("mock.patch", _patch), "ANY": ANY,
    "DEFAULT": DEFAULT, "sentinel": Instance(_SENTINEL), "call": ROOT_CALL,
}  # fmt: skip
