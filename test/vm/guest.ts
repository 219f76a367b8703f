import { execFile } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { placesFor } from '../../src/cli/places.ts';
import { askStatus } from '../../src/cli/statusClient.ts';
import type { Status } from '../../src/model/status.ts';
import { setTimeout as wait } from 'node:timers/promises';
import { engineApi } from '../support/engineApi.ts';

/** What a program printed, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly text: string;
}

/** A container of the engine, by its API. */
export interface SeenPilot {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: string;
}

/** What `docker inspect` tells, as far as checks look at it. */
export interface Inspected {
  readonly State: { readonly Pid: number; readonly Status: string; readonly OOMKilled: boolean };
  readonly HostConfig: { readonly PidsLimit: number | null; readonly OomScoreAdj: number };
}

/** The engine of the virtual machine. */
export const engineSocket = '/run/docker.sock';
const places = placesFor({ uid: 0, homeFolder: '/root' }, {});
/** Programs of the virtual machine are emulated: they take ten times as long. */
const patienceMs = 60_000;
/** Looking is work of an emulated machine too, and an owner's. */
const lookEachMs = 500;

/**
 * Waits until `condition` gives something else than false or null, and gives it; rejects naming `what` after
 * `deadlineMs`. It is looked at each `eachMs`.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs = patienceMs,
  eachMs = lookEachMs,
): Promise<Exclude<T, false | null>> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== null) return value as Exclude<T, false | null>;
    if (performance.now() > end) throw new Error(`waited ${deadlineMs / 1000} s in vain for ${what}`);
    await wait(eachMs);
  }
}

/** Runs a program to its end; `text` is both its streams. */
export async function run(program: string, ...args: string[]): Promise<Ran> {
  return new Promise((done) => {
    const options = { encoding: 'utf8', timeout: patienceMs, maxBuffer: 64_000_000 } as const;
    execFile(program, args, options, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code ?? 1), text: stdout + stderr });
    });
  });
}

/** The same, for one that has to succeed. */
export async function mustRun(program: string, ...args: string[]): Promise<string> {
  const { code, text } = await run(program, ...args);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${text.trim()}`);
  return text;
}

/** A file's text without the white space around it. */
export function read(path: string): string {
  return readFileSync(path, 'utf8').trim();
}

/** A property of a unit, as systemd shows it. */
export async function unitProperty(unit: string, name: string): Promise<string> {
  return (await mustRun('systemctl', 'show', '--value', '-p', name, unit)).trim();
}

/** Writes Plancton's configuration, and waits until it is in force where a daemon runs. */
export async function configure(yaml: string): Promise<void> {
  const before = await status();
  const isNew = !existsSync(places.configFile) || readFileSync(places.configFile, 'utf8') !== yaml;
  // All at once: half a file is a configuration too.
  writeFileSync(`${places.configFile}.new`, yaml);
  renameSync(`${places.configFile}.new`, places.configFile);
  if (before === null || !isNew) return;
  const isRead = ({ config }: Status): boolean => config.loadedAt !== before.config.loadedAt;
  await statusWith('the configuration is read', isRead);
}

/** What the daemon tells of itself; null when nobody answers. */
export async function status(): Promise<Status | null> {
  return askStatus(places);
}

/** Waits for a status that fits, and gives it. */
export async function statusWith(
  what: string,
  fits: (status: Status) => boolean,
  deadlineMs = patienceMs,
): Promise<Status> {
  let last = await status();
  const fitting = async (): Promise<Status | null> => {
    last = await status();
    return last !== null && fits(last) ? last : null;
  };
  return until(what, fitting, deadlineMs).catch((error: unknown) => {
    const { pilots, lastDecision, refusals } = last ?? {};
    const facts = JSON.stringify({ pilots, lastDecision, refusals });
    throw new Error(`${(error as Error).message}; the last status: ${facts}`);
  });
}

/** Containers named as pilots are, by the engine. */
export async function pilots(): Promise<SeenPilot[]> {
  const filters = encodeURIComponent(JSON.stringify({ name: ['^/?plancton-worker-'] }));
  return (await engineApi(engineSocket, `/containers/json?all=1&filters=${filters}`)) as SeenPilot[];
}

/** What the engine knows of a container. */
export async function inspect(id: string): Promise<Inspected> {
  return (await engineApi(engineSocket, `/containers/${id}/json`)) as Inspected;
}

/** Waits until this many pilots run by the engine's word and by the daemon's; gives them. */
export async function running(count: number, deadlineMs = patienceMs): Promise<SeenPilot[]> {
  await statusWith(`${count} running pilots`, ({ pilots }) => pilots.running === count, deadlineMs);
  return until(
    `${count} running containers`,
    async () => {
      const found = (await pilots()).filter(({ State }) => State === 'running');
      return found.length === count ? found : null;
    },
    deadlineMs,
  );
}

/** The names of containers, in order, to compare two moments. */
export function idsOf(found: readonly SeenPilot[]): string[] {
  return found.map(({ Id }) => Id).toSorted();
}

/** The folder of the cgroup that a process is in. */
export function groupOf(pid: number): string {
  return `/sys/fs/cgroup${read(`/proc/${pid}/cgroup`).replace(/^0::/, '')}`;
}

/** The folders of the cgroups of containers. */
export async function groupsOf(found: readonly SeenPilot[]): Promise<string[]> {
  return Promise.all(found.map(async ({ Id }) => groupOf((await inspect(Id)).State.Pid)));
}

/** What the daemon has told since it was started. */
export function log(): string {
  return read(join(places.logFolder, 'plancton.log'));
}

/** Ends all pilots, whose slots are filled again by what is configured now; waits for this many new ones, and gives them. */
export async function replaced(count: number): Promise<SeenPilot[]> {
  const before = (await pilots()).filter(({ State }) => State === 'running');
  for (const { Id } of before)
    await engineApi(engineSocket, `/containers/${Id}/kill?signal=KILL`, { method: 'POST' });
  const old = new Set(before.map(({ Id }) => Id));
  await until('the old pilots are gone', async () => !(await pilots()).some(({ Id }) => old.has(Id)));
  return running(count);
}
