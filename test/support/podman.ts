import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers } from './engineApi.ts';
import { sweepFolder } from './leftovers.ts';
import { requireProgram, run, startServer } from './programs.ts';
import { until } from './until.ts';

/** A Podman service of a test's own. */
export interface TestPodman {
  /** Path of its Docker-compatible socket. */
  readonly socket: string;
  /** Ends the service; its containers live on, as Podman's do. */
  halt(): Promise<void>;
  /** Removes its containers, ends it, and takes away all that it made. */
  stop(): Promise<void>;
}

/** What is special about a private Podman service. */
export interface PodmanOptions {
  /** Registries (`host:port`) that speak plain HTTP. */
  readonly insecureRegistries?: readonly string[];
  /** The init program that containers may have; Podman's own, which Debian does not install with it, unless told. */
  readonly initProgram?: string;
}

/** Starts a private Podman service with storage of its own. Its containers have no network: Podman's bridge would be the machine's. */
export async function startPodman(options: PodmanOptions = {}): Promise<TestPodman> {
  const podman = requireProgram('podman', 'podman');
  requireProgram('runc', 'runc');
  const folder = mkdtempSync(join(tmpdir(), 'plancton-podman-'));
  const socket = join(folder, 'podman.sock');
  const env = writeConfiguration(folder, options);
  const place = ['--tmpdir', join(folder, 'tmp')];
  const args = [...place, 'system', 'service', '-t', '0', `unix://${socket}`];
  const server = startServer(podman, args, join(folder, 'log'), env);
  const stop = async (): Promise<void> => {
    if (server.runs()) await server.stop();
    // Its containers do without a service, and go on where it was halted.
    await run(podman, [...place, 'rm', '--all', '--force', '--time', '0'], env).catch(() => undefined);
    await sweepFolder(folder);
  };
  try {
    await until('podman answers or ends', async () => !server.runs() || answers(socket), 60_000);
    if (!server.runs()) {
      throw new Error(`podman ended at once: ${server.log().trim().split('\n').slice(-3).join(' | ')}`);
    }
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { socket, halt: () => server.stop(), stop };
}

/** Podman's configuration for a root that has neither systemd nor every privilege; gives the variables that name it. */
function writeConfiguration(folder: string, options: PodmanOptions): Record<string, string> {
  const files = {
    CONTAINERS_CONF: [
      '[engine]',
      'runtime = "runc"',
      'cgroup_manager = "cgroupfs"',
      'events_logger = "file"',
      // Podman 4 reads it here, 5 there.
      ...initLine(options),
      '[containers]',
      ...initLine(options),
    ],
    CONTAINERS_STORAGE_CONF: [
      '[storage]',
      'driver = "vfs"',
      `graphroot = "${join(folder, 'root')}"`,
      `runroot = "${join(folder, 'run')}"`,
    ],
    CONTAINERS_REGISTRIES_CONF: (options.insecureRegistries ?? []).flatMap((registry) => [
      '[[registry]]',
      `location = "${registry}"`,
      'insecure = true',
    ]),
  };
  return Object.fromEntries(
    Object.entries(files).map(([variable, lines]) => {
      const path = join(folder, `${variable.toLowerCase()}.conf`);
      writeFileSync(path, `${lines.join('\n')}\n`);
      return [variable, path];
    }),
  );
}

function initLine({ initProgram }: PodmanOptions): readonly string[] {
  return initProgram === undefined ? [] : [`init_path = "${initProgram}"`];
}
