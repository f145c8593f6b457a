import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atLeast, format, parseVersion } from '../src/version.ts';

test('versions are found in what programs print', () => {
  assert.deepEqual(parseVersion('runfree, version 0.1.0\n'), [0, 1, 0]);
  assert.deepEqual(parseVersion('3.13.0rc1'), [3, 13, 0]);
  assert.deepEqual(parseVersion('Python 3.12'), [3, 12, 0]);
  assert.equal(parseVersion('command not found'), undefined);
});

test('versions are compared by number, not by letter', () => {
  assert.ok(atLeast([0, 10, 0], [0, 9, 9]));
  assert.ok(atLeast([1, 0, 0], [1, 0, 0]));
  assert.ok(!atLeast([3, 9, 18], [3, 11, 0]));
  assert.equal(format([3, 11, 0]), '3.11.0');
});
