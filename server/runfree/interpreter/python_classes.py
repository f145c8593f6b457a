"""What a Python class becomes once its body has run: enumerations, dataclasses, named tuples, abstract methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runfree.interpreter.budget import Stop
from runfree.interpreter.python_types import TUPLE, type_name
from runfree.interpreter.values import (
    MISSING,
    Builtin,
    ClassMethod,
    ClassValue,
    FieldValue,
    FunctionValue,
    Instance,
    Property,
    StaticMethod,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from runfree.interpreter.python_evaluator import PythonEvaluator


class Auto:
    """`enum.auto()`."""


class FieldSpec:
    """`dataclasses.field(...)`."""

    def __init__(self, options: dict[str, Value]) -> None:
        self.options = options


def finish_class(ev: PythonEvaluator, klass: ClassValue) -> None:
    """Runs after a class body: descriptors learn their names, enumerations get members, tuples their fields."""
    if klass.kind == "enum":
        _make_members(ev, klass)
    if any(b.name == "NamedTuple" and b.definition is None for b in klass.bases):
        names = list(klass.annotations)
        defaults = {n: klass.namespace[n] for n in names if n in klass.namespace}
        for name in names:
            klass.namespace.pop(name, None)
        fields = [FieldValue(n, defaults.get(n, MISSING)) for n in names]
        klass.mro = [klass, TUPLE, *(c for c in klass.mro[1:] if c.name != "NamedTuple")]
        make_tuple_class(klass, fields)
    slots = klass.namespace.get("__slots__")
    if isinstance(slots, (list, tuple)) and any(
        isinstance(s, str) and s[:2] == s[-2:] == "__" for s in slots
    ):
        # Each object holds a special method of its own, which Python finds through the class.
        klass.opaque = klass.opaque or "slots"
        klass.namespace.setdefault("__hash__", Unknown("slots"))
    abstract: set[str] = set()
    for base in klass.bases:
        # A sibling among the bases may bring what this one leaves open.
        abstract |= {n for n in base.abstract if klass.find(n) is MISSING or _is_abstract(ev, klass.find(n))}
    abstract |= {n for n, value in klass.namespace.items() if _is_abstract(ev, value)}
    klass.abstract = frozenset(abstract)
    for name, value in list(klass.namespace.items()):
        if type(value) is Property and value.cached:
            value.cached = name
        elif type(value) is Instance and value.klass.find("__set_name__") is not MISSING:
            ev.call(value.klass.find("__set_name__"), [value, klass, name], {})
    if "__eq__" in klass.namespace and "__hash__" not in klass.namespace:
        klass.namespace["__hash__"] = None
    for base in klass.mro[1:]:
        hook = base.namespace.get("__init_subclass__", MISSING)
        if hook is not MISSING:
            ev.call(getattr(hook, "function", hook), [klass], klass.options)
            break


def _is_abstract(ev: PythonEvaluator, value: Value) -> bool:
    function = value.getter if type(value) is Property else ev.function_of(value)
    return type(function) is FunctionValue and function.attrs.get("__isabstractmethod__") is True


# -- enumerations -------------------------------------------------------------------------------------------------


def _make_members(ev: PythonEvaluator, klass: ClassValue) -> None:
    seen: list[Instance] = []
    is_flag = any(b.name in ("Flag", "IntFlag") for b in klass.mro)
    if is_flag:
        klass.opaque = "flag-enum"
    ignored = ("_ignore_", "_order_", "_generate_next_value_", "__slots__", "_missing_")
    host = klass.base_host()
    last = 0
    initialise = klass.find("__init__")
    for name, value in list(klass.namespace.items()):
        if name.startswith(("__", "_" + klass.name + "__")) or name in ignored:
            continue
        if type(value) in (FunctionValue, Property, StaticMethod, ClassMethod, ClassValue) or (
            type(value) is Builtin and value.binds
        ):
            continue
        if type(value) is Auto:
            text = host is str or any(b.name == "StrEnum" for b in klass.mro)
            if "_generate_next_value_" in klass.namespace:
                raise Stop("enum-auto")
            value = name.lower() if text else last + 1
        elif type(value) is tuple and any(type(v) is Auto for v in value):
            raise Stop("enum-auto")
        if type(value) is int:
            last = max(last, value) if seen else value
        alias = None
        for member in seen:
            if ev.truth_of(ev.equal(member.attrs["_value_"], value)):
                alias = member
        if alias is not None:
            klass.namespace[name] = alias
            continue
        member = Instance(klass)
        member.attrs.update({"_name_": name, "name": name, "_value_": value, "value": value})
        if klass.find("__new__") is not MISSING and type(klass.find("__new__")) is StaticMethod:
            raise Stop("enum-new")
        if host is not None and host is not tuple:
            member.payload = value
        klass.namespace[name] = member
        seen.append(member)
        if type(initialise) is FunctionValue:
            ev.call(initialise, [member, *(value if type(value) is tuple else (value,))], {})


# -- dataclasses ----------------------------------------------------------------------------------------------------


def make_dataclass(ev: PythonEvaluator, klass: Value, options: dict[str, Value]) -> Value:
    """What `@dataclass` does to a class."""
    if not isinstance(klass, ClassValue):
        return klass
    fields: dict[str, FieldValue] = {}
    for base in reversed(klass.mro[1:]):
        if base.fields is not None and base.definition is not None:
            fields.update({f.name: f for f in base.fields})
    keyword_only = ev.truth_of(options.get("kw_only", False)) or False
    for name, annotation in klass.annotations.items():
        if "ClassVar" in annotation:
            continue
        if annotation.strip("'\"") in ("KW_ONLY", "dataclasses.KW_ONLY"):
            keyword_only = True
            continue
        default = klass.namespace.get(name, MISSING)
        field = FieldValue(name)
        field.keyword_only = keyword_only
        if "InitVar" in annotation:
            klass.opaque = "InitVar"
        if type(default) is FieldSpec:
            given = default.options
            field.default = given.get("default", MISSING)
            field.factory = given.get("default_factory", MISSING)
            field.init = given.get("init", True) is not False
            field.show = given.get("repr", True) is not False
            field.compare = given.get("compare", True) is not False
            field.keyword_only = given.get("kw_only", field.keyword_only) is True
            if field.default is MISSING:
                klass.namespace.pop(name, None)
            else:
                klass.namespace[name] = field.default
        else:
            if type(default) in (list, dict, set):
                raise ev.error(
                    "ValueError",
                    f"mutable default <class '{type_name(default)}'> for field {name} is not allowed: "
                    "use default_factory",
                )
            field.default = default
        fields[name] = field
    klass.fields = list(fields.values())
    needed = [f for f in klass.fields if f.init and not f.keyword_only]
    defaulted = False
    for field in needed:
        has_default = field.default is not MISSING or field.factory is not MISSING
        if defaulted and not has_default:
            raise ev.error("TypeError", f"non-default argument '{field.name}' follows default argument")
        defaulted = defaulted or has_default
    namespace = klass.namespace
    flag = {n: options.get(n, d) for n, d in (("init", True), ("repr", True), ("eq", True), ("order", False))}
    if flag["init"] is True and "__init__" not in namespace:
        namespace["__init__"] = Builtin("__init__", _init_of(klass), binds=True)
    if flag["repr"] is True and "__repr__" not in namespace:
        namespace["__repr__"] = Builtin("__repr__", _repr_of, binds=True)
    if flag["eq"] is True and "__eq__" not in namespace:
        namespace["__eq__"] = Builtin("__eq__", _eq_of(klass), binds=True)
    if flag["order"] is True:
        for op, name in (("<", "__lt__"), ("<=", "__le__"), (">", "__gt__"), (">=", "__ge__")):
            namespace[name] = Builtin(name, _order_of(klass, op), binds=True)
    klass.frozen = klass.frozen or options.get("frozen", False) is True
    if flag["eq"] is True and "__hash__" not in namespace:
        hashable = klass.frozen or options.get("unsafe_hash", False) is True
        namespace["__hash__"] = Builtin("__hash__", _hash_of, binds=True) if hashable else None
    elif flag["eq"] is True and namespace.get("__hash__") is None and klass.frozen:
        namespace["__hash__"] = Builtin("__hash__", _hash_of, binds=True)
    return klass


def _init_of(klass: ClassValue) -> Any:
    def call(ev: Any, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        instance, given = arguments[0], list(arguments[1:])
        left = dict(keywords)
        missing = []
        for field in klass.fields or []:
            name = field.name
            if not field.init:
                if field.default is not MISSING:
                    continue
                if field.factory is not MISSING:
                    instance.attrs[name] = ev.call(field.factory, [], {})
                continue
            if given and not field.keyword_only:
                if name in left:
                    raise ev.error(
                        "TypeError", f"{klass.name}.__init__() got multiple values for argument '{name}'"
                    )
                instance.attrs[name] = given.pop(0)
            elif name in left:
                instance.attrs[name] = left.pop(name)
            elif field.default is not MISSING:
                instance.attrs[name] = field.default
            elif field.factory is not MISSING:
                instance.attrs[name] = ev.call(field.factory, [], {})
            else:
                missing.append(f"'{name}'")
        if given:
            takes = 1 + sum(f.init and not f.keyword_only for f in klass.fields or [])
            raise ev.error(
                "TypeError",
                f"{klass.name}.__init__() takes {takes} positional arguments but {len(arguments)} were given",
            )
        if left:
            raise ev.error(
                "TypeError",
                f"{klass.name}.__init__() got an unexpected keyword argument '{next(iter(left))}'",
            )
        if missing:
            plural = "s" if len(missing) > 1 else ""
            text = (
                missing[0]
                if len(missing) == 1
                else ", ".join(missing[:-1]) + ("," if len(missing) > 2 else "") + " and " + missing[-1]
            )
            raise ev.error(
                "TypeError",
                f"{klass.name}.__init__() missing {len(missing)} required positional argument{plural}: {text}",
            )
        after = instance.klass.find("__post_init__")
        if after is not MISSING:
            ev.call(after, [instance], {})
        return None

    return call


def _repr_of(ev: Any, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    instance = arguments[0]
    ev.enter(None)
    parts = []
    for field in instance.klass.fields or []:
        if field.show:
            text = ev.show(ev.get_attribute(instance, field.name))
            if isinstance(text, Unknown):
                ev.depth -= 1
                return Unknown("repr", kind="str", truth=True)
            parts.append(f"{field.name}={text}")
    ev.depth -= 1
    result = f"{instance.klass.name}({', '.join(parts)})"
    ev.charge(len(result))
    return (
        result
        if instance.klass.definition is None or "." not in instance.klass.name
        else Unknown("repr", kind="str")
    )


def _compared(ev: Any, instance: Instance) -> tuple[Value, ...]:
    return tuple(ev.get_attribute(instance, f.name) for f in instance.klass.fields or [] if f.compare)


def _eq_of(klass: ClassValue) -> Any:
    def call(ev: Any, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        one, other = arguments
        if type(other) is not Instance or other.klass is not one.klass:
            return NotImplemented
        return ev.container_equal(_compared(ev, one), _compared(ev, other))

    return call


def _order_of(klass: ClassValue, op: str) -> Any:
    def call(ev: Any, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        one, other = arguments
        if type(other) is not Instance or other.klass is not one.klass:
            return NotImplemented
        return ev.order(op, _compared(ev, one), _compared(ev, other))

    return call


def _hash_of(ev: Any, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    return Unknown("hash", kind="int")


# -- named tuples -----------------------------------------------------------------------------------------------------


def make_tuple_class(klass: ClassValue, fields: list[FieldValue]) -> ClassValue:
    """Gives a class the constructor, fields and methods of a named tuple."""
    klass.fields = fields
    names = [f.name for f in fields]

    def create(ev: Any, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        owner, given = arguments[0], list(arguments[1:])
        if len(given) > len(names):
            raise ev.error(
                "TypeError",
                f"{klass.name}.__new__() takes {len(names) + 1} positional arguments but {len(given) + 1} were given",
            )
        values = dict(zip(names, given, strict=False))
        for name, value in keywords.items():
            if name not in names or name in values:
                raise ev.error(
                    "TypeError", f"{klass.name}.__new__() got an unexpected keyword argument '{name}'"
                )
            values[name] = value
        for field in fields:
            if field.name not in values:
                if field.default is MISSING:
                    raise ev.error(
                        "TypeError",
                        f"{klass.name}.__new__() missing 1 required positional argument: '{field.name}'",
                    )
                values[field.name] = field.default
        return Instance(owner, tuple(values[n] for n in names))

    def replace(ev: Any, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        for name in keywords:
            if name not in names:
                raise ev.error("ValueError", f"Got unexpected field names: [{name!r}]")
        old = arguments[0].payload
        return Instance(
            arguments[0].klass, tuple(keywords.get(n, v) for n, v in zip(names, old, strict=True))
        )

    def show(ev: Any, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        texts = [ev.show(v) for v in arguments[0].payload]
        if any(isinstance(t, Unknown) for t in texts):
            return Unknown("repr", kind="str", truth=True)
        shown = ", ".join(f"{n}={t}" for n, t in zip(names, texts, strict=True))
        return f"{arguments[0].klass.name}({shown})"

    namespace = klass.namespace
    namespace.setdefault("__new__", StaticMethod(Builtin("__new__", create)))
    namespace["_fields"] = tuple(names)
    namespace["_replace"] = Builtin("_replace", replace, binds=True)
    namespace["_asdict"] = Builtin(
        "_asdict", lambda ev, a, k: dict(zip(names, a[0].payload, strict=True)), binds=True
    )
    namespace["_make"] = ClassMethod(
        Builtin("_make", lambda ev, a, k: create(ev, [a[0], *ev.collect(a[1])], {}))
    )
    namespace.setdefault("__repr__", Builtin("__repr__", show, binds=True))
    for position, name in enumerate(names):
        namespace[name] = Property(Builtin(name, _getter(position)))
    return klass


def _getter(position: int) -> Any:
    return lambda ev, a, k: a[0].payload[position]
