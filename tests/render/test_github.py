from dataclasses import replace

from runfree.render.github import workflow_commands


def test_one_line_a_finding(report):
    lines = list(workflow_commands([report]))
    assert [line.split(" ")[0] for line in lines] == ["::warning", "::notice", "::notice"]
    assert lines[0] == (
        "::warning file=tests/test_cart.py,line=10,endLine=10,col=5,endColumn=43,"
        "title=RF001 Test likely fails::likely fails: predicted to pass 8%25. Expects 4, but it gives 3."
    )


def test_text_cannot_start_a_command_of_its_own(report):
    (test,) = [t for t in report.tests if t.name == "test_wrong"]
    hostile = replace(test.diagnostics[0], message="a\r\n::error::b")
    changed = replace(report, path="x,y:z\n::.py", tests=(replace(test, diagnostics=(hostile,)),))
    (line,) = workflow_commands([changed])
    assert "\n" not in line
    assert "file=x%2Cy%3Az%0A%3A%3A.py," in line
    assert line.endswith("::a%0D%0A::error::b")
