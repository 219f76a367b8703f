import { mayHoldPassword, notShown } from './hidden.ts';

/** Something about a configuration file that its owner should know. */
export interface Problem {
  /** Counted from 1; null where the file as a whole is meant. */
  readonly line: number | null;
  readonly column: number | null;
  /** The key, with dots for sections (`engine.url`) and brackets for entries (`binds[0]`); empty where there is none. */
  readonly key: string;
  /** One line without any secret. */
  readonly message: string;
}

/** A way into the file: keys of mappings and indexes of lists. */
export type KeyPath = readonly (string | number)[];

/** A problem as one line, such as `config.yaml:8:5 max_ttl: expected …`. */
export function formatProblem(file: string, problem: Problem): string {
  const place = problem.line === null ? file : `${file}:${problem.line}:${problem.column ?? 1}`;
  return problem.key === '' ? `${place}: ${problem.message}` : `${place} ${problem.key}: ${problem.message}`;
}

/** A way into the file as people write it: `engine.tls.ca`, `binds[0]`, `pilots[0].memory`. */
export function formatKey(path: KeyPath): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${wordOf(step)}`,
    )
    .join('');
}

/** What is no plain word may be a URL with a password, where the name of a variable should be. */
function wordOf(step: string): string {
  return /^[\w./-]{1,60}$/.test(step) ? step : '…';
}

/** Says what stands in the file: short, in one line, and without the user part of anything that looks like a URL. */
export function describeFound(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'number') return yamlNumber(value);
  if (typeof value === 'string') {
    if (mayHoldPassword(value)) return notShown;
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  }
  if (value === null || typeof value === 'boolean') return String(value);
  return 'a mapping';
}

function yamlNumber(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '.inf' : '-.inf';
}
