import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../src/process.ts';

const node = process.execPath;

test('output and exit status come back, lines as they are printed', async () => {
  const lines: string[] = [];
  const result = await run(node, ['-e', 'console.log("a\\nb"); console.error("c"); process.exitCode = 3'], {
    timeout: 20_000,
    onLine: (line) => lines.push(line),
  });
  assert.deepEqual({ ...result }, { code: 3, stdout: 'a\nb\n', stderr: 'c\n' });
  assert.deepEqual(lines.sort(), ['a', 'b', 'c']);
});

test('a program that is not there is told, not thrown', async () => {
  const result = await run('/nowhere/runfree', ['--version'], { timeout: 20_000 });
  assert.equal(result.code, -1);
  assert.match(result.stderr, /there is no such program/);
});

test('a program that does not end is ended', async () => {
  const result = await run(node, ['-e', 'setInterval(() => 0, 1000)'], { timeout: 300 });
  assert.equal(result.code, -1);
  assert.match(result.stderr, /no answer within 0.3 s/);
});

test('a run can be cancelled', async () => {
  const abort = new AbortController();
  const result = run(node, ['-e', 'setInterval(() => 0, 1000)'], { timeout: 20_000, signal: abort.signal });
  abort.abort();
  assert.match((await result).stderr, /cancelled/);
});
