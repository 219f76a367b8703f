import { spanText, tookText } from '../decide/numbers.ts';
import { outcomeOf, toldOutcome } from '../decide/outcome.ts';
import type { ContainerDetail } from '../model/engine.ts';
import type { Kind } from '../model/kind.ts';
import type { LastWord, Outcome, PilotEnd } from '../model/pilot.ts';

/** How a pilot that was tried ended. */
export interface TriedEnd {
  readonly detail: ContainerDetail;
  readonly said: LastWord | null;
  /** Why it was ended, where it did not end by itself. */
  readonly endedBy: 'ttl' | 'us' | 'log' | null;
}

/** Codes above this are 128 and the number of the signal that ended the first process. */
const firstSignalCode = 129;

/** How it would count, and an explanation of it in lines for a person. */
export function storyOf(
  kind: Kind,
  tried: TriedEnd,
): { readonly outcome: Outcome; readonly lines: string[] } {
  const { detail, said, endedBy } = tried;
  const livedMs = livedOf(detail);
  const end: PilotEnd = { exitCode: detail.exitCode, livedMs, said };
  const outcome = endedBy === 'ttl' ? 'expired' : endedBy === 'log' ? 'evicted' : outcomeOf(kind, end);
  const lines = [`It ran for ${tookText(livedMs)} and ended with ${codeText(detail)}.`];
  if (detail.outOfMemory) lines.push('It wanted more memory than its kind may have (memory).');
  if (said !== null)
    lines.push(`It said: ${[said.code, said.text].filter((part) => part !== null).join(' ')}`);
  if (endedBy === 'us')
    lines.push('It was stopped from here, which tells nothing of how it would have ended.');
  else lines.push(`That counts as ${outcome}: ${whyText(kind, end, endedBy)}.`);
  if (endedBy === null && (outcome === 'no-work' || (outcome === 'failed' && livedMs < kind.fizzleMs)))
    lines.push(
      `After it the kind would wait for about ${spanText(kind.backOff.firstMs)} (backoff), twice as long after each one more.`,
    );
  return { outcome, lines };
}

function whyText(kind: Kind, end: PilotEnd, endedBy: TriedEnd['endedBy']): string {
  if (endedBy === 'ttl') return `its time was over (ttl ${spanText(kind.ttlMs)})`;
  if (endedBy === 'log') return 'it wrote too much to its log (log_rate)';
  if (toldOutcome(kind, { ...end, exitCode: null }) !== null) return 'it said so itself';
  if (toldOutcome(kind, end) !== null) return `the kind's outcomes say so of exit code ${end.exitCode}`;
  if (end.exitCode !== 0) return 'its exit code is not 0, and outcomes says nothing of it';
  return end.livedMs < kind.fizzleMs
    ? `it lived for less than fizzle, ${spanText(kind.fizzleMs)}, and ${end.said === null ? 'said nothing' : 'what it said decides nothing'}`
    : 'its exit code is 0';
}

function codeText({ exitCode }: ContainerDetail): string {
  if (exitCode === null) return 'no exit code that the engine knows';
  const signal = exitCode >= firstSignalCode && exitCode < firstSignalCode + 64 ? exitCode - 128 : null;
  return `exit code ${exitCode}${signal === null ? '' : ` (as after signal ${signal})`}`;
}

function livedOf({ startedAtWallMs, endedAtWallMs }: ContainerDetail): number {
  return startedAtWallMs === null || endedAtWallMs === null
    ? 0
    : Math.max(0, endedAtWallMs - startedAtWallMs);
}
