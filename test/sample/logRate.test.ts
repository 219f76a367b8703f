import {
  appendFileSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { known, type Reading, unknown } from '../../src/model/reading.ts';
import { logFileOf, LogRates } from '../../src/sample/logRate.ts';
import { type FileLook, type LogLook, nextTrace, rateOf } from '../../src/sample/logRateTrace.ts';
import { engineInfo } from '../support/engineInfo.ts';

const full = 10_000_000;

/** A log in memory, rotated as an engine does it; inode numbers are used again at once. */
class InventedLog {
  #current = { file: 1, sizeBytes: 0, writtenWallMs: 0 };
  #former: FileLook | null = null;
  #spare = 2;

  write(bytes: number, atMs: number): void {
    for (let left = bytes; left > 0; ) {
      if (this.#current.sizeBytes >= full) this.#rotate(atMs);
      const now = Math.min(left, full - this.#current.sizeBytes);
      this.#current = {
        ...this.#current,
        sizeBytes: this.#current.sizeBytes + now,
        // Never two rotations in one instant.
        writtenWallMs: atMs + (bytes - left) / 1e9,
      };
      left -= now;
    }
  }

  look(atMs: number): LogLook {
    return { atMs, current: this.#current, former: this.#former };
  }

  #rotate(atMs: number): void {
    const freed = this.#former?.file ?? this.#spare;
    this.#former = this.#current;
    this.#current = { file: freed, sizeBytes: 0, writtenWallMs: atMs };
  }
}

/** The rate that looks each second show, of a log that is written at this rate. */
function rateSeen(bytesPerSecond: number, seconds: number, beginBytes = 0): Reading<number> {
  const log = new InventedLog();
  log.write(beginBytes, 0);
  let trace = nextTrace(null, log.look(0), full);
  for (let second = 1; second <= seconds; second++) {
    log.write(bytesPerSecond, second * 1000);
    trace = nextTrace(trace, log.look(second * 1000), full);
  }
  return rateOf(trace);
}

describe('the rate of a log', () => {
  it('is unknown until it has been watched for some seconds', () => {
    expect(rateSeen(1000, 2)).toEqual(unknown('its log has not been watched for long enough'));
    expect(rateSeen(1000, 3)).toEqual(known(1000));
  });

  it('is what is written, over rotations too, up to one file a second', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.integer({ min: 3, max: 30 }),
        fc.integer({ min: 0, max: full }),
        (rate, seconds, begin) => {
          expect(rateSeen(rate, seconds, begin)).toEqual(known(rate));
        },
      ),
    );
  });

  it('is never told as more than is written, and beyond that still as much', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10_000_000, max: 200_000_000 }),
        fc.integer({ min: 4, max: 20 }),
        fc.integer({ min: 0, max: full }),
        (rate, seconds, begin) => {
          const seen = rateSeen(rate, seconds, begin);
          expect(seen.known && seen.value).toBeLessThanOrEqual(rate + 1);
          expect(seen.known && seen.value).toBeGreaterThanOrEqual(7_000_000);
        },
      ),
    );
  });

  it('is over the last seconds only', () => {
    const log = new InventedLog();
    let trace = nextTrace(null, log.look(0), full);
    for (let second = 1; second <= 10; second++) {
      log.write(second <= 5 ? 1_000_000 : 0, second * 1000);
      trace = nextTrace(trace, log.look(second * 1000), full);
    }
    expect(rateOf(trace)).toEqual(known(0));
  });

  it('is reckoned where the full file is gone', () => {
    const look = (atMs: number, file: number, sizeBytes: number): LogLook => ({
      atMs,
      current: { file, sizeBytes, writtenWallMs: atMs },
      former: null,
    });
    const first = nextTrace(null, look(0, 1, 8_000_000), full);
    expect(rateOf(nextTrace(first, look(3000, 2, 4_000_000), full))).toEqual(known(2_000_000));
  });

  it('is unknown after a pause in which nobody looked', () => {
    const log = new InventedLog();
    const first = nextTrace(null, log.look(0), full);
    log.write(1_000_000, 60_000);
    expect(rateOf(nextTrace(first, log.look(60_000), full)).known).toBe(false);
  });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'plancton-log-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** Makes a file longer without writing it. */
function grow(path: string, bytes: number): void {
  const file = openSync(path, 'a');
  ftruncateSync(file, statSync(path).size + bytes);
  closeSync(file);
}

describe('logs', () => {
  it('are watched in files, through a rotation', () => {
    const path = join(folder(), 'log');
    writeFileSync(path, 'x'.repeat(1000));
    const rates = new LogRates();
    const rateAt = (second: number): Reading<number> | undefined =>
      rates.read(new Map([['a', known(path)]]), second * 1000).get('a');
    expect(rateAt(0)?.known).toBe(false);
    for (let second = 1; second <= 3; second++) {
      grow(path, 3_000_000);
      rateAt(second);
    }
    expect(rateAt(3)).toEqual(known(3_000_000));
    grow(path, 1_000_000);
    renameSync(path, `${path}.1`);
    writeFileSync(path, '');
    grow(path, 2_000_000);
    expect(rateAt(4)).toEqual(known(3_000_000));
  });

  it('that somebody cuts short are not taken for more than they hold', () => {
    const path = join(folder(), 'log');
    writeFileSync(path, '');
    grow(path, 9_000_000);
    const rates = new LogRates();
    const rateAt = (second: number): Reading<number> | undefined =>
      rates.read(new Map([['a', known(path)]]), second * 1000).get('a');
    for (let second = 0; second <= 3; second++) rateAt(second);
    copyFileSync(path, `${path}.1`);
    truncateSync(path, 0);
    appendFileSync(path, 'a line\n');
    utimesSync(path, 5, 5);
    const rate = rateAt(5);
    expect(rate?.known && rate.value).toBeLessThan(10);
  });

  it('that cannot be looked at are unknown, with the reason', () => {
    const rates = new LogRates();
    const logs = new Map([
      ['a', unknown<string>('the engine runs on another machine')],
      ['b', known('/nowhere/at/all')],
    ]);
    const told = rates.read(logs, 0);
    expect(told.get('a')).toEqual(unknown('the engine runs on another machine'));
    expect(told.get('b')).toEqual(unknown('/nowhere/at/all: ENOENT'));
  });

  it('are forgotten with their pilots', () => {
    const path = join(folder(), 'log');
    writeFileSync(path, '');
    const rates = new LogRates();
    for (let second = 0; second < 5; second++) rates.read(new Map([['a', known(path)]]), second * 1000);
    rates.read(new Map(), 5000);
    expect(rates.read(new Map([['a', known(path)]]), 6000).get('a')?.known).toBe(false);
  });

  it.each([1, 8, 64, 256])('of %i pilots show who writes too fast within four seconds', (count) => {
    const made = folder();
    const names = Array.from({ length: count }, (_, index) => `p${index}`);
    for (const name of names) writeFileSync(join(made, name), '');
    const logs = new Map(names.map((name) => [name, known(join(made, name))]));
    const rates = new LogRates();
    for (let second = 0; second < 20; second++) {
      rates.read(logs, second * 1000);
      for (const name of names) grow(join(made, name), 1000);
    }
    const loud = names.at(-1) ?? '';
    let told = rates.read(logs, 20_000);
    for (let second = 21; second <= 24; second++) {
      grow(join(made, loud), 6_000_000);
      told = rates.read(logs, second * 1000);
    }
    const rate = told.get(loud);
    expect(rate?.known && rate.value).toBeGreaterThan(5_000_000);
    const others = names.filter((name) => name !== loud).map((name) => told.get(name));
    expect(others.every((each) => each?.known === true && each.value < 5000)).toBe(true);
  });
});

describe('the file of a log', () => {
  it.each([
    ['where Docker keeps it', {}, known('/var/lib/docker/containers/x/x-json.log')],
    [
      'where Docker keeps it in its own form',
      { loggingDriver: 'local' },
      known('/var/lib/docker/containers/x/local-logs/container.log'),
    ],
    [
      'where Podman keeps it',
      { product: 'podman', loggingDriver: 'k8s-file' },
      known('/var/lib/docker/overlay-containers/x/userdata/ctr.log'),
    ],
    ['not on another machine', { local: false }, unknown('the engine runs on another machine')],
    [
      'not in the journal',
      { loggingDriver: 'journald' },
      unknown('the engine keeps no log file for it (journald)'),
    ],
  ] as const)('is %s', (_how, changed, file) => {
    expect(logFileOf({ ...engineInfo, ...changed }, 'x')).toEqual(file);
  });
});
