import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Kind } from '../model/kind.ts';
import type { PilotRules } from '../model/pilotRules.ts';
import type { Secret } from '../model/secret.ts';
import { rulesIn, rulesText } from './pilotRules.ts';

/** The label that says whose pilot a container is. */
export const instanceLabel = 'io.plancton.instance';
/** The label that proves it. */
export const proofLabel = 'io.plancton.proof';
/** The label that says of which kind a pilot is. */
export const kindLabel = 'io.plancton.kind';
/** The label that keeps how many CPUs a pilot was made with, for when they are given back to it. */
export const cpusLabel = 'io.plancton.cpus';
/** The label that keeps the rules that a pilot was started with: a change of its kind is for new pilots. */
export const rulesLabel = 'io.plancton.rules';
/** What every pilot's name starts with: the original's own prefix. */
export const pilotPrefix = 'plancton-worker-';

/** The whole of a name as the original makes it: an owner's own container may begin as they do. */
const originalName = new RegExp(`^${pilotPrefix}[0-9a-z]{6}$`);

/** Who this daemon is: which labels its pilots bear, and with what secret they are proven. */
export interface Identity {
  readonly instance: string;
  readonly secret: Secret;
}

/**
 * Names one daemon: the machine and the run folder, hashed, so that two daemons on one node or on one engine differ.
 * `runFolder` must be the real path.
 */
export function instanceOf(machineId: string, runFolder: string): string {
  return createHash('sha256').update(`${machineId}\n${runFolder}`).digest('hex').slice(0, 16);
}

/**
 * HMAC-SHA256 of instance and name. Labels of an image become labels of its containers, so a label alone proves
 * nothing; this one cannot be written without the secret, nor taken over by a container of another name.
 */
export function proofOf(identity: Identity, name: string): string {
  return createHmac('sha256', identity.secret.reveal()).update(`${identity.instance}\n${name}`).digest('hex');
}

/** The labels of a pilot of this name. */
export function labelsOf(identity: Identity, name: string): Record<string, string> {
  return { [instanceLabel]: identity.instance, [proofLabel]: proofOf(identity, name) };
}

/** All labels of a pilot of this kind: the site's own, and ours, which nothing of the site's replaces. */
export function pilotLabels(identity: Identity, name: string, kind: Kind): Record<string, string> {
  const ours = { [kindLabel]: kind.name, [cpusLabel]: String(kind.cpus), [rulesLabel]: rulesText(kind) };
  return { ...kind.labels, ...labelsOf(identity, name), ...ours };
}

/** The kind that a container's labels tell; null for one of the original's, or of an earlier version. */
export function kindTold(labels: Readonly<Record<string, string>>): string | null {
  return labels[instanceLabel] === undefined ? null : (labels[kindLabel] ?? null);
}

/** The CPUs that a container's labels say it was made with; null where they do not. */
export function cpusTold(labels: Readonly<Record<string, string>>): number | null {
  const cpus = Number(labels[cpusLabel] ?? Number.NaN);
  return Number.isFinite(cpus) && cpus > 0 ? cpus : null;
}

/**
 * The rules that a container's labels say it was started with; null where they do not, or not well: of an earlier version's
 * pilots an image may have written them.
 */
export function rulesTold(labels: Readonly<Record<string, string>>): PilotRules | null {
  const text = labels[instanceLabel] === undefined ? undefined : labels[rulesLabel];
  const cpus = cpusTold(labels);
  return text === undefined || cpus === null ? null : rulesIn(text, cpus);
}

/**
 * Whose a container is. `ours`: proven. `unproven`: it bears our instance without the proof (a lost secret, a pilot
 * that was renamed, or an image that pretends). `original`: named exactly as the original names its pilots, without any
 * label of ours. `foreign`: anything else: another daemon's pilots, and what is not named as pilots are, such as an owner's
 * container of an image that was made of a pilot.
 */
export type Ownership = 'ours' | 'unproven' | 'original' | 'foreign';

/**
 * Tells whose a container is, from its name and labels. Under a name that no pilot has, labels of ours are a renamed
 * pilot's only where `wasPilot` says that there are other signs of it: an owner's container may have them from its image.
 */
export function ownershipOf(
  identity: Identity,
  name: string,
  labels: Readonly<Record<string, string>>,
  wasPilot: boolean,
): Ownership {
  const instance = labels[instanceLabel];
  if (!name.startsWith(pilotPrefix))
    return wasPilot && instance === identity.instance ? 'unproven' : 'foreign';
  if (instance === undefined)
    return labels[proofLabel] === undefined && originalName.test(name) ? 'original' : 'foreign';
  if (instance !== identity.instance) return 'foreign';
  const proof = Buffer.from(labels[proofLabel] ?? '');
  const expected = Buffer.from(proofOf(identity, name));
  return proof.length === expected.length && timingSafeEqual(proof, expected) ? 'ours' : 'unproven';
}

const letters = '0123456789abcdefghijklmnopqrstuvwxyz';

/** A pilot's name: the original's prefix and six characters drawn with `random` (0 to 1). */
export function pilotName(random: () => number): string {
  let suffix = '';
  for (let index = 0; index < 6; index++) suffix += letters[Math.floor(random() * letters.length)] ?? '0';
  return pilotPrefix + suffix;
}

/** A pilot's host name, as the original makes it: at most 40 characters of the node's, and the name's last six. */
export function pilotHostname(nodeName: string, name: string): string {
  return `plancton-${nodeName.slice(0, 40)}-${name.slice(pilotPrefix.length)}`;
}
