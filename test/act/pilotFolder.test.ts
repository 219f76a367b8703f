import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPilotFolders } from '../../src/act/pilotFolder.ts';
import { whyNoMounts } from '../../src/act/pilotFolderState.ts';
import { engineInfo } from '../support/engineInfo.ts';
import { factsOf } from './pilotFacts.ts';

/** Nothing is mounted for somebody who is not root. */
const somebody = 1000;

function rig(hostRunFolder: string | null = null) {
  const runFolder = mkdtempSync(join(tmpdir(), 'plancton-run-'));
  onTestFinished(() => rmSync(runFolder, { recursive: true }));
  const folders = openPilotFolders(runFolder, hostRunFolder, somebody);
  folders.useEngine(engineInfo);
  const { name } = factsOf();
  const at = (...parts: string[]): string => join(runFolder, 'pilots', name, ...parts);
  const read = (...parts: string[]): string => readFileSync(at(...parts), 'utf8');
  return { runFolder, folders, name, at, read };
}

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

describe('the folder of a pilot', () => {
  it('holds what it is told, for anybody in it to read, and nothing of it can be seen by others', async () => {
    const { folders, at, read, runFolder } = rig();
    const place = await folders.make(factsOf());
    expect(read('machinefeatures/total_cpu')).toBe('8\n');
    expect(read('jobfeatures/wall_limit_secs')).toBe('43200\n');
    expect(readdirSync(at('jobfeatures')).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(modeOf(join(runFolder, 'pilots'))).toBe('700');
    expect([at('jobfeatures'), at('jobfeatures/job_id'), at('state')].map(modeOf)).toEqual([
      '755',
      '644',
      '1777',
    ]);
    expect(place.binds).toEqual([
      { source: at('machinefeatures'), target: '/plancton/machinefeatures', mode: 'ro' },
      { source: at('jobfeatures'), target: '/plancton/jobfeatures', mode: 'ro' },
      { source: at('state'), target: '/plancton/state', mode: 'rw' },
    ]);
    expect(place.env).toMatchObject({ JOBFEATURES: '/plancton/jobfeatures', PLANCTON_KIND: 'analysis' });
  });

  it('is where the engine finds it: elsewhere on the host, with labels where SELinux is on', async () => {
    const { folders, name, at } = rig('/srv/plancton/run');
    folders.useEngine({ ...engineInfo, selinux: true });
    const { binds } = await folders.make(factsOf());
    expect(binds.map(({ source, mode }) => `${source} ${mode}`)).toEqual([
      `/srv/plancton/run/pilots/${name}/machinefeatures ro,Z`,
      `/srv/plancton/run/pilots/${name}/jobfeatures ro,Z`,
      `/srv/plancton/run/pilots/${name}/state rw,Z`,
    ]);
    expect(existsSync(at('state'))).toBe(true);
  });

  it('tells the start, and the end when it is near', async () => {
    const { folders, name, read } = rig();
    await folders.make(factsOf());
    expect(folders.noteStart(name, 1_790_000_000_000)).toBeNull();
    expect(read('jobfeatures/jobstart_secs')).toBe('1790000000\n');
    expect(read('jobfeatures/shutdowntime_job')).toBe('1790043200\n');
    expect(folders.announceEnd(name, 1_790_000_010_500)).toBeNull();
    expect(read('jobfeatures/shutdowntime_job')).toBe('1790000010\n');
  });

  it('tells the end of all pilots to those that are there and those that come, until it is off', async () => {
    const { folders, at, read } = rig();
    await folders.make(factsOf());
    expect(folders.announceNodeEnd(1_790_000_000_000)).toBeNull();
    expect(read('machinefeatures/shutdowntime')).toBe('1790000000\n');
    await folders.make(factsOf({ name: 'later' }));
    expect(read('../later/machinefeatures/shutdowntime')).toBe('1790000000\n');
    folders.announceNodeEnd(null);
    expect(existsSync(at('machinefeatures/shutdowntime'))).toBe(false);
    expect(existsSync(at('../later/machinefeatures/shutdowntime'))).toBe(false);
  });

  it('tells it anew when it moves, and not for a second that it is reckoned apart', async () => {
    const { folders, read } = rig();
    await folders.make(factsOf());
    folders.announceNodeEnd(1_790_000_000_000);
    folders.announceNodeEnd(1_790_000_001_500);
    expect(read('machinefeatures/shutdowntime')).toBe('1790000000\n');
    folders.announceNodeEnd(1_790_000_002_500);
    expect(read('machinefeatures/shutdowntime')).toBe('1790000002\n');
  });

  it('does not tell what a daemon before announced and this one does not', async () => {
    const { folders, runFolder, at } = rig();
    await folders.make(factsOf());
    folders.announceNodeEnd(1_790_000_000_000);
    openPilotFolders(runFolder, null, somebody).announceNodeEnd(null);
    expect(existsSync(at('machinefeatures/shutdowntime'))).toBe(false);
  });

  it('is made anew where a start failed', async () => {
    const { folders, at, read } = rig();
    await folders.make(factsOf());
    writeFileSync(at('state/activity'), 'idle');
    await folders.make(factsOf({ memoryBytes: 1 }));
    expect(read('jobfeatures/max_rss_bytes')).toBe('1\n');
    expect(readdirSync(at('state'))).toEqual([]);
  });

  it('that cannot be made says which file and why, and leaves nothing', async () => {
    const { folders, runFolder } = rig();
    writeFileSync(join(runFolder, 'pilots'), 'somebody put a file here');
    await expect(folders.make(factsOf())).rejects.toMatchObject({
      name: 'EngineError',
      fault: 'failed',
      message: expect.stringMatching(/^cannot make the folder of pilot plancton-worker-k3v9x0: \/.*: E\w+$/),
    });
  });

  it('that is not there makes no trouble beyond a line', async () => {
    const { folders } = rig();
    expect(folders.noteStart('gone', 1)).toMatch(/^cannot tell pilot gone its start: .*ENOENT$/);
    expect(folders.announceEnd('gone', 1)).toMatch(/^cannot announce its end to pilot gone: /);
    expect(await folders.remove('gone')).toBeNull();
    expect(folders.stateFolder('gone').bounded).toBe(false);
  });

  it('has a name that stays one part of a path', async () => {
    const { folders, runFolder } = rig();
    writeFileSync(join(runFolder, 'drain'), '');
    expect(await folders.remove('../drain')).toBeNull();
    expect(existsSync(join(runFolder, 'drain'))).toBe(true);
    await expect(folders.make(factsOf({ name: '..' }))).rejects.toThrow('no name of a container');
    expect(folders.noteStart('a/b', 1)).toMatch(/no name of a container/);
  });
});

describe('links that a pilot with too much power put among its features', () => {
  it.each(['.shutdowntime_job.new', 'shutdowntime_job'])('are not written through: %s', async (link) => {
    const { folders, name, at, read, runFolder } = rig();
    await folders.make(factsOf());
    const precious = join(runFolder, 'precious');
    writeFileSync(precious, 'precious');
    symlinkSync(precious, at('jobfeatures', link));
    expect(folders.announceEnd(name, 1_790_000_000_000)).toBeNull();
    expect(readFileSync(precious, 'utf8')).toBe('precious');
    expect(read('jobfeatures/shutdowntime_job')).toBe('1790000000\n');
  });
});

describe('what a pilot leaves', () => {
  it('goes with its folder', async () => {
    const { folders, name, at } = rig();
    await folders.make(factsOf());
    writeFileSync(at('state/activity'), 'idle');
    expect(await folders.remove(name)).toBeNull();
    expect(existsSync(at())).toBe(false);
    expect(await folders.remove(name)).toBeNull();
  });

  it('goes whatever it is, and nothing that it leads to', async () => {
    const { folders, name, at, runFolder } = rig();
    await folders.make(factsOf());
    const precious = join(runFolder, 'precious');
    mkdirSync(precious);
    writeFileSync(join(precious, 'file'), 'precious');
    symlinkSync(precious, at('state/link'));
    symlinkSync('/', at('state/root'));
    mkdirSync(at('state/a/b/c'), { recursive: true });
    symlinkSync(precious, at('state/a/b/link'));
    for (let file = 0; file < 500; file++) writeFileSync(at(`state/a/${file}`), '');
    writeFileSync(Buffer.concat([Buffer.from(`${at('state')}/`), Buffer.from([0xff, 0xfe, 0x0a])]), '');
    chmodSync(at('state/a/b'), 0);
    expect(await folders.remove(name)).toBeNull();
    expect(existsSync(at())).toBe(false);
    expect(readFileSync(join(precious, 'file'), 'utf8')).toBe('precious');
  });

  it('goes when a daemon that was killed left it; that of pilots which are there stays', async () => {
    const { folders, runFolder } = rig();
    for (const name of ['one', 'two', 'three']) await folders.make(factsOf({ name }));
    const next = openPilotFolders(runFolder, null, somebody);
    expect(await next.sweep(new Set(['two', 'not-here']))).toBeNull();
    expect(readdirSync(join(runFolder, 'pilots'))).toEqual(['two']);
  });

  it('is none where no pilot ever was', async () => {
    const { folders } = rig();
    expect(await folders.sweep(new Set())).toBeNull();
    expect(folders.announceNodeEnd(1)).toBeNull();
  });
});

describe('what bounds a state folder', () => {
  it('is nothing but a look where nothing can be mounted, and that is told with its reason', async () => {
    const { folders, name } = rig();
    await folders.make(factsOf());
    expect(folders.stateFolder(name).bounded).toBe(false);
    expect(folders.bound()).toEqual({ bound: 'watched', why: 'the daemon is not root' });
  });

  it.each([
    ['nobody but root may mount', {}, null, somebody, 'the daemon is not root'],
    ['another machine', { local: false }, null, 0, 'the engine runs on another machine'],
    ['a rootless engine', { rootless: true }, null, 0, 'the engine is rootless'],
    ['a daemon in a container', {}, '/srv/run', 0, 'the daemon runs in a container (host_rundir)'],
    [
      'an engine whose folders are elsewhere',
      { dataFolder: '/nowhere' },
      null,
      0,
      "the engine's folder /nowhere is not to be seen here: one of the two runs in a container",
    ],
  ] as const)('is nothing for %s', (_who, changed, hostRunFolder, uid, why) => {
    expect(whyNoMounts({ ...engineInfo, ...changed }, hostRunFolder, uid)).toBe(why);
  });
});
