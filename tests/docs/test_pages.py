from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from runfree.config import CODES, Settings, flatten
from runfree.lsp.unused import UNUSED
from runfree.render.diagnostics import documentation_url
from runfree.render.json import prediction_json
from runfree.sample import Prediction

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(("key", "default"), flatten(Settings()))
def test_every_setting_is_described_with_its_default(key: str, default: object) -> None:
    rows = [row for row in (DOCS / "settings.md").read_text().splitlines() if row.startswith(f"| `{key}`")]
    assert len(rows) == 1
    written = rows[0].split("|")[2].strip().strip("`").replace(",", "")
    if default is None:
        assert written == "the model's"
    else:
        shown = {"()": "[]", "mappingproxy({})": "{}"}.get(repr(default), json.dumps(default, default=str))
        assert written == shown


def test_no_setting_is_described_that_does_not_exist() -> None:
    known = {key for key, _ in flatten(Settings())}
    described = re.findall(r"^\| `([\w.]+)`", (DOCS / "settings.md").read_text(), re.MULTILINE)
    assert set(described) == known


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_page_with_its_severity(code: str) -> None:
    page = (DOCS / "codes" / f"{code}.md").read_text()
    assert page.startswith(f"# {code}: ")
    assert f"Default severity: `{getattr(Settings().severities, code)}`" in page
    assert f"ignore[{code}]" in page


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    written = {path.stem for path in (DOCS / "codes").glob("*.md")}
    assert written == {*CODES, UNUSED}
    for code in written:
        page = Path(
            url2pathname(urlsplit(documentation_url(code)).path)
        )  # in the checkout, or in the installed package
        assert page.read_text(encoding="utf-8") == (DOCS / "codes" / f"{code}.md").read_text(encoding="utf-8")


def test_every_code_is_listed_on_the_front_page() -> None:
    linked = re.findall(r"\(docs/codes/(RF\d+)\.md\)", (DOCS.parent / "README.md").read_text())
    assert sorted(linked) == sorted([*CODES, UNUSED])


def test_the_json_example_has_the_keys_of_a_report() -> None:
    text = (DOCS / "json.md").read_text()
    example = json.loads(text.split("```json\n")[1].split("```")[0])
    test = example["files"][0]["tests"][0]
    shared = prediction_json(Prediction(0.5, 0.1, 0.1))
    assert set(shared) | {"name", "line", "diagnostics", "unsure", "skipped"} == set(test)
    assert example["schema"] == 1


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda p: p.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        if "models/rmrf" not in target:  # the model card is made with the model
            assert (page.parent / target).exists(), target
