"""Python's calls: binding arguments, making instances, generators, iteration, what unknown code may do."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial

from runfree.interpreter import ir
from runfree.interpreter.budget import Stop
from runfree.interpreter.generators import resume
from runfree.interpreter.python_attributes import HARMLESS, PythonAttributes, enum_members
from runfree.interpreter.python_mock_objects import escape as escape_mock
from runfree.interpreter.python_types import CONTAINERS, EXCEPTIONS, SCALARS, type_name
from runfree.interpreter.reach import statement_lines, walk
from runfree.interpreter.values import (
    MISSING,
    BoundMethod,
    Builtin,
    ClassMethod,
    ClassValue,
    Coroutine,
    Env,
    FunctionValue,
    Instance,
    IteratorValue,
    ModuleValue,
    StaticMethod,
    Thrown,
    Unknown,
    Value,
)


class PythonCalls(PythonAttributes):
    """Calls and iteration."""

    def call(self, function: Value, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        kind = type(function)
        if kind is FunctionValue:
            return self.call_function(function, arguments, keywords)
        if kind is BoundMethod:
            return self.call(function.function, [function.receiver, *arguments], keywords)
        if kind is Builtin:
            self.step()
            return function.call(self, arguments, keywords)
        if kind is ClassValue:
            return self.instantiate(function, arguments, keywords)
        if isinstance(function, Unknown):
            return self.call_unknown(function, arguments, keywords)
        if kind is Instance:
            method = function.klass.find("__call__")
            if method is not MISSING:
                return self.call(method, [function, *arguments], keywords)
            if function.klass.opaque:
                return self.call_unknown(Unknown("class:" + function.klass.opaque), arguments, keywords)
        if kind in (StaticMethod, ClassMethod):
            return self.call(function.function, arguments, keywords)
        raise self.error("TypeError", f"'{type_name(function)}' object is not callable")

    def call_unknown(self, function: Unknown, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        """A call of code that is not known: it may raise, and it may do anything to what it is given."""
        self.step()
        label = function.label
        if label.startswith(HARMLESS):
            return Unknown("library:" + label, label + "()")
        self.risky(function.why)
        if function.why.startswith("home:") and not self.tracing:
            self.trace.internal = True
        for value in (*arguments, *keywords.values()):
            self.escape(value)
        if self.trace.escaped:
            for mock in self.patched:
                escape_mock(mock)
        return Unknown(function.why, label + "()" if label and len(label) < 100 else label)

    def escape(self, value: Value) -> None:
        if type(value) is Instance:
            for inner in (value, *value.attrs.values()):
                if type(inner) is Instance and inner.klass.kind == "mock":
                    escape_mock(inner)
        elif type(value) in (list, tuple, dict):
            for inner in value.values() if type(value) is dict else value:
                if type(inner) is Instance and inner.klass.kind == "mock":
                    escape_mock(inner)
                elif type(inner) is Instance:
                    self.note_roots(inner)
        if type(value) in (FunctionValue, BoundMethod, ClassValue, Instance, IteratorValue, ModuleValue):
            self.trace.escaped = True
            self.note_roots(value)
        elif type(value) in CONTAINERS and type(value) is not tuple:
            self.trace.escaped = True

    def note_roots(self, value: Value) -> None:
        """Names of what unknown code can call once it holds a value of the user."""
        roots = self.trace.roots
        if type(value) is BoundMethod:
            self.note_roots(value.receiver)
            value = value.function
        if type(value) is FunctionValue:
            roots.add(value.name)
            if value.name == "<lambda>" or "<locals>" in value.name or value.env.kind != "module":
                self.trace.internal = True
        elif type(value) is IteratorValue or type(value) is ModuleValue:
            self.trace.internal = True
        klass = value if isinstance(value, ClassValue) else value.klass if type(value) is Instance else None
        if klass is not None:
            for base in klass.mro:
                if base.definition is not None:
                    roots.add(base.name)
                    roots.update(n for n, v in base.namespace.items() if type(v) is not Unknown)

    # -- user functions -------------------------------------------------------------------------------------------

    def call_function(
        self, function: FunctionValue, arguments: list[Value], keywords: dict[str, Value]
    ) -> Value:
        """Calls a user function; generator and async functions are only prepared."""
        definition = function.definition
        body = definition.body.load()
        env = Env(function.env, function.module)
        env.locals = body.locals
        env.klass = function.owner
        env.function = function
        self.bind_arguments(function, arguments, keywords, env)
        if body.generator:
            if definition.is_async:
                raise Stop("async-generator")
            return IteratorValue(self.generate(function, body, env), "generator")
        if definition.is_async:
            return Coroutine(partial(self.run_body, function, body, env))
        return self.run_body(function, body, env)

    def run_body(self, function: FunctionValue, body: ir.Body, env: Env) -> Value:
        """Executes a function's body in its own module's context."""
        saved = self.module, self.tracing, self.line
        self.enter(function)
        self.module = function.module
        self.tracing = function.module.focal
        try:
            signal = self.run(body.statements, env)
        finally:
            self.module, self.tracing, self.line = saved
            self.depth -= 1
        return signal.value if signal is not None and signal.kind == "return" else None

    def generate(self, function: FunctionValue, body: ir.Body, env: Env) -> Generator[Value, Value, Value]:
        """A generator function's values; its module's context is taken up again at each step."""
        inner = resume(self, body.statements, env)
        sent: Value = None
        thrown: Thrown | None = None
        while True:
            saved = self.module, self.tracing, self.line
            self.enter(function)
            self.module = function.module
            self.tracing = function.module.focal
            try:
                value = inner.send(sent) if thrown is None else inner.throw(thrown)
            except StopIteration as stop:
                signal = stop.value
                return signal.value if signal is not None and signal.kind == "return" else None
            except Thrown as error:
                if type(error.value) is Instance and EXCEPTIONS["StopIteration"] in error.value.klass.mro:
                    raise self.error("RuntimeError", "generator raised StopIteration") from None
                raise
            finally:
                self.module, self.tracing, self.line = saved
                self.depth -= 1
            thrown = None
            try:
                sent = yield value
            except Thrown as error:
                thrown = error

    def bind_arguments(
        self, function: FunctionValue, arguments: list[Value], keywords: dict[str, Value], env: Env
    ) -> None:
        """Binds arguments to parameters as Python does.

        Raises:
            Thrown: a TypeError with Python's message, where they do not fit.
        """
        parameters = function.definition.parameters
        name = function.name if function.owner is None else f"{function.owner.name}.{function.name}"
        left = dict(keywords)
        position = 0
        missing: list[str] = []
        missing_keywords: list[str] = []
        rest = False
        for parameter in parameters:
            kind = parameter.kind
            if kind == "rest":
                env.vars[parameter.name] = tuple(arguments[position:])
                position = len(arguments)
                rest = True
                continue
            if kind == "keywords":
                continue
            if kind != "keyword" and position < len(arguments):
                env.vars[parameter.name] = arguments[position]
                position += 1
                if kind == "positional" and parameter.name in left:
                    raise self.error(
                        "TypeError", f"{name}() got multiple values for argument '{parameter.name}'"
                    )
                continue
            if parameter.name in left and kind != "positional-only":
                env.vars[parameter.name] = left.pop(parameter.name)
            elif parameter.name in function.defaults:
                env.vars[parameter.name] = function.defaults[parameter.name]
            elif kind == "keyword":
                missing_keywords.append(parameter.name)
            else:
                missing.append(parameter.name)
        if position < len(arguments) and not rest:
            self.too_many(function, name, len(arguments))
        extra = next((p for p in parameters if p.kind == "keywords"), None)
        if extra is not None:
            env.vars[extra.name] = left
        elif left:
            raise self.error("TypeError", f"{name}() got an unexpected keyword argument '{next(iter(left))}'")
        for names, word in ((missing, "positional"), (missing_keywords, "keyword-only")):
            if names:
                shown = [f"'{n}'" for n in names]
                text = (
                    shown[0]
                    if len(shown) == 1
                    else ", ".join(shown[:-1]) + ("," if len(shown) > 2 else "") + " and " + shown[-1]
                )
                plural = "s" if len(names) > 1 else ""
                raise self.error(
                    "TypeError", f"{name}() missing {len(names)} required {word} argument{plural}: {text}"
                )

    def too_many(self, function: FunctionValue, name: str, given: int) -> None:
        takes = [p for p in function.definition.parameters if p.kind in ("positional", "positional-only")]
        optional = sum(p.name in function.defaults for p in takes)
        count = str(len(takes)) if not optional else f"from {len(takes) - optional} to {len(takes)}"
        plural = "" if len(takes) == 1 and not optional else "s"
        verb = "was" if given == 1 else "were"
        raise self.error(
            "TypeError", f"{name}() takes {count} positional argument{plural} but {given} {verb} given"
        )

    def make_function(self, definition: ir.FunctionDef, env: Env) -> FunctionValue:
        if env.module is None:
            raise Stop("module")
        function = FunctionValue(definition, env, env.module)
        for parameter in definition.parameters:
            if parameter.default is not None:
                function.defaults[parameter.name] = self.eval(parameter.default, env)
        return function

    # -- instances ------------------------------------------------------------------------------------------------

    def instantiate(self, klass: ClassValue, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        """Makes an instance of a class."""
        self.step()
        if klass.kind == "enum" and klass.definition is not None:
            return self.enum_member(klass, arguments)
        if (
            klass.definition is None
            and klass.kind not in ("exception", "mock", "memory")
            and klass.fields is None
        ):
            return self.construct(klass, arguments, keywords)
        maker = klass.find("__new__")
        if type(maker) in (FunctionValue, StaticMethod):
            made = self.call(maker, [klass, *arguments], keywords)
            if type(made) is not Instance or klass not in made.klass.mro:
                return made
            # It may have made one of a subclass, whose `__init__` then runs.
            instance = made
            klass = made.klass
        else:
            if klass.opaque and klass.find("__init__") is MISSING:
                self.risky("class:" + klass.opaque)
                for value in (*arguments, *keywords.values()):
                    self.escape(value)
                made = Instance(klass)
                self.escape(made)
                return made
            missing = klass.abstract
            if missing:
                shown = ", ".join(sorted(missing))
                plural = "s" if len(missing) > 1 else ""
                raise self.error(
                    "TypeError",
                    f"Can't instantiate abstract class {klass.name} with abstract method{plural} {shown}",
                )
            instance = self.blank(klass, arguments, keywords)
        initialise = klass.find("__init__")
        if initialise is not MISSING:
            result = self.call(initialise, [instance, *arguments], keywords)
            if result is not None and not isinstance(result, Unknown):
                raise self.error("TypeError", f"__init__() should return None, not '{type_name(result)}'")
        elif klass.fields is None and klass.base_host() is None and klass.kind != "exception":
            given = bool(arguments or keywords)
            if given and type(maker) not in (FunctionValue, StaticMethod):
                raise self.error("TypeError", f"{klass.name}() takes no arguments")
        return instance

    def blank(self, klass: ClassValue, arguments: list[Value], keywords: dict[str, Value]) -> Instance:
        """An instance before its `__init__`."""
        instance = Instance(klass)
        host = klass.base_host()
        if klass.kind == "exception":
            instance.attrs["args"] = tuple(arguments)
            if keywords and klass.find("__init__") is MISSING and not klass.opaque:
                raise self.error("TypeError", f"{klass.name}() takes no keyword arguments")
        elif host is not None:
            base = next(k for k in klass.mro if k.host is host)
            fresh = klass.find("__init__") is not MISSING and issubclass(host, (list, dict, set))
            instance.payload = self.construct(base, [] if fresh else arguments, {} if fresh else keywords)
            if isinstance(instance.payload, Unknown) and host not in (list, dict, set):
                raise Stop("payload")
        return instance

    def construct(self, klass: ClassValue, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        """A value of a builtin class."""
        raise NotImplementedError

    def enum_member(self, klass: ClassValue, arguments: list[Value]) -> Value:
        """`Colour(value)`."""
        if len(arguments) != 1 or not enum_members(klass):
            raise Stop("enum-functional")
        if isinstance(arguments[0], Unknown):
            self.risky(arguments[0].why)
            return Unknown(arguments[0].why, klass.name)
        for member in enum_members(klass):
            if member is arguments[0]:
                return member
            same = self.truth_of(self.equal(member.attrs["_value_"], arguments[0]))
            if same is None:
                raise Stop("enum-value")
            if same:
                return member
        fallback = klass.find("_missing_")
        if fallback is not MISSING:
            found = self.call(BoundMethod(getattr(fallback, "function", fallback), klass), arguments, {})
            if found is not None:
                return found
        shown = self.show(arguments[0])
        raise self.error(
            "ValueError", shown if isinstance(shown, Unknown) else f"{shown} is not a valid {klass.name}"
        )

    # -- iteration ------------------------------------------------------------------------------------------------

    def iterate(self, value: Value) -> Iterator[Value]:
        kind = type(value)
        if kind is IteratorValue:
            value.started = True
            return value.host  # type: ignore[no-any-return]
        if isinstance(value, Unknown):
            self.risky(value.why)
            return self.unknown_elements(value)
        if kind in CONTAINERS:
            if self.murky and id(value) in self.murky:
                return self.unknown_elements(Unknown("content"))
            return self.host_elements(value)
        if kind in (str, bytes, range, bytearray, memoryview):
            return iter(value)
        if kind is Instance:
            method = value.klass.find("__iter__")
            if method is not MISSING and method is not None:
                self.may_ask_length(value)
                return self.iterate_result(self.call(method, [value], {}))
            if value.payload is not MISSING:
                return self.iterate(value.payload)
            getter = value.klass.find("__getitem__")
            if getter is not MISSING:
                return self.indexed_elements(value, getter)
            if value.klass.find("__next__") is not MISSING:
                raise self.error("TypeError", f"'{value.klass.name}' object is not iterable")
            if value.klass.opaque:
                self.risky("class:" + value.klass.opaque)
                return self.unknown_elements(Unknown("class:" + value.klass.opaque))
        if kind is ClassValue and value.kind == "enum":
            return iter(enum_members(value))
        if kind is ClassValue and value.opaque:
            raise Stop("class:" + value.opaque)
        raise self.error("TypeError", f"'{type_name(value)}' object is not iterable")

    def may_ask_length(self, value: Instance) -> None:
        """`list`, `tuple` and unpacking ask for the length first, loops do not: these lines may be executed."""
        length = value.klass.find("__len__")
        if type(length) is FunctionValue and length.module.focal:
            nodes: list[ir.Node] = []
            walk(length.definition.body, nodes)
            self.trace.maybe |= statement_lines(nodes)

    def iterate_result(self, value: Value) -> Iterator[Value]:
        """The elements of what `__iter__` gave."""
        if type(value) is Instance:
            method = value.klass.find("__next__")
            if method is not MISSING:
                return self.next_elements(value, method)
        self.check_iterator(value)
        return self.iterate(value)

    def check_iterator(self, value: Value) -> None:
        """Refuses what `__iter__` gave, where it is no iterator."""
        if type(value) is Instance:
            wrong = value.klass.find("__next__") is MISSING and not value.klass.opaque
        else:
            wrong = type(value) in SCALARS or type(value) in CONTAINERS
        if wrong:
            raise self.error("TypeError", f"iter() returned non-iterator of type '{type_name(value)}'")

    def next_elements(self, value: Instance, method: Value) -> Iterator[Value]:
        while True:
            self.step()
            try:
                item = self.call(method, [value], {})
            except Thrown as thrown:
                if type(thrown.value) is Instance and EXCEPTIONS["StopIteration"] in thrown.value.klass.mro:
                    return
                raise
            yield item

    def indexed_elements(self, value: Instance, getter: Value) -> Iterator[Value]:
        for index in range(self.budget.items):
            try:
                item = self.call(getter, [value, index], {})
            except Thrown as thrown:
                if type(thrown.value) is Instance and EXCEPTIONS["IndexError"] in thrown.value.klass.mro:
                    return
                raise
            yield item
        raise Stop("budget:items")

    def host_elements(self, value: Value) -> Iterator[Value]:
        """The elements of a builtin container; changing its size meanwhile raises as in Python."""
        iterator = iter(value)
        while True:
            try:
                item = next(iterator)
            except StopIteration:
                return
            except RuntimeError as error:
                raise self.error("RuntimeError", str(error)) from None
            yield item

    def unknown_elements(self, value: Unknown) -> Iterator[Value]:
        """Elements of something unknown: whether there is one more is decided each time."""
        for turn in range(3):
            if not self.decide(turn == 0):
                return
            yield Unknown(value.why, f"{value.label}[...]" if value.label else "")
        raise Stop("budget:unknown-loop")

    def make_iterator(self, value: Value) -> IteratorValue:
        """`iter(value)`."""
        if type(value) is IteratorValue:
            return value
        if type(value) in SCALARS or type(value) in CONTAINERS:
            return IteratorValue(self.iterate(value), type_name(value) + "_iterator")
        return IteratorValue(iter(self.iterate(value)))
