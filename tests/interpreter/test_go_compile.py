"""Go that does not compile is told with its reason; two instances of a generic type are not taken for a mistake."""

from __future__ import annotations

import pytest

from runfree.interpreter import Answers, analyse_test

FOCAL = """\
package shop

func Parse(s string) (int, error) {
	return len(s), nil
}

func One() int {
	return one()
}

func one() int {
	return 1
}

type bag[T comparable] map[T]struct{}

func (b *bag[T]) Equal(other bag[T]) bool {
	return len(*b) == len(other)
}

func NewBag[T comparable](items ...T) *bag[T] {
	made := make(bag[T])
	for _, item := range items {
		made[item] = struct{}{}
	}
	return &made
}
"""
INSIDE = '"testing"'
OUTSIDE = '"testing"\n\n\t"example.com/shop"'


def read(body: str, package: str = "shop", imports: str = INSIDE, more: str = "") -> Answers:
    suite = (
        f"package {package}\n\nimport (\n\t{imports}\n)\n\nfunc TestIt(t *testing.T) {{\n{body}\n}}\n{more}"
    )
    return analyse_test("go", FOCAL, suite, "TestIt", "shop/shop.go", "shop/shop_test.go")


@pytest.mark.parametrize(
    ("body", "package", "imports", "reason"),
    [
        ('\tn := Parse("a")\n\t_ = n', "shop", INSIDE, "types do not match"),
        ("\tn, err := One()\n\t_, _ = n, err", "shop", INSIDE, "types do not match"),
        ('\tif One() != "x" {\n\t\tt.Fatal()\n\t}', "shop", INSIDE, "types do not match"),
        ("\tn := shop.one()\n\t_ = n", "shop_test", OUTSIDE, "shop.one is not exported"),
        ("\tt.Run(\"x\", func(t *testing.T) { _ = shop.one() })", "shop_test", OUTSIDE, "shop.one is not exported"),
        ("\tif actual != One() {\n\t\tt.Fatal()\n\t}", "shop", INSIDE, "actual is not defined"),
        ("\tn := 1", "shop", INSIDE, "n is declared and not used"),
    ],
)  # fmt: skip
def test_what_does_not_compile_is_told(body: str, package: str, imports: str, reason: str) -> None:
    more = "\nfunc TestOther(t *testing.T) {\n\tactual, err := 1, 2\n\t_, _ = actual, err\n}\n"
    answers = read(body, package, imports, more)
    assert answers.outcome == "fails"
    assert answers.sentence == "does not compile: " + reason


@pytest.mark.parametrize(
    ("body", "package", "imports"),
    [
        ('\tn, err := Parse("a")\n\tif n != 1 || err != nil {\n\t\tt.Fatal()\n\t}', "shop", INSIDE),
        ("\tif one() != shop.One() {\n\t\tt.Fatal()\n\t}", "shop_test", OUTSIDE),
        ("\tshop := struct{ one int }{1}\n\tif shop.one != 1 {\n\t\tt.Fatal()\n\t}", "shop", INSIDE),
        ('\tif !NewBag("a").Equal(*NewBag("b")) {\n\t\tt.Fatal()\n\t}', "shop", INSIDE),
    ],
)  # fmt: skip
def test_what_compiles_is_not_refused(body: str, package: str, imports: str) -> None:
    more = "\nfunc one() int {\n\treturn 1\n}\n" if package == "shop_test" else ""
    assert read(body, package, imports, more).outcome != "fails"


def test_a_name_of_another_file_may_be_a_variable_of_the_package() -> None:
    assert read("\tif actual != One() {\n\t\tt.Fatal()\n\t}").outcome == "unknown"


def test_what_formatting_calls_unmentioned_is_possible() -> None:
    focal = (
        "package shop\n\ntype Size int\n\nfunc (s Size) String() string {\n\treturn name(s)\n}\n\n"
        'func name(s Size) string {\n\treturn "size"\n}\n\nfunc Make() Size {\n\treturn 3\n}\n'
    )
    suite = (
        'package shop\n\nimport (\n\t"testing"\n\n\t"example.com/check"\n)\n\n'
        "func TestIt(t *testing.T) {\n\tcheck.Zero(t, Make())\n}\n"
    )
    answers = analyse_test("go", focal, suite, "TestIt", "shop/shop.go", "shop/shop_test.go")
    assert answers.line_grades[6] > 0
    assert answers.line_grades[10] > 0


@pytest.mark.parametrize(
    "body",
    [
        "\txs := []int{2, 1}\n\tslices.SortFunc(xs, nil)\n\tif xs[0] != 1 {\n\t\tt.Fatal()\n\t}",
        '\tvar n int\n\tjson.Unmarshal([]byte("3"), &n)\n\tif n != 3 {\n\t\tt.Fatal()\n\t}',
    ],
)
def test_what_unknown_code_was_given_is_unknown(body: str) -> None:
    answers = read(
        body,
        imports='"encoding/json"\n\t"slices"\n\t"testing"',
        more="\nvar _, _ = json.Marshal, slices.Max[[]int]\n",
    )
    assert answers.outcome == "unknown"
    assert answers.likely != "fails"


def test_a_giant_constant_in_a_comparison_is_no_mistake() -> None:
    answers = read("\tvar n uint64\n\tif n != 9223372036854775809 {\n\t\tt.Fatal()\n\t}")
    assert answers.outcome == "fails"
    assert "compile" not in answers.sentence
