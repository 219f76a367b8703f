import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireProgram } from '../test/support/programs.ts';
import { findTree, removeGroup } from './groups.ts';

/** What the program that looks is told. */
export interface LookQuestion {
  readonly root: string;
  readonly version: 1 | 2;
  readonly pilots: number;
  /** Whether the owner's reserve is so great that memory is tight all the while, and not short. */
  readonly isTight: boolean;
  readonly looks: number;
  /** Looks before those that count. */
  readonly warmUp: number;
}

/** Groups as of pilots, each with a process that sleeps, and a root below which nothing but them is on the node. */
export interface LookTree {
  readonly root: string;
  readonly version: 1 | 2;
  remove(): Promise<void>;
}

/** The container id of a pilot that is none. */
export function pilotId(index: number): string {
  return index.toString(16).padStart(64, '0');
}

/**
 * Makes as many groups as there are to be pilots, in every tree that a container is in. They are the kernel's own, and
 * so are the files that are read; the root links to them, so that parents of other daemons on the machine do not count.
 */
export async function makeLookTree(folder: string, pilots: number): Promise<LookTree> {
  const trees = treesHere();
  const name = `bench-look-${process.pid}`;
  const root = mkdtempSync(join(folder, 'look-'));
  const groups = Array.from({ length: pilots }, (_, index) =>
    trees.map((tree) => join(tree.folder, name, pilotId(index))),
  );
  for (const tree of trees) makeParent(join(tree.folder, name), tree);
  for (const group of groups.flat()) mkdirSync(group);
  makeRoot(root, name, trees);
  const processes = groups.map(sleepIn);
  await Promise.all(processes.map(async (process) => await once(process, 'spawn')));
  return {
    root,
    version: trees.some((tree) => tree.legacy !== null) ? 1 : 2,
    async remove() {
      await Promise.all(processes.map(ended));
      for (const group of groups.flat()) removeGroup(group);
      for (const tree of trees) removeGroup(join(tree.folder, name));
    },
  };
}

/** A tree by its folder, and the v1 controllers in it; null for the v2 one. */
interface TreeHere {
  readonly folder: string;
  readonly legacy: string | null;
}

function treesHere(): readonly TreeHere[] {
  const isLegacy = findTree('memory').version === 1;
  const legacy = isLegacy ? ['cpuacct', 'memory'] : [];
  const lines = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const unified = lines.find(([, , type]) => type === 'cgroup2')?.[1];
  return [
    ...legacy.map((controller) => ({ folder: findTree(controller).folder, legacy: controller })),
    ...(unified === undefined ? [] : [{ folder: unified, legacy: null }]),
  ];
}

function makeParent(folder: string, { legacy }: TreeHere): void {
  mkdirSync(folder);
  if (legacy !== null || findTree('memory').version === 1) return;
  writeFileSync(join(folder, '..', 'cgroup.subtree_control'), '+memory');
  writeFileSync(join(folder, 'cgroup.subtree_control'), '+memory');
}

/** A node of links to this one's files, whose only groups are ours and, where systemd keeps them, the owner's. */
function makeRoot(root: string, name: string, trees: readonly TreeHere[]): void {
  const link = (target: string, path: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    symlinkSync(target, join(root, path));
  };
  for (const name of ['stat', 'meminfo', 'zoneinfo', 'loadavg', 'pressure'])
    link(`/proc/${name}`, `/proc/${name}`);
  link('/sys/devices/system/cpu/online', '/sys/devices/system/cpu/online');
  link('/', '/data');
  const mounts = trees.map(({ folder, legacy }, index) => {
    link(join(folder, name), `/trees/${index}/plancton-00000001`);
    for (const slice of legacy === null ? ['system.slice', 'user.slice'] : []) {
      link(join(folder, slice), `/trees/${index}/${slice}`);
    }
    const type = legacy === null ? 'cgroup2 cgroup2 rw' : `cgroup cgroup rw,${legacy}`;
    return `1 1 0:1 / /trees/${index} rw - ${type}\n`;
  });
  mkdirSync(join(root, 'proc/self'));
  writeFileSync(join(root, 'proc/self/mountinfo'), mounts.join(''));
}

/** Starts a process that sleeps in these groups; it dies with the bench. */
function sleepIn(groups: readonly string[]): ChildProcess {
  const enter = 'for group in "$@"; do echo $$ >"$group/cgroup.procs" || exit 1; done; exec sleep 100000';
  const words = ['--pdeathsig', 'KILL', '/bin/sh', '-c', enter, 'sh', ...groups];
  return spawn(requireProgram('setpriv', 'util-linux'), words, { stdio: 'ignore' });
}

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exit = once(process, 'exit');
  process.kill('SIGKILL');
  await exit;
}
