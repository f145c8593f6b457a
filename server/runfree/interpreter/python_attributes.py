"""Python's rules for members and elements: attribute lookup, descriptors, indexing, deletion."""

from __future__ import annotations

import builtins
import operator
from typing import Any

from runfree.interpreter import ir
from runfree.interpreter.budget import Stop
from runfree.interpreter.python_methods import method_of
from runfree.interpreter.python_semantics import ABSTRACT_TYPES, PythonSemantics
from runfree.interpreter.python_types import (
    CONTAINERS,
    MAPPINGS,
    SCALARS,
    class_of,
    type_name,
)
from runfree.interpreter.statements import Signal
from runfree.interpreter.values import (
    MISSING,
    BoundMethod,
    Builtin,
    ClassMethod,
    ClassValue,
    DefaultDict,
    Env,
    FunctionValue,
    Instance,
    IteratorValue,
    Manager,
    ModuleValue,
    Property,
    StaticMethod,
    SuperValue,
    Unknown,
    Value,
)

_OBJECT_DUNDERS = frozenset(
    {
        "__init__", "__new__", "__eq__", "__ne__", "__hash__", "__repr__", "__str__", "__getattribute__",
        "__setattr__", "__delattr__", "__dir__", "__format__", "__reduce__", "__sizeof__", "__init_subclass__",
        "__subclasshook__", "__reduce_ex__", "__getstate__", "__lt__", "__le__", "__gt__", "__ge__", "__weakref__",
        "__module__", "__doc__", "__annotations__", "__slots__", "__orig_bases__", "__parameters__", "__abstractmethods__",
    }
)  # fmt: skip


# Calls into these neither raise, nor change their arguments, nor call back, in any test worth its name.
HARMLESS = (
    "logging.", "logger.", "warnings.", "typing.", "time.time", "time.perf_counter", "time.monotonic", "os.environ.get",
    "os.getenv", "os.path.join", "os.path.dirname", "os.path.abspath", "threading.Lock", "threading.RLock", "uuid.uuid4",
    "random.", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today", "gc.", "sys.path.", "print",
    "datetime.now", "os.getcwd", "structlog.", "loguru.", "sys.stdout.", "sys.stderr.", "typing_extensions.",
)  # fmt: skip


def harmless(label: str) -> bool:
    """Whether reading a member of an unknown value is safe: a plain dotted name of a library, or a harmless one."""
    return bool(label) and (label.startswith(HARMLESS) or not ("(" in label or "[" in label))


_PROTOCOLS = frozenset(
    [
        "__len__",
        "__iter__",
        "__next__",
        "__call__",
        "__getitem__",
        "__setitem__",
        "__contains__",
        "__enter__",
        "__exit__",
        "__int__",
        "__float__",
        "__add__",
        "__sub__",
        "__mul__",
        "__index__",
        "__bool__",
        "__get__",
        "__set__",
        "__await__",
        "__name__",
    ]
)
# Special names that Python itself may give to an object, a class or a function; all others are ordinary names.
_SPECIAL = (
    frozenset(
        n
        for kind in (object, type, type(harmless), property, type(builtins), int, str, list, dict, type(len), Exception)
        for n in dir(kind)
        if n.startswith("__")
    )
    | _OBJECT_DUNDERS
    | {
        "__wrapped__", "__match_args__", "__dataclass_fields__", "__dataclass_params__", "__attrs_attrs__", "__type_params__",
        "__orig_class__", "__origin__", "__args__", "__set_name__", "__post_init__", "__replace__", "__firstlineno__",
        "__static_attributes__", "__annotate__", "__fspath__", "__members__", "__test__", "__signature__", "__file__",
        "__deepcopy__", "__copy__", "__supertype__", "__bound__", "__constraints__", "__isabstractmethod__", "__classcell__",
        "__required_keys__", "__optional_keys__", "__total__", "__forward_arg__", "__protocol_attrs__", "__final__",
    }
)  # fmt: skip
_EXCEPTIONS = frozenset(
    n for n, v in vars(builtins).items() if isinstance(v, type) and issubclass(v, BaseException)
)


class PythonAttributes(PythonSemantics):
    """Reads and writes members and elements; `overridden`: dotted names of libraries to what they are patched with."""

    overridden: dict[str, Value]
    patched: list[Instance]
    # Whether any class at hand looks its members up in a way of its own.
    own_lookup = False

    def get_attribute(self, value: Value, name: str) -> Value:
        kind = type(value)
        if kind is Instance:
            if self.own_lookup:
                lookup = value.klass.find("__getattribute__")
                if type(lookup) is FunctionValue:
                    return self.call(lookup, [value, name], {})
            return self.instance_attribute(value, name)
        if isinstance(value, Unknown):
            label = f"{value.label}.{name}" if value.label else ""
            if self.overridden and label in self.overridden:
                return self.overridden[label]
            if not harmless(value.label):
                self.risky(value.why)
            return Unknown(value.why, label)
        if kind is ModuleValue:
            return self.module_attribute(value, name)
        if kind is ClassValue:
            return self.class_attribute(value, name)
        if name == "__class__":
            return class_of(value) or Unknown("attribute")
        if kind is SuperValue:
            return self.super_attribute(value, name)
        if kind in (FunctionValue, Builtin, BoundMethod, Property, StaticMethod, ClassMethod):
            return self.function_attribute(value, name)
        if kind in SCALARS or kind in CONTAINERS:
            return method_of(self, value, name)
        if kind is IteratorValue:
            return self.iterator_attribute(value, name)
        if kind is Manager:
            if name in value.attrs:
                return value.attrs[name]
            return Unknown("attribute:" + value.name)
        raise Stop("attribute:" + kind.__name__)

    def no_attribute(self, value: Value, name: str) -> Exception:
        """The AttributeError of a member that does not exist."""
        return self.error("AttributeError", f"'{type_name(value)}' object has no attribute '{name}'")

    def instance_attribute(self, value: Instance, name: str) -> Value:
        klass = value.klass
        found = klass.find(name)
        if type(found) is Property and not found.cached:
            return self.call(found.getter, [value], {})
        if name in value.attrs:
            return value.attrs[name]
        if found is not MISSING:
            if klass.opaque and self.doubtful(klass, found):
                return Unknown("class:" + klass.opaque)
            return self.bind(found, value, klass)
        if name == "__class__":
            return klass
        if name == "__dict__":
            return value.attrs
        if klass.opaque:
            self.risky("class:" + klass.opaque)
            # The unknown member gets the object itself.
            self.escape(value)
            return Unknown("class:" + klass.opaque)
        if klass.kind == "exception":
            host = next(
                (getattr(builtins, k.name) for k in klass.mro if k.module is None and k.name in _EXCEPTIONS),
                None,
            )
            if host is not None and hasattr(host, name) and not hasattr(Exception, name):
                if name == "value" and klass.name == "StopIteration":
                    return value.attrs["args"][0] if value.attrs["args"] else None
                if (
                    name == "code"
                    and klass.find("__init__") is MISSING
                    and klass.mro[-3].name == "SystemExit"
                ):
                    given = value.attrs["args"]
                    return given[0] if len(given) == 1 else given or None
                return Unknown("exception-attribute")
            if name in ("__cause__", "__context__", "__traceback__"):
                return None if name == "__cause__" else Unknown("exception-context")
            if name in ("with_traceback", "add_note"):
                return Builtin(name, lambda ev, a, k: value)
            if name in ("__init__", "__str__", "__repr__"):
                return Unknown("exception-attribute")
        if value.payload is not MISSING:
            owner = value.payload
            if not (name.startswith("__") and name in _OBJECT_DUNDERS):
                fallback = klass.find("__getattr__")
                own = fallback is MISSING or hasattr(type(owner), name)
                if own and (type(owner) in SCALARS or type(owner) in CONTAINERS):
                    return method_of(self, owner, name)
        fallback = klass.find("__getattr__")
        if fallback is not MISSING:
            return self.call(fallback, [value, name], {})
        if name in _SPECIAL and name not in _PROTOCOLS:
            return Unknown("attribute:" + name)
        raise self.no_attribute(value, name)

    def doubtful(self, klass: ClassValue, found: Value) -> bool:
        """Whether an unknown metaclass, base or decorator may have replaced a member of a class."""
        rewritten = not klass.opaque.startswith(("mro", "flag-enum", "abc-register", "pytest", "InitVar"))
        return rewritten and type(found) not in (FunctionValue, Property, StaticMethod, ClassMethod, Builtin)

    def bind(self, found: Value, receiver: Value, klass: ClassValue) -> Value:
        """What a class member becomes when read through an instance."""
        kind = type(found)
        if kind is FunctionValue or (kind is Builtin and found.binds):
            return BoundMethod(found, receiver)
        if kind is Property:
            result = self.call(found.getter, [receiver], {})
            if found.cached:
                receiver.attrs[found.cached] = result
            return result
        if kind is StaticMethod:
            return found.function
        if kind is ClassMethod:
            return BoundMethod(found.function, klass)
        if kind is Instance:
            getter = found.klass.find("__get__")
            if getter is not MISSING:
                return self.call(getter, [found, receiver, klass], {})
        return found

    def class_attribute(self, klass: ClassValue, name: str) -> Value:
        found = klass.find(name)
        if found is not MISSING:
            kind = type(found)
            if kind is StaticMethod:
                return found.function
            if kind is ClassMethod:
                return BoundMethod(found.function, klass)
            if kind is Instance and found.klass.find("__get__") is not MISSING:
                return self.call(found.klass.find("__get__"), [found, None, klass], {})
            if klass.opaque and self.doubtful(klass, found):
                return Unknown("class:" + klass.opaque)
            return found
        if name in ("__name__", "__qualname__"):
            return klass.name if name == "__name__" else Unknown("attribute", kind="str")
        if name == "__mro__":
            return tuple(klass.mro)
        if name == "__bases__":
            return tuple(klass.bases)
        if name == "__subclasses__" or name in ("__dict__", "__doc__", "__annotations__", "__module__"):
            return Unknown("attribute:" + name)
        if name == "__class__":
            return class_of(klass)
        if klass.kind == "enum" and name == "__members__":
            return {m.attrs["_name_"]: m for m in enum_members(klass)}
        if klass.opaque:
            self.risky("class:" + klass.opaque)
            return Unknown("class:" + klass.opaque)
        if name == "register" and (klass.definition is not None or klass.name in ABSTRACT_TYPES):
            return Builtin(name, _register)
        constructor = self.class_builtin(klass, name)
        if constructor is not None:
            return constructor
        host = klass.base_host()
        if host is not None and hasattr(host, name):
            return Builtin(name, lambda ev, a, k: ev.call(method_of(ev, ev.raw(a[0]), name), a[1:], k))
        if name in _SPECIAL and name not in _PROTOCOLS:
            return Unknown("attribute:" + name)
        raise self.error("AttributeError", f"type object '{klass.name}' has no attribute '{name}'")

    def class_builtin(self, klass: ClassValue, name: str) -> Value:
        """A modelled class method of a builtin class (`dict.fromkeys`, `object.__new__`), None if there is none."""
        raise NotImplementedError

    def super_attribute(self, value: SuperValue, name: str) -> Value:
        order = value.klass.mro
        start = order.index(value.after) + 1 if value.after in order else len(order)
        for klass in order[start:]:
            if name in klass.namespace:
                found = klass.namespace[name]
                if isinstance(value.receiver, ClassValue):
                    if type(found) is ClassMethod:
                        return BoundMethod(found.function, value.receiver)
                    return found.function if type(found) is StaticMethod else found
                return self.bind(found, value.receiver, value.klass)
        if value.klass.opaque:
            self.risky("class:" + value.klass.opaque)
            return Unknown("class:" + value.klass.opaque)
        return self.super_builtin(value, name)

    def super_builtin(self, value: SuperValue, name: str) -> Value:
        """A member that a builtin base class gives to `super()`."""
        raise NotImplementedError

    def function_attribute(self, value: Value, name: str) -> Value:
        if type(value) is BoundMethod:
            if name == "__self__":
                return value.receiver
            if name == "__func__":
                return value.function
            return self.function_attribute(value.function, name)
        if type(value) is Property:
            if name in ("setter", "getter", "deleter"):
                part = "setter" if name == "setter" else "getter" if name == "getter" else "deleter"

                def copy(ev: Any, arguments: list[Value], keywords: dict[str, Value]) -> Value:
                    changed = Property(value.getter, value.setter, value.deleter, value.cached)
                    setattr(changed, part, arguments[0])
                    return changed

                return Builtin(name, copy)
            return Unknown("attribute:property")
        if type(value) in (StaticMethod, ClassMethod):
            return value.function if name == "__func__" else self.get_attribute(value.function, name)
        if type(value) is FunctionValue:
            if name in value.attrs:
                return value.attrs[name]
            if name in ("__name__",):
                return value.name
            if name == "__dict__":
                return value.attrs
            if name == "__call__":
                return value
            if name not in _SPECIAL:
                raise self.error("AttributeError", f"'function' object has no attribute '{name}'")
        if type(value) is Builtin and name == "__get__" and value.name.startswith("__"):
            return Builtin(name, lambda ev, a, k: BoundMethod(value, a[0]))
        if type(value) is Builtin and name == "__name__":
            return value.name.rsplit(".", 1)[-1]
        extra = getattr(value.call, "attrs", None) if type(value) is Builtin else None
        if extra is not None and name in extra:
            return extra[name]
        return Unknown("attribute:" + name)

    def iterator_attribute(self, value: IteratorValue, name: str) -> Value:
        if name == "__next__":
            return Builtin(name, lambda ev, a, k: self.next_of(value, MISSING))
        if name == "__iter__":
            return Builtin(name, lambda ev, a, k: value)
        if name == "close":
            return Builtin(
                name, lambda ev, a, k: value.host.close() if hasattr(value.host, "close") else None
            )
        if name == "send":
            return Builtin(name, lambda ev, a, k: self.send_to(value, a[0]))
        raise Stop("attribute:generator." + name)

    def next_of(self, value: IteratorValue, default: Value) -> Value:
        """The next value of an iterator; StopIteration is thrown where there is neither one nor a default."""
        self.step()
        item = next(value.host, MISSING)
        value.started = True
        if item is not MISSING:
            return item
        if default is not MISSING:
            return default
        raise self.error("StopIteration")

    def send_to(self, value: IteratorValue, sent: Value) -> Value:
        """`generator.send`."""
        self.step()
        sender = getattr(value.host, "send", None)
        if sender is None:
            raise Stop("attribute:generator.send")
        if not value.started and sent is not None:
            raise self.error("TypeError", "can't send non-None value to a just-started generator")
        value.started = True
        try:
            return sender(sent)
        except StopIteration:
            raise self.error("StopIteration") from None

    def module_attribute(self, module: ModuleValue, name: str) -> Value:
        if self.overridden and f"{module.name}.{name}" in self.overridden:
            return self.overridden[f"{module.name}.{name}"]
        found = module.env.vars.get(name, MISSING)
        if found is not MISSING:
            return found
        if module.open:
            why = "home:" if module.home or module.program is not None else "module:"
            return Unknown(why + module.name, f"{module.name}.{name}")
        if module.program is not None and module.program.path.endswith("__init__.py"):
            # It may be a submodule that something has imported.
            self.risky("home:package-member")
            return Unknown("home:package-member", f"{module.name}.{name}")
        if name in ("__name__",):
            return module.name if not module.focal else Unknown("attribute", kind="str")
        if name.startswith("__"):
            return Unknown("attribute:" + name)
        fallback = module.env.vars.get("__getattr__", MISSING)
        if fallback is not MISSING:
            return self.call(fallback, [name], {})
        raise self.error("AttributeError", f"module '{module.name}' has no attribute '{name}'")

    def set_attribute(self, value: Value, name: str, new: Value) -> None:
        kind = type(value)
        if kind is Instance:
            found = value.klass.find(name)
            if type(found) is Property and not found.cached:
                if found.setter is None:
                    raise self.error(
                        "AttributeError", f"property '{name}' of '{value.klass.name}' object has no setter"
                    )
                self.call(found.setter, [value, new], {})
                return
            setter = value.klass.find("__setattr__")
            if value.klass.opaque and self.guards:
                # An unknown base may refuse it, and the test may want that.
                self.risky("class:" + value.klass.opaque)
            if setter is not MISSING:
                self.call(setter, [value, name, new], {})
                return
            if type(found) is Instance and found.klass.find("__set__") is not MISSING:
                self.call(found.klass.find("__set__"), [found, value, new], {})
                return
            if value.klass.frozen:
                raise self.throw(self.frozen_error(f"cannot assign to field '{name}'"))
            if value.klass.kind == "enum":
                raise Stop("enum-assignment")
            slots = value.klass.find("__slots__")
            if slots is not MISSING and not value.klass.opaque:
                self.check_slots(value, name)
            value.attrs[name] = new
        elif kind is ClassValue:
            if value.definition is None and "mock:own" not in value.namespace:
                raise Stop("builtin-class-assignment")
            value.namespace[name] = new
        elif kind is ModuleValue:
            value.env.vars[name] = new
        elif kind is FunctionValue:
            value.attrs[name] = new
        elif isinstance(value, Unknown):
            self.risky(value.why)
            self.escape(new)
        elif kind is BoundMethod:
            raise self.error("AttributeError", f"'method' object has no attribute '{name}'")
        elif kind in SCALARS or kind in CONTAINERS:
            raise self.no_attribute(value, name)
        else:
            raise Stop("attribute-assignment")

    def check_slots(self, value: Instance, name: str) -> None:
        """Refuses names that `__slots__` leaves out."""
        allowed: set[str] = set()
        for klass in value.klass.mro:
            if klass.host is object:
                continue
            slots = klass.namespace.get("__slots__", MISSING)
            if slots is MISSING:
                return
            allowed.update([slots] if isinstance(slots, str) else [s for s in slots if isinstance(s, str)])
        if name not in allowed and "__dict__" not in allowed:
            raise self.no_attribute(value, name)

    def frozen_error(self, message: str) -> Instance:
        """A dataclasses.FrozenInstanceError."""
        raise NotImplementedError

    def escape(self, value: Value) -> None:
        """An object of the user is handed to unknown code."""
        raise NotImplementedError

    def get_index(self, value: Value, key: Value) -> Value:
        kind = type(value)
        if isinstance(value, Unknown):
            if not harmless(value.label):
                self.risky(value.why)
            return Unknown(
                value.why, f"{value.label}[...]" if value.label else "", "str" if value.kind == "str" else ""
            )
        if kind is Instance:
            method = value.klass.find("__getitem__")
            if method is not MISSING:
                return self.call(method, [value, key], {})
            if value.payload is not MISSING:
                if type(value.payload) is dict:
                    missing = value.klass.find("__missing__")
                    if missing is not MISSING and self.key(key) not in value.payload:
                        return self.call(missing, [value, key], {})
                return self.get_index(value.payload, key)
            if value.klass.opaque:
                self.risky("class:" + value.klass.opaque)
                return Unknown("class:" + value.klass.opaque)
            raise self.error("TypeError", f"'{value.klass.name}' object is not subscriptable")
        if kind is ClassValue:
            if value.kind == "enum":
                members = {m.attrs["_name_"]: m for m in enum_members(value)}
                if isinstance(key, str) and key in members:
                    return members[key]
                raise self.error("KeyError", key)
            method = value.find("__class_getitem__")
            return self.call(method, [value, key], {}) if type(method) is FunctionValue else value
        if isinstance(key, Unknown):
            self.risky(key.why)
            return Unknown(key.why, key.label, kind="str" if kind is str else "")
        if self.murky and id(value) in self.murky:
            self.risky("content")
            return Unknown("content")
        key = self.raw(key)
        if kind in MAPPINGS:
            return self.mapping_item(value, key)
        if kind in SCALARS or kind in CONTAINERS:
            if isinstance(key, slice) or type(key) is int or type(key) is bool:
                result = self.host(operator.getitem, value, key)
                if isinstance(key, slice) and hasattr(result, "__len__"):
                    self.charge(len(result))
                return result
            if type(key) is Instance:
                method = key.klass.find("__index__")
                if method is not MISSING:
                    return self.get_index(value, self.call(method, [key], {}))
            if type(key) in SCALARS:
                return self.host(operator.getitem, value, key)
            raise self.error(
                "TypeError", f"{type_name(value)} indices must be integers or slices, not {type_name(key)}"
            )
        if kind in (FunctionValue, BoundMethod, Builtin, IteratorValue):
            raise self.error("TypeError", f"'{type_name(value)}' object is not subscriptable")
        return Unknown("index")

    def mapping_item(self, value: Any, key: Value) -> Value:
        """An element of a dictionary."""
        found = self.key(key)
        result = value.get(found, MISSING) if hasattr(value, "get") else MISSING
        if result is not MISSING:
            return result
        if type(value) is DefaultDict and value.factory is not None:
            made = self.call(value.factory, [], {})
            value[found] = made
            return made
        if type(value).__name__ == "Counter":
            return 0
        if any(isinstance(k, Unknown) for k in value):
            self.risky("key")
            return Unknown("key")
        raise self.error("KeyError", key)

    def set_index(self, value: Value, key: Value, new: Value) -> None:
        kind = type(value)
        if kind is Instance:
            method = value.klass.find("__setitem__")
            if method is not MISSING:
                self.call(method, [value, key, new], {})
                return
            if value.payload is not MISSING:
                self.set_index(value.payload, key, new)
                return
            if value.klass.opaque:
                self.risky("class:" + value.klass.opaque)
                return
            raise self.error("TypeError", f"'{value.klass.name}' object does not support item assignment")
        if isinstance(value, Unknown):
            self.risky(value.why)
            self.escape(new)
            return
        if isinstance(key, Unknown) and kind in CONTAINERS:
            self.risky(key.why)
            self.muddle(value)
            return
        if kind in MAPPINGS:
            self.charge(1)
            self.host(operator.setitem, value, self.key(key), new)
            return
        if kind in CONTAINERS or kind in SCALARS:
            if isinstance(key, slice):
                new = self.collect(new)
                self.charge(len(new))
            if type(key) is Instance:
                raise Stop("index")
            self.host(operator.setitem, value, key, new)
            return
        raise Stop("index-assignment")

    def run_delete(self, node: ir.Delete, env: Env) -> Signal | None:
        for target in node.targets:
            if isinstance(target, ir.Name):
                if target.id not in env.vars:
                    self.lookup(target.id, env)
                    raise Stop("delete")
                del env.vars[target.id]
            elif isinstance(target, ir.Attribute):
                self.delete_attribute(self.eval(target.value, env), target.name)
            elif isinstance(target, ir.Index):
                value = self.eval(target.value, env)
                self.delete_index(value, self.eval(target.key, env))
            else:
                raise Stop("delete")
        return None

    def delete_attribute(self, value: Value, name: str) -> None:
        """`del value.name`."""
        if isinstance(value, Unknown):
            self.risky(value.why)
            return
        if type(value) is ModuleValue or (type(value) is ClassValue and value.definition is not None):
            own = value.env.vars if isinstance(value, ModuleValue) else value.namespace
            if name not in own or (type(value) is ClassValue and (value.kind or value.fields is not None)):
                raise Stop("delete")
            del own[name]
            return
        if type(value) is not Instance:
            raise Stop("delete")
        found = value.klass.find(name)
        if type(found) is Property and found.deleter is not None:
            self.call(found.deleter, [value], {})
        elif value.klass.find("__delattr__") is not MISSING:
            self.call(value.klass.find("__delattr__"), [value, name], {})
        elif value.klass.frozen:
            raise self.throw(self.frozen_error(f"cannot delete field '{name}'"))
        elif name in value.attrs:
            del value.attrs[name]
        else:
            raise self.no_attribute(value, name)

    def delete_index(self, value: Value, key: Value) -> None:
        """`del value[key]`."""
        if type(value) is Instance:
            method = value.klass.find("__delitem__")
            if method is not MISSING:
                self.call(method, [value, key], {})
                return
            value = self.raw(value)
        if isinstance(value, Unknown) or isinstance(key, Unknown):
            self.risky((value if isinstance(value, Unknown) else key).why)
            if type(value) in CONTAINERS:
                self.muddle(value)
            return
        if self.murky and id(value) in self.murky:
            self.risky("content")
            return
        if type(value) in MAPPINGS:
            self.host(operator.delitem, value, self.key(key))
        elif type(value) in CONTAINERS or type(value) is bytearray:
            self.host(operator.delitem, value, key)
        else:
            raise Stop("delete")


def _register(ev: Any, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    """`Abstract.register(Concrete)`: what is an instance of what is not followed from here on."""
    for value in arguments:
        if isinstance(value, ClassValue) and value.definition is not None:
            value.opaque = value.opaque or "abc-register"
    return arguments[0]


def enum_members(klass: ClassValue) -> list[Instance]:
    """The members of an enumeration in order, without aliases."""
    seen: list[Instance] = []
    for name, value in klass.namespace.items():
        if type(value) is Instance and value.attrs.get("_name_") == name and value.klass is klass:
            seen.append(value)
    return seen
