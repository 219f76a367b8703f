import { describe, expect, it } from 'vitest';
import type { Propagation } from '../../src/engine/mountinfo.ts';
import { type NodeTraits, wireOf } from '../../src/engine/pilotSpec.ts';
import type { EngineInfo, PilotSpec } from '../../src/model/engine.ts';
import type { Kind } from '../../src/model/kind.ts';
import { engineInfo as info } from '../support/engineInfo.ts';
import { kindOf } from '../support/kinds.ts';

const kind = kindOf({
  image: 'busybox',
  command: ['/bin/sleep', '60'],
  cpus: 1.5,
  memoryBytes: 2e9,
  swapBytes: 1e9,
  privileged: true,
  user: '1000:1001',
  devices: [{ source: '/dev/fuse', target: '/dev/f', permissions: 'rw' }],
  capabilitiesAdded: ['SYS_ADMIN'],
  capabilitiesDropped: ['NET_RAW'],
  securityOptions: ['apparmor:unconfined', 'label=disable'],
});

const wire = (
  changes: Partial<Kind> = {},
  about: { info?: Partial<EngineInfo>; propagation?: Propagation; node?: Partial<NodeTraits> } = {},
  spec: Partial<PilotSpec> = {},
) =>
  wireOf(
    {
      name: 'p',
      hostname: 'h',
      kind: { ...kind, ...changes },
      labels: { a: 'b' },
      cgroupParent: '/plancton',
      ...spec,
    },
    { ...info, ...about.info },
    {
      propagationOf: () => about.propagation ?? 'private',
      ulimits: [],
      ...about.node,
    },
  );

describe('a pilot as an engine is told of it', () => {
  it('has all that the recipe says', () => {
    expect(wire().body).toEqual({
      Hostname: 'h',
      Image: 'busybox',
      Cmd: ['/bin/sleep', '60'],
      User: '1000:1001',
      Labels: { a: 'b' },
      StopSignal: 'SIGTERM',
      HostConfig: {
        CpuPeriod: 100_000,
        CpuQuota: 150_000,
        Memory: 2e9,
        MemorySwap: 3e9,
        PidsLimit: 4096,
        OomScoreAdj: 1000,
        NetworkMode: 'bridge',
        Privileged: true,
        Binds: [],
        Devices: [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/f', CgroupPermissions: 'rw' }],
        CapAdd: ['SYS_ADMIN'],
        CapDrop: ['NET_RAW'],
        SecurityOpt: ['label=disable'],
        AutoRemove: false,
        RestartPolicy: { Name: 'no' },
        Init: true,
        CgroupParent: '/plancton',
        LogConfig: { Type: '', Config: { 'max-size': '10m', 'max-file': '2' } },
      },
    });
  });

  it('has an init, a parent and limits of its own only where they can be had', () => {
    const without = wire({}, { info: { hasInit: false } }, { cgroupParent: null }).body.HostConfig;
    expect(Object.keys(without)).not.toContain('Init');
    expect(Object.keys(without)).not.toContain('CgroupParent');
    expect(Object.keys(without)).not.toContain('Ulimits');
    const ulimits = [{ Name: 'nofile', Soft: 5, Hard: 5 }];
    expect(wire({}, { node: { ulimits } }).body.HostConfig.Ulimits).toEqual(ulimits);
  });

  it('is the first to go when memory runs out, but of a rootless engine', () => {
    expect(wire().body.HostConfig.OomScoreAdj).toBe(1000);
    expect(wire({}, { info: { rootless: true } }).body.HostConfig).not.toHaveProperty('OomScoreAdj');
  });

  it('never has a CPU quota that the kernel refuses', () => {
    expect(wire({ cpus: 0.001 }).body.HostConfig.CpuQuota).toBe(1000);
    expect(wire({ cpus: 0.333333 }).body.HostConfig.CpuQuota).toBe(33_333);
  });

  it('keeps all security options where AppArmor is on, and says what it leaves out where it is off', () => {
    expect(wire({}, { info: { apparmor: true } }).body.HostConfig.SecurityOpt).toHaveLength(2);
    expect(wire({}, { info: { apparmor: true } }).warnings).toEqual([]);
    expect(wire().warnings).toEqual([
      'security option apparmor:unconfined is left out: AppArmor is off on this engine',
    ]);
  });

  const bind = { source: '/cvmfs', target: '/cvmfs', mode: null };
  it.each([
    ['shared', false, '/cvmfs:/cvmfs:rw,shared', 0],
    ['shared', true, '/cvmfs:/cvmfs:rw,shared,Z', 0],
    ['private', false, '/cvmfs:/cvmfs:rw', 1],
    ['slave', true, '/cvmfs:/cvmfs:rw,Z', 1],
    ['unknown', false, '/cvmfs:/cvmfs:rw', 1],
  ] as const)('binds what lies on a %s mount, SELinux %s, as %s', (propagation, selinux, text, warnings) => {
    const made = wire({ binds: [bind], securityOptions: [] }, { propagation, info: { selinux } });
    expect(made.body.HostConfig.Binds).toEqual([text]);
    expect(made.warnings).toHaveLength(warnings);
  });

  it('honours a mode that was written', () => {
    const made = wire(
      { binds: [{ ...bind, mode: 'ro' }], securityOptions: [] },
      { propagation: 'shared', info: { selinux: true } },
    );
    expect(made).toMatchObject({ body: { HostConfig: { Binds: ['/cvmfs:/cvmfs:ro'] } }, warnings: [] });
  });
});

describe('a pilot’s log', () => {
  const logOf = (about: Partial<EngineInfo>) => wire({}, { info: about }).body.HostConfig.LogConfig;
  const bounded = { Type: '', Config: { 'max-size': '10m', 'max-file': '2' } };

  it.each(['json-file', 'local'])(
    'is bounded where the engine writes it to files itself: %s',
    (loggingDriver) => {
      expect(logOf({ loggingDriver })).toEqual(bounded);
    },
  );

  it.each(['journald', 'syslog', 'none', 'gelf', 'a/plugin', ''])(
    'is left to a driver that would refuse these options: "%s"',
    (loggingDriver) => {
      expect(logOf({ loggingDriver })).toBeUndefined();
    },
  );

  it('is one file with Podman, which does not tell its driver and refuses nothing', () => {
    expect(logOf({ product: 'podman', loggingDriver: '' })).toEqual({
      Type: '',
      Config: { 'max-size': '10m' },
    });
  });
});
