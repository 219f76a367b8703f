/** Where images without a registry in their name come from. */
export const defaultRegistry = 'docker.io';

/** The name under which Docker's configuration keeps what belongs to the default registry. */
export const defaultRegistryKey = 'https://index.docker.io/v1/';

/** An image reference taken apart: `[registry/]path[:tag][@digest]`. */
export interface ImageReference {
  /** Host, with its port where one was written; null where the name says none. */
  readonly registry: string | null;
  /** The repository without the registry, such as `library/busybox`, as it was written. */
  readonly path: string;
  readonly tag: string | null;
  /** Such as `sha256:…`. */
  readonly digest: string | null;
}

const pathShape = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const hostShape =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/;
const tagShape = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const highestPort = 65_535;
/** Engines take no name that could as well be the id of an image. */
const idShape = /^[0-9a-f]{64}$/;
const digestShape = /^[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/** How long the digests are of which engines know more than the shape, in hexadecimal digits, all of them small. */
const digestDigits: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** A reference that engines do not take. */
export class BadReference extends Error {
  override readonly name = 'BadReference';
  /** What its part is to be, where more can be said than which form it has; without anything of the reference. */
  readonly hint: string;

  constructor(text: string, part: string, hint: string) {
    const wanted = hint === '' ? 'expected [host[:port]/]name[:tag][@digest]' : hint;
    super(`image "${text}" has a bad ${part}: ${wanted}`);
    this.hint = hint;
  }
}

/**
 * Takes a reference apart by the grammar of the distribution project: the first part names a registry when it holds a
 * dot or a colon, is `localhost`, or has a capital letter. Errors: `BadReference`, whose message
 * names the reference and the part that is wrong.
 */
export function parseReference(text: string): ImageReference {
  const [beforeDigest = '', ...digests] = text.split('@');
  const digest = digests.length === 0 ? null : digests.join('@');
  const slash = beforeDigest.indexOf('/');
  const first = slash < 0 ? '' : beforeDigest.slice(0, slash);
  const registry = looksLikeHost(first) ? first : null;
  const rest = registry === null ? beforeDigest : beforeDigest.slice(slash + 1);
  const colon = rest.lastIndexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? null : rest.slice(colon + 1);
  const wrong = firstWrong([
    ['registry', registry === null || hostShape.test(registry), ''],
    ['registry', portOf(registry) <= highestPort, `${highestPort} is the highest port`],
    ['name', pathShape.test(path), ''],
    ['name', !idShape.test(text), '64 hexadecimal digits are an id, and no name'],
    ['tag', tag === null || tagShape.test(tag), ''],
    ['digest', digest === null || digestShape.test(digest), ''],
    ['digest', digest === null || hasItsDigits(digest), 'a digest is sha256: and 64 digits of 0-9 and a-f'],
  ]);
  if (wrong !== null) throw new BadReference(text, ...wrong);
  return { registry, path, tag, digest };
}

/** The reference as text again, exactly as it was parsed. */
export function formatReference(reference: ImageReference): string {
  return `${repositoryOf(reference)}${reference.tag === null ? '' : `:${reference.tag}`}${
    reference.digest === null ? '' : `@${reference.digest}`
  }`;
}

/** The repository as it was written: registry and path, without tag and digest. */
export function repositoryOf(reference: ImageReference): string {
  return reference.registry === null ? reference.path : `${reference.registry}/${reference.path}`;
}

/** What to ask an engine for: always a tag or a digest (a digest alone where there are both), never every tag. */
export function pullable(reference: ImageReference): { readonly repository: string; readonly tag: string } {
  return { repository: repositoryOf(reference), tag: reference.digest ?? reference.tag ?? 'latest' };
}

/** The reference in full: registry, `library/` and `latest` written out. */
export function normalized(reference: ImageReference): string {
  const registry = reference.registry ?? defaultRegistry;
  const official = isDefaultRegistry(registry) && !reference.path.includes('/');
  const path = official ? `library/${reference.path}` : reference.path;
  const tag = reference.tag ?? (reference.digest === null ? 'latest' : null);
  return formatReference({
    registry: isDefaultRegistry(registry) ? defaultRegistry : registry,
    path,
    tag,
    digest: reference.digest,
  });
}

/** The shortest text that means the same: no default registry, no `library/`; the tag is kept as it is. */
export function familiar(reference: ImageReference): string {
  if (reference.registry !== null && !isDefaultRegistry(reference.registry)) {
    return formatReference(reference);
  }
  const short = reference.path.replace(/^library\/(?=[^/]+$)/, '');
  // A path whose first part would be read as a host has to keep its registry.
  const first = short.includes('/') ? (short.split('/')[0] ?? '') : '';
  const registry = looksLikeHost(first) ? defaultRegistry : null;
  return formatReference({ ...reference, registry, path: short });
}

/** The key under which Docker's configuration keeps the credentials for this image's registry. */
export function registryKey(reference: ImageReference): string {
  return reference.registry === null || isDefaultRegistry(reference.registry)
    ? defaultRegistryKey
    : reference.registry;
}

function isDefaultRegistry(registry: string): boolean {
  return (
    registry === defaultRegistry || registry === 'index.docker.io' || registry === 'registry-1.docker.io'
  );
}

function looksLikeHost(first: string): boolean {
  return first !== '' && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
}

/** 0 where there is none. */
function portOf(registry: string | null): number {
  return Number(/:(\d+)$/.exec(registry ?? '')?.[1] ?? 0);
}

function hasItsDigits(digest: string): boolean {
  const [algorithm = '', digits = ''] = digest.split(':');
  const count = digestDigits[algorithm];
  return count === undefined || (digits.length === count && /^[0-9a-f]+$/.test(digits));
}

function firstWrong(
  parts: readonly (readonly [part: string, right: boolean, hint: string])[],
): [part: string, hint: string] | null {
  const wrong = parts.find(([, right]) => !right);
  return wrong === undefined ? null : [wrong[0], wrong[2]];
}
