import json

from runfree.render.sarif import sarif


def test_what_the_standard_requires(report, skipped_report):
    log = json.loads(json.dumps(sarif([report, skipped_report], "1.2", "model 1")))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("runfree", "1.2")
    assert run["columnKind"] == "unicodeCodePoints"
    for rule in driver["rules"]:
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["name"].isalnum()
    assert [r["ruleId"] for r in run["results"]] == ["RF001", "RF002", "RF003"]
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        region = location["physicalLocation"]["region"]
        assert region["startLine"] >= 1
        assert region["endColumn"] > region["startColumn"] >= 1
        assert location["physicalLocation"]["artifactLocation"] == {"uri": "tests/test_cart.py"}
    assert [r["level"] for r in run["results"]] == ["warning", "note", "note"]
    related = run["results"][1]["relatedLocations"]
    assert related[0]["physicalLocation"]["artifactLocation"] == {"uri": "tests/test_cart.py"}
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "not UTF-8" in notification["message"]["text"]


def test_fingerprints_differ_and_stay(report):
    def prints():
        (run,) = sarif([report], "1", "m")["runs"]
        return [r["partialFingerprints"]["runfreeTest/v1"] for r in run["results"]]

    assert prints() == prints()
    assert len(set(prints())) == 3


def test_paths_are_uris(report):
    from dataclasses import replace

    (run,) = sarif([replace(report, path="a b/ü%.py")], "1", "m")["runs"]
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "a%20b/%C3%BC%25.py"
