import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makePlancton, type TestPlancton } from '../support/plancton.ts';
import { until } from '../support/until.ts';
import { begin, configure, count, isRefusal, ran, type RigEngine, small, startEngine } from './rig.ts';

const steady = `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 1\nmain_sleep: 1\n`;

let engine: RigEngine;
let plancton: TestPlancton;
let mounted: string[] = [];

beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());
beforeEach(() => {
  plancton = makePlancton(engine.socket);
  configure(plancton, engine.url, steady);
});
afterEach(async () => {
  await plancton.ctl('force-stop');
  for (const folder of mounted) execFileSync('umount', ['-l', folder]);
  mounted = [];
  rmSync(plancton.folder, { recursive: true });
});

/** A file system of 64 kB at this folder. */
function tinyDisk(folder: string, options = ''): void {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=64k${options}`, 'plancton-test', folder]);
  mounted.push(folder);
}

/** Takes every byte that is left there; gives what makes room again. */
function fill(folder: string): () => void {
  const file = join(folder, 'ballast');
  for (const bytes of [4096, 1]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(bytes), { flag: 'a' });
    } catch {
      // Not one more of these.
    }
  }
  return () => rmSync(file);
}

/**
 * Takes every byte that is left below the state of a running daemon, between two of its writes: while one was under way its
 * draft and the old file are both there, and what the old one leaves is room enough for the next.
 */
async function fillBetweenWrites(folder: string, pid: number): Promise<() => void> {
  return until('a moment without a write under way', () => {
    process.kill(pid, 'SIGSTOP');
    try {
      return readdirSync(folder).some((name) => name.endsWith('.new')) ? null : fill(folder);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
}

const mode = (path: string): number => statSync(path).mode & 0o777;

describe('folders', () => {
  it('that are missing are made for us alone', async () => {
    await begin(plancton);
    for (const name of ['log', 'run', 'run/state']) expect(mode(join(plancton.folder, name))).toBe(0o700);
  });

  it('that are there keep their mode', async () => {
    const modes = { log: 0o755, run: 0o775, 'run/state': 0o711, conf: 0o750 };
    for (const [name, wanted] of Object.entries(modes)) {
      mkdirSync(join(plancton.folder, name), { recursive: true });
      chmodSync(join(plancton.folder, name), wanted);
    }
    await begin(plancton);
    await plancton.ctl('drain');
    await plancton.ctl('resume');
    await plancton.ctl('status');
    for (const [name, wanted] of Object.entries(modes))
      expect(mode(join(plancton.folder, name))).toBe(wanted);
  });

  it('a run folder whose socket would have too long a path is refused', async () => {
    const long = join(plancton.folder, 'x'.repeat(107 - plancton.folder.length - '//plancton.sock'.length));
    expect(
      isRefusal(
        await ran(plancton.launch([`--rundir=${long}x`, 'start'])),
        /plancton\.sock has 108 bytes, a unix socket's path has at most 107: choose a shorter folder/,
      ),
    ).toBe(true);
    expect(await ran(plancton.launch([`--rundir=${long}`, 'start']))).toMatchObject({ code: 0, stderr: '' });
    expect(await ran(plancton.launch([`--rundir=${long}`, 'status']))).toMatchObject({ code: 0 });
    expect(await ran(plancton.launch([`--rundir=${long}`, 'force-stop']))).toMatchObject({ code: 0 });
  });

  it('a folder in the place of the socket is refused, and no process is left', async () => {
    mkdirSync(join(plancton.folder, 'run/plancton.sock'), { recursive: true });
    expect(isRefusal(await ran(plancton.launch(['start'])), /plancton\.sock: EISDIR: it is a folder/)).toBe(
      true,
    );
    expect(await ran(plancton.launch(['nodaemon']))).toMatchObject({ code: 1 });
  });

  it('a PID file where nothing can be written is refused', async () => {
    const readOnly = join(plancton.folder, 'read-only');
    tinyDisk(readOnly, ',ro');
    expect(
      isRefusal(
        await ran(plancton.launch([`--pidfile=${readOnly}/plancton.pid`, 'start'])),
        /read-only\/plancton\.pid.*: the file system is read-only/,
      ),
    ).toBe(true);
  });

  it('a PID file of another place is used there', async () => {
    const pidFile = join(plancton.folder, 'else/where.pid');
    const { stdout } = await ran(plancton.launch([`--pidfile=${pidFile}`, 'start']));
    expect(stdout).toContain(`PID ${readFileSync(pidFile, 'utf8').trim()}`);
  });
});

describe('the log', () => {
  it('is rolled over at every start', async () => {
    const pids: (number | null)[] = [];
    for (let start = 0; start < 3; start++) {
      await begin(plancton);
      pids.push(plancton.pid());
      await plancton.ctl('stop');
    }
    const file = (suffix: string): string =>
      readFileSync(join(plancton.folder, `log/plancton.log${suffix}`), 'utf8');
    const begins = ['', '.1', '.2'].map((suffix) => /begins, PID (\d+)/.exec(file(suffix))?.[1]);
    expect(begins).toEqual(pids.toReversed().map(String));
    expect(count(file(''), /begins, PID/)).toBe(1);
  });
});

describe('a full disk', () => {
  it('below the log stops nothing, and the log tells what is missing once there is room', async () => {
    const folder = join(plancton.folder, 'log');
    tinyDisk(folder);
    const makeRoom = fill(folder);
    await begin(plancton);
    const [pilot] = await plancton.running(1);
    expect((await plancton.status()).pilots.running).toBe(1);
    makeRoom();
    await plancton.logged(/lines are missing here.*no space left/i);
    expect((await plancton.running(1))[0]?.Id).toBe(pilot?.Id);
  });

  it('below the state refuses a first start, and leaves nothing half-made', async () => {
    const folder = join(plancton.runFolder, 'state');
    tinyDisk(folder);
    const makeRoom = fill(folder);
    expect(isRefusal(await plancton.ctl('start'), /state\/.*no space left on the device/)).toBe(true);
    expect(readdirSync(folder)).not.toContain('secret');
    makeRoom();
    await begin(plancton);
    await plancton.running(1);
    expect(readdirSync(folder).sort()).toEqual(['last-good.yaml', 'memory.json', 'secret']);
  });

  it('below the state of a running daemon is told once, and loses no pilot', async () => {
    const folder = join(plancton.runFolder, 'state');
    tinyDisk(folder);
    await begin(plancton);
    await plancton.running(1);
    const makeRoom = await fillBetweenWrites(folder, plancton.pid() ?? Number.NaN);
    configure(plancton, engine.url, steady.replace('max_docks: 1', 'max_docks: 2'));
    await plancton.running(2);
    await plancton.logged(/cannot save the daemon's memory[^]*(2 of 2 pilots[^]*){2}/);
    expect(count(plancton.log(), /cannot save the daemon's memory/)).toBe(1);
    makeRoom();
    configure(plancton, engine.url, steady.replace('max_docks: 1', 'max_docks: 3'));
    await plancton.logged('memory is saved again');
    await plancton.running(3);
  });

  it('below the run folder refuses a start with a word of why', async () => {
    tinyDisk(plancton.runFolder);
    mkdirSync(join(plancton.runFolder, 'state'));
    const makeRoom = fill(plancton.runFolder);
    expect(
      isRefusal(await plancton.ctl('start'), /no space left on the device; make room and try again/),
    ).toBe(true);
    makeRoom();
    await begin(plancton);
    await plancton.running(1);
  });
});
