import { bytesText, spanText } from '../decide/numbers.ts';
import { ask } from './ask.ts';
import { byId, el, name as nameOf } from './elements.ts';
import type { PilotAnswer, PilotRecord } from './told.ts';
import { clockText, outcomeWord } from './words.ts';

/** What is known of a pilot, in pairs of words. */
type Facts = readonly (readonly [string, string | null])[];

/** What opens all that is known of one pilot; `running` are those of this moment. */
export function createPilotDialog(running: () => readonly PilotAnswer[]): (name: string) => void {
  const dialog = byId('pilot') as HTMLDialogElement;
  // A click beside it is one at the dialog itself: all of its inside is covered by the form.
  dialog.addEventListener('click', ({ target }) => {
    if (target === dialog) dialog.close();
  });
  return (name) => {
    const place = el('div', { class: 'facts' }, el('p', { class: 'quiet' }, 'Asking …'));
    dialog.replaceChildren(
      el(
        'form',
        { method: 'dialog' },
        el(
          'header',
          {},
          el('h2', { id: 'pilot-title' }, nameOf(name)),
          el('button', { class: 'close' }, 'Close'),
        ),
        place,
      ),
    );
    if (!dialog.open) dialog.showModal();
    const alive = running().find((one) => one.name === name);
    if (alive !== undefined) place.replaceChildren(factList(aliveFacts(alive)), howToFollow(name));
    else void showEnded(name, place);
  };
}

async function showEnded(name: string, place: HTMLElement): Promise<void> {
  const answer = await ask<PilotRecord>(`api/pilot?name=${encodeURIComponent(name)}`);
  if (!answer.ok) {
    place.replaceChildren(
      el('p', { class: 'quiet' }, answer.status === 0 ? 'The daemon does not answer.' : answer.text),
    );
    return;
  }
  const log = el(
    'a',
    { href: `api/log?name=${encodeURIComponent(name)}`, target: '_blank', rel: 'noopener' },
    'What it wrote',
  );
  place.replaceChildren(
    factList(endedFacts(answer.value)),
    el('p', {}, log, ' (the end of its log, in a tab of its own)'),
  );
}

function howToFollow(name: string): HTMLElement {
  return el('p', {}, 'What it writes, while it runs: ', el('code', {}, `planctonctl logs ${name} -f`));
}

function factList(facts: Facts): HTMLElement {
  return el(
    'dl',
    {},
    ...facts.flatMap(([what, text]) =>
      text === null || text === '' ? [] : [el('dt', {}, what), el('dd', {}, text)],
    ),
  );
}

const some = <T>(value: T | null, text: (value: T) => string): string | null =>
  value === null ? null : text(value);

function aliveFacts(pilot: PilotAnswer): Facts {
  return [
    ['Kind', pilot.kind],
    ['State', pilot.state],
    ['Running for', some(pilot.ageSeconds, (value) => spanText(value * 1000))],
    ['CPUs', some(pilot.cpus, (value) => value.toFixed(2))],
    ['CPU time', some(pilot.cpuSeconds, (value) => spanText(value * 1000))],
    ['Memory', some(pilot.memoryBytes, bytesText)],
    ['Time left', some(pilot.ttlLeftSeconds, (value) => spanText(value * 1000))],
    ['Container', pilot.id],
    ['Trouble', pilot.trouble ?? null],
  ];
}

function endedFacts(record: PilotRecord): Facts {
  const { startedAtWallMs: startMs, endedAtWallMs: endMs, exitCode, signal, outOfMemory, reason } = record;
  const code = [some(exitCode, String), signal, outOfMemory ? 'out of memory' : null].filter(
    (one) => one !== null,
  );
  return [
    ['Kind', record.kind],
    ['Outcome', outcomeWord(record.outcome)],
    ['Why', reason === null ? null : `${reason.text} (${reason.rule})`],
    ['It said', record.said],
    ['Exit code', code.join(', ')],
    ['Started', some(startMs, (ms) => clockText(ms, Date.now(), true))],
    ['Ended', clockText(endMs, Date.now(), true)],
    ['Lived', some(startMs, (ms) => spanText(endMs - ms))],
    ['Paused', record.pausedMs === 0 ? null : spanText(record.pausedMs)],
    ['CPU time', some(record.cpuMs, spanText)],
    ['Most memory', some(record.peakMemoryBytes, bytesText)],
    ['Image', record.imageDigest ?? record.imageId],
    ['Container', record.id],
  ];
}
