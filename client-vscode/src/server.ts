/** Finds, starts, restarts and stops the server; one thing at a time, and says what it did. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { Backoff } from './backoff.ts';
import { connect, type Connection, type ServerStatus } from './client.ts';
import { installedServer, ownServer } from './environment.ts';
import type { FailureMessage } from './failure.ts';
import { candidates, type Candidate } from './find.ts';
import { isolated } from './isolation.ts';
import { run } from './process.ts';
import { clientSettings, settingKeys, type ClientSettings } from './settings.ts';
import type { Status } from './status.ts';
import { atLeast, format, parseVersion, type Version } from './version.ts';

/** Older servers do not speak this client's commands. */
const OLDEST_SERVER: Version = [0, 1, 0];
/** A server that greets and dies at once, again and again, is as broken as one that never greets. */
const PROBE_MILLISECONDS = 30_000;

interface Found {
  readonly command: string;
  readonly version: string;
  readonly why: string;
}

export class Server implements vscode.Disposable {
  private connection: Connection | undefined;
  private queue: Promise<void> = Promise.resolve();
  private readonly backoff = new Backoff();
  private waiting: NodeJS.Timeout | undefined;
  private disposed = false;
  /** What was found, for the debug information. */
  found: Found | undefined;

  private readonly context: vscode.ExtensionContext;
  private readonly log: vscode.LogOutputChannel;
  private readonly status: Status;
  private readonly failure: FailureMessage;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel, status: Status, failure: FailureMessage) {
    this.context = context;
    this.log = log;
    this.status = status;
    this.failure = failure;
  }

  /** The client, if the server runs. */
  get client(): LanguageClient | undefined {
    return this.connection?.client;
  }

  /** Starts the server, or starts it anew. Calls that come while one is at it wait their turn. */
  async restart(why: string): Promise<void> {
    this.backoff.reset();
    await this.enqueue(why);
  }

  async stop(): Promise<void> {
    this.disposed = true;
    clearTimeout(this.waiting);
    await this.queue;
    await this.disconnect();
  }

  dispose(): void {
    void this.stop();
  }

  private enqueue(why: string): Promise<void> {
    clearTimeout(this.waiting);
    this.queue = this.queue.then(() => this.startOnce(why));
    return this.queue;
  }

  private async startOnce(why: string): Promise<void> {
    await this.disconnect();
    const settings = clientSettings();
    if (this.disposed) return;
    if (!settings.enabled) {
      this.status.show({ kind: 'off' });
      return;
    }
    this.log.info(`starting the server: ${why}`);
    this.status.show({ kind: 'starting', detail: why });
    try {
      this.found = await this.find(settings);
      const storage = this.context.globalStorageUri.fsPath;
      await fs.promises.mkdir(storage, { recursive: true });
      const connection = await connect({
        command: this.found.command,
        args: ['serve'],
        cwd: storage,
        settingKeys: settingKeys(this.context),
        log: this.log,
        onStatus: (said) => {
          this.said(said);
        },
      });
      this.connection = connection;
      void connection.ended.then((how) => {
        this.ended(connection, how);
      });
      this.log.info(`the server runs, process ${connection.process.pid ?? 0}`);
      await this.failure.forget();
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** The first candidate that answers. A setting that is wrong is said so, never passed over. */
  private async find(settings: ClientSettings): Promise<Found> {
    const around = {
      trusted: vscode.workspace.isTrusted,
      platform: process.platform,
      setting: settings.path,
      use: settings.use,
      env: process.env,
      folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
      isFile: (file: string): boolean => fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false,
    };
    for (const candidate of candidates(around)) {
      const command = candidate.source === 'own' ? await this.own(settings) : candidate.command;
      const problem = await this.probe(command);
      if (typeof problem !== 'string') {
        const version = format(problem);
        this.log.info(`taking ${command} (runfree ${version}): ${candidate.why}`);
        return { command, version, why: candidate.why };
      }
      this.log.warn(`not taking ${command} (${candidate.why}): ${problem}`);
      if (candidate.source === 'setting') throw new Error(`runfree.server.path: ${command} is not a runfree server: ${problem}`);
      if (candidate.source === 'own') throw new Error(await this.discardOwn(candidate, problem));
    }
    throw new Error('No runfree server was found.');
  }

  private async probe(command: string): Promise<Version | string> {
    const result = await run(command, ['--version'], {
      timeout: PROBE_MILLISECONDS,
      env: isolated(process.env),
      cwd: this.context.extensionPath,
    });
    const last = result.stderr.trim().split('\n').at(-1);
    const version = result.code === 0 ? parseVersion(result.stdout) : undefined;
    if (!version) return last ?? `exit status ${result.code}`;
    return atLeast(version, OLDEST_SERVER) ? version : `version ${format(version)} is older than ${format(OLDEST_SERVER)}`;
  }

  /** The extension's own server; installing it shows progress that can be cancelled. */
  private async own(settings: ClientSettings): Promise<string> {
    const places = { bundled: path.join(this.context.extensionPath, 'bundled'), storage: this.context.globalStorageUri.fsPath };
    const there = await installedServer(places);
    if (there !== undefined) return there;
    const proxy = vscode.workspace.getConfiguration('http').get<string | null>('proxy') ?? '';
    const log = (line: string): void => {
      this.log.info(line);
    };
    return vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: 'runfree: setting up its server (once)', cancellable: true },
      (progress, token) => {
        const abort = new AbortController();
        token.onCancellationRequested(() => {
          abort.abort();
        });
        return ownServer({
          ...places,
          proxy,
          python: {
            env: process.env,
            platform: process.platform,
            isFile: (file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false,
            interpreter: settings.interpreter,
            log,
            run,
          },
          run,
          log,
          progress: (message) => {
            progress.report({ message });
          },
          signal: abort.signal,
        });
      },
    );
  }

  /** An environment that no longer works (the Python it was made with is gone) is made anew at the next start. */
  private async discardOwn(candidate: Candidate, problem: string): Promise<string> {
    const storage = this.context.globalStorageUri.fsPath;
    for (const name of await fs.promises.readdir(storage).catch(() => [])) {
      if (name.startsWith('server-')) await fs.promises.rm(path.join(storage, name), { recursive: true, force: true });
    }
    return `The runfree server does not start (${candidate.why}): ${problem}`;
  }

  private ended(connection: Connection, how: string): void {
    if (this.connection !== connection || this.disposed) return;
    this.connection = undefined;
    void connection.client.dispose().catch(() => undefined);
    const wait = this.backoff.died(Date.now());
    if (wait === undefined) {
      this.fail(`The runfree server keeps ending (${how}); it is not started again.`);
      return;
    }
    this.log.warn(`the server ended (${how}); starting it again in ${wait / 1000} s`);
    this.status.show({ kind: 'starting', detail: `the server ended (${how})` });
    this.waiting = setTimeout(() => void this.enqueue(`it had ended (${how})`), wait);
  }

  private said(status: ServerStatus): void {
    if (status.state === 'failed') this.status.show({ kind: 'failed', detail: status.problem });
    else if (status.state === 'loading') this.status.show({ kind: 'starting', detail: 'loading the model' });
    else this.status.show({ kind: 'ready', model: status.model, found: this.found?.why ?? '', busy: status.state === 'predicting' });
  }

  private fail(message: string): void {
    this.log.error(message);
    this.status.show({ kind: 'failed', detail: message });
    void this.failure.show(message, this.log);
  }

  private async disconnect(): Promise<void> {
    const connection = this.connection;
    this.connection = undefined;
    if (!connection) return;
    await connection.client.dispose(2000).catch((error: unknown) => {
      this.log.debug(`stopping: ${String(error)}`);
    });
    const late = setTimeout(() => connection.process.kill('SIGKILL'), 2000);
    await connection.ended;
    clearTimeout(late);
  }
}
