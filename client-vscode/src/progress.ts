/** Shows the server's long work that can be cancelled as a notification; the library would hide its Cancel. */
import * as vscode from 'vscode';
import {
  WorkDoneProgressCancelNotification,
  type LanguageClient,
  type ProgressToken,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageclient/node';

type Value = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;
type Next = (token: ProgressToken, value: Value) => void;

interface Shown {
  readonly report: (value: WorkDoneProgressReport) => void;
  readonly end: () => void;
}

export class CancellableProgress {
  private readonly shown = new Map<ProgressToken, Shown>();

  /** Middleware: takes what can be cancelled, leaves the rest to the library. */
  handle(client: LanguageClient | undefined, token: ProgressToken, value: Value, next: Next): void {
    const current = this.shown.get(token);
    if (value.kind === 'begin' && value.cancellable && client) this.shown.set(token, this.begin(client, token, value.title));
    else if (!current) next(token, value);
    else if (value.kind === 'report') current.report(value);
    else if (value.kind === 'end') {
      this.shown.delete(token);
      current.end();
      next(token, value); // so that the library forgets the token
    }
  }

  /** The server is gone: nothing is under way any more. */
  clear(): void {
    for (const shown of this.shown.values()) shown.end();
    this.shown.clear();
  }

  private begin(client: LanguageClient, token: ProgressToken, title: string): Shown {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    let show: ((value: WorkDoneProgressReport) => void) | undefined;
    let percentage = 0;
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    void vscode.window.withProgress(options, async (progress, cancelled) => {
      cancelled.onCancellationRequested(() => {
        void client.sendNotification(WorkDoneProgressCancelNotification.type, { token });
      });
      show = (value) => {
        const reached = Math.max(percentage, value.percentage ?? 0);
        progress.report({ increment: reached - percentage, ...(value.message ? { message: value.message } : {}) });
        percentage = reached;
      };
      await ended;
    });
    return { report: (value) => show?.(value), end };
  }
}
