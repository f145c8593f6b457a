// Copies of the example projects to work on.
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './places.mjs';

const PATTERNS = ['**/test_*.py', '**/*_test.py', '**/*Test.java', '**/*_test.go'];

/** A copy of an example project in a folder of its own. */
export function project(name) {
  const folder = path.join(mkdtempSync(path.join(os.tmpdir(), 'runfree-e2e-')), name);
  cpSync(path.join(root, 'examples', name), folder, { recursive: true });
  return folder;
}

/** A copy of all example projects in one folder. */
export function allProjects() {
  const folder = path.join(mkdtempSync(path.join(os.tmpdir(), 'runfree-e2e-')), 'examples');
  cpSync(path.join(root, 'examples'), folder, { recursive: true });
  return folder;
}

/** A copy of an example project as most are: everything committed, and nothing said about which tests are scored. */
export function committedProject(name) {
  const folder = project(name);
  rmSync(path.join(folder, 'runfree.toml'));
  for (const command of ['init', 'add .', '-c user.name=a -c user.email=a@example.org commit -m first']) {
    execFileSync('git', ['-C', folder, ...command.split(' ')], { stdio: 'ignore' });
  }
  return folder;
}

/** Its test files, relative to it. */
export function testFiles(folder) {
  return PATTERNS.flatMap((pattern) => globSync(pattern, { cwd: folder })).sort();
}

/** The same project with its first test file many times over: work for long enough to be stopped. */
export function manyFiles(folder, count) {
  const first = testFiles(folder)[0];
  const text = readFileSync(path.join(folder, first), 'utf8');
  for (let index = 0; index < count; index++) {
    const name = path.basename(first).replace(/(\.\w+)$/, `_${String(index).padStart(3, '0')}$1`);
    // Not the same text: the cache would answer.
    writeFileSync(path.join(folder, path.dirname(first), name), `${text}\n# copy ${index}\nCOPY = ${index}\n`);
  }
  return folder;
}

/** Line (1-based) of the first line that fits. */
export function lineOf(folder, file, pattern) {
  const index = readFileSync(path.join(folder, file), 'utf8').split('\n').findIndex((line) => pattern.test(line));
  if (index < 0) throw new Error(`${file} has no line like ${pattern}`);
  return index + 1;
}

/** A test typed by hand in each language: its lines, which of them makes it fail beyond any doubt, why, and that line mended. */
export const TYPED = {
  python: {
    lines: ['', '', 'def test_typed_by_hand():', '    assert not_defined_anywhere(1) == 2', ''],
    failing: 3,
    reason: 'not_defined_anywhere',
    mended: '    assert 1 + 1 == 2',
  },
  java: {
    lines: ['', '    @Test', '    void typedByHand() {', '        assertEquals(2, notDefinedAnywhere(1));', '    }', ''],
    failing: 3,
    reason: 'notDefinedAnywhere',
    mended: '        assertEquals(2, 1 + 1);',
  },
  go: {
    lines: ['', 'func TestTypedByHand(t *testing.T) {', '    if got, _ := Parse("5m", 2); got != 300 {', '        t.Errorf("got %d", got)', '    }', '}', ''],
    failing: 2,
    reason: 'takes 2 arguments',
    mended: '    if got, _ := Parse("5m"); got != 300 {',
  },
};

/** Line (1-based) that it is typed on: the empty one at the end, in Java that of the class's closing brace. */
export function typedAt(folder, file) {
  const lines = readFileSync(path.join(folder, file), 'utf8').split('\n');
  return file.endsWith('.java') ? lines.lastIndexOf('}') + 1 : lines.length;
}
