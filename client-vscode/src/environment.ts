/** Makes the extension's own Python environment, once, from the wheels that it ships; offline where it ships them all. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { pythonIn, scriptIn } from './find.ts';
import { isolated } from './isolation.ts';
import type { Run } from './process.ts';
import { findPython, minor, type PythonSearch } from './python.ts';

/** What `bundled/manifest.json` says of the wheels beside it. */
export interface Manifest {
  /** Version of the server. */
  readonly version: string;
  /** Of the server's wheel: another build of the same version is another server. */
  readonly sha256: string;
  /** "linux-x64", or "any" where only the server's own wheel is there and the rest comes from the package index. */
  readonly platform: string;
  /** Python minor versions that every wheel is there for. */
  readonly pythons: readonly string[];
}

export interface Installation {
  /** Folder of wheels, pip's own among them, `manifest.json` and `requirements.txt`. */
  readonly bundled: string;
  /** Folder that environments are kept in. */
  readonly storage: string;
  /** `http.proxy`; empty if not set. */
  readonly proxy: string;
  readonly python: Omit<PythonSearch, 'bundledFor'>;
  readonly run: Run;
  readonly log: (line: string) => void;
  /** Told what is being done, for the user to see; called only if something has to be installed. */
  readonly progress: (message: string) => void;
  readonly signal: AbortSignal;
}

const COMPLETE = 'complete';
const INSTALL_MILLISECONDS = 10 * 60_000;
/** A lock older than this was left by a window that is gone. */
const STALE_MILLISECONDS = INSTALL_MILLISECONDS + 60_000;

/** The executable of the installed server, if it is there already. */
export async function installedServer(installation: Pick<Installation, 'bundled' | 'storage'>): Promise<string | undefined> {
  const folder = await environmentFolder(installation);
  return folder !== undefined && (await exists(path.join(folder, COMPLETE))) ? scriptIn(folder, process.platform) : undefined;
}

/** The executable of the extension's own server, installed first if need be. Throws an Error with a plain message. */
export async function ownServer(installation: Installation): Promise<string> {
  const folder = await environmentFolder(installation);
  if (folder === undefined) throw new Error('This build of the runfree extension ships no server.');
  const script = scriptIn(folder, process.platform);
  if (await exists(path.join(folder, COMPLETE))) return script;
  const lock = `${folder}.lock`;
  await fs.mkdir(installation.storage, { recursive: true });
  await acquire(lock, folder, installation);
  try {
    if (!(await exists(path.join(folder, COMPLETE)))) await install(folder, installation);
  } finally {
    await fs.rm(lock, { recursive: true, force: true });
  }
  await removeOthers(installation.storage, folder);
  return script;
}

async function install(folder: string, installation: Installation): Promise<void> {
  const { bundled, run, log, progress, signal } = installation;
  const manifest = await readManifest(bundled);
  progress('looking for Python');
  const python = await findPython({ ...installation.python, bundledFor: manifest.pythons });
  const offline = manifest.pythons.includes(minor(python.version));
  log(`installing the server ${manifest.version} with ${python.command} into ${folder}${offline ? ', offline' : ''}`);
  const env = isolated(process.env);
  const step = async (what: string, command: string, args: readonly string[]): Promise<void> => {
    progress(what);
    const result = await run(command, args, { timeout: INSTALL_MILLISECONDS, env, signal, onLine: log });
    if (signal.aborted) throw new Error('The installation of the runfree server was cancelled.');
    if (result.code !== 0) {
      const last = result.stderr.trim().split('\n').at(-1) ?? '';
      throw new Error(`The runfree server could not be installed (${what}): ${last || `exit status ${result.code}`}`);
    }
  };
  await fs.rm(folder, { recursive: true, force: true });
  // Without pip: Debian's Python has no ensurepip. A pip wheel is a program that can be run as it is.
  await step('making a private environment', python.command, ['-I', '-m', 'venv', '--without-pip', folder]);
  const pip = await pipWheel(bundled);
  // Where the index is asked, it is the user's own, as their pip is set up.
  const from = offline ? ['--isolated', '--no-index', '--no-deps'] : installation.proxy ? ['--proxy', installation.proxy] : [];
  const what = offline ? ['-r', path.join(bundled, 'requirements.txt')] : [`runfree==${manifest.version}`];
  await step('installing the server', pythonIn(folder, process.platform), [
    path.join(pip, 'pip'), '--disable-pip-version-check', '--no-input', '--quiet', 'install', '--no-cache-dir',
    '--find-links', bundled, ...from, ...what,
  ]); // prettier-ignore
  await fs.writeFile(path.join(folder, COMPLETE), `${python.command} ${minor(python.version)}\n`);
  log('the server is installed');
}

async function readManifest(bundled: string): Promise<Manifest> {
  return JSON.parse(await fs.readFile(path.join(bundled, 'manifest.json'), 'utf8')) as Manifest;
}

async function pipWheel(bundled: string): Promise<string> {
  const name = (await fs.readdir(bundled)).find((file) => file.startsWith('pip-') && file.endsWith('.whl'));
  if (name === undefined) throw new Error('The runfree extension is incomplete (no pip among its wheels): install it again.');
  return path.join(bundled, name);
}

/** One folder for each set of wheels, so that an update never changes an environment that is in use. */
async function environmentFolder({ bundled, storage }: Pick<Installation, 'bundled' | 'storage'>): Promise<string | undefined> {
  try {
    const manifest = await readManifest(bundled);
    const text = JSON.stringify(manifest) + (await fs.readFile(path.join(bundled, 'requirements.txt'), 'utf8'));
    return path.join(storage, `server-${manifest.version}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`);
  } catch {
    return undefined;
  }
}

/** Waits for other windows that install the same; a folder is made by one process only, whichever file system it is. */
async function acquire(lock: string, folder: string, installation: Installation): Promise<void> {
  for (;;) {
    try {
      await fs.mkdir(lock);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (installation.signal.aborted) throw new Error('The installation of the runfree server was cancelled.');
    const age = await fs.stat(lock).then((stat) => Date.now() - stat.mtimeMs, () => 0);
    if (age > STALE_MILLISECONDS) await fs.rm(lock, { recursive: true, force: true });
    else if (await exists(path.join(folder, COMPLETE))) return;
    else {
      installation.progress('waiting for another window that installs the server');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

async function removeOthers(storage: string, keep: string): Promise<void> {
  for (const name of await fs.readdir(storage)) {
    const folder = path.join(storage, name);
    if (name.startsWith('server-') && !folder.startsWith(keep) && !name.endsWith('.lock')) {
      await fs.rm(folder, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

async function exists(file: string): Promise<boolean> {
  return fs.access(file).then(() => true, () => false);
}
