import type { Engine } from '../model/engine.ts';
import { createContainers } from './containers.ts';
import type { EngineEndpoint } from './endpoint.ts';
import { createFirstEvent } from './firstEvent.ts';
import { createFollow } from './follow.ts';
import { createImages } from './images.ts';
import { createLogs } from './logs.ts';
import type { RegistryAuth } from './registryAuth.ts';
import { createSession } from './session.ts';
import { createThrottle } from './throttle.ts';
import { createVerbs } from './verbs.ts';

/**
 * The engine at `endpoint`, Docker or Podman alike. `auth` is asked at each pull. `onWarning` is told, once of each
 * thing, what had to be changed or left out of a pilot's recipe.
 */
export function createDockerEngine(
  endpoint: EngineEndpoint,
  auth: RegistryAuth,
  onWarning: (text: string) => void = () => undefined,
): Engine {
  const session = createSession(endpoint);
  const told = new Set<string>();
  const warnOnce = (text: string): void => {
    if (!told.has(text)) {
      told.add(text);
      onWarning(text);
    }
  };
  return {
    endpoint: session.endpoint,
    connect: (signal) => session.connect(signal),
    ...createContainers(session, warnOnce),
    ...createVerbs(session),
    throttle: createThrottle(session),
    logs: createLogs(session),
    ...createImages(session, auth),
    follow: createFollow(session),
    firstEventMs: createFirstEvent(session),
  };
}
