"""Maven checkouts: focal/test pairs, libraries fetched, sources compiled by our own host into a folder beside it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from runfree.errors import RunfreeError
from runfree_training.execute import Pair, Project, java_host
from runfree_training.execute.java_suite import parse

MOST_BYTES = 400_000
MOST_MODULES = 6
JACOCO = "0.8.14"
JUNIT = "5.13.4"  # where the project has JUnit 4 alone
PIT = "1.25.8"
PIT_JUNIT = "1.2.3"  # PIT's plugin for the JUnit platform
DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
MAIN, TEST = "src/main/java", "src/test/java"
_NAMES = (r"(\w+?)(?:Unit)?Tests?", r"Test(\w+)", r"(\w+?)TestCase", r"(\w+?)Test\d")


@dataclass(frozen=True, slots=True)
class Module:
    """One Maven module: its source folder and what was made for it.

    `root`: the folder of its pom.xml; `built`: folder with lib/, classes/, test-classes/; `harness`: JUnit's launcher,
    JaCoCo and the compiled host.
    """

    root: Path
    built: Path
    harness: Path

    def jvm(self, focal: Sequence[str] = (), before: Sequence[Path] = ()) -> java_host.Jvm:
        """The JVM for this module; `before`: class folders in front of the module's own."""
        own = sorted(self.built.joinpath("lib").glob("*.jar"))
        ours = sorted(self.harness.glob("*.jar"))
        if any(p.name.startswith("hamcrest") for p in own):
            ours = [p for p in ours if not p.name.startswith("hamcrest")]
        level = self.built / "options"
        options = tuple(level.read_text().split()) if level.exists() else ()
        classes = (*before, self.built / "test-classes", self.built / "classes")
        return java_host.Jvm((self.harness / "host", *ours, *own), classes, tuple(focal), options)


def find_pairs(root: Path) -> list[Pair]:
    """Every `X.java` with an `XTest.java` (or `TestX`, `XTests`, ...) in the test tree, most tests first."""
    found = []
    for module in modules(root):
        by_name: dict[str, list[Path]] = {}
        for path in sorted((module / MAIN).rglob("*.java")):
            by_name.setdefault(path.stem, []).append(path)
        for test in sorted((module / TEST).rglob("*.java")):
            folder = test.parent.relative_to(module / TEST)
            focal = _focal(module / MAIN / folder, test.stem, by_name)
            if focal is None:
                continue
            count, left_out = 0, f"larger than {MOST_BYTES:,} bytes"
            if max(focal.stat().st_size, test.stat().st_size) <= MOST_BYTES:
                count = len(parse(test.read_text(errors="replace"), test.stem).tests)
                left_out = "" if count else "holds no test method of its own"
            found.append((-count, str(focal.relative_to(root)), str(test.relative_to(root)), left_out))
    return [Pair(focal, test, left_out) for _, focal, test, left_out in sorted(found)]


def modules(root: Path) -> list[Path]:
    """The folders below a root with a pom.xml and tests, at most `MOST_MODULES`, the one with most tests first."""
    found = [
        p.parent for p in root.rglob("pom.xml") if (p.parent / TEST).is_dir() and (p.parent / MAIN).is_dir()
    ]
    return sorted(found, key=lambda m: -sum(1 for _ in (m / TEST).rglob("*.java")))[:MOST_MODULES]


def module_of(project: Project, path: str) -> Module:
    """The module that a file (relative to the project's root) belongs to.

    Raises:
        RunfreeError: it was not prepared.
    """
    for root in modules(project.root):
        if (project.root / path).is_relative_to(root):
            module = _module(project, root)
            if (module.built / "test-classes").is_dir():
                return module
    raise RunfreeError(f"{path}: its module could not be built")


def prepare(project: Project) -> None:
    """Fetches the libraries of each module (the one step with network) and compiles it in the sandbox.

    Raises:
        RunfreeError: no module could be built; the first reason.
    """
    reasons = []
    found = modules(project.root)
    for root in found:
        try:
            _fetch(project, root)
            build(_module(project, root), root)
        except RunfreeError as error:
            reasons.append(str(error))
    if len(reasons) == len(found):
        raise RunfreeError(reasons[0] if reasons else "no Maven module with src/main/java and src/test/java")


def build(module: Module, root: Path, only: Path | None = None) -> None:
    """Compiles a module's main and test sources; test files that do not compile are left out.

    `only`: a test file relative to `root`: no other ones are compiled than those that it needs.

    Raises:
        RunfreeError: the main sources do not compile.
    """
    java_host.build(module.harness)
    # A copy is compiled: the sandbox's user need not be able to read the checkout.
    copy = module.built / "sources"
    shutil.rmtree(copy, ignore_errors=True)
    for tree in (MAIN, TEST):
        shutil.copytree(root / tree, copy / tree)
    main, test = (sorted(p for p in (copy / t).rglob("*.java") if p.stem not in ("module-info", "package-info"))
                  for t in (MAIN, TEST))  # fmt: skip
    best = ""
    # Processors run only where the sources cannot do without: Lombok's are no files that could be left out.
    processors = ["-Arunfree.processors=yes"] if any(module.built.glob("lib/lombok-*.jar")) else []
    for options in ((), ("-source", "8", "-target", "8"), ("-source", "11", "-target", "11")):
        (module.built / "options").write_text(" ".join([*options, *processors]))
        for folder in ("classes", "test-classes"):
            shutil.rmtree(module.built / folder, ignore_errors=True)
            (module.built / folder).mkdir(parents=True)
            source = root / ("src/main/resources" if folder == "classes" else "src/test/resources")
            if source.is_dir():
                shutil.copytree(source, module.built / folder, dirs_exist_ok=True)
        steps = [java_host.Compile("main", module.built / "classes", tuple(main), rounds=1)]
        done = java_host.drive(module.jvm(), steps, module.built, module.built)
        if "main" in done.compiled:
            break
        best = best or next(
            (f"{Path(f).name}: {m}" for (_, f), m in done.errors.items()), "the compiler ended"
        )
    else:
        raise RunfreeError(f"its sources do not compile: {best[:300]}")
    jvm = module.jvm()
    if only is not None:
        test = [copy / only]
        jvm = replace(jvm, options=(*jvm.options, "-sourcepath", str(copy / TEST), "-implicit:class"))
    steps = [java_host.Compile("test", module.built / "test-classes", tuple(test))]
    done = java_host.drive(jvm, steps, module.built, module.built)
    if "test" not in done.compiled:
        best = next((f"{Path(f).name}: {m}" for (_, f), m in done.errors.items()), "the compiler ended")
        shutil.rmtree(module.built / "test-classes", ignore_errors=True)
        raise RunfreeError(f"its tests do not compile: {best[:300]}")
    shutil.rmtree(copy)


def versions(module: Module) -> dict[str, str]:
    """The tools' versions: the JDK, JUnit, JaCoCo."""
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "([^"]+)"', said)
    junit = next((p.stem for p in sorted(module.harness.glob("junit-platform-launcher-*.jar"))), "")
    old = next((p.stem for p in sorted(module.built.joinpath("lib").glob("junit-4*.jar"))), "")
    return {"java": found[1] if found else "", "junit": f"{junit} {old}".strip(), "jacoco": JACOCO}


def _module(project: Project, root: Path) -> Module:
    slug = str(root.relative_to(project.root)).replace("/", "+")
    built = project.environment / ("root" if slug == "." else slug)
    version = _jupiter(built / "lib")
    return Module(root, built, project.environment.parent / f"harness-{version or JUNIT}")


def _fetch(project: Project, root: Path) -> None:
    built = _module(project, root).built
    built.mkdir(parents=True, exist_ok=True)
    if not any(built.joinpath("lib").glob("*.jar")):
        _maven(root, f"{DEPENDENCY_PLUGIN}:copy-dependencies", f"-DoutputDirectory={built / 'lib'}",
               "-DincludeScope=test", "-Dmdep.overWriteReleases=true")  # fmt: skip
    harness = _module(project, root).harness
    version = harness.name.removeprefix("harness-")
    platform = version if int(version.split(".")[0]) > 5 else "1" + version[1:]
    _fetch_jars(harness, [
        ("org.junit.platform", "junit-platform-launcher", platform), ("org.junit.jupiter", "junit-jupiter", version),
        ("org.junit.vintage", "junit-vintage-engine", version), ("org.jacoco", "org.jacoco.core", JACOCO),
    ])  # fmt: skip
    fetch_pit(project)


def fetch_pit(project: Project) -> Path:
    """The folder with PIT's jars, beside the harnesses; fetched where they are not there yet.

    Raises:
        RunfreeError: they cannot be fetched.
    """
    folder = project.environment.parent / f"pit-{PIT}"
    wanted = [("org.pitest", "pitest-command-line", PIT), ("org.pitest", "pitest-junit5-plugin", PIT_JUNIT)]
    _fetch_jars(folder, wanted)
    return folder


def _fetch_jars(folder: Path, wanted: Sequence[tuple[str, str, str]]) -> None:
    """Fetches artefacts (group, name, version) and what they need into a folder, unless it holds jars already."""
    if any(folder.glob("*.jar")):
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pom.xml").write_text(_pom(wanted))
    _maven(folder, f"{DEPENDENCY_PLUGIN}:copy-dependencies", f"-DoutputDirectory={folder}")


def _maven(folder: Path, *arguments: str) -> None:
    command = ["mvn", "-B", "-q", "-Denforcer.skip", "-Drat.skip", "-N", *arguments]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    except FileNotFoundError:
        raise RunfreeError("labelling Java needs Maven (mvn) on the PATH") from None
    except subprocess.TimeoutExpired:
        raise RunfreeError("its libraries could not be fetched in 10 minutes") from None
    if done.returncode:
        errors = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in done.stdout.splitlines() if "ERROR" in line]
        raise RunfreeError(f"its libraries could not be fetched: {(errors or ['maven failed'])[0][:300]}")


def _jupiter(lib: Path) -> str:
    """The version of JUnit Jupiter among the libraries, "" where there is none."""
    for path in sorted(lib.glob("junit-jupiter-api-*.jar")):
        return path.stem.removeprefix("junit-jupiter-api-")
    return ""


def _pom(wanted: Sequence[tuple[str, str, str]]) -> str:
    rows = "".join(
        f"<dependency><groupId>{g}</groupId><artifactId>{a}</artifactId><version>{v}</version></dependency>"
        for g, a, v in wanted
    )
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>runfree</groupId>'
        f"<artifactId>harness</artifactId><version>1</version><dependencies>{rows}</dependencies></project>"
    )


def _focal(folder: Path, stem: str, by_name: dict[str, list[Path]]) -> Path | None:
    """The class that a test class is named after: in the mirrored package, or the only one of its name."""
    names = [match[1] for pattern in _NAMES if (match := re.fullmatch(pattern, stem))]
    for name in names:
        if (folder / f"{name}.java").is_file():
            return folder / f"{name}.java"
    only = [by_name[name][0] for name in names if len(by_name.get(name, ())) == 1]
    return only[0] if only else None
