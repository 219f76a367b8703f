import { describe, expect, it } from 'vitest';
import { createTick } from '../../src/daemon/tick.ts';
import type { Action } from '../../src/model/action.ts';
import { createNode } from '../../src/sample/node.ts';
import { engineWith, noControl, policy, running, slotsOf, withRules } from '../decide/world.ts';
import { addTo, type Files, hybrid, idOf, info, instance, legacyMemory, treeOf } from '../sample/tree.ts';

const count = 40;
const numbers = Array.from({ length: count }, (_, index) => index);
const name = (number: number): string => `p${String(number).padStart(2, '0')}`;
/** They have run for hours when they are first seen, all of them for the same time. */
const startMs = 10_000_000;

function held(number: number, bytes: number): Files {
  const folder = idOf(number);
  return {
    [`/sys/fs/cgroup/cpuacct/plancton-00000001/${folder}/cpuacct.usage`]: '5000000\n',
    [`/sys/fs/cgroup/memory/plancton-00000001/${folder}/memory.stat`]: legacyMemory(bytes),
  };
}

function meminfo(availableMegabytes: number): Files {
  const kilobytes = availableMegabytes * 1000;
  return { '/proc/meminfo': `MemTotal: 64000000 kB\nMemAvailable: ${kilobytes} kB\n` };
}

/** The counters of four CPUs on which nothing has run since the first look. */
function idleUntil(ms: number): Files {
  return { '/proc/stat': `cpu  100 0 0 ${300 + ((ms - startMs) / 10) * 4} 0 0 0 0 0 0\n` };
}

interface Looks {
  readonly look: (seconds: number) => Action[];
  readonly change: (files: Files) => void;
  /** Another configuration is in force. */
  readonly configure: () => void;
  /** Somebody, or a time server, sets the clock of the wall. */
  readonly setClock: (stepMs: number) => void;
  /** How many of the looks were decided on. */
  readonly decisions: () => number;
}

/** A node with many pilots of 50 MB, looked at once a second; each look gives what is done. */
function looked(): Looks {
  const files = Object.assign({}, ...numbers.map((number) => held(number, 50e6))) as Files;
  const root = treeOf({ ...hybrid, ...meminfo(30_000), ...files });
  const node = createNode(root, 0);
  node.useEngine(info, instance);
  const pilots = numbers.map((number) => running(name(number), 0, { id: idOf(number) }));
  const engine = engineWith(pilots);
  const activities = new Map();
  const begun: Action[] = [];
  let nowMs = startMs;
  let stepMs = 0;
  let decisions = 0;
  let inForce: readonly object[] = [{}];
  const tick = createTick(
    {
      host: node,
      clock: { nowMs: () => nowMs, wallMs: () => nowMs + stepMs },
      actor: {
        begin: (action) => begun.push(action),
        inFlight: () => [],
        takeResults: () => [],
        settle: async () => undefined,
      },
      engineView: () => engine,
      control: () => noControl,
      terminating: () => false,
      leavesEngine: () => false,
      inForce: () => inForce,
      policy: () => withRules(policy, { limit: count }),
      remember: (memory) => memory,
      week: () => null,
      logRates: () => new Map(),
      activities: () => activities,
      newName: () => 'nobody',
      save: () => undefined,
      learn: () => undefined,
      lookAgain: () => undefined,
      record: () => {
        decisions += 1;
      },
    },
    slotsOf(...pilots.map((pilot) => pilot.name)),
  );
  return {
    look(seconds) {
      begun.length = 0;
      for (let second = 0; second < seconds; second++) {
        addTo(root, idleUntil(nowMs));
        tick();
        nowMs += 1000;
      }
      return [...begun];
    },
    change: (changed) => addTo(root, changed),
    configure() {
      inForce = [{}];
    },
    setClock(step) {
      stepMs += step;
    },
    decisions: () => decisions,
  };
}

describe('a shortage of memory among many pilots', () => {
  it('has the one end that has just grown, and not those that were small when they were last read', () => {
    const { look, change } = looked();
    expect(look(70)).toEqual([]);
    // The reserve is 5 % of 64 GB, 3277 MB.
    change({ ...held(33, 2.3e9), ...meminfo(1200) });
    const stops = look(1).filter((action) => action.do === 'stop');
    expect(stops).toMatchObject([{ name: name(33), why: { rule: 'memory' } }]);
  });

  it('that is only near has nobody end', () => {
    const { look, change } = looked();
    change(meminfo(4000));
    expect(look(5)).toEqual([]);
  });
});

describe('looks at a node on which nothing moves', () => {
  it('are decided on one in five, and at once when something has moved or other rules are in force', () => {
    const { look, change, configure, decisions } = looked();
    look(70);
    const settled = decisions();
    look(50);
    expect(decisions() - settled).toBeLessThanOrEqual(12);
    change({ ...meminfo(29_000), ...held(1, 50e6) });
    const before = decisions();
    look(1);
    configure();
    look(1);
    expect(decisions() - before).toBeGreaterThan(0);
  });
});

describe('a clock that is set by a day', () => {
  const dayMs = 86_400_000;

  it.each([
    ['forth', dayMs],
    ['back', -dayMs],
  ])('%s has no pilot end, though each has less than that of its max_ttl left', (_, stepMs) => {
    const { look, setClock, configure } = looked();
    expect(policy.kinds[0]?.ttlMs).toBeLessThan(dayMs);
    look(70);
    setClock(stepMs);
    // What is decided now is not left at an earlier decision.
    configure();
    expect(look(10)).toEqual([]);
  });
});
