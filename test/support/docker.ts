import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, removeAllContainers } from './engineApi.ts';
import { sweepFolder } from './leftovers.ts';
import { requireProgram, run, type Server, startServer } from './programs.ts';
import { until } from './until.ts';

/** A Docker engine of a test's own. */
export interface TestDocker {
  /** Path of its unix socket. */
  readonly socket: string;
  /** Folder of its own, gone after `stop`; a test may put files there. */
  readonly folder: string;
  readonly dataFolder: string;
  pid(): number;
  /** Ends it as an administrator would; its containers end with it. */
  halt(): Promise<void>;
  /** Ends it with SIGKILL: its containers live on until it is started again or `stop` is called. */
  crash(): Promise<void>;
  /** Starts it again after `halt` or `crash`. */
  resume(): Promise<void>;
  /** Removes its containers, ends it, and takes away all that it made. */
  stop(): Promise<void>;
}

/** What is special about a private engine. */
export interface DockerOptions {
  /** Further arguments of dockerd, such as a TCP host with TLS. */
  readonly args?: readonly string[];
}

/** Starts a private Docker engine with a socket, data folder and bridge of its own; never the machine's. */
export async function startDocker(options: DockerOptions = {}): Promise<TestDocker> {
  const dockerd = requireProgram('dockerd', 'docker.io');
  const ip = requireProgram('ip', 'iproute2');
  const folder = mkdtempSync(join(tmpdir(), 'plancton-docker-'));
  const socket = join(folder, 'docker.sock');
  const bridge = `plt${randomBytes(5).toString('hex')}`;
  await makeBridge(ip, bridge);
  const args = [
    `--data-root=${join(folder, 'data')}`,
    `--exec-root=${join(folder, 'exec')}`,
    `--pidfile=${join(folder, 'pid')}`,
    `--config-file=${emptyConfig(folder)}`,
    `--host=unix://${socket}`,
    // Where the machine has a containerd of its own, both use it: they must not meet in it.
    `--containerd-namespace=${bridge}`,
    `--containerd-plugins-namespace=${bridge}-plugins`,
    `--bridge=${bridge}`,
    '--iptables=false',
    '--ip6tables=false',
    '--ip-masq=false',
    '--ip-forward=false',
    '--userland-proxy=false',
    ...(options.args ?? []),
  ];
  let server: Server;
  const begin = async (): Promise<void> => {
    rmSync(join(folder, 'pid'), { force: true });
    // One that died with its engine and that nobody has reaped yet would be believed to run.
    endContainerd(folder);
    rmSync(join(folder, 'exec/containerd/containerd.pid'), { force: true });
    server = startServer(dockerd, args, join(folder, 'log'));
    await until('dockerd answers or ends', async () => !server.runs() || answers(socket), 60_000);
    if (!server.runs()) {
      throw new Error(`dockerd ended at once: ${server.log().trim().split('\n').slice(-3).join(' | ')}`);
    }
  };
  const stop = async (): Promise<void> => {
    if (server.runs()) {
      await removeAllContainers(socket).catch(() => undefined);
      await server.stop();
    }
    endContainerd(folder);
    await sweepFolder(folder);
    await run(ip, ['link', 'delete', bridge]);
  };
  try {
    await begin();
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    socket,
    folder,
    dataFolder: join(folder, 'data'),
    pid: () => server.pid,
    halt: () => server.stop(),
    crash: () => server.kill(),
    resume: begin,
    stop,
  };
}

async function makeBridge(ip: string, name: string): Promise<void> {
  const taken = await run(ip, ['-4', '-o', 'addr']);
  let subnet = '';
  do {
    subnet = `10.${randomInt(200, 250)}.${randomInt(0, 256)}`;
  } while (taken.includes(` ${subnet}.`));
  await run(ip, ['link', 'add', name, 'type', 'bridge']);
  await run(ip, ['addr', 'add', `${subnet}.1/24`, 'dev', name]);
  await run(ip, ['link', 'set', name, 'up']);
}

/** The machine's own configuration of Docker must not reach in here. */
function emptyConfig(folder: string): string {
  const path = join(folder, 'daemon.json');
  writeFileSync(path, '{}');
  return path;
}

/** An engine that was killed leaves its containerd running. */
function endContainerd(folder: string): void {
  try {
    const pid = Number(readFileSync(join(folder, 'exec/containerd/containerd.pid'), 'utf8'));
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)) {
      process.kill(pid, 'SIGKILL');
    }
  } catch {
    // It ended with its engine.
  }
}
