import json

import jsonschema
import pytest

from runfree.render.json import dumps, from_stored, report_json, to_stored
from runfree.sample import Evidence, NewLine, Prediction

PROBABILITY = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
PLACE = {"type": "integer", "minimum": 1}
TEXT = {"type": "string"}


def record(**properties):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def many(item):
    return {"type": "array", "items": item}


SCHEMA = record(
    schema={"const": 1},
    model={"type": "object"},
    files=many(
        record(
            path=TEXT,
            language={"enum": ["python", "java", "go", None]},
            focal_path={"type": ["string", "null"]},
            tests=many(
                record(
                    name=TEXT,
                    line=PLACE,
                    passes=PROBABILITY,
                    coverage_gain=PROBABILITY,
                    mutation_gain=PROBABILITY,
                    new_lines=many(record(line=PLACE, probability=PROBABILITY)),
                    evidence=many(
                        record(code=TEXT, message=TEXT, path=TEXT, line={"type": "integer", "minimum": 0})
                    ),
                    diagnostics=many(
                        record(
                            code={"pattern": "^RF0[0-9]{2}$"},
                            severity={"enum": ["error", "warning", "information", "hint"]},
                            message=TEXT,
                            line=PLACE,
                            column=PLACE,
                            end_line=PLACE,
                            end_column=PLACE,
                        )
                    ),
                    unsure={"type": "boolean"},
                    skipped={"type": ["string", "null"]},
                )
            ),
            skipped={"type": ["string", "null"]},
        )
    ),
)


def test_schema_one(report, skipped_report):
    value = json.loads(dumps(report_json([report, skipped_report], {"id": "m"})))
    jsonschema.validate(value, SCHEMA)
    first, second = value["files"]
    assert first["path"] == "tests/test_cart.py"
    assert first["focal_path"] == "cart.py"
    assert [d["code"] for t in first["tests"] for d in t["diagnostics"]] == ["RF001", "RF002", "RF003"]
    assert second["tests"] == []
    assert "not UTF-8" in second["skipped"]


def test_columns_are_one_based_characters(report):
    value = report_json([report], {})
    (found,) = value["files"][0]["tests"][1]["diagnostics"]
    line = report.text.split("\n")[found["line"] - 1]
    assert line[found["column"] - 1 : found["end_column"] - 1] == line.strip()


def test_evidence_paths_are_as_shown(folder, scorer, monkeypatch):
    from runfree.check import check_file
    from runfree.workspace import Workspace

    file = Workspace().examine(folder / "tests" / "test_cart.py")
    report = check_file(file, scorer, None, folder / "tests")
    value = report_json([report], {})["files"][0]
    assert (value["path"], value["focal_path"]) == ("test_cart.py", "../cart.py")
    assert value["tests"][1]["evidence"][0]["path"] == "test_cart.py"


PREDICTION = Prediction(
    0.9,
    0.5,
    0.25,
    (NewLine(3, 0.75),),
    (Evidence("c", "m", "p", 3, 1, 9, "fails", "focal"),),
    unsure=True,
    calibrated=False,
    similar_test="t",
    notes=("n",),
)


def test_stored_and_back():
    assert from_stored(to_stored(PREDICTION)) == PREDICTION


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"passes":0.9', b'"passes":1.5'),
        (b'"passes":0.9', b'"passes":true'),
        (b'"passes":0.9', b'"passes":"0.9"'),
        (b'"passes":0.9,', b""),
        (b'"fails"', b'"other"'),
        (b'"focal"', b'"/etc"'),
        (b"[3,0.75]", b"[-3,0.75]"),
        (b"[3,0.75]", b"[3]"),
        (b'"t"', b"7"),
        (b'["n"]', b"[7]"),
    ],
)
def test_altered_bytes_are_refused(old, new):
    data = to_stored(PREDICTION)
    assert old in data
    with pytest.raises(ValueError, match="not a stored prediction"):
        from_stored(data.replace(old, new))
