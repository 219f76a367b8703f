import { yesOrNo } from './fields.ts';
import type { Keys } from './key.ts';

/** Whether the node learns when its owner usually needs it. */
export const learnKeys = {
  learn: {
    schema: yesOrNo(),
    preset: true,
    type: 'yes or no',
    help: 'Whether the node learns its week (what its owner takes, hour by hour), so that `planctonctl why` can tell when he usually needs it again, and no pilot is started shortly before that which would hardly be done. What was learned stays on the node.',
    examples: ['true', 'false'],
  },
} as const satisfies Keys;
