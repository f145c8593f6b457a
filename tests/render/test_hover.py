from runfree.render.hover import bar, escape, hover_markdown
from runfree.render.thresholds import Thresholds
from runfree.sample import Evidence, NewLine, Prediction


def markdown(prediction, **more):
    return hover_markdown(
        "test_a",
        prediction,
        Thresholds({"RF001": {"default": 0.3}}),
        "go",
        model_id="rmrf 1.0 (abcd)",
        focal_path="shop/cart.py",
        **more,
    )


def test_everything_is_there():
    prediction = Prediction(
        0.93,
        0.71,
        0.4,
        (NewLine(3, 0.9), NewLine(4, 0.8), NewLine(9, 0.2)),
        (Evidence("x", "reaches the empty branch", line=3, where="focal", weight="new"),),
        similar_test="test_b",
    )
    text = markdown(prediction)
    for part in (
        "**`test_a`**: likely passes",
        "`█████████░ \N{NO-BREAK SPACE}93%` passes  \n",
        "`███████░░░ \N{NO-BREAK SPACE}71%` new coverage  \n",
        "- Reaches the empty branch (focal line 3)",
        "Lines of `shop/cart.py` expected to be newly covered: 3-4.",
        "Most similar test: `test_b`.",
        "beyond this test file",
        "Predicted by rmrf 1.0 (abcd) without running anything; calibrated for Go.",
    ):
        assert part in text


def test_uncalibrated_unsure_stale():
    text = markdown(Prediction(0.9, 0, 0, unsure=True, calibrated=False, notes=("cut short",)), stale=True)
    assert "not calibrated for Go" in text
    assert "(unsure)" in text
    assert "from before the last edit" in text
    assert "Cut short." in text


def test_text_of_the_file_is_no_markdown():
    hostile = "[click](command:evil) <img src=x onerror=y> ![x](http://x) `code` **bold**\n# head | cell"
    text = markdown(Prediction(0.1, 0, 0, evidence=(Evidence("x", hostile, line=1, weight="fails"),)))
    (line,) = [line for line in text.split("\n") if "click" in line]
    assert "\\[click\\](command" in line
    assert "&lt;img" in line
    assert "\\*\\*bold" in line
    assert escape("a\n\nb") == "a b"


def test_long_evidence_is_cut():
    evidence = tuple(Evidence("x", f"fact {n}") for n in range(20))
    assert "- and 14 more" in markdown(Prediction(0.9, 0, 0, evidence=evidence))


def test_bars():
    assert [bar(v) for v in (0, 0.5, 1, 2, -1)] == [
        "░" * 10,
        "█████░░░░░",
        "█" * 10,
        "█" * 10,
        "░" * 10,
    ]
