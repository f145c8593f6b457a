"""A test method typed expression by expression: calls that no signature takes, members, exceptions that do not compile."""

from __future__ import annotations

import re
from contextlib import suppress

from runfree.interpreter import ir
from runfree.interpreter.java_classes import ClassTable, index
from runfree.interpreter.java_evaluator import EXCEPTIONS
from runfree.interpreter.java_overloads import is_variable
from runfree.interpreter.java_types import (
    ArrayType,
    StaticType,
    castable,
    closed,
    fits,
    inherited,
    resolve,
    shown,
)
from runfree.interpreter.java_values import PRIMITIVES, RANKS, JClass

# What String's methods give; "" where it is no simple type.
_STRING = {
    **dict.fromkeys(("length", "indexOf", "lastIndexOf", "compareTo", "compareToIgnoreCase", "hashCode", "codePointAt", "codePointCount", "codePointBefore", "offsetByCodePoints"), "int"),
    **dict.fromkeys(("isEmpty", "isBlank", "equals", "equalsIgnoreCase", "contains", "startsWith", "endsWith", "matches", "contentEquals", "regionMatches"), "boolean"),
    **dict.fromkeys(("substring", "trim", "strip", "stripLeading", "stripTrailing", "toUpperCase", "toLowerCase", "replace", "replaceAll", "replaceFirst", "concat", "repeat", "intern", "formatted", "toString", "indent", "stripIndent", "translateEscapes"), "String"),
    **dict.fromkeys(("getBytes", "getChars", "toCharArray", "chars", "codePoints", "lines", "split", "subSequence", "transform", "describeConstable", "getClass", "format", "join", "valueOf", "copyValueOf", "notify", "notifyAll", "wait", "splitWithDelimiters", "resolveConstantDesc"), ""),
    "charAt": "char",
}  # fmt: skip


_NO_CONSTANTS = frozenset({"Assertions.*", "Assert.*", "Assumptions.*", "Mockito.*", "Matchers.*"})
_QUALIFIED = re.compile(rb"\b[a-z]\w*\.([A-Z]\w*)")
# Checked exceptions of the JDK's static methods and constructors that tests use.
_THROWS = {
    "Thread.sleep": "InterruptedException", "Class.forName": "ClassNotFoundException", "Files.readAllBytes": "IOException",
    "Files.write": "IOException", "Files.createTempFile": "IOException", "new URL": "MalformedURLException",
    "new URI": "URISyntaxException", "new FileReader": "FileNotFoundException", "new FileWriter": "IOException",
    "new FileInputStream": "FileNotFoundException", "new FileOutputStream": "FileNotFoundException",
}  # fmt: skip


_LANG_EXCEPTIONS = frozenset(
    ["Throwable", "Exception", "Error", "RuntimeException", "InterruptedException", "CloneNotSupportedException", "ClassNotFoundException", "NoSuchMethodException", "NoSuchFieldException", "ReflectiveOperationException", "IllegalAccessException", "InstantiationException", "AssertionError", "IllegalArgumentException", "IllegalStateException", "NullPointerException", "NumberFormatException", "ArithmeticException", "IndexOutOfBoundsException", "UnsupportedOperationException", "ClassCastException"]
)  # fmt: skip


class Unchecked(Exception):  # noqa: N818 - not an error: the text is more than is typed here
    """The rest of a method is not looked at."""


class JavaCheck:
    """Types the statements of one method; `errors` are what certainly does not compile."""

    def __init__(self, table: ClassTable, klass: JClass, method: ir.FunctionDef) -> None:
        self.table = table
        self.klass = klass
        self.method = method
        self.errors: list[str] = []
        self.scopes: list[dict[str, StaticType]] = [{}]
        # Exceptions that the code around catches; None inside a lambda, where it is not known.
        self.caught: list[list[str]] | None = []
        # Classes written with their package somewhere: the lowered form leaves the package out.
        program = klass.module.program if klass.module is not None else None
        text = program.text[method.pos : method.end] if program is not None else b""
        self.qualified = {m.decode() for m in _QUALIFIED.findall(text)}

    def run(self) -> list[str]:
        """What does not compile, in order of place."""
        for parameter in self.method.parameters:
            self.scopes[0][parameter.name] = None
        with suppress(Unchecked, RecursionError):
            self.body(self.method.body.load().statements)
        return self.errors

    # -- statements -----------------------------------------------------------------------------------------------

    def body(self, statements: tuple[ir.Statement, ...]) -> None:
        """Statements in a scope of their own."""
        self.scopes.append({})
        for node in statements:
            self.statement(node)
        self.scopes.pop()

    def statement(self, node: ir.Statement) -> None:
        """Types one statement."""
        if isinstance(node, ir.Annotate):
            self.declare(node)
        elif isinstance(node, ir.Block):
            self.body(node.body)
        elif isinstance(node, ir.If):
            self.type_of(node.test)
            self.body(node.then)
            self.body(node.orelse)
        elif isinstance(node, ir.While):
            self.type_of(node.test)
            self.body((*node.body, *node.post))
        elif isinstance(node, ir.For):
            self.type_of(node.iterable)
            self.scopes.append({})
            if isinstance(node.target, ir.Convert) and isinstance(node.target.value, ir.Name):
                self.scopes[-1][node.target.value.id] = self.resolved(node.target.type)
            self.body(node.body)
            self.scopes.pop()
        elif isinstance(node, ir.Try):
            self.attempt(node)
        elif isinstance(node, (ir.Evaluate, ir.Return, ir.Raise)):
            if node.value is not None:
                self.type_of(node.value)
        elif isinstance(node, ir.Assert):
            self.type_of(node.test)
        elif not isinstance(node, (ir.Break, ir.Continue, ir.Pass)):
            raise Unchecked

    def declare(self, node: ir.Annotate) -> None:
        """A local variable."""
        if not isinstance(node.target, ir.Name):
            raise Unchecked
        given = self.type_of(node.value) if node.value is not None else None
        declared = given if node.annotation == "var" else self.resolved(node.annotation)
        if node.value is not None and node.annotation != "var" and not castable(given, declared):
            self.errors.append(f"{shown(given)} cannot be converted to {shown(declared)}")
        self.scopes[-1][node.target.id] = declared

    def attempt(self, node: ir.Try) -> None:
        """A try statement."""
        names = [
            n
            for h in node.handlers
            for n in (h.types.value if isinstance(h.types, ir.Const) else ("Throwable",))
        ]
        if self.caught is not None:
            self.caught.append(names)
        self.body(node.body)
        if self.caught is not None:
            self.caught.pop()
        for handler in node.handlers:
            self.scopes.append({handler.name: None})
            self.body(handler.body)
            self.scopes.pop()
        self.body(node.final)

    # -- expressions ----------------------------------------------------------------------------------------------

    def resolved(self, written: object) -> StaticType:
        """A type written in the test."""
        if not isinstance(written, str) or written.removesuffix("[]") in self.qualified:
            return None
        return resolve(self.table, written, self.klass)

    def type_of(self, node: ir.Expression) -> StaticType:
        """The static type of an expression, None where it is not known."""
        if isinstance(node, ir.Const):
            return node.type if node.type in PRIMITIVES or node.type == "String" else None
        if isinstance(node, ir.Name):
            return self.name(node.id)
        if isinstance(node, ir.Attribute):
            return self.attribute(node)
        if isinstance(node, ir.Call):
            return self.call(node)
        if isinstance(node, ir.Binary):
            return self.binary(node.op, self.type_of(node.left), self.type_of(node.right))
        if isinstance(node, ir.Unary):
            inner = self.type_of(node.value)
            return "boolean" if node.op == "not" else self.binary(node.op, inner, "int")
        if isinstance(node, ir.Logical):
            self.type_of(node.left)
            self.type_of(node.right)
            return "boolean"
        if isinstance(node, ir.Compare):
            self.type_of(node.left)
            self.type_of(node.rest[0][1])
            return "boolean"
        if isinstance(node, ir.Conditional):
            self.type_of(node.test)
            one, other = self.type_of(node.then), self.type_of(node.orelse)
            return one if one == other and not isinstance(one, ArrayType) else None
        if isinstance(node, ir.Convert):
            self.type_of(node.value)
            return self.resolved(node.type)
        if isinstance(node, ir.TypeTest):
            self.type_of(node.value)
            if node.binds:
                self.scopes[0][node.binds] = None
            return "boolean"
        if isinstance(node, ir.Bind):
            return self.bind(node)
        if isinstance(node, ir.Index):
            return self.index(node)
        if isinstance(node, ir.Sequence):
            for item in node.items:
                self.type_of(item)
            return ArrayType(self.resolved(node.type)) if node.kind == "array" else None
        if isinstance(node, ir.FunctionExpression):
            self.function(node.function)
        return None

    def function(self, definition: ir.FunctionDef) -> None:
        """A lambda: what it may throw is up to the interface it becomes."""
        saved, self.caught = self.caught, None
        self.scopes.append({p.name: self.resolved(p.type) for p in definition.parameters})
        self.body(definition.body.load().statements)
        self.scopes.pop()
        self.caught = saved

    def bind(self, node: ir.Bind) -> StaticType:
        """An assignment, or a step up or down."""
        target, given = self.type_of(node.target), self.type_of(node.value)
        if node.op == "=" and not castable(given, target):
            self.errors.append(f"{shown(given)} cannot be converted to {shown(target)}")
        return target

    def index(self, node: ir.Index) -> StaticType:
        """An element of an array, or a method reference."""
        if isinstance(node.key, ir.Const) and node.key.type == "reference":
            return None
        self.type_of(node.key)
        owner = self.type_of(node.value)
        return owner.element if isinstance(owner, ArrayType) else None

    def binary(self, op: str, left: StaticType, right: StaticType) -> StaticType:
        """Arithmetic: text, or the wider number."""
        if op == "+" and "String" in (left, right):
            return "String"
        for one in (left, right):
            if isinstance(one, (JClass, ArrayType)) and not (op == "+" and None in (left, right)):
                self.errors.append(f"{shown(one)} is no operand of {op}")
        if not isinstance(left, str) or not isinstance(right, str):
            return None
        if left == right == "boolean":
            return "boolean"
        if left not in RANKS or right not in RANKS:
            return None
        rank = max(RANKS[left], 3) if op in ("<<", ">>", ">>>") else max(RANKS[left], RANKS[right], 3)
        return {3: "int", 4: "long", 5: "float", 6: "double"}[rank]

    def name(self, name: str) -> StaticType:
        """A variable, or a field of the classes around."""
        if name in ("true", "false"):
            return "boolean"
        if name == "null":
            return "null"
        if name == "this":
            return self.klass
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        around: JClass | None = self.klass
        while around is not None:
            found = self.field(around, name)
            if found is not None:
                return found[0]
            around = around.outer
        return None

    def field(self, klass: JClass, name: str) -> tuple[StaticType] | None:
        """The type of a field of a class or of those above it, in a tuple; None if there is none."""
        for one in klass.order():
            for node in one.fields:
                target = node.target if isinstance(node, ir.Annotate) else None
                if not isinstance(node, ir.Annotate) or not isinstance(target, ir.Name) or target.id != name:
                    continue
                constant = node.annotation == ("enum-constant",)
                return (one if constant else resolve(self.table, node.annotation[0], one),)
        return None

    def class_named(self, node: ir.Expression) -> JClass | None:
        """The class at hand that a name in front of a dot is."""
        if not isinstance(node, ir.Name) or not node.id[:1].isupper():
            return None
        if any(node.id in s for s in self.scopes) or self.field_around(node.id):
            return None
        found = self.resolved(node.id)
        return found if isinstance(found, JClass) else None

    def declared(self, node: ir.Expression) -> None:
        """Reports a variable that is read and that nothing declares."""
        if not isinstance(node, ir.Name) or node.id in ("true", "false", "null", "this", "super"):
            return
        module = self.klass.module
        statics = index(module.program).statics if module is not None and module.program is not None else ()
        around: list[JClass] = [self.klass]
        while around[-1].outer is not None:
            around.append(around[-1].outer)
        known = any(node.id in s for s in self.scopes) or self.field_around(node.id)
        # Assertions have no constants.
        known = known or any(s.endswith((".*", "." + node.id)) for s in set(statics) - _NO_CONSTANTS)
        if not known and all(closed(k) and (k.env is None or k.env.kind == "module") for k in around):
            self.errors.append(f"{node.id} is not defined")

    def field_around(self, name: str) -> bool:
        """Whether a class around has a field of that name."""
        around: JClass | None = self.klass
        while around is not None:
            if self.field(around, name) is not None:
                return True
            around = around.outer
        return False

    def attribute(self, node: ir.Attribute) -> StaticType:
        """A field."""
        owner: StaticType = self.class_named(node.value)
        if owner is None:
            if isinstance(node.value, (ir.Name, ir.Attribute)) and self.is_package(node.value):
                return None
            owner = self.type_of(node.value)
        if isinstance(owner, ArrayType):
            return "int" if node.name == "length" else None
        if not isinstance(owner, JClass):
            return None
        found = self.field(owner, node.name)
        if found is not None:
            return found[0]
        known = node.name in ("this", "super", "class", "length") or self.table.nested(owner, node.name)
        if not known and closed(owner) and not any(k.kind == "interface" for k in owner.order()):
            self.errors.append(f"{owner.name} has no {node.name}")
        return None

    def is_package(self, node: ir.Expression) -> bool:
        """Whether a dotted name may begin with a package."""
        while isinstance(node, ir.Attribute):
            node = node.value
        return isinstance(node, ir.Name) and node.id in ("java", "javax", "org", "com", "net", "io")

    # -- calls ----------------------------------------------------------------------------------------------------

    def call(self, node: ir.Call) -> StaticType:
        """A call or constructor."""
        kind = node.type[0] if node.type else ""
        if kind == "inline":
            raise Unchecked
        for argument in node.arguments:
            self.declared(argument.value)
        given = [self.type_of(a.value) for a in node.arguments]
        if "void" in given:
            self.errors.append("a call that gives nothing is an argument")
            return None
        self.library_call(node)
        if kind == "array":
            element: StaticType = self.resolved(node.type[1])
            for _ in range(node.type[2]):
                element = ArrayType(element)
            return element
        if kind == "new":
            return self.construct(node, given)
        function = node.function
        if isinstance(function, ir.Name) and kind == "method":
            return self.bare(node, function.id, given)
        if not isinstance(function, ir.Attribute) or kind != "method":
            return None
        if isinstance(function.value, ir.Name) and function.value.id == "super":
            return None
        static = self.class_named(function.value)
        owner: StaticType = static
        if owner is None:
            if self.is_package(function.value):
                return None
            owner = self.type_of(function.value)
        if isinstance(owner, JClass):
            return self.method_call(owner, function.name, given)
        if isinstance(owner, str) and (owner in PRIMITIVES or owner == "void"):
            self.errors.append(f"{owner} has no methods")
        if owner == "String":
            if function.name not in _STRING:
                self.errors.append(f"String has no method {function.name}")
            return _STRING.get(function.name) or None
        return None

    def construct(self, node: ir.Call, given: list[StaticType]) -> StaticType:
        """`new`."""
        made = self.resolved(node.type[1])
        if not isinstance(made, JClass):
            return made
        if node.type[3]:
            return made
        if not closed(made):
            return made
        if made.kind == "interface" or "abstract" in made.modifiers or made.kind == "enum":
            self.errors.append(f"{made.name} is not made by new")
            return made
        constructors = made.methods.get("<init>", [])
        if made.kind == "record":
            if not constructors and len(given) != len(made.components):
                self.errors.append(f"no constructor of {made.name} takes {self.listed(given)}")
            return made
        if constructors:
            self.choose([(d, made) for d in constructors], given, f"constructor of {made.name}")
        elif given:
            self.errors.append(f"the constructor of {made.name} takes nothing")
        return made

    def bare(self, node: ir.Call, name: str, given: list[StaticType]) -> StaticType:
        """A method of the classes around; of a static import, nothing is known but what assertions take."""
        around: JClass | None = self.klass
        while around is not None:
            found = [(d, k) for k in around.order() for d in k.methods.get(name, ())]
            if found:
                return self.choose(found, given, name)
            if any(k.opaque for k in around.order()):
                return None
            around = around.outer
        if name in ("assertTrue", "assertFalse") and len(given) == 1:
            one = given[0]
            bad = isinstance(one, (JClass, ArrayType)) or one == "String" or (one in RANKS)
            if bad and not (isinstance(one, JClass) and one.interfaces & {"BooleanSupplier"}):
                self.errors.append(f"{name} takes no {shown(one)}")
        return None

    def method_call(self, owner: JClass, name: str, given: list[StaticType]) -> StaticType:
        """A method called on a value or class of a known type."""
        found = [(d, k) for k in owner.order() for d in k.methods.get(name, ())]
        if not found:
            if name in inherited(owner) or not closed(owner):
                simple = {
                    "toString": "String",
                    "hashCode": "int",
                    "equals": "boolean",
                    "name": "String",
                    "ordinal": "int",
                }
                return simple.get(name) if owner.kind != "record" and name in inherited(owner) else None  # fmt: skip
            self.errors.append(f"{owner.name} has no method {name}")
            return None
        if not closed(owner) or name in inherited(owner):
            results = {d.result for d, _ in found}
            return resolve(self.table, found[0][0].result, found[0][1]) if len(results) == 1 else None
        return self.choose(found, given, f"{owner.name}.{name}")

    def listed(self, given: list[StaticType]) -> str:
        """The types of arguments, or their number where they are not known."""
        if not given or None in given:
            return "1 argument" if len(given) == 1 else f"{len(given)} arguments"
        return "(" + ", ".join(map(shown, given)) + ")"

    def choose(
        self, candidates: list[tuple[ir.FunctionDef, JClass]], given: list[StaticType], through: str
    ) -> StaticType:
        """The result of a call that means one of several methods."""
        usable = [(d, k) for d, k in candidates if self.takes(d, k, given)]
        if not usable:
            self.errors.append(f"no {through} takes {self.listed(given)}")
            return None
        if all("private" in d.flags and self.foreign(k) for d, k in usable):
            self.errors.append(f"{through} is private")
            return None
        if given == ["null"] and self.ambiguous(usable):
            self.errors.append(f"null may mean several of {through}")
            return None
        self.unreported(usable)
        results = {d.result for d, _ in usable}
        if len(results) != 1 or "constructor" in usable[0][0].flags:
            return None
        return resolve(self.table, usable[0][0].result, usable[0][1])

    def foreign(self, owner: JClass) -> bool:
        """Whether a class is in another file than the test."""
        return owner.module is not self.klass.module

    def takes(self, definition: ir.FunctionDef, owner: JClass, given: list[StaticType]) -> bool:
        """Whether a method may take arguments of these types."""
        parameters = definition.parameters
        wanted = [resolve(self.table, p.type, owner) for p in parameters]
        if parameters and parameters[-1].kind == "rest":
            fixed = len(parameters) - 1
            if len(given) < fixed:
                return False
            rest = given[fixed:]
            whole = len(rest) == 1 and fits(rest[0], ArrayType(wanted[-1]))
            head = all(fits(g, w) for g, w in zip(given[:fixed], wanted[:fixed], strict=True))
            return head and (whole or all(fits(g, wanted[-1]) for g in rest))
        return len(given) == len(wanted) and all(fits(g, w) for g, w in zip(given, wanted, strict=True))

    def ambiguous(self, usable: list[tuple[ir.FunctionDef, JClass]]) -> bool:
        """Whether none of several methods of one parameter is narrower than all others."""
        pairs = [(d.parameters[0], k) for d, k in usable if d.parameters[0].kind != "rest"]
        types = {shown(t): t for t in (resolve(self.table, p.type, k) for p, k in pairs)}
        if len(types) < 2 or None in types.values():
            return False
        every = list(types.values())
        return not any(all(fits(one, other) for other in every) for one in every)

    def library_call(self, node: ir.Call) -> None:
        """A JDK call that throws a checked exception."""
        function = node.function
        through = f"new {node.type[1]}" if node.type[:1] == ("new",) else ""
        if isinstance(function, ir.Attribute) and isinstance(function.value, ir.Name):
            through = f"{function.value.id}.{function.name}"
        name = _THROWS.get(through)
        if name is not None and self.caught is not None:
            owner = through.removeprefix("new ").partition(".")[0]
            if self.resolved(owner) is None and self.table.find(owner, self.klass.module, self.klass) is None:
                self.report(name, frozenset(k.name for k in EXCEPTIONS[name].order()))

    def unreported(self, usable: list[tuple[ir.FunctionDef, JClass]]) -> None:
        """A checked exception that is neither caught nor declared."""
        if self.caught is None:
            return
        for name in usable[0][0].throws:
            above = self.supers(name, usable[0][1])
            if (
                all(name in d.throws for d, _ in usable)
                and above
                and not above & {"RuntimeException", "Error"}
            ):
                self.report(name, above)

    def report(self, name: str, above: frozenset[str]) -> None:
        """An exception that is thrown here."""
        handled = {n for names in (*(self.caught or ()), self.method.throws) for n in names}
        plain = {n.rsplit(".", 1)[-1] for n in handled}
        if not plain & above and all(self.supers(n, self.klass) for n in plain):
            self.errors.append(f"{name} is neither caught nor declared")

    def supers(self, name: str, near: JClass) -> frozenset[str]:
        """The names of an exception's class and of those above it; empty where they are not all known."""
        if is_variable(name):
            return frozenset()
        found = resolve(self.table, name, near)
        program = near.module.program if near.module is not None else None
        platform = program is not None and (name in _LANG_EXCEPTIONS or name in index(program).platform)
        klass = found if isinstance(found, JClass) else EXCEPTIONS.get(name) if platform else None
        if klass is None or any(k.opaque for k in klass.order()):
            return frozenset()
        return frozenset(k.name for k in klass.order())


def check(table: ClassTable, klass: JClass, method: ir.FunctionDef) -> str:
    """Why a method certainly does not compile as far as its types go, "" if that is not known."""
    errors = JavaCheck(table, klass, method).run()
    return errors[0] if errors else ""
