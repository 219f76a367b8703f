import { type Engine, EngineError } from '../model/engine.ts';
import type { Secret } from '../model/secret.ts';
import { imageIdOf } from './containerView.ts';
import {
  answerDeadlineMs,
  pullDeadlineMs,
  pullSilenceMs,
  removeDeadlineMs,
  withDeadline,
} from './deadline.ts';
import { oneLine } from './faults.ts';
import { pullError, readPull } from './pull.ts';
import {
  type ImageReference,
  normalized,
  parseReference,
  pullable,
  registryKey,
  repositoryOf,
} from '../model/reference.ts';
import type { RegistryAuth } from './registryAuth.ts';
import { parseAnswer, type Session } from './session.ts';
import { pathOf } from './wire.ts';

/** What is used of `GET /images/{name}/json`. */
interface InspectedImage {
  readonly Id: string;
  readonly RepoTags?: readonly string[] | null;
  /** `repository@digest`, for each registry that it came from or went to. */
  readonly RepoDigests?: readonly string[] | null;
}

/** The calls about images. */
export function createImages(
  session: Session,
  auth: RegistryAuth,
): Pick<Engine, 'findImage' | 'imageDigest' | 'pull' | 'removeImage'> {
  /** An image by name or id; null when the engine has none. */
  const inspect = (name: string, signal: AbortSignal): Promise<InspectedImage | null> =>
    session.ask(`inspect image ${name}`, answerDeadlineMs, signal, async (wire, deadline, asked) => {
      try {
        const path = pathOf('images', name, 'json');
        const answer = await wire.send({ method: 'GET', path }, asked, deadline.signal);
        return parseAnswer(answer, asked) as InspectedImage;
      } catch (thrown) {
        return nullWhenMissing(thrown);
      }
    });

  const findImage: Engine['findImage'] = async (reference, signal) => {
    const parsed = parsedReference(reference, 'find');
    for (const name of localNames(parsed, session.info()?.product === 'podman')) {
      const image = await inspect(name, signal);
      if (image !== null) {
        return imageIdOf(image.Id);
      }
    }
    return null;
  };

  const imageDigest: Engine['imageDigest'] = async (id, signal) => {
    const told = (await inspect(id, signal))?.RepoDigests ?? [];
    const digests = told.map((name) => /@([a-z0-9+._-]+:[0-9a-f]{32,})$/.exec(name)?.[1]);
    return digests.find((digest) => digest !== undefined) ?? null;
  };

  const pull: Engine['pull'] = async (reference, signal, onProgress) => {
    const parsed = parsedReference(reference, 'pull');
    const { repository, tag } = pullable(parsed);
    const what = `pull image ${reference}`;
    const header = await credentials(auth, parsed, what, signal);
    const request = {
      method: 'POST',
      path: '/images/create',
      query: { fromImage: repository, tag },
      headers: header === null ? {} : { 'X-Registry-Auth': header.reveal() },
    } as const;
    await withDeadline(what, pullDeadlineMs, signal, (whole) =>
      session.ask(what, pullSilenceMs, whole.signal, async (wire, silence, asked) => {
        try {
          const progress = await wire.open(request, asked, silence.signal);
          await readPull(progress, asked, () => silence.extend(), onProgress);
        } catch (thrown) {
          // Before the stream begins a registry's refusal comes as 404 or 500: its words tell which it was.
          const isRefusal = thrown instanceof EngineError && thrown.statusCode !== null;
          throw isRefusal ? pullError(thrown) : thrown;
        }
      }),
    );
    const id = await findImage(reference, signal);
    if (id === null) {
      throw new EngineError('failed', `cannot ${what}: the engine says it is done but has no such image`);
    }
    return id;
  };

  const removeImage: Engine['removeImage'] = async (id, ownName, signal) => {
    const image = await inspect(id, signal);
    if (image === null) {
      return true;
    }
    // Removing by id takes a last remaining name away with it: that name is somebody's.
    const names = (image.RepoTags ?? []).filter((name) => !name.startsWith('<none>'));
    if (names.some((name) => ownName === null || !isSameName(name, ownName))) {
      return false;
    }
    const request = { method: 'DELETE', path: pathOf('images', id) } as const;
    try {
      await session.send(`remove image ${id}`, removeDeadlineMs, signal, request);
      return true;
    } catch (thrown) {
      if (thrown instanceof EngineError && thrown.fault === 'conflict') {
        return false;
      }
      return nullWhenMissing(thrown) === null;
    }
  };

  return { findImage, imageDigest, pull, removeImage };
}

function isSameName(a: string, b: string): boolean {
  const [one, other] = [parsedReference(a, 'compare'), parsedReference(b, 'compare')];
  return normalized(one) === normalized(other);
}

/** The names under which an image may be there: Podman puts `localhost/` before what was built or imported. */
function localNames(reference: ImageReference, isPodman: boolean): readonly string[] {
  const { repository, tag } = pullable(reference);
  const suffix = reference.digest === null ? `:${tag}` : `@${tag}`;
  const isBare = reference.registry === null && reference.digest === null;
  return [
    `${repository}${suffix}`,
    ...(isPodman && isBare ? [`localhost/${repositoryOf(reference)}${suffix}`] : []),
  ];
}

function parsedReference(reference: string, verb: string): ImageReference {
  try {
    return parseReference(reference);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError('rejected', `cannot ${verb} image: ${why}`, { cause });
  }
}

async function credentials(
  auth: RegistryAuth,
  reference: ImageReference,
  what: string,
  signal: AbortSignal,
): Promise<Secret | null> {
  try {
    return await auth.headerFor(registryKey(reference), signal);
  } catch (cause) {
    if (signal.aborted) {
      throw new EngineError('aborted', `cannot ${what}: given up on request`, { cause });
    }
    const why = oneLine(cause instanceof Error ? cause.message : String(cause));
    throw new EngineError('denied', `cannot ${what}: ${why}`, { cause });
  }
}

function nullWhenMissing(thrown: unknown): null {
  if (thrown instanceof EngineError && thrown.fault === 'not-found') {
    return null;
  }
  throw thrown;
}
