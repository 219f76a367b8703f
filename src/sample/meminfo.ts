import type { MemoryLevels } from '../model/host.ts';
import { numberAfter } from './lines.ts';
import { known, type Reading, unknown } from '../model/reading.ts';

function kilobytes(text: string, key: string): number | null {
  const isFirst = text.startsWith(`${key}:`);
  const amount = numberAfter(isFirst ? `\n${text}` : text, `\n${key}:`, ' kB\n');
  return Number.isNaN(amount) ? null : amount * 1024;
}

/** Parses `/proc/meminfo` (proc(5)). MemAvailable is there since Linux 3.14; without it we are blind. */
export function parseMeminfo(text: string): Reading<MemoryLevels> {
  const totalBytes = kilobytes(text, 'MemTotal');
  const availableBytes = kilobytes(text, 'MemAvailable');
  if (totalBytes === null || totalBytes === 0) return unknown('/proc/meminfo: no MemTotal');
  if (availableBytes === null) return unknown('/proc/meminfo: no MemAvailable');
  return known({
    totalBytes,
    availableBytes,
    swapTotalBytes: kilobytes(text, 'SwapTotal') ?? 0,
    swapFreeBytes: kilobytes(text, 'SwapFree') ?? 0,
  });
}
