import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { engineApi } from '../support/engineApi.ts';
import { requireProgram, run } from '../support/programs.ts';
import { until } from '../support/until.ts';
import { begin, configure, engine, plancton, small, useRig } from './rig.ts';

interface Line {
  readonly name: string;
  readonly id: string;
  readonly kind?: string;
  readonly outcome: string;
  readonly exit?: number;
  readonly rule?: string;
  readonly start?: number;
  readonly end: number;
}

useRig();
let release = async (): Promise<void> => undefined;
afterEach(() => release());

const journalFile = (): string => join(plancton.folder, 'log/history.jsonl');
function journal(): Line[] {
  if (!existsSync(journalFile()) || statSync(journalFile()).isDirectory()) return [];
  const lines = readFileSync(journalFile(), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}
const logOf = (name: string): string =>
  readFileSync(join(plancton.folder, 'log/pilots', `${name}.log`), 'utf8');
const memory = (): string => readFileSync(join(plancton.runFolder, 'state/memory.json'), 'utf8');
const kill = async (): Promise<void> => {
  const pid = plancton.pid() ?? 0;
  process.kill(pid, 'SIGKILL');
  await until('the daemon is dead', () => !existsSync(`/proc/${pid}`) || isZombie(pid));
};
const isZombie = (pid: number): boolean => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
const ids = (lines: readonly Pick<Line, 'id'>[]): string[] => lines.map(({ id }) => id).toSorted();

describe('of a pilot that has ended', () => {
  it('there is its log and one line in the journal, and history and account tell of it', async () => {
    configure(
      plancton,
      engine.url,
      `${small}docker_cmd: ["sh", "-c", "echo out of $HOSTNAME; echo err >&2; exit 3"]\nmax_docks: 1\n`,
    );
    await begin(plancton);
    const [first] = await until('a record', () => (journal().length > 0 ? journal() : null));
    expect(first).toMatchObject({ v: 1, kind: 'default', outcome: 'failed', exit: 3 });
    expect(logOf(first?.name ?? '')).toMatch(/^(out of \$?.*\n|err\n){2}$/);
    await plancton.ctl('stop');
    const { stdout } = await plancton.ctl('history', '--json', '--outcome', 'failed');
    expect(stdout.trimEnd().split('\n')).toHaveLength(journal().length);
    expect((await plancton.ctl('history', '--limit', '1')).stdout).toMatch(/^ENDED .*\n.* failed .* 3/);
    expect((await plancton.ctl('account', '--csv')).stdout).toMatch(
      /^kind,outcome,pilots,.*\ndefault,failed,\d+,/,
    );
    expect((await plancton.ctl('account', '--by', 'weeks')).stderr).toMatch(/^planctonctl: --by: .*\n$/);
  });

  it('while no daemon ran there is one too, once', async () => {
    configure(plancton, engine.url, `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 3\n`);
    await begin(plancton);
    const pilots = await plancton.running(3);
    await kill();
    for (const { Id } of pilots) await engineApi(engine.socket, `/containers/${Id}/kill`, { method: 'POST' });
    configure(plancton, engine.url, `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 0\n`);
    await begin(plancton);
    await until('all are removed', async () => (await plancton.pilots()).length === 0);
    expect(ids(journal())).toEqual(pilots.map(({ Id }) => Id).toSorted());
    for (const line of journal()) expect(line).toMatchObject({ exit: 137, signal: 'SIGKILL' });
  });

  it('there is one, where the daemon is killed between its record and its removal', async () => {
    configure(plancton, engine.url, `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 2\n`);
    await begin(plancton);
    const [stuck] = await plancton.running(2);
    await keepFromRemoval(stuck?.Id ?? '');
    await engineApi(engine.socket, `/containers/${stuck?.Id}/kill`, { method: 'POST' });
    await until('its record', () => journal().some(({ id }) => id === stuck?.Id));
    await plancton.logged(/cannot remove container/);
    await kill();
    await begin(plancton);
    await plancton.statusWith('the daemon is back', (status) => status.engine.answering);
    await release();
    await until(
      'it is removed',
      async () => !(await plancton.pilots()).some(({ Id }) => Id === stuck?.Id),
      90_000,
    );
    expect(journal().filter(({ id }) => id === stuck?.Id)).toHaveLength(1);
  });

  it('at the same instant as many others there is one of each', async () => {
    const words = '["sh", "-c", "echo here; exec sleep 1000"]';
    configure(plancton, engine.url, `${small}docker_cmd: ${words}\nmax_docks: 12\ndocks_per_loop: 12\n`);
    await begin(plancton);
    const pilots = await plancton.running(12);
    const post = { method: 'POST' } as const;
    await Promise.all(pilots.map(({ Id }) => engineApi(engine.socket, `/containers/${Id}/kill`, post)));
    await until('all have a record', () => journal().length >= 12);
    const ended = new Set(pilots.map(({ Id }) => Id));
    await until('all are removed', async () => !(await plancton.pilots()).some(({ Id }) => ended.has(Id)));
    await plancton.running(12);
    expect(ids(journal())).toEqual([...ended].toSorted());
    for (const { name } of journal()) expect(logOf(name)).toBe('here\n');
  });

  it('that force-stop removes while it runs there is one of each', async () => {
    configure(
      plancton,
      engine.url,
      `${small}docker_cmd: ["sh", "-c", "echo here; exec sleep 1000"]\nmax_docks: 6\ndocks_per_loop: 6\n`,
    );
    await begin(plancton);
    const pilots = await plancton.running(6);
    expect(await plancton.ctl('force-stop')).toMatchObject({ code: 0 });
    const lines = journal();
    expect(ids(lines)).toEqual(pilots.map(({ Id }) => Id).toSorted());
    for (const line of lines) {
      expect(line).toMatchObject({ outcome: 'evicted', rule: 'force-stop' });
      expect([137, 143]).toContain(line.exit);
      expect(logOf(line.name)).toBe('here\n');
    }
    expect(readdirSync(join(plancton.folder, 'log/pilots'))).toHaveLength(6);
  });
});

describe('a record that cannot be written', () => {
  it('keeps its container over a crash, while others follow in its slot; all have one in the end', async () => {
    configure(plancton, engine.url, `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 2\n`);
    // What is in the way of the file is in the way of root, too, as a full disk is.
    mkdirSync(journalFile(), { recursive: true });
    await begin(plancton);
    const first = await plancton.running(2);
    const post = { method: 'POST' } as const;
    for (const { Id } of first) await engineApi(engine.socket, `/containers/${Id}/kill`, post);
    await plancton.logged(/ERROR cannot write the journal of pilots in .*, its records have to wait/);
    await plancton.logged(/cannot remove container plancton-worker-\w+ yet: its record cannot be written/);
    const second = await plancton.running(2);
    await kill();
    const ended = new Set(
      (await plancton.pilots()).filter(({ State }) => State === 'exited').map(({ Id }) => Id),
    );
    expect([...ended].toSorted()).toEqual(first.map(({ Id }) => Id).toSorted());
    rmdirSync(journalFile());
    await begin(plancton);
    await until('both are recorded', () => journal().length === 2);
    await until('both are removed', async () => (await plancton.pilots()).every(({ Id }) => !ended.has(Id)));
    expect(ids(journal())).toEqual([...ended].toSorted());
    expect((await plancton.running(2)).map(({ Id }) => Id).toSorted()).toEqual(
      second.map(({ Id }) => Id).toSorted(),
    );
  });

  it('holds up no force-stop; it is in the journal as soon as it can be', async () => {
    configure(plancton, engine.url, `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 2\n`);
    mkdirSync(journalFile(), { recursive: true });
    await begin(plancton);
    const pilots = await plancton.running(2);
    expect(await plancton.ctl('force-stop')).toMatchObject({ code: 0 });
    expect(await plancton.pilots()).toEqual([]);
    expect(journal()).toEqual([]);
    rmdirSync(journalFile());
    configure(plancton, engine.url, `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 0\n`);
    await begin(plancton);
    await until('both are recorded', () => journal().length === 2);
    expect(ids(journal())).toEqual(ids(pilots.map(({ Id }) => ({ id: Id }))));
    for (const line of journal()) expect(line).toMatchObject({ outcome: 'evicted', rule: 'force-stop' });
  });
});

describe('a pilot that somebody removes while no daemon runs', () => {
  it('is lost, once, though the next daemon is killed as well', async () => {
    configure(plancton, engine.url, `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 3\n`);
    await begin(plancton);
    const pilots = await plancton.running(3);
    // They are seen at the engine before the daemon has heard of them, and remembered with its next tick.
    await until('all are remembered', () => pilots.every(({ Id }) => memory().includes(Id)));
    await kill();
    const gone = pilots.slice(1).map(({ Id }) => Id);
    for (const id of gone) await engineApi(engine.socket, `/containers/${id}?force=1`, { method: 'DELETE' });
    for (let time = 0; time < 3; time += 1) {
      await begin(plancton);
      await until('both are recorded', () => journal().length >= 2);
      if (time === 0)
        await plancton.logged(/lost after .* s: somebody else removed it while no daemon of ours ran/);
      await kill();
    }
    await begin(plancton);
    await plancton.statusWith('the engine again', (status) => status.engine.answering);
    await plancton.running(3);
    const [theirs, others] = [true, false].map((isGone) =>
      journal().filter(({ id }) => gone.includes(id) === isGone),
    );
    expect(ids(theirs ?? [])).toEqual(gone.toSorted());
    // A kill may have come between the making of a container and its start.
    expect((others ?? []).map(({ outcome }) => outcome)).toEqual((others ?? []).map(() => 'never-started'));
    for (const line of theirs ?? []) {
      expect(line).toMatchObject({ outcome: 'lost', rule: 'removed', kind: 'default' });
      expect(line.start).toBeLessThanOrEqual(line.end);
    }
  });
});

/** A file in a container's folder that nobody, root and the engine included, may delete. */
async function keepFromRemoval(id: string): Promise<void> {
  const chattr = requireProgram('chattr', 'e2fsprogs');
  const file = join(engine.dataFolder, 'containers', id, 'held');
  writeFileSync(file, '');
  await run(chattr, ['+i', file]);
  release = async () => {
    await run(chattr, ['-i', file]);
    release = async () => undefined;
  };
}
