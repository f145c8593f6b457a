"""Every way of giving a candidate comes to one form."""

import pytest

from runfree.canonical import canonical, file_cases
from runfree.errors import RunfreeError
from runfree.sample import Sample

FOCAL = {
    "python": "def double(x):\n    return 2 * x\n",
    "java": "package shop;\n\npublic class Till {\n    int twice(int x) { return 2 * x; }\n}\n",
    "go": "package shop\n\nfunc Double(x int) int { return 2 * x }\n",
}
PYTHON = '''\
"""Tests of the till."""
import pytest

from shop.till import double

BASE = 4


@pytest.fixture
def four():
    return BASE


def helper(x):
    return x + 1


def test_old(four):
    assert double(four) == 8
'''
PYTHON_TEST = """\
@pytest.mark.slow
def test_new(four):
    assert double(helper(four)) == 10
"""
JAVA = """\
package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TillTest {
    private final Till till = new Till();

    int five() { return 5; }

    @Test
    void old() {
        assertEquals(2, till.twice(1));
    }
}
"""
JAVA_TEST = """\
    @Test
    void fresh() {
        assertEquals(10, till.twice(five()));
    }
"""
GO = """\
package shop

import (
	"testing"
)

func five() int { return 5 }

func TestOld(t *testing.T) {
	if Double(1) != 2 {
		t.Fatal("bad")
	}
}
"""
GO_TEST = """\
func TestNew(t *testing.T) {
	if Double(five()) != 10 {
		t.Fatal("bad")
	}
}
"""
EXISTING = {"python": PYTHON, "java": JAVA, "go": GO}
TEST = {"python": PYTHON_TEST, "java": JAVA_TEST, "go": GO_TEST}
OLD = {"python": "test_old", "java": "old", "go": "TestOld"}
NEW = {"python": "test_new", "java": "fresh", "go": "TestNew"}


def whole_file(language):
    """The existing file with the new test in it, after its old one."""
    if language == "java":
        return JAVA.rstrip().removesuffix("}") + "\n" + JAVA_TEST + "}\n"
    return EXISTING[language] + "\n\n" + TEST[language]


def case(language, existing, candidate, name="", **more):
    return canonical(Sample(language, FOCAL[language], existing, candidate, name, **more))


def shape(case):
    """What features are made of: everything but places."""
    return (
        " ".join(case.suite.text.split()),
        case.candidate.qualified_name,
        [t.qualified_name for t in case.existing],
        [f.qualified_name for f in case.suite.functions],
        [(i.module, i.name) for i in case.suite.imports],
        case.new_imports,
        case.missing_names,
        case.error_lines,
    )


@pytest.mark.parametrize("language", ["python", "java", "go"])
def test_bare_function_and_whole_file_are_one_sample(language):
    bare = case(language, EXISTING[language], TEST[language])
    whole = case(language, EXISTING[language], whole_file(language), NEW[language])
    assert shape(bare) == shape(whole)
    assert bare.candidate.qualified_name == NEW[language]
    assert [t.qualified_name for t in bare.existing] == [OLD[language]]


@pytest.mark.parametrize("language", ["python", "java", "go"])
def test_an_older_version_is_replaced(language):
    older = whole_file(language).replace("10", "11")
    replaced = case(language, older, TEST[language], NEW[language])
    assert shape(replaced) == shape(case(language, EXISTING[language], TEST[language]))
    assert "11" not in replaced.suite.text


@pytest.mark.parametrize("language", ["python", "java", "go"])
def test_without_existing_tests_the_file_stands_alone(language):
    alone = case(language, "", whole_file(language), NEW[language])
    assert alone.existing == ()
    assert [t.name for t in alone.suite.tests] == [NEW[language]]
    assert len(alone.suite.imports) == len(case(language, EXISTING[language], TEST[language]).suite.imports)


@pytest.mark.parametrize("language", ["python", "java", "go"])
@pytest.mark.parametrize("existing", ["", "whole"])
def test_lines_lead_back_to_the_text_as_given(language, existing):
    given = "\n\n" + whole_file(language)
    merged = case(language, EXISTING[language] if existing else "", given, NEW[language])
    line = merged.candidate.name_span.start_line + merged.candidate_offset
    column = merged.candidate.name_span.start_column + merged.candidate_shift
    assert given.split("\n")[line - 1][column:].startswith(NEW[language])


@pytest.mark.parametrize("language", ["python", "java", "go"])
def test_an_unreadable_existing_file_is_survived(language):
    broken = EXISTING[language] + '\n((("""\n'
    assert case(language, broken, TEST[language]).candidate.name == NEW[language]
    assert case(language, "{{{ \x00 ((", TEST[language]).candidate.name == NEW[language]


def test_the_named_test_is_taken_else_the_last():
    both = PYTHON + "\n\n" + PYTHON_TEST
    assert case("python", "", both).candidate.name == "test_new"
    assert case("python", "", both, "test_old").candidate.name == "test_old"
    assert case("python", "", both, "test_new[1-2]").candidate.name == "test_new"


@pytest.mark.parametrize(
    ("candidate", "name", "message"),
    [
        ("x = 1\n", "", "no test function"),
        ("", "", "no test function"),
        (PYTHON_TEST, "test_other", "no test named 'test_other'; it holds test_new"),
    ],
)
def test_no_such_test_is_told(candidate, name, message):
    with pytest.raises(RunfreeError, match=message):
        case("python", PYTHON, candidate, name)


def test_new_imports_and_helpers_come_along():
    candidate = "import math\n\nSIZE = 9\n\n\ndef aid():\n    return math.sqrt(SIZE)\n\n\n" + PYTHON_TEST
    merged = case("python", PYTHON, candidate)
    assert {"math", "aid", "SIZE", "helper", "BASE"} <= merged.suite.module_names
    assert merged.new_imports == {"math"}
    lines = merged.suite.text.split("\n")
    assert lines.index("import math") == lines.index("from shop.till import double") + 1


def test_a_helper_of_the_same_name_replaces_the_existing_one():
    candidate = "def helper(x):\n    return x - 1\n\n\n" + PYTHON_TEST
    merged = case("python", PYTHON, candidate)
    assert merged.suite.text.count("def helper") == 1
    assert "return x - 1" in merged.suite.text


def test_other_tests_of_the_candidates_file_are_dropped():
    candidate = "def test_third():\n    assert double(1) == 2\n\n\n" + PYTHON_TEST
    merged = case("python", PYTHON, candidate, "test_new")
    assert [t.name for t in merged.suite.tests] == ["test_old", "test_new"]


CLASSES = """\
import unittest


class TillTest(unittest.TestCase):
    def setUp(self):
        self.x = 1

    def test_old(self):
        self.assertEqual(1, self.x)


def later():
    return 1
"""
METHOD = '''\
    @mark
    def test_new(self):
        """Says
    more."""
        text = """a
  b"""
        self.assertEqual(2, self.x)
'''


def test_a_bare_method_joins_the_only_test_class():
    forms = [
        METHOD,
        METHOD.strip(),
        "\n".join(line.removeprefix("    ") for line in METHOD.split("\n")),
        "import unittest\n\n\nclass TillTest(unittest.TestCase):\n" + METHOD,
    ]
    cases = [case("python", CLASSES, form) for form in forms]
    for merged in cases:
        assert merged.candidate.qualified_name == "TillTest::test_new"
        assert [f.qualified_name for f in merged.suite.functions][-1] == "later"
        assert not merged.suite.error_lines
    assert len({str(shape(merged)) for merged in cases}) == 1


def test_a_method_named_with_its_class_goes_there():
    two = CLASSES + "\n\nclass OtherTest(unittest.TestCase):\n    def test_x(self):\n        pass\n"
    merged = case("python", two, METHOD, "OtherTest::test_new")
    assert merged.candidate.qualified_name == "OtherTest::test_new"
    fresh = case("python", two, METHOD, "TestThird::test_new")
    assert fresh.candidate.qualified_name == "TestThird::test_new"
    assert len(fresh.existing) == 2


def test_a_new_class_comes_with_its_setup_and_without_its_other_tests():
    candidate = CLASSES.replace("TillTest", "TestNew").replace("test_old", "test_gone") + ""
    candidate = candidate.replace("\n\ndef later", METHOD + "\n\ndef later")
    merged = case("python", PYTHON, candidate, "TestNew::test_new")
    assert merged.candidate.qualified_name == "TestNew::test_new"
    assert "test_gone" not in merged.suite.text
    assert "self.x = 1" in merged.suite.text


def test_java_nested_classes_and_fragments():
    nested = JAVA.rstrip().removesuffix("}") + "    @Nested class Deep {\n" + JAVA_TEST + "    }\n}\n"
    merged = case("java", JAVA, nested, "Deep.fresh")
    assert merged.candidate.qualified_name == "Deep.fresh"
    again = case("java", nested, JAVA_TEST.replace("10", "12"), "Deep.fresh")
    assert again.candidate.qualified_name == "Deep.fresh"
    assert "10" not in again.suite.text
    fragment = "import java.util.List;\n\nprivate int six = 6;\n\n" + JAVA_TEST
    brought = case("java", JAVA, fragment)
    assert brought.new_imports == {"List"}
    assert "six" in brought.suite.text
    assert not brought.suite.error_lines


def test_go_imports_of_dropped_tests_stay_behind():
    candidate = (
        'package shop\n\nimport (\n\t"strings"\n\t"testing"\n\t"os"\n)\n\n' + GO_TEST + "\n"
        'func TestThird(t *testing.T) {\n\tstrings.ToUpper("x")\n}\n'
    )
    merged = case("go", GO, candidate, "TestNew")
    assert merged.new_imports == {"os"}  # used by nothing: it would not compile as given either
    assert [t.name for t in merged.suite.tests] == ["TestOld", "TestNew"]
    assert not merged.suite.error_lines


def test_a_whole_file_that_lacks_an_import_says_so():
    whole = whole_file("python").replace("from shop.till import double\n", "")
    assert case("python", PYTHON, whole, "test_new").missing_names == {"double"}
    assert case("python", PYTHON, PYTHON_TEST).missing_names == frozenset()


def test_a_broken_header_does_not_hide_the_test():
    whole = whole_file("python").replace("from shop.till import double", "from shop.till importdouble")
    merged = case("python", PYTHON, whole, "test_new")
    assert merged.error_lines == (4,)
    java = (
        whole_file("java")
        .replace("class TillTest {", "class TillTest")
        .replace("void old() {", "void old( {")
    )
    assert case("java", JAVA, java, "fresh").candidate.name == "fresh"


def test_cases_of_a_file_credit_the_first_test():
    text = PYTHON + "\n\n" + PYTHON_TEST + "\n\ndef test_last():\n    pass\n"
    cases = file_cases("python", FOCAL["python"], text, ["test_last", "test_new", "test_unknown"])
    assert [c.candidate.name for c in cases] == ["test_new", "test_last"]
    assert [[t.name for t in c.existing] for c in cases] == [["test_old"], ["test_old", "test_new"]]
    assert cases[0].suite is cases[1].suite
    everything = file_cases("python", FOCAL["python"], text, ["test_new"], everything=True)
    assert [[t.name for t in c.existing] for c in everything] == [["test_old", "test_last"]]


def test_a_file_case_reads_as_the_sample_does():
    text = whole_file("python")
    (of_file,) = file_cases("python", FOCAL["python"], text, ["test_new"], focal_path="shop/till.py")
    of_sample = case("python", PYTHON, PYTHON_TEST, focal_path="shop/till.py")
    assert of_file.candidate.text == of_sample.candidate.text
    assert [t.text for t in of_file.existing] == [t.text for t in of_sample.existing]
    assert of_file.candidate_offset == 0


def test_an_oversized_text_is_refused():
    with pytest.raises(RunfreeError, match="larger than"):
        case("python", "#" * 2_000_000, PYTHON_TEST)


def test_a_class_whose_body_ends_in_a_brace_takes_another_method():
    existing = CLASSES.replace(
        "self.assertEqual(1, self.x)", "self.assertEqual(1, self.x)\n        y = {\n        }"
    )
    merged = case("python", existing, METHOD)
    assert merged.candidate.qualified_name == "TillTest::test_new"
    assert [t.name for t in merged.existing] == ["test_old"]
    assert not merged.suite.error_lines
