import type { Engine } from '../model/engine.ts';
import type { EngineVerb } from '../record/nodeFacts.ts';

/** Takes how long a call took, and whether it did what it was to do. */
export type OnCall = (verb: EngineVerb, tookMs: number, ok: boolean) => void;

/** An engine that tells how long it takes over each call. Streams of it (`follow`, `logs`, the events of the past) take as long as they are wanted. */
export function timedEngine(engine: Engine, nowMs: () => number, onCall: OnCall): Engine {
  const timed = async <T>(verb: EngineVerb, call: Promise<T>): Promise<T> => {
    const begunMs = nowMs();
    let ok = false;
    try {
      const value = await call;
      ok = true;
      return value;
    } finally {
      onCall(verb, nowMs() - begunMs, ok);
    }
  };
  return {
    endpoint: engine.endpoint,
    connect: async (...args) => timed('connect', engine.connect(...args)),
    list: async (...args) => timed('list', engine.list(...args)),
    inspect: async (...args) => timed('inspect', engine.inspect(...args)),
    create: async (...args) => timed('create', engine.create(...args)),
    start: async (...args) => timed('start', engine.start(...args)),
    stop: async (...args) => timed('stop', engine.stop(...args)),
    kill: async (...args) => timed('kill', engine.kill(...args)),
    pause: async (...args) => timed('pause', engine.pause(...args)),
    unpause: async (...args) => timed('unpause', engine.unpause(...args)),
    throttle: async (...args) => timed('throttle', engine.throttle(...args)),
    remove: async (...args) => timed('remove', engine.remove(...args)),
    findImage: async (...args) => timed('find-image', engine.findImage(...args)),
    imageDigest: async (...args) => timed('image-digest', engine.imageDigest(...args)),
    pull: async (...args) => timed('pull', engine.pull(...args)),
    removeImage: async (...args) => timed('remove-image', engine.removeImage(...args)),
    firstEventMs: async (...args) => engine.firstEventMs(...args),
    logs: async (...args) => engine.logs(...args),
    follow: async (...args) => engine.follow(...args),
  };
}
