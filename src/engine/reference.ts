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
const digestShape = /^[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/**
 * Takes a reference apart by the grammar of the distribution project: the first part names a registry when it holds a
 * dot or a colon, is `localhost`, or has a capital letter. Throws an Error whose message names the reference and the
 * part that is wrong.
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
    ['registry', registry === null || hostShape.test(registry)],
    ['name', pathShape.test(path)],
    ['tag', tag === null || tagShape.test(tag)],
    ['digest', digest === null || digestShape.test(digest)],
  ]);
  if (wrong !== null) {
    throw new Error(`image "${text}" has a bad ${wrong}: expected [host[:port]/]name[:tag][@digest]`);
  }
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

function firstWrong(parts: readonly (readonly [string, boolean])[]): string | null {
  return parts.find(([, right]) => !right)?.[0] ?? null;
}
