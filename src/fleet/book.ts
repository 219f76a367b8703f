import type { FleetAnswer, FleetDay, FleetNode, FleetPastDay, FleetStep } from '../model/fleet.ts';
import { type FleetQuestion, silentAfterMs } from './question.ts';

type Open<T> = { -readonly [Key in keyof T]: T[Key] };

/** Sums as they come in; `endedByOutcome` is open, too. */
export type OpenDay = Omit<Open<FleetDay>, 'endedByOutcome'> & {
  readonly endedByOutcome: Map<string, number>;
};

/** What is found out about one node. */
export type NodeDraft = Omit<Open<FleetNode>, 'node' | 'state' | 'running' | 'runningByKind' | 'today'> & {
  /** Its word for what it does: `active`, `draining` or `waiting`. */
  status: string | null;
  readonly runningByKind: Map<string, number>;
  readonly today: OpenDay;
};

/** Gathers what a database tells of a fleet, in whatever order, and makes the answer of it. */
export class FleetBook {
  readonly #nodes = new Map<string, NodeDraft>();
  readonly #steps = new Map<number, Open<FleetStep>>();
  readonly #days: (OpenDay & { readonly fromMs: number; readonly toMs: number })[] = [];

  /** A node was heard at this time; its last one counts. */
  heard(name: string, atMs: number): NodeDraft {
    const known = this.#nodes.get(name);
    if (known === undefined) {
      const draft = emptyNode(atMs);
      this.#nodes.set(name, draft);
      return draft;
    }
    known.lastSeenMs = Math.max(known.lastSeenMs, atMs);
    return known;
  }

  /** A node that was heard; undefined for any other. */
  node(name: string): NodeDraft | undefined {
    return this.#nodes.get(name);
  }

  /** Names of the nodes that were heard. */
  names(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  step(fromMs: number): Open<FleetStep> {
    const known = this.#steps.get(fromMs);
    if (known !== undefined) return known;
    const step = { fromMs, nodes: null, running: null, pilotsCpus: null, ownerCpus: null, cpus: null };
    this.#steps.set(fromMs, step);
    return step;
  }

  /** A day of the whole fleet; to be called in their order. */
  day(fromMs: number, toMs: number): OpenDay {
    const day = { fromMs, toMs, ...emptyDay() };
    this.#days.push(day);
    return day;
  }

  /** `nameOf` gives a node's name for people, of that by which the database knows it. */
  answer(
    { nowMs, forgetMs }: FleetQuestion,
    source: string,
    nameOf: (name: string) => string = (name) => name,
  ): FleetAnswer {
    const nodes = [...this.#nodes]
      .filter(([, { lastSeenMs }]) => lastSeenMs >= nowMs - forgetMs)
      .map(([name, draft]) => nodeOf(nameOf(name), draft, nowMs));
    const days = this.#days.map(
      (day): FleetPastDay => ({ fromMs: day.fromMs, toMs: day.toMs, ...closed(day) }),
    );
    return {
      askedMs: nowMs,
      source,
      nodes: nodes.toSorted((a, b) => (a.node < b.node ? -1 : 1)),
      course: [...this.#steps.values()].toSorted((a, b) => a.fromMs - b.fromMs),
      ...(days.length === 0 ? {} : { days }),
    };
  }
}

function nodeOf(node: string, draft: NodeDraft, nowMs: number): FleetNode {
  const { status, runningByKind, today, paceMs = null, ...told } = draft;
  const isSilent = nowMs - draft.lastSeenMs > silentAfterMs(paceMs);
  const counts = [...runningByKind.values()];
  return {
    node,
    state: isSilent ? 'silent' : status === 'draining' ? 'draining' : 'alive',
    ...told,
    paceMs,
    engineAnswers: status === null ? null : status !== 'waiting',
    running: counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0),
    runningByKind: Object.fromEntries(runningByKind),
    today: closed(today),
  };
}

function closed({ pilotsCpuHours, ownerCpuHours, started, endedByOutcome }: OpenDay): FleetDay {
  return { pilotsCpuHours, ownerCpuHours, started, endedByOutcome: Object.fromEntries(endedByOutcome) };
}

function emptyNode(lastSeenMs: number): NodeDraft {
  return {
    lastSeenMs,
    version: null,
    paceMs: null,
    status: null,
    cpus: null,
    ownerCpus: null,
    pilotsCpus: null,
    limit: null,
    runningByKind: new Map(),
    today: emptyDay(),
  };
}

function emptyDay(): OpenDay {
  return { pilotsCpuHours: null, ownerCpuHours: null, started: null, endedByOutcome: new Map() };
}
