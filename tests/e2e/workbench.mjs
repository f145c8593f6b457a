// A real VS Code workbench (code-server) and a browser to drive it: starts, opens files, reads what a user would see.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { artefacts, systemPath, tools } from './places.mjs';

const { chromium } = createRequire(`${tools}/workbench/`)('playwright-core');

/** Milliseconds that anything may take to appear: far more than it needs, for machines that are busy. */
export const PATIENCE = 120_000;

const QUIET_SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'git.openRepositoryInParentFolders': 'never',
  'editor.minimap.enabled': false,
  'editor.wordBasedSuggestions': 'off',
  'editor.quickSuggestions': 'off',
  'editor.suggestOnTriggerCharacters': false,
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.autoIndent': 'none',
  'editor.cursorBlinking': 'solid',
  'editor.stickyScroll.enabled': false,
  // What is tested is the editor: a fixed threshold, whatever the model's own is.
  'runfree.thresholds.RF001': 0.5,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
};

/** One browser for all tests. */
export async function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** One code-server with its own home, settings and extensions. */
export class CodeServer {
  /**
   * options: name (of its log), vsix, settings, trust (workspaces are trusted from the start), env, home (kept from an earlier one).
   */
  static async start(options) {
    const server = new CodeServer();
    server.home = options.home ?? mkdtempSync(path.join(os.tmpdir(), 'runfree-home-'));
    server.port = await freePort();
    const data = path.join(server.home, 'data');
    mkdirSync(path.join(data, 'User'), { recursive: true });
    const settings = { ...QUIET_SETTINGS, 'security.workspace.trust.enabled': !options.trust, ...options.settings };
    writeFileSync(path.join(data, 'User', 'settings.json'), JSON.stringify(settings, null, 2));
    // Settings of the machine's own are read from here where the workbench is far from it, as a browser is.
    mkdirSync(path.join(data, 'Machine'), { recursive: true });
    writeFileSync(path.join(data, 'Machine', 'settings.json'), JSON.stringify(options.settings ?? {}, null, 2));
    const common = ['--user-data-dir', data, '--extensions-dir', path.join(server.home, 'extensions')];
    const env = { HOME: server.home, PATH: systemPath, LANG: 'C.UTF-8', TERM: 'dumb', ...options.env };
    const log = createWriteStream(path.join(artefacts, `${options.name}.log`));
    const run = (args) => {
      const child = spawn(path.join(tools, 'node', 'bin', 'node'), [path.join(tools, 'workbench', 'node_modules', 'code-server'), ...args], {
        env, cwd: server.home, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
      }); // prettier-ignore
      child.stdout.pipe(log, { end: false });
      child.stderr.pipe(log, { end: false });
      return child;
    };
    if (options.vsix) {
      const [code] = await once(run([...common, '--install-extension', options.vsix]), 'exit');
      if (code !== 0) throw new Error(`--install-extension failed, see ${options.name}.log`);
    }
    server.process = run([
      ...common, '--auth', 'none', '--bind-addr', `127.0.0.1:${server.port}`, '--disable-telemetry', '--disable-update-check',
      ...(options.trust ? ['--disable-workspace-trust'] : []),
      '--disable-getting-started-override', '--ignore-last-opened', '--reconnection-grace-time', '1',
    ]); // prettier-ignore
    await until(async () => (await fetch(`http://127.0.0.1:${server.port}/healthz`).catch(() => undefined))?.ok, PATIENCE, 'code-server to answer');
    return server;
  }

  /** A window on a folder, with a file open at a line (1-based). */
  async open(browser, folder, file, line = 1, viewport = { width: 1360, height: 800 }) {
    const context = await browser.newContext({ viewport, deviceScaleFactor: 1.5 });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: `http://127.0.0.1:${this.port}` });
    await context.route((url) => !['127.0.0.1', 'localhost'].includes(url.hostname), (route) => route.abort());
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const uri = `vscode-remote://127.0.0.1:${this.port}${path.join(folder, file ?? '')}`;
    const payload = file ? [['openFile', `${uri}:${line}:1`], ['gotoLineMode', 'true']] : [];
    const kind = folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
    const query = new URLSearchParams({ [kind]: folder, payload: JSON.stringify(payload) });
    await page.goto(`http://127.0.0.1:${this.port}/?${query}`);
    const window = new Window(page, this);
    await page.waitForSelector(file ? '.monaco-editor .view-line' : '.monaco-workbench', { timeout: PATIENCE });
    return window;
  }

  /** Its user data: logs, settings, the extensions' storage. */
  get data() {
    return path.join(this.home, 'data');
  }

  async stop({ keep = false } = {}) {
    try {
      process.kill(-this.process.pid, 'SIGTERM');
    } catch {
      // gone already
    }
    const gone = once(this.process, 'exit').catch(() => undefined);
    if (this.process.exitCode === null) await Promise.race([gone, sleep(5000)]);
    try {
      process.kill(-this.process.pid, 'SIGKILL');
    } catch {
      // as it should be
    }
    if (!keep) rmSync(this.home, { recursive: true, force: true });
  }
}

/** One workbench window: what a user would do and see. */
export class Window {
  constructor(page, server) {
    this.page = page;
    this.server = server;
  }

  async close() {
    await this.page.context().close();
  }

  /** Texts of the lenses on the screen, from top to bottom; blanks as plain ones. */
  async lenses() {
    return this.page.evaluate(() => {
      // The editor keeps those that are scrolled out of sight, hidden, with the text that they had.
      return [...document.querySelectorAll('.codelens-decoration')]
        .filter((lens) => lens.checkVisibility({ visibilityProperty: true }))
        .map((lens) => ({ text: lens.textContent.replaceAll('\u00a0', ' ').trim(), box: lens.getBoundingClientRect() }))
        .filter(({ text }) => text)
        .sort((a, b) => a.box.top - b.box.top)
        .map(({ text }) => text);
    });
  }

  /** Waits until the lenses please `good`, and hands them back. */
  async waitForLenses(good, what, timeout = PATIENCE) {
    let last = [];
    try {
      await until(async () => good((last = await this.lenses())), timeout, what);
    } catch (error) {
      throw new Error(`${error.message}; the lenses were ${JSON.stringify(last)}`, { cause: error });
    }
    return last;
  }

  /** Waits until the lenses please `good` and have not changed for a while: the editor draws new ones once more. */
  async waitForSteadyLenses(good, what) {
    let before = '';
    let since = Date.now();
    return this.waitForLenses((texts) => {
      const now = texts.join('\n');
      if (now !== before) [before, since] = [now, Date.now()];
      return good(texts) && Date.now() - since > 1500;
    }, what);
  }

  /** Entries of the Problems panel, as its rows read them; none while it is not there yet. */
  async problems() {
    const panel = this.page.locator('.markers-panel');
    if (!(await panel.isVisible())) {
      await this.command('Problems: Focus on Problems View');
      await panel.waitFor({ timeout: 5000 }).catch(() => undefined);
    }
    return this.page.evaluate(() =>
      [...document.querySelectorAll('.markers-panel .monaco-list-row')].map((row) => row.textContent.replaceAll('\u00a0', ' ').trim()),
    );
  }

  async waitForProblems(good, what, timeout = PATIENCE) {
    let last = [];
    try {
      await until(async () => good((last = await this.problems())), timeout, what);
    } catch (error) {
      throw new Error(`${error.message}; the problems were ${JSON.stringify(last)}`, { cause: error });
    }
    return last;
  }

  /** Runs a command of the palette by its title. */
  async command(title) {
    const input = await this.choose('F1', `>${title}`, title.split(': ').at(-1));
    await this.page.keyboard.press('Enter');
    // Some commands go on to ask in the same place.
    await input.waitFor({ state: 'hidden', timeout: 1500 }).catch(() => undefined);
  }

  /** Opens an input, fills it and waits until Enter would take the entry with that text; hands the input back. */
  async choose(key, typed, text) {
    for (let attempt = 0; ; attempt++) {
      const input = await this.quickInput(key, typed);
      try {
        await this.chosen(text, attempt === 4 ? PATIENCE : 6000);
        return input;
      } catch (error) {
        // A list that something else closed, a message for one, never comes back by itself.
        if (attempt === 4) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Waits until the entry that Enter would take is the one with that text. */
  async chosen(text, timeout = PATIENCE) {
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: text }).waitFor({ timeout });
  }

  /** Opens an input at the top of the window by a key and fills it; an input that is just closing swallows the key. */
  async quickInput(key, text) {
    const input = this.page.locator('.quick-input-widget input.input').first();
    for (let attempt = 0; ; attempt++) {
      await this.page.keyboard.press(key);
      try {
        await input.waitFor({ state: 'visible', timeout: 3000 });
        await sleep(100);
        await input.fill(text, { timeout: 3000 });
        return input;
      } catch (error) {
        if (attempt === 4) throw error;
      }
    }
  }

  /** Puts the cursor at a place of the open editor (1-based). */
  async goTo(line, column = 1) {
    await this.focusEditor();
    const input = await this.quickInput('Control+g', `:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await input.waitFor({ state: 'hidden' });
  }

  /** Where the cursor is, as the status bar says it: "Ln 16, Col 5". */
  async place() {
    return (await this.page.locator('[id="status.editor.selection"]').textContent().catch(() => '')) ?? '';
  }

  /** Types over a line of the open editor (1-based). */
  async replaceLine(line, text) {
    await this.goTo(line);
    await this.page.keyboard.press('Shift+End');
    await this.page.keyboard.type(text, { delay: 25 });
  }

  async focusEditor() {
    await this.page.keyboard.press('Escape');
    await this.page.keyboard.press('Control+1');
  }

  /** Types at the end of the open file. */
  async typeAtEnd(text, delay = 25) {
    await this.focusEditor();
    await this.page.keyboard.press('Control+End');
    await this.page.keyboard.type(text, { delay });
  }

  /** Puts the cursor where a row of the Problems panel says that it is. */
  async goToProblem(row) {
    const place = /\[Ln (\d+), Col (\d+)\]/.exec(row);
    await this.goTo(Number(place[1]), Number(place[2]));
  }

  /** Messages of the toasts on the screen. */
  async toasts() {
    return this.page.locator('.notifications-toasts .notification-list-item-message').allTextContents();
  }

  async waitForToast(pattern, timeout = PATIENCE) {
    await until(async () => (await this.toasts()).some((text) => pattern.test(text)), timeout, `a message like ${pattern}`).catch(async (error) => {
      throw new Error(`${error.message}; the messages were ${JSON.stringify(await this.toasts())}`);
    });
  }

  /** Clicks a button of the toast whose message fits. */
  async clickToast(pattern, button) {
    const toast = this.page.locator('.notifications-toasts .notification-toast', { hasText: pattern });
    await toast.getByRole('button', { name: button, exact: true }).click();
  }

  async screenshot(name) {
    await this.page.screenshot({ path: path.join(artefacts, `${name}.png`) });
  }

  /** A picture of some part of the window, or of so many pixels of it from its top. */
  async picture(name, selector, height = Infinity) {
    await this.page.mouse.move(2, 2);
    await sleep(700);
    const box = await this.page.locator(selector).first().boundingBox();
    await this.page.screenshot({ path: path.join(artefacts, `${name}.png`), clip: { ...box, height: Math.min(height, box.height) } });
  }
}

/** Waits until `check` is true; fails with what was waited for. */
export async function until(check, timeout, what) {
  const end = Date.now() + timeout;
  for (;;) {
    if (await check()) return;
    if (Date.now() > end) throw new Error(`waited ${timeout / 1000} s for ${what}`);
    await sleep(100);
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
