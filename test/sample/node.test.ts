import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownerPressure } from '../../src/decide/pressure.ts';
import type { EngineInfo } from '../../src/model/engine.ts';
import type { CloserLook, HostQuestion, HostSample, MemoryLevels } from '../../src/model/host.ts';
import { createNode, type NodeHost } from '../../src/sample/node.ts';
import type { Reading } from '../../src/model/reading.ts';
import { ageOfProcess, startTicksOf } from '../../src/sample/process.ts';
import {
  addTo,
  common,
  type Files,
  hybrid,
  idOf,
  info,
  instance,
  legacy,
  legacyMemory,
  pressure,
  pressureFiles,
  systemd,
  treeOf,
  unified,
  unifiedMemory,
} from './tree.ts';

const question: HostQuestion = { nowMs: 0, wallMs: 0, pilotIds: [] };

/** What of a closer look is asked for, whatever memory there is. */
function looking(...wanted: (keyof CloserLook)[]): CloserLook {
  return {
    atHand: () => wanted.includes('atHand'),
    allPilots: () => wanted.includes('allPilots'),
  };
}

function nodeOf(root: string, changes: Partial<EngineInfo> | null): NodeHost {
  const node = createNode(root, 0);
  if (changes !== null) node.useEngine({ ...info, ...changes }, instance);
  return node;
}

function sampleOf(files: Files, changes: Partial<EngineInfo> | null): HostSample {
  return nodeOf(treeOf(files), changes).sample(question);
}

function without(files: Files, ...parts: string[]): Files {
  return Object.fromEntries(
    Object.entries(files).filter(([path]) => !parts.some((part) => path.includes(part))),
  );
}

const stalls = (ms: number): unknown => ({
  cpu: { value: { someMs: ms, fullMs: 0 } },
  memory: { value: { someMs: 2 * ms } },
  io: { value: { someMs: 3 * ms, fullMs: ms } },
});

describe('a node', () => {
  it('is read in a hybrid tree: CPU time and memory from v1, pressure from v2', () => {
    const sample = sampleOf(hybrid, {});
    expect(sample).toMatchObject({
      cpuCount: 4,
      cpu: { value: { busyMs: 1000, totalMs: 4000 } },
      pilotsCpuMs: { value: 7 },
      memory: { value: { availableBytes: 614400 } },
      pilotsMemoryBytes: { value: 5000 },
      runnable: { value: 3 },
      pressure: {
        node: {
          cpu: { value: { someMs: 5 } },
          memory: { value: { someMs: 7 } },
          io: { value: { fullMs: 1 } },
        },
        pilots: stalls(1),
        owner: [],
      },
    });
    expect(sample.disk.known).toBe(true);
    expect(sample.pilotUse.size).toBe(0);
  });

  it('is read in a unified tree under systemd, where the owner has slices', () => {
    expect(sampleOf(unified, systemd)).toMatchObject({
      pilotsCpuMs: { known: true, value: 5 },
      pilotsMemoryBytes: { known: true, value: 7000 },
      pressure: {
        pilots: stalls(1),
        owner: [{ io: { value: { fullMs: 0.1 } } }, { cpu: { value: { someMs: 0.2 } } }],
      },
    });
  });

  it('is read in v1 trees alone, and has no pressure then', () => {
    const sample = sampleOf(legacy, {});
    expect(sample).toMatchObject({ pilotsCpuMs: { value: 7 }, pilotsMemoryBytes: { value: 5000 } });
    expect(sample.pressure).toMatchObject({
      node: { io: { known: false, reason: expect.stringContaining('/proc/pressure/io: ENOENT') as string } },
      pilots: { cpu: { known: false, reason: 'the pilots have no pressure files' } },
      owner: [],
    });
  });

  it('of 256 CPUs is read as any other', () => {
    const cpus = Array.from({ length: 256 }, (_, cpu) => `cpu${cpu} 1 1 1 1 0 0 0 0 0 0`).join('\n');
    const stat = `cpu  100 0 0 300 0 0 0 0 0 0\n${cpus}\nintr ${'12345 '.repeat(20_000)}\nprocs_running 3\n`;
    const big = { ...hybrid, '/proc/stat': stat, '/sys/devices/system/cpu/online': '0-255\n' };
    expect(sampleOf(big, {})).toMatchObject({
      cpuCount: 256,
      cpu: { value: { totalMs: 4000 } },
      runnable: { value: 3 },
    });
  });

  it('counts the pilots of every daemon on it, and nobody else', () => {
    const more = {
      ...hybrid,
      '/sys/fs/cgroup/cpuacct/plancton-0000000a/cpuacct.usage': '5000000\n',
      '/sys/fs/cgroup/cpuacct/plancton-elsewhere/cpuacct.usage': '90000000\n',
      '/sys/fs/cgroup/memory/plancton-0000000a/memory.stat': legacyMemory(2000),
      ...pressureFiles('/sys/fs/cgroup/unified/plancton-0000000a', 2000),
      // What a killed daemon left has no pilot in it, and is not read.
      '/sys/fs/cgroup/cpuacct/plancton-0000000b/cpuacct.usage': '70000000\n',
    };
    for (const tree of ['cpuacct', 'memory', 'unified'] as const)
      Object.assign(more, { [`/sys/fs/cgroup/${tree}/plancton-0000000a/pilot/cgroup.procs`]: '1\n' });
    expect(sampleOf(more, {})).toMatchObject({
      pilotsCpuMs: { value: 12 },
      pilotsMemoryBytes: { value: 7000 },
      pressure: { pilots: stalls(3) },
    });
  });

  it('is not upset by a daemon whose pilots come back after a while, with all their past', () => {
    const [own, other] = [
      '/sys/fs/cgroup/cpuacct/plancton-00000001',
      '/sys/fs/cgroup/cpuacct/plancton-0000000a',
    ];
    const files = (serial: number, ownMs: number, otherMs: number): Files => ({
      [`${own}/cpuacct.usage`]: `${ownMs * 1e6}\n`,
      [`${other}/cpuacct.usage`]: `${otherMs * 1e6}\n`,
      ...pressureFiles('/sys/fs/cgroup/unified/plancton-0000000a', otherMs * 1000),
      // Who waits in a group waits on the node.
      '/proc/pressure/cpu': pressure(otherMs * 1000),
      ...(serial === 0 ? {} : { [`${other}/pilot/cgroup.procs`]: '', [otherPilot]: '' }),
    });
    const otherPilot = '/sys/fs/cgroup/unified/plancton-0000000a/pilot/cgroup.procs';
    const root = treeOf({ ...hybrid, ...files(0, 7, 9e9) });
    const node = nodeOf(root, {});
    const told = (): unknown => {
      const { pilotsCpuMs, pressure } = node.sample(question);
      const { cpu } = pressure.pilots;
      return [pilotsCpuMs.known && pilotsCpuMs.value, cpu.known && cpu.value.someMs];
    };
    expect(told()).toEqual([7, 1]);
    addTo(root, files(1, 8, 9e9));
    // Who else is there is looked up at each thirtieth sample.
    for (let sample = 1; sample <= 30; sample++) expect(told()).toEqual([8, 1]);
    addTo(root, files(2, 8, 9e9 + 30));
    expect(told()).toEqual([38, 31]);
  });

  it('counts pilots that the original left, wherever they are', () => {
    const root = treeOf({
      ...hybrid,
      '/proc/7/cgroup': '1:cpuacct:/docker/a\n2:memory:/docker/a\n0::/docker/a\n',
      '/sys/fs/cgroup/cpuacct/docker/a/cpuacct.usage': '3000000\n',
      '/sys/fs/cgroup/memory/docker/a/memory.stat': legacyMemory(1600),
      ...pressureFiles('/sys/fs/cgroup/unified/docker/a', 1000),
    });
    const node = nodeOf(root, {});
    node.alsoCount([{ id: 'a', pid: 7 }]);
    expect(node.sample(question)).toMatchObject({
      pilotsCpuMs: { value: 10 },
      pilotsMemoryBytes: { value: 6600 },
      pressure: { pilots: stalls(2) },
    });
    expect([node.isStray('docker/a'), node.isStray('docker/b')]).toEqual([true, false]);
  });

  it('is blind for pilots that are out of sight, and for groups that may hold them, until they are seen', () => {
    const node = nodeOf(treeOf(unified), systemd);
    node.hidePilots('out of sight');
    const blind = { known: false, reason: 'out of sight' };
    expect(node.sample(question)).toMatchObject({
      cpu: { known: true },
      pilotsCpuMs: blind,
      pilotsMemoryBytes: blind,
      pressure: { node: { cpu: { known: true } }, pilots: { cpu: blind, io: blind }, owner: [] },
    });
    node.hidePilots(null);
    expect(node.sample(question)).toMatchObject({
      pilotsCpuMs: { value: 5 },
      pressure: { owner: [{ group: 'system.slice' }, { group: 'user.slice' }] },
    });
  });

  it('compares each group of the owner’s with itself, whoever comes and goes between two looks', () => {
    const root = treeOf(unified);
    const node = nodeOf(root, systemd);
    const before = node.sample(question).pressure;
    addTo(root, {
      '/sys/fs/cgroup/system.slice/cgroup.events': 'populated 0\n',
      '/sys/fs/cgroup/user.slice/cpu.pressure': pressure(200 + 50_000),
      ...pressureFiles('/sys/fs/cgroup/work.slice', 9e9),
    });
    // Which groups there are is looked up at each thirtieth sample.
    for (let sample = 0; sample < 30; sample++) node.sample(question);
    const now = node.sample(question).pressure;
    expect(now.owner.map(({ group }) => group)).toEqual(['user.slice', 'work.slice']);
    const share = expect.closeTo(0.05, 5) as number;
    expect(ownerPressure(before, now, 1000).cpu).toEqual({ known: true, value: share });
  });

  it('has pilots that take nothing while their parent is not there', () => {
    expect(sampleOf(without(hybrid, 'plancton-'), {})).toMatchObject({
      pilotsCpuMs: { value: 0 },
      pilotsMemoryBytes: { value: 0 },
      pressure: { pilots: { cpu: { value: { someMs: 0 } }, io: { value: { someMs: 0 } } } },
    });
  });

  it.each([
    ['CPU time', '/sys/fs/cgroup/cpuacct/plancton-00000001/cpuacct.usage', 'pilotsCpuMs'],
    ['memory', '/sys/fs/cgroup/memory/plancton-00000001/memory.stat', 'pilotsMemoryBytes'],
  ] as const)(
    'is blind for pilots whose %s is garbled or hidden, and does not take it for none',
    (_, path, sense) => {
      expect(sampleOf({ ...hybrid, [path]: 'x' }, {})[sense].known).toBe(false);
      expect(sampleOf({ ...without(hybrid, path), [`${path}.else`]: '' }, {})[sense].known).toBe(false);
    },
  );

  it('knows the memory of pilots on older kernels, which tell less', () => {
    const path = '/sys/fs/cgroup/memory/plancton-00000001/memory.stat';
    const old = { ...hybrid, [path]: 'total_cache 7\ntotal_rss 3000\ntotal_mapped_file 4\n' };
    expect(sampleOf(old, {})).toMatchObject({ pilotsMemoryBytes: { value: 3000 } });
    const stat = 'anon 3000\nfile 9\nshmem 40\nslab_unreclaimable 5\n';
    const older = { ...unified, '/sys/fs/cgroup/plancton.slice/memory.stat': stat };
    expect(sampleOf(older, systemd)).toMatchObject({ pilotsMemoryBytes: { value: 3045 } });
  });

  it('is blind for the stalls of pilots that use CPU and have no group in the v2 tree', () => {
    const { pressure } = sampleOf(without(hybrid, 'unified/plancton'), {});
    expect(pressure.pilots.cpu).toEqual({ known: false, reason: 'the pilots have no groups in the v2 tree' });
  });

  it('is blind for the stalls of pilots whose group has no pressure files', () => {
    const hidden = { ...without(unified, 'plancton.slice/io.pressure') };
    const { pilots } = sampleOf(hidden, systemd).pressure;
    expect([pilots.cpu.known, pilots.io.known]).toEqual([true, false]);
  });

  it.each([
    ['/proc/stat', 'cpu'],
    ['/proc/meminfo', 'memory'],
    ['/proc/loadavg', 'runnable'],
    ['/data', 'disk'],
  ] as const)('tells that it lacks %s, and has all else', (path, sense) => {
    const sample = sampleOf(without(hybrid, path), {});
    const senses = ['cpu', 'memory', 'runnable', 'disk', 'pilotsCpuMs', 'pilotsMemoryBytes'] as const;
    expect(senses.filter((each) => !sample[each].known)).toEqual([sense]);
    const reading = sample[sense];
    expect(!reading.known && reading.reason).toMatch(new RegExp(`${path}: ENOENT$`));
  });

  it('never throws and never takes a part for the whole, however its files are cut', () => {
    const readings = ({
      pressure: { node, pilots, owner },
      ...sample
    }: HostSample): Record<string, unknown> => ({
      cpu: sample.cpu,
      memory: sample.memory,
      runnable: sample.runnable,
      pilotsCpuMs: sample.pilotsCpuMs,
      pilotsMemoryBytes: sample.pilotsMemoryBytes,
      ...Object.fromEntries(
        [node, pilots, ...owner].flatMap((each, group) =>
          Object.entries(each).map(([resource, reading]) => [`${group} ${resource}`, reading as unknown]),
        ),
      ),
    });
    const whole = readings(sampleOf(unified, systemd));
    const cuttable = Object.keys(unified).filter((path) => !/mountinfo|keep/.test(path));
    const part = fc.double({ min: 0, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...cuttable), part, (path, part) => {
        const text = unified[path] ?? '';
        const cut = readings(
          sampleOf({ ...unified, [path]: text.slice(0, Math.floor(part * text.length)) }, systemd),
        );
        const known = Object.entries(cut).filter(([, reading]) => (reading as Reading<unknown>).known);
        expect(whole).toMatchObject(Object.fromEntries(known));
      }),
      { numRuns: 100 },
    );
  });

  it('does not mistake this node for that of an engine elsewhere', () => {
    const sample = sampleOf(hybrid, { local: false });
    const senses = [sample.pilotsCpuMs, sample.pilotsMemoryBytes, sample.disk, sample.pressure.pilots.io];
    expect(senses.map((sense) => sense.known)).toEqual([false, false, false, false]);
  });

  it('can be read before any engine answered', () => {
    expect(sampleOf(hybrid, null).cpu.known).toBe(true);
    expect(sampleOf({}, null).cpu.known).toBe(false);
  });

  it('is seen to change: pilots that come, and slices', () => {
    const root = treeOf({ ...common, '/proc/self/mountinfo': unified['/proc/self/mountinfo'] ?? '' });
    const node = nodeOf(root, systemd);
    expect(node.sample(question)).toMatchObject({ pilotsCpuMs: { value: 0 }, pressure: { owner: [] } });
    addTo(root, unified);
    const samples = Array.from({ length: 31 }, () => node.sample(question));
    expect(samples[0]).toMatchObject({ pilotsCpuMs: { value: 5 }, pressure: { pilots: stalls(1) } });
    expect(samples.at(-1)?.pressure.owner).toHaveLength(2);
  });
});

describe('what one pilot uses', () => {
  function pilotFiles(number: number, cpuMs: number): Files {
    const name = idOf(number);
    return {
      [`/sys/fs/cgroup/cpuacct/plancton-00000001/${name}/cpuacct.usage`]: `${cpuMs * 1e6}\n`,
      [`/sys/fs/cgroup/memory/plancton-00000001/${name}/memory.stat`]: legacyMemory(2000),
    };
  }

  it('is read in its own group', () => {
    const node = nodeOf(treeOf({ ...hybrid, ...pilotFiles(1, 42) }), {});
    const { pilotUse } = node.sample({ ...question, nowMs: 5000, pilotIds: [idOf(1), idOf(2)] });
    expect([...pilotUse]).toEqual([[idOf(1), { memoryBytes: 2000, cpuMs: 42, readAtMs: 5000 }]]);
  });

  it('is read in a scope of systemd', () => {
    const folder = `/sys/fs/cgroup/plancton.slice/plancton-00000001.slice/docker-${idOf(1)}.scope`;
    const files = {
      [`${folder}/cpu.stat`]: 'usage_usec 9000\n',
      [`${folder}/memory.stat`]: unifiedMemory(3000),
    };
    const { pilotUse } = nodeOf(treeOf({ ...unified, ...files }), systemd).sample({
      ...question,
      pilotIds: [idOf(1)],
    });
    expect(pilotUse.get(idOf(1))).toEqual({ memoryBytes: 3000, cpuMs: 9, readAtMs: 0 });
  });

  it('is known of all when all are asked for, and of those who are there', () => {
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    const files = Object.assign({}, ...numbers.map((number) => pilotFiles(number, number))) as Files;
    const node = nodeOf(treeOf({ ...hybrid, ...files }), {});
    const pilotIds = numbers.map(idOf);
    expect(node.sample({ ...question, pilotIds }).pilotUse.size).toBe(8);
    expect(node.sample({ ...question, pilotIds, closerLook: looking('allPilots') }).pilotUse.size).toBe(20);
    expect(node.sample({ ...question, pilotIds: pilotIds.slice(0, 3) }).pilotUse.size).toBe(3);
  });
});

describe('what CPUs keep at hand', () => {
  const files = { 'proc/meminfo': 'MemTotal: 1000 kB\nMemAvailable: 600 kB\n' };
  const zoneinfo = { 'proc/zoneinfo': `${' '.repeat(20_000)}\n  pagesets\n    cpu: 0\n      count:    3\n` };
  const atHand = (more: Files, isAsked: boolean) => {
    const closerLook = looking(...(isAsked ? (['atHand'] as const) : []));
    const { memory } = nodeOf(treeOf({ ...files, ...more }), null).sample({ ...question, closerLook });
    return memory.known ? memory.value.atHandBytes : null;
  };

  it('is looked up where that is asked for, however long the list, and is not needed', () => {
    expect(atHand(zoneinfo, true)).toBe(3 * 4096);
    expect(atHand(zoneinfo, false)).toBeUndefined();
    expect(atHand({}, true)).toBeUndefined();
  });

  it('is there already when it is asked whether all pilots are to be read', () => {
    const asked: MemoryLevels[] = [];
    const closerLook = {
      atHand: () => true,
      allPilots: (levels: MemoryLevels) => asked.push(levels) < 0,
    };
    nodeOf(treeOf({ ...files, ...zoneinfo }), null).sample({ ...question, closerLook });
    expect(asked).toMatchObject([{ availableBytes: 614400, atHandBytes: 3 * 4096 }]);
  });
});

describe('a process', () => {
  it('has an age by the kernel alone', () => {
    const age = ageOfProcess(process.pid);
    expect(age.known && age.value > 0 && age.value < 86_400_000).toBe(true);
    expect(startTicksOf(2 ** 30).known).toBe(false);
  });
});
