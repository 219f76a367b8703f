import type { Action } from '../model/action.ts';
import type { Reason } from '../model/reason.ts';
import { spanText } from './numbers.ts';
import type { Policy, Sample } from './types.ts';

const firstRetryMs = 10_000;
const longestRetryMs = 600_000;
/** A pilot waits for the first pull at most this long where a local image could serve it. */
const patienceMs = 10_000;

/** Waiting time after this many fruitless pulls in a row: 10 s doubling to 10 min. */
export function pullRetryMs(failures: number): number {
  return failures <= 0 ? 0 : Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 16));
}

function pullInFlightSince(sample: Sample): number | null {
  return sample.inFlight.find(({ action }) => action.do === 'pull')?.sinceMs ?? null;
}

/** Why no pilot can be started from the image as it is; null when one can. */
export function imageBlocker(policy: Policy, sample: Sample): Reason | null {
  const { image } = sample.engine;
  const pullingSince = pullInFlightSince(sample);
  const pulling = pullingSince === null ? '' : `pulling for ${spanText(sample.atMs - pullingSince)}`;
  if (!image.checked) return { rule: 'image', text: `looking for image ${image.reference}` };
  if (image.id === null) {
    const why = pulling !== '' ? pulling : image.error !== '' ? image.error : 'not pulled yet';
    return { rule: 'image', text: `image ${image.reference} is not there: ${why}` };
  }
  const neverTried = image.pulledAtMs === null && image.failedPulls === 0;
  const patient = pullingSince === null || sample.atMs - pullingSince < patienceMs;
  // A dry run pulls nothing, so that waiting for it would tell nothing else for ever.
  return neverTried && patient && !policy.dryRun
    ? { rule: 'image', text: `image ${image.reference}: ${pulling || 'about to be pulled'}` }
    : null;
}

/** Pulls what is missing or has expired, and lets go of images that a pull replaced and no pilot uses. */
export function imageActions(policy: Policy, sample: Sample): Action[] {
  const { engine, atMs } = sample;
  if (engine.state !== 'answering' || !engine.image.checked) return [];
  const used = new Set(engine.pilots.map((pilot) => pilot.imageId));
  const actions: Action[] = engine.image.superseded
    .filter(({ id }) => !used.has(id) && engine.listed && id !== engine.image.id)
    .filter(({ notBeforeMs }) => atMs >= notBeforeMs)
    .map(({ id, reference }) => ({ do: 'remove-image', imageId: id, reference }));
  const why = dueFor(policy, sample);
  if (why !== null && pullInFlightSince(sample) === null && retryIsDue(sample, atMs)) {
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

function retryIsDue(sample: Sample, nowMs: number): boolean {
  const { image } = sample.engine;
  if (image.lastFailureAtMs === null || image.failedPulls === 0) return true;
  return nowMs - image.lastFailureAtMs >= pullRetryMs(image.failedPulls);
}
