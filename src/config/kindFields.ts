import * as z from 'zod/mini';
import type { GpuRequest, ToldOutcome, Ulimit } from '../model/kind.ts';
import { type Field, field, parts, type TellFault, Unfit } from './fields.ts';
import { didYouMean } from './nearest.ts';
import { describeFound } from './problem.ts';
import { parseBytes, parseNumber } from './quantities.ts';

/** The names of limits that engines take (Docker leaves out `as`). */
const limitNames =
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(
    ' ',
  );
const limitPattern = '^(-1|unlimited|[0-9]{1,15})(:(-1|unlimited|[0-9]{1,15}))?$';

/** `ulimits`: a mapping of names to `n` or `soft:hard`. */
export function ulimits(): Field<readonly Ulimit[]> {
  const limit = {
    anyOf: [
      { type: 'integer', minimum: -1 },
      { type: 'string', pattern: limitPattern },
    ],
  };
  const properties = Object.fromEntries(limitNames.map((name) => [name, limit]));
  return parts({ type: 'object', properties, additionalProperties: false }, (raw, tell) =>
    entriesOf(raw, 'limits, as in {nofile: 1024:4096}', tell).map(([name, value]) => {
      if (!limitNames.includes(name))
        tell(
          [name],
          `no limit that engines know${didYouMean(name, limitNames) || `: ${limitNames.join(', ')}`}`,
        );
      const written = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
      const [, soft = '', , hard = soft] = new RegExp(limitPattern).exec(written) ?? [];
      const parsed = { name, soft: limitOf(soft), hard: limitOf(hard) };
      if (soft === '') {
        const expected = 'a whole number, soft:hard, or unlimited';
        tell([name], `expected ${expected}, found ${describeFound(value)}`);
      } else if (orEndless(parsed.soft) > orEndless(parsed.hard)) {
        tell([name], `the soft limit ${soft} is above the hard one, ${hard}`);
      }
      return parsed;
    }),
  );
}

function limitOf(written: string): number {
  return written === 'unlimited' ? -1 : Number(written);
}

function orEndless(limit: number): number {
  return limit === -1 ? Number.POSITIVE_INFINITY : limit;
}

/** A limit as it is written in the file. */
export function writeUlimit({ soft, hard }: Ulimit): number | string {
  return soft === hard ? soft : `${soft}:${hard}`;
}

const toldOutcomes: readonly string[] = ['finished', 'failed', 'no-work'] satisfies readonly ToldOutcome[];
const highestCode = 255;

/** `outcomes`: a mapping of exit codes to what they stand for. */
export function outcomes(): Field<Readonly<Record<string, ToldOutcome>>> {
  const shape = {
    type: 'object',
    patternProperties: { '^[0-9]{1,3}$': { enum: toldOutcomes } },
    additionalProperties: false,
  };
  return parts(shape, (raw, tell) =>
    Object.fromEntries(
      entriesOf(raw, 'outcomes of exit codes, as in {75: no-work}', tell).map(([code, outcome]) => {
        if (!/^\d{1,3}$/.test(code) || Number(code) > highestCode)
          tell([code], `expected an exit code from 0 to ${highestCode}`);
        if (typeof outcome !== 'string' || !toldOutcomes.includes(outcome)) {
          const near = typeof outcome === 'string' ? didYouMean(outcome, toldOutcomes) : '';
          tell([code], `expected ${toldOutcomes.join(', ')}, found ${describeFound(outcome)}${near}`);
        }
        return [String(Number(code)), outcome as ToldOutcome] as const;
      }),
    ),
  );
}

function entriesOf(raw: unknown, expected: string, tell: TellFault): readonly [string, unknown][] {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return Object.entries(raw);
  tell([], `expected a mapping with ${expected}, found ${describeFound(raw)}`);
  return [];
}

/** More than any node has. */
const mostGpus = 64;

/** `gpus`: how many, `all`, or which. */
export function gpus(): Field<GpuRequest | null> {
  return field(
    `a number of GPUs from 0 to ${mostGpus}, all, or a list of their ids`,
    (error) =>
      z.union(
        [
          z.number({ error }).check(z.minimum(0, { error }), z.maximum(mostGpus, { error })),
          z.string({ error }),
          z.array(z.string({ error }), { error }),
        ],
        { error },
      ),
    (raw) => {
      if (Array.isArray(raw)) return { count: 0, ids: raw.map(gpuId) };
      if (typeof raw === 'string' && raw.trim() === 'all') return { count: 'all', ids: [] };
      const count = typeof raw === 'string' ? parseNumber(raw) : raw;
      if (count === null || !Number.isInteger(count) || count < 0 || count > mostGpus) throw new Unfit();
      return count === 0 ? null : { count, ids: [] };
    },
  );
}

function gpuId(raw: string): string {
  if (!/^\w[\w.:/=-]{0,127}$/.test(raw)) throw new Unfit('an id is such as 0 or GPU-8f2c…');
  return raw;
}

/** GPUs as they are written in the file. */
export function writeGpus(request: GpuRequest | null): number | string | readonly string[] | null {
  if (request === null) return null;
  return request.ids.length > 0 ? request.ids : request.count;
}

const mostBytesPerSecond = 1e12;

/** `log_rate`: bytes a second, or `none`, which is null. */
export function rate(): Field<number | null> {
  return field(
    'a size per second as in 5MB or 500kB/s, or none',
    (error) => z.union([z.number({ error }).check(z.minimum(1, { error })), z.string({ error })], { error }),
    (raw) => {
      if (typeof raw === 'string' && raw.trim() === 'none') return null;
      const bytes = parseBytes(typeof raw === 'string' ? raw.replace(/\s*\/\s*s\s*$/, '') : raw);
      if (bytes === null || !(bytes >= 1 && bytes <= mostBytesPerSecond)) throw new Unfit();
      return bytes;
    },
  );
}
