// The VS Code extension in a real workbench, installed from its .vsix, as a user meets it.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { artefacts, root } from './places.mjs';
import { allProjects, committedProject, lineOf, manyFiles, project, testFiles, TYPED, typedAt } from './projects.mjs';
import { CodeServer, PATIENCE, startBrowser, until } from './workbench.mjs';

const vsix = process.env.RUNFREE_VSIX ?? globSync(path.join(root, 'dist', 'runfree-linux-x64-*.vsix'))[0];
const predicted = (text) => /new coverage [<>]?\d+%/.test(text);
const settled = (texts) => texts.some(predicted) && !texts.some((text) => /updating|predicting/.test(text));
// While working on the client: another server than that of the .vsix.
const other = process.env.RUNFREE_E2E_SERVER ? { 'runfree.server.path': process.env.RUNFREE_E2E_SERVER } : {};
const LANGUAGES = ['python', 'java', 'go'];

let browser;
/** The code-server of most tests: trusted, nothing configured, the server set up by the extension itself. */
let code;

before(async () => {
  assert.ok(vsix, 'no .vsix: run `make vsix` first');
  browser = await startBrowser();
  // A package index that does not exist: what is installed comes from the .vsix.
  code = await CodeServer.start({ name: 'vscode', vsix, trust: true, settings: other, env: { PIP_INDEX_URL: 'http://127.0.0.1:9/simple' } });
});

after(async () => {
  await code?.stop();
  await browser?.close();
});

/** What the extension has logged, in all windows of a code-server. */
function logs(server) {
  return globSync('logs/**/runfree.log', { cwd: server.data })
    .map((file) => path.join(server.data, file))
    .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

const serverProcess = (server) => Number([...logs(server).matchAll(/the server runs, process (\d+)/g)].at(-1)?.[1]);
const alive = (pid) => existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

/** Runs `steps` in a window; a failure leaves a screenshot. */
async function inWindow(server, folder, file, line, steps) {
  const window = await server.open(browser, folder, file, line);
  try {
    await steps(window);
  } catch (error) {
    await window.screenshot(`failed-${path.basename(folder)}-${Date.now()}`);
    error.message += `\nthe log ends with:\n${logs(server).split('\n').slice(-15).join('\n')}`;
    throw error;
  } finally {
    await window.close();
  }
}

test('VS Code: from the .vsix alone, offline: sets up its server, shows lenses and findings', async () => {
  const folder = project('python');
  const file = testFiles(folder)[0];
  await inWindow(code, folder, file, 1, async (window) => {
    await window.waitForLenses(settled, 'predictions above the tests', 3 * PATIENCE);
    await window.waitForProblems((rows) => rows.some((row) => row.includes('RF001')), 'a test that likely fails');
    assert.match(logs(code), /installing the server .*, offline/);
    assert.match(logs(code), /taking .*globalStorage\/runfree\.runfree\/server-.*: the server that comes with the extension/);
    assert.deepEqual(await window.toasts(), []);
  });
});

for (const language of LANGUAGES) {
  test(`VS Code, ${language}: lenses above the tests; a failing test typed by hand is flagged, mended it is not`, async () => {
    const folder = project(language);
    const file = testFiles(folder)[0];
    const typed = TYPED[language];
    const first = typedAt(folder, file);
    await inWindow(code, folder, file, 1, async (window) => {
      await window.waitForLenses(settled, 'predictions above the tests');
      await window.screenshot(`vscode-${language}`);
      assert.ok(!flagged(await window.problems(), first), 'the file ends with a finding');
      await window.goTo(first);
      await window.page.keyboard.type(typed.lines.join('\n'), { delay: 25 });
      // With its reason: half typed, it cannot be parsed, which is a finding too.
      await window.waitForProblems((rows) => flagged(rows, first, typed.reason), 'the typed test to be flagged');
      await window.waitForLenses((lenses) => settled(lenses) && lenses.some((text) => text.includes('likely fails')), 'its lens');
      await window.screenshot(`vscode-${language}-typed`);
      await window.replaceLine(first + typed.failing, typed.mended);
      await window.waitForLenses(settled, 'predictions of the mended test');
      await window.waitForProblems((rows) => !flagged(rows, first), 'the mended test not to be flagged');
    });
  });
}

/** Whether rows of the Problems panel tell of a test that likely fails at or below a line. */
const flagged = (rows, line, reason = '') =>
  rows.some((row) => row.includes('RF001') && row.includes(reason) && Number(/\[Ln (\d+),/.exec(row)?.[1]) >= line);

test('VS Code: tests that are committed are left in peace, a new one has its lens', async () => {
  const folder = committedProject('python');
  const file = testFiles(folder)[0];
  const first = typedAt(folder, file);
  await inWindow(code, folder, file, first, async (window) => {
    await window.typeAtEnd('\n\ndef test_typed_by_hand():\n    assert Line("bun", 35, 3).total == 105\n');
    await window.waitForSteadyLenses((lenses) => lenses.some(predicted), 'a prediction of the new test');
    assert.equal((await window.lenses()).length, 1, 'only the new test is scored');
    await window.screenshot('vscode-new');
    assert.ok(!(await window.problems()).some((row) => row.includes('Decimal')), 'an old test has no finding');
  });
});

test('VS Code: no lens goes dark while typing; a quick fix silences a finding', async () => {
  const folder = project('python');
  const file = testFiles(folder)[0];
  await inWindow(code, folder, file, 1, async (window) => {
    await window.waitForSteadyLenses(settled, 'predictions above the tests');
    // The first test stays on the screen: its lens is looked at in every frame.
    await window.goTo(lineOf(folder, file, /^\s*def test_/) + 1);
    await window.page.keyboard.press('End');
    await window.page.evaluate(() => {
      const fewest = { lenses: Infinity, frames: 0 };
      globalThis.runfreeFewest = fewest;
      const look = () => {
        const shown = [...document.querySelectorAll('.codelens-decoration')].filter(
          (lens) => /%/.test(lens.textContent) && lens.checkVisibility({ visibilityProperty: true }),
        ).length;
        fewest.before ??= shown;
        fewest.lenses = Math.min(fewest.lenses, shown);
        fewest.frames += 1;
        if (!fewest.stop) nextPicture();
      };
      // What was painted counts: the workbench itself draws in animation frames, so look once those of a frame are through.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = look;
      const nextPicture = () => requestAnimationFrame(() => port2.postMessage(0));
      look();
    });
    await window.page.keyboard.type('  # a note, typed while the lenses are watched', { delay: 60 });
    await window.waitForSteadyLenses(settled, 'predictions of what was typed');
    const fewest = await window.page.evaluate(() => Object.assign(globalThis.runfreeFewest, { stop: true }));
    assert.ok(fewest.frames > 60, `only ${fewest.frames} frames were looked at`);
    assert.ok(fewest.before >= 3, `only ${fewest.before} lenses to look at`);
    assert.ok(fewest.lenses >= fewest.before, `while typing there were only ${fewest.lenses} of ${fewest.before} lenses`);

    const failing = (rows) => rows.find((row) => row.includes('RF001') && row.includes('Decimal'));
    const row = failing(await window.waitForProblems(failing, 'the test that fails'));
    await window.goToProblem(row);
    await window.page.keyboard.press('Control+.');
    const action = window.page.locator('.action-widget .monaco-list-row', { hasText: 'Ignore RF001 for this test' }).first();
    await action.waitFor();
    await window.screenshot('vscode-quick-fix');
    await action.click();
    await window.waitForProblems((rows) => !failing(rows), 'the silenced finding to go');
    await window.focusEditor();
    await window.page.keyboard.press('Control+z');
    await window.waitForProblems(failing, 'the finding to come back');
  });
});

test('VS Code: hover and the click on a lens explain', async () => {
  const folder = project('python');
  const file = testFiles(folder)[0];
  await inWindow(code, folder, file, 1, async (window) => {
    const lenses = await window.waitForSteadyLenses(settled, 'predictions above the tests');
    const line = lineOf(folder, file, /^\s*def test_/);
    await window.goTo(line, 6);
    await window.command('Show or Focus Hover');
    const hover = window.page.locator('.monaco-hover:visible').first();
    await until(async () => /without running anything/.test(await hover.textContent().catch(() => '')), PATIENCE, 'the explanation in the hover');
    assert.match(await hover.textContent(), /new mutants killed/);
    await window.screenshot('vscode-hover');
    await window.focusEditor();

    await window.goTo(line, 6);
    await window.page.keyboard.press('Control+.');
    const action = window.page.locator('.action-widget .monaco-list-row', { hasText: 'Go to the most similar test' }).first();
    await action.waitFor();
    const similar = /similar test: (\w+)/.exec(await action.textContent())[1];
    await action.click();
    const there = lineOf(folder, file, new RegExp(`def ${similar}\\(`));
    await until(async () => (await window.place()).startsWith(`Ln ${there},`), PATIENCE, `the cursor on line ${there}`);

    await window.goTo(line, 1);
    await window.waitForSteadyLenses(settled, 'predictions above the tests');
    await window.page.locator('.codelens-decoration a', { hasText: lenses[0].slice(0, 20) }).first().click();
    const frame = window.page.frameLocator('iframe.webview').frameLocator('iframe');
    await frame.getByText('without running anything').first().waitFor({ timeout: PATIENCE });
    assert.match(await frame.locator('body').textContent(), /new mutants killed/);
    await window.screenshot('vscode-explanation');
  });
});

test('VS Code: the workspace is scored with progress, which can be cancelled', async () => {
  const folder = manyFiles(project('python'), 60);
  await inWindow(code, folder, testFiles(folder)[0], 1, async (window) => {
    await window.waitForLenses(settled, 'predictions above the tests');
    await window.command('runfree: Score the Workspace');
    await window.waitForToast(/scoring tests/);
    await window.screenshot('vscode-progress');
    await window.clickToast(/scoring tests/, 'Cancel');
    await window.waitForToast(/cancelled after \d+ tests?/);
    await window.command('Notifications: Clear All Notifications');

    await window.command('runfree: Score the Workspace');
    await window.waitForToast(/scored \d+ tests in \d+ files, \d+ findings/);
    await window.clickToast(/scored \d+ tests/, 'Show problems');
    await window.waitForProblems((rows) => rows.filter((row) => /test_\w+\.py/.test(row)).length > 3, 'findings of files that are not open');
    await window.screenshot('vscode-workspace');
  });
});

test('VS Code: a killed server comes back; a closed window leaves no process', async () => {
  const folder = project('python');
  const file = testFiles(folder)[0];
  let last = 0;
  await inWindow(code, folder, file, 1, async (window) => {
    await window.waitForLenses(settled, 'predictions above the tests');
    const first = serverProcess(code);
    assert.ok(alive(first));
    process.kill(first, 'SIGKILL');
    await until(() => serverProcess(code) !== first && alive(serverProcess(code)), PATIENCE, 'another server');
    await window.waitForLenses(settled, 'predictions of the other server');
    await window.typeAtEnd('\n\ndef test_of_the_other_server():\n    assert not_defined_anywhere()\n');
    await window.waitForProblems((rows) => rows.some((row) => row.includes('not_defined_anywhere')), 'the other server to work');
    assert.deepEqual(await window.toasts(), [], 'one death is no news');

    const second = serverProcess(code);
    await window.command('runfree: Restart the Server');
    await until(() => serverProcess(code) !== second && !alive(second), PATIENCE, 'the restart');
    last = serverProcess(code);
  });
  await until(() => !alive(last), PATIENCE, 'the server to end with its window');
});

test('VS Code: a changed setting takes effect at once; two folders keep their own settings', async () => {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'runfree-e2e-'));
  const [one, two] = [project('python'), project('go')];
  const workspace = path.join(parent, 'both.code-workspace');
  writeFileSync(workspace, JSON.stringify({ folders: [{ path: one }, { path: two }], settings: {} }));
  const window = await code.open(browser, workspace, undefined);
  try {
    await openFile(window, path.basename(testFiles(one)[0]));
    await window.waitForLenses(settled, 'predictions in the first folder');
    mkdirSync(path.join(two, '.vscode'));
    writeFileSync(path.join(two, '.vscode', 'settings.json'), JSON.stringify({ 'runfree.lens.style': 'compact' }));
    await openFile(window, path.basename(testFiles(two)[0]));
    await window.waitForLenses((texts) => texts.some((text) => /% pass · \d+% new cov|% pass · [<>]\d+% new cov/.test(text)), 'compact lenses in the second folder');
    await openFile(window, path.basename(testFiles(one)[0]));
    await window.waitForLenses(settled, 'full lenses in the first folder');
  } catch (error) {
    await window.screenshot(`failed-multi-root-${Date.now()}`);
    throw error;
  } finally {
    await window.close();
  }
});

/** Opens a file of the workspace by its name, or by the end of its path. */
async function openFile(window, file) {
  const name = path.basename(file);
  await window.choose('Control+p', file, new RegExp(`^\\s*${name.replace('.', '\\.')}`));
  await window.page.keyboard.press('Enter');
  await window.page.waitForSelector(`.tab.active[data-resource-name="${name}"]`, { timeout: PATIENCE });
}

test('VS Code: the lines that will be newly covered are marked in the focal file, where that is wanted', async () => {
  const folder = project('python');
  mkdirSync(path.join(folder, '.vscode'));
  writeFileSync(path.join(folder, '.vscode', 'settings.json'), JSON.stringify({ 'runfree.inlayHints.newLines': true }));
  await inWindow(code, folder, testFiles(folder)[0], 1, async (window) => {
    await window.waitForLenses(settled, 'predictions above the tests');
    await openFile(window, path.join('shop', 'cart.py'));
    const hint = window.page.locator('.view-line', { hasText: /newly\scovered\s[<>]?\d+%/ }).first();
    await window.goTo(lineOf(folder, path.join('shop', 'cart.py'), /def remove/));
    await hint.waitFor();
    await window.screenshot('vscode-focal');
  });
});

test('VS Code: the language status names the model, the walkthrough opens, a finding leads to its page', async () => {
  const folder = project('python');
  await inWindow(code, folder, testFiles(folder)[0], 1, async (window) => {
    await window.waitForLenses(settled, 'predictions above the tests');
    await window.page.locator('.statusbar-item[id="status.languageStatus"]').hover();
    const status = window.page.locator('.hover-language-status', { hasText: /runfree: rmrf \d/ }).first();
    await status.waitFor();
    assert.match(await status.textContent(), /predicts, runs nothing/);
    await window.screenshot('vscode-status');

    const rows = await window.waitForProblems((all) => all.some((row) => row.includes('RF001')), 'a finding');
    assert.ok(rows.length);
    await window.page.locator('.markers-panel a', { hasText: 'RF001' }).first().click();
    await window.page.waitForSelector('.tab.active[data-resource-name="RF001.md"]');

    await window.command('Welcome: Open Walkthrough...');
    await window.page.keyboard.type('runfree');
    await window.chosen('Start with runfree');
    await window.page.keyboard.press('Enter');
    const steps = window.page.locator('.gettingStartedContainer .getting-started-step');
    await until(async () => (await steps.count()) === 4, PATIENCE, 'the four steps of the walkthrough');
    await window.screenshot('vscode-walkthrough');
  });
});

test('VS Code: debug information lands on the clipboard, without a line of code', async () => {
  const folder = project('python');
  const file = testFiles(folder)[0];
  await inWindow(code, folder, file, 1, async (window) => {
    await window.waitForLenses(settled, 'predictions above the tests');
    await window.command('runfree: Copy Debug Information');
    await window.waitForToast(/on the clipboard/);
    const text = await window.page.evaluate(() => navigator.clipboard.readText());
    assert.match(text, /extension 0\.\d+\.\d+, VS Code 1\./);
    assert.match(text, /onnxruntime \d/);
    assert.doesNotMatch(text, /def test_|assert /);
  });
});

test('VS Code: a file without a name is no trouble', async () => {
  const folder = project('python');
  await inWindow(code, folder, testFiles(folder)[0], 1, async (window) => {
    await window.waitForLenses(settled, 'predictions above the tests');
    const before = logs(code);
    await window.command('Create: New Untitled Text File');
    await window.command('Change Language Mode');
    await window.page.keyboard.type('Python');
    await window.chosen('Python');
    await window.page.keyboard.press('Enter');
    await window.page.locator('#status\\.editor\\.mode', { hasText: 'Python' }).waitFor();
    await window.focusEditor();
    await window.page.keyboard.type('def test_sum():\n    assert 1 + 1 == 2\n', { delay: 25 });
    await sleep(3000);
    assert.deepEqual(await window.toasts(), []);
    assert.doesNotMatch(logs(code).slice(before.length), /\[error\]/);
  });
});

test('VS Code: an untrusted workspace chooses no program, and is served all the same', async () => {
  const folder = project('python');
  const trap = path.join(folder, 'trap');
  const evil = path.join(folder, '.venv', 'bin', 'runfree');
  mkdirSync(path.dirname(evil), { recursive: true });
  writeFileSync(evil, `#!/bin/sh\ntouch ${trap}\n`);
  chmodSync(evil, 0o755);
  mkdirSync(path.join(folder, '.vscode'));
  writeFileSync(path.join(folder, '.vscode', 'settings.json'), JSON.stringify({ 'runfree.server.path': evil, 'runfree.server.interpreter': evil }));
  await code.stop({ keep: true });
  const careful = await CodeServer.start({ name: 'vscode-untrusted', home: code.home, trust: false });
  try {
    await inWindow(careful, folder, testFiles(folder)[0], 1, async (window) => {
      await window.waitForLenses(settled, 'predictions above the tests');
      assert.match(logs(careful), /the server that comes with the extension \(the workspace is not trusted\)/);
      assert.ok(!existsSync(trap), 'a program of the workspace was run');
      await window.screenshot('vscode-untrusted');
    });
  } finally {
    await careful.stop({ keep: true });
    code = await CodeServer.start({ name: 'vscode-again', home: code.home, trust: true, settings: other });
  }
});

test('VS Code: pictures for the README', async () => {
  const folder = allProjects();
  // What the model says, by its own threshold.
  mkdirSync(path.join(folder, '.vscode'));
  writeFileSync(path.join(folder, '.vscode', 'settings.json'), JSON.stringify({ 'runfree.thresholds.RF001': null, 'runfree.inlayHints.newLines': true }));
  const file = 'python/tests/test_cart.py';
  const line = lineOf(folder, file, /def test_line_totals_are_exact/);
  const window = await code.open(browser, folder, file, line - 8, { width: 1080, height: 600 });
  try {
    await window.page.keyboard.press('Control+b');
    await window.waitForLenses(settled, 'predictions above the tests', 3 * PATIENCE);
    await window.waitForSteadyLenses(settled, 'predictions above the tests');
    await window.goTo(line + 4);
    // The first lens on the screen is cut in half else.
    await window.page.keyboard.press('Control+ArrowUp');
    await window.waitForSteadyLenses(settled, 'predictions in the middle of the file');
    await window.picture('readme-lens', '.part.editor');

    await window.goTo(lineOf(folder, file, /def test_removing_an_article_that_is_not_there/), 8);
    await window.command('Show or Focus Hover');
    const hover = window.page.locator('.monaco-hover:visible').first();
    await until(async () => /without running anything/.test(await hover.textContent().catch(() => '')), PATIENCE, 'the explanation');
    await window.picture('readme-hover', '.part.editor');
    await window.focusEditor();

    await openFile(window, path.join('shop', 'cart.py'));
    await window.goTo(lineOf(folder, 'python/shop/cart.py', /def remove/));
    await window.page.locator('.view-line', { hasText: /newly\scovered/ }).first().waitFor();
    await window.picture('readme-focal', '.part.editor');

    await window.command('runfree: Score the Workspace');
    await window.waitForToast(/scored \d+ tests in 3 files/);
    await window.clickToast(/scored \d+ tests/, 'Show problems');
    await window.waitForProblems((rows) => rows.length > 3, 'the findings');
    await window.command('View: Toggle Maximized Panel');
    await window.command('Notifications: Clear All Notifications');
    await window.picture('readme-problems', '.part.panel', 430);
  } catch (error) {
    await window.screenshot(`failed-pictures-${Date.now()}`);
    throw error;
  } finally {
    await window.close();
  }
});

for (const [name, options, message] of [
  ['a wrong path in the settings', { settings: { 'runfree.server.path': '/nowhere/runfree' } }, /runfree\.server\.path: \/nowhere\/runfree is not a runfree server/],
  [
    'an interpreter that is none',
    { settings: { 'runfree.server.interpreter': '/nowhere/python3' } },
    /runfree\.server\.interpreter: \/nowhere\/python3 is not a Python 3\.11 or newer/,
  ],
]) {
  test(`VS Code: ${name} gives one clear message with "Show log"`, async () => {
    const server = await CodeServer.start({ name: `vscode-missing-${message.source.length}`, vsix, trust: true, ...options });
    const folder = project('python');
    try {
      await inWindow(server, folder, testFiles(folder)[0], 1, async (window) => {
        await window.waitForToast(message);
        await openFile(window, path.basename(testFiles(folder).at(-1)));
        await sleep(3000);
        assert.equal((await window.toasts()).length, 1, 'one message is enough');
        await window.screenshot('vscode-missing');
        await window.clickToast(message, 'Show log');
        await until(async () => /runfree/.test(await window.page.locator('.panel .output-view, .part.panel').first().textContent()), PATIENCE, 'the log');
        assert.deepEqual(await window.lenses(), []);
      });
    } finally {
      await server.stop();
    }
  });
}
