import { spawn } from 'node:child_process';
import type { FleetSource } from '../model/fleet.ts';
import { type Reply, type Route, textReply } from './reply.ts';

/** Who knows of all nodes, and the program that asks him. */
export interface FleetParts {
  /** As the configuration in force has it; null where it names no database. */
  readonly source: () => FleetSource | null;
  /** The reader: it takes an `Errand` (JSON) on its standard input, and prints a `FleetAnswer`, or what is wrong. */
  readonly program: string;
  /** Of the daemon: the reader on the disk may be another one by now. */
  readonly version: string;
  readonly limits?: Partial<FleetLimits>;
}

/** What the reader is told. It holds secrets, so it goes through a pipe and nowhere else. */
export interface Errand {
  readonly version: string;
  readonly source: Omit<FleetSource, 'password' | 'token'> & {
    readonly password: string | null;
    readonly token: string | null;
  };
}

/** What a view of the fleet may cost the node that shows it, and the database. */
interface FleetLimits {
  /** An answer is told again for so long, and for ten times as long as it took. */
  readonly keepMs: number;
  /** Who asks is not kept waiting for longer: what was known before is told, or that it is being asked. */
  readonly patienceMs: number;
  /** The database may take so long. */
  readonly deadlineMs: number;
  readonly answerBytes: number;
  /** An answer that nobody wants any more is let go. */
  readonly forgetMs: number;
}

const usualLimits: FleetLimits = {
  keepMs: 15_000,
  patienceMs: 4000,
  deadlineMs: 120_000,
  answerBytes: 16_000_000,
  forgetMs: 300_000,
};
const timesItTook = 10;
/** The memory that ten thousand nodes take, several times over. */
const readerFlags = ['--max-old-space-size=256'];
const longestFault = 2000;

/** For a daemon that knows of no other node. */
export const noFleet: FleetParts = { source: () => null, program: '', version: '' };

/**
 * `/api/fleet`: what is known of all nodes (`FleetAnswer`). Where to ask is said by the configuration alone, and by nothing in
 * a request. A process of its own asks, as the answer may be of ten thousand nodes: the daemon neither waits for it nor
 * reads it. 404 where no database is configured, 502 where it does not tell, 503 while it is asked for the first time.
 */
export function fleetRoute(parts: FleetParts): { readonly route: Route; close(): void } {
  const limits = { ...usualLimits, ...parts.limits };
  let kept: Kept | null = null;
  let asking: Asking | null = null;
  let forgetting: NodeJS.Timeout | null = null;

  const begin = (source: FleetSource): Asking => {
    const abort = new AbortController();
    const beganMs = performance.now();
    const one: Asking = {
      source,
      abort,
      reply: read(parts, limits, source, abort.signal).then((reply) => {
        const nowMs = performance.now();
        const untilMs = nowMs + Math.max(limits.keepMs, timesItTook * (nowMs - beganMs));
        // Asked of another database meanwhile.
        if (asking !== one) return reply;
        asking = null;
        kept = { source, reply, untilMs: reply.status === undefined ? untilMs : nowMs + limits.keepMs };
        return reply;
      }),
    };
    return one;
  };
  const forget = (): void => {
    kept = null;
    asking?.abort.abort();
    asking = null;
  };
  const route: Route = async () => {
    const source = parts.source();
    if (source === null)
      return fault(404, 'no database is configured that knows of other nodes (fleet, influxdb)');
    if ((kept ?? asking)?.source !== source) forget();
    forgetting ??= setTimeout(() => {
      forgetting = null;
      forget();
    }, limits.forgetMs).unref();
    forgetting.refresh();
    if (kept !== null && performance.now() < kept.untilMs) return kept.reply;
    asking ??= begin(source);
    const { reply } = asking;
    return (
      (await within(reply, limits.patienceMs)) ?? kept?.reply ?? fault(503, 'the database is being asked')
    );
  };
  return {
    route,
    close() {
      if (forgetting !== null) clearTimeout(forgetting);
      forget();
    },
  };
}

interface Kept {
  readonly source: FleetSource;
  readonly reply: Reply;
  /** `performance.now`. */
  readonly untilMs: number;
}

interface Asking {
  readonly source: FleetSource;
  readonly abort: AbortController;
  /** Never rejects. */
  readonly reply: Promise<Reply>;
}

/** Null when it is not there within so long. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function read(
  { program, version }: FleetParts,
  { deadlineMs, answerBytes }: FleetLimits,
  source: FleetSource,
  signal: AbortSignal,
): Promise<Reply> {
  const { password, token } = source;
  const errand: Errand = {
    version,
    source: { ...source, password: password?.reveal() ?? null, token: token?.reveal() ?? null },
  };
  try {
    const { code, bytes } = await run(program, JSON.stringify(errand), deadlineMs, answerBytes, signal);
    if (code === 0) return { type: 'application/json', body: bytes };
    const said = bytes.toString('utf8', 0, longestFault).trim();
    return fault(502, said === '' ? 'the reader of the fleet failed' : said);
  } catch (error) {
    return fault(502, `the reader of the fleet failed: ${error instanceof Error ? error.message : ''}`);
  }
}

function run(
  program: string,
  errand: string,
  deadlineMs: number,
  mostBytes: number,
  signal: AbortSignal,
): Promise<{ readonly code: number | null; readonly bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...readerFlags, program], { stdio: ['pipe', 'pipe', 'ignore'] });
    const end = (why: string): void => {
      child.kill('SIGKILL');
      reject(new Error(why));
    };
    const deadline = setTimeout(() => end('no answer in time'), deadlineMs);
    signal.addEventListener('abort', () => end('nobody wants it any more'), { once: true });
    const chunks: Buffer[] = [];
    let length = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > mostBytes) end('the answer is too large; planctonctl fleet shows it');
      else chunks.push(chunk);
    });
    child.on('error', (error) => {
      clearTimeout(deadline);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(deadline);
      resolve({ code, bytes: Buffer.concat(chunks) });
    });
    // It may end before it has read what it was told: its exit code says the rest.
    child.stdin.on('error', () => undefined);
    child.stdin.end(errand);
  });
}

function fault(status: number, text: string): Reply {
  return status === 503 ? textReply(status, text, { 'retry-after': '5' }) : textReply(status, text);
}
