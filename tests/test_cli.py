"""The command line as its users call it; with a scorer of known answers, so that the model's opinion does not matter."""

import json
import subprocess
import sys

import pytest

import runfree.cli
from runfree.errors import RunfreeError

CART = "def total(prices):\n    return sum(prices)\n"
GOOD = "from cart import total\n\n\ndef test_good():\n    assert total([]) == 0\n"
WRONG = "from cart import total\n\n\ndef test_wrong():\n    assert total([]) == 1\n"
AGAIN = "from cart import total\n\n\ndef test_again():\n    assert total([]) == 0\n"


@pytest.fixture
def run(monkeypatch, capsys, scorer, write):
    """Calls the command in a project: (exit code, standard output, standard error)."""
    folder = write({"cart.py": CART})
    monkeypatch.chdir(folder)
    monkeypatch.setattr(runfree.cli, "load_scorer", lambda: scorer)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["runfree", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            runfree.cli.main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return stopped.value.code, out, err

    return call


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        (GOOD, (), 0),
        (WRONG, (), 1),
        (WRONG, ("--fail-on", "error"), 0),
        (WRONG, ("--fail-on", "never"), 0),
        (AGAIN, (), 0),
        (AGAIN, ("--fail-on", "information"), 1),
    ],
)
def test_exit_codes(run, write, text, options, code):
    write({"test_cart.py": text})
    assert run("check", *options)[0] == code


def test_text(run, write):
    write({"test_cart.py": WRONG})
    _, out, err = run("check", "test_cart.py")
    assert "test_cart.py\n  exercises cart.py\n" in out
    assert "RF001 likely fails" in out
    assert "\x1b" not in out
    assert err == ""


def test_only_new_tests_all_and_since(run, write, commit):
    folder = write({"test_cart.py": GOOD})
    first = commit(folder)
    (folder / "test_cart.py").write_text(GOOD + WRONG[WRONG.index("\n\n\ndef") :])
    commit(folder)
    code, out, _ = run("check")
    assert (code, "no new tests since HEAD" in out) == (0, True)
    assert run("check", "--since", first)[0] == 1
    code, out, _ = run("check", "--all", "--format", "json")
    assert (code, len(json.loads(out)["files"][0]["tests"])) == (1, 2)


def test_json_sarif_github(run, write):
    write({"test_cart.py": WRONG})
    assert json.loads(run("check", "--format", "json")[1])["model"]["id"] == "known 1 (0000)"
    assert json.loads(run("check", "--format", "sarif")[1])["version"] == "2.1.0"
    assert run("check", "--format", "github")[1].startswith("::warning file=test_cart.py,line=5")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "none.py"), "none.py: no such file or folder."),
        (("check", "--colour"), "No such option"),
        (("check", "--format", "xml"), "'xml' is not one of"),
        (("check", "--all", "--since", "HEAD"), "exclude each other"),
        (("check", "--since", "--output=x"), "is not a git revision"),
        (("score",), "Missing argument"),
        (("score", "none.jsonl"), "none.jsonl: cannot be read: No such file or directory."),
        (("score", "."), "cannot be read: Is a directory."),
        (("score", "in.jsonl", "-o", "in.jsonl"), "would overwrite the input"),
        (("score", "in.jsonl", "-o", "none/out.jsonl"), "cannot be written"),
        (("serve", "--tcp", "nowhere"), "expected HOST:PORT"),
        (("nonsense",), "No such command"),
    ],
)
def test_wrong_usage(run, write, arguments, words):
    write({"in.jsonl": "", "test_cart.py": GOOD})
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert words in err


@pytest.mark.parametrize(
    ("text", "words"), [("scope = 1", "runfree.toml: scope: expected one of"), ("[", "not valid TOML")]
)
def test_wrong_settings(run, write, text, words):
    write({"runfree.toml": text, "test_cart.py": GOOD})
    code, _, err = run("check")
    assert code == 2
    assert words in err


def test_unknown_revision(run, write, commit):
    commit(write({"test_cart.py": GOOD}))
    code, _, err = run("check", "--since", "v9")
    assert code == 2
    assert "git knows no revision 'v9'" in err


def test_model_that_does_not_load(run, write, monkeypatch):
    def refuse():
        raise RunfreeError("model: model.onnx is missing; reinstall runfree")

    write({"test_cart.py": GOOD})
    monkeypatch.setattr(runfree.cli, "load_scorer", refuse)
    code, _, err = run("check")
    assert (code, err) == (2, "runfree: model: model.onnx is missing; reinstall runfree\n")


def test_native_library_that_does_not_load(monkeypatch):
    monkeypatch.setitem(sys.modules, "runfree.scorer", None)
    with pytest.raises(RunfreeError, match="does not load on this machine"):
        runfree.cli.load_scorer()


def test_error_of_its_own_is_one_line(run, write, monkeypatch):
    write({"test_cart.py": GOOD})
    monkeypatch.setattr("runfree.check.check_file", lambda *_: 1 / 0)
    code, _, err = run("check")
    assert code == 2
    assert err.startswith("runfree: an error of its own (ZeroDivisionError")


def test_bad_files_beside_a_good_one(run, write):
    folder = write({"test_cart.py": WRONG, "test_many.py": "", "test_garbage.py": "((((" * 1000})
    (folder / "test_latin.py").write_bytes(b"def test_a(): '\xe9'")
    (folder / "test_binary.py").write_bytes(b"\0\1")
    (folder / "test_huge.py").write_bytes(b"#" * 10_000_000)
    (folder / "test_loop.py").symlink_to("test_loop.py")
    (folder / "test_gone.py").symlink_to("nowhere.py")
    many = "".join(f"def test_{n}():\n    assert total([]) == {n}\n" for n in range(1000))
    (folder / "test_many.py").write_text(f"from cart import total\n{many}")
    code, out, err = run("check", "--format", "json")
    assert (code, err) == (1, "")
    files = {file["path"]: file for file in json.loads(out)["files"]}
    words = {
        "test_binary.py": "binary",
        "test_garbage.py": "",
        "test_gone.py": "leads nowhere",
        "test_huge.py": "too large",
        "test_latin.py": "not UTF-8",
        "test_loop.py": "circle",
    }
    assert all(word in files[name]["skipped"] for name, word in words.items())
    assert files["test_cart.py"]["tests"][0]["diagnostics"][0]["code"] == "RF001"
    skipped = [test["skipped"] for test in files["test_many.py"]["tests"]]
    assert (len(skipped), skipped.count(None)) == (1000, 500)


def test_second_run_is_answered_by_the_cache(run, write, scorer):
    write({"test_cart.py": WRONG})
    first = run("check", "--format", "json")
    assert len(scorer.asked) == 1
    assert run("check", "--format", "json") == first
    assert len(scorer.asked) == 1
    run("check", "--no-cache")
    assert len(scorer.asked) == 2


def test_damaged_cache(run, write, scorer, own_cache):
    write({"test_cart.py": WRONG})
    first = run("check")
    (database,) = own_cache.rglob("cache.db")
    database.write_bytes(b"damaged" * 1000)
    assert run("check")[:2] == first[:2]
    assert len(scorer.asked) == 2


SAMPLE = {"id": 1, "language": "python", "focal": CART, "candidate": "def test_a(): ..."}


def test_score_files_and_errors(run, write):
    folder = write({"in.jsonl": f"{json.dumps(SAMPLE)}\nnonsense\n{json.dumps({**SAMPLE, 'id': 2})}\n"})
    code, out, err = run("score", "in.jsonl", "-o", "out.jsonl")
    assert (code, out) == (1, "")
    assert "1 line could not be scored" in err
    lines = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == [1, None, 2]
    assert [list(line)[1] for line in lines] == ["passes", "error", "passes"]


def test_score_good_file(run, write):
    write({"in.jsonl": json.dumps(SAMPLE)})
    code, out, err = run("score", "in.jsonl")
    assert (code, err) == (0, "")
    assert json.loads(out)["passes"] == 0.93


def test_doctor(run, write, monkeypatch):
    write({"runfree.toml": "debounce_ms = 300\n"})
    _, out, _ = run("doctor")
    for part in (
        "runfree",
        "python",
        "onnxruntime",
        "model",
        "predictions-1",
        "debounce_ms",
        "300",
        "runfree.toml)",
    ):
        assert part in out
    assert "(default)" in out


def test_doctor_with_wrong_settings(run, write):
    write({"runfree.toml": "scope = 3\n"})
    code, out, _ = run("doctor")
    assert code == 1
    assert "! wrong" in out


def process(*arguments, **options):
    return subprocess.run([sys.executable, "-m", "runfree.cli", *arguments], capture_output=True, **options)


def test_help_of_every_command(run):
    assert "check" in run("--help")[1]
    for command in ("check", "score", "serve", "doctor"):
        code, out, _ = run(command, "--help")
        assert (code, command in out) == (0, True)
    assert "--stdio" not in run("serve", "--help")[1]


def test_help_imports_nothing_heavy():
    done = process("--help", env={"PYTHONPROFILEIMPORTTIME": "1"})
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}
    assert done.returncode == 0
    assert "click" in imported
    heavy = {"numpy", "onnxruntime", "pygls", "lsprotocol", "tree_sitter", "rich", "diskcache"}
    assert not heavy & imported


def test_streams():
    done = process("score", "-", input=b"nonsense\n", timeout=60)
    # whatever the model says, or whether there is one: never a traceback
    assert b"Traceback" not in done.stderr
    assert done.returncode in (1, 2)


def test_an_empty_folder_is_told_of(run, tmp_path):
    code, out, _ = run("check", tmp_path)
    assert code == 0
    assert "No test files were found" in out


def test_the_names_of_the_readme_can_be_imported():
    import runfree.scorer
    from runfree import Sample, Scorer

    assert Scorer is runfree.scorer.Scorer
    assert Sample.__module__ == "runfree.sample"
    with pytest.raises(AttributeError, match="Nothing"):
        runfree.Nothing  # noqa: B018
