import { afterAll, beforeAll, describe } from 'vitest';
import type { Engine, PilotSpec } from '../../src/model/engine.ts';
import type { Kind } from '../../src/model/kind.ts';
import { kindOf } from '../support/kinds.ts';
import { contractOfCreation } from './contractOfCreation.ts';
import { contractOfEvents } from './contractOfEvents.ts';
import { contractOfImages } from './contractOfImages.ts';
import { contractOfLife } from './contractOfLife.ts';
import { contractOfLogs } from './contractOfLogs.ts';
import { contractOfRecipe } from './contractOfRecipe.ts';
import type { EngineHarness } from './engineHarness.ts';

/** What each part of the contract works with; the harness is there once the suite runs. */
export interface Contract {
  readonly signal: AbortSignal;
  readonly harness: () => EngineHarness;
  readonly engine: () => Engine;
  /** A recipe with a name of its own, labelled `plancton-test=contract`. */
  readonly spec: (kind?: Partial<Kind>, labels?: Readonly<Record<string, string>>) => PilotSpec;
  /** Makes and starts a pilot of this command; gives its id. */
  readonly started: (command: readonly string[]) => Promise<string>;
}

/** A pilot that says it is ready, and ends with 7 when it is given notice. */
export const heedful = ['sh', '-c', "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done"];
/** A pilot that says it is ready, and pays no heed to notice. */
export const heedless = ['sh', '-c', "trap '' TERM; echo ready; while :; do sleep 0.05; done"];

/** What every engine has to do; run against the fake, Docker and Podman alike. */
export function engineContract(name: string, makeHarness: () => Promise<EngineHarness>): void {
  describe(`an engine (${name})`, () => {
    let made: EngineHarness | null = null;
    let serial = 0;
    const harness = (): EngineHarness => {
      if (made === null) {
        throw new Error('the engine did not start');
      }
      return made;
    };
    const contract: Contract = {
      signal: new AbortController().signal,
      harness,
      engine: () => harness().engine,
      spec: (changed = {}, labels = {}) => {
        serial += 1;
        return {
          name: `plancton-contract-${serial}`,
          hostname: `contract-${serial}`,
          kind: kindOf({ image: harness().image, networkMode: harness().networkMode, ...changed }),
          env: {},
          binds: [],
          labels: { 'plancton-test': 'contract', ...labels },
          cgroupParent: null,
        };
      },
      started: async (command) => {
        const { engine } = harness();
        const id = await engine.create(contract.spec({ command }), contract.signal);
        await engine.start(id, contract.signal);
        return id;
      },
    };

    beforeAll(async () => {
      made = await makeHarness();
      await made.engine.connect(contract.signal);
    });
    afterAll(async () => {
      await made?.stop();
    });

    contractOfCreation(contract);
    contractOfRecipe(contract);
    contractOfLife(contract);
    contractOfLogs(contract);
    contractOfImages(contract);
    // The last of these loses the engine.
    contractOfEvents(contract);
  });
}
