import { type ClientRequest, type IncomingMessage, request } from 'node:http';

/** The API version that is spoken: Docker 20.10's, which every later engine takes. */
const api = '/v1.41';

function ask(socketPath: string, method: string, path: string, body?: unknown): Promise<IncomingMessage> {
  const text = body === undefined ? '' : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked: ClientRequest = request(
      {
        socketPath,
        method,
        path: api + path,
        agent: false,
        headers: {
          Host: 'engine',
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(text),
        },
      },
      resolve,
    );
    asked.on('error', reject);
    asked.end(text);
  });
}

/** The barest client of an engine: one request, its JSON. Rejects on a status of 400 and more. */
export async function call(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await ask(socketPath, method, path, body);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  if ((answer.statusCode ?? 0) >= 400)
    throw new Error(`${method} ${path}: ${answer.statusCode} ${text.trim()}`);
  return text === '' ? null : JSON.parse(text);
}

/** A container's start or end, as the engine tells it. */
export interface LifeEvent {
  readonly what: 'start' | 'die';
  readonly id: string;
  /** The engine's stamp of the event, milliseconds with fractions. */
  readonly atMs: number;
  /** Of an end; null of a start. */
  readonly exitCode: number | null;
}

/** Follows starts and ends of all containers; resolves once subscribed. `close` ends it; `onBroken` is told when it breaks by itself. */
export async function followLives(
  socketPath: string,
  onEvent: (event: LifeEvent) => void,
  onBroken: (error: Error) => void,
): Promise<{ close(): void }> {
  const filters = JSON.stringify({ type: ['container'], event: ['start', 'die'] });
  const stream = await ask(socketPath, 'GET', `/events?filters=${encodeURIComponent(filters)}`);
  let closed = false;
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((one) => one.trim() !== '')) onEvent(eventOf(line));
  });
  stream.on('error', () => undefined);
  stream.on('close', () => {
    if (!closed) onBroken(new Error('the engine ended its stream of events'));
  });
  return {
    close() {
      closed = true;
      stream.destroy();
    },
  };
}

interface EventLine {
  readonly Action: 'start' | 'die';
  readonly Actor: { readonly ID: string; readonly Attributes: { readonly exitCode?: string } };
  readonly timeNano: number;
}

function eventOf(line: string): LifeEvent {
  const { Action, Actor, timeNano } = JSON.parse(line) as EventLine;
  const { exitCode } = Actor.Attributes;
  return {
    what: Action,
    id: Actor.ID,
    atMs: timeNano / 1e6,
    exitCode: exitCode === undefined ? null : Number(exitCode),
  };
}

/** What is used of a container's inspection; `HostConfig` can be sent back as it is to make one alike. */
export interface Inspected {
  readonly Id: string;
  readonly State: { readonly Pid: number; readonly StartedAt: string; readonly FinishedAt: string };
  readonly Config: {
    readonly Hostname: string;
    readonly Image: string;
    readonly Cmd: readonly string[];
    readonly User: string;
    readonly StopSignal: string;
  };
  readonly HostConfig: {
    readonly CpuPeriod: number;
    readonly CpuQuota: number;
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly NetworkMode: string;
    readonly CgroupParent: string;
    /** `source:target:modes` each. */
    readonly Binds?: readonly string[] | null;
    readonly Init?: boolean | null;
  };
}

/** Inspects one container. */
export async function inspect(socketPath: string, id: string): Promise<Inspected> {
  return (await call(socketPath, 'GET', `/containers/${id}/json`)) as Inspected;
}

/** Ids of the containers there are, or only of those that run. */
export async function containers(socketPath: string, onlyRunning: boolean): Promise<readonly string[]> {
  const listed = await call(socketPath, 'GET', `/containers/json${onlyRunning ? '' : '?all=1'}`);
  return (listed as { Id: string }[]).map(({ Id }) => Id);
}

/** Removes containers with SIGKILL; one that is gone already is no fault. */
export async function removeContainers(socketPath: string, ids: readonly string[]): Promise<void> {
  for (const id of ids)
    await call(socketPath, 'DELETE', `/containers/${id}?force=1&v=1`).catch(() => undefined);
}
