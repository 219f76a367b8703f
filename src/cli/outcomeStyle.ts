import type { Outcome } from '../model/pilot.ts';
import type { Style } from './terminal.ts';

/** The colour of how a pilot's life went. */
export function outcomeStyle(outcome: Outcome): Style | undefined {
  switch (outcome) {
    case 'finished':
      return 'green';
    case 'failed':
    case 'lost':
    case 'never-started':
      return 'red';
    case 'evicted':
    case 'expired':
      return 'yellow';
    case 'no-work':
      return undefined;
  }
}
