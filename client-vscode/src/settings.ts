/** Reads the editor's settings: the client's own, and what goes to the server. */
import * as vscode from 'vscode';

export const SECTION = 'runfree';

/** What the extension itself needs; everything else in the section is the server's. */
export interface ClientSettings {
  readonly enabled: boolean;
  readonly path: string;
  readonly use: 'auto' | 'own';
  readonly interpreter: string;
}

export function clientSettings(): ClientSettings {
  const section = vscode.workspace.getConfiguration('runfree.server');
  return {
    enabled: section.get('enabled', true),
    path: expand(section.get('path', '')),
    use: section.get<'auto' | 'own'>('use', 'auto'),
    interpreter: expand(section.get('interpreter', '')),
  };
}

/** `${workspaceFolder}`, `${userHome}`, `${env:NAME}` and a leading `~` put in; nothing else is interpreted. */
function expand(text: string): string {
  const home = process.env['HOME'] ?? process.env['USERPROFILE'] ?? '';
  return text
    .trim()
    .replace(/^~(?=[\\/]|$)/, home)
    .replace(/\$\{userHome\}/g, home)
    .replace(/\$\{workspaceFolder\}/g, vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '')
    .replace(/\$\{env:(\w+)\}/g, (_, name: string) => process.env[name] ?? '');
}

/**
 * The server's settings for a resource, nested, with only what the user has set: a default of the editor must not
 * overrule the project's `runfree.toml`.
 */
export function serverSettings(keys: readonly string[], resource: vscode.Uri | undefined): Record<string, unknown> {
  const section = vscode.workspace.getConfiguration(SECTION, resource ?? null);
  const result: Record<string, unknown> = {};
  for (const key of keys) {
    if (key.startsWith('server.') || key.startsWith('trace.') || !isSet(section.inspect(key))) continue;
    put(result, key.split('.'), section.get(key));
  }
  return result;
}

/** Whether the user, the workspace or a folder has given a value. */
function isSet(found: ReturnType<vscode.WorkspaceConfiguration['inspect']>): boolean {
  return [
    found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue,
    found?.globalLanguageValue, found?.workspaceLanguageValue, found?.workspaceFolderLanguageValue,
  ].some((value) => value !== undefined); // prettier-ignore
}

function put(target: Record<string, unknown>, [head, ...rest]: string[], value: unknown): void {
  if (head === undefined) return;
  if (rest.length === 0) target[head] = value;
  else put((target[head] ??= {}) as Record<string, unknown>, rest, value);
}

/** Names of the extension's settings below the section, read from its package.json: one list, in one place. */
export function settingKeys(context: vscode.ExtensionContext): string[] {
  const manifest = context.extension.packageJSON as { contributes: { configuration: { properties: object }[] } };
  return manifest.contributes.configuration
    .flatMap((group) => Object.keys(group.properties))
    .map((key) => key.slice(SECTION.length + 1));
}
