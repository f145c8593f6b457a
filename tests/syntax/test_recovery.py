"""A syntax error hides nothing but itself."""

import pytest
import tree_sitter_python
from tree_sitter import Language, Parser

from runfree.syntax.recovery import only_method, recover

GOOD = b"import os\n\n\ndef test_a():\n    pass\n\n\ndef test_b():\n    pass\n"


def recovered(data):
    parser = Parser(Language(tree_sitter_python.language()))
    return recover(parser, data, parser.parse(data).root_node)


def definitions(root):
    return sum(child.type == "function_definition" for child in root.named_children)


def test_sound_text_is_left_alone():
    text, root, lines = recovered(GOOD)
    assert (text, definitions(root), lines) == (GOOD, 2, ())


@pytest.mark.parametrize(
    "broken",
    [
        GOOD.replace(b"import os", b"from os importpath"),
        GOOD.replace(b"    pass\n\n", b'    x = """open\n    y = 1\n\n', 1),
        GOOD.replace(b"import os", b"x = [1,\n(("),
    ],
)
def test_what_cannot_be_parsed_is_blanked(broken):
    text, root, lines = recovered(broken)
    assert definitions(root) == 2
    assert len(text) == len(broken)
    assert text.count(b"\n") == broken.count(b"\n")
    for line in lines:
        assert not text.split(b"\n")[line - 1].strip()
        assert broken.split(b"\n")[line - 1].strip()


JAVA = """\
import a.B;
class T {{{
    @Test
    @Slow
    void wanted() {
        if (x) { y(); }
    }

    void other() {}
"""


def test_a_java_method_is_cut_out_on_its_lines():
    text = only_method(JAVA, "wanted")
    lines = text.split("\n")
    assert lines[0] == "import a.B;"
    assert lines[1] == ""
    assert lines[2:7] == JAVA.split("\n")[2:7]
    assert "other" not in text
    assert len(lines) == len(JAVA.split("\n"))


def test_a_method_that_is_not_there_changes_nothing():
    assert only_method(JAVA, "missing") == JAVA
    assert only_method(JAVA, "") == JAVA
