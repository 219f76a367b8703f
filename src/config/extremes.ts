import type { Finding } from './crossCheck.ts';
import { keys, type ParsedFile } from './schema.ts';

const secondMs = 1000;

/**
 * Puts something sensible in the place of what the original took and nobody should have to the letter: zeros, mostly.
 * Each is told. `original` below is what it did with them; it looked at everything once in each `main_sleep`.
 */
export function withoutExtremes(written: ParsedFile): { file: ParsedFile; remarks: Finding[] } {
  const remarks: Finding[] = [];
  const say = (key: keyof ParsedFile, message: string): void => void remarks.push({ path: [key], message });
  const file = { ...written };

  // original: no sleep between its loops, and whole seconds else
  if (written.main_sleep < secondMs) {
    file.main_sleep = secondMs;
    say('main_sleep', 'less than a second is taken as 1 s: the node is looked at each second');
  }
  // original: done in each loop
  for (const key of ['updateconfig', 'image_expiration', 'max_ttl'] as const) {
    if (written[key] >= secondMs) continue;
    file[key] = file.main_sleep;
    const never = key === 'updateconfig' ? '' : ` (for never, write a long time such as ${key}: 10000d)`;
    say(key, `less than a second is taken as main_sleep, ${file.main_sleep / secondMs} s${never}`);
  }
  // original: no limit. A guest without one can take all of the owner's memory.
  if (written.max_dock_mem === 0) {
    file.max_dock_mem = keys.max_dock_mem.preset;
    say(
      'max_dock_mem',
      `a pilot without a limit is not to be had: 0 is taken as the default, ${file.max_dock_mem}`,
    );
  }
  if (written.docks_per_loop === 0) say('docks_per_loop', 'with 0 nothing is started, as with max_docks: 0');
  return { file, remarks };
}

/**
 * original: with no start in a loop there was never one, whatever `max_docks` said. Nor is there one where `pilots` is
 * empty and no kind is made of the keys at the top (`recipeIsWritten`).
 */
export function startsNothing(file: ParsedFile, recipeIsWritten: boolean): boolean {
  return file.docks_per_loop === 0 || hasNoKind(file, recipeIsWritten);
}

/** Whether the file says that there is no kind of pilot at all. */
export function hasNoKind(file: ParsedFile, recipeIsWritten: boolean): boolean {
  return file.pilots?.length === 0 && !recipeIsWritten;
}
