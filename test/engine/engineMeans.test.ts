import { describe, expect, it } from 'vitest';
import { canPause, canThrottle } from '../../src/engine/engineMeans.ts';
import type { EngineInfo } from '../../src/model/engine.ts';
import { engineInfo } from '../support/engineInfo.ts';

const means = (changes: Partial<EngineInfo>) => {
  const info = { ...engineInfo, ...changes };
  return [canThrottle(info), canPause(info)];
};

describe('what an engine can do to a running container', () => {
  it.each([
    ['Docker', {}, [true, true]],
    ['Podman before it had the call', { product: 'podman', version: '4.2.9' }, [false, true]],
    ['Podman since', { product: 'podman', version: '4.3.1' }, [true, true]],
    ['a newer Podman', { product: 'podman', version: '5.0.0' }, [true, true]],
    ['one without cgroups', { cgroupDriver: 'none' }, [false, false]],
    ['a rootless one on version 1', { rootless: true }, [false, false]],
    ['a rootless one on version 2', { rootless: true, cgroupVersion: 2 }, [true, true]],
  ] as const)('%s', (_name, changes, expected) => {
    expect(means(changes)).toEqual(expected);
  });
});
