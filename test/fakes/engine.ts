import { setTimeout as waitReally } from 'node:timers/promises';
import type { ContainerEvent, Engine, EngineError, EngineInfo } from '../../src/model/engine.ts';
import { engineInfo } from '../support/engineInfo.ts';
import { createContainers, type FakeContainer, type Oddity } from './engineContainers.ts';
import { answerError, createFaults, type FakeFaults, goneError } from './engineFaults.ts';
import { createImages } from './engineImages.ts';
import { matchesLabel } from './engineLabels.ts';

/** What may be chosen about a fake engine. */
export interface FakeOptions {
  readonly info?: Partial<EngineInfo>;
  /** The wall clock for stamps; the real one unless told. */
  readonly wallMs?: () => number;
  /** How time passes while a stopped pilot pays no heed to its notice; really unless told. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told what of a recipe had to be changed or left out. */
  readonly onWarning?: (text: string) => void;
}

/**
 * An engine in memory that answers as Docker does, with faults to order; the contract suite holds it to that. Its
 * containers run until they are ended, except for what `programOf` reads in their command.
 */
export interface FakeEngine extends Engine, FakeFaults {
  containers(): readonly FakeContainer[];
  /** Puts an image into the engine's own store (`volume`: with an anonymous volume); gives its id. */
  addImage(reference: string, options?: { readonly volume?: boolean }): string;
  /** Puts an image into the registry, to be pulled; a second time under a name it is a newer one. Gives its id. */
  publish(reference: string): string;
  /** Makes a container (by id or name), before it starts, what no pilot is. */
  mark(container: string, how: Oddity): void;
  /** The first process of a container (by id or name) ends by itself. */
  end(container: string, exitCode: number): void;
  /** Somebody gives a container (by id or name) another name. */
  rename(container: string, name: string): void;
  /** The engine ends each subscription in good order. */
  endSubscriptions(): void;
}

interface Follower {
  readonly label: string;
  readonly onEvent: (event: ContainerEvent) => void;
  readonly settle: (error: EngineError | null) => void;
}

/** Makes an empty fake engine. */
export function createFakeEngine(options: FakeOptions = {}): FakeEngine {
  const info = { ...engineInfo, version: '0-fake', ...options.info };
  const followers = new Set<Follower>();
  let serial = 0;
  const nextId = (): string => {
    serial += 1;
    return serial.toString(16).padStart(64, '0');
  };
  const settleAll = (error: EngineError | null): void =>
    followers.forEach((follower) => follower.settle(error));
  const { gate, faults } = createFaults(() => {
    settleAll(goneError('follow events'));
    containers.breakOff(goneError('read a log'));
  });
  const images = createImages(nextId);
  const containers = createContainers({
    info,
    nextId,
    wallMs: options.wallMs ?? Date.now,
    onWarning: options.onWarning ?? (() => undefined),
    wait: options.wait ?? ((ms, signal) => waitReally(ms, undefined, { signal })),
    emit: (event) => {
      for (const { onEvent } of [...followers].filter(({ label }) => matchesLabel(event.labels, label))) {
        queueMicrotask(() => onEvent(event));
      }
    },
  });

  /** Holds a subscription until the signal fires (null), or the engine ends (null) or breaks (an error) it. */
  const subscribed = (
    follower: Omit<Follower, 'settle'>,
    onReady: () => void,
    signal: AbortSignal,
  ): Promise<EngineError | null> =>
    new Promise((resolve) => {
      const added: Follower = { ...follower, settle: (error) => settle(error) };
      const settle = (error: EngineError | null): void => {
        followers.delete(added);
        resolve(error);
      };
      followers.add(added);
      signal.addEventListener('abort', () => settle(null), { once: true });
      onReady();
    });

  return {
    endpoint: 'fake:',
    ...faults,
    connect: (signal) => gate('connect', '', signal, () => info),
    list: (filter, signal) => gate('list', '', signal, () => containers.list(filter)),
    inspect: (id, signal) => gate('inspect', id, signal, () => containers.inspect(id)),
    create: (spec, signal) =>
      gate('create', spec.name, signal, () => {
        const imageId = images.find(spec.kind.image);
        if (imageId === null) {
          throw answerError(404, `create container ${spec.name}`, `No such image: ${spec.kind.image}`);
        }
        return containers.create(spec, imageId, images.hasVolume(imageId));
      }),
    start: (id, signal) => gate('start', id, signal, () => containers.start(id)),
    stop: (id, graceMs, signal) => gate('stop', id, signal, () => containers.stop(id, graceMs, signal)),
    kill: (id, signal) => gate('kill', id, signal, () => containers.kill(id)),
    pause: (id, signal) => gate('pause', id, signal, () => containers.pause(id)),
    unpause: (id, signal) => gate('unpause', id, signal, () => containers.unpause(id)),
    throttle: (id, cpus, signal) => gate('throttle', id, signal, () => containers.throttle(id, cpus)),
    remove: (id, signal) => gate('remove', id, signal, () => containers.remove(id)),
    logs: async (id, wanted, onChunk, signal) => {
      try {
        await gate('logs', id, signal, () => containers.logs(id, wanted, onChunk, signal));
      } catch (thrown) {
        if (!(wanted.follow && signal.aborted)) throw thrown;
      }
    },
    imageDigest: (id, signal) => gate('imageDigest', id, signal, () => images.digest(id)),
    findImage: (reference, signal) => gate('findImage', reference, signal, () => images.find(reference)),
    pull: (reference, signal) => gate('pull', reference, signal, () => images.pull(reference)),
    removeImage: (id, ownName, signal) =>
      gate('removeImage', id, signal, () => {
        const isUsed = containers.all().some(({ detail }) => detail.imageId === id);
        return !isUsed && images.remove(id, ownName);
      }),
    follow: async (label, onReady, onEvent, signal) => {
      try {
        const error = await gate('follow', label, signal, () =>
          subscribed({ label, onEvent }, onReady, signal),
        );
        if (error !== null) {
          throw error;
        }
      } catch (thrown) {
        if (!signal.aborted) {
          throw thrown;
        }
      }
    },
    firstEventMs: (signal) => gate('firstEventMs', '', signal, () => null),
    containers: () => containers.all(),
    addImage: (reference, { volume = false } = {}) => images.add(reference, volume),
    publish: (reference) => images.publish(reference),
    mark: (container, how) => containers.mark(container, how),
    end: (container, exitCode) => containers.end(container, exitCode),
    rename: (container, name) => containers.rename(container, name),
    endSubscriptions: () => settleAll(null),
  };
}
