import type { EngineInfo, PilotSpec } from '../model/engine.ts';
import type { Bind } from '../model/kind.ts';
import type { Propagation } from './mountinfo.ts';

/** What is bound into a pilot, as the API has it (`source:target:modes`), and what had to be made otherwise. */
export interface WireBinds {
  readonly binds: readonly string[];
  readonly warnings: readonly string[];
}

/** The binds of a pilot: those of its kind, then folders of ours. */
export function bindsOf(
  spec: PilotSpec,
  info: EngineInfo,
  propagationOf: (path: string) => Propagation,
): WireBinds {
  const made = [
    ...spec.kind.binds.map((bind) => wireOfBind(bind, info, propagationOf)),
    ...spec.binds.map((bind) => wireOfBind(labelled(bind, info), info, propagationOf)),
  ];
  return { binds: made.map(({ text }) => text), warnings: made.flatMap(({ warnings }) => warnings) };
}

/** A folder of ours may be relabelled: under SELinux no container could read it as it is. */
function labelled(bind: Bind, info: EngineInfo): Bind {
  const isPlain = bind.mode !== null && !/\bz\b/i.test(bind.mode);
  return info.selinux && isPlain ? { ...bind, mode: `${bind.mode},z` } : bind;
}

function wireOfBind(
  bind: Bind,
  info: EngineInfo,
  propagationOf: (path: string) => Propagation,
): { readonly text: string; readonly warnings: readonly string[] } {
  const path = `${bind.source}:${bind.target}`;
  if (bind.mode !== null) {
    return { text: `${path}:${bind.mode}`, warnings: [] };
  }
  // The engine refuses to start a container with a shared bind from a mount that is not shared.
  const propagation = propagationOf(bind.source);
  const modes = ['rw', ...(propagation === 'shared' ? ['shared'] : []), ...(info.selinux ? ['Z'] : [])];
  const warnings =
    propagation === 'shared'
      ? []
      : [
          `bind ${path} is private, not shared: ${
            propagation === 'unknown'
              ? 'it cannot be told how its mount propagates'
              : `the mount that holds ${bind.source} is ${propagation}`
          }; mounts made below it later will not show in pilots (mount --make-rshared changes that)`,
        ];
  return { text: `${path}:${modes.join(',')}`, warnings };
}
