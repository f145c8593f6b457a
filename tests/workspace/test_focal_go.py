TEST = """package cart

import "testing"

func TestA(t *testing.T) {
	if Total(nil) != 0 {
		t.Error("no")
	}
}
"""


def test_by_name(focal_of):
    files = {"cart/total_test.go": TEST, "cart/total.go": "package cart\n", "cart/other.go": "package cart\n"}
    assert focal_of(files, "cart/total_test.go") == ("cart/total.go", "named like the test file")


def test_by_name_without_a_qualifier(focal_of):
    files = {"cart/total_internal_test.go": TEST, "cart/total.go": "package cart\n"}
    assert focal_of(files, "cart/total_internal_test.go")[0] == "cart/total.go"


def test_file_of_the_package_that_is_used_most(focal_of):
    files = {
        "cart/all_test.go": TEST,
        "cart/a.go": "package cart\n\nfunc Rate() int { return 1 }\n",
        "cart/b.go": "package cart\n\nfunc Total(x []int) int { return 0 }\n",
        "other/c.go": "package other\n\nfunc Total(x []int) int { return 0 }\n",
    }
    found, reason = focal_of(files, "cart/all_test.go")
    assert found == "cart/b.go"
    assert "use most" in reason


def test_only_file(focal_of):
    files = {"cart/all_test.go": TEST, "cart/a.go": "package cart\n\nfunc Rate() int { return 1 }\n"}
    assert focal_of(files, "cart/all_test.go") == ("cart/a.go", "the package's only file")


def test_not_found(focal_of):
    assert focal_of({"cart/all_test.go": TEST, "a.go": "package a\n"}, "cart/all_test.go")[0] is None
