import { type Field, parts, type TellFault } from './fields.ts';
import { describeFound, type KeyPath } from './problem.ts';

/** What holds for the names of a kind's variables, or of its labels. */
interface Naming {
  /** What one of them is called. */
  readonly what: string;
  /** For editors: what a name may look like. */
  readonly pattern: string;
  /** What is wrong with a name, in a few words; null for nothing. */
  readonly faultOf: (name: string) => string | null;
  /** What is wrong with a value that is text; nothing ever where this is not told. */
  readonly faultOfValue?: (value: string) => string | null;
}

/**
 * The most that all names and values of one kind may have. The kernel takes 128 KiB in one variable (`MAX_ARG_STRLEN`),
 * and each kind's are kept in memory.
 */
const mostBytes = 131_072;

const reservedVariables = /^(PLANCTON_.*|MACHINEFEATURES|JOBFEATURES)$/;

/** Variables of a pilot's environment: a mapping, or a list of `NAME=value`. Their values are never shown. */
export function variables(): Field<Readonly<Record<string, string>>> {
  return namedTexts({
    what: 'variable',
    pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
    faultOf: (name) => {
      if (!/^[A-Za-z_]\w*$/.test(name) || name === '__proto__') {
        return 'no name of a variable: letters, digits and _, the first of them no digit';
      }
      return reservedVariables.test(name) ? 'Plancton itself sets this variable' : null;
    },
  });
}

/** Labels of a pilot's container: a mapping, or a list of `name=value`. */
export function labels(): Field<Readonly<Record<string, string>>> {
  return namedTexts({
    what: 'label',
    pattern: '^[A-Za-z0-9_][A-Za-z0-9_./-]*$',
    faultOf: (name) => {
      if (!/^\w[\w./-]{0,254}$/.test(name) || name === '__proto__') {
        return 'no name of a label: letters, digits, ., _, / and -, such as org.example.team';
      }
      return /^io\.plancton\./i.test(name) ? 'labels that begin with io.plancton. are Plancton’s own' : null;
    },
  });
}

/** What stands on the points of our own series: nobody else's tag may take its place. */
const ownTags = ['hostname', 'kind', 'outcome', 'reason', 'verb', 'result', 'started', 'killed'];

/** Tags of all points that go to a database: a mapping, or a list of `name=value`. */
export function tags(): Field<Readonly<Record<string, string>>> {
  return namedTexts({
    what: 'tag',
    pattern: '^[A-Za-z][A-Za-z0-9_.-]*$',
    faultOf: (name) => {
      // InfluxDB keeps names that begin with _ for itself, and has `time` as a column of each point.
      if (!/^[A-Za-z][\w.-]{0,63}$/.test(name) || name === 'time')
        return 'no name of a tag: at most 64 letters, digits, _, . and -, the first of them a letter';
      return ownTags.includes(name) ? 'Plancton itself sets this tag' : null;
    },
    faultOfValue: (value) => {
      if (value === '' || /[\n\r\\]/.test(value))
        return 'expected a word or words, without line ends or backslashes';
      return value.length > 256 ? 'expected at most 256 characters' : null;
    },
  });
}

function namedTexts({
  what,
  pattern,
  faultOf,
  faultOfValue: faultOfText,
}: Naming): Field<Readonly<Record<string, string>>> {
  const shape = {
    anyOf: [
      {
        type: 'object',
        propertyNames: { pattern },
        additionalProperties: { type: ['string', 'number', 'boolean'] },
      },
      { type: 'array', items: { type: 'string', pattern: '=' } },
    ],
  };
  return parts(shape, (raw, tell) => {
    const named = new Map<string, string>();
    for (const { path, name, value } of entriesOf(raw, what, tell)) {
      const fault =
        faultOf(name) ??
        faultOfValue(value) ??
        faultOfText?.(String(value)) ??
        (named.has(name) ? 'given more than once' : null);
      if (fault !== null) tell(path, fault);
      named.set(name, String(value));
    }
    const bytes = [...named].reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value) + 2, 0);
    if (bytes > mostBytes) tell([], `${bytes} bytes in all: ${mostBytes} are the most`);
    return Object.fromEntries(named);
  });
}

interface Entry {
  readonly path: KeyPath;
  readonly name: string;
  readonly value: unknown;
}

function entriesOf(raw: unknown, what: string, tell: TellFault): readonly Entry[] {
  if (Array.isArray(raw)) {
    return raw.flatMap((entry: unknown, index) => {
      const [, name, value] = typeof entry === 'string' ? (/^([^=]+)=(.*)$/s.exec(entry) ?? []) : [];
      if (name !== undefined && value !== undefined) return [{ path: [index], name, value }];
      tell([index], 'expected NAME=value, found something else, which is not shown: it may be a secret');
      return [];
    });
  }
  if (typeof raw === 'object' && raw !== null) {
    return Object.entries(raw).map(([name, value]: [string, unknown]) => ({ path: [name], name, value }));
  }
  const found = typeof raw === 'string' ? 'text' : describeFound(raw);
  tell([], `expected a mapping with a value for each ${what}, or a list of NAME=value, found ${found}`);
  return [];
}

/** Numbers and truth values have been made text before, as they are written. */
function faultOfValue(value: unknown): string | null {
  if (value === null) return 'expected text, found null: for an empty value write ""';
  if (typeof value !== 'string') return `expected text, found ${describeFound(value)}`;
  return value.includes('\0') ? 'no value has a zero byte' : null;
}
