import { roomBeside } from '../decide/beforeReturn.ts';
import { type Profile, updateProfile, type WeekMoment } from '../decide/profile.ts';
import { profileLines, profileSentence } from '../decide/profileText.ts';
import type { Week } from '../decide/types.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import { mapReading, readingOr, type Reading } from '../model/reading.ts';
import type { Settings } from '../model/settings.ts';
import { createProfileStore, type ProfileStore, weekMoment } from './profileStore.ts';
import type { Tick } from './tick.ts';

type LearnSettings = Pick<Settings, 'learn' | 'signs'>;

/** What the profile says, for `why`. */
export interface Forecast {
  readonly sentence: string;
  /** The week at a glance. */
  readonly week: readonly string[];
}

/** Learns the node's week from its ticks, where learning is on. What it knows stays on the node. */
export class Learner {
  readonly #store: ProfileStore;
  readonly #clock: Clock;
  readonly #settings: () => LearnSettings;
  #profile: Profile;
  #seenAtMs: number | null = null;

  constructor(parts: { stateFolder: string; log: Log; clock: Clock; settings: () => LearnSettings }) {
    this.#store = createProfileStore(parts.stateFolder, parts.log);
    this.#clock = parts.clock;
    this.#settings = parts.settings;
    this.#profile = this.#store.load();
  }

  /** Takes what one tick saw of the owner. */
  note({ seen, sample, policy }: Tick): void {
    const nowMs = sample.atMs;
    const elapsedMs = nowMs - (this.#seenAtMs ?? nowMs);
    this.#seenAtMs = nowMs;
    if (!this.#settings().learn || !policy.nodeIsEngines) return;
    const cpuShare: Reading<number> = seen.ownerIsExact
      ? mapReading(seen.ownerCpus, (cpus) => cpus / sample.host.cpuCount)
      : { known: false, reason: 'pilots cannot be told apart from the owner' };
    const { hourOfWeek } = sample.week?.now ?? this.#moment();
    const use = { cpuShare, memoryBytes: seen.ownerMemoryBytes };
    this.#profile = updateProfile(this.#profile, hourOfWeek, use, elapsedMs);
    this.#store.saveSometimes(this.#profile, nowMs);
  }

  /** The owner's week as far as it is known, and where in it this is; null where learning is off. */
  week(): Week | null {
    return this.#settings().learn ? { profile: this.#profile, now: this.#moment() } : null;
  }

  /** What is usual on this node, as far as it is known; null where learning is off. */
  forecast({ sample, policy, seen, decision }: Tick): Forecast | null {
    if (!this.#settings().learn) return null;
    const { cpuCount, memory } = sample.host;
    // The room of those that there are; without any, that of a first one.
    const isEmpty = decision.memory.slots.every((slot) => slot.pilot === null);
    const room = roomBeside(policy, seen, decision.memory, isEmpty ? 1 : 0);
    const memoryBytes = readingOr(
      mapReading(memory, (levels) => levels.totalBytes),
      Number.POSITIVE_INFINITY,
    );
    return {
      sentence: profileSentence(this.#profile, this.#moment(), room, cpuCount),
      week: profileLines(this.#profile, memoryBytes),
    };
  }

  close(): void {
    if (this.#settings().learn) this.#store.save(this.#profile);
  }

  #moment(): WeekMoment {
    return weekMoment(this.#clock.wallMs(), this.#settings().signs.zones.own);
  }
}
