import { pilotPrefix } from '../daemon/ownership.ts';
import { UserFault } from './fault.ts';

/** Most names that are listed where several fit. */
const mostListed = 5;

/**
 * The one of these names that is meant by what the user wrote: a whole name, its last six letters, or the beginning of
 * either; null where none fits. Throws `UserFault` where several do.
 */
export function pilotMeant(written: string, names: readonly string[]): string | null {
  const [whole] = names.filter((name) => name === written || name === pilotPrefix + written);
  if (whole !== undefined) return whole;
  const fitting = names.filter(
    (name) => written !== '' && (name.startsWith(written) || name.startsWith(pilotPrefix + written)),
  );
  if (fitting.length < 2) return fitting[0] ?? null;
  const more = fitting.length > mostListed ? `, and ${fitting.length - mostListed} more` : '';
  throw new UserFault(
    `${written} may be any of ${fitting.slice(0, mostListed).join(', ')}${more}: write more of it`,
  );
}
