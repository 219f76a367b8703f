import { statfsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { EngineInfo } from '../model/engine.ts';
import type { DiskLevels, Host, HostSample, StallCounters } from '../model/host.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import { isAbsent, readKernelFile } from './kernelFile.ts';
import { parseMeminfo } from './meminfo.ts';
import { readCgroupMounts } from './mounts.ts';
import { type ParentFiles, parentFiles } from './pilotsParent.ts';
import { parsePressure } from './pressure.ts';
import { parseCpuList, parseProcStat } from './procStat.ts';

/** Readings that change slowly are taken again after this many samples. */
const slowSamples = 10;
const noParent: ParentFiles = { cpu: null, ioPressure: null };

/**
 * The node that the daemon runs on, read below `root` (`/`, or a recorded tree).
 * `useEngine` tells it which engine answers, so that it finds the pilots' parent cgroup and the engine's disk.
 */
export function createNode(root: string, uid: number): Host & { useEngine(info: EngineInfo): void } {
  const at = (path: string): string => join(root, path);
  let engine: EngineInfo | null = null;
  let parent = noParent;
  let samples = 0;
  let cpuCount = 1;
  let disk: Reading<DiskLevels> = unknown('the engine has not said where its data is');

  const readSlowly = (): void => {
    cpuCount = countCpus(at('/sys/devices/system/cpu/online'));
    if (engine === null) return;
    disk = engine.local ? readDisk(at(engine.dataFolder)) : unknown('the engine runs on another machine');
    // A cgroup tree that is mounted after us (a late boot) must still be found.
    parent = parentFiles(readCgroupMounts(root), engine, uid);
  };

  return {
    useEngine(info) {
      engine = info;
      samples = 0;
    },
    sample(): HostSample {
      if (samples++ % slowSamples === 0) readSlowly();
      const stat = readKernelFile(at('/proc/stat'));
      const meminfo = readKernelFile(at('/proc/meminfo'));
      return {
        cpuCount,
        cpu: stat.known ? parseProcStat(stat.value) : stat,
        pilotsCpuMs: readPilotsCpu(parent, at),
        memory: meminfo.known ? parseMeminfo(meminfo.value) : meminfo,
        disk,
        ioStall: readPressure(at('/proc/pressure/io')),
        pilotsIoStall:
          parent.ioPressure === null ? unknown('no pressure files') : readPilotsIo(at(parent.ioPressure)),
      };
    },
  };
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

/** A parent that is not there yet has no pilots in it, and so no stalls of theirs. */
function readPilotsIo(path: string): Reading<StallCounters> {
  const text = readKernelFile(path);
  if (isAbsent(text)) return known({ someMs: 0, fullMs: 0 });
  return text.known ? parsePressure(text.value, path) : text;
}

/** CPU time of all pilots, from one file; 0 while the parent cgroup does not exist, because then nothing is in it. */
function readPilotsCpu(parent: ParentFiles, at: (path: string) => string): Reading<number> {
  if (parent.cpu === null) return unknown('the pilots have no parent cgroup of their own');
  const text = readKernelFile(at(parent.cpu.path));
  if (isAbsent(text)) return known(0);
  if (!text.known) return text;
  if (parent.cpu.format === 'v1-nanoseconds') return numberFrom(text.value, 1e6, parent.cpu.path);
  return numberFrom(/^usage_usec (\d+)$/m.exec(text.value)?.[1] ?? '', 1e3, parent.cpu.path);
}

function numberFrom(text: string, perMs: number, label: string): Reading<number> {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? known(value / perMs) : unknown(`${label}: not a number`);
}
