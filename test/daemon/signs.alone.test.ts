import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTo, type Files } from '../sample/tree.ts';
import { makePlancton, type TestPlancton } from '../support/plancton.ts';
import { openSshSession } from '../support/sshd.ts';
import { onTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';
import { begin, configure, count, type RigEngine, small, startEngine } from './rig.ts';

/** Other programs may keep this machine busy for a while: pilots come only when it has room. */
const patienceMs = 150_000;
const testMs = 500_000;
/** One pilot, which nothing but the sign in question has a say in: even a busy machine has room for so little. */
const one = `${small.replace('cpus_per_dock: 0.1', 'cpus_per_dock: 0.04')}max_docks: 1\nreserve: {memory: 0, disk: 0}\nowner_slowdown: 100%\n`;
const sleeper = `${one}docker_cmd: /bin/sleep 1000\n`;

/** Of the pilot whose window closes: nothing starts a minute, this and 2 s ahead of that, so never in the windows here. */
const graceMs = 30_000;

let engine: RigEngine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());

/** What goes after a test is told to its own context: several are under way. */
type Finally = (tidy: () => void | Promise<void>) => void;

/** A Plancton that goes after the test. */
function planctonOf(after: Finally, yaml: string, within: readonly string[] = []): TestPlancton {
  const plancton = makePlancton(engine.socket, within);
  after(() => plancton.remove());
  configure(plancton, `unix://${engine.socket}`, yaml);
  return plancton;
}

/** Waits until this many pilots of one daemon's, for the others have theirs on the same engine, are in this state; gives their ids. */
async function own(plancton: TestPlancton, state: 'running' | 'paused', wanted = 1): Promise<string[]> {
  const enough = async (): Promise<string[] | null> => {
    const found = (await plancton.pilots()).filter(
      ({ State, Names }) => State === state && plancton.log().includes(`started ${Names[0]?.slice(1)} `),
    );
    return found.length === wanted ? found.map(({ Id }) => Id) : null;
  };
  return until(`${wanted} pilots ${state}`, enough, patienceMs).catch((error: unknown) => {
    throw new Error(`${String(error)}; the log:\n${plancton.log()}`);
  });
}

/** Waits until the first reason for there being no more pilots is this one. */
async function refused(plancton: TestPlancton, rule: string, text: RegExp): Promise<void> {
  const isSo = async (): Promise<boolean> => {
    const first = (await plancton.status()).refusals[0];
    return first?.rule === rule && text.test(first.text);
  };
  await until(`the reason ${rule}`, isSo, patienceMs);
}

/** A folder that stands in the place of `/sys/class` for a daemon, and the words that start it there. */
function otherClasses(
  after: Finally,
  files: Files,
): {
  readonly within: readonly string[];
  change(files: Files): void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'plancton-classes-'));
  after(() => rmSync(folder, { recursive: true }));
  addTo(folder, files);
  const mounted = 'mount --bind "$0" /sys/class && exec "$@"';
  return {
    within: ['unshare', '--mount', 'sh', '-c', mounted, folder],
    change: (changed) => addTo(folder, changed),
  };
}

// Most of their time is waiting for the calm after: they do it side by side.
describe.concurrent('a sign that the owner wants his node', { timeout: testMs }, () => {
  it('at a terminal or over SSH is a key that he presses, not what his programs write', async ({
    onTestFinished,
  }) => {
    const program = 'while :; do echo output; sleep 1; done & exec cat';
    const terminal = onTerminal(['sh', '-c', program]);
    onTestFinished(() => terminal.hangUp());
    const plancton = planctonOf(onTestFinished, `${sleeper}yield_to_user: true\nuser_away: 10\n`);
    const session = await openSshSession(join(plancton.folder, 'ssh'), program);
    onTestFinished(() => session.close());
    await begin(plancton);
    const before = await own(plancton, 'running');
    let paused = 0;
    for (const place of [terminal, session]) {
      place.type('a key\n');
      expect(await own(plancton, 'paused')).toEqual(before);
      await refused(plancton, 'user', /^somebody used the node \d+ s ago \(user_away 10 s\)/);
      expect(await own(plancton, 'running')).toEqual(before);
      paused += 1;
      expect(count(plancton.log(), /paused plancton-worker-\w+: somebody used the node/)).toBe(paused);
    }
    expect(count(plancton.log(), /thawed plancton-worker/)).toBe(2);
  });

  it('is a battery that is being discharged', async ({ onTestFinished }) => {
    const supply = (online: number, status: string): Record<string, string> => ({
      '/power_supply/AC/online': `${online}\n`,
      '/power_supply/BAT0/status': `${status}\n`,
    });
    const node = otherClasses(onTestFinished, {
      '/power_supply/AC/type': 'Mains\n',
      '/power_supply/BAT0/type': 'Battery\n',
      ...supply(1, 'Charging'),
    });
    const plancton = planctonOf(onTestFinished, `${sleeper}yield_on_battery: true\n`, node.within);
    await begin(plancton);
    const before = await own(plancton, 'running');
    node.change(supply(0, 'Discharging'));
    expect(await own(plancton, 'paused')).toEqual(before);
    await refused(plancton, 'battery', /the node runs on its battery/);
    node.change(supply(1, 'Charging'));
    expect(await own(plancton, 'running')).toEqual(before);
    await plancton.logged(/paused plancton-worker-\w+: the node runs on its battery/);
  });

  it('is heat, for which pilots get less and less', async ({ onTestFinished }) => {
    const sensor = '/thermal/thermal_zone0/temp';
    const node = otherClasses(onTestFinished, { [sensor]: '50000\n' });
    const plancton = planctonOf(onTestFinished, `${sleeper}max_temperature: 80\n`, node.within);
    await begin(plancton);
    const before = await own(plancton, 'running');
    node.change({ [sensor]: '90000\n' });
    expect(await own(plancton, 'paused')).toEqual(before);
    await refused(plancton, 'temperature', /^the hottest sensor shows 90 °C \(max_temperature 80 °C\)/);
    await plancton.logged(
      /may use 0\.02 CPUs now: the hottest[^]*may use 0\.01 CPUs now: the hottest[^]*paused plancton-worker-\w+: the hottest/,
    );
    node.change({ [sensor]: '60000\n' });
    expect(await own(plancton, 'running')).toEqual(before);
    await plancton.logged(/may use 0\.04 CPUs now: the owner does not need it any more/, patienceMs);
  });

  it('is the clock, ahead of which pilots have their notice', async ({ onTestFinished }) => {
    const heeds = "trap 'echo heard > /out/said; exit 0' TERM; while :; do sleep 0.1; done";
    const plancton = planctonOf(onTestFinished, '');
    const out = join(plancton.folder, 'out');
    mkdirSync(out);
    const grace = one.replace('stop_grace: 1', `stop_grace: ${graceMs / 1000}`);
    const any = `${grace}grace_spawn: 1\ndocker_cmd: [/bin/sh, -c, "${heeds}"]\nbinds: ["${out}:/out"]\n`;
    configure(plancton, `unix://${engine.socket}`, any);
    await begin(plancton);
    await own(plancton, 'running');
    const more = any.replace('max_docks: 1', 'max_docks: 2');
    configure(plancton, `unix://${engine.socket}`, `${more}schedule: ["${windowThatCloses()}"]\n`);
    await refused(plancton, 'window', /^schedule ends in \d+ s: too soon for a new pilot$/);
    const log = await plancton.logged(/plancton-worker-\w+ evicted after .*, exit code 0\n/, patienceMs);
    expect(log).toMatch(
      /giving notice to plancton-worker-\w+ \(evicted\): schedule ends in \d+ s, and pilots/,
    );
    expect(readFileSync(join(out, 'said'), 'utf8')).toBe('heard\n');
    await refused(plancton, 'window', /^outside of schedule, which begins in /);
    expect(count(plancton.log(), /started plancton-worker/)).toBe(1);
    configure(plancton, `unix://${engine.socket}`, more);
    await own(plancton, 'running', 2);
  });
});

/** A window that closes with a minute, of which enough is left for a notice, in a zone far from most nodes'. */
function windowThatCloses(): string {
  const timeZone = 'Asia/Kathmandu';
  const minuteMs = 60_000;
  const closesMs = Math.ceil((Date.now() + graceMs) / minuteMs) * minuteMs;
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
  return `${format.format(closesMs - 180 * minuteMs)}-${format.format(closesMs)} ${timeZone}`;
}
