import { expect, it } from 'vitest';
import { Narrator } from '../../src/daemon/narrate.ts';
import { emptyMemory } from '../../src/decide/types.ts';
import type { Action } from '../../src/model/action.ts';

const why = { rule: 'memory', text: '200 MB available, 400 MB are reserved' } as const;
const common = { id: 'a', name: 'plancton-worker-aaaaaa', why };

function told(action: Action): string {
  const lines: string[] = [];
  const note =
    (level: string) =>
    (message: string): void =>
      void lines.push(`${level} ${message}`);
  const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const result = { action, ok: true, fact: null, error: '', fault: null, tookMs: 12 };
  new Narrator(log).result(result, true, 0);
  return lines.join('\n');
}

it.each([
  [{ do: 'shrink', cpus: 0.25, ...common }, 'info plancton-worker-aaaaaa may use 0.25 CPUs now'],
  [{ do: 'shrink', cpus: null, ...common }, 'info plancton-worker-aaaaaa may use all of its CPUs again'],
  [{ do: 'pause', ...common }, 'info paused plancton-worker-aaaaaa'],
  [{ do: 'thaw', ...common }, 'info thawed plancton-worker-aaaaaa'],
  [
    { do: 'reclaim', bytes: 5e8, ...common },
    'info asked the kernel to swap out up to 500 MB of plancton-worker-aaaaaa',
  ],
  [{ do: 'kill', ...common }, 'warn killed plancton-worker-aaaaaa through its cgroup'],
] as const)('the log tells each rung of relief, and why: $do', (action, text) => {
  expect(told(action)).toBe(`${text}: ${why.text}`);
});

it('tells of which kind a pilot is that starts, unless there are no kinds', () => {
  const start = (kind: string): Action => ({
    do: 'start',
    kind,
    name: 'plancton-worker-aaaaaa',
    why: 'growth',
  });
  expect(told(start('cms'))).toBe('info started plancton-worker-aaaaaa of kind cms (growth) in 12 ms');
  expect(told(start('default'))).toBe('info started plancton-worker-aaaaaa (growth) in 12 ms');
});

it('tells what a dry run would do when it is another thing, not at each tick', () => {
  const lines: string[] = [];
  const quiet = (): void => undefined;
  const log = {
    debug: quiet,
    warn: quiet,
    error: quiet,
    info: (message: string) => void lines.push(message),
  };
  const narrator = new Narrator(log);
  const decided = (withheld: readonly Action[]): void => {
    const counts = { running: 0, unmanaged: 0, refusals: [], clear: [], exit: null };
    narrator.decided({ ...counts, actions: [], withheld, memory: emptyMemory }, 0, 0);
  };
  const start = (name: string): Action => ({ do: 'start', kind: 'default', name, why: 'growth' });
  decided([start('a'), start('b')]);
  decided([start('c'), start('d')]);
  decided([start('e')]);
  decided([]);
  decided([start('f'), { do: 'pause', ...common }]);
  expect(lines).toEqual([
    'dry run: would start 2 pilots: growth',
    'dry run: would start 1 pilot: growth',
    'dry run: would start 1 pilot: growth',
    'dry run: would pause 1 pilot: 200 MB available, 400 MB are reserved',
  ]);
});

it('tells a drain at once and once in each main_sleep, though ticks come a moment early', () => {
  const lines: string[] = [];
  const note = (message: string): void => void lines.push(message);
  const narrator = new Narrator({ debug: note, info: note, warn: note, error: note });
  const tellAt = (nowMs: number, drain: boolean): string[] => {
    lines.length = 0;
    narrator.control({ drain, stop: false, forceStop: false }, nowMs, 2000);
    return [...lines];
  };
  const phrase = 'draining: no new containers will be started';
  const early = [0, 999.6, 1999.2, 2998.8, 3998.4, 4998, 5997.6];
  expect(early.map((atMs) => tellAt(atMs, true))).toEqual([
    [phrase],
    [],
    [phrase],
    [],
    [phrase],
    [],
    [phrase],
  ]);
  expect(tellAt(6100, false)).toEqual(['drain is over: containers will be started again']);
  expect(tellAt(6200, false)).toEqual([]);
  expect(tellAt(6300, true)).toEqual([phrase]);
});

it('remembers the last hundred things that it told of, and which of them was done', () => {
  const quiet = (): void => undefined;
  const narrator = new Narrator({ debug: quiet, info: quiet, warn: quiet, error: quiet });
  expect([narrator.words.lastDone, narrator.words.all]).toEqual([null, []]);
  const pause = (name: string): Action => ({ do: 'pause', ...common, name });
  const result = { ok: true, fact: null, error: '', fault: null, tookMs: 12 };
  for (let serial = 1; serial <= 120; serial += 1)
    narrator.result({ ...result, action: pause(`pilot${serial}`) }, true, serial);
  const refusals = [{ rule: 'cpu', text: 'the owner uses 2 CPUs' } as const];
  const decision = {
    running: 0,
    unmanaged: 0,
    clear: [],
    exit: null,
    actions: [],
    withheld: [],
    memory: emptyMemory,
  };
  for (const nowMs of [0, 1000, 2000, 3000]) narrator.decided({ ...decision, refusals }, nowMs, 200 + nowMs);
  const { all, lastDone } = narrator.words;
  expect([all.length, all[0]?.text, all.at(-1)]).toEqual([
    100,
    `paused pilot22: ${why.text}`,
    { text: 'no further pilot: the owner uses 2 CPUs', atWallMs: 2200 },
  ]);
  expect(lastDone).toEqual({ text: `paused pilot120: ${why.text}`, atWallMs: 120 });
});
