/** The commands of the palette and of the lenses: each asks the server, or says why it cannot. */
import * as vscode from 'vscode';
import { ExecuteCommandRequest, type LanguageClient } from 'vscode-languageclient/node';
import type { Explanations } from './explain.ts';
import type { FailureMessage } from './failure.ts';
import type { Server } from './server.ts';
import { clientSettings, SECTION, serverSettings, settingKeys } from './settings.ts';

export interface Parts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly server: Server;
  readonly failure: FailureMessage;
  readonly explanations: Explanations;
}

export function registerCommands(parts: Parts): vscode.Disposable[] {
  const { log, server } = parts;
  const all: Record<string, (...args: unknown[]) => Promise<void> | void> = {
    'runfree.restart': async () => {
      await parts.failure.forget();
      await server.restart('the user asked for it');
    },
    'runfree.showLog': () => {
      log.show();
    },
    'runfree.scoreFile': (uri) => scoreFile(parts, uri),
    'runfree.scoreWorkspace': () => scoreWorkspace(parts),
    'runfree.explain': (uri, test) => explain(parts, uri, test),
    'runfree.clearCache': () => clearCache(parts),
    // Asked for by the server's quick fixes; it opens the place itself.
    'runfree.goToTest': async (...args) => {
      await ask(parts, 'runfree.goToTest', ...args);
    },
    'runfree.goToSimilarTest': async (...args) => {
      await ask(parts, 'runfree.goToSimilarTest', ...args);
    },
    'runfree.copyDebugInformation': () => copyDebugInformation(parts),
    'runfree.openSettings': (key) =>
      void vscode.commands.executeCommand('workbench.action.openSettings', typeof key === 'string' ? key : '@ext:runfree.runfree'),
  };
  return Object.entries(all).map(([name, command]) => vscode.commands.registerCommand(name, command));
}

/** What the server answers to one of its commands; undefined where it does not run or failed, which is then said. */
async function ask(parts: Parts, command: string, ...args: unknown[]): Promise<unknown> {
  const client = running(parts);
  if (!client) return undefined;
  try {
    return (await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: args })) ?? null;
  } catch (error) {
    tellFailure(parts, error);
    return undefined;
  }
}

function running({ server, log }: Parts): LanguageClient | undefined {
  if (server.client) return server.client;
  void vscode.window.showWarningMessage('runfree: the server is not running.', 'Restart', 'Show log').then((answer) => {
    if (answer === 'Restart') void vscode.commands.executeCommand('runfree.restart');
    if (answer === 'Show log') log.show();
  });
  return undefined;
}

function tellFailure({ log }: Parts, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  log.error(message);
  void vscode.window.showErrorMessage(`runfree: ${message}`, 'Show log').then((answer) => {
    if (answer) log.show();
  });
}

/** What the server answers to `runfree.scoreFile` and `runfree.scoreWorkspace`. */
interface Summary {
  readonly tests: number;
  readonly findings: number;
  readonly files?: number;
  readonly skipped: string | number;
  readonly cancelled?: boolean;
}

async function scoreFile(parts: Parts, given: unknown): Promise<void> {
  const uri = given instanceof vscode.Uri ? given : vscode.window.activeTextEditor?.document.uri;
  if (!uri) {
    void vscode.window.showInformationMessage('runfree: open a Python, Java or Go test file first.');
    return;
  }
  const answer = (await ask(parts, 'runfree.scoreFile', uri.toString())) as Summary | undefined | null;
  if (!answer) return;
  if (answer.skipped) void vscode.window.showInformationMessage(`runfree: not scored: ${answer.skipped}`);
  else await tellFindings(`${count(answer.tests, 'test')} scored, ${count(answer.findings, 'finding')}`, answer.findings);
}

/** Scores every test file of the workspace; progress and Cancel are shown by `progress.ts`. */
async function scoreWorkspace(parts: Parts): Promise<void> {
  const answer = (await ask(parts, 'runfree.scoreWorkspace')) as Summary | undefined | null;
  if (!answer) return;
  const left = answer.skipped ? `, ${count(Number(answer.skipped), 'file')} not scored` : '';
  const done = `${count(answer.tests, 'test')} in ${count(answer.files ?? 0, 'file')}, ${count(answer.findings, 'finding')}${left}`;
  await tellFindings(answer.cancelled ? `cancelled after ${done}` : `scored ${done}`, answer.findings);
}

async function tellFindings(message: string, findings: number): Promise<void> {
  const choice = await vscode.window.showInformationMessage(`runfree: ${message}. Nothing was run.`, ...(findings ? ['Show problems'] : []));
  if (choice) await vscode.commands.executeCommand('workbench.panel.markers.view.focus');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

async function clearCache(parts: Parts): Promise<void> {
  const answer = (await ask(parts, 'runfree.clearCache')) as { removed: number } | undefined | null;
  if (answer) void vscode.window.showInformationMessage(`runfree: ${count(answer.removed, 'prediction')} removed from the cache.`);
}

/** Explains the test named, or the one that the cursor is in. */
async function explain(parts: Parts, givenUri: unknown, givenTest: unknown): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const uri = typeof givenUri === 'string' ? givenUri : editor?.document.uri.toString();
  if (uri === undefined) return;
  const test = typeof givenTest === 'string' ? givenTest : await testAtCursor(editor);
  if (test === undefined) {
    void vscode.window.showInformationMessage('runfree: put the cursor into a scored test first.');
    return;
  }
  const answer = (await ask(parts, 'runfree.explain', uri, test)) as { title: string; markdown: string } | undefined | null;
  if (answer) await parts.explanations.show(answer.title, answer.markdown);
}

/** The scored test at or above the cursor, as its lens names it. */
async function testAtCursor(editor: vscode.TextEditor | undefined): Promise<string | undefined> {
  if (!editor) return undefined;
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', editor.document.uri, 1000);
  const above = lenses.filter(
    (lens) => lens.command?.command === 'runfree.explain' && lens.range.start.line <= editor.selection.active.line,
  );
  above.sort((a, b) => b.range.start.line - a.range.start.line);
  const name: unknown = above[0]?.command?.arguments?.[1];
  return typeof name === 'string' && name ? name : undefined;
}

/** What a bug report needs, on the clipboard: no source text, no settings but our own. */
async function copyDebugInformation(parts: Parts): Promise<void> {
  const { context, server } = parts;
  const manifest = context.extension.packageJSON as { version: string };
  const doctor: unknown = server.client ? await ask(parts, 'runfree.debugInformation') : undefined;
  const text = [
    `extension ${manifest.version}, VS Code ${vscode.version} (${vscode.env.appHost}${vscode.env.remoteName ? `, ${vscode.env.remoteName}` : ''})`,
    `platform ${process.platform}-${process.arch}, Node ${process.versions.node}`,
    `workspace trusted: ${vscode.workspace.isTrusted}, folders: ${vscode.workspace.workspaceFolders?.length ?? 0}`,
    `server ${server.found ? `${server.found.command} (${server.found.version}): ${server.found.why}` : 'not found'}, ${server.client ? 'running' : 'not running'}`,
    `settings ${JSON.stringify({ server: clientSettings(), [SECTION]: serverSettings(settingKeys(context), undefined) })}`,
    typeof doctor === 'string' ? doctor : '',
  ].join('\n');
  await vscode.env.clipboard.writeText(text);
  void vscode.window.showInformationMessage('runfree: the debug information is on the clipboard.');
}
