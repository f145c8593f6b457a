/** Tells the user that the server cannot run: one message, in one window, until something has changed. */
import * as vscode from 'vscode';

interface Shown {
  readonly message: string;
  readonly at: number;
}

const KEY = 'runfree.failureShown';
/** Another window says the same thing again only after this long, in milliseconds. */
const QUIET = 10 * 60_000;

export class FailureMessage {
  private visible = false;
  private readonly memory: vscode.Memento;

  constructor(memory: vscode.Memento) {
    this.memory = memory;
  }

  /** Shows `message` with "Show log", unless it is on the screen or another window has just shown it. */
  async show(message: string, log: vscode.LogOutputChannel): Promise<void> {
    const before = this.memory.get<Shown>(KEY);
    if (this.visible || (before?.message === message && Date.now() - before.at < QUIET)) return;
    this.visible = true;
    await this.memory.update(KEY, { message, at: Date.now() } satisfies Shown);
    const answer = await vscode.window.showErrorMessage(message, 'Show log', 'Restart');
    this.visible = false;
    if (answer === 'Show log') log.show();
    if (answer === 'Restart') await vscode.commands.executeCommand('runfree.restart');
  }

  /** A later failure is news again. */
  async forget(): Promise<void> {
    if (this.memory.get(KEY) !== undefined) await this.memory.update(KEY, undefined);
  }
}
