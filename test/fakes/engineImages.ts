import { normalized, parseReference } from '../../src/model/reference.ts';
import { answerError } from './engineFaults.ts';

/** The images of a fake engine, and the registry that it pulls from. */
export interface FakeImages {
  /** The id of the image of this name or id; null when there is none. */
  find(reference: string): string | null;
  hasVolume(id: string): boolean;
  /** The digest that it has in the registry, where it came from there. */
  digest(id: string): string | null;
  /** Gives a name to a new image, taking it from the one that had it; gives the new one's id. */
  add(reference: string, volume: boolean): string;
  publish(reference: string): string;
  pull(reference: string): string;
  /** Removes an image that has no name left; tells whether it is gone. */
  remove(id: string, ownName: string | null): boolean;
}

/** Makes an empty store. */
export function createImages(nextId: () => string): FakeImages {
  const images = new Map<string, { readonly names: Set<string>; readonly volume: boolean }>();
  const registry = new Map<string, string>();
  const nameOf = (reference: string): string => normalized(parseReference(reference));

  const giveName = (id: string, reference: string, volume: boolean): string => {
    const name = nameOf(reference);
    images.forEach((image) => image.names.delete(name));
    const image = images.get(id) ?? { names: new Set<string>(), volume };
    image.names.add(name);
    images.set(id, image);
    return id;
  };

  return {
    find: (reference) =>
      images.has(reference)
        ? reference
        : ([...images].find(([, image]) => image.names.has(nameOf(reference)))?.[0] ?? null),
    // The fake's registry has nothing but its images: their ids serve as digests.
    digest: (id) => (images.has(id) && [...registry.values()].includes(id) ? id : null),
    hasVolume: (id) => images.get(id)?.volume === true,
    add: (reference, volume) => giveName(`sha256:${nextId()}`, reference, volume),
    publish: (reference) => {
      const id = `sha256:${nextId()}`;
      registry.set(nameOf(reference), id);
      return id;
    },
    pull: (reference) => {
      const id = registry.get(nameOf(reference));
      if (id === undefined) {
        throw answerError(404, `pull image ${reference}`, 'manifest unknown');
      }
      return giveName(id, reference, false);
    },
    remove: (id, ownName) => {
      const names = [...(images.get(id)?.names ?? [])];
      if (names.some((name) => ownName === null || name !== nameOf(ownName))) {
        return false;
      }
      images.delete(id);
      return true;
    },
  };
}
