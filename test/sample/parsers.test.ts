import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMeminfo } from '../../src/sample/meminfo.ts';
import { parseCgroupMounts } from '../../src/sample/mounts.ts';
import { parsePressure } from '../../src/sample/pressure.ts';
import { parseCpuList, parseProcStat } from '../../src/sample/procStat.ts';
import { parseZoneinfo } from '../../src/sample/zoneinfo.ts';

describe('/proc/stat', () => {
  it('counts steal as busy and iowait as idle', () => {
    const text = 'cpu  10 20 30 400 50 6 7 8 3 4\ncpu0 1 2 3 4 5 6 7 8 0 0\n';
    expect(parseProcStat(text)).toEqual({ known: true, value: { busyMs: 810, totalMs: 5310, stealMs: 80 } });
  });

  it('reads the short line of an old kernel, and 256 CPUs after it', () => {
    const cpus = Array.from({ length: 256 }, (_, cpu) => `cpu${cpu} 1 1 1 1`).join('\n');
    expect(parseProcStat(`cpu  1 2 3 4\n${cpus}\nintr 5\n`)).toEqual({
      known: true,
      value: { busyMs: 60, totalMs: 100 },
    });
  });

  it.each(['', 'cpu\n', 'cpu  a b c d\n', 'cpu  1 2\n', 'intr 1 2 3 4\n', 'cpu  1 2 3 4'])(
    'is blind on %j, not zero',
    (text) => {
      expect(parseProcStat(text).known).toBe(false);
    },
  );
});

describe('a list of CPUs', () => {
  it.each([
    ['0\n', 1],
    ['0-255\n', 256],
    ['0-3,8,10-11\n', 7],
  ])('%j has %d', (text, count) => {
    expect(parseCpuList(text)).toEqual({ known: true, value: count });
  });
  it.each(['', '\n', '0-\n', 'x\n', '3-1\n', '0-25'])('%j cannot be read', (text) => {
    expect(parseCpuList(text).known).toBe(false);
  });
});

describe('/proc/zoneinfo', () => {
  it('has what CPUs keep at hand, summed over zones and CPUs', () => {
    const zoneinfo = `Node 0, zone      DMA
  pages free     3840
  pagesets
    cpu: 0
              count:    7
              high:     0
Node 0, zone   Normal
  pagesets
    cpu: 0
              count:    11413
    cpu: 1
              count: 20
`;
    expect(parseZoneinfo(zoneinfo)).toEqual({ known: true, value: 11_440 * 4096 });
  });

  it('without any list of a CPU tells nothing', () => {
    expect(parseZoneinfo('Node 0, zone DMA\n  pages free 3840\n').known).toBe(false);
  });
});

describe('/proc/meminfo', () => {
  const text =
    'MemTotal:       1000 kB\nMemFree:         10 kB\nMemAvailable:    600 kB\nSwapTotal:       50 kB\nSwapFree:        40 kB\n';

  it('is in bytes', () => {
    const value = {
      totalBytes: 1024000,
      availableBytes: 614400,
      swapTotalBytes: 51200,
      swapFreeBytes: 40960,
    };
    expect(parseMeminfo(text)).toEqual({ known: true, value });
  });

  it('is blind without MemAvailable, and has no swap where none is told', () => {
    expect(parseMeminfo(text.replace('MemAvailable', 'MemElse')).known).toBe(false);
    expect(parseMeminfo(text.replace(/Swap.*\n/g, ''))).toMatchObject({
      value: { swapTotalBytes: 0, swapFreeBytes: 0 },
    });
  });

  it('never throws and never tells of more than there is, however it is cut', () => {
    fc.assert(
      fc.property(fc.nat(text.length), (length) => {
        const reading = parseMeminfo(text.slice(0, length));
        expect(reading.known ? reading.value.totalBytes : 1024000).toBe(1024000);
      }),
    );
  });
});

describe('a pressure file', () => {
  const text =
    'some avg10=1.00 avg60=2.00 avg300=3.00 total=5000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=2000\n';

  it('gives totals in milliseconds', () => {
    expect(parsePressure(text, 'io')).toEqual({ known: true, value: { someMs: 5, fullMs: 2 } });
  });

  it('has no full line for CPUs on older kernels', () => {
    expect(parsePressure(text.slice(0, text.indexOf('full')), 'cpu')).toMatchObject({ value: { fullMs: 0 } });
  });

  it('is blind when the line is cut', () => {
    for (const cut of ['', 'some avg10=1.00', 'some avg10=1.00 avg60=2.00 avg300=3.00 total=50']) {
      expect(parsePressure(cut, '/proc/pressure/io')).toEqual({
        known: false,
        reason: '/proc/pressure/io: no total of "some"',
      });
    }
    expect(parsePressure(text.trimEnd(), 'io').known).toBe(false);
  });
});

describe('cgroup mounts', () => {
  it('are found in a unified tree', () => {
    const text = '29 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n';
    expect(parseCgroupMounts(text)).toEqual({ unified: '/sys/fs/cgroup', legacy: {} });
  });

  it('are found in a hybrid one, with controllers mounted together and named hierarchies', () => {
    const text = [
      '30 23 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
      '31 23 0:27 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct',
      '32 23 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd',
      '33 23 0:29 / /tmp rw - tmpfs tmpfs rw',
    ].join('\n');
    expect(parseCgroupMounts(text)).toEqual({
      unified: '/sys/fs/cgroup/unified',
      legacy: {
        cpu: '/sys/fs/cgroup/cpu,cpuacct',
        cpuacct: '/sys/fs/cgroup/cpu,cpuacct',
        'name=systemd': '/sys/fs/cgroup/systemd',
      },
    });
  });
});
