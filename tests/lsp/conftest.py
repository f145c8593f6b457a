"""An editor under the tests' control, with the abilities of VS Code or of Neovim."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import sys
import time
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from lsprotocol import types
from pytest_lsp import client_capabilities
from pytest_lsp.client import make_test_lsp_client

FAKE = Path(__file__).with_name("fake_server.py")

FOCAL = "def double(x):\n    return x + x\n\n\ndef half(x):\n    return x // 2\n"
IMPORT = "from thing import double, half\n\n\n"


class Editor:
    """Speaks to a server as an editor does, and remembers what it was told."""

    def __init__(self, kind: str, root: Path | None) -> None:
        self.kind, self.root = kind, root
        self.client = make_test_lsp_client()
        self.refreshed = {"lenses": 0, "diagnostics": 0, "hints": 0}
        self.statuses: list[dict] = []
        self.pushed: list[types.PublishDiagnosticsParams] = []
        self.registrations: list[str] = []
        self.applied: list[types.WorkspaceEdit] = []
        self.versions: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        self.pulled: dict[str, tuple[str | None, list[types.Diagnostic]]] = {}
        self.result: types.InitializeResult | None = None
        self._listen()

    def _listen(self) -> None:
        feature = self.client.feature
        names = {
            types.WORKSPACE_CODE_LENS_REFRESH: "lenses",
            types.WORKSPACE_INLAY_HINT_REFRESH: "hints",
        }
        for method, name in names.items():
            feature(method)(lambda params, name=name: self._count(name))
        self.client.protocol.fm.features.pop(types.WORKSPACE_DIAGNOSTIC_REFRESH)
        feature(types.WORKSPACE_DIAGNOSTIC_REFRESH)(lambda params: self._count("diagnostics"))
        self.client.protocol.fm.features.pop(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self.pushed.append(params))
        feature(types.CLIENT_REGISTER_CAPABILITY)(
            lambda params: self.registrations.extend(r.method for r in params.registrations)
        )
        feature(types.WORKSPACE_APPLY_EDIT)(lambda params: self._apply(params))
        feature("runfree/status")(lambda params: self.statuses.append(params._asdict()))

    def _apply(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        self.applied.append(params.edit)
        return types.ApplyWorkspaceEditResult(applied=True)

    def _count(self, name: str) -> None:
        self.refreshed[name] += 1

    def capabilities(self) -> types.ClientCapabilities:
        """Those of the editor today: the recorded VS Code is older than pulled diagnostics."""
        if self.kind == "neovim":
            return client_capabilities("neovim@v0.11")
        found = client_capabilities("visual-studio-code")
        found.text_document.diagnostic = types.DiagnosticClientCapabilities(related_document_support=False)
        found.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
        found.workspace.inlay_hint = types.InlayHintWorkspaceClientCapabilities(refresh_support=True)
        found.text_document.inlay_hint = types.InlayHintClientCapabilities()
        found.general.position_encodings = [types.PositionEncodingKind.Utf16]
        return found

    async def start(self, command, env=None, *, options=None, settings=None, capabilities=None, folders=None):
        """Starts the server and introduces itself; returns once the server is initialised."""
        if settings is not None:
            self.client.set_configuration({"runfree": settings})
        await self.client.start_io(*command, env=env)
        roots = folders if folders is not None else [self.root] if self.root else []
        params = types.InitializeParams(
            capabilities=capabilities or self.capabilities(),
            process_id=os.getpid(),
            root_uri=roots[0].as_uri() if roots else None,
            workspace_folders=[types.WorkspaceFolder(root.as_uri(), root.name) for root in roots] or None,
            initialization_options={"status": True, **(options or {})},
        )
        self.result = await asyncio.wait_for(self.client.initialize_session(params), 20)
        return self

    @property
    def process(self) -> psutil.Process:
        """The server's process."""
        return psutil.Process(self.client._server.pid)

    @property
    def pulls(self) -> bool:
        """Whether this editor asks for diagnostics."""
        return self.result.capabilities.diagnostic_provider is not None

    def open(self, path: Path | str, text: str | None = None, language: str = "python") -> str:
        """Opens a file (or a URI); returns its URI."""
        uri = path if isinstance(path, str) else path.as_uri()
        text = path.read_text() if text is None else text
        self.versions[uri], self.texts[uri] = 1, text
        item = types.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def change(self, uri: str, text: str) -> None:
        """Replaces the whole text."""
        self.texts[uri] = text
        self._change(uri, types.TextDocumentContentChangeWholeDocument(text))

    def type(self, uri: str, text: str) -> None:
        """Types at the end of the text, as one edit."""
        lines = self.texts[uri].split("\n")
        end = types.Position(len(lines) - 1, len(lines[-1]))
        self.texts[uri] += text
        self._change(uri, types.TextDocumentContentChangePartial(types.Range(end, end), text))

    def edit(self, uri: str, place: types.Range, text: str) -> None:
        """Replaces a stretch, in the units that were negotiated (`texts` is not kept in step)."""
        self._change(uri, types.TextDocumentContentChangePartial(place, text))

    def _change(self, uri: str, change) -> None:
        self.versions[uri] += 1
        document = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def save(self, uri: str) -> None:
        """Saves (tells so; the file itself is the test's affair)."""
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def close(self, uri: str) -> None:
        """Closes a text."""
        self.client.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri))
        )

    def files_changed(self, *paths: Path, kind=types.FileChangeType.Changed) -> None:
        """Tells of changes on the disk."""
        self.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams([types.FileEvent(path.as_uri(), kind) for path in paths])
        )

    async def set_settings(self, settings: dict) -> None:
        """Changes the editor's settings and tells so."""
        self.client.set_configuration({"runfree": settings})
        self.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))

    async def lenses(self, uri: str) -> list[types.CodeLens]:
        """What the server shows above tests now."""
        params = types.CodeLensParams(types.TextDocumentIdentifier(uri))
        return list(await asyncio.wait_for(self.client.text_document_code_lens_async(params), 20) or [])

    async def titles(self, uri: str) -> list[str]:
        """The texts of the lenses."""
        return [lens.command.title for lens in await self.lenses(uri)]

    async def diagnostics(self, uri: str) -> list[types.Diagnostic]:
        """The diagnostics that the editor would show now, whether pushed or pulled."""
        if not self.pulls:
            mine = [params for params in self.pushed if params.uri == uri]
            return list(mine[-1].diagnostics) if mine else []
        previous, items = self.pulled.get(uri, (None, []))
        report = await asyncio.wait_for(
            self.client.text_document_diagnostic_async(
                types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri), previous_result_id=previous)
            ),
            20,
        )
        if report.kind == "full":
            items = list(report.items)
        self.pulled[uri] = (report.result_id, items)
        return items

    async def codes(self, uri: str) -> list[str]:
        """The codes of the diagnostics shown now."""
        return [found.code for found in await self.diagnostics(uri)]

    async def hover(self, uri: str, line: int, character: int) -> types.Hover | None:
        """What is shown when pointing there."""
        params = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, character))
        return await asyncio.wait_for(self.client.text_document_hover_async(params), 20)

    async def actions(self, uri: str, line: int, diagnostics=()) -> list[types.CodeAction]:
        """The quick fixes offered on a line."""
        place = types.Range(types.Position(line, 0), types.Position(line, 200))
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(uri), place, types.CodeActionContext(list(diagnostics))
        )
        return [_as_action(item) for item in await self.client.text_document_code_action_async(params) or []]

    async def command(self, name: str, *arguments):
        """Has a command carried out."""
        params = types.ExecuteCommandParams(name, list(arguments))
        return await asyncio.wait_for(self.client.workspace_execute_command_async(params), 60)

    async def settled(self, uri: str, seconds: float = 20.0) -> list[str]:
        """The lenses' texts once nothing is under way any more."""
        return await until(
            lambda: self.titles(uri),
            lambda titles: titles and not any("…" in title for title in titles),
            seconds,
        )

    async def until_titles(self, uri: str, count: int) -> list[str]:
        """The lenses' texts once there are so many and nothing is under way."""
        return await until(
            lambda: self.titles(uri),
            lambda titles: len(titles) == count and not any("…" in title for title in titles),
        )

    async def until_titles_are(self, uri: str, wanted: list[str]) -> None:
        """Returns once the lenses' texts are these."""
        await until(lambda: self.titles(uri), lambda titles: titles == wanted)

    async def until(self, get, good):
        """Asks again until the answer is good."""
        return await until(get, good)

    async def until_refreshed(self, name: str, more_than: int = 0) -> None:
        """Returns once the editor was told to ask again for this surface."""
        await until(lambda: self.refreshed[name], lambda count: count > more_than)

    async def until_codes(self, uri: str, codes: list[str]) -> list[types.Diagnostic]:
        """The diagnostics once they have these codes."""
        return await until(
            lambda: self.diagnostics(uri), lambda found: [item.code for item in found] == codes
        )

    def messages(self) -> list[str]:
        """What was shown on the user's screen."""
        return [message.message for message in self.client.messages]

    async def stop(self) -> int:
        """Shuts down properly; returns the exit status."""
        await asyncio.wait_for(self.client.shutdown_session(), 20)
        await asyncio.wait_for(self.client.stop(), 20)
        return self.client._server.returncode

    async def drop(self) -> None:
        """Ends a server that may be dead already."""
        server = self.client._server
        if server is not None and server.returncode is None:
            server.kill()
        await asyncio.wait_for(self.client.stop(), 20)


def _as_action(item: types.CodeAction | types.Command) -> types.CodeAction:
    """lsprotocol takes any action that has a command for a bare command, its command for a text."""
    if isinstance(item, types.CodeAction):
        return item
    return types.CodeAction(item.title, command=types.Command(**ast.literal_eval(item.command)))


async def until(get, good, seconds: float = 20.0):
    """Asks again until the answer is good; fails with the last answer."""
    end = time.monotonic() + seconds
    while True:
        answer = get()
        if asyncio.iscoroutine(answer):
            answer = await answer
        if good(answer):
            return answer
        assert time.monotonic() < end, f"waited {seconds} s; last answer: {answer!r}"
        await asyncio.sleep(0.02)


@pytest.fixture
def project(tmp_path) -> Path:
    """A folder with a focal file and the settings that score every test in it; no git."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "thing.py").write_text(FOCAL)
    (root / "runfree.toml").write_text('scope = "all"\n')
    return root


@pytest.fixture
def write(project):
    """Writes a test file with tests of these names into the project; returns its path."""

    def to_file(name: str, *tests: str, body: str = "assert double(2) == 4") -> Path:
        path = project / name
        path.write_text(IMPORT + "\n\n".join(f"def {test}():\n    {body}\n" for test in tests))
        return path

    return to_file


@pytest_asyncio.fixture
async def start(tmp_path, project):
    """Starts an editor with a server on the fake scorer: `await start("vscode", delay=0.1)`."""
    editors = []

    async def begin(kind="vscode", *, root=project, server=None, initialise=None, **options):
        editor = Editor(kind, root)
        editors.append(editor)
        env = {
            **os.environ,
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "RUNFREE_CACHE_DIR": str(tmp_path / "cache"),
        }
        command = server or [sys.executable, str(FAKE), json.dumps(options)]
        return await editor.start(command, env, **(initialise or {}))

    yield begin
    for editor in editors:
        await editor.drop()


@pytest.fixture(params=["vscode", "neovim"])
def kind(request) -> str:
    """Both editors."""
    return request.param
