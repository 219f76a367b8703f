import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { CreateBody } from '../../src/engine/createBody.ts';
import type { Inside } from './engineHarness.ts';

/** Docker's default for /dev/shm. */
const defaultShmBytes = 64 * 1024 * 1024;

/** A container of the fake from within: what its recipe would make of it. */
export function insideOfFake({ Cmd, Env, HostConfig }: CreateBody): Inside {
  const binds = HostConfig.Binds.map((bind) => bind.split(':'));
  const openFiles = HostConfig.Ulimits?.find(({ Name }) => Name === 'nofile');
  const shm = { bytes: HostConfig.ShmSize ?? defaultShmBytes, inMemory: true, writable: true };
  return {
    env: Object.fromEntries(Env.map((pair) => [pair.replace(/=.*/s, ''), pair.replace(/^[^=]*=/, '')])),
    firstProcess: HostConfig.Init === true ? 'docker-init' : basename(Cmd[0] ?? ''),
    openFiles: { soft: openFiles?.Soft ?? 0, hard: openFiles?.Hard ?? 0 },
    folder: (path) => {
      const options = HostConfig.Tmpfs[path];
      const mode = binds.find(([, target]) => target === path)?.[2];
      const onDisk = { bytes: 1e9, inMemory: false };
      if (path === '/dev/shm') return shm;
      if (options !== undefined) return { bytes: bytesOf(options), inMemory: true, writable: true };
      if (mode !== undefined) return { ...onDisk, writable: !mode.split(',').includes('ro') };
      return { ...onDisk, writable: !HostConfig.ReadonlyRootfs };
    },
    read: (path) => {
      const [source = '', target = ''] = binds.find(([, target = '/']) => path.startsWith(target)) ?? [];
      return readFileSync(path.replace(target, source), 'utf8');
    },
  };
}

function bytesOf(options: string): number {
  return Number(/size=(\d+)m/.exec(options)?.[1] ?? 0) * 1024 * 1024;
}
