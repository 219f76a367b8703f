import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CuttingProxy, startCuttingProxy } from '../support/cuttingProxy.ts';
import { answers, engineApi } from '../support/engineApi.ts';
import { importBusybox } from '../support/image.ts';
import { until } from '../support/until.ts';
import { begin, configure, count, engine, localImage, plancton, small, useRig } from './rig.ts';

const two = `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 2\nmain_sleep: 1\n`;

useRig();
afterEach(async () => {
  if (!(await answers(engine.socket))) await engine.resume();
});

/** Looks at the pilots all the while until `over`; gives the most that ran at one moment. */
async function mostWhile(over: () => Promise<boolean>): Promise<number> {
  let most = 0;
  await until(
    'the end of the watch',
    async () => {
      const running = (await plancton.pilots().catch(() => [])).filter((one) => one.State === 'running');
      most = Math.max(most, running.length);
      return over();
    },
    60_000,
  );
  return most;
}

describe('an engine that is away', () => {
  it('at the start is waited for', async () => {
    await engine.halt();
    configure(plancton, engine.url, two);
    await begin(plancton);
    const status = await plancton.statusWith('the reason', (now) =>
      /nothing listens/.test(now.engine.reason),
    );
    expect(status).toMatchObject({ state: 'waiting', engine: { answering: false } });
    expect((await plancton.ctl('status')).stdout).toMatch(/Engine .*does not answer: cannot connect/);
    await engine.resume();
    await plancton.running(2);
  });

  it('in the middle comes back to pilots that have ended, which are told and replaced', async () => {
    configure(plancton, engine.url, two);
    await begin(plancton);
    const before = await plancton.running(2);
    await engine.halt();
    await plancton.statusWith('a waiting daemon', (now) => now.state === 'waiting');
    await engine.resume();
    const most = await mostWhile(async () => {
      const ids = (await plancton.pilots()).filter((one) => one.State === 'running').map((one) => one.Id);
      return ids.length === 2 && !before.some((one) => ids.includes(one.Id));
    });
    expect(most).toBeLessThanOrEqual(2);
    for (const pilot of before) {
      const name = pilot.Names[0]?.slice(1) ?? '';
      await plancton.logged(new RegExp(`${name} (failed|finished|lost) after`));
    }
    await twoAndNothingElse();
  });

  it('by a crash leaves the pilots to be adopted, and never more than the limit', async () => {
    configure(plancton, engine.url, two);
    await begin(plancton);
    const before = await plancton.running(2);
    await engine.crash();
    await plancton.statusWith('a waiting daemon', (now) => now.state === 'waiting');
    await engine.resume();
    await plancton.statusWith('the engine again', (now) => now.engine.answering);
    const most = await mostWhile(async () => (await plancton.status()).pilots.running === 2);
    expect(most).toBeLessThanOrEqual(2);
    const after = await plancton.running(2);
    // Those that the engine did not find alive after its crash are told and replaced.
    for (const old of before.filter((one) => !after.some((pilot) => pilot.Id === one.Id)))
      await plancton.logged(new RegExp(`${old.Names[0]?.slice(1)} (failed|finished|lost) after`));
    await twoAndNothingElse();
  });

  it('hung leaves the daemon answering, and goes on where it was', async () => {
    configure(plancton, engine.url, two);
    await begin(plancton);
    const before = await plancton.running(2);
    process.kill(engine.pid(), 'SIGSTOP');
    try {
      // A change of the file has the engine asked for a listing; otherwise it is asked twice a minute.
      configure(plancton, engine.url, two.replace('max_docks: 2', 'max_docks: 3'));
      const status = await plancton.statusWith('the daemon says so', (now) => !now.engine.answering);
      expect(status.engine.reason).toMatch(/no answer within 10 s/);
      expect(status).toMatchObject({ state: 'waiting', pilots: { limit: 3 } });
    } finally {
      process.kill(engine.pid(), 'SIGCONT');
    }
    const after = await plancton.running(3);
    expect(after.map((one) => one.Id)).toEqual(expect.arrayContaining(before.map((one) => one.Id)));
  });
});

describe('a pilot that cannot start', () => {
  it.each([
    ['a bad command', 'docker_cmd: [/no/such/program]\n', /failed after 0\.\d s, exit code 127/],
    [
      'a bad device',
      'docker_cmd: /bin/sleep 9\ndevices: [/dev/no-such-device]\n',
      /never started: .*no-such-device/,
    ],
    [
      'a bad network',
      'docker_cmd: /bin/sleep 9\nnetwork_mode: no-such-network\n',
      /never started: .*no-such-network/,
    ],
  ])(
    'for %s is told with its reason, removed, and tried again with growing pauses',
    async (_what, yaml, reason) => {
      configure(plancton, engine.url, `${small}${yaml}max_docks: 1\nmain_sleep: 1\n`);
      await begin(plancton);
      const log = await plancton.logged(/(plancton-worker-\w+ (never started|failed)[^]*){3}/);
      expect(log).toMatch(reason);
      const status = await plancton.statusWith('the back-off', (now) =>
        now.refusals.some((reason) => reason.rule === 'back-off'),
      );
      expect(status.refusals.find((reason) => reason.rule === 'back-off')?.text).toMatch(
        /1 slot failing \(\d starts in a row\), next try in/,
      );
      const stamps = [...log.matchAll(/^(\S+) WARN {2}plancton-worker-\w+ (?:never started|failed)/gm)].map(
        (line) => Date.parse(line[1] ?? ''),
      );
      const [first = 0, second = 0, third = 0] = stamps;
      expect(second - first).toBeGreaterThanOrEqual(900);
      expect(third - second).toBeGreaterThanOrEqual(1900);
      await until('nothing is left', async () => (await plancton.pilots()).length <= 1);
    },
  );

  it('or ends at once with an error makes no storm', async () => {
    configure(
      plancton,
      engine.url,
      `${small}docker_cmd: [/bin/sh, -c, 'exit 3']\nmax_docks: 2\nmain_sleep: 1\n`,
    );
    await begin(plancton);
    const log = await plancton.logged(/(failed after 0\.\d s, exit code 3[^]*){6}/);
    // Two slots: 1 s and then 2 s after the first and the second try of each.
    const stamps = [...log.matchAll(/^(\S+) .*failed after/gm)].map((line) => Date.parse(line[1] ?? ''));
    expect((stamps[5] ?? 0) - (stamps[0] ?? 0)).toBeGreaterThanOrEqual(2900);
  });
});

describe('a pilot’s end', () => {
  it('for want of memory is named', async () => {
    const hog = 'docker_cmd: [/bin/sh, -c, "exec tail -c 200m /dev/zero"]\n';
    configure(plancton, engine.url, `${small}${hog}max_docks: 1\nmain_sleep: 1\n`);
    await begin(plancton);
    const log = await plancton.logged(/plancton-worker-\w+ failed after .* out of memory/);
    expect(log).toMatch(/exit code 137, out of memory/);
  });

  it('takes its anonymous volumes with it', async () => {
    const image = '127.0.0.1:9/plancton/voluble:1';
    await importBusybox(engine.socket, image, ['VOLUME /data']);
    const yaml = small.replace(localImage, image);
    configure(plancton, engine.url, `${yaml}docker_cmd: /bin/sleep 1\nmax_docks: 1\nmain_sleep: 1\n`);
    await begin(plancton);
    const volumes = async (): Promise<number> =>
      ((await engineApi(engine.socket, '/volumes')) as { Volumes: unknown[] | null }).Volumes?.length ?? 0;
    await until('a volume', async () => (await volumes()) > 0);
    await plancton.logged(/(finished after[^]*){2}/);
    await plancton.ctl('force-stop');
    expect(await volumes()).toBe(0);
  });
});

/** The engine has two pilots that run; what else it has of ours was prepared, and the daemon knows it. */
async function twoAndNothingElse(): Promise<void> {
  await until(
    'two pilots and nothing else',
    async () => {
      const { pilots } = await plancton.status();
      const told = pilots.list.map(
        ({ name, state }) => `/${name} ${state === 'prepared' ? 'created' : state}`,
      );
      const seen = (await plancton.pilots()).map((one) => `${one.Names[0]} ${one.State}`);
      const running = seen.filter((one) => one.endsWith(' running')).length;
      return running === 2 && seen.toSorted().join() === told.toSorted().join();
    },
    40_000,
  );
}

describe('a connection that breaks', () => {
  let proxy: CuttingProxy;

  beforeEach(async () => {
    proxy = await startCuttingProxy(engine.socket);
  });
  afterEach(async () => {
    await plancton.ctl('force-stop');
    await proxy.stop();
    configure(plancton, engine.url, two);
  });

  it.each([
    ['create', /POST \S+\/containers\/create/],
    ['start', /POST \S+\/containers\/\w+\/start/],
  ])(
    'after a %s reached the engine makes no double and leaves nothing behind',
    async (_verb, cut) => {
      proxy.cutAfter(cut);
      configure(plancton, proxy.url, two);
      await begin(plancton);
      const most = await mostWhile(
        async () => proxy.cuts() > 0 && (await plancton.status()).pilots.running === 2,
      );
      expect(most).toBeLessThanOrEqual(2);
      await plancton.logged(/it closed the connection/);
      await twoAndNothingElse();
      expect(count(plancton.log(), /started plancton-worker/)).toBeLessThanOrEqual(3);
    },
    120_000,
  );
});
