import type { KernelMeans } from '../model/means.ts';
import type { Reserve } from '../model/reserve.ts';
import type { KindPolicy } from './kindPolicy.ts';

/** The rules in force, in numbers: a configuration evaluated for this node. */
export interface Policy {
  /** Most pilots at a time (`max_docks`). */
  readonly limit: number;
  /** The kinds of pilots, in the order of the file; at least one. */
  readonly kinds: readonly KindPolicy[];
  /** Of this daemon's instance: what is jittered differs from node to node. */
  readonly seed: number;
  /** Most slots that may be newly filled in one `loopMs`; refills are not counted. */
  readonly startsPerLoop: number;
  /** Pace of the legacy CPU rule (`main_sleep`). */
  readonly loopMs: number;
  /** How long the owner must have been short of CPU before pilots are evicted. */
  readonly graceKillMs: number;
  /** How long after an eviction nothing is started. */
  readonly graceSpawnMs: number;
  readonly imageExpirationMs: number;
  /** What is left to the owner beyond what he uses. */
  readonly reserve: Reserve;
  /** Share of time, 0 to 1, in which the owner's tasks may wait for a CPU that a pilot has (a mean over a minute). */
  readonly ownerSlowdown: number;
  /** How long a pilot stays paused before it is evicted. */
  readonly maxPauseMs: number;
  /** Everything is decided and told, nothing is done. */
  readonly dryRun: boolean;
  /** Somebody who touched nothing for so long has left the node. */
  readonly userAwayMs: number;
  /** Degrees Celsius above which pilots yield; `Infinity` where nobody asked. */
  readonly maxTemperatureC: number;
  /** The rungs that the ladder of relief has on this node. */
  readonly means: KernelMeans;
  /** False where the engine runs on another machine: this node's readings say nothing about its pilots. */
  readonly nodeIsEngines: boolean;
}
