import * as z from 'zod/mini';
import { parseBytes, parseNumber, parseSeconds } from './quantities.ts';
import { mayHoldPassword, notShown } from './hidden.ts';
import { describeFound, type KeyPath } from './problem.ts';

/** One value of the file: what goes in (also in JSON Schema's terms), and what comes out. */
export type Field<T> = z.ZodMiniType<T>;

/**
 * Thrown by a field's conversion: the value does not fit, and why in a few words. What they quote of it stands in double
 * quotes: where the value may hold a password, `unquoted` is said in their stead, by default the words if they quote nothing.
 */
export class Unfit extends Error {
  override readonly name = 'Unfit';
  readonly unquoted: string;

  constructor(why = '', unquoted: string = why.includes('"') ? '' : why) {
    super(why);
    this.unquoted = unquoted;
  }
}

/** Makes the message of any fault of one field from what was found. */
export type Complaint = (issue: { readonly input?: unknown }) => string;

/** A field: `input` is its shape in the file, `convert` checks and converts, by throwing `Unfit` where it must. */
export function field<I, T>(
  expected: string,
  input: (complain: Complaint) => z.ZodMiniType<I>,
  convert: (raw: I) => T,
  describe: (found: unknown) => string = describeFound,
): Field<T> {
  const complain: Complaint = ({ input }) => `expected ${expected}, found ${describe(input)}`;
  return z.pipe(
    input(complain),
    z.transform((raw: I, context) => {
      try {
        return convert(raw);
      } catch (error) {
        if (!(error instanceof Unfit)) throw error;
        const isHidden = describe(raw) === notShown || mayHoldPassword(raw);
        const why = isHidden ? error.unquoted : error.message;
        const message = `${complain({ input: raw })}${why === '' ? '' : `: ${why}`}`;
        context.issues.push({ code: 'custom', input: raw, message });
        return z.NEVER;
      }
    }),
  );
}

/** The bounds of a quantity, both allowed; `words` say them in the error. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly words: string;
  /** 0 is taken although it is below: it means something else than little. */
  readonly orZero?: true;
}

/** A length of time: a number of seconds, or text with a unit. Comes out in milliseconds. */
export function duration(bounds: Bounds): Field<number> {
  const expected = `a time ${bounds.words}, in seconds or as in 90s, 15m, 12h, 2d`;
  return quantity(expected, bounds, /^\s*\d*\.?\d*\s*[smhdw]?\s*$/, (raw) => {
    const seconds = parseSeconds(raw);
    return seconds === null ? null : { compared: seconds, value: Math.round(seconds * 1000) };
  });
}

/** An amount of memory: a number of bytes, or text with a unit. Comes out in whole bytes. */
export function size(bounds: Bounds): Field<number> {
  const expected = `a size ${bounds.words}, in bytes or as in 500MB (1000), 1.5GiB (1024)`;
  return quantity(expected, bounds, /^\s*\d*\.?\d*\s*([kKMGT]?B|[KMGT]iB)?\s*$/, (raw) => {
    const bytes = parseBytes(raw);
    return bytes === null ? null : { compared: bytes, value: bytes };
  });
}

/** A number, also in quotes. */
export function amount(expected: string, bounds: Bounds, whole: boolean): Field<number> {
  return quantity(`${expected} ${bounds.words}`, bounds, /^\s*\d*\.?\d*\s*$/, (raw) => {
    const value = typeof raw === 'number' ? raw : parseNumber(raw);
    return value === null || (whole && !Number.isInteger(value)) ? null : { compared: value, value };
  });
}

function quantity(
  expected: string,
  bounds: Bounds,
  /** For editors: what text may look like. Python's further ways to write a number are taken, but not advertised. */
  pattern: RegExp,
  parse: (raw: number | string) => { compared: number; value: number } | null,
): Field<number> {
  const input = (error: Complaint) =>
    z.union(
      [
        ...(bounds.orZero === true ? [z.literal(0, { error })] : []),
        z.number({ error }).check(z.minimum(bounds.least, { error }), z.maximum(bounds.most, { error })),
        z.string({ error }).register(z.globalRegistry, { pattern: pattern.source }),
      ],
      { error },
    );
  return field(expected, input, (raw) => {
    const parsed = parse(raw);
    if (parsed === null) throw new Unfit();
    const isWithin = parsed.compared >= bounds.least && parsed.compared <= bounds.most;
    if (!isWithin && !(bounds.orZero === true && parsed.compared === 0)) throw new Unfit();
    return parsed.value;
  });
}

const truthWords: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
]);

/** For editors; letter case matters to them only. */
const truthPattern = '^([Tt]rue|[Ff]alse|[Yy]es|[Nn]o|[Oo]n|[Oo]ff)$';

/** Yes or no, also as the words and numbers that YAML 1.1 and Python took for them. */
export function yesOrNo(): Field<boolean> {
  const input = (error: Complaint) =>
    z.union(
      [z.boolean(), z.string().register(z.globalRegistry, { pattern: truthPattern }), z.literal([0, 1])],
      {
        error,
      },
    );
  return field('true or false', input, (raw) => {
    const truth = truthWords.get(String(raw).trim().toLowerCase());
    if (truth === undefined) throw new Unfit();
    return truth;
  });
}

/** Text that `convert` accepts. */
export function text<T>(expected: string, convert: (raw: string) => T): Field<T> {
  return field(expected, (error) => z.string({ error }), convert);
}

/** Text that may hold a password, so that errors do not show any of it. */
export function secretText<T>(expected: string, convert: (raw: string) => T): Field<T> {
  const describe = (found: unknown) => (typeof found === 'string' ? notShown : describeFound(found));
  return field(expected, (error) => z.string({ error }), convert, describe);
}

/** A list, each entry of which is checked for itself. */
export function list<T>(expected: string, entry: Field<T>): Field<T[]> {
  const error: Complaint = ({ input }) => `expected ${expected}, found ${describeFound(input)}`;
  return z.array(entry, { error });
}

/** Says what is wrong with a part of a value; `path` leads there from the value itself. */
export type TellFault = (path: KeyPath, message: string) => void;

/**
 * A field of parts that are checked each for itself, so that all that is wrong with them is told at once. `shape` is what
 * editors are told of it, in JSON Schema's terms. What `convert` gives does not count once it has told a fault.
 */
export function parts<T>(
  shape: Readonly<Record<string, unknown>>,
  convert: (raw: unknown, tell: TellFault) => T,
): Field<T> {
  return z.pipe(
    z.any().register(z.globalRegistry, shape),
    z.transform((raw: unknown, context) =>
      convert(raw, (path, message) =>
        context.issues.push({ code: 'custom', input: raw, path: [...path], message }),
      ),
    ),
  );
}

/** The absolute path of something on the node. */
export function absolutePath(what: string): Field<string> {
  return text(`the absolute path of ${what}`, (raw) => {
    if (!raw.startsWith('/')) throw new Unfit('it does not begin with /');
    if (raw.includes('\0')) throw new Unfit('no path has a zero byte');
    return raw;
  });
}
