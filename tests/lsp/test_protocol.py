"""pygls' rough edges, each by itself: were they mended there, these say what is still needed."""

import asyncio

from lsprotocol import types

from runfree.lsp.server import create_server


class Written:
    """A connection that keeps what is sent."""

    def __init__(self):
        self.messages = []

    def write(self, data):
        self.messages.append(data)

    def close(self):
        pass


def server():
    made = create_server(lambda: None)
    made.protocol.set_writer(Written())
    return made


def handle(made, method, params, number=None):
    kind = types.METHOD_TO_TYPES[method][0]
    made.protocol.handle_message(kind(params=params) if number is None else kind(id=number, params=params))


async def test_notifications_leave_no_futures_behind():
    made = server()
    handle(made, types.INITIALIZE, types.InitializeParams(capabilities=types.ClientCapabilities()), 1)
    item = types.TextDocumentItem("file:///a.txt", "text", 1, "x")
    handle(made, types.TEXT_DOCUMENT_DID_OPEN, types.DidOpenTextDocumentParams(item))
    for version in range(200):
        document = types.VersionedTextDocumentIdentifier(version, "file:///a.txt")
        change = types.TextDocumentContentChangeWholeDocument(str(version))
        handle(made, types.TEXT_DOCUMENT_DID_CHANGE, types.DidChangeTextDocumentParams(document, [change]))
    await asyncio.sleep(0.05)
    assert made.protocol._request_futures == {}
    made.close(1)


async def test_an_answer_to_a_request_that_was_given_up_is_no_error():
    made = server()
    future = made.protocol.send_request("workspace/configuration", types.ConfigurationParams([]), msg_id="x")
    future.cancel()
    made.protocol._handle_response("x", [])
    made.protocol._handle_response("never asked", [])
    assert made.protocol._result_types == {}
    made.close(1)


async def test_a_cancelled_request_is_answered_as_cancelled():
    made = server()
    handle(made, types.INITIALIZE, types.InitializeParams(capabilities=types.ClientCapabilities()), 1)
    made.protocol._handle_cancel_notification("unknown")  # answered already: happens all the time
    gate = asyncio.Event()

    async def slow(params):
        await gate.wait()

    made.feature("runfree/slow")(slow)
    made.protocol._handle_request("7", "runfree/slow", None)
    await asyncio.sleep(0.01)
    made.protocol._handle_cancel_notification("7")
    await asyncio.sleep(0.01)
    assert b"-32800" in made.protocol.writer.messages[-1]
    made.close(1)


async def test_an_editor_that_never_answers_costs_no_memory():
    made = server()
    able = types.ClientCapabilities(
        workspace=types.WorkspaceClientCapabilities(
            code_lens=types.CodeLensWorkspaceClientCapabilities(refresh_support=True)
        )
    )
    handle(made, types.INITIALIZE, types.InitializeParams(capabilities=able), 1)
    for _ in range(5):
        made.refresher.ask("lenses", "diagnostics", "hints")
        made.refresher.ask("lenses")
        await asyncio.sleep(0.05)
    sent = [message for message in made.protocol.writer.messages if b"refresh" in message]
    assert len(sent) == 5  # one for each time, only for what the editor can be asked
    assert len(made.protocol._request_futures) == 1
    made.close(1)
