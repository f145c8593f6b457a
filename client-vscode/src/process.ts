/** Runs a program to its end and hands back what it printed; never through a shell. */
import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Milliseconds after which the program is ended and the run counts as failed. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
  /** Called with each line that the program prints, as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface RunResult {
  /** The exit status, or -1 where the program could not be started, was ended or ran out of time. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Output beyond this many characters is dropped: enough for any message, too little to fill the memory. */
const MAX_OUTPUT = 200_000;

/** What the system's error codes mean to a user. */
const WORDS: Record<string, string | undefined> = { ENOENT: 'there is no such program', EACCES: 'it may not be run' };

export type Run = (command: string, args: readonly string[], options: RunOptions) => Promise<RunResult>;

export const run: Run = (command, args, options) =>
  new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    let settled = false;
    const child = spawn(command, args, {
      env: options.env ?? process.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const finish = (code: number, note = ''): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', cancel);
      resolve({ code, stdout, stderr: note ? `${stderr}${stderr.endsWith('\n') || !stderr ? '' : '\n'}${note}` : stderr });
    };
    const end = (note: string): void => {
      child.kill('SIGKILL');
      finish(-1, note);
    };
    const timer = setTimeout(() => {
      end(`no answer within ${options.timeout / 1000} s`);
    }, options.timeout);
    const cancel = (): void => {
      end('cancelled');
    };
    options.signal?.addEventListener('abort', cancel);
    const collect = (append: (text: string) => void) => {
      let rest = '';
      return (chunk: string): void => {
        append(chunk);
        if (!options.onLine) return;
        const lines = (rest + chunk).split(/\r?\n|\r/);
        rest = lines.pop() ?? '';
        for (const line of lines) if (line.trim()) options.onLine(line);
      };
    };
    child.stdout.setEncoding('utf8').on('data', collect((text) => (stdout = (stdout + text).slice(0, MAX_OUTPUT))));
    child.stderr.setEncoding('utf8').on('data', collect((text) => (stderr = (stderr + text).slice(0, MAX_OUTPUT))));
    child.on('error', (error: NodeJS.ErrnoException) => {
      finish(-1, WORDS[error.code ?? ''] ?? error.message);
    });
    child.on('close', (code) => {
      finish(code ?? -1);
    });
    if (options.signal?.aborted) cancel();
  });
