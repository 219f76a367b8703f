import { statfsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { EngineInfo } from '../model/engine.ts';
import type { DiskLevels, Host, HostSample, StallCounters } from '../model/host.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import { isAbsent, readKernelFile } from './kernelFile.ts';
import { parseMeminfo } from './meminfo.ts';
import { type CgroupMounts, readCgroupMounts } from './mounts.ts';
import { type ParentFiles, parentFiles } from './pilotsParent.ts';
import { parsePressure } from './pressure.ts';
import { strayFiles } from './strays.ts';
import { parseCpuList, parseProcStat } from './procStat.ts';

/** Readings that change slowly are taken again after this many samples. */
const slowSamples = 10;
const noParent: ParentFiles = { cpu: null, ioPressure: null };

/** A node that can be told which engine answers, and for which daemon. */
export interface NodeHost extends Host {
  useEngine(info: EngineInfo, instance: string): void;
  /** First processes of containers that count as pilots wherever the engine put them. */
  alsoCount(pids: readonly number[]): void;
}

/**
 * The node that the daemon runs on, read below `root` (`/`, or a recorded tree).
 * `useEngine` tells it which engine answers, so that it finds the pilots' parent cgroup and the engine's disk.
 */
export function createNode(root: string, uid: number): NodeHost {
  const at = (path: string): string => join(root, path);
  let engine: EngineInfo | null = null;
  let daemon = '';
  let strays: readonly string[] = [];
  let parent = noParent;
  let samples = 0;
  let cpuCount = 1;
  let disk: Reading<DiskLevels> = unknown('the engine has not said where its data is');

  const readSlowly = (): void => {
    cpuCount = countCpus(at('/sys/devices/system/cpu/online'));
    if (engine === null) return;
    disk = engine.local ? readDisk(at(engine.dataFolder)) : unknown('the engine runs on another machine');
    // Trees are mounted late at boot, and other daemons come and go.
    parent = parentFiles(mountsBelow(root), engine, daemon, uid);
  };

  return {
    useEngine(info, instance) {
      engine = info;
      daemon = instance;
      samples = 0;
    },
    alsoCount(pids) {
      strays = engine === null ? [] : strayFiles(root, mountsBelow(root), engine, pids);
    },
    sample(): HostSample {
      if (samples++ % slowSamples === 0) readSlowly();
      const stat = readKernelFile(at('/proc/stat'));
      const meminfo = readKernelFile(at('/proc/meminfo'));
      return {
        cpuCount,
        cpu: stat.known ? parseProcStat(stat.value) : stat,
        pilotsCpuMs: readPilotsCpu(parent, strays),
        memory: meminfo.known ? parseMeminfo(meminfo.value) : meminfo,
        disk,
        ioStall: readPressure(at('/proc/pressure/io')),
        pilotsIoStall: readPilotsIo(parent.ioPressure),
      };
    },
  };
}

/** The mounts of the tree below `root`, as paths that can be opened from here. */
function mountsBelow(root: string): CgroupMounts {
  const { unified, legacy } = readCgroupMounts(root);
  const at = (folder: string): string => join(root, folder);
  const entries = Object.entries(legacy).map(([controller, folder]) => [controller, at(folder)] as const);
  return { unified: unified === null ? null : at(unified), legacy: Object.fromEntries(entries) };
}

function countCpus(path: string): number {
  const online = readKernelFile(path);
  const count = online.known ? parseCpuList(online.value) : online;
  return count.known ? count.value : Math.max(1, cpus().length);
}

function readDisk(folder: string): Reading<DiskLevels> {
  try {
    const levels = statfsSync(folder);
    return known({ totalBytes: levels.blocks * levels.bsize, freeBytes: levels.bavail * levels.bsize });
  } catch (error) {
    return unknown(`${folder}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

function readPressure(path: string): Reading<StallCounters> {
  const text = readKernelFile(path);
  return text.known ? parsePressure(text.value, path) : text;
}

/** What all parents tell together; one that is not there has no pilots in it. Blind when one cannot be read. */
function sumOf<T>(
  paths: readonly string[],
  parse: (text: string, path: string) => Reading<T>,
  add: (sum: T, value: T) => T,
  zero: T,
): Reading<T> {
  let sum = zero;
  for (const path of paths) {
    const text = readKernelFile(path);
    if (isAbsent(text)) continue;
    const value = text.known ? parse(text.value, path) : text;
    if (!value.known) return value;
    sum = add(sum, value.value);
  }
  return known(sum);
}

function readPilotsIo(paths: readonly string[] | null): Reading<StallCounters> {
  if (paths === null) return unknown('no pressure files');
  const add = (a: StallCounters, b: StallCounters): StallCounters => ({
    someMs: a.someMs + b.someMs,
    fullMs: a.fullMs + b.fullMs,
  });
  return sumOf(paths, parsePressure, add, { someMs: 0, fullMs: 0 });
}

/** CPU time of all pilots: one file for each daemon of this node, and one for each pilot that the original left. */
function readPilotsCpu(parent: ParentFiles, strays: readonly string[]): Reading<number> {
  if (parent.cpu === null) return unknown('the pilots have no parent cgroup of their own');
  const { paths, format } = parent.cpu;
  return sumOf(
    [...paths, ...strays],
    format === 'v1-nanoseconds' ? parseNanoseconds : parseCpuStat,
    (a, b) => a + b,
    0,
  );
}

function parseNanoseconds(text: string, path: string): Reading<number> {
  return numberFrom(text, 1e6, path);
}

function parseCpuStat(text: string, path: string): Reading<number> {
  return numberFrom(/^usage_usec (\d+)$/m.exec(text)?.[1] ?? '', 1e3, path);
}

function numberFrom(text: string, perMs: number, label: string): Reading<number> {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? known(value / perMs) : unknown(`${label}: not a number`);
}
