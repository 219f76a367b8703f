import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import type { Check } from './checks.ts';
import { answers, engineApi } from '../support/engineApi.ts';
import { importBusybox } from '../support/image.ts';
import { engineSocket, mustRun, read, until } from './guest.ts';

interface EngineFacts {
  readonly CgroupDriver: string;
  readonly CgroupVersion: string;
  readonly ServerVersion: string;
}

/** What the rest rests on. */
export const platform: readonly Check[] = [
  {
    name: 'the machine has systemd, cgroup v2 and an engine whose cgroups systemd makes',
    async see() {
      assert.equal(read('/proc/1/comm'), 'systemd');
      assert.match(read('/sys/fs/cgroup/cgroup.controllers'), /\bcpu\b.*\bio\b.*\bmemory\b.*\bpids\b/);
      await until('the engine answers', () => answers(engineSocket));
      const info = (await engineApi(engineSocket, '/info')) as EngineFacts;
      assert.equal(info.CgroupVersion, '2');
      assert.equal(info.CgroupDriver, 'systemd');
      const systemd = (await mustRun('systemctl', '--version')).split('\n')[0];
      return `Linux ${read('/proc/sys/kernel/osrelease')}, ${systemd}, Docker ${info.ServerVersion}`;
    },
  },
  {
    name: 'its disks have a scheduler that heeds weights',
    async see() {
      await mustRun('modprobe', 'bfq');
      const disks = readdirSync('/sys/block').filter((name) => name.startsWith('vd'));
      for (const disk of disks) writeFileSync(`/sys/block/${disk}/queue/scheduler`, 'bfq');
      return disks.join(', ');
    },
  },
  {
    name: 'the engine takes an image',
    async see() {
      return importBusybox(engineSocket, 'busybox:latest');
    },
  },
];
