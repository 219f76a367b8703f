import { cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDocker } from '../test/support/docker.ts';
import { importBusybox, pushImage, removeTag } from '../test/support/image.ts';
import { sweepFolder } from '../test/support/leftovers.ts';
import { requireProgram } from '../test/support/programs.ts';
import { startRegistry } from '../test/support/registry.ts';

/** What is torn down at the end, the last made first. */
export interface Undoing {
  defer(undo: () => Promise<void> | void): void;
}

/** Where measurements happen: an engine of their own with a pilot's image, and a copy of the built programs. */
export interface Scene extends Undoing {
  /** The engine's socket. */
  readonly socket: string;
  /** Busybox, by a name that a registry of the bench serves: a daemon pulls it as it would anywhere. */
  readonly image: string;
  /** Ours alone; gone at the end. */
  readonly folder: string;
  /** The checkout. */
  readonly root: string;
  /** The copy of `planctonctl`. */
  readonly planctonctl: string;
  /** Docker's command line program. */
  readonly docker: string;
  /** Aborts when the bench is asked to end. */
  readonly signal: AbortSignal;
  /** Where to keep the logs of daemons; null: nowhere. */
  readonly logs: string | null;
  /** The environment for programs of ours: nothing of the user's engine or configuration reaches them. */
  readonly env: NodeJS.ProcessEnv;
  /** Tells on standard error how far it is. */
  say(text: string): void;
}

/** What the bench needs of the machine, by Debian package. */
const programs = [
  ['docker', 'docker.io'],
  ['dockerd', 'docker.io'],
  ['docker-registry', 'docker-registry'],
  ['busybox', 'busybox-static'],
  ['influxd', 'influxdb'],
  ['ip', 'iproute2'],
  ['setpriv', 'util-linux'],
  ['getconf', 'libc-bin'],
] as const;

/** Debian packages that are missing here. */
export function missingPackages(): readonly string[] {
  const missing = programs.filter(([program, itsPackage]) => {
    try {
      return requireProgram(program, itsPackage) === '';
    } catch {
      return true;
    }
  });
  return [...new Set(missing.map(([, itsPackage]) => itsPackage))];
}

/** Sets the scene; what it starts is put into `undoing` as it comes up. */
export async function setScene(
  root: string,
  undoing: Undoing,
  { signal, logs, say }: Pick<Scene, 'signal' | 'logs' | 'say'>,
): Promise<Scene> {
  say('starting a private engine and a registry');
  const folder = mkdtempSync(join(tmpdir(), 'plancton-bench-'));
  // Pilots' folders are mounted in it, and a daemon's end leaves pilots running.
  undoing.defer(() => sweepFolder(folder));
  // A rebuild of the checkout must not pull the programs away under a measurement.
  for (const name of ['bin', 'dist']) cpSync(join(root, name), join(folder, name), { recursive: true });
  mkdirSync(join(folder, 'docker-config'));

  const engine = await startDocker();
  undoing.defer(() => engine.stop());
  signal.throwIfAborted();
  const registry = await startRegistry();
  undoing.defer(() => registry.stop());
  const image = `${registry.host}/plancton/pilot:bench`;
  await importBusybox(engine.socket, image);
  await pushImage(engine.socket, image);
  await removeTag(engine.socket, image);
  signal.throwIfAborted();

  const env = { ...process.env, DOCKER_CONFIG: join(folder, 'docker-config') };
  for (const name of ['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH']) {
    Reflect.deleteProperty(env, name);
  }
  return {
    defer: (undo) => undoing.defer(undo),
    socket: engine.socket,
    image,
    folder,
    root,
    planctonctl: join(folder, 'bin', 'planctonctl'),
    docker: requireProgram('docker', 'docker.io'),
    signal,
    logs,
    env,
    say,
  };
}
