import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UserFault } from '../../src/cli/fault.ts';
import { replay, type ReplayOptions } from '../../src/cli/replay.ts';
import { ProgressLine } from '../../src/cli/progressLine.ts';
import { Progress } from '../../src/cli/replayProgress.ts';
import type { Places } from '../../src/model/places.ts';
import { createJournal } from '../../src/record/journal.ts';
import { createTape } from '../../src/record/tape.ts';
import { tapeFolder } from '../../src/record/tapeFiles.ts';
import { equals, hoursOf, lifeOfMinutes, recorded, rulesFrom, squareWave } from '../replay/recordings.ts';
import { keepLog } from '../support/quietLog.ts';

let root = '';
let places: Places;
let proposed = '';
let told: string[] = [];
const stderr = process.stderr.write.bind(process.stderr);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'plancton-replay-'));
  places = {
    configFile: join(root, 'config.yaml'),
    logFolder: join(root, 'log'),
    runFolder: join(root, 'run'),
    pidFile: join(root, 'pid'),
    stateFolder: join(root, 'state'),
  };
  writeFileSync(places.configFile, 'cpu_class: normal\nmax_docks: 4\n');
  proposed = join(root, 'new.yaml');
  writeFileSync(proposed, 'cpu_class: normal\nmax_docks: 2\nyield_to_user: true\n');
  const wave = hoursOf(2, (second) => ({ ...squareWave(3600, 3)(second), means: equals }));
  const lives = [5, 10, 15].map((minutes) => lifeOfMinutes(minutes));
  const { frames, records } = recorded(wave, rulesFrom(), lives);
  const tape = createTape({ folder: tapeFolder(places.stateFolder), log: keepLog() });
  for (const frame of frames) tape.add(frame);
  tape.close();
  const journal = createJournal({ folder: places.logFolder, log: keepLog() });
  for (const record of records) journal.append(record);
  journal.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

beforeEach(() => {
  told = [];
  process.stderr.write = (text) => {
    told.push(String(text));
    return true;
  };
});
afterEach(() => {
  process.stderr.write = stderr;
});

function run(options: Partial<ReplayOptions> = {}, where = places): { code: number; text: string } {
  const parts: string[] = [];
  const code = replay(where, { config: proposed, ...options }, (bytes) => {
    parts.push(Buffer.from(bytes).toString());
  });
  return { code, text: parts.join('') };
}

/** Every file and its content. */
function everything(): Record<string, string> {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(root, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(root, name), 'latin1')]));
}

describe('planctonctl replay', () => {
  it('prints what was beside what either configuration would have had', () => {
    const { code, text } = run();
    expect(code).toBe(0);
    const lines = text.split('\n');
    expect(lines[0]).toMatch(/ to .*, (120 min|2\.0 h) of it recorded$/);
    expect(lines[2]).toMatch(/^ +RECORDED +IN FORCE +new\.yaml +CHANGE$/);
    expect(text).toMatch(/^CPU hours harvested +\d+\.\d\d? +\d+\.\d\d? +\d+\.\d\d? +-\d/m);
    expect(text).toMatch(/^ {2}evicted for cpu +\d+ +\d+ +\d+/m);
    expect(text).toMatch(/^- by the configuration in force the model has .* CPU hours where .* were/m);
    expect(text).toContain('yield_to_user cannot be replayed');
  });

  it('says that the model is far off where it is, and tells hundredths of hours where there are few', () => {
    expect(run().text).toContain('so far it is to be believed');
    const inForce = readFileSync(places.configFile);
    writeFileSync(places.configFile, 'cpu_class: normal\nmax_docks: 1\n');
    try {
      const { text } = run();
      expect(text).toMatch(/the model has \d\.\d\d CPU hours where .* that is far off/);
      expect(text).not.toContain('to be believed');
    } finally {
      writeFileSync(places.configFile, inForce);
    }
  });

  it('tells programs the same in numbers', () => {
    const answer = JSON.parse(run({ json: true }).text);
    expect(answer.recorded.hours).toBeCloseTo(2, 2);
    expect(answer.inForce.harvestedCpuHours / answer.recorded.harvestedCpuHours).toBeCloseTo(1, 1);
    expect(answer.proposed.harvestedCpuHours).toBeLessThan(answer.inForce.harvestedCpuHours);
    expect(answer.since).toBe('2024-03-04T12:00:00.000Z');
    expect(answer.lives.default.lives).toBeGreaterThan(5);
  });

  it('replays the part that is asked for', () => {
    const answer = JSON.parse(
      run({ json: true, since: '2024-03-04T13:00Z', until: '2024-03-04T13:30Z' }).text,
    );
    expect(answer.recorded.hours).toBeCloseTo(0.5, 2);
    expect([answer.since.slice(11, 15), answer.until.slice(11, 15)]).toEqual(['12:5', '13:2']);
    expect(() => run({ since: '2024-03-05' })).toThrow(
      /nothing is recorded of that time; there is 2024-03-04/,
    );
  });

  it('changes nothing, on the disk or elsewhere', () => {
    const before = everything();
    run();
    expect(everything()).toEqual(before);
  });

  it('says that there is nothing yet, that a file is not there, and all faults of one', () => {
    const elsewhere = { ...places, stateFolder: join(root, 'nowhere') };
    expect(() => run({}, elsewhere)).toThrow(UserFault);
    expect(() => run({}, elsewhere)).toThrow(/nowhere\/tape: nothing is recorded yet/);
    expect(() => run({ config: join(root, 'none.yaml') })).toThrow(/none\.yaml: there is no such file/);
    mkdirSync(join(root, 'bad'), { recursive: true });
    const bad = join(root, 'bad', 'config.yaml');
    writeFileSync(bad, 'max_docks: many\nmain_sleep: soon\n');
    expect(run({ config: bad })).toEqual({ code: 1, text: '' });
    expect(told.join('')).toMatch(/max_docks[\s\S]*main_sleep/);
  });
});

describe('how far a replay is', () => {
  const range = { sinceMs: 0, untilMs: 1000 };

  it('is told on a terminal, with the time that is left', () => {
    let nowMs = 0;
    const said: string[] = [];
    const line = new ProgressLine({ isTTY: true, write: (text) => said.push(text) }, () => nowMs, {
      TERM: 'xterm',
    });
    const progress = new Progress(line, range, () => nowMs);
    progress.reached(0, 100);
    nowMs = 10_000;
    progress.reached(0, 500);
    progress.reached(0, 510);
    nowMs = 20_000;
    progress.reached(1, 0);
    progress.end();
    expect(said).toHaveLength(3);
    expect(said[0]).toContain('25 % (the configuration in force), 30 s left');
    expect(said[1]).toContain('50 % (the other one), 20 s left');
  });

  it('is told nowhere else', () => {
    const said: string[] = [];
    let nowMs = 0;
    const line = new ProgressLine({ write: (text) => said.push(text) }, () => nowMs, { TERM: 'xterm' });
    const progress = new Progress(line, range, () => nowMs);
    nowMs = 10_000;
    progress.reached(0, 500);
    progress.end();
    expect(said).toEqual([]);
  });
});
