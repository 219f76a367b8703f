import { bytesText, spanText } from '../decide/numbers.ts';
import { byId, el } from './elements.ts';
import { type Column, createTable } from './table.ts';
import type { EndedPilot, PilotAnswer, PilotsAnswer, PsAnswer } from './told.ts';
import { clockText, orDash, outcomeWord } from './words.ts';

const seconds = (value: number): string => spanText(value * 1000);

/** A name that opens what is known of its pilot. */
function nameColumn<T extends { readonly name: string }>(onPilot: (name: string) => void): Column<T> {
  return {
    title: 'Pilot',
    text: (row) => row.name,
    by: (row) => row.name,
    within: (row) => {
      const button = el('button', { type: 'button', class: 'name' });
      button.addEventListener('click', () => onPilot(row.name));
      return button;
    },
  };
}

const kindColumn = <T extends { readonly kind: string | null }>(): Column<T> => ({
  title: 'Kind',
  text: ({ kind }) => kind ?? '–',
  by: ({ kind }) => kind,
  within: () => el('bdi', { class: 'name' }),
});

/** The pilots that there are now; gives what shows them. */
export function createRunningView(onPilot: (name: string) => void): (answer: PsAnswer | null) => void {
  const table = createTable<PilotAnswer>({
    caption: 'Pilots now',
    key: ({ id }) => id,
    empty: 'No pilot is there now.',
    sorted: { title: 'Running for', isDown: true },
    columns: [
      nameColumn(onPilot),
      kindColumn(),
      {
        title: 'State',
        text: ({ state }) => state,
        by: ({ state }) => state,
        mark: ({ state }) => state,
        within: () => el('span', { class: 'mark' }),
      },
      {
        title: 'Running for',
        text: ({ ageSeconds }) => orDash(ageSeconds, seconds),
        by: ({ ageSeconds }) => ageSeconds,
        isNumber: true,
      },
      {
        title: 'CPUs',
        text: ({ cpus }) => orDash(cpus, (value) => value.toFixed(2)),
        by: ({ cpus }) => cpus,
        isNumber: true,
      },
      {
        title: 'Memory',
        text: ({ memoryBytes }) => orDash(memoryBytes, bytesText),
        by: ({ memoryBytes }) => memoryBytes,
        isNumber: true,
      },
      {
        title: 'Time left',
        text: ({ ttlLeftSeconds }) => orDash(ttlLeftSeconds, seconds),
        by: ({ ttlLeftSeconds }) => ttlLeftSeconds,
        isNumber: true,
      },
      { title: 'Remarks', text: remarkOf },
    ],
  });
  byId('running').replaceChildren(table.element);
  return (answer) => table.show(answer?.pilots ?? []);
}

function remarkOf({ managed, toRenew, trouble }: PilotAnswer): string {
  return [
    ...(managed ? [] : ['no proof of being ours']),
    ...(toRenew ? ['to be renewed'] : []),
    ...(trouble === undefined ? [] : [trouble]),
  ].join('; ');
}

/** The pilots that ended; gives what shows them. */
export function createEndedView(
  onPilot: (name: string) => void,
): (answer: PilotsAnswer, nowMs: number) => void {
  let nowMs = 0;
  const table = createTable<EndedPilot>({
    caption: 'Pilots that ended',
    key: ({ name, endMs }) => `${name} ${endMs}`,
    empty: 'No pilot has ended in this time.',
    sorted: { title: 'Ended', isDown: true },
    pageRows: 25,
    columns: [
      nameColumn(onPilot),
      kindColumn(),
      {
        title: 'Outcome',
        text: ({ outcome }) => outcomeWord(outcome),
        by: ({ outcome }) => outcome,
        mark: ({ outcome }) => outcome,
        within: () => el('span', { class: 'mark' }),
      },
      {
        title: 'Ended',
        text: ({ endMs }) => clockText(endMs, nowMs, true),
        by: ({ endMs }) => endMs,
        isNumber: true,
      },
      { title: 'Lived', text: (pilot) => orDash(livedMs(pilot), spanText), by: livedMs, isNumber: true },
      {
        title: 'CPU time',
        text: ({ cpuMs }) => orDash(cpuMs, spanText),
        by: ({ cpuMs }) => cpuMs,
        isNumber: true,
      },
      { title: 'Why', text: ({ why }) => why ?? '' },
    ],
  });
  byId('ended').replaceChildren(table.element);
  return (answer, now) => {
    nowMs = now;
    table.show(answer.ended);
  };
}

function livedMs({ startMs, endMs }: EndedPilot): number | null {
  return startMs === null ? null : endMs - startMs;
}
