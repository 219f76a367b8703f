import { counted, hoursText, percentText } from '../decide/numbers.ts';
import type { Settings } from '../model/settings.ts';
import type { TapeFrame } from '../model/tape.ts';
import type { Comparison, KnownLives } from '../replay/replay.ts';

/** What notes are made of. */
export interface Noted {
  readonly comparison: Comparison;
  readonly inForce: Settings;
  readonly proposed: Settings;
  readonly frames: Iterable<TapeFrame>;
}

/** With fewer lives than this that nobody ended, what the pilots of a kind are like is a guess. */
const fewLives = 10;

/** A model whose harvest differs by more than this part from what was has not met the node. */
const farOff = 0.2;

/** What the reader of a replay has to know: how good the model is, and what it cannot know. */
export function notesOf({ comparison, inForce, proposed, frames }: Noted): readonly string[] {
  const seen = whatWasSeen(frames);
  return [
    calibration(comparison),
    ...proposed.kinds.flatMap((kind) => livesNote(kind.name, comparison.lives[kind.name])),
    ...signNotes(proposed, inForce, seen),
    ...(seen.isExact
      ? []
      : [
          'part of the time pilots could not be told apart from the owner: what he took is an upper bound there',
        ]),
    ...(isStronger(proposed, inForce)
      ? [`cpu_class ${proposed.cpuClass} is taken as had: whether the kernel gives it was not tried`]
      : []),
    ...(inForce.dryRun || proposed.dryRun
      ? ['dry_run is passed over: pilots start and end in the model']
      : []),
    ...(proposed.learn || inForce.learn
      ? ["the owner's week is what is known of it today, that of the recording included"]
      : []),
    'what pilots wait for beside CPUs (storage, network) is as it was, and the owner takes what he took',
  ];
}

/** How far the model is from what was, with the configuration that was, if it was the same all the time. */
function calibration({ recorded, inForce }: Comparison): string {
  const share =
    recorded.harvestedCpuHours === 0 ? null : inForce.harvestedCpuHours / recorded.harvestedCpuHours - 1;
  const more =
    share === null || Math.abs(share) < 5e-4
      ? ''
      : ` (${share < 0 ? '-' : '+'}${percentText(Math.abs(share))})`;
  const harvest = `${hoursText(inForce.harvestedCpuHours)} CPU hours where ${hoursText(recorded.harvestedCpuHours)} were${more}`;
  const evictions = `${inForce.ends.evicted ?? 0} evictions where there were ${recorded.ends.evicted ?? 0}`;
  const verdict =
    share !== null && Math.abs(share) > farOff
      ? 'that is far off, and what it says of the other one may be as well, unless another was in force for a part of the time'
      : 'so far it is to be believed, if that was in force all the time';
  return `by the configuration in force the model has ${harvest} and ${evictions}: ${verdict}`;
}

function livesNote(kind: string, known: KnownLives | undefined): readonly string[] {
  if (known === undefined || known.lives === 0)
    return [
      `of kind ${kind} no pilot has ended that was recorded: its pilots take all that they may until their ttl`,
    ];
  if (known.whole >= fewLives) return [];
  return [
    `of kind ${kind} ${counted(known.whole, 'pilot')} of ${known.lives} ended by themselves: how long they need is a guess`,
  ];
}

/** Signs that a recording has. */
interface Seen {
  readonly signs: ReadonlySet<string>;
  readonly isExact: boolean;
}

function whatWasSeen(frames: Iterable<TapeFrame>): Seen {
  const signs = new Set<string>();
  let isExact = true;
  for (const frame of frames) {
    isExact &&= frame.ownerIsExact;
    if (frame.userIdleMs !== undefined) signs.add('user');
    if (frame.onBattery !== undefined) signs.add('battery');
    if (frame.programs !== undefined) signs.add('programs');
    if (frame.temperatureC !== undefined) signs.add('temperature');
  }
  return { signs, isExact };
}

function signNotes({ signs }: Settings, inForce: Settings, seen: Seen): readonly string[] {
  const missing = [
    ...(signs.user && !seen.signs.has('user') ? ['yield_to_user'] : []),
    ...(signs.battery && !seen.signs.has('battery') ? ['yield_on_battery'] : []),
    ...(signs.maxTemperatureC !== null && !seen.signs.has('temperature') ? ['max_temperature'] : []),
    ...(signs.programs.some((name) => !inForce.signs.programs.includes(name)) ? ['yield_to_programs'] : []),
  ];
  if (missing.length === 0) return [];
  return [`${missing.join(', ')} cannot be replayed: nobody asked for it while this was recorded`];
}

function isStronger(proposed: Settings, inForce: Settings): boolean {
  const order = ['normal', 'low', 'idle'];
  return order.indexOf(proposed.cpuClass) > order.indexOf(inForce.cpuClass);
}
