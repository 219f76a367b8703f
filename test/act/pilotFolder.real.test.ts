import { execFileSync, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openPilotFolders, type PilotFolders, type PilotPlace } from '../../src/act/pilotFolder.ts';
import { isMounted, mountState } from '../../src/act/pilotFolderState.ts';
import { readActivity, readLastWord } from '../../src/sample/pilotWord.ts';
import { readForeignFile } from '../../src/sample/pilotWordFile.ts';
import { startDocker, type TestDocker } from '../support/docker.ts';
import { engineApi } from '../support/engineApi.ts';
import { engineInfo } from '../support/engineInfo.ts';
import { importBusybox } from '../support/image.ts';
import { until } from '../support/until.ts';
import { factsOf } from './pilotFacts.ts';

const tmpfs = 0x01021994;
const { name } = factsOf();

interface Rig {
  readonly runFolder: string;
  readonly folders: PilotFolders;
  /** A path within the pilot's folder. */
  readonly at: (...parts: string[]) => string;
}

/** The folders of a daemon that is root, on the engine's node; what is mounted goes with the test. */
function rig(): Rig {
  const runFolder = mkdtempSync(join(tmpdir(), 'plancton-run-'));
  const folders = openPilotFolders(runFolder, null);
  folders.useEngine({ ...engineInfo, dataFolder: tmpdir() });
  onTestFinished(async () => {
    expect(await folders.sweep(new Set())).toBeNull();
    rmSync(runFolder, { recursive: true });
  });
  return { runFolder, folders, at: (...parts) => join(runFolder, 'pilots', name, ...parts) };
}

const codeOfWriting = (file: string, bytes: number): string => {
  try {
    writeFileSync(file, 'x'.repeat(bytes));
    return 'written';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'no code';
  }
};

describe('a state folder on the engine’s node, made by root', () => {
  it('is a file system of its own that holds so much and no more', async () => {
    const { folders, at } = rig();
    await folders.make(factsOf());
    expect(folders.bound()).toEqual({ bound: 'mounted', why: '' });
    expect(folders.stateFolder(name)).toEqual({ path: at('state'), bounded: true });
    expect(statfsSync(at('state')).type).toBe(tmpfs);
    expect((lstatSync(at('state')).mode & 0o7777).toString(8)).toBe('1777');
    expect(codeOfWriting(at('state/small'), 60_000)).toBe('written');
    expect(codeOfWriting(at('state/large'), 10_000)).toBe('ENOSPC');
    const many = Array.from({ length: 40 }, (_, index) => codeOfWriting(at(`state/${index}`), 0));
    expect(new Set(many.slice(-8))).toEqual(new Set(['ENOSPC']));
    expect(readdirSync(at('state')).length).toBeLessThanOrEqual(32);
  });

  it('goes with its pilot, also where an earlier daemon mounted on it before', async () => {
    const { folders, at, runFolder } = rig();
    await folders.make(factsOf());
    expect(await mountState(at('state'))).toBeNull();
    writeFileSync(at('state/activity'), 'idle');
    expect(await folders.remove(name)).toBeNull();
    expect(readdirSync(join(runFolder, 'pilots'))).toEqual([]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(runFolder);
  });

  it('goes with the next daemon after one that was killed, and others stay', async () => {
    const { folders, runFolder } = rig();
    for (const each of ['one', 'two', 'three']) await folders.make(factsOf({ name: each }));
    const next = openPilotFolders(runFolder, null);
    expect(await next.sweep(new Set(['two']))).toBeNull();
    expect(readdirSync(join(runFolder, 'pilots'))).toEqual(['two']);
    expect(next.stateFolder('two').bounded).toBe(true);
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
    expect(mounts.split('\n').filter((line) => line.includes(runFolder))).toHaveLength(1);
  });

  it('is watched where nothing can be mounted, which is told, and it is tried again', async () => {
    const { folders, at } = rig();
    const path = process.env['PATH'];
    onTestFinished(() => void (process.env['PATH'] = path));
    process.env['PATH'] = '/nowhere';
    await folders.make(factsOf());
    expect(folders.bound()).toEqual({ bound: 'watched', why: 'mount: spawn mount ENOENT' });
    expect(isMounted(at('state'))).toBe(false);
    process.env['PATH'] = path;
    await folders.make(factsOf());
    expect(folders.bound().bound).toBe('mounted');
  });

  it('does not have what root’s devices do when they are read', async () => {
    const { folders, at } = rig();
    await folders.make(factsOf());
    execFileSync('mknod', [at('state/activity'), 'c', '1', '5']);
    execFileSync('mknod', [at('zero'), 'c', '1', '5']);
    for (const file of [at('state/activity'), at('zero')])
      expect(readForeignFile(file)).toEqual({ known: false, reason: `${file}: no regular file` });
  });
});

describe('a file that its pilot swaps all the time', () => {
  const swapper = `
    const { renameSync, symlinkSync, writeFileSync } = require('node:fs');
    process.chdir(process.argv[1]);
    process.send('begun');
    for (;;) {
      writeFileSync('draft', 'idle');
      renameSync('draft', 'activity');
      symlinkSync('../../../../secret', 'draft');
      renameSync('draft', 'activity');
    }`;

  it('is read as itself or not at all', async () => {
    const { folders, at, runFolder } = rig();
    writeFileSync(join(runFolder, 'secret'), 'busy 99%');
    await folders.make(factsOf());
    const stdio: StdioOptions = ['ignore', 'ignore', 'inherit', 'ipc'];
    const child = spawn(process.execPath, ['-e', swapper, at('state')], { stdio });
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await once(child, 'close');
    });
    await once(child, 'message');
    const found = new Map<string, number>();
    const isEnough = (): boolean => (found.get('idle') ?? 0) > 200 && (found.get('refused') ?? 0) > 200;
    await until('both are found', () => {
      for (let read = 0; read < 500; read++) {
        const text = readForeignFile(at('state/activity'));
        const key = text.known ? text.value : 'refused';
        found.set(key, (found.get(key) ?? 0) + 1);
      }
      return isEnough();
    });
    // Between its making and its filling a file is empty.
    expect([...found.keys()].filter((key) => !['idle', 'refused', ''].includes(key))).toEqual([]);
  });
});

describe('a pilot of a real engine', () => {
  const image = 'plancton-told:1';
  let docker: TestDocker;
  let place: PilotPlace;
  let parts: Rig;

  beforeAll(async () => {
    docker = await startDocker();
    await importBusybox(docker.socket, image);
  });
  afterAll(() => docker.stop());
  beforeEach(async () => {
    parts = rig();
    place = await parts.folders.make(factsOf());
  });

  /** Makes a container as a pilot is made, without starting it. Gives its id. */
  async function create(script: string, binds = place.binds): Promise<string> {
    const body = {
      Image: image,
      Cmd: ['sh', '-c', script],
      Env: Object.entries(place.env).map(([key, value]) => `${key}=${value}`),
      User: '1234:1234',
      Tty: true,
      HostConfig: {
        NetworkMode: 'none',
        Binds: binds.map(({ source, target, mode }) => `${source}:${target}:${mode}`),
      },
    };
    const made = await engineApi(docker.socket, '/containers/create', { method: 'POST', body });
    const { Id } = made as { Id: string };
    onTestFinished(async () => {
      await engineApi(docker.socket, `/containers/${Id}?force=1`, { method: 'DELETE' });
    });
    return Id;
  }
  const post = (id: string, verb: string): Promise<unknown> =>
    engineApi(docker.socket, `/containers/${id}/${verb}`, { method: 'POST' });
  const logOf = async (id: string): Promise<string> =>
    String(await engineApi(docker.socket, `/containers/${id}/logs?stdout=1&stderr=1`));

  it('reads all that it is told, can change nothing of it, and is heard', async () => {
    const { folders, at } = parts;
    const script = `
      cd "$MACHINEFEATURES" && for each in *; do echo "$each=$(cat "$each")"; done
      cd "$JOBFEATURES" && for each in *; do echo "$each=$(cat "$each")"; done
      env | grep PLANCTON_
      echo 9 > "$JOBFEATURES/wall_limit_secs" || echo features cannot be written
      touch "$MACHINEFEATURES/more" || echo features cannot be added
      echo 'busy 45%' > "$PLANCTON_STATE/activity"
      while ! [ -e "$JOBFEATURES/go" ]; do usleep 20000; done
      echo "gone by $(cat "$JOBFEATURES/shutdowntime_job") and $(cat "$MACHINEFEATURES/shutdowntime")"
      echo '300 Nothing to do' > "$JOBOUTPUTS/shutdown_message"`;
    const id = await create(script);
    expect(folders.noteStart(name, 1_790_000_000_000)).toBeNull();
    await post(id, 'start');
    const word = await until('it says that it is busy', () => {
      const said = readActivity(folders.stateFolder(name));
      return said.known && said.value.activity !== null ? said.value : null;
    });
    expect(word).toEqual({ activity: 'busy', progress: 0.45 });
    expect(folders.announceEnd(name, 1_790_000_500_000)).toBeNull();
    expect(folders.announceNodeEnd(1_790_000_400_000)).toBeNull();
    writeFileSync(at('jobfeatures/go'), '');
    await post(id, 'wait');
    const log = await logOf(id);
    for (const line of [
      'total_cpu=8',
      'hs06=100',
      'grace_secs=10',
      'allocated_cpu=2',
      'hs06_job=31.25',
      'max_rss_bytes=2000000000',
      'max_swap_bytes=500000000',
      'wall_limit_secs=43200',
      'cpu_limit_secs=108002',
      `job_id=${name}`,
      'jobstart_secs=1790000000',
      'shutdowntime_job=1790043200',
      'grace_secs_job=10',
      'PLANCTON_KIND=analysis',
      'PLANCTON_TTL=43200',
      'features cannot be written',
      'features cannot be added',
      'gone by 1790000500 and 1790000400',
    ])
      expect(log).toContain(`${line}\r\n`);
    expect(readFileSync(at('jobfeatures/wall_limit_secs'), 'utf8')).toBe('43200\n');
    expect(readLastWord(folders.stateFolder(name))).toEqual({
      known: true,
      value: { code: 300, text: 'Nothing to do' },
    });
  });

  it('fills its own folder only, and is heard all the same', async () => {
    const { folders } = parts;
    const id = await create(`
      echo '200 Success' > "$PLANCTON_STATE/shutdown_message"
      ln -s /etc/passwd "$PLANCTON_STATE/activity"
      dd if=/dev/zero of="$PLANCTON_STATE/huge" bs=4096 count=1000
      n=0; while [ $n -lt 100 ]; do touch "$PLANCTON_STATE/$n"; n=$((n+1)); done
      du -sk "$PLANCTON_STATE"`);
    await post(id, 'start');
    await post(id, 'wait');
    expect(Number(/(\d+)\s+\/plancton\/state/.exec(await logOf(id))?.[1])).toBeLessThanOrEqual(64);
    expect(readLastWord(folders.stateFolder(name))).toMatchObject({ value: { code: 200 } });
    expect(readActivity(folders.stateFolder(name)).known).toBe(false);
  });

  it('has the folder that we mounted, and where it has not, its own is read', async () => {
    const { folders, at } = parts;
    const script = `echo idle > "$PLANCTON_STATE/activity"; sleep 600`;
    const good = await create(script);
    await post(good, 'start');
    expect(await folders.confirm(name, await pidOf(good))).toBeNull();
    expect(folders.stateFolder(name).bounded).toBe(true);

    // As an engine sees it to which our mounts do not spread.
    const below = join(docker.folder, 'below');
    mkdirSync(below);
    execFileSync('mount', ['--bind', at(), below]);
    onTestFinished(() => void execFileSync('umount', [below]));
    const odd = await create(script, [
      ...place.binds.slice(0, 2),
      { source: join(below, 'state'), target: '/plancton/state', mode: 'rw' },
    ]);
    await post(odd, 'start');
    expect(await folders.confirm(name, await pidOf(odd))).toBeNull();
    const word = await until('its word is seen', () => {
      const said = readActivity(folders.stateFolder(name));
      return said.known && said.value.activity !== null ? said : null;
    });
    expect(word).toMatchObject({ value: { activity: 'idle' } });
    expect(folders.stateFolder(name).bounded).toBe(false);
    expect(folders.bound()).toMatchObject({ bound: 'watched' });
  });

  it('leaves nothing, were it still alive', async () => {
    const { folders, runFolder, at } = parts;
    const id = await create('sleep 600');
    await post(id, 'start');
    symlinkSync('/etc', at('state/link'));
    expect(await folders.remove(name)).toBeNull();
    expect(existsSync(join(runFolder, 'pilots', name))).toBe(false);
    expect(existsSync('/etc/passwd')).toBe(true);
  });

  const page = resolve(import.meta.dirname, '../../docs/pilots/what-a-pilot-is-told.md');
  const example = /```sh\n([\s\S]*?)```/.exec(readFileSync(page, 'utf8'))?.[1] ?? '';
  const oneTask =
    'next_task() { [ "$1 $2" = "2 2000000000" ] && (set -C; : >"$PLANCTON_STATE/taken") 2>/dev/null && echo 7; }';

  it.each([
    ['finds no work', 'next_task() { return 1; }', '300 Nothing to do'],
    ['works until there is no more', `${oneTask}\nwork() { true; }`, '200 Queue is empty'],
    ['fails', `${oneTask}\nwork() { false; }`, '700 Task 7 failed'],
    ['has too little time', '', '100 No time left'],
  ])('that is the example of the documentation %s', async (_what, functions, said) => {
    const { folders } = parts;
    const id = await create(`${functions}\n${example}`);
    folders.noteStart(name, Date.now() - (said === '100 No time left' ? 43_000_000 : 0));
    await post(id, 'start');
    await post(id, 'wait');
    const { code, text } = wordOf(said);
    expect(readLastWord(folders.stateFolder(name))).toEqual({
      known: true,
      value: { code, text },
    });
  });

  it('that is the example of the documentation heeds its notice at once', async () => {
    const { folders } = parts;
    const id = await create(`next_task() { echo 7; }\nwork() { sleep 600; }\n${example}`);
    folders.noteStart(name, Date.now());
    await post(id, 'start');
    await until('it is busy', () => {
      const said = readActivity(folders.stateFolder(name));
      return said.known && said.value.activity === 'busy';
    });
    await post(id, 'stop?t=60');
    expect(readLastWord(folders.stateFolder(name))).toMatchObject({
      value: { code: 100, text: 'Asked to go' },
    });
  });

  async function pidOf(id: string): Promise<number> {
    const told = (await engineApi(docker.socket, `/containers/${id}/json`)) as { State: { Pid: number } };
    return told.State.Pid;
  }
});

function wordOf(said: string): { readonly code: number; readonly text: string } {
  return { code: Number(said.slice(0, 3)), text: said.slice(4) };
}
