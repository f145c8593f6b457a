/** Where a server may be found, in which order, and why: a pure list, nothing is started here. */
import * as path from 'node:path';

export type Source = 'setting' | 'environment' | 'path' | 'own';

export interface Candidate {
  readonly source: Source;
  /** The executable; empty for the extension's own server, which may have to be installed first. */
  readonly command: string;
  /** Said in the log: what led to this candidate. */
  readonly why: string;
}

export interface Surroundings {
  readonly trusted: boolean;
  readonly platform: NodeJS.Platform;
  /** `runfree.server.path`, already resolved to an absolute path or a bare name; empty if not set. */
  readonly setting: string;
  /** `runfree.server.use`: `own` leaves the environment and PATH out. */
  readonly use: 'auto' | 'own';
  readonly env: NodeJS.ProcessEnv;
  /** Folders of the workspace. */
  readonly folders: readonly string[];
  readonly isFile: (file: string) => boolean;
}

/**
 * The servers to try, best first. In an untrusted workspace only the extension's own is one: a workspace must not
 * choose what is run. A path in the settings is the user's word and stands alone.
 */
export function candidates(around: Surroundings): Candidate[] {
  const own: Candidate = { source: 'own', command: '', why: 'the server that comes with the extension' };
  if (!around.trusted) return [{ ...own, why: `${own.why} (the workspace is not trusted)` }];
  if (around.setting) return [{ source: 'setting', command: around.setting, why: 'runfree.server.path' }];
  if (around.use === 'own') return [{ ...own, why: `${own.why} (runfree.server.use is "own")` }];
  return [...fromEnvironments(around), ...fromPath(around), own];
}

function fromEnvironments(around: Surroundings): Candidate[] {
  const places: [string | undefined, string][] = [
    [around.env['VIRTUAL_ENV'], 'the active environment (VIRTUAL_ENV)'],
    [around.env['CONDA_PREFIX'], 'the active environment (CONDA_PREFIX)'],
    ...around.folders.map((folder): [string, string] => [path.join(folder, '.venv'), 'the workspace\'s .venv']),
  ];
  return places.flatMap(([prefix, why]) => {
    if (!prefix || !path.isAbsolute(prefix)) return [];
    const command = scriptIn(prefix, around.platform);
    return around.isFile(command) ? [{ source: 'environment' as const, command, why }] : [];
  });
}

function fromPath(around: Surroundings): Candidate[] {
  const command = onPath(['runfree'], around)[0];
  return command === undefined ? [] : [{ source: 'path', command, why: 'found on PATH' }];
}

/** The executables of these names on PATH, in the order of the names, then of PATH. Relative entries are left out. */
export function onPath(names: readonly string[], around: Pick<Surroundings, 'env' | 'platform' | 'isFile'>): string[] {
  const folders = (around.env['PATH'] ?? around.env['Path'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const suffix = around.platform === 'win32' ? '.exe' : '';
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name + suffix)).filter((file) => around.isFile(file)));
}

/** The `runfree` executable of a Python environment. */
export function scriptIn(prefix: string, platform: NodeJS.Platform): string {
  return platform === 'win32' ? path.join(prefix, 'Scripts', 'runfree.exe') : path.join(prefix, 'bin', 'runfree');
}

/** The Python of an environment. */
export function pythonIn(prefix: string, platform: NodeJS.Platform): string {
  return platform === 'win32' ? path.join(prefix, 'Scripts', 'python.exe') : path.join(prefix, 'bin', 'python');
}
