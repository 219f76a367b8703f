import type { Action } from '../model/action.ts';
import type { Reason } from '../model/reason.ts';
import { spanText } from './numbers.ts';
import type { Policy, Sample } from './types.ts';

const firstRetryMs = 10_000;
/** Without any image no pilot runs: its appearance is worth a question each 10 min. */
const longestRetryWithoutMs = 600_000;
/** With one there, pilots run meanwhile. */
const longestRetryMs = 3_600_000;
/**
 * Where a local image could serve them, pilots wait for the registry's first answer at most this long: one that answers
 * says within a second that nothing is newer, and a small image has come by then.
 */
const patienceMs = 3000;

/** Waiting time after this many fruitless pulls in a row: 10 s doubling to `longestMs`, and at least 10 s. */
export function pullRetryMs(failures: number, longestMs: number): number {
  if (failures <= 0) return 0;
  return Math.max(firstRetryMs, Math.min(longestMs, firstRetryMs * 2 ** Math.min(failures - 1, 16)));
}

function pullInFlightSince(sample: Sample): number | null {
  return sample.inFlight.find(({ action }) => action.do === 'pull')?.sinceMs ?? null;
}

/** Why no pilot can be started from the image as it is; null when one can. */
export function imageBlocker(policy: Policy, sample: Sample): Reason | null {
  // It is not even asked for.
  if (policy.limit === 0) return null;
  const { image } = sample.engine;
  const pullingSince = pullInFlightSince(sample);
  const pulling = pullingSince === null ? '' : `pulling for ${spanText(sample.atMs - pullingSince)}`;
  if (!image.checked) return { rule: 'image', text: `looking for image ${image.reference}` };
  if (image.id === null) {
    const why = pulling !== '' ? pulling : image.error !== '' ? image.error : 'not pulled yet';
    return { rule: 'image', text: `image ${image.reference} is not there: ${why}` };
  }
  // A try that failed, before a restart of the daemon too, has shown that nothing is to be waited for.
  const neverTried = image.pulledAtMs === null && image.failedPulls === 0;
  const patient = pullingSince === null || sample.atMs - pullingSince < patienceMs;
  // A dry run pulls nothing, so that waiting for it would tell nothing else for ever.
  return neverTried && patient && !policy.dryRun
    ? { rule: 'image', text: `image ${image.reference}: ${pulling || 'about to be pulled'}` }
    : null;
}

/** Pulls what is missing or has expired, unless no pilot may start of it anyway, and lets go of images that a pull replaced and no pilot uses. */
export function imageActions(policy: Policy, sample: Sample): Action[] {
  const { engine, atMs } = sample;
  if (engine.state !== 'answering' || !engine.image.checked) return [];
  const used = new Set(engine.pilots.map((pilot) => pilot.imageId));
  const actions: Action[] = engine.image.superseded
    .filter(({ id }) => !used.has(id) && engine.listed && id !== engine.image.id)
    .filter(({ notBeforeMs }) => atMs >= notBeforeMs)
    .map(({ id, reference }) => ({ do: 'remove-image', imageId: id, reference }));
  const mayStart = policy.limit > 0 && !sample.control.drain;
  const why = mayStart ? dueFor(policy, sample) : null;
  if (why !== null && pullInFlightSince(sample) === null && retryIsDue(policy, sample)) {
    actions.push({ do: 'pull', reference: engine.image.reference, why });
  }
  return actions;
}

function dueFor(policy: Policy, sample: Sample): string | null {
  const { image } = sample.engine;
  if (image.id === null) return 'it is not there';
  if (image.pulledAtMs === null) return 'it has not been pulled since the node started';
  const ageMs = sample.atMs - image.pulledAtMs;
  return ageMs >= policy.imageExpirationMs ? `it was pulled ${spanText(ageMs)} ago (image_expiration)` : null;
}

function retryIsDue(policy: Policy, sample: Sample): boolean {
  const { image } = sample.engine;
  if (image.lastFailureAtMs === null || image.failedPulls === 0) return true;
  const longestMs =
    image.id === null ? longestRetryWithoutMs : Math.min(longestRetryMs, policy.imageExpirationMs);
  return sample.atMs - image.lastFailureAtMs >= pullRetryMs(image.failedPulls, longestMs);
}
