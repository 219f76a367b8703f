import * as z from 'zod/mini';
import type { Kept } from '../model/reserve.ts';
import { type Complaint, type Field, field, Unfit } from './fields.ts';
import { parseBytes, parseNumber } from './quantities.ts';

/** Parses `1%`, `0.5 %`. A share from 0 to 1; null for anything else. */
export function parsePercent(raw: string): number | null {
  const match = /^\s*(.*?)\s*%\s*$/.exec(raw);
  const percent = parseNumber(match?.[1] ?? '');
  if (percent === null || percent < 0 || percent > 100) return null;
  // Rounded, so that what is printed of it is what was written.
  return Number((percent / 100).toPrecision(12));
}

/** A share, written in per cent: a bare number could as well mean a fraction. Nothing is 0 either way. */
export function percent(): Field<number> {
  const input = (error: Complaint) => z.union([z.literal(0, { error }), z.string({ error })], { error });
  return field('a percentage from 0% to 100%', input, (raw) => {
    const share = raw === 0 ? 0 : parsePercent(raw);
    if (share === null) throw new Unfit();
    return share;
  });
}

/** CPUs that are kept: a number of them, or a percentage of the node's. */
export function keptCpus(): Field<Kept> {
  return kept('a number of CPUs from 0 to 100000, or a percentage as in 10%', 100_000, (raw) =>
    typeof raw === 'number' ? raw : parseNumber(raw),
  );
}

/** To keep less than this is to keep nothing: whoever writes it has left out a unit. */
const leastBytes = 1e6;

/** Bytes that are kept: a size, a percentage of what there is, or both, of which the lesser counts. */
export function keptBytes(): Field<Kept> {
  return kept('a size as in 2GB, a percentage as in 5%, or both as in 5% up to 2GB', 2 ** 60, (raw) => {
    const bytes = parseBytes(raw);
    const written = typeof raw === 'number' ? raw : (parseNumber(raw) ?? bytes);
    if (bytes === null || written === null || written <= 0 || bytes >= leastBytes) return bytes;
    throw new Unfit(`less than 1MB${written < 100 ? `; did you mean ${asPercent(written)}?` : ''}`);
  });
}

/** What a bare number may have meant: a part of one, or per cent. */
function asPercent(written: number): string {
  return written < 1 ? writePercent(written) : `${written}%`;
}

function kept(
  expected: string,
  most: number,
  parseAmount: (raw: number | string) => number | null,
): Field<Kept> {
  const amountOf = (raw: number | string): number => {
    const amount = parseAmount(raw);
    if (amount === null || !(amount >= 0 && amount <= most)) throw new Unfit();
    return amount;
  };
  const input = (error: Complaint) => z.union([z.number({ error }), z.string({ error })], { error });
  return field(expected, input, (raw) => {
    if (typeof raw === 'number' || !raw.includes('%')) return { share: 1, atMost: amountOf(raw) };
    const [, share = '', atMost] = /^(.*?%)(?:\s*up to\s+(.*))?\s*$/.exec(raw) ?? [];
    const parsed = parsePercent(share);
    if (parsed === null) throw new Unfit();
    return { share: parsed, atMost: atMost === undefined ? null : amountOf(atMost) };
  });
}

/** A share as it is written in the file. */
export function writePercent(share: number): string {
  return `${Number((share * 100).toPrecision(12))}%`;
}

/** What is kept, as it is written in the file. */
export function writeKept({ share, atMost }: Kept): string | number {
  if (atMost === null) return writePercent(share);
  return share === 1 ? atMost : `${writePercent(share)} up to ${atMost}`;
}
