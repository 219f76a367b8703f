import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  watch,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePlancton, type TestPlancton } from '../support/plancton.ts';
import { until } from '../support/until.ts';
import { begin, configure, ended, isRefusal, ran } from './rig.ts';

let plancton: TestPlancton;
let daemons: number[] = [];

beforeEach(() => {
  plancton = makePlancton('/nowhere');
  // Nothing here is about an engine.
  configure(plancton, 'tcp://127.0.0.1:1', 'syslog: off\n');
});
afterEach(async () => {
  for (const pid of daemons) if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
  for (const pid of daemons) await ended(pid);
  daemons = [];
  rmSync(plancton.folder, { recursive: true });
});

/** Starts a daemon and gives its PID. */
async function up(): Promise<number> {
  await begin(plancton);
  const pid = plancton.pid() ?? 0;
  daemons.push(pid);
  return pid;
}

describe('a signal', () => {
  it('that comes as soon as there is a PID file ends the daemon as a later one does', async () => {
    mkdirSync(plancton.runFolder);
    const file = plancton.control('plancton.pid');
    const started = ran(plancton.launch(['start']));
    // At the very moment at which it is in place: a poll may be too late.
    const watcher = watch(plancton.runFolder, (_event, name) => {
      if (name !== 'plancton.pid' || !existsSync(file)) return;
      watcher.close();
      process.kill(Number(readFileSync(file, 'utf8')), 'SIGTERM');
    });
    const { code, stderr } = await started;
    expect(stderr).toBe('planctonctl: it was asked to end (SIGTERM) before it was ready\n');
    expect(code).toBe(1);
    await plancton.logged('the daemon has ended');
    await until('no file of it to be left', () => !existsSync(plancton.control('daemon.json')));
    expect(plancton.pid()).toBeNull();
  });

  it('of SIGUSR1 opens no debugger', async () => {
    const pid = await up();
    const before = listening(pid);
    process.kill(pid, 'SIGUSR1');
    await plancton.logged('SIGUSR1 is ignored');
    // Node's answer to it comes from another thread: a whole tick, and an answer, later it has long been given.
    process.kill(pid, 'SIGUSR1');
    await plancton.logged(/(SIGUSR1 is ignored[^]*){2}/);
    expect((await plancton.status()).pid).toBe(pid);
    expect(listening(pid)).toEqual(before);
    expect(await plancton.ctl('stop')).toMatchObject({ code: 0 });
  });
});

/** The TCP sockets on which a process listens: their inodes. */
function listening(pid: number): string[] {
  const own = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      } catch {
        return undefined;
      }
    }),
  );
  const rows = ['tcp', 'tcp6'].flatMap((name) =>
    readFileSync(`/proc/${pid}/net/${name}`, 'utf8').split('\n'),
  );
  // The fourth column is the state, 0A for listening; the tenth the inode (proc(5)).
  return rows
    .map((row) => row.trim().split(/\s+/))
    .flatMap((row) => (row[3] === '0A' && own.has(row[9]) ? [row[9] ?? ''] : []));
}

describe('files of a running daemon', () => {
  const remove = (): void => {
    for (const name of ['plancton.pid', 'daemon.json']) rmSync(plancton.control(name));
  };

  it('that somebody removes are written again', async () => {
    const pid = await up();
    remove();
    await until('both files', () => plancton.pid() === pid && existsSync(plancton.control('daemon.json')));
    expect(await plancton.ctl('start')).toMatchObject({
      code: 0,
      stdout: `Already running with PID ${pid}\n`,
    });
    expect(await plancton.ctl('stop')).toMatchObject({ code: 0 });
    await ended(pid);
  });

  it('that cannot be written again hide it from no command', async () => {
    const pid = await up();
    remove();
    // Whatever is written there fails.
    for (const name of ['plancton.pid.new', 'daemon.json.new']) mkdirSync(plancton.control(name));
    rmSync(plancton.control('plancton.pid'), { force: true });
    rmSync(plancton.control('daemon.json'), { force: true });
    expect(await plancton.ctl('status')).toMatchObject({ code: 0, stderr: `Running with PID ${pid}\n` });
    expect(await plancton.ctl('start')).toMatchObject({
      code: 0,
      stdout: `Already running with PID ${pid}\n`,
    });
    await plancton.logged(/cannot write .*plancton\.pid, removed under the daemon: /);
    expect(await plancton.ctl('stop')).toMatchObject({ code: 0 });
    await ended(pid);
  });

  it('are for all to read whatever the umask', async () => {
    const before = process.umask(0o077);
    try {
      await up();
    } finally {
      process.umask(before);
    }
    expect(statSync(plancton.control('plancton.pid')).mode & 0o777).toBe(0o644);
  });
});

describe('a run folder that is removed', () => {
  it('ends its daemon, and the next one begins in a new one', async () => {
    const first = await up();
    // Moved, for what the daemon writes meanwhile would make a removal fail half-way.
    renameSync(plancton.runFolder, `${plancton.folder}/gone`);
    const second = await up();
    expect(second).not.toBe(first);
    await ended(first);
    expect(plancton.log() + readFileSync(`${plancton.folder}/log/plancton.log.1`, 'utf8')).toMatch(
      /run\/lock is not this daemon's any more: .* it ends/,
    );
    // The end of the first takes nothing from the second.
    expect(plancton.pid()).toBe(second);
    expect((await plancton.status()).pid).toBe(second);
    expect(await plancton.ctl('stop')).toMatchObject({ code: 0 });
  });
});

describe('places that are none', () => {
  it.each(['--confdir', '--logdir', '--rundir', '--statedir', '--pidfile'])(
    'an empty %s is refused',
    async (option) => {
      const said = new RegExp(`^planctonctl: ${option} is empty: name a (folder|file)$`, 'm');
      // What Node itself may say of the daemon's flags stands before it.
      expect(await ran(plancton.launch([option, '', 'nodaemon']))).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(said) as string,
      });
      for (const words of [['status'], ['drain']])
        for (const empty of [[option, ''], [`${option}=`]])
          expect(isRefusal(await ran(plancton.launch([...empty, ...words])), said)).toBe(true);
    },
  );

  it('a folder as PID file is named by every command', async () => {
    const option = `--pidfile=${plancton.folder}/conf`;
    for (const command of ['start', 'stop', 'status', 'force-stop'])
      expect(
        isRefusal(await ran(plancton.launch([option, command])), /\/conf is a folder, not a PID file/),
      ).toBe(true);
  });
});
