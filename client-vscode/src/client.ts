/** The language client of one server process: which documents it gets, its settings, and what happens when it ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import * as readline from 'node:readline';
import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  RevealOutputChannelOn,
  type DynamicFeature,
  type LanguageClientOptions,
  type Middleware,
  type StaticFeature,
  type StreamInfo,
} from 'vscode-languageclient/node';
import { isolated } from './isolation.ts';
import { CancellableProgress } from './progress.ts';
import { SECTION, serverSettings } from './settings.ts';
import { LANGUAGES } from './status.ts';

class QuietClient extends LanguageClient {
  /** Never a message of its own on the screen: what the user is told is decided in one place, `server.ts`. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  /** The server's commands are not registered by the library: ours are there even while no server is. */
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    if ('registrationType' in feature && feature.registrationType.method === ExecuteCommandRequest.method) return;
    super.registerFeature(feature);
  }
}

export interface Connection {
  readonly client: LanguageClient;
  readonly process: ChildProcess;
  /** Settled once the process has ended, with how it ended. */
  readonly ended: Promise<string>;
}

export interface ConnectOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Never the workspace: nothing in it may be imported by accident. */
  readonly cwd: string;
  readonly settingKeys: readonly string[];
  readonly log: vscode.LogOutputChannel;
  /** Told whenever the server says how it stands. */
  readonly onStatus: (status: ServerStatus) => void;
}

/** What the server sends as `runfree/status`. */
export interface ServerStatus {
  readonly state: 'loading' | 'ready' | 'predicting' | 'failed';
  readonly model: string;
  /** In plain words; empty unless it failed. */
  readonly problem: string;
}

/** Lines of standard error that are kept for the case that the server dies. */
const LAST_WORDS = 40;

/** Starts the process and the client, and waits until they have greeted each other. Throws where they do not. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { log } = options;
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: isolated(process.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  // Whatever is written to a process that has died is lost; unheard, that error would end the extension host.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => {
      resolve(error.message);
    });
    child.on('exit', (code, signal) => {
      resolve(signal === null ? `exit status ${code ?? -1}` : `signal ${signal}`);
    });
  });
  // What matters reaches the log by the protocol; standard error is for the case that there is no protocol any more.
  const lastWords: string[] = [];
  readline.createInterface({ input: child.stderr }).on('line', (line) => {
    log.debug(line);
    lastWords.push(line);
    if (lastWords.length > LAST_WORDS) lastWords.shift();
  });
  child.on('exit', (code) => {
    if (code !== 0) for (const line of lastWords) log.error(line);
  });
  const progress = new CancellableProgress();
  const client: LanguageClient = new QuietClient(SECTION, 'runfree', () => Promise.resolve(streams(child)), {
    ...clientOptions(options),
    middleware: {
      ...middleware(options),
      handleWorkDoneProgress: (token, value, next) => {
        progress.handle(client, token, value, next);
      },
    },
  });
  void ended.then(() => {
    progress.clear();
  });
  client.onNotification('runfree/status', options.onStatus);
  try {
    await Promise.race([
      client.start(),
      ended.then((how) => Promise.reject(new Error(`the server ended before it answered (${how})`))),
    ]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return { client, process: child, ended };
}

function streams(child: ChildProcess): StreamInfo {
  if (!child.stdin || !child.stdout) throw new Error('no pipes to the server');
  return { reader: child.stdout, writer: child.stdin, detached: true };
}

function clientOptions({ log }: ConnectOptions): LanguageClientOptions {
  return {
    documentSelector: LANGUAGES.flatMap((language) =>
      ['file', 'untitled'].map((scheme) => ({ language, scheme })),
    ),
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: { explain: 'client', openSettingCommand: 'runfree.openSettings', status: true },
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
    },
    markdown: { isTrusted: { enabledCommands: ['runfree.explain'] }, supportHtml: false },
  };
}

function middleware({ settingKeys }: ConnectOptions): Middleware {
  return {
    workspace: {
      configuration: (params) =>
        params.items.map((item) =>
          item.section === SECTION
            ? serverSettings(settingKeys, item.scopeUri === undefined ? undefined : vscode.Uri.parse(item.scopeUri))
            : null,
        ),
      // The server asks for what it needs; the values sent along would be the editor's defaults.
      didChangeConfiguration: (_, next) => next(undefined),
    },
  };
}
