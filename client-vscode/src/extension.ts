/** Entry point: puts the parts together and listens for what calls for another server. */
import * as vscode from 'vscode';
import { registerCommands } from './commands.ts';
import { Explanations } from './explain.ts';
import { FailureMessage } from './failure.ts';
import { Server } from './server.ts';
import { Status } from './status.ts';

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('runfree', { log: true });
  const status = new Status();
  const failure = new FailureMessage(context.globalState);
  const running = new Server(context, log, status, failure);
  const explanations = new Explanations();
  server = running;
  context.subscriptions.push(
    log,
    status,
    running,
    explanations,
    ...registerCommands({ context, log, server: running, failure, explanations }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('runfree.server')) void running.restart('its settings have changed');
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void running.restart('the workspace is trusted now')),
  );
  void running.restart('the extension was activated');
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
