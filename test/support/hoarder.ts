import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeOwnersGroup } from './ownersGroup.ts';
import { requireProgram } from './programs.ts';

const pageBytes = 4096;
/** What a program needs beside the memory that it is to take. */
const slackBytes = 200e6;

/** An owner who takes memory and holds it, in a cgroup of his own. */
export interface Hoarder {
  /** Whether he has all that he wants, and the kernel has killed nobody of his. */
  hasAll(): boolean;
  /** Whether he runs. */
  isThere(): boolean;
  end(): Promise<void>;
}

/**
 * Starts an owner who takes this much memory, as fast as he can. His cgroup bounds him, so that the machine outlives him,
 * and he ends with the test.
 */
export function startHoarder(bytes: number): Hoarder {
  const group = makeOwnersGroup('memory', 'hoards');
  const limit = Math.ceil((bytes + slackBytes) / pageBytes) * pageBytes;
  const isFirst = group.version === 1;
  const value = (file: string): string => readFileSync(join(group.folder, file), 'utf8');
  writeFileSync(join(group.folder, isFirst ? 'memory.limit_in_bytes' : 'memory.max'), String(limit));
  const hoard = `const held = Buffer.alloc(${bytes}, 1); setInterval(() => held.length, 60_000)`;
  const enter = 'echo $$ >"$0" && exec "$@"';
  const words = ['--pdeathsig', 'KILL', 'sh', '-c', enter, group.members, process.execPath, '-e', hoard];
  spawn(requireProgram('setpriv', 'util-linux'), words, { stdio: 'ignore' });
  const isThere = (): boolean => value('cgroup.procs').trim() !== '';
  return {
    hasAll() {
      const events = value(isFirst ? 'memory.oom_control' : 'memory.events');
      const used = Number(value(isFirst ? 'memory.usage_in_bytes' : 'memory.current'));
      return used >= bytes && /^oom_kill 0$/m.test(events);
    },
    isThere,
    end: () => group.end(),
  };
}
