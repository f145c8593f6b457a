"""Names in Java and Go tests that keep them from compiling."""

import pytest

JAVA = "package shop;\n\npublic class Till {\n    public int add(int a) { return a; }\n}\n"
JAVA_HEADER = """\
package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TillTest {
    private Till till = new Till();
    int helper() { return 1; }
}
"""


def java(line):
    return f"@Test\nvoid names() {{\n    {line}\n}}\n"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("assertEquals(1, till.add(missing));", ["undefined-name"]),
        ("assertEquals(1, nothing());", ["undefined-name"]),
        ("assertTrue(till.add(1) == 1);", ["missing-import"]),
        ("List<Integer> xs = null;", ["missing-import"]),
        ("assertEquals(1, till.add(helper()));", []),
        ("int x = 1; assertEquals(x, till.add(x));", []),
        ("java.util.List<Integer> xs = java.util.List.of();", []),
        ("String s = String.valueOf(Sibling.make());", []),
        ("Object o = new Object() { void run() { notify(); inner(); } };", []),
        ("Runnable r = () -> { int deep = 1; helper(); deep++; };", []),
        ("getClass();", []),
    ],
)
def test_java(codes, line, found):
    assert codes("java", JAVA, java(line), JAVA_HEADER) == found


def test_java_is_silent_where_names_can_come_from_elsewhere(codes):
    line = java("assertEquals(1, missing + nothing());")
    assert (
        codes("java", JAVA, line, JAVA_HEADER.replace("class TillTest", "class TillTest extends Base")) == []
    )
    wildcard = JAVA_HEADER.replace("Assertions.assertEquals", "Assertions.*")
    assert codes("java", JAVA, line, wildcard) == []
    utilities = JAVA_HEADER.replace("import org", "import java.util.*;\nimport org")
    assert codes("java", JAVA, java("List<Integer> xs = null;"), utilities) == []


def test_java_classes_of_the_own_package_need_no_import(codes):
    existing = JAVA_HEADER.replace("int helper", "@Test void old() { Predicate p = null; }\n    int helper")
    assert codes("java", JAVA, java("Predicate p = null;"), existing) == []
    assert codes("java", JAVA, java("Predicate p = null;"), JAVA_HEADER) == ["missing-import"]


GO = "package shop\n\nfunc Double(x int) int { return 2 * x }\n"
GO_HEADER = 'package shop\n\nimport (\n\t"fmt"\n\t"testing"\n)\n\nfunc TestOld(t *testing.T) { fmt.Println(elsewhere) }\n'


def go(*lines):
    return "func TestX(t *testing.T) {\n" + "".join(f"\t{line}\n" for line in lines) + "}\n"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["t.Log(strings.ToUpper(fmt.Sprint(Double(1))))"], ["missing-import"]),
        (["got := Double(1)"], ["unused-variable"]),
        (["var want int", "got := Double(1)", "t.Log(got)"], ["unused-variable"]),
        (["for i, x := range []int{1} { t.Log(x) }"], ["unused-variable"]),
        (["got, err := 1, error(nil) // got", "t.Log(err)"], ["unused-variable"]),
        (["got := Double(1)", "if got != 2 { t.Fatal(got) }"], []),
        (["q := '\"'", 'r := "q"', "t.Log(q, r)"], []),
        (["_, x := 1, 2", "t.Log(x)"], []),
        (["strings := 1", "t.Log(strings)"], []),
    ],
)
def test_go(codes, lines, found):
    assert codes("go", GO, go(*lines), GO_HEADER) == found


def test_go_names_that_another_file_may_define_are_only_mentioned(codes):
    candidate = go("t.Log(unheard, Double(elsewhere))")
    assert codes("go", GO, candidate, GO_HEADER) == []
    assert codes("go", GO, candidate, GO_HEADER, weights=("info",)) == ["unresolved-name"]
    context = (("shop/other.go", "package shop\n\nvar unheard = 1\n"),)
    assert codes("go", GO, candidate, GO_HEADER, weights=("info",), context=context) == []


def test_go_imports_that_only_the_candidate_brings_and_nothing_uses(codes):
    header = 'package shop\n\nimport (\n\t"os"\n\t"strings"\n\t"testing"\n)\n\n'
    assert codes("go", GO, header + go("t.Log(strings.ToUpper(os.Args[0]))"), GO_HEADER) == []
    assert codes("go", GO, header + go("t.Log(strings.ToUpper(`os.Args`))"), GO_HEADER) == ["unused-import"]


def test_go_functions_defined_twice(codes):
    candidate = "func Double(x int) int { return x }\n\n" + go("t.Log(Double(1))")
    assert codes("go", GO, candidate, GO_HEADER) == ["duplicate-name"]


def test_a_go_file_with_an_idle_import_does_not_compile_as_it_was_given(codes):
    """The file it is put into uses the import; the file that was given does not."""
    focal = "package shop\n\nfunc Add(a int) int { return a }\n"
    existing = (
        'package shop\n\nimport (\n\t"strings"\n\t"testing"\n)\n\n'
        'func TestUpper(t *testing.T) {\n\tif strings.ToUpper("a") != "A" {\n\t\tt.Fatal()\n\t}\n}\n'
    )
    test = "func TestAdd(t *testing.T) {\n\tif Add(1) != 1 {\n\t\tt.Fatal()\n\t}\n}\n"
    whole = 'package shop\n\nimport (\n\t"strings"\n\t"testing"\n)\n\n' + test
    assert codes("go", focal, whole, existing) == ["unused-import"]
    assert codes("go", focal, whole.replace('\t"strings"\n', ""), existing) == []
    assert codes("go", focal, test, existing) == []
