import { keptBytes, keptCpus, percent } from './amounts.ts';
import { duration, yesOrNo } from './fields.ts';
import { type Keys, section } from './key.ts';
import { anyLength } from './lengths.ts';

const reserveKeys = {
  cpus: {
    schema: keptCpus(),
    preset: 0,
    type: 'number of CPUs, or percentage of the node’s',
    help: 'CPUs beyond those that the owner uses.',
    examples: ['0.5', '10%'],
  },
  memory: {
    schema: keptBytes(),
    preset: '5%',
    type: 'size, or percentage of the node’s',
    help: 'Memory that stays available. Below it pilots are evicted, as many as it takes, at once.',
    examples: ['2GB', '10%', '10% up to 4GB'],
  },
  disk: {
    schema: keptBytes(),
    preset: '5% up to 1GB',
    type: 'size, or percentage of the disk',
    help: 'Space that stays free on the disk that holds the engine’s data. Below it nothing is started; `0` does not look at it.',
    examples: ['20GB', '10%'],
  },
} as const satisfies Keys;

/** What the owner of the node keeps, and how far pilots go back for him. */
export const ownerKeys = {
  reserve: {
    schema: section('cpus, memory or disk', reserveKeys),
    preset: {},
    type: 'section',
    help: 'What is left to the owner beyond what he uses. Of a percentage and a size, the lesser counts.',
    examples: ['{cpus: 1, memory: 10%, disk: 20GB}'],
    formerly: ['keep', 'reserved'],
    children: reserveKeys,
  },
  owner_slowdown: {
    schema: percent(),
    preset: '1%',
    type: 'percentage of time',
    help: 'How much of the time the owner’s tasks may wait for a CPU that a pilot has, as a mean over a minute. Beyond it pilots get less CPU, then are paused. `100%` never acts.',
    examples: ['1%', '0.2%'],
  },
  max_pause: {
    schema: duration(anyLength),
    preset: 600,
    type: 'time',
    help: 'How long a pilot stays paused for the owner’s sake before it is evicted.',
    examples: ['600', '30m'],
  },
  dry_run: {
    schema: yesOrNo(),
    preset: false,
    type: 'yes or no',
    help: 'Decides and tells everything, and does nothing: no pilot is started, paused or ended, and no image is pulled. `force-stop` is carried out all the same.',
    examples: ['true'],
  },
} as const satisfies Keys;
