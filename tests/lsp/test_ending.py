"""The server ends with its editor, whichever way that ends, and leaves no process."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from pygls.exceptions import JsonRpcException

FAKE = Path(__file__).with_name("fake_server.py")


async def gone(process, seconds=10.0):
    for _ in range(int(seconds / 0.05)):
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        await asyncio.sleep(0.05)
    return False


async def test_shutdown_and_exit_end_it_with_0_and_no_children(start, write):
    editor = await start("vscode")
    await editor.settled(editor.open(write("test_thing.py", "test_a")))
    process = editor.process
    assert process.children(recursive=True) == []
    assert await editor.stop() == 0
    assert await gone(process)


async def test_exit_without_shutdown_ends_it_with_1(start):
    editor = await start("vscode")
    editor.client.exit(None)
    assert await asyncio.wait_for(editor.client._server.wait(), 10) == 1


async def test_shutdown_does_not_wait_for_a_long_prediction(start, write):
    editor = await start("vscode", delay=30)
    editor.open(write("test_thing.py", "test_a"))
    await asyncio.sleep(0.5)
    assert await asyncio.wait_for(editor.stop(), 8) == 0


async def test_a_request_after_shutdown_is_refused_not_left_open(start, write):
    editor = await start("vscode")
    uri = editor.open(write("test_thing.py", "test_a"))
    await editor.client.shutdown_async(None)
    with pytest.raises(JsonRpcException, match="shutting down"):
        await asyncio.wait_for(editor.lenses(uri), 5)


def frame(message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def initialise(pid):
    return frame({"id": 1, "method": "initialize", "params": {"processId": pid, "capabilities": {}}})


def launch(**options):
    return subprocess.Popen(
        [sys.executable, str(FAKE), json.dumps(options)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


async def test_a_closed_pipe_ends_it():
    server = launch()
    server.stdin.write(initialise(None))
    server.stdin.flush()
    assert server.stdout.readline().startswith(b"Content-Length")
    server.stdin.close()
    assert await asyncio.to_thread(server.wait, 10) == 1
    server.stdout.close()


async def test_a_killed_editor_ends_it_even_if_the_pipes_stay_open():
    editor = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    server = launch()
    server.stdin.write(initialise(editor.pid))
    server.stdin.flush()
    assert server.stdout.readline().startswith(b"Content-Length")
    editor.kill()
    assert await asyncio.to_thread(server.wait, 10) == 1
    editor.communicate()
    server.communicate()


async def test_an_editor_that_reads_no_more_and_dies_ends_it():
    """The server hangs in writing to a full pipe; the watch of the editor's process ends it all the same."""
    editor = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    server = launch()
    server.stdin.write(initialise(editor.pid))
    request = {
        "id": 2,
        "method": "workspace/executeCommand",
        "params": {"command": "runfree.debugInformation"},
    }
    server.stdin.flush()
    assert server.stdout.readline().startswith(b"Content-Length")
    os.set_blocking(server.stdin.fileno(), False)
    for _ in range(2000):
        try:
            if server.stdin.raw.write(frame(request)) is None:
                break
        except BlockingIOError:
            break
    editor.kill()
    assert await asyncio.to_thread(server.wait, 10) == 1
    editor.communicate()
    os.set_blocking(server.stdin.fileno(), True)
    server.stdin.close()
    server.stdout.close()


async def test_garbage_on_the_wire_does_not_end_it():
    server = launch()
    server.stdin.write(initialise(None))
    server.stdin.write(b"Content-Length: 5\r\n\r\n{oops")
    server.stdin.write(frame({"id": 7, "method": "no/such/method", "params": {}}))
    server.stdin.write(frame({"method": "textDocument/didChange", "params": {"textDocument": 3}}))
    server.stdin.write(frame({"id": 8, "method": "shutdown"}))
    server.stdin.write(frame({"method": "exit"}))
    server.stdin.flush()
    output, _ = await asyncio.to_thread(server.communicate, None, 10)
    assert server.returncode == 0
    assert b'"id": 8' in output
    assert b"-32601" in output  # no such method
    for shown in re.findall(rb'"window/showMessage".*', output) + re.findall(rb'"error": .*', output):
        assert b"Traceback" not in shown
        assert b"File \\" not in shown


async def connected(port):
    for _ in range(400):
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
    raise AssertionError("it does not listen")


@pytest.mark.parametrize("proper", [True, False])
async def test_over_a_socket_it_ends_with_the_connection(proper, unused_tcp_port):
    server = launch(port=unused_tcp_port)
    reader, writer = await connected(unused_tcp_port)
    writer.write(initialise(None))
    assert (await asyncio.wait_for(reader.readline(), 10)).startswith(b"Content-Length")
    if proper:
        writer.write(frame({"id": 2, "method": "shutdown"}) + frame({"method": "exit"}))
    else:
        writer.close()
    assert await asyncio.to_thread(server.wait, 10) == (0 if proper else 1)
    writer.close()
    server.communicate()
