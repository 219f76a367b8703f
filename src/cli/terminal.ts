import { styleText } from 'node:util';

/** Where something is written, as far as it matters for how. */
export interface Outlet {
  readonly isTTY?: boolean;
}

/** The environment, as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type Style = Parameters<typeof styleText>[0];

/**
 * Whether what is written there may be coloured: on a terminal that is none of paper (`TERM=dumb`), unless `NO_COLOR` is set
 * (https://no-color.org); elsewhere where `FORCE_COLOR` wants it. Where both are set, nobody is surprised by no colour.
 */
export function wantsColour(outlet: Outlet, env: Environment): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const force = env['FORCE_COLOR'] ?? '';
  if (force !== '') return force !== '0' && force !== 'false';
  return canDraw(outlet, env);
}

/** Whether it is a terminal with a cursor that can be moved. */
export function canDraw({ isTTY }: Outlet, env: Environment): boolean {
  return isTTY === true && !['', 'dumb', 'unknown'].includes(env['TERM'] ?? '');
}

/** Whether its reader knows UTF-8, by the first of the locale's variables that is set (locale(7)). */
export function knowsUtf8(env: Environment): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => (value ?? '') !== '') ?? '';
  return /utf-?8/i.test(locale);
}

/** Gives text a style. */
export type Paint = (style: Style, text: string) => string;

/** No style at all. */
export const plain: Paint = (_, text) => text;

/** Colours text for this outlet, or leaves it as it is. */
export function painter(outlet: Outlet, env: Environment = process.env): Paint {
  return wantsColour(outlet, env)
    ? (style, text) => (text === '' ? '' : styleText(style, text, { validateStream: false }))
    : plain;
}
