// The Neovim plugin in a real Neovim, set up as its README says.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { artefacts, nvim, root, systemPath } from './places.mjs';
import { lineOf, manyFiles, project, testFiles, TYPED, typedAt } from './projects.mjs';
import { server } from './server.mjs';
import { drawTerminal } from './terminal.mjs';

const scripts = path.join(root, 'tests', 'e2e', 'nvim');
let home = '';

before(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'runfree-nvim-'));
  const plugin = path.join(home, 'data', 'nvim', 'site', 'pack', 'runfree', 'start', 'runfree');
  mkdirSync(path.dirname(plugin), { recursive: true });
  cpSync(path.join(root, 'client-nvim'), plugin, { recursive: true });
});

after(() => {
  rmSync(home, { recursive: true, force: true });
});

const environment = (extra = {}) => ({
  HOME: home,
  PATH: `${path.dirname(server())}:${systemPath}`,
  LANG: 'C.UTF-8',
  TERM: 'xterm-256color',
  XDG_CONFIG_HOME: path.join(home, 'config'),
  XDG_DATA_HOME: path.join(home, 'data'),
  XDG_STATE_HOME: path.join(home, 'state'),
  XDG_CACHE_HOME: path.join(home, 'cache'),
  ...extra,
});

/** Runs one scenario on a file; fails with what Neovim printed. */
async function scenario(name, folder, file, { env = {}, first = [] } = {}) {
  const args = ['--headless', '-n', '-u', path.join(scripts, 'init.lua'), '--cmd', `lua package.path = '${scripts}/?.lua;' .. package.path`];
  // After VimEnter: before it, Neovim starts no language server anew.
  const start = `autocmd VimEnter * ++once lua vim.schedule(function() dofile('${scripts}/${name}.lua') vim.cmd('qa!') end)`;
  const child = spawn(nvim, [...args, ...first, '--cmd', start, file], {
    cwd: folder,
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  child.stderr.on('data', (text) => (output += text));
  const late = setTimeout(() => child.kill('SIGKILL'), 300_000);
  const [code] = await once(child, 'exit');
  clearTimeout(late);
  writeFileSync(path.join(artefacts, `nvim-${name}.log`), output);
  assert.equal(code, 0, output);
  assert.ok(!/Error executing|E\d+:/.test(output), output);
}

for (const language of ['python', 'java', 'go']) {
  test(`Neovim, ${language}: lens, explanation, finding, quick fix`, async () => {
    const folder = project(language);
    // The failing test of the Python example is beyond doubt for any model: a name is not defined.
    await scenario('shows', folder, testFiles(folder)[0], { env: { RUNFREE_EXPECT: language === 'python' ? 'RF001' : 'none' } });
  });
}

for (const language of ['python', 'java', 'go']) {
  test(`Neovim, ${language}: a typed test is flagged, mended, and no lens ever goes dark`, async () => {
    const folder = project(language);
    const file = testFiles(folder)[0];
    const typed = { ...TYPED[language], at: typedAt(folder, file) };
    await scenario('types', folder, file, { env: { RUNFREE_TYPED: JSON.stringify(typed) } });
  });
}

test('Neovim: the workspace is scored with progress, and it can be cancelled', async () => {
  const folder = manyFiles(project('python'), 40);
  await scenario('workspace', folder, testFiles(folder)[0]);
});

test('Neovim: a killed server comes back', async () => {
  const folder = project('python');
  await scenario('crash', folder, testFiles(folder)[0]);
});

test('Neovim: without a server there is one clear message', async () => {
  const folder = project('python');
  const collect = 'lua _G.messages = {} vim.notify = function(m) table.insert(_G.messages, m) end';
  await scenario('missing', folder, testFiles(folder)[0], { env: { RUNFREE_CMD: '/nowhere/runfree' }, first: ['--cmd', collect] });
});

test('Neovim: :checkhealth and :help', async () => {
  const folder = project('python');
  await scenario('health', folder, testFiles(folder)[0]);
});

test('Neovim: what the user sees in a terminal', async () => {
  const folder = project('python');
  const session = `runfree-${process.pid}`;
  const tmux = (...args) => spawnSync('tmux', ['-L', session, ...args], { encoding: 'utf8', env: environment({ RUNFREE_PICTURE: '1' }) });
  const file = testFiles(folder)[0];
  // Where the failing test is in the middle of the screen.
  const line = lineOf(folder, file, /def test_line_totals_are_exact/);
  const quoted = `cd '${folder}' && '${nvim}' -n -u '${scripts}/init.lua' '+normal ${line}Gzz' '${file}'`;
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', '130', '-y', '34', quoted);
  tmux('set-option', '-ga', 'terminal-overrides', ',*:Tc');
  try {
    let screen = '';
    const end = Date.now() + 90_000;
    while (Date.now() < end && !/new coverage[^]*(likely|may) fail/.test(screen)) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      screen = tmux('capture-pane', '-p').stdout;
    }
    assert.match(screen, /likely passes >?\d+% · new coverage/);
    assert.match(screen, /Raises NameError|`Decimal`/);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const coloured = tmux('capture-pane', '-p', '-e').stdout;
    await drawTerminal(coloured, path.join(artefacts, 'nvim-screen.png'));
    assert.ok(existsSync(path.join(artefacts, 'nvim-screen.png')) && readFileSync(path.join(artefacts, 'nvim-screen.png')).length > 20_000);
  } finally {
    tmux('kill-server');
  }
});
