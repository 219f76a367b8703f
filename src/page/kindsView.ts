import { percentText, spanText } from '../decide/numbers.ts';
import { byId, el } from './elements.ts';
import { createTable } from './table.ts';
import type { GoneKind, KindsAnswer, KindStanding } from './told.ts';

type Kind = KindStanding | GoneKind;

const stateWords: Readonly<Record<string, string>> = {
  'no-image': 'no image',
  'backing-off': 'backs off',
  probing: 'tries whether there is work',
  'held-back': 'held back',
};
const standing = (kind: Kind): KindStanding | null => (kind.state === 'gone' ? null : kind);

/** The kinds, and how each fares; gives what shows them. */
export function createKindsView(): (answer: KindsAnswer | null) => void {
  const table = createTable<Kind>({
    caption: 'Kinds of pilots, what each wants and what it got',
    key: ({ name, state }) => `${state === 'gone' ? 'gone' : 'here'} ${name ?? ''}`,
    empty: 'Nothing is known of kinds yet.',
    columns: [
      {
        title: 'Kind',
        text: ({ name }) => name ?? '–',
        by: ({ name }) => name,
        within: () => el('bdi', { class: 'name' }),
      },
      {
        title: 'State',
        text: ({ state }) => stateWords[state] ?? state,
        by: ({ state }) => state,
        mark: ({ state }) => state,
        within: () => el('span', { class: 'mark' }),
      },
      { title: 'Running', text: runningText, by: ({ running }) => running, isNumber: true },
      {
        title: 'Share wanted',
        text: (kind) => shareText(standing(kind)?.wantedShare),
        by: (kind) => standing(kind)?.wantedShare ?? null,
        isNumber: true,
      },
      {
        title: 'Got',
        text: (kind) => shareText(standing(kind)?.gotShare),
        by: (kind) => standing(kind)?.gotShare ?? null,
        isNumber: true,
      },
      {
        title: 'Next try in',
        text: (kind) => waitText(standing(kind)),
        by: (kind) => standing(kind)?.nextStartInMs ?? null,
        isNumber: true,
      },
      { title: 'Remarks', text: remarkOf },
    ],
  });
  byId('kinds').replaceChildren(table.element);
  return (answer) => table.show(answer?.kinds ?? []);
}

function runningText(kind: Kind): string {
  const max = standing(kind)?.max ?? null;
  return max === null ? String(kind.running) : `${kind.running} of ${max}`;
}

function shareText(share: number | null | undefined): string {
  return share === null || share === undefined ? '–' : percentText(share);
}

function waitText(kind: KindStanding | null): string {
  return kind === null || kind.nextStartInMs === null ? '–' : spanText(kind.nextStartInMs);
}

function remarkOf(kind: Kind): string {
  if (kind.state === 'gone') return 'the configuration has no such kind: its pilots go as they end';
  const { reason, toRenew, fruitless } = kind;
  return [
    ...(reason === '' ? [] : [reason]),
    ...(fruitless === 0 || reason !== '' ? [] : [`${fruitless} in a row were fruitless`]),
    ...(toRenew === 0 ? [] : [`${toRenew} to be renewed`]),
  ].join('; ');
}
