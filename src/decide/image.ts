import type { Action } from '../model/action.ts';
import type { Reason } from '../model/reason.ts';
import { type ImageView, imageOf } from '../model/view.ts';
import type { KindPolicy } from './kindPolicy.ts';
import { spanText } from './numbers.ts';
import { wantsPull } from './renewal.ts';
import type { Memory, Policy, Sample } from './types.ts';

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

/** With `pull: always` the registry is asked this often while pilots start; `image_expiration` may be shorter. */
const alwaysMs = 600_000;
/** The image of a kind whose own schedule begins within this time is wanted already. */
const aheadMs = 900_000;

/** Since when an image is being pulled, this one or (null) any; null while none is. */
function pullSince(sample: Sample, reference: string | null): number | null {
  const pulls = sample.inFlight.filter(
    ({ action }) => action.do === 'pull' && (reference === null || action.reference === reference),
  );
  return pulls[0]?.sinceMs ?? null;
}

/** Why no pilot of this kind can be started from its image as it is; null when one can. */
export function imageBlocker(policy: Policy, kind: KindPolicy, sample: Sample): Reason | null {
  // It is not even asked for.
  if (policy.limit === 0) return null;
  const image = imageOf(sample.engine, kind.image);
  const pullingSince = pullSince(sample, kind.image);
  const pulling = pullingSince === null ? '' : `pulling for ${spanText(sample.atMs - pullingSince)}`;
  if (!image.checked) return { rule: 'image', text: `looking for image ${image.reference}` };
  if (image.id === null) {
    const why = pulling !== '' ? pulling : image.error !== '' ? image.error : notPulled(kind);
    return { rule: 'image', text: `image ${image.reference} is not there: ${why}` };
  }
  // A dry run pulls nothing, so that waiting for it would tell nothing else for ever.
  if (policy.dryRun || kind.pull === 'missing' || kind.pull === 'never' || image.pulledAtMs !== null)
    return null;
  // A try that failed, before a restart of the daemon too, has shown that nothing is to be waited for.
  const neverTried = image.failedPulls === 0;
  const patient = pullingSince === null || sample.atMs - pullingSince < patienceMs;
  if (kind.pull === 'auto' && !(neverTried && patient)) return null;
  const failed = image.error === '' ? 'about to be pulled' : `${image.error} (pull: always)`;
  return { rule: 'image', text: `image ${image.reference}: ${pulling || failed}` };
}

function notPulled({ pull }: KindPolicy): string {
  return pull === 'never' ? 'and it is never pulled (pull: never)' : 'not pulled yet';
}

/**
 * Pulls an image that is missing or has expired, one at a time and in the order of the kinds, unless no pilot may start of
 * it anyway; and lets go of images that a pull replaced and no pilot uses.
 */
export function imageActions(policy: Policy, memory: Memory, sample: Sample): Action[] {
  const { engine, atMs } = sample;
  if (engine.state !== 'answering') return [];
  const current = engine.images.flatMap(({ id }) => (id === null ? [] : [id]));
  const used = new Set([...engine.pilots.map((pilot) => pilot.imageId), ...current]);
  const isKnown = engine.listed && engine.images.every(({ checked }) => checked);
  const actions: Action[] = engine.images
    .flatMap(({ superseded }) => superseded)
    .filter(({ id, notBeforeMs }) => isKnown && !used.has(id) && atMs >= notBeforeMs)
    .map(({ id, reference }) => ({ do: 'remove-image', imageId: id, reference }));
  const mayStart = policy.limit > 0 && !sample.control.drain;
  const pull = mayStart && pullSince(sample, null) === null ? nextPull(policy, memory, sample) : null;
  return pull === null ? actions : [...actions, pull];
}

/** The first pull that is due; null when none is. */
function nextPull(policy: Policy, memory: Memory, sample: Sample): Action | null {
  for (const kind of policy.kinds) {
    const image = imageOf(sample.engine, kind.image);
    if (!isWanted(kind) || !image.checked) continue;
    const why = dueFor(policy, memory, kind, image, sample);
    if (why !== null && retryIsDue(policy, image, sample.atMs))
      return { do: 'pull', reference: image.reference, why };
  }
  return null;
}

function isWanted({ enabled, open, opensInMs, max }: KindPolicy): boolean {
  return enabled && max > 0 && (open || opensInMs <= aheadMs);
}

function dueFor(
  policy: Policy,
  memory: Memory,
  kind: KindPolicy,
  image: ImageView,
  sample: Sample,
): string | null {
  if (kind.pull === 'never') return null;
  if (image.id === null) return 'it is not there';
  if (wantsPull(memory, kind, sample)) return 'its pilots are to be renewed';
  if (kind.pull === 'missing') return null;
  if (image.pulledAtMs === null) return 'it has not been pulled since the node started';
  const ageMs = sample.atMs - image.pulledAtMs;
  if (ageMs >= policy.imageExpirationMs) return `it was pulled ${spanText(ageMs)} ago (image_expiration)`;
  return kind.pull === 'always' && ageMs >= alwaysMs
    ? `it was pulled ${spanText(ageMs)} ago (pull: always)`
    : null;
}

function retryIsDue(policy: Policy, image: ImageView, nowMs: number): boolean {
  if (image.lastFailureAtMs === null || image.failedPulls === 0) return true;
  const longestMs =
    image.id === null ? longestRetryWithoutMs : Math.min(longestRetryMs, policy.imageExpirationMs);
  return nowMs - image.lastFailureAtMs >= pullRetryMs(image.failedPulls, longestMs);
}
