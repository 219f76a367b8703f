import { statfsSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import type { EngineInfo } from '../model/engine.ts';
import type {
  DiskLevels,
  Host,
  HostQuestion,
  HostSample,
  MemoryLevels,
  OwnerGroup,
  PilotUse,
} from '../model/host.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import { noSignSettings, type SignSettings } from '../model/signSettings.ts';
import {
  type FirstProcess,
  type GroupFolders,
  noGroups,
  ownersGroups,
  pilotGroups,
  strayGroups,
} from './groups.ts';
import { readCpuMs, readMemoryBytes, readPressures, sumOver } from './groupUse.ts';
import { failed, readOften, readOnce, readWholeFile } from './kernelFile.ts';
import { parseRunnable } from './loadavg.ts';
import { parseMeminfo } from './meminfo.ts';
import { allUnknown, noParent, PilotCounters } from './pilotCounters.ts';
import { pilotFolder } from './pilotsParent.ts';
import { PilotTurn } from './pilotTurn.ts';
import { parseCpuList, parseProcStat } from './procStat.ts';
import { type AskLogind, askLoginctl } from './screens.ts';
import { signReader } from './signs.ts';
import { noTrees, treesBelow } from './trees.ts';
import { parseZoneinfo } from './zoneinfo.ts';

/** Readings that change slowly are taken again after this many samples, and groups are looked for after so many. */
const slowSamples = 10;
const groupSamples = 30;

/** A node that can be told which engine answers, for which daemon, and which signs of its owner are asked for. */
export interface NodeHost extends Host {
  useEngine(info: EngineInfo, instance: string): void;
  useSigns(settings: SignSettings): void;
  /** Containers that count as pilots wherever the engine put them. */
  alsoCount(processes: readonly FirstProcess[]): void;
  /** Whether this container is one of those, and its group can be seen. */
  isStray(id: string): boolean;
  /** Why pilots cannot be seen here, whatever groups there are; null when they can. */
  hidePilots(reason: string | null): void;
}

/**
 * The node that the daemon runs on, read below `root` (`/`, or a recorded tree).
 * `useEngine` tells it which engine answers, so that it finds the pilots' groups and the engine's disk.
 */
export function createNode(root: string, uid: number, askLogind: AskLogind = askLoginctl): NodeHost {
  const base = root.replace(/\/$/, '');
  const turn = new PilotTurn();
  const counters = new PilotCounters();
  let readSigns = signReader(base, noSignSettings, askLogind);
  let engine: EngineInfo | null = null;
  let daemon = '';
  let elsewhere: readonly FirstProcess[] = [];
  let strays = noGroups;
  let hidden: string | null = null;
  let trees = noTrees;
  let pilots = noGroups;
  let owners: readonly string[] = [];
  let samples = 0;
  let cpuCount = 1;
  let disk: Reading<DiskLevels> = unknown('the engine has not said where its data is');

  const findGroups = (info: EngineInfo): void => {
    trees = treesBelow(base, info);
    strays = strayGroups(base, trees, elsewhere);
    pilots = together(pilotGroups(trees, info, daemon, uid), strays);
    owners = ownersGroups(trees, info, strays);
  };
  const readSlowly = (): void => {
    cpuCount = countCpus(`${base}/sys/devices/system/cpu/online`);
    if (engine === null) return;
    disk = engine.local
      ? readDisk(join(base, engine.dataFolder))
      : unknown('the engine runs on another machine');
  };
  const readStalls = (): HostSample['pressure'] => {
    const node = readPressures(`${base}/proc/pressure`, '');
    if (hidden === null)
      return {
        node,
        pilots: counters.stalls(trees.version, pilots, node),
        owner: owners.map(readOwnersGroup),
      };
    // Pilots that are out of sight may be in any of the owner's groups.
    return { node, pilots: allUnknown(hidden), owner: [] };
  };
  const readPilot = (id: string): Reading<Omit<PilotUse, 'readAtMs'>> => {
    const folderIn = (mount: string | null): string | null =>
      engine === null || mount === null ? null : pilotFolder(mount, engine, daemon, id, uid);
    const [cpu, memory] = [folderIn(trees.cpu), folderIn(trees.memory)];
    if (cpu === null || memory === null) return unknown('pilots have no groups of their own');
    const cpuMs = readCpuMs(trees.version, cpu, readOnce);
    const memoryBytes = readMemoryBytes(trees.version, memory, readOnce);
    if (!cpuMs.known) return cpuMs;
    return memoryBytes.known ? known({ cpuMs: cpuMs.value, memoryBytes: memoryBytes.value }) : memoryBytes;
  };

  return {
    useEngine(info, instance) {
      engine = info;
      daemon = instance;
      samples = 0;
    },
    useSigns(settings) {
      readSigns = signReader(base, settings, askLogind);
    },
    alsoCount(processes) {
      // Told with each listing, nearly always the same.
      if (isSame(processes, elsewhere)) return;
      elsewhere = processes;
      if (engine !== null) findGroups(engine);
    },
    isStray: (id) => (strays.cpu ?? []).some((folder) => folder.includes(id)),
    hidePilots(reason) {
      hidden = reason;
    },
    sample(question): HostSample {
      if (samples % slowSamples === 0) readSlowly();
      // Trees are mounted late at boot, and other daemons come and go.
      if (engine !== null && samples % groupSamples === 0) findGroups(engine);
      samples += 1;
      const memory = readMemory(base, question);
      const readsAll = memory.known && question.closerLook?.allPilots(memory.value) === true;
      return {
        cpuCount,
        cpu: readOften(`${base}/proc/stat`, parseProcStat),
        pilotsCpuMs: hidden === null ? counters.cpuMs(trees.version, pilots) : unknown(hidden),
        memory,
        pilotsMemoryBytes: hidden === null ? memoryOf(pilots, trees.version) : unknown(hidden),
        disk,
        runnable: readOften(`${base}/proc/loadavg`, parseRunnable),
        pressure: readStalls(),
        pilotUse: turn.read(question.pilotIds, question.nowMs, readsAll, readPilot, question.endingIds),
        signs: readSigns(question.nowMs, question.wallMs),
      };
    },
  };
}

function isSame(some: readonly FirstProcess[], others: readonly FirstProcess[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ id, pid }, index) => others[index]?.id === id && others[index].pid === pid)
  );
}

function readOwnersGroup(folder: string): OwnerGroup {
  return { group: basename(folder), ...readPressures(folder, '.pressure') };
}

/** What CPUs keep at hand is looked up only where it matters: on a big node that costs a millisecond. */
function readMemory(base: string, { closerLook }: HostQuestion): Reading<MemoryLevels> {
  const levels = readOften(`${base}/proc/meminfo`, parseMeminfo);
  if (!levels.known || closerLook?.atHand(levels.value) !== true) return levels;
  const text = readWholeFile(`${base}/proc/zoneinfo`);
  const atHand = text.known ? parseZoneinfo(text.value) : text;
  return atHand.known ? known({ ...levels.value, atHandBytes: atHand.value }) : levels;
}

function countCpus(path: string): number {
  const count = readOnce(path, parseCpuList);
  return count.known ? count.value : Math.max(1, cpus().length);
}

function readDisk(folder: string): Reading<DiskLevels> {
  try {
    const levels = statfsSync(folder);
    return known({ totalBytes: levels.blocks * levels.bsize, freeBytes: levels.bavail * levels.bsize });
  } catch (error) {
    return failed(folder, error);
  }
}

/** Groups of two sorts; a tree that the first do not have is no tree for the pilots. */
function together(parents: GroupFolders, strays: GroupFolders): GroupFolders {
  const joined = (a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null =>
    a === null ? null : [...a, ...(b ?? [])];
  return {
    cpu: joined(parents.cpu, strays.cpu),
    memory: joined(parents.memory, strays.memory),
    pressure: joined(parents.pressure, strays.pressure),
  };
}

function memoryOf({ memory }: GroupFolders, version: 1 | 2): Reading<number> {
  return memory === null ? unknown(noParent) : sumOver(memory, (folder) => readMemoryBytes(version, folder));
}
