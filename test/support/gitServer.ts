import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createConnection, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The files of one branch, by path. */
type Tree = Readonly<Record<string, string>>;

/** A folder of bare repositories. */
export interface GitRepositories {
  readonly root: string;
  /** Makes `<name>.git` with a branch (the first is its default) for each entry; gives its absolute path. */
  add(name: string, branches: Readonly<Record<string, Tree>>): string;
  remove(): void;
}

/** A git server on 127.0.0.1. */
export interface GitServer {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** A git server over http. */
export interface GitWebServer extends GitServer {
  /** Resolves when a clone has begun to hang. */
  readonly hung: Promise<void>;
}

const git = (folder: string, ...args: string[]) =>
  execFileSync('git', ['-C', folder, ...args], {
    stdio: 'pipe',
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@example.org',
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@example.org',
    },
  });

/** An empty folder of repositories under the temporary folder. */
export function makeRepositories(): GitRepositories {
  const root = mkdtempSync(join(tmpdir(), 'plancton-git-'));
  return {
    root,
    add(name, branches) {
      const work = join(root, `${name}.work`);
      const bare = join(root, `${name}.git`);
      mkdirSync(work);
      git(work, 'init', '--quiet', `--initial-branch=${Object.keys(branches)[0] ?? 'main'}`);
      for (const [branch, tree] of Object.entries(branches)) {
        git(work, 'checkout', '--quiet', '--orphan', branch);
        git(work, 'rm', '-r', '-f', '--quiet', '--ignore-unmatch', '.');
        for (const [path, text] of Object.entries(tree)) {
          mkdirSync(dirname(join(work, path)), { recursive: true });
          writeFileSync(join(work, path), text);
        }
        git(work, 'add', '--all');
        git(work, 'commit', '--quiet', '--message', branch, '--allow-empty');
      }
      git(work, 'checkout', '--quiet', Object.keys(branches)[0] ?? 'main');
      git(root, 'clone', '--quiet', '--bare', work, bare);
      git(bare, 'update-server-info');
      rmSync(work, { recursive: true });
      return bare;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** How a web server of repositories behaves. */
export interface GitWebOptions {
  /** It asks for these. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** It answers the first question of a clone, and never sends the rest. */
  readonly hangs?: boolean;
  /** It hands out files and knows nothing of git. */
  readonly filesOnly?: boolean;
  /** Called with the `Authorization` header of each request, or undefined. */
  readonly sees?: (authorization: string | undefined) => void;
  /** It sends everybody there instead of answering. */
  readonly redirectTo?: string;
}

/** Serves repositories over http by git's own `http-backend` (git-http-backend(1)). */
export async function serveOverHttp(root: string, options: GitWebOptions = {}): Promise<GitWebServer> {
  let tellHung = () => {};
  const hung = new Promise<void>((resolve) => {
    tellHung = resolve;
  });
  const server = createServer((request, response) => {
    options.sees?.(request.headers.authorization);
    if (options.redirectTo !== undefined) {
      response.writeHead(302, { location: `${options.redirectTo}${request.url ?? ''}` }).end();
    } else if (options.credentials !== undefined && !isAllowed(request, options.credentials)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    } else if (options.hangs === true && request.method === 'POST') {
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' });
      response.flushHeaders();
      tellHung();
    } else if (options.filesOnly === true) {
      handOut(join(root, new URL(request.url ?? '/', 'http://127.0.0.1').pathname), response);
    } else answerByGit(root, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, hung, stop: () => close(server) };
}

function handOut(file: string, response: ServerResponse): void {
  const isThere = existsSync(file);
  response.writeHead(isThere ? 200 : 404, { 'content-type': 'text/plain' });
  response.end(isThere ? readFileSync(file) : undefined);
}

function isAllowed(request: IncomingMessage, expected: { username: string; password: string }): boolean {
  const pair = Buffer.from(`${expected.username}:${expected.password}`).toString('base64');
  return request.headers.authorization === `Basic ${pair}`;
}

function answerByGit(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const header = (name: string) => String(request.headers[name] ?? '');
  const backend = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      HOME: root,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: header('content-type'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      HTTP_GIT_PROTOCOL: header('git-protocol'),
    },
  });
  request.pipe(backend.stdin);
  backend.stdin.on('error', () => {});
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  backend.on('close', () => {
    const output = Buffer.concat(chunks);
    const end = output.indexOf('\r\n\r\n');
    const headers = output.toString('latin1', 0, end).split('\r\n');
    for (const line of headers) {
      const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(line) ?? [];
      if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
      else if (name !== '') response.setHeader(name, value);
    }
    response.end(output.subarray(end + 4));
  });
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** Serves repositories by `git daemon`, over the git protocol. */
export async function serveOverGit(root: string): Promise<GitServer> {
  const port = await freePort();
  const daemon = spawn(
    'git',
    [
      'daemon',
      '--listen=127.0.0.1',
      `--port=${port}`,
      '--export-all',
      '--reuseaddr',
      `--base-path=${root}`,
      root,
    ],
    { stdio: 'ignore', detached: true },
  );
  await answers(port, daemon);
  const stop = async () => {
    const ended = once(daemon, 'close');
    // `git daemon` is a child of `git`: both are ended by their group.
    process.kill(-(daemon.pid ?? 0), 'SIGTERM');
    await ended;
  };
  return { url: `git://127.0.0.1:${port}`, port, stop };
}

/** A port of 127.0.0.1 at which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port: number, daemon: ChildProcess): Promise<void> {
  const deadline = AbortSignal.timeout(10_000);
  while (daemon.exitCode === null) {
    deadline.throwIfAborted();
    const socket = createConnection(port, '127.0.0.1');
    const connected = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      once(daemon, 'exit').then(() => false),
    ]);
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`git daemon ended with ${daemon.exitCode}`);
}
