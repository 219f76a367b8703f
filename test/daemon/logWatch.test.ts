import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createLogWatch } from '../../src/daemon/logWatch.ts';
import { rulesIn, rulesText } from '../../src/daemon/pilotRules.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { engineWith, running } from '../decide/world.ts';
import { engineInfo } from '../support/engineInfo.ts';
import { kindOf } from '../support/kinds.ts';

it('watches the logs of pilots that were started with a bound, whatever their kind says now', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plancton-logwatch-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const bound = (name: string, logRateBytes: number | null): Pilot => {
    const rules = rulesIn(rulesText(kindOf({ logRateBytes })), 1);
    return running(name, 0, { kind: 'a', ...(rules === null ? {} : { rules }) });
  };
  const pilots = [
    bound('bounded', 1),
    bound('unbounded', null),
    running('bare', 0, { kind: 'a' }),
    running('other', 0, { kind: 'b' }),
  ];
  const write = (id: string): void => {
    mkdirSync(join(folder, 'containers', id), { recursive: true });
    appendFileSync(join(folder, 'containers', id, `${id}-json.log`), 'x'.repeat(1000));
  };
  const engine = engineWith(pilots, { info: { ...engineInfo, dataFolder: folder } });
  const watchedBy = (kinds: Parameters<typeof createLogWatch>[0]): string[] => {
    const watch = createLogWatch(kinds);
    for (const nowMs of [1000, 2000, 3000, 4000, 5000]) {
      for (const { id } of pilots) write(id);
      const rates = watch(engine, nowMs);
      if (nowMs === 5000) return [...rates.keys()];
    }
    return [];
  };
  const ofKinds = (a: number | null, b: number | null) => () => [
    kindOf({ name: 'a', logRateBytes: a }),
    kindOf({ name: 'b', logRateBytes: b }),
  ];
  expect(watchedBy(ofKinds(null, null))).toEqual(['id-bounded']);
  expect(watchedBy(ofKinds(5, null))).toEqual(['id-bounded', 'id-bare']);
  expect(watchedBy(ofKinds(5, 5))).toEqual(['id-bounded', 'id-bare', 'id-other']);
});
