/** The explanation of one prediction, as a read-only markdown page beside the test. */
import * as vscode from 'vscode';

const SCHEME = 'runfree-explanation';
/** Pages kept for as long as their tabs may be open; the oldest goes first. */
const KEPT = 20;

export class Explanations implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly pages = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  readonly onDidChange = this.changed.event;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.pages.get(uri.toString()) ?? 'This explanation is no longer kept. Ask for it again from its test.';
  }

  /** Shows markdown under a title; the same title again replaces the page. */
  async show(title: string, markdown: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title.replace(/[^\w.:-]+/g, ' ').trim() || 'test'}.md` });
    this.pages.delete(uri.toString());
    this.pages.set(uri.toString(), markdown);
    for (const old of [...this.pages.keys()].slice(0, -KEPT)) this.pages.delete(old);
    this.changed.fire(uri);
    await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
