import type { Action } from '../model/action.ts';
import { counted } from './numbers.ts';

/**
 * What a dry run keeps from being done, a line for each sort of it, with the reason of the first: names of pilots that
 * are only thought of change with each tick, and would tell nothing.
 */
export function withheldTexts(actions: readonly Action[]): string[] {
  const sorts = new Map<string, { count: number; why: string }>();
  for (const action of actions) {
    const verb = verbOf(action);
    const before = sorts.get(verb);
    sorts.set(verb, { count: (before?.count ?? 0) + 1, why: before?.why ?? reasonOf(action) });
  }
  return [...sorts].map(([verb, { count, why }]) => {
    const what = verb.endsWith('image') ? verb : `${verb} ${counted(count, 'pilot')}`;
    return why === '' ? `would ${what}` : `would ${what}: ${why}`;
  });
}

function verbOf(action: Action): string {
  switch (action.do) {
    case 'stop':
      return action.outcome === 'expired' ? 'end' : 'evict';
    case 'reap':
    case 'remove':
    case 'discard':
      return 'remove';
    case 'shrink':
      return action.cpus === null || action.why.rule === 'pause'
        ? 'give all CPUs back to'
        : 'cut the CPUs of';
    case 'pull':
      return 'pull the image';
    case 'remove-image':
      return 'remove a superseded image';
    case 'start':
    case 'prepare':
    case 'pause':
    case 'thaw':
    case 'reclaim':
    case 'kill':
      return action.do;
  }
}

function reasonOf(action: Action): string {
  if (!('why' in action)) return '';
  return typeof action.why === 'string' ? action.why : action.why.text;
}
