/** What is known of one check. */
export interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  /** Numbers of a check that passed, or why it did not. */
  readonly text: string;
}

/** Follows the report that comes out of a virtual machine. */
export interface Verdict {
  /** Takes a line; gives the outcome that it tells of, if it does. */
  take(line: string): Outcome | null;
  /** Checks that never told how they went. */
  missing(): readonly string[];
  outcomes(): readonly Outcome[];
  /** Lines that are not outcomes: what the scenario shows of its machine when something failed. */
  readonly rest: readonly string[];
}

/**
 * A report has a line for each check, `ok NAME: NUMBERS` or `not ok NAME: WHY`; of two for one check a failure counts.
 * A name that nobody expects fails: the scenario and the one who reads it have to agree.
 */
export function followReport(expected: readonly string[]): Verdict {
  const outcomes = new Map<string, Outcome>();
  const rest: string[] = [];
  return {
    take(line) {
      const told = /^(ok|not ok) ([^:]+)(?:: (.*))?$/.exec(line.trimEnd());
      if (told === null) {
        rest.push(line.trimEnd());
        return null;
      }
      const [, word, name = '', text = ''] = told;
      const known = expected.includes(name);
      const outcome = known
        ? { name, ok: word === 'ok', text }
        : { name, ok: false, text: `nobody knows this check (${text})` };
      if (outcomes.get(name)?.ok !== false) outcomes.set(name, outcome);
      return outcome;
    },
    missing: () => expected.filter((name) => !outcomes.has(name)),
    outcomes: () => [...outcomes.values()],
    rest,
  };
}
