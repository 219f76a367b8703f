import type { EngineInfo } from '../../src/model/engine.ts';

/** A Docker engine on this node, with cgroup version 1 that it drives itself. */
export const engineInfo: EngineInfo = {
  product: 'docker',
  version: '20.10',
  apiVersion: '1.41',
  cpuCount: 4,
  memoryBytes: 8e9,
  cgroupDriver: 'cgroupfs',
  cgroupVersion: 1,
  rootless: false,
  local: true,
  selinux: false,
  apparmor: false,
  hasInit: true,
  dataFolder: '/var/lib/docker',
  loggingDriver: 'json-file',
};
