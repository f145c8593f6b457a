// Where things are: the checkout, the tools that setup.sh brought, and what a run leaves behind.
import { mkdirSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..', '..');
export const tools = process.env.RUNFREE_E2E_TOOLS ?? path.join(root, 'build', 'e2e-tools');
/** Screenshots and logs of the last run; ignored by git. */
export const artefacts = path.join(root, 'build', 'e2e');
export const nvim = path.join(tools, 'python', 'bin', 'nvim');
mkdirSync(artefacts, { recursive: true });

/** PATH for the editors: the system's programs and the Python of this run, no server of the developer's. */
export const systemPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':');
