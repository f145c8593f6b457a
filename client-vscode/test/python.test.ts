import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '../src/process.ts';
import { findPython, type PythonSearch } from '../src/python.ts';

/** A machine with these Pythons: command -> version; "" is one that cannot be started. */
function machine(pythons: Record<string, string>, changes: Partial<PythonSearch> = {}): PythonSearch & { lines: string[] } {
  const lines: string[] = [];
  const run: Run = (command) =>
    Promise.resolve(pythons[command] ? { code: 0, stdout: `${pythons[command]}\n`, stderr: '' } : { code: 1, stdout: '', stderr: 'broken' });
  return {
    env: { PATH: '/usr/local/bin:/usr/bin' },
    platform: 'linux',
    isFile: (file) => file in pythons,
    interpreter: '',
    bundledFor: ['3.11', '3.12', '3.13'],
    log: (line) => lines.push(line),
    run,
    lines,
    ...changes,
  };
}

test('the newest by name goes first', async () => {
  const found = await findPython(machine({ '/usr/bin/python3': '3.12.1', '/usr/bin/python3.13': '3.13.0' }));
  assert.equal(found.command, '/usr/bin/python3.13');
});

test('too old and broken ones are passed over, and the log says so', async () => {
  const search = machine({ '/usr/local/bin/python3': '', '/usr/bin/python3': '3.9.2', '/usr/bin/python': '3.11.4' });
  assert.equal((await findPython(search)).command, '/usr/bin/python');
  assert.match(search.lines.join('\n'), /python3 cannot be used: broken[^]*3\.9\.2, too old/);
});

test('one with bundled wheels goes before a newer one without', async () => {
  const search = machine({ '/usr/local/bin/python3': '3.15.0', '/usr/bin/python3': '3.12.3' });
  assert.equal((await findPython(search)).command, '/usr/bin/python3');
});

test('one without bundled wheels is better than none', async () => {
  assert.equal((await findPython(machine({ '/usr/bin/python3': '3.15.0' }))).command, '/usr/bin/python3');
});

test('where none is found, the message says what to do', async () => {
  await assert.rejects(findPython(machine({})), /Python 3\.11 or newer.*runfree\.server\.interpreter/);
});

test('an interpreter in the settings is taken or complained of, never replaced', async () => {
  const pythons = { '/opt/python': '3.9.0', '/usr/bin/python3': '3.12.0' };
  await assert.rejects(findPython(machine(pythons, { interpreter: '/opt/python' })), /\/opt\/python is not a Python 3\.11/);
});
