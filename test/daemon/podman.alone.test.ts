import { existsSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readCgroupMounts } from '../../src/sample/mounts.ts';
import { importBusybox } from '../support/image.ts';
import { ownersProgram, play } from '../support/ownersProgram.ts';
import { makePlancton, type TestPlancton } from '../support/plancton.ts';
import { startPodman, type TestPodman } from '../support/podman.ts';
import { until } from '../support/until.ts';
import { begin, configure, count, localImage } from './rig.ts';

// By a unix socket the load of this machine counts, and Podman is slow to answer: small pilots, and patience.
const yaml = `docker_image: ${localImage}\nnetwork_mode: none\ncpus_per_dock: 0.1\nmax_dock_mem: 20MB\nstop_grace: 1\nmax_docks: 2\nmain_sleep: 1\nsyslog: off\n`;
const patienceMs = 100_000;

let podman: TestPodman;
let plancton: TestPlancton;

beforeAll(async () => {
  podman = await startPodman({ insecureRegistries: ['127.0.0.1:9'] });
  await importBusybox(podman.socket, localImage);
});
afterAll(() => podman.stop());
beforeEach(() => {
  plancton = makePlancton(podman.socket);
});
afterEach(() => plancton.remove());

const running = async (): Promise<string[]> =>
  (await plancton.pilots()).filter((one) => one.State === 'running').map((one) => one.Id);
/** Waits until the daemon has it that this many run; the engine is not asked all the while. */
const atWork = (pilots: number): Promise<unknown> =>
  until(
    `${pilots} pilots`,
    async () =>
      (await plancton.status()).pilots.list.filter((one) => one.state === 'running').length === pilots,
    patienceMs,
  );

/** The folders of a cgroup, in every tree that has it. */
function groupsNamed(path: string): string[] {
  const { unified, legacy } = readCgroupMounts('/');
  const mounts = new Set([...Object.values(legacy), ...(unified === null ? [] : [unified])]);
  return [...mounts].map((mount) => mount + path).filter((folder) => existsSync(folder));
}

describe('on Podman', () => {
  it('pilots start, are refilled, drain and are adopted', async () => {
    configure(plancton, `unix://${podman.socket}`, `${yaml}docker_cmd: /bin/sleep 2\n`);
    await begin(plancton);
    const log = await plancton.logged(/(\(refill\)[^]*){3}/, patienceMs);
    expect(log).toMatch(/engine podman \S+ answers/);
    expect(log).toMatch(/plancton-worker-\w+ finished after \d+\.\d s, exit code 0/);
    await plancton.ctl('drain');
    await atWork(0);
    await until('nothing is left', async () => (await plancton.pilots()).length === 0, patienceMs);
    configure(plancton, `unix://${podman.socket}`, `${yaml}docker_cmd: /bin/sleep 1000\n`);
    await plancton.logged(/(is in force[^]*){2}/);
    await plancton.ctl('resume');
    await atWork(2);
    const before = await running();
    expect(before).toHaveLength(2);
    await plancton.ctl('stop');
    await begin(plancton);
    await atWork(2);
    const [after, told] = [(await running()).sort(), plancton.log()];
    // With the log beside it, a failure tells what the daemon thought.
    expect({ after, told }).toEqual({ after: before.sort(), told });
    expect(count(plancton.log(), /started plancton-worker/)).toBe(0);
  }, 300_000);

  it('pilots are paused beside a program of the owner’s, thawed after it, and gone when memory is short', async () => {
    const heedless = `docker_cmd: [/bin/sh, -c, "trap '' TERM; while :; do sleep 0.1; done"]\n`;
    const keep = (memory: string): void =>
      configure(
        plancton,
        `unix://${podman.socket}`,
        `${yaml}${heedless}yield_to_programs: ${ownersProgram}\nowner_slowdown: 100%\nreserve: {memory: ${memory}, disk: 0}\n`,
      );
    const paused = async (): Promise<number> => (await plancton.status()).pilots.paused;
    keep('0');
    await begin(plancton);
    await atWork(2);
    const game = play(plancton.folder);
    try {
      await until('both are paused', async () => (await paused()) === 2, patienceMs);
      const states = (await plancton.pilots()).map((one) => one.State);
      expect(states).toEqual(['paused', 'paused']);
    } finally {
      game.kill('SIGKILL');
    }
    await atWork(2);
    expect(count(plancton.log(), /thawed plancton-worker/)).toBe(2);
    keep('99%');
    const log = await plancton.logged(/(plancton-worker-\w+ evicted after[^]*){2}/, patienceMs);
    expect(log).toMatch(/giving notice to plancton-worker-\w+ \(evicted\): .* of memory available/);
  }, 400_000);

  it('what a pilot of a kind wrote is kept, and its life is in the journal', async () => {
    const script = 'echo out of $PLANCTON_KIND; echo err >&2; exit 75';
    const entry = `{name: grid, image: "${localImage}", command: ["/bin/sh", "-c", "${script}"], outcomes: {75: no-work}, max: 1, network_mode: none}`;
    configure(
      plancton,
      `unix://${podman.socket}`,
      `${yaml.replace(/^docker_image.*\n/, '')}pilots: [${entry}]\n`,
    );
    await begin(plancton);
    const log = await plancton.logged(/plancton-worker-\w+ no-work after/, patienceMs);
    const name = /(plancton-worker-\w+) no-work after/.exec(log)?.[1] ?? '';
    const kept = await plancton.ctl('logs', name);
    expect(kept.stdout.split('\n').toSorted()).toEqual(['', 'err', 'out of grid']);
    const told = await plancton.ctl('history', '--name', name, '--json');
    expect(JSON.parse(told.stdout)).toMatchObject({ name, kind: 'grid', outcome: 'no-work', exit: 75 });
    expect((JSON.parse(told.stdout) as { start?: number }).start).toBeGreaterThan(0);
  }, 300_000);

  it('a force-stop removes them all, as a file and as a command', async () => {
    configure(plancton, `unix://${podman.socket}`, `${yaml}docker_cmd: /bin/sleep 1000\n`);
    await begin(plancton);
    await atWork(2);
    const before = await running();
    writeFileSync(plancton.control('drain'), '');
    writeFileSync(plancton.control('force-stop'), '');
    await plancton.logged('force-stop is done', patienceMs);
    expect(await plancton.pilots()).toEqual([]);
    await plancton.ctl('resume');
    await atWork(2);
    expect((await running()).some((id) => before.includes(id))).toBe(false);
    const parent = (await plancton.status()).parent.cgroup ?? '';
    expect(groupsNamed(parent)).not.toEqual([]);
    expect(await plancton.ctl('force-stop')).toMatchObject({ code: 0 });
    expect(await plancton.pilots()).toEqual([]);
    // Its monitors outlive its containers by a moment.
    expect(groupsNamed(parent)).toEqual([]);
  }, 300_000);
});
