import pytest

from runfree.model.focal_index import focal_index
from runfree.model.reach import REACH_FEATURES, UNREACHED, reach
from runfree.model.test_view import test_view as view_of
from runfree.syntax.parse import parse

FOCAL = {
    "python": """\
class Stack:
    def __init__(self):
        self.items = []

    def push(self, item):
        self.grow()
        self.items.append(item)

    def grow(self):
        pass

    def __len__(self):
        return len(self.items)

class Queue:
    def push(self, item):
        pass

def unused():
    pass
""",
    "go": """\
package stack

type Stack struct{ items []int }

func New() *Stack { return &Stack{} }

func (s *Stack) Push(item int) {
	s.grow()
	s.items = append(s.items, item)
}

func (s *Stack) grow() {}

type Queue struct{}

func (q *Queue) Push(item int) {}

func unused() {}
""",
    "java": """\
package a;

class Stack {
    private int size;
    Stack() { size = 0; }
    void push(int item) { grow(); size++; }
    private void grow() { }
    static void unused() { }
}
""",
}
SUITE = {
    "python": "def make():\n    return Stack()\n\ndef test_push():\n    stack = make()\n    stack.push(1)\n    assert len(stack) == 1\n",
    "go": 'package stack\n\nimport "testing"\n\nfunc TestPush(t *testing.T) {\n\ts := New()\n\ts.Push(1)\n\tif len(s.items) != 1 {\n\t\tt.Fatal("no")\n\t}\n}\n',
    "java": "package a;\n\nclass StackTest {\n    @Test\n    void pushes() {\n        Stack stack = new Stack();\n        stack.push(1);\n    }\n}\n",
}


def distances(language):
    index = focal_index(parse(language, FOCAL[language]))
    suite = parse(language, SUITE[language])
    reached = reach(view_of(suite, suite.tests[0]), index)
    return {
        f.qualified_name.replace("::", "."): dict(zip(REACH_FEATURES, row.tolist(), strict=True))
        for f, row in zip(index.functions, reached.features, strict=True)
    }


def test_python_direct_helper_and_implicit_calls():
    found = distances("python")
    assert found["Stack.push"]["distance"] == 0
    assert found["Stack.grow"]["distance"] == 1
    assert found["Stack.__init__"]["distance"] == 0
    assert found["Stack.__init__"]["through_helper"] == 1
    assert found["Stack.__len__"]["distance"] == 0
    assert found["unused"]["distance"] == UNREACHED


@pytest.mark.parametrize(
    ("language", "method", "inner"), [("go", "Stack.Push", "Stack.grow"), ("java", "push", "grow")]
)
def test_other_languages(language, method, inner):
    found = distances(language)
    assert found[method]["distance"] == 0
    assert found[inner]["distance"] == 1
    assert next(v for k, v in found.items() if k.endswith("unused"))["distance"] == UNREACHED


def test_the_receiver_tells_methods_of_one_name_apart():
    found = distances("go")
    assert found["Stack.Push"]["receiver_known"] == 1
    assert found["Queue.Push"]["distance"] == UNREACHED
