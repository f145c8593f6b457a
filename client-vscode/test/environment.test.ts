import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { installedServer, ownServer, type Installation } from '../src/environment.ts';
import type { Run } from '../src/process.ts';

let root = '';
let calls: string[][] = [];

beforeEach(async () => {
  root = await fs.mkdtemp(path.join(os.tmpdir(), 'runfree-environment-'));
  calls = [];
  await fs.mkdir(path.join(root, 'bundled'));
  await fs.writeFile(path.join(root, 'bundled', 'manifest.json'), JSON.stringify({ version: '0.1.0', sha256: 'ab', platform: 'linux-x64', pythons: ['3.12'] }));
  await fs.writeFile(path.join(root, 'bundled', 'requirements.txt'), 'runfree==0.1.0\n');
  await fs.writeFile(path.join(root, 'bundled', 'pip-26.0-py3-none-any.whl'), '');
});

afterEach(async () => {
  await fs.rm(root, { recursive: true });
});

/** Records what is run; `fails` names the step that exits with 1. */
function installation(python: string, changes: Partial<Installation> = {}, fails = 'nothing'): Installation {
  const run: Run = async (command, args) => {
    calls.push([command, ...args]);
    if (args.includes(fails)) return { code: 1, stdout: '', stderr: 'first\nERROR: no space left' };
    if (args.includes('venv')) await fs.mkdir(args.at(-1) ?? '', { recursive: true });
    return { code: 0, stdout: python, stderr: '' };
  };
  return {
    bundled: path.join(root, 'bundled'),
    storage: path.join(root, 'storage'),
    proxy: '',
    python: { env: { PATH: '/usr/bin' }, platform: 'linux', isFile: (file) => file === '/usr/bin/python3', interpreter: '', log: () => undefined, run },
    run,
    log: () => undefined,
    progress: () => undefined,
    signal: new AbortController().signal,
    ...changes,
  };
}

const pipArguments = (): string[] => calls.find((call) => call.includes('install')) ?? [];

test('with bundled wheels nothing is asked of the network', async () => {
  const script = await ownServer(installation('3.12.1'));
  assert.match(script, /server-0\.1\.0-[0-9a-f]{8}\/bin\/runfree$/);
  for (const option of ['--no-index', '--no-deps', '--isolated']) assert.ok(pipArguments().includes(option), option);
});

test('a Python without bundled wheels gets them from the user\'s index, through the proxy', async () => {
  await ownServer(installation('3.15.0', { proxy: 'http://proxy:8080' }));
  for (const option of ['--no-index', '--isolated']) assert.ok(!pipArguments().includes(option), option);
  assert.deepEqual(pipArguments().slice(-3), ['--proxy', 'http://proxy:8080', 'runfree==0.1.0']);
});

test('it is made once', async () => {
  const first = installation('3.12.1');
  assert.equal(await installedServer(first), undefined);
  const script = await ownServer(first);
  calls = [];
  assert.equal(await ownServer(first), script);
  assert.equal(await installedServer(first), script);
  assert.deepEqual(calls, []);
});

test('two windows at once make it once', async () => {
  const both = installation('3.12.1');
  const [one, two] = await Promise.all([ownServer(both), ownServer(both)]);
  assert.equal(one, two);
  assert.equal(calls.filter((call) => call.includes('install')).length, 1);
});

test('other wheels make another environment, and the old one goes', async () => {
  const first = await ownServer(installation('3.12.1'));
  await fs.writeFile(path.join(root, 'bundled', 'requirements.txt'), 'runfree==0.1.0\nnumpy==2.0\n');
  const second = await ownServer(installation('3.12.1'));
  assert.notEqual(first, second);
  await assert.rejects(fs.access(path.dirname(path.dirname(first))));
});

test('a failed installation is told in one line, leaves no lock and is tried again', async () => {
  await assert.rejects(ownServer(installation('3.12.1', {}, 'install')), /could not be installed \(installing the server\): ERROR: no space left/);
  await ownServer(installation('3.12.1'));
});

test('cancelling is told as such', async () => {
  const abort = new AbortController();
  abort.abort();
  await assert.rejects(ownServer(installation('3.12.1', { signal: abort.signal })), /cancelled/);
});

test('a build without wheels says so', async () => {
  await fs.rm(path.join(root, 'bundled', 'manifest.json'));
  await assert.rejects(ownServer(installation('3.12.1')), /ships no server/);
});
