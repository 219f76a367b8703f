import { describe, expect, it } from 'vitest';
import { writeKept, writePercent } from '../../src/config/amounts.ts';
import { parseSettings } from '../../src/config/load.ts';
import type { Settings } from '../../src/model/settings.ts';

function settingsOf(text: string): Settings {
  const result = parseSettings(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.settings;
}

function problemOf(text: string): string {
  const result = parseSettings(text);
  return result.ok ? 'none' : (result.problems[0]?.message ?? '');
}

describe('reserve', () => {
  it.each([
    ['2GB', { share: 1, atMost: 2e9 }],
    ['0', { share: 1, atMost: 0 }],
    ['1.5GiB', { share: 1, atMost: 1.5 * 2 ** 30 }],
    ['5%', { share: 0.05, atMost: null }],
    ['0.7 %', { share: 0.007, atMost: null }],
    ['10% up to 4GB', { share: 0.1, atMost: 4e9 }],
    ['100% up to 4GB', { share: 1, atMost: 4e9 }],
  ])('memory: %s', (written, kept) => {
    const { memory } = settingsOf(`reserve: {memory: ${written}}`).reserve;
    expect(memory).toEqual(kept);
    expect(settingsOf(`reserve: {memory: ${writeKept(memory)}}`).reserve.memory).toEqual(kept);
  });

  it.each([
    ['1', { share: 1, atMost: 1 }],
    ['0.25', { share: 1, atMost: 0.25 }],
    ['"2"', { share: 1, atMost: 2 }],
    ['25%', { share: 0.25, atMost: null }],
  ])('cpus: %s', (written, kept) => {
    expect(settingsOf(`reserve: {cpus: ${written}}`).reserve.cpus).toEqual(kept);
  });

  it('leaves the rest at its default where one is written', () => {
    const { reserve } = settingsOf('reserve: {cpus: 1}');
    expect(reserve.memory).toEqual({ share: 0.05, atMost: null });
    expect(reserve.disk).toEqual({ share: 0.05, atMost: 1e9 });
  });

  it.each(['0', '0%', '"0 %"'])('is nothing of a percentage: %s', (text) => {
    expect(settingsOf(`owner_slowdown: ${text}`).ownerSlowdown).toBe(0);
  });

  it.each([
    'reserve: {memory: much}',
    'reserve: {memory: -1}',
    'reserve: {memory: 101%}',
    'reserve: {memory: 5% up to}',
    'reserve: {memory: 5% up to 3%}',
    'reserve: {memory: 5 GB%}',
    'reserve: {cpus: 2GB}',
    'reserve: {cpus: [1]}',
    'reserve: 5%',
    'owner_slowdown: 0.01',
    'owner_slowdown: 1',
    'owner_slowdown: 120%',
    'max_pause: -1',
    'dry_run: perhaps',
  ])('is refused: %s', (text) => {
    expect(problemOf(text)).toMatch(/^expected .+, found .+/);
  });

  it.each([
    ['memory: 0.05', ': less than 1MB; did you mean 5%?'],
    ['memory: 5', ': less than 1MB; did you mean 5%?'],
    ['memory: "12.5"', ': less than 1MB; did you mean 12.5%?'],
    ['disk: 0.5', ': less than 1MB; did you mean 50%?'],
    ['disk: 5000', ': less than 1MB'],
    ['memory: 100kB', ': less than 1MB'],
    ['memory: 5% up to 2', ': less than 1MB; did you mean 2%?'],
  ])('bytes without a unit are no size: %s', (text, hint) => {
    const problem = problemOf(`reserve: {${text}}`);
    expect(problem.slice(problem.lastIndexOf(': less'))).toBe(hint);
  });

  it.each(['0', '"0"', '0B', '1MB', '1000000'])('but nothing, and a megabyte, are sizes: %s', (text) => {
    expect(settingsOf(`reserve: {memory: ${text}}`).reserve.memory.share).toBe(1);
  });

  it('unknown keys in it are named', () => {
    const result = parseSettings('reserve: {mem: 5%}');
    expect(result.warnings[0]?.message).toContain('unknown key');
  });
});

describe('the owner’s other keys', () => {
  it('are read', () => {
    const settings = settingsOf('owner_slowdown: 2.5%\nmax_pause: 1m\ndry_run: true\n');
    expect(settings).toMatchObject({ ownerSlowdown: 0.025, maxPauseMs: 60_000, dryRun: true });
  });

  it('are printed as they were written, without the noise of fractions', () => {
    for (const percent of ['0.1%', '7%', '33.3%', '100%']) {
      expect(writePercent(settingsOf(`owner_slowdown: ${percent}`).ownerSlowdown)).toBe(percent);
    }
  });
});
