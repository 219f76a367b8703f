import { chmodSync, chownSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, removeAllContainers } from './engineApi.ts';
import { sweepFolder } from './leftovers.ts';
import { asNobodyWords, nobody } from './nobody.ts';
import { requireProgram, startServer } from './programs.ts';
import { until } from './until.ts';

/** A rootless Docker engine of a test's own: it runs as nobody. */
export interface RootlessDocker {
  /** Nobody's XDG_RUNTIME_DIR, where its socket is: `docker.sock`. */
  readonly runtimeFolder: string;
  readonly socket: string;
  /** Removes its containers, ends it, and takes away all that it made. */
  stop(): Promise<void>;
}

/**
 * Starts Docker as nobody, as its own `dockerd-rootless.sh` does but for the network: the node's own, so that it takes
 * no tunnel device, and no bridge, so that its containers have `network_mode: none`. The ids that nobody may give to
 * containers are told in a mount namespace of their own: the machine's `/etc/subuid` stays as it is.
 */
export async function startRootlessDocker(): Promise<RootlessDocker> {
  const rootlesskit = requireProgram('rootlesskit', 'rootlesskit');
  requireProgram('newuidmap', 'uidmap');
  const dockerd = requireProgram('dockerd', 'docker.io');
  const folder = mkdtempSync(join(tmpdir(), 'plancton-rootless-'));
  const at = (name: string): string => join(folder, name);
  chmodSync(folder, 0o755);
  for (const name of ['run', 'home']) {
    mkdirSync(at(name), { mode: 0o700 });
    chownSync(at(name), nobody, nobody);
  }
  writeFileSync(at('ids'), 'nobody:200000:65536\n');
  writeFileSync(at('daemon.json'), '{}');
  const socket = at('run/docker.sock');
  const engine = [
    dockerd,
    '--rootless',
    `--data-root=${at('home/data')}`,
    `--exec-root=${at('run/exec')}`,
    `--pidfile=${at('run/docker.pid')}`,
    `--config-file=${at('daemon.json')}`,
    `--host=unix://${socket}`,
    '--bridge=none',
    '--iptables=false',
    '--ip6tables=false',
    '--storage-driver=vfs',
  ];
  const kit = [rootlesskit, '--net=host', '--copy-up=/etc', '--copy-up=/run', `--state-dir=${at('run/kit')}`];
  // The copies are links to what is root's: the engine makes its own.
  const within = ['sh', '-c', 'rm -f /run/docker /run/containerd /run/xtables.lock; exec "$@"', 'sh'];
  const outside = `mount --bind ${at('ids')} /etc/subuid && mount --bind ${at('ids')} /etc/subgid && exec "$@"`;
  const asNobody = ['setpriv', ...asNobodyWords, '--pdeathsig', 'TERM'];
  const server = startServer(
    requireProgram('unshare', 'util-linux'),
    [
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      outside,
      'sh',
      ...asNobody,
      ...kit,
      ...within,
      ...engine,
    ],
    at('log'),
    { HOME: at('home'), XDG_RUNTIME_DIR: at('run'), PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  );
  const stop = async (): Promise<void> => {
    if (server.runs()) {
      await removeAllContainers(socket).catch(() => undefined);
      await server.stop();
    }
    await sweepFolder(folder);
  };
  try {
    await until('dockerd answers or ends', async () => !server.runs() || answers(socket), 60_000);
    if (!server.runs()) {
      throw new Error(`rootless dockerd ended: ${server.log().trim().split('\n').slice(-3).join(' | ')}`);
    }
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { runtimeFolder: at('run'), socket, stop };
}
