import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createSession } from '../../src/engine/session.ts';
import { inCheckout } from './checkout.ts';
import { background, findProgram, run, runHere } from './programs.ts';
import { Advice, say } from './say.ts';
import type { Tidy } from './tidy.ts';

const readyMs = 60_000;
const stopMs = 20_000;

/** What a machine without an engine is told; root on Debian and Ubuntu hears it only when the installation fails. */
const installByHand =
  'Start a container engine, or install one (Docker: https://docs.docker.com/engine/install; Podman with its socket ' +
  'will do as well), or name yours in DOCKER_HOST. As root on Debian or Ubuntu `make run` installs Docker by itself.';

/** Installs what a Docker engine of our own needs, where it is missing. Throws `Advice` where that cannot be done. */
export async function installDocker(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Advice(`Only root can start an engine. ${installByHand}`);
  const needed = [
    { program: 'dockerd', debian: 'docker.io' },
    { program: 'ip', debian: 'iproute2' },
  ];
  const packages = needed.filter(({ program }) => findProgram(program) === null).map(({ debian }) => debian);
  if (packages.length === 0) return;
  if (findProgram('apt-get') === null) throw new Advice(installByHand);
  say(`Installing ${packages.join(' and ')} from the distribution (a minute or two)`);
  const code = await runHere(inCheckout('scripts/install-packages'), packages);
  if (code !== 0) throw new Advice(`${packages.join(' and ')} could not be installed. ${installByHand}`);
}

/** Starts a Docker engine with every file below `folder` and a network bridge of its own; gives its address. */
export async function startDocker(folder: string, tidy: Tidy, signal: AbortSignal): Promise<string> {
  const dockerd = findProgram('dockerd') ?? 'dockerd';
  mkdirSync(folder);
  const bridge = await makeBridge(tidy);
  const socketPath = join(folder, 'docker.sock');
  const log = join(folder, 'log');
  const engine = background(dockerd, engineOptions(folder, socketPath, bridge), log, process.env);
  tidy.later('the engine', () => engine.stop(stopMs));
  const session = createSession({ kind: 'unix', socketPath, foundBy: 'make run' });
  for (const end = performance.now() + readyMs; ; await pause(50, undefined, { signal })) {
    if (!engine.runs()) throw new Advice(`dockerd ended at once: ${lastLines(log)}`);
    if (await session.connect(signal).then(Boolean, () => false)) return `unix://${socketPath}`;
    if (performance.now() > end)
      throw new Advice(`dockerd does not answer after ${readyMs / 1000} s: ${lastLines(log)}`);
  }
}

function engineOptions(folder: string, socketPath: string, bridge: string): string[] {
  const config = join(folder, 'daemon.json');
  // In place of the machine's own configuration; Docker before 23 would make a key in /etc/docker.
  writeFileSync(config, JSON.stringify({ 'deprecated-key-path': join(folder, 'key.json') }));
  return [
    `--config-file=${config}`,
    `--data-root=${join(folder, 'data')}`,
    `--exec-root=${join(folder, 'exec')}`,
    `--pidfile=${join(folder, 'pid')}`,
    `--host=unix://${socketPath}`,
    // Where the machine has a containerd of its own, both use it: they must not meet in it.
    `--containerd-namespace=${bridge}`,
    `--containerd-plugins-namespace=${bridge}-plugins`,
    `--bridge=${bridge}`,
    '--iptables=false',
    '--ip6tables=false',
    '--ip-masq=false',
    '--ip-forward=false',
    '--userland-proxy=false',
  ];
}

/** A bridge with a network that the machine does not use. */
async function makeBridge(tidy: Tidy): Promise<string> {
  const ip = findProgram('ip') ?? 'ip';
  const name = `pld${randomBytes(5).toString('hex')}`;
  const taken = `${await run(ip, ['-4', '-o', 'addr'])} ${await run(ip, ['-4', 'route'])}`;
  let network = '';
  do network = `10.${randomInt(200, 250)}.${randomInt(0, 256)}`;
  while (taken.includes(` ${network}.`) || taken.includes(`\n${network}.`));
  await run(ip, ['link', 'add', name, 'type', 'bridge']);
  tidy.later(`network bridge ${name}`, async () => void (await run(ip, ['link', 'delete', name])));
  await run(ip, ['addr', 'add', `${network}.1/24`, 'dev', name]);
  await run(ip, ['link', 'set', name, 'up']);
  return name;
}

/** The end of a log, in one line. */
export function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-4).join(' | ');
}
