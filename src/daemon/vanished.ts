import { removedByOthers, recordOf, reportOf } from '../act/pilotEnd.ts';
import { kindNameOf, ruleFor } from '../decide/kindPolicy.ts';
import { outcomeOf, restarted, saidText } from '../decide/outcome.ts';
import { isInFlight } from '../decide/slots.ts';
import type { Policy, Sample } from '../decide/types.ts';
import type { EndReport, LifeFacts } from '../model/action.ts';
import type { Clock } from '../model/clock.ts';
import type { KnownPilot } from '../model/history.ts';
import type { Reason } from '../model/reason.ts';
import type { PilotKeeper } from '../record/pilotKeeper.ts';
import type { Tick } from './tick.ts';

/** The end of a pilot that somebody else removed, and how. */
export interface Vanished {
  readonly report: EndReport;
  readonly how: Reason;
}

const whileAway = {
  rule: 'removed',
  text: 'somebody else removed it while no daemon of ours ran',
} as const;

/**
 * Finds pilots that are not there any more though nobody of us removed them: a hand, or another program. Each has its
 * record, with its end as far as it was seen; where it was not, it is lost. Those that a daemon before this one knew may
 * have been recorded by it: that is looked up first.
 */
export class VanishedPilots {
  readonly #keep: PilotKeeper;
  readonly #clock: Clock;
  readonly #tell: (vanished: Vanished) => void;
  readonly #lookedUp = new Set<string>();
  #before: Sample | null = null;

  constructor(keep: PilotKeeper, clock: Clock, tell: (vanished: Vanished) => void) {
    this.#keep = keep;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Takes one tick; nothing is concluded while the engine has not listed what it has. */
  look({ sample, policy }: Pick<Tick, 'sample' | 'policy'>): void {
    const before = this.#before;
    this.#before = sample;
    if (!sample.engine.listed) return;
    for (const known of this.#keep.missing()) {
      if (isRemovedByUs(before, sample, known.name)) continue;
      if (this.#keep.wasMet(known.id)) this.#record(known, policy);
      else void this.#lookUp(known, policy);
    }
  }

  async #lookUp(known: KnownPilot, policy: Policy): Promise<void> {
    if (this.#lookedUp.has(known.id)) return;
    this.#lookedUp.add(known.id);
    if (!(await this.#keep.isRecorded(known.id))) this.#record(known, policy);
  }

  #record(known: KnownPilot, policy: Policy): void {
    const { id, end, startedAtWallMs } = known;
    const how = this.#keep.wasSeen(id) ? removedByOthers : whileAway;
    const wallMs = this.#clock.wallMs();
    const life = lifeOf(known, how);
    const report = reportOf(
      { name: known.name, outcome: null, life, detail: null, endedNow: false },
      ({ kind }, end) => outcomeOf(ruleFor(policy, kindNameOf(policy, kind)), end),
      wallMs,
    );
    const record = recordOf(id, report, null, life, this.#keep.surroundingsOf(id, null), wallMs);
    this.#keep.record(record, true);
    const livedMs = end?.livedMs ?? Math.max(0, wallMs - (startedAtWallMs ?? wallMs));
    this.#tell({ report: { ...report, livedMs }, how });
  }
}

function lifeOf({ kind, end, asked }: KnownPilot, how: Reason): LifeFacts {
  const withEngine = end?.engineRestart === true ? restarted : null;
  const isUnseen = end === null && asked === null;
  return {
    kind,
    why: asked?.why ?? withEngine ?? (isUnseen ? how : null),
    said: saidText(end?.said ?? null),
    end,
    ...(asked === null ? {} : { asked: asked.outcome }),
    ran: true,
  };
}

function isRemovedByUs(before: Sample | null, now: Sample, name: string): boolean {
  const isDone = now.results.some(
    ({ action }) => (action.do === 'reap' || action.do === 'remove') && action.name === name,
  );
  return isDone || (before !== null && isInFlight(before, 'remove', name)) || isInFlight(now, 'remove', name);
}
