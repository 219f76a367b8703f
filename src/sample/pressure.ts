import type { StallCounters } from '../model/host.ts';
import { numberAfter } from './lines.ts';
import { known, type Reading, unknown } from '../model/reading.ts';

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=1234`, one line for each of the two. */
function totalMicroseconds(text: string, which: 'some' | 'full'): number | null {
  const line = text.startsWith(`${which} `) ? 0 : text.indexOf(`\n${which} `);
  if (line < 0) return null;
  const end = text.indexOf('\n', line + 1);
  const total = end < 0 ? Number.NaN : numberAfter(text.slice(line, end + 1), ' total=', '\n', 1);
  return Number.isNaN(total) ? null : total;
}

/**
 * Parses a pressure file (Documentation/accounting/psi.rst): `total` is stall time since boot in microseconds.
 * A CPU file before Linux 5.13 has no `full` line: that is 0, as the kernel's own file says since.
 */
export function parsePressure(text: string, label: string): Reading<StallCounters> {
  const some = totalMicroseconds(text, 'some');
  if (some === null) return unknown(`${label}: no total of "some"`);
  const full = text.includes('\nfull ') ? totalMicroseconds(text, 'full') : 0;
  if (full === null) return unknown(`${label}: no total of "full"`);
  return known({ someMs: some / 1000, fullMs: full / 1000 });
}
