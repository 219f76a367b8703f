import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Check } from './checks.ts';
import { isIdle } from './kernel.ts';
import {
  configure,
  groupsOf,
  idsOf,
  inspect,
  mustRun,
  pilots,
  read,
  run,
  running,
  status,
  unitProperty,
  until,
} from './guest.ts';

const unit = 'plancton.service';
const quietPilots = `docker_cmd: /bin/sleep 1000
max_docks: 2
cpus_per_dock: 0.1
max_dock_mem: 50MB
main_sleep: 5
grace_spawn: 1
owner_slowdown: 100%
no_such_key: 1
`;

interface JournalEntry {
  readonly PRIORITY: string;
  readonly MESSAGE: string;
}

async function journal(): Promise<JournalEntry[]> {
  const text = await mustRun('journalctl', '-u', unit, '-o', 'json', '--no-pager');
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as JournalEntry);
}

/** The daemon after this one that systemd runs: the pilots it found are told, as it must not have made them. */
async function successorOf(pid: number, before: readonly string[]): Promise<string> {
  const now = await until('another daemon', async () => {
    const seen = await status();
    return seen !== null && seen.pid !== pid && seen.pilots.running === 2 ? seen : null;
  });
  assert.equal(await unitProperty(unit, 'ActiveState'), 'active');
  assert.equal(Number(await unitProperty(unit, 'MainPID')), now.pid);
  assert.deepEqual(idsOf(await pilots()), before);
  assert.ok(now.pilots.list.every(({ managed }) => managed));
  return `PID ${pid} was followed by ${now.pid}, which runs the same 2 pilots`;
}

/** The daemon is made a service. */
const begin: readonly Check[] = [
  {
    name: 'plancton-bootstrap writes a unit, and has it started at boot',
    async see() {
      const said = await mustRun('plancton-bootstrap', '--dryrun');
      assert.match(said, /systemctl start plancton/);
      assert.equal((await mustRun('systemctl', 'is-enabled', unit)).trim(), 'enabled');
      assert.ok(existsSync(`/etc/systemd/system/multi-user.target.wants/${unit}`));
      assert.equal(await unitProperty(unit, 'Type'), 'notify');
      // What systemd does not understand in a unit it says, and goes on without.
      const complaints = await mustRun('journalctl', '--no-pager', '-o', 'cat', '-p', 'warning', '_PID=1');
      assert.doesNotMatch(complaints, /plancton/);
      return 'enabled';
    },
  },
  {
    name: 'systemd starts the daemon and hears that it is ready',
    async see() {
      await configure(quietPilots);
      // Of a unit of this type, a start has succeeded when READY=1 was heard.
      await mustRun('systemctl', 'start', 'plancton');
      assert.equal((await mustRun('systemctl', 'is-active', unit)).trim(), 'active');
      const pid = Number(await unitProperty(unit, 'MainPID'));
      // A busy machine may not answer in time for once.
      assert.equal((await until('its status', status)).pid, pid);
      const watchdog = await unitProperty(unit, 'WatchdogUSec');
      assert.match(watchdog, /^\d+(s|min)$/);
      return `PID ${pid}, watched each ${watchdog}`;
    },
  },
  {
    name: 'planctonctl status tells of the pilots that run',
    async see() {
      await running(2);
      const said = await mustRun('planctonctl', 'status');
      assert.match(said, /2 running of at most 2/);
      return said.trim().split('\n').slice(0, 4).join(' | ').replaceAll(/\s+/g, ' ');
    },
  },
  {
    name: 'pilots are in a slice of their own below plancton.slice',
    async see() {
      const paths: string[] = [];
      for (const { Id } of await pilots())
        paths.push(read(`/proc/${(await inspect(Id)).State.Pid}/cgroup`).replace('0::', ''));
      assert.equal(paths.length, 2);
      for (const path of paths)
        assert.match(path, /^\/plancton\.slice\/plancton-[0-9a-f]{8}\.slice\/docker-[0-9a-f]{64}\.scope$/);
      return String(paths[0]?.slice(0, 60));
    },
  },
];

/** The service goes on, whatever becomes of the daemon. */
const go: readonly Check[] = [
  {
    name: 'the journal has the lines of the daemon with their priorities',
    async see() {
      const entries = await journal();
      const priorityOf = (what: RegExp): string | undefined =>
        entries.find(({ MESSAGE }) => what.test(MESSAGE))?.PRIORITY;
      assert.equal(priorityOf(/Plancton .* begins/), '6', JSON.stringify(entries));
      assert.equal(priorityOf(/no_such_key/), '4', JSON.stringify(entries));
      assert.deepEqual(
        entries.filter(({ MESSAGE }) => /^<\d>/.test(MESSAGE)),
        [],
      );
      return `${entries.length} lines`;
    },
  },
  {
    name: 'a stop by systemd leaves the pilots running, and a start adopts them',
    async see() {
      const before = idsOf(await running(2));
      const pid = Number(await unitProperty(unit, 'MainPID'));
      await mustRun('systemctl', 'stop', 'plancton');
      assert.equal((await run('systemctl', 'is-active', unit)).text.trim(), 'inactive');
      assert.equal(await unitProperty(unit, 'Result'), 'success');
      assert.equal(await status(), null);
      assert.deepEqual(idsOf((await pilots()).filter(({ State }) => State === 'running')), before);
      await mustRun('systemctl', 'start', 'plancton');
      return successorOf(pid, before);
    },
  },
  {
    name: 'a daemon that is killed is started again, adopts the pilots, and takes back a limit that it had left behind',
    async see() {
      const found = await running(2);
      const pid = Number(await unitProperty(unit, 'MainPID'));
      // As it would be left by one that was killed while the kernel moved a pilot's memory to swap for it.
      const [limit = ''] = (await groupsOf(found)).map((group) => `${group}/memory.high`);
      writeFileSync(limit, '40000000');
      process.kill(pid, 'SIGKILL');
      const told = await successorOf(pid, idsOf(found));
      assert.equal(await unitProperty(unit, 'NRestarts'), '1');
      assert.equal(read(limit), 'max');
      return told;
    },
  },
  {
    name: 'a daemon that hangs is ended by the watchdog and started again, and adopts the pilots',
    async see() {
      const before = idsOf(await running(2));
      // As the unit's first line says, what is changed belongs here; the time of the unit itself is two minutes.
      mkdirSync('/etc/systemd/system/plancton.service.d', { recursive: true });
      writeFileSync(
        '/etc/systemd/system/plancton.service.d/soon.conf',
        '[Service]\nWatchdogSec=10\nRestartSec=1\n',
      );
      await mustRun('systemctl', 'daemon-reload');
      await mustRun('systemctl', 'restart', 'plancton');
      const pid = (await until('a daemon', status)).pid;
      await running(2);
      process.kill(pid, 'SIGSTOP');
      const told = await successorOf(pid, before);
      const entries = (await mustRun('journalctl', '-u', unit, '--no-pager')).split('\n');
      assert.ok(
        entries.some((line) => line.includes('Watchdog timeout')),
        entries.slice(-20).join(' | '),
      );
      rmSync('/etc/systemd/system/plancton.service.d', { recursive: true });
      await mustRun('systemctl', 'daemon-reload');
      // What the daemon had systemd give to the slice is systemd's to keep.
      await isIdle();
      return told;
    },
  },
];

export const service = { begin, go };

/** The last one. */
export const clearance: readonly Check[] = [
  {
    name: 'planctonctl force-stop leaves no container, and systemd does not start the daemon again',
    async see() {
      await configure(quietPilots);
      await until('a pilot', async () => (await pilots()).some(({ State }) => State === 'running'));
      await mustRun('planctonctl', 'force-stop');
      assert.deepEqual(await pilots(), []);
      await until(
        'the unit is inactive',
        async () => (await unitProperty(unit, 'ActiveState')) === 'inactive',
      );
      assert.equal(await unitProperty(unit, 'Result'), 'success');
      return 'none';
    },
  },
];
