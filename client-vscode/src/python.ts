/** Finds the user's Python that the extension's own server is installed with. */
import { onPath, type Surroundings } from './find.ts';
import { isolated } from './isolation.ts';
import type { Run } from './process.ts';
import { atLeast, format, parseVersion, type Version } from './version.ts';

/** onnxruntime has wheels from here on. */
export const OLDEST: Version = [3, 11, 0];

export interface Python {
  readonly command: string;
  readonly version: Version;
}

export interface PythonSearch extends Pick<Surroundings, 'env' | 'platform' | 'isFile'> {
  /** `runfree.server.interpreter`; where it is set, no other is tried. */
  readonly interpreter: string;
  /** Minor versions ("3.12") that wheels are bundled for; empty if the wheels come from the package index. */
  readonly bundledFor: readonly string[];
  readonly log: (line: string) => void;
  readonly run: Run;
}

/**
 * The Python to use: the first that is new enough, one with bundled wheels before others.
 *
 * Throws an Error whose message tells the user what is missing.
 */
export async function findPython(search: PythonSearch): Promise<Python> {
  const names = search.platform === 'win32' ? ['python', 'python3'] : ['python3.13', 'python3.12', 'python3.11', 'python3', 'python'];
  const commands = search.interpreter ? [search.interpreter] : onPath(names, search);
  let other: Python | undefined;
  for (const command of new Set(commands)) {
    const version = await versionOf(command, search);
    if (!version) continue;
    if (!atLeast(version, OLDEST)) {
      search.log(`${command} is Python ${format(version)}, too old`);
      continue;
    }
    const python = { command, version };
    if (search.bundledFor.length === 0 || search.bundledFor.includes(minor(version))) return python;
    search.log(`${command} is Python ${format(version)}, for which nothing is bundled`);
    other ??= python;
  }
  if (other) return other;
  throw new Error(
    search.interpreter
      ? `runfree.server.interpreter: ${search.interpreter} is not a Python ${minor(OLDEST)} or newer.`
      : `The runfree server needs Python ${minor(OLDEST)} or newer and none was found. Install one, or name it in runfree.server.interpreter.`,
  );
}

export function minor(version: Version): string {
  return `${version[0]}.${version[1]}`;
}

async function versionOf(command: string, search: PythonSearch): Promise<Version | undefined> {
  // venv is asked for too: some distributions ship a Python that cannot make environments.
  const program = 'import platform, venv; print(platform.python_version())';
  const result = await search.run(command, ['-I', '-c', program], { timeout: 20_000, env: isolated(search.env) });
  const version = result.code === 0 ? parseVersion(result.stdout) : undefined;
  if (!version) search.log(`${command} cannot be used: ${result.stderr.trim().split('\n').at(-1) ?? 'no version'}`);
  return version;
}
