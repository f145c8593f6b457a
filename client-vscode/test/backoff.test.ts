import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../src/backoff.ts';

const rules = { first: 100, longest: 500, tries: 5, window: 10_000 };

test('each restart waits twice as long as the one before, up to the longest', () => {
  const backoff = new Backoff(rules);
  assert.deepEqual([0, 1, 2, 3].map((now) => backoff.died(now)), [100, 200, 400, 500]);
});

test('a server that dies too often is given up', () => {
  const backoff = new Backoff(rules);
  const waits = [0, 1, 2, 3, 4].map((now) => backoff.died(now));
  assert.equal(waits[4], undefined);
});

test('deaths long past are forgotten', () => {
  const backoff = new Backoff(rules);
  for (const now of [0, 1, 2, 3]) backoff.died(now);
  assert.equal(backoff.died(20_000), 100);
});

test('a restart that the user asks for begins anew', () => {
  const backoff = new Backoff(rules);
  for (const now of [0, 1, 2, 3]) backoff.died(now);
  backoff.reset();
  assert.equal(backoff.died(5), 100);
});
