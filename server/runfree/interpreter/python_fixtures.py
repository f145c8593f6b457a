"""pytest's own fixtures: monkeypatch, capsys, and pytest-mock's mocker as far as it is unittest.mock."""

from __future__ import annotations

from typing import Any

from runfree.interpreter import python_types as types
from runfree.interpreter.budget import Stop
from runfree.interpreter.python_mock_objects import MOCK
from runfree.interpreter.python_mocks import MOCKS, current, locate, put_back, replace
from runfree.interpreter.values import (
    MISSING,
    Builtin,
    ClassValue,
    Instance,
    Manager,
    Property,
    Unknown,
    Value,
)

MONKEYPATCH = ClassValue("MonkeyPatch", [types.OBJECT])
CAPSYS = ClassValue("CaptureFixture", [types.OBJECT])
_CAPTURED = ClassValue("CaptureResult", [types.TUPLE])
MOCKER = ClassValue("MockerFixture", [types.OBJECT])
_UNDO = "monkeypatch:undo"


def _raising(ev: Any, k: dict[str, Value], position: list[Value], index: int) -> bool:
    value = position[index] if len(position) > index else k.get("raising", True)
    return ev.truth_of(value) is not False


def _remember(a: list[Value], undo: Any) -> None:
    a[0].attrs.setdefault(_UNDO, []).append(undo)


def _setattr(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    given = dict(zip(("target", "name", "value", "raising"), a[1:], strict=False)) | k
    target, name, value = (given.get(n, MISSING) for n in ("target", "name", "value"))
    if isinstance(target, Unknown) and target.kind == "str":
        raise Stop("monkeypatch")
    if isinstance(target, str):
        if value is not MISSING and "raising" not in given and len(a) < 4 and "value" not in k:
            value = MISSING
        if "." not in target:
            raise ev.error("ImportError", f"must be absolute import path string, not {target!r}")
        given.setdefault("raising", True)
        value = name if value is MISSING else value
        owner, name = locate(ev, target)
    elif value is MISSING:
        raise ev.error(
            "TypeError", "use setattr(target, name, value) or setattr(target, value) with target being a dotted import string"
        )  # fmt: skip
    else:
        owner = target
    if not isinstance(name, str):
        raise Stop("monkeypatch")
    if current(ev, owner, name) is MISSING and ev.truth_of(given.get("raising", True)) is not False:
        raise ev.error("AttributeError", f"{_shown(owner)} has no attribute {name!r}")
    _remember(a, replace(ev, owner, name, value))


def _shown(owner: Value) -> str:
    return f"'{owner.name}'" if hasattr(owner, "name") else "the object"


def _delattr(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    owner, name = a[1], a[2] if len(a) > 2 else k.get("name", MISSING)
    if isinstance(owner, str):
        owner, name = locate(ev, owner)
    old = current(ev, owner, name) if isinstance(name, str) else Unknown("patched")
    if old is MISSING:
        if _raising(ev, k, a, 3):
            raise ev.error("AttributeError", name)
        return
    if isinstance(owner, Unknown) or not isinstance(name, str):
        raise Stop("monkeypatch")
    _remember(a, replace(ev, owner, name, MISSING))


def _setitem(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    store = ev.raw(a[1])
    if isinstance(store, Unknown):
        ev.risky(store.why)
        return
    if type(store) is dict:
        _remember(a, put_back(store, ev.key(a[2]), a[3]))
        return
    ev.set_index(a[1], a[2], a[3])


def _delitem(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    store = ev.raw(a[1])
    if type(store) is not dict:
        raise Stop("monkeypatch")
    if ev.key(a[2]) not in store:
        if _raising(ev, k, a, 3):
            raise ev.error("KeyError", a[2])
        return
    _remember(a, put_back(store, ev.key(a[2]), MISSING))


def _setenv(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    name, value = a[1], a[2] if len(a) > 2 else k.get("value")
    if len(a) > 3 or k.get("prepend") or not isinstance(name, str):
        raise Stop("monkeypatch")
    _remember(a, put_back(ev.environ, name, value if isinstance(value, (str, Unknown)) else ev.text(value)))


def _delenv(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    name = a[1] if len(a) > 1 else k.get("name")
    if not isinstance(name, str):
        raise Stop("monkeypatch")
    if ev.environ.get(name, MISSING) is MISSING and _raising(ev, k, a, 2):
        # Whether the variable is set, the machine decides.
        ev.risky("environment")
    _remember(a, put_back(ev.environ, name, None))


def _undo(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    for undo in reversed(a[0].attrs.pop(_UNDO, [])):
        undo()


def _context(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    inner = Instance(MONKEYPATCH)
    return Manager("monkeypatch", lambda: inner, lambda thrown: bool(_undo(ev, [inner], {})))


def _unsure(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    ev.risky("files")


for _name, _call in (
    ("setattr", _setattr), ("delattr", _delattr), ("setitem", _setitem), ("delitem", _delitem), ("setenv", _setenv),
    ("delenv", _delenv), ("undo", _undo), ("context", _context), ("chdir", _unsure), ("syspath_prepend", _unsure),
):  # fmt: skip
    MONKEYPATCH.namespace[_name] = Builtin("monkeypatch." + _name, _call, binds=True)


def _readouterr(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
    parts: list[Value] = []
    for name in ("out", "err"):
        written = ev.output[name]
        # Code that is not known may have written as well.
        sure = not ev.trace.tainted and all(isinstance(w, str) for w in written)
        parts.append("".join(written) if sure else Unknown("output", kind="str"))
        ev.output[name] = []
    return Instance(_CAPTURED, tuple(parts))


def _captured(position: int) -> Any:
    return lambda ev, a, k: a[0].payload[position]


def _member(name: str) -> Any:
    return lambda ev, a, k: MOCKS[name]


for _position, _name in enumerate(("out", "err")):
    _CAPTURED.namespace[_name] = Property(Builtin(_name, _captured(_position)))
CAPSYS.namespace["readouterr"] = Builtin("readouterr", _readouterr, binds=True)
CAPSYS.namespace["disabled"] = Builtin(
    "disabled", lambda ev, a, k: Manager("disabled", lambda: None, lambda thrown: False), binds=True
)


def _started(name: str) -> Any:
    """A patch of pytest-mock: started at once, undone after the test."""

    def call(ev: Any, a: list[Value], k: dict[str, Value]) -> Value:
        function = MOCKS["patch"] if not name else MOCKS["patch"].call.attrs[name]
        return ev.call(function, a, k).enter()

    return call


_PATCHER = Builtin("mocker.patch", _started(""))
_PATCHER.call.attrs = {  # type: ignore[attr-defined]
    "object": Builtin("mocker.patch.object", _started("object")), "dict": Builtin("mocker.patch.dict", _started("dict")),
}  # fmt: skip
MOCKER.namespace.update(
    {n: v for n, v in MOCKS.items() if isinstance(v, ClassValue) or n in ("ANY", "call", "DEFAULT")}
)
MOCKER.namespace["patch"] = Property(Builtin("patch", lambda ev, a, k: _PATCHER))
for _name in ("create_autospec", "mock_open"):
    MOCKER.namespace[_name] = Property(Builtin(_name, _member(_name)))
MOCKER.namespace["stub"] = Builtin("stub", lambda ev, a, k: ev.call(MOCK, [], {}), binds=True)
MOCKER.opaque = "pytest-mock"
FIXTURES: dict[str, ClassValue] = {"monkeypatch": MONKEYPATCH, "capsys": CAPSYS, "mocker": MOCKER}
