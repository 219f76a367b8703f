import { byId, el, setText } from './elements.ts';
import type { DecisionsAnswer, WhyAnswer } from './told.ts';
import { clockText } from './words.ts';

/** Shows why there are so many pilots, in the words of `planctonctl why`. */
export function showWhy(why: WhyAnswer | null): void {
  const place = byId('why');
  if (why === null) return;
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ['One more', why.more],
    ['One fewer', why.fewer],
    ['Relief', why.ladder.length === 0 ? ['the owner is not disturbed'] : why.ladder],
    ['Account', [why.account, ...(why.forecast === null ? [] : [why.forecast.sentence])]],
  ];
  const sentences = JSON.stringify(parts.map(([, texts]) => texts.length));
  // As long as there are as many sentences, only their texts change.
  if (place.dataset['shape'] !== sentences) {
    place.dataset['shape'] = sentences;
    place.replaceChildren(
      el('p', { class: 'lead' }),
      ...parts.flatMap(([title, texts]) =>
        texts.length === 0 ? [] : [el('h3', {}, title), el('ul', {}, ...texts.map(() => el('li')))],
      ),
    );
  }
  const lead = place.querySelector<HTMLElement>('.lead');
  if (lead !== null) setText(lead, why.now);
  const texts = parts.flatMap(([, all]) => all);
  for (const [index, item] of place.querySelectorAll<HTMLElement>('li').entries())
    setText(item, texts[index] ?? '');
}

const mostShown = 100;

/** Shows what was done and decided lately, the newest first. */
export function showDecisions(answer: DecisionsAnswer | null, nowMs: number): void {
  const place = byId('decisions');
  const decisions = answer?.decisions.slice(0, mostShown) ?? [];
  const newest = JSON.stringify([decisions.length, decisions[0] ?? null]);
  if (decisions.length === 0 || place.dataset['newest'] === newest) return;
  place.dataset['newest'] = newest;
  const items = decisions.map(({ at, text }) => {
    const time = el('time', { datetime: at }, clockText(Date.parse(at), nowMs, true));
    return el('li', {}, time, ' ', el('bdi', {}, text));
  });
  const list = el(
    'ol',
    { class: 'said', tabindex: '0', 'aria-label': 'What was done, the newest first' },
    ...items,
  );
  place.replaceChildren(list);
}
