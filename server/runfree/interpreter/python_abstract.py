"""What the abstract classes of `collections.abc` give to classes that extend them, and collections' User classes.

Their methods are written in Python and read by the evaluator like any other code: the user's own `__getitem__`,
`__iter__` or `add` are called in the order and as often as CPython calls them.
"""

from __future__ import annotations

from typing import Any

from runfree.interpreter.budget import Budget
from runfree.interpreter.lower_python import lower
from runfree.interpreter.python_types import OBJECT
from runfree.interpreter.values import ClassValue, FunctionValue, Instance, ModuleValue, Value

# Methods that a class must define itself.
ABSTRACT = {
    "Iterable": "__iter__", "Iterator": "__next__", "Container": "__contains__", "Hashable": "__hash__",
    "Sized": "__len__", "Callable": "__call__", "Reversible": "__reversed__",
    "Collection": "__contains__ __iter__ __len__", "Sequence": "__getitem__ __len__",
    "MutableSequence": "__getitem__ __setitem__ __delitem__ __len__ insert",
    "Set": "__contains__ __iter__ __len__", "MutableSet": "__contains__ __iter__ __len__ add discard",
    "Mapping": "__getitem__ __iter__ __len__",
    "MutableMapping": "__getitem__ __setitem__ __delitem__ __iter__ __len__",
}  # fmt: skip
BASES = {
    "Iterator": "Iterable", "Collection": "Sized Iterable Container", "Sequence": "Reversible Collection",
    "MutableSequence": "Sequence", "Set": "Collection", "MutableSet": "Set", "Mapping": "Collection",
    "MutableMapping": "Mapping", "Reversible": "Iterable",
}  # fmt: skip
SOURCE = """
class MappingView:
    def __init__(self, mapping):
        self._mapping = mapping
    def __len__(self):
        return len(self._mapping)
    def __repr__(self):
        return "{0.__class__.__name__}({0._mapping!r})".format(self)
class _Iterator:
    def __iter__(self):
        return self
class _Sequence:
    def __iter__(self):
        i = 0
        try:
            while True:
                value = self[i]
                yield value
                i += 1
        except IndexError:
            return
    def __contains__(self, value):
        for item in self:
            if item is value or item == value:
                return True
        return False
    def __reversed__(self):
        for i in reversed(range(len(self))):
            yield self[i]
    def index(self, value, start=0, stop=None):
        if start is not None and start < 0:
            start = max(len(self) + start, 0)
        if stop is not None and stop < 0:
            stop += len(self)
        i = start
        while stop is None or i < stop:
            try:
                item = self[i]
            except IndexError:
                break
            if item is value or item == value:
                return i
            i += 1
        raise ValueError
    def count(self, value):
        return sum(1 for item in self if item is value or item == value)
class _MutableSequence:
    def append(self, value):
        self.insert(len(self), value)
    def clear(self):
        try:
            while True:
                self.pop()
        except IndexError:
            pass
    def reverse(self):
        size = len(self)
        for i in range(size // 2):
            self[i], self[size - i - 1] = self[size - i - 1], self[i]
    def extend(self, values):
        if values is self:
            values = list(values)
        for item in values:
            self.append(item)
    def pop(self, index=-1):
        value = self[index]
        del self[index]
        return value
    def remove(self, value):
        del self[self.index(value)]
    def __iadd__(self, values):
        self.extend(values)
        return self
class _Set:
    def __le__(self, other):
        if not isinstance(other, Set):
            return NotImplemented
        if len(self) > len(other):
            return False
        for item in self:
            if item not in other:
                return False
        return True
    def __lt__(self, other):
        if not isinstance(other, Set):
            return NotImplemented
        return len(self) < len(other) and self.__le__(other)
    def __gt__(self, other):
        if not isinstance(other, Set):
            return NotImplemented
        return len(self) > len(other) and self.__ge__(other)
    def __ge__(self, other):
        if not isinstance(other, Set):
            return NotImplemented
        if len(self) < len(other):
            return False
        for item in other:
            if item not in self:
                return False
        return True
    def __eq__(self, other):
        if not isinstance(other, Set):
            return NotImplemented
        return len(self) == len(other) and self.__le__(other)
    @classmethod
    def _from_iterable(cls, items):
        return cls(items)
    def __and__(self, other):
        if not isinstance(other, Iterable):
            return NotImplemented
        return self._from_iterable(v for v in other if v in self)
    __rand__ = __and__
    def isdisjoint(self, other):
        for item in other:
            if item in self:
                return False
        return True
    def __or__(self, other):
        if not isinstance(other, Iterable):
            return NotImplemented
        return self._from_iterable(item for part in (self, other) for item in part)
    __ror__ = __or__
    def __sub__(self, other):
        if not isinstance(other, Set):
            if not isinstance(other, Iterable):
                return NotImplemented
            other = self._from_iterable(other)
        return self._from_iterable(v for v in self if v not in other)
    def __rsub__(self, other):
        if not isinstance(other, Set):
            if not isinstance(other, Iterable):
                return NotImplemented
            other = self._from_iterable(other)
        return self._from_iterable(v for v in other if v not in self)
    def __xor__(self, other):
        if not isinstance(other, Set):
            if not isinstance(other, Iterable):
                return NotImplemented
            other = self._from_iterable(other)
        return (self - other) | (other - self)
    __rxor__ = __xor__
class _MutableSet:
    def remove(self, value):
        if value not in self:
            raise KeyError(value)
        self.discard(value)
    def pop(self):
        source = iter(self)
        try:
            value = next(source)
        except StopIteration:
            raise KeyError from None
        self.discard(value)
        return value
    def clear(self):
        try:
            while True:
                self.pop()
        except KeyError:
            pass
    def __ior__(self, other):
        for value in other:
            self.add(value)
        return self
    def __iand__(self, other):
        for value in self - other:
            self.discard(value)
        return self
    def __ixor__(self, other):
        if other is self:
            self.clear()
        else:
            if not isinstance(other, Set):
                other = self._from_iterable(other)
            for value in other:
                if value in self:
                    self.discard(value)
                else:
                    self.add(value)
        return self
    def __isub__(self, other):
        if other is self:
            self.clear()
        else:
            for value in other:
                self.discard(value)
        return self
class _Mapping:
    def get(self, key, default=None):
        try:
            return self[key]
        except KeyError:
            return default
    def __contains__(self, key):
        try:
            self[key]
        except KeyError:
            return False
        else:
            return True
    def keys(self):
        return KeysView(self)
    def items(self):
        return ItemsView(self)
    def values(self):
        return ValuesView(self)
    def __eq__(self, other):
        if not isinstance(other, Mapping):
            return NotImplemented
        return dict(self.items()) == dict(other.items())
class _MutableMapping:
    def pop(self, key, default=_missing):
        try:
            value = self[key]
        except KeyError:
            if default is _missing:
                raise
            return default
        else:
            del self[key]
            return value
    def popitem(self):
        try:
            key = next(iter(self))
        except StopIteration:
            raise KeyError from None
        value = self[key]
        del self[key]
        return key, value
    def clear(self):
        try:
            while True:
                self.popitem()
        except KeyError:
            pass
    def update(self, other=(), /, **more):
        if isinstance(other, Mapping):
            for key in other:
                self[key] = other[key]
        elif hasattr(other, "keys"):
            for key in other.keys():
                self[key] = other[key]
        else:
            for key, value in other:
                self[key] = value
        for key, value in more.items():
            self[key] = value
    def setdefault(self, key, default=None):
        try:
            return self[key]
        except KeyError:
            self[key] = default
        return default
"""
VIEWS = """
class KeysView(MappingView, Set):
    @classmethod
    def _from_iterable(cls, items):
        return set(items)
    def __contains__(self, key):
        return key in self._mapping
    def __iter__(self):
        yield from self._mapping
class ItemsView(MappingView, Set):
    @classmethod
    def _from_iterable(cls, items):
        return set(items)
    def __contains__(self, item):
        key, value = item
        try:
            found = self._mapping[key]
        except KeyError:
            return False
        else:
            return found is value or found == value
    def __iter__(self):
        for key in self._mapping:
            yield key, self._mapping[key]
class ValuesView(MappingView, Collection):
    def __contains__(self, value):
        for key in self._mapping:
            found = self._mapping[key]
            if found is value or found == value:
                return True
        return False
    def __iter__(self):
        for key in self._mapping:
            yield self._mapping[key]
class UserDict(MutableMapping):
    def __init__(self, dict=None, /, **kwargs):
        self.data = {}
        if dict is not None:
            self.update(dict)
        if kwargs:
            self.update(kwargs)
    def __len__(self):
        return len(self.data)
    def __getitem__(self, key):
        if key in self.data:
            return self.data[key]
        if hasattr(self.__class__, "__missing__"):
            return self.__class__.__missing__(self, key)
        raise KeyError(key)
    def __setitem__(self, key, item):
        self.data[key] = item
    def __delitem__(self, key):
        del self.data[key]
    def __iter__(self):
        return iter(self.data)
    def __contains__(self, key):
        return key in self.data
    def get(self, key, default=None):
        if key in self:
            return self[key]
        return default
    def __repr__(self):
        return repr(self.data)
"""


def extend_abstract(abstract: dict[str, ClassValue], collections: dict[str, Value]) -> None:
    """Gives the class values of `collections.abc` their bases, abstract methods and mixin methods."""
    from runfree.interpreter.python_evaluator import PythonEvaluator
    from runfree.interpreter.python_modules import Modules

    module = ModuleValue("collections.abc")
    names = module.env.vars
    for name, klass in abstract.items():
        if name in BASES:
            klass.rebase([abstract[b] for b in BASES[name].split()])
        klass.abstract = frozenset(ABSTRACT.get(name, "").split())
        names[name] = klass
    names["_missing"] = Instance(OBJECT)
    ev: Any = PythonEvaluator(Modules("", "", {}), Budget())
    ev.module, ev.importing = module, 1
    for source in (SOURCE, VIEWS):
        ev.run(lower(source.encode()).body, module.env)
        for name, klass in abstract.items():
            mixin = names.get("_" + name)
            if isinstance(mixin, ClassValue):
                for member, value in mixin.namespace.items():
                    klass.namespace[member] = value
                    inner = ev.function_of(value)
                    if type(inner) is FunctionValue:
                        inner.owner = klass
    for name in ("MappingView", "KeysView", "ItemsView", "ValuesView"):
        # A class of the library from here on, which a dictionary's own views are instances of too.
        names[name].definition, names[name].kind = None, "memory"
        abstract[name] = names[name]
    collections["UserDict"] = names["UserDict"]
