/** The language status item: which model answers, or why none does. */
import * as vscode from 'vscode';

export type State =
  | { readonly kind: 'starting'; readonly detail: string }
  | { readonly kind: 'ready'; readonly model: string; readonly found: string; readonly busy: boolean }
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'off' };

export const LANGUAGES = ['python', 'java', 'go'] as const;

export class Status implements vscode.Disposable {
  private readonly item: vscode.LanguageStatusItem;

  constructor() {
    this.item = vscode.languages.createLanguageStatusItem('runfree', LANGUAGES.map((language) => ({ language })));
    this.item.name = 'runfree';
    this.show({ kind: 'off' });
  }

  show(state: State): void {
    const { item } = this;
    item.busy = state.kind === 'starting' || (state.kind === 'ready' && state.busy);
    item.severity = state.kind === 'failed' ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    item.command = { title: 'Show log', command: 'runfree.showLog' };
    switch (state.kind) {
      case 'starting':
        item.text = 'runfree: starting';
        item.detail = state.detail;
        break;
      case 'ready':
        item.text = `runfree: ${state.model}`;
        // Short: the pop-up does not wrap.
        item.detail = 'predicts, runs nothing';
        item.command.tooltip = state.found;
        break;
      case 'failed':
        item.text = 'runfree: not running';
        item.detail = state.detail;
        item.command = { title: 'Restart', command: 'runfree.restart' };
        break;
      case 'off':
        item.text = 'runfree: off';
        item.detail = 'runfree.server.enabled is off';
        break;
    }
  }

  dispose(): void {
    this.item.dispose();
  }
}
