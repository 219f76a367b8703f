import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openGearman } from './gearmanClient.ts';
import { freePort } from './freePort.ts';
import { requireProgram, startServer } from './programs.ts';
import { until } from './until.ts';

/** A gearmand of a test's own, which nobody reaches from outside. */
export interface TestGearman {
  readonly port: number;
  log(): string;
  stop(): Promise<void>;
}

/** Starts gearmand at a free port of 127.0.0.1. A job whose worker vanished goes to another, however often. */
export async function startGearman(): Promise<TestGearman> {
  const gearmand = requireProgram('gearmand', 'gearman-job-server');
  const folder = mkdtempSync(join(tmpdir(), 'plancton-gearman-'));
  const port = await freePort();
  const args = ['--listen=127.0.0.1', `--port=${port}`, '--log-file=stderr', '--job-retries=0'];
  const server = startServer(gearmand, args, join(folder, 'log'));
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true });
  };
  const answers = async (): Promise<boolean> => {
    if (!server.runs()) throw new Error(`gearmand ended at once: ${server.log().trim()}`);
    const client = await openGearman(port).catch(() => null);
    client?.close();
    return client !== null;
  };
  await until('gearmand answers', answers).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { port, log: () => server.log(), stop };
}
