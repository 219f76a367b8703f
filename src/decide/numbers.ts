/** Bytes for a reader: `1.5 GB`, in powers of a thousand. */
export function bytesText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${Math.round(bytes / 1e6)} MB`;
  return bytes >= 1000 ? `${Math.round(bytes / 1000)} kB` : `${Math.round(bytes)} B`;
}

/** A span of time for a reader: `5 s`, `3 min`, `2.5 h`. */
export function spanText(ms: number): string {
  if (ms < 120_000) return `${Math.max(0, Math.ceil(ms / 1000))} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

/** A time that something took, for a reader: with a decimal below ten seconds, for a pilot's life may be a tenth of one. */
export function tookText(ms: number): string {
  if (ms >= 120_000) return spanText(ms);
  const seconds = Math.max(0, ms / 1000);
  return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** Hours for a reader: few ones with more decimals. */
export function hoursText(hours: number): string {
  return hours === 0 ? '0' : hours.toFixed(hours >= 10 ? 1 : hours >= 0.1 ? 2 : 4);
}

/** CPUs for a reader: two decimals at most. */
export function cpusText(cpus: number): string {
  return `${Math.round(cpus * 100) / 100} CPUs`;
}

/** `1 pilot`, `2 pilots`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A share for a reader, in per cent: one decimal below ten. */
export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent < 10 ? Math.round(percent * 10) / 10 : Math.round(percent)} %`;
}
