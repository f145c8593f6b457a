import assert from 'node:assert/strict';
import { test } from 'node:test';
import { candidates, onPath, type Surroundings } from '../src/find.ts';

const around = (changes: Partial<Surroundings>): Surroundings => ({
  trusted: true,
  platform: 'linux',
  setting: '',
  use: 'auto',
  env: {},
  folders: [],
  isFile: () => true,
  ...changes,
});

const sources = (changes: Partial<Surroundings>): string[] => candidates(around(changes)).map(({ source, command }) => `${source} ${command}`.trim());

test('the active environment goes before PATH, and both before the own server', () => {
  const env = { VIRTUAL_ENV: '/env', PATH: '/usr/bin' };
  assert.deepEqual(sources({ env }), ['environment /env/bin/runfree', 'path /usr/bin/runfree', 'own']);
});

test("the workspace's own .venv counts as active", () => {
  assert.deepEqual(sources({ folders: ['/project'] }), ['environment /project/.venv/bin/runfree', 'own']);
});

test('environments and PATH entries without a server are passed over', () => {
  const env = { VIRTUAL_ENV: '/env', CONDA_PREFIX: '/conda', PATH: '/a:/b' };
  const isFile = (file: string): boolean => file.startsWith('/conda') || file.startsWith('/b');
  assert.deepEqual(sources({ env, isFile }), ['environment /conda/bin/runfree', 'path /b/runfree', 'own']);
});

test('a path in the settings stands alone', () => {
  assert.deepEqual(sources({ setting: '/my/runfree', env: { PATH: '/usr/bin' } }), ['setting /my/runfree']);
});

test('an untrusted workspace chooses nothing: neither by settings, nor by environment, nor by PATH', () => {
  const env = { VIRTUAL_ENV: '/project/.venv', PATH: '/project/bin' };
  assert.deepEqual(sources({ trusted: false, setting: '/project/evil', env, folders: ['/project'] }), ['own']);
});

test('"own" leaves the rest out', () => {
  assert.deepEqual(sources({ use: 'own', env: { PATH: '/usr/bin' } }), ['own']);
});

test('relative entries of PATH would mean the workspace, and are left out', () => {
  assert.deepEqual(onPath(['python3'], around({ env: { PATH: '.::bin:/usr/bin' } })), ['/usr/bin/python3']);
});
