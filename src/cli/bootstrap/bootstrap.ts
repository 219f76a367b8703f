import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { placesFor, type Person } from '../places.ts';
import type { ProgressLine } from '../progressLine.ts';
import { arrangeBoot } from './boot.ts';
import { startByHand, type BootPlan } from './bootPlan.ts';
import { cloneInto } from './clone.ts';
import { dryrunConfiguration } from './dryrun.ts';
import { refuseLinkOut } from './links.ts';
import type { Machine } from './machine.ts';
import { Refusal } from './refusal.ts';
import { parseSource, type Source } from './source.ts';
import { freeFolder, openStaging } from './target.ts';
import type { Verdict } from './validate.ts';

/** What the command line asks for. */
export interface BootstrapRequest {
  /** As written; null for `--dryrun`. */
  readonly source: string | null;
  readonly user: boolean;
  readonly confdir: string | undefined;
  readonly boot: boolean;
  readonly deadlineMs: number;
}

/** All that a bootstrap needs from outside. */
export interface World {
  readonly machine: Machine;
  readonly person: Person;
  /** Reads the `config.yaml` of a folder; `shown` is the name by which its lines speak of the file. */
  readonly validate: (folder: string, shown: string) => Verdict;
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
  /** Absolute paths of this Node and of `planctonctl`, and how the latter is called from a shell here. */
  readonly node: string;
  readonly planctonctl: string;
  readonly command: string;
  readonly signal: AbortSignal;
  /** Says how far something is; it takes what it said away before anything else is said. */
  readonly progress: ProgressLine;
}

/**
 * Puts a configuration in force: fetched (or made) beside its folder, checked there, moved in place at once; then sees
 * to the start at boot. Throws a Refusal, after which everything is as it was before.
 */
export async function bootstrap(request: BootstrapRequest, world: World): Promise<void> {
  const source = request.source === null ? null : parseSource(request.source);
  const places = placesFor(world.person, { user: request.user, confdir: request.confdir });
  const folder = dirname(places.configFile);
  await install(source, folder, request, world);
  const plan = bootPlan(request, folder, world);
  const { arranged, lines, startNow } = request.boot
    ? await arrangeBoot(plan, world.machine, world.signal)
    : { arranged: true, lines: [], startNow: startByHand(plan) };
  for (const line of lines) (arranged ? world.say : world.warn)(line);
  world.say(`Start it now with: ${startNow}`);
}

async function install(
  source: Source | null,
  folder: string,
  request: BootstrapRequest,
  world: World,
): Promise<void> {
  const staging = openStaging(freeFolder(folder));
  try {
    if (source === null) writeFileSync(join(staging.folder, 'config.yaml'), dryrunConfiguration);
    else await fetchInto(staging.folder, source, request, world);
    refuseInvalid(staging.folder, folder, world);
    if (world.signal.aborted) throw new Refusal('interrupted: nothing was changed');
    staging.putInForce();
  } finally {
    staging.discard();
  }
  world.say(`The configuration is in ${folder}.`);
}

async function fetchInto(
  staged: string,
  source: Source,
  request: BootstrapRequest,
  world: World,
): Promise<void> {
  const branch = source.branch === null ? '' : `, branch ${source.branch}`;
  world.say(`Cloning ${source.shown}${branch} …`);
  let told = '';
  const { machine, signal, progress } = world;
  const { deadlineMs } = request;
  const onProgress = progress.isWanted ? (text: string): void => void (told = `: ${text}`) : undefined;
  progress.follow(() => `Cloning${told}, ${progress.span}`);
  try {
    await cloneInto(staged, source, machine, { deadlineMs, signal, onProgress });
  } finally {
    progress.end();
  }
  refuseLinkOut(staged);
  if (source.credentials !== null) {
    world.say(
      'What identified you was used this once and is not kept: git pull will need a credential helper.',
    );
  }
}

function refuseInvalid(staged: string, folder: string, world: World): void {
  const shown = join(folder, 'config.yaml');
  const { found, problems, warnings } = world.validate(staged, shown);
  if (!found) {
    throw new Refusal('there is no config.yaml at the top of that repository, so nothing was put in force');
  }
  for (const warning of warnings) world.warn(`warning: ${warning}`);
  if (problems.length > 0) {
    throw new Refusal('its config.yaml is not valid, so nothing was put in force:', problems);
  }
}

function bootPlan(request: BootstrapRequest, folder: string, world: World): BootPlan {
  const user = request.user ? ['--user'] : [];
  const confdir = request.confdir === undefined ? [] : ['--confdir', folder];
  return {
    node: world.node,
    planctonctl: world.planctonctl,
    options: [...user, ...confdir],
    asUser: request.user || world.person.uid !== 0,
    homeFolder: world.person.homeFolder,
    command: world.command,
  };
}
