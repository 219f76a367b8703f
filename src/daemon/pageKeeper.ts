import type { Log } from '../model/log.ts';
import type { ListenAddress, Settings } from '../model/settings.ts';
import type { Status } from '../model/status.ts';
import type { Web, WebParts } from '../serve/web.ts';
import type { WebServer } from '../serve/webServer.ts';
import { version } from './version.ts';

type PageSettings = Pick<Settings, 'listen' | 'listenNames' | 'listenLogs'>;

/** What a page keeper is made of. */
export interface PageKeeperParts extends Omit<WebParts, 'logReaders'> {
  readonly settings: () => PageSettings;
  readonly retryMs?: number;
}

const defaultRetryMs = 60_000;

/**
 * Keeps page and metrics where the configuration wants them. What stands in the way is told and tried again: a daemon
 * without a page does its work. Nothing of them is loaded before it is wanted.
 */
export class PageKeeper {
  readonly #parts: PageKeeperParts;
  #web: Web | null = null;
  #server: WebServer | null = null;
  /** Where it is, or is to be. */
  #wanted: ListenAddress | null = null;
  #error = '';
  #retry: NodeJS.Timeout | null = null;
  #work: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: PageKeeperParts) {
    this.#parts = parts;
  }

  /** Follows the settings: to be called at the beginning, and when they may have changed. Resolves when that is done. */
  useSettings(): Promise<void> {
    this.#work = this.#work.then(() => this.#follow());
    return this.#work;
  }

  /** For `status`. */
  state(): Status['page'] {
    const url = this.#server === null ? null : urlOf(this.#server.address, this.#parts.hostname);
    return { url, error: this.#error };
  }

  /** Lets go of everything at once. */
  close(): void {
    this.#closed = true;
    this.#leave();
    this.#web?.close();
  }

  async #follow(): Promise<void> {
    if (this.#closed) return;
    const { listen, listenNames } = this.#parts.settings();
    this.#web?.useNames(listenNames);
    if (this.#server !== null && isSame(listen, this.#wanted)) return;
    if (!isSame(listen, this.#wanted)) this.#error = '';
    this.#leave();
    this.#wanted = listen;
    if (listen !== null) return this.#listen(listen, listenNames);
    this.#web?.close();
    this.#web = null;
  }

  async #listen(address: ListenAddress, names: readonly string[]): Promise<void> {
    const { log, hostname, retryMs = defaultRetryMs } = this.#parts;
    try {
      if (this.#web === null) {
        const { createWeb, webVersion } = await import('../serve/web.ts');
        if (webVersion !== version)
          throw new Error(`version ${webVersion} has been installed since: restart it`);
        const logReaders = (): Settings['listenLogs'] => this.#parts.settings().listenLogs;
        this.#web = createWeb({ ...this.#parts, logReaders });
      }
      this.#server = await this.#web.listen(address, names);
      this.#error = '';
      log.info(`page and metrics are at ${urlOf(this.#server.address, hostname)}`);
      // Asked to end meanwhile.
      if (this.#closed) this.close();
    } catch (error) {
      this.#tell(`cannot listen at ${hostAndPort(address)}: ${wordsOf(error as NodeJS.ErrnoException)}`, log);
      this.#retry = setTimeout(() => void this.useSettings(), retryMs).unref();
    }
  }

  #tell(error: string, log: Log): void {
    if (error !== this.#error)
      log.warn(
        `${error}; no page and no metrics until that changes (listen: names another address, or none)`,
      );
    this.#error = error;
  }

  #leave(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#server?.close();
    this.#server = null;
  }
}

function isSame(a: ListenAddress | null, b: ListenAddress | null): boolean {
  return a?.host === b?.host && a?.port === b?.port;
}

const words: ReadonlyMap<string | undefined, string> = new Map([
  ['EADDRINUSE', 'another program has the port'],
  ['EADDRNOTAVAIL', 'this node has no such address'],
  ['EACCES', 'only root may have a port below 1024'],
]);

function wordsOf({ code, message }: NodeJS.ErrnoException): string {
  return words.get(code) ?? message;
}

/** What a browser on this node, or elsewhere where it may, is pointed to. */
function urlOf({ host, port }: ListenAddress, hostname: string): string {
  return `http://${hostAndPort({ host: host === '::' || host === '0.0.0.0' ? hostname : host, port })}`;
}

function hostAndPort({ host, port }: ListenAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
