import type { StallCounters } from '../model/host.ts';
import { known, type Reading, unknown } from '../model/reading.ts';

function totalMicroseconds(text: string, which: 'some' | 'full'): number | null {
  const match = new RegExp(`^${which} .*\\btotal=(\\d+)`, 'm').exec(text);
  return match === null ? null : Number(match[1]);
}

/**
 * Parses a pressure file (Documentation/accounting/psi.rst): `total` is stall time since boot in microseconds.
 * A CPU file before Linux 5.13 has no `full` line: that is 0, as the kernel's own file says since.
 */
export function parsePressure(text: string, label: string): Reading<StallCounters> {
  const some = totalMicroseconds(text, 'some');
  if (some === null) return unknown(`${label}: no total of "some"`);
  return known({ someMs: some / 1000, fullMs: (totalMicroseconds(text, 'full') ?? 0) / 1000 });
}
