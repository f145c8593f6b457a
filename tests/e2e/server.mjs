// The server as a user installs it: the wheels that `make vsix` has collected, in an environment of their own.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, tools } from './places.mjs';

const bundled = path.join(root, 'client-vscode', 'bundled');
const environment = path.join(tools, 'server');

/** The `runfree` executable; installed on the first call. */
export function server() {
  if (process.env.RUNFREE_E2E_SERVER) return process.env.RUNFREE_E2E_SERVER;
  const script = path.join(environment, 'bin', 'runfree');
  const wheel = globSync('runfree-*.whl', { cwd: bundled })[0];
  if (!wheel) throw new Error('no wheels: run `make vsix` first');
  const made = statSync(path.join(bundled, wheel)).mtimeMs.toString();
  const stamp = path.join(environment, 'made-from');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === made) return script;
  rmSync(environment, { recursive: true, force: true });
  run('/usr/bin/env', 'python3', '-m', 'venv', environment);
  run(path.join(environment, 'bin', 'pip'), 'install', '--quiet', '--disable-pip-version-check', '--no-index', '--no-deps',
    '--find-links', bundled, '-r', path.join(bundled, 'requirements.txt')); // prettier-ignore
  writeFileSync(stamp, made);
  return script;
}

function run(...command) {
  const result = spawnSync(command[0], command.slice(1), { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${command.join(' ')}: ${result.stderr}`);
}
