import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from './until.ts';

/** A task that was handed in, and what has come back for it. */
export interface GearmanTask {
  readonly input: string;
  /** Each result that came: one, when all is well. */
  readonly results: readonly string[];
}

/** A client that hands in tasks and waits for their results on one connection. */
export interface GearmanClient {
  /** Hands in a task for each of these inputs, all at once; their results come as workers have them. */
  submit(queue: string, inputs: readonly string[]): readonly GearmanTask[];
  close(): void;
}

/** Kinds of packets by their numbers in Gearman's protocol. */
const submitJob = 7;
const jobCreated = 8;
const workComplete = 13;
const workFail = 14;
const error = 19;
const headerBytes = 12;

/** Connects to the gearmand at this port of 127.0.0.1. */
export async function openGearman(port: number): Promise<GearmanClient> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const handedIn: { input: string; results: string[] }[] = [];
  const byHandle = new Map<string, { readonly results: string[] }>();
  let created = 0;
  let fault: Error | null = null;
  let rest: Buffer = Buffer.alloc(0);

  const take = (kind: number, parts: readonly string[]): void => {
    const [handle = '', data = ''] = parts;
    if (kind === jobCreated) {
      // The server answers in the order in which it was asked.
      const task = handedIn[created++];
      if (task !== undefined) byHandle.set(handle, task);
    } else if (kind === workComplete) byHandle.get(handle)?.results.push(data);
    else if (kind === workFail) byHandle.get(handle)?.results.push('failed');
    else if (kind === error) throw new Error(`gearmand says: ${parts.join(' ')}`);
  };
  socket.on('error', (thrown) => (fault = thrown));
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= headerBytes) {
      const end = headerBytes + rest.readUInt32BE(8);
      if (rest.length < end) return;
      take(rest.readUInt32BE(4), partsOf(rest.subarray(headerBytes, end)));
      rest = rest.subarray(end);
    }
  });
  return {
    submit(queue, inputs) {
      if (fault !== null) throw fault;
      const tasks = inputs.map((input) => ({ input, results: [] }));
      handedIn.push(...tasks);
      socket.write(Buffer.concat(inputs.map((input) => request(submitJob, [queue, '', input]))));
      return tasks;
    },
    close: () => socket.destroy(),
  };
}

/** Waits until every task has a result, or one failed. */
export async function allDone(tasks: readonly GearmanTask[], deadlineMs: number): Promise<void> {
  const left = (): number => tasks.filter(({ results }) => results.length === 0).length;
  await until(`the results of ${tasks.length} tasks`, () => left() === 0, deadlineMs).catch(
    (thrown: unknown) => {
      throw new Error(`${String(thrown)}; ${left()} are left`);
    },
  );
}

function request(kind: number, parts: readonly string[]): Buffer {
  const body = Buffer.from(parts.join('\0'));
  const header = Buffer.from('\0REQ\0\0\0\0\0\0\0\0', 'latin1');
  header.writeUInt32BE(kind, 4);
  header.writeUInt32BE(body.length, 8);
  return Buffer.concat([header, body]);
}

/** The first part of a packet, and all the rest: results may hold zero bytes. */
function partsOf(body: Buffer): readonly string[] {
  const zero = body.indexOf(0);
  return zero < 0
    ? [body.toString()]
    : [body.subarray(0, zero).toString(), body.subarray(zero + 1).toString()];
}
