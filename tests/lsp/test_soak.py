"""Thousands of changes: nothing piles up."""

import asyncio


async def test_memory_and_bookkeeping_stay_bounded(start, project, write):
    editor = await start("vscode")
    uri = editor.open(write("test_thing.py", "test_a", "test_b"))
    await editor.settled(uri)
    sizes = []
    for block in range(6):
        for number in range(500):
            editor.change(uri, editor.texts[uri] + (f"# {block} {number}\n" if number % 50 == 0 else ""))
            if number % 10 == 0:
                await editor.lenses(uri)
            if number % 50 == 0:
                await editor.diagnostics(uri)
                await asyncio.sleep(0.01)
        await editor.settled(uri)
        sizes.append(editor.process.memory_info().rss)
    assert sizes[-1] - sizes[1] < 20_000_000, sizes
    text = await editor.command("runfree.debugInformation")
    [line] = [line for line in text.splitlines() if line.startswith("requests under way")]
    assert int(line.rsplit(" ", 1)[1]) <= 5, line
    assert editor.process.num_threads() < 60
