import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makePlancton, type Ran, type TestPlancton } from '../support/plancton.ts';
import { until } from '../support/until.ts';
import { begin, configure, count, type RigEngine, small, startEngine } from './rig.ts';

const steady = `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 1\nmain_sleep: 1\n`;
const nobody = 65534;

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

async function ran(child: ChildProcess): Promise<Ran> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

const mode = (path: string): number => statSync(path).mode & 0o777;

/** A refusal for the user: exit code 1, one line, no stack. */
function isRefusal({ code, stderr }: Ran, what: RegExp): boolean {
  const isSo = code === 1 && what.test(stderr) && stderr.trim().split('\n').length === 1;
  if (!isSo) throw new Error(`exit code ${code}: ${stderr}`);
  return true;
}

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
    const makeRoom = fill(folder);
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

describe('somebody who is not root', () => {
  let programs: string;

  beforeAll(() => {
    // The checkout may be where only root can look.
    programs = mkdtempSync(join(tmpdir(), 'plancton-programs-'));
    chmodSync(programs, 0o755);
    const root = resolve(import.meta.dirname, '../..');
    for (const folder of ['bin', 'dist'])
      cpSync(join(root, folder), join(programs, folder), { recursive: true });
  });
  afterAll(() => rmSync(programs, { recursive: true }));

  const asNobody = (args: readonly string[]): Promise<Ran> => {
    const ids = ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups'];
    const env = {
      PATH: process.env['PATH'],
      HOME: join(plancton.folder, 'home'),
      PLANCTON_NODE: process.execPath,
    };
    const words = [...ids, join(programs, 'bin/planctonctl'), ...args];
    return ran(spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'pipe'], env, cwd: '/' }));
  };
  const give = (name: string): string => {
    const path = join(plancton.folder, name);
    mkdirSync(path, { recursive: true });
    chownSync(path, nobody, nobody);
    return path;
  };

  it('has folders of his own by default, and those that the options name', async () => {
    chmodSync(plancton.folder, 0o755);
    const home = give('home');
    const own = give('own');
    expect(await asNobody(['drain'])).toMatchObject({ code: 0 });
    expect(readdirSync(join(home, '.plancton/run'))).toEqual(['drain']);
    expect(await asNobody([`--rundir=${own}/run`, 'drain'])).toMatchObject({ code: 0 });
    expect(readdirSync(join(own, 'run'))).toEqual(['drain']);
    expect(mode(join(own, 'run'))).toBe(0o700);
  });

  it('without a right to the engine is told what to do, and the daemon waits', async () => {
    chmodSync(plancton.folder, 0o755);
    chmodSync(engine.folder, 0o755);
    const home = give('home');
    mkdirSync(join(home, '.plancton/conf'), { recursive: true });
    writeFileSync(
      join(home, '.plancton/conf/config.yaml'),
      `engine:\n  url: unix://${engine.socket}\n${small}`,
    );
    execFileSync('chown', ['-R', `${nobody}:${nobody}`, home]);
    expect(await asNobody(['start'])).toMatchObject({ code: 0 });
    const advice = /uid 65534\) may not open .*: add the user to the group that owns the socket/;
    const { stdout } = await until('the reason', async () => {
      const told = await asNobody(['status']);
      return advice.test(told.stdout) ? told : null;
    });
    expect(stdout).toMatch(/^State +waiting for the container engine$/m);
    const log = join(home, '.plancton/log/plancton.log');
    await until('a line of the log', () => advice.test(readFileSync(log, 'utf8')));
    expect(await asNobody(['stop'])).toMatchObject({ code: 0 });
  });

  it('is told of folders and files that are not his', async () => {
    chmodSync(plancton.folder, 0o755);
    give('home');
    const own = give('own');
    const denied = /permission denied; run as root, or with --user for folders of your own/;
    expect(isRefusal(await asNobody([`--rundir=${plancton.folder}/not-his`, 'drain']), denied)).toBe(true);
    expect(
      isRefusal(await asNobody([`--rundir=${plancton.folder}/not-his`, `--logdir=${own}`, 'start']), denied),
    ).toBe(true);
    expect(
      isRefusal(await asNobody([`--rundir=${own}`, `--logdir=${plancton.folder}/not-his`, 'start']), denied),
    ).toBe(true);
    chmodSync(plancton.configFile, 0o600);
    const unread = await asNobody([
      `--confdir=${plancton.folder}/conf`,
      `--rundir=${own}`,
      `--logdir=${own}`,
      'start',
    ]);
    expect(unread).toMatchObject({ code: 1 });
    expect(unread.stderr).toMatch(/config\.yaml.*cannot be read.*(permission|EACCES)/i);
  });
});
