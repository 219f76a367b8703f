import type { Bind, Device, Tmpfs } from '../model/kind.ts';
import { didYouMean, nearest } from './nearest.ts';
import { Unfit } from './fields.ts';
import { BadReference, parseReference } from '../model/reference.ts';
import { describeFound } from './problem.ts';

const bindModes: readonly (readonly string[])[] = [
  ['rw', 'ro'],
  ['z', 'Z'],
  ['shared', 'rshared', 'slave', 'rslave', 'private', 'rprivate'],
  ['nocopy'],
];

/** One entry of `binds`: `host:container[:mode]`, both absolute paths. Errors: `Unfit`. */
export function parseBind(raw: string): Bind {
  const [source = '', target = '', mode = null, ...more] = raw.split(':');
  if (more.length > 0) throw new Unfit('more than three parts (a path with a colon cannot be bound)');
  checkPath(source, 'the path on the host');
  checkPath(target, 'the path in the container');
  if (/^\/+$/.test(target)) throw new Unfit('the container cannot have / bound over');
  if (mode !== null) checkBindMode(mode);
  return { source, target, mode };
}

function checkBindMode(mode: string): void {
  const words = mode.split(',');
  const known = bindModes.flat();
  for (const word of words) {
    if (!known.includes(word)) throw new Unfit(`the mode "${word}" is none of ${known.join(', ')}`);
  }
  for (const group of bindModes) {
    const both = words.filter((word) => group.includes(word));
    if (both.length > 1) throw new Unfit(`the modes ${both.join(' and ')} exclude each other`);
  }
}

/** What engines take as an option of a file system in memory: tmpfs(5) and mount(8). */
const tmpfsFlags =
  'ro rw suid nosuid dev nodev exec noexec sync async dirsync atime noatime diratime nodiratime relatime strictatime'.split(
    ' ',
  );
const tmpfsValues: Readonly<Record<string, RegExp>> = {
  size: /^\d+[kKmMgG%]?$/,
  mode: /^[0-7]{3,4}$/,
  uid: /^\d+$/,
  gid: /^\d+$/,
  nr_inodes: /^\d+[kKmMgG]?$/,
  nr_blocks: /^\d+[kKmMgG]?$/,
};

/** One entry of `tmpfs`: `/path[:options]`. Errors: `Unfit`, with the nearest option. */
export function parseTmpfs(raw: string): Tmpfs {
  const [target = '', options = '', ...more] = raw.trim().split(':');
  if (more.length > 0) throw new Unfit('more than two parts');
  checkPath(target, 'the path');
  if (/^\/+$/.test(target)) throw new Unfit('the container cannot have / in memory');
  for (const option of options === '' ? [] : options.split(',')) {
    const [name = '', value] = option.split('=', 2);
    if (value === undefined ? tmpfsFlags.includes(name) : tmpfsValues[name]?.test(value) === true) continue;
    if (Object.hasOwn(tmpfsValues, name))
      throw new Unfit(`the option ${name} is as in ${tmpfsExample(name)}`);
    const near = nearest(name, [...tmpfsFlags, ...Object.keys(tmpfsValues)]);
    throw new Unfit(
      `the option "${name.slice(0, 20)}" is not known${near === null ? '' : `: did you mean ${near}?`}`,
    );
  }
  return { target, options };
}

function tmpfsExample(name: string): string {
  return name === 'mode' ? 'mode=1777' : `${name}=64${name === 'size' ? 'm' : ''}`;
}

function checkPath(path: string, which: string): void {
  if (!path.startsWith('/')) throw new Unfit(`${which} does not begin with /`);
}

/** The long form of an entry of `devices`, as the engine's API has it. */
export interface DeviceMapping {
  readonly PathOnHost: string;
  readonly PathInContainer?: string | undefined;
  readonly CgroupPermissions?: string | undefined;
}

const deviceWords = ['PathOnHost', 'PathInContainer', 'CgroupPermissions'];

/** What stands where a device should; of a mapping, what keeps it from being one. */
export function describeDevice(found: unknown): string {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return describeFound(found);
  const [unknown] = Object.keys(found).filter((word) => !deviceWords.includes(word));
  if (unknown !== undefined) {
    // what is no plain word may be a URL with a password
    const word = /^[\w.-]{1,60}$/.test(unknown) ? unknown : 'an unknown key';
    return `a mapping with ${word}${didYouMean(unknown, deviceWords)}`;
  }
  if (!('PathOnHost' in found)) return 'a mapping without PathOnHost';
  const wrong = Object.entries(found).find(([, value]) => typeof value !== 'string');
  return wrong === undefined ? 'a mapping' : `a mapping with ${describeFound(wrong[1])} as ${wrong[0]}`;
}

/** One entry of `devices`: `host[:container][:permissions]`, or the long form. Errors: `Unfit`. */
export function parseDevice(raw: string | DeviceMapping): Device {
  const device = typeof raw === 'string' ? splitDevice(raw) : spellOutDevice(raw);
  checkPath(device.source, 'the path on the host');
  checkPath(device.target, 'the path in the container');
  if (!isPermissions(device.permissions)) {
    throw new Unfit(`the permissions "${device.permissions.slice(0, 20)}" are not letters of r, w, m`);
  }
  return device;
}

function splitDevice(raw: string): Device {
  const [source = '', second, third, ...more] = raw.split(':');
  if (more.length > 0) throw new Unfit('more than three parts');
  if (second !== undefined && third === undefined && isPermissions(second)) {
    return { source, target: source, permissions: second };
  }
  return { source, target: second ?? source, permissions: third ?? 'rwm' };
}

function spellOutDevice(raw: DeviceMapping): Device {
  return {
    source: raw.PathOnHost,
    target: raw.PathInContainer ?? raw.PathOnHost,
    permissions: raw.CgroupPermissions ?? 'rwm',
  };
}

function isPermissions(text: string): boolean {
  return /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length;
}

/** capabilities(7) up to Linux 5.9, the last that added one; `ALL` is the engine's. */
const capabilityNames =
  `ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE
  DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN
  NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE
  SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG SYSLOG WAKE_ALARM`.split(
    /\s+/,
  );

/** One entry of `capabilities`: added, or dropped where it begins with `-`. */
export interface CapabilityChange {
  readonly name: string;
  readonly dropped: boolean;
}

/** One entry of `capabilities`; letter case and `CAP_` do not matter. Errors: `Unfit`, with the nearest name. */
export function parseCapability(raw: string): CapabilityChange {
  const [, sign = '', written = ''] = /^\s*([-+]?)\s*(.*?)\s*$/s.exec(raw) ?? [];
  const name = written.toUpperCase().replace(/^CAP_/, '');
  if (!capabilityNames.includes(name)) {
    const near = nearest(name, capabilityNames);
    throw new Unfit(near === null ? '' : `did you mean ${near}?`);
  }
  return { name, dropped: sign === '-' };
}

/** What `security_opts` may begin with, for a warning: engines may know more. */
const securityOptionKinds = [
  'apparmor',
  'label',
  'no-new-privileges',
  'seccomp',
  'systempaths',
  'mask',
  'unmask',
];

/** One entry of `security_opts`, in today's writing: `apparmor:x`, as older engines took it, becomes `apparmor=x`. */
export function parseSecurityOption(raw: string): string {
  const option = raw.trim();
  if (option === '' || /\s/.test(option)) throw new Unfit('');
  return option.includes('=') ? option : option.replace(':', '=');
}

/** Whether this is a kind of security option that is known here. */
export function isKnownSecurityOption(option: string): boolean {
  return securityOptionKinds.includes(option.replace(/=.*$/s, ''));
}

const highestId = 2 ** 31 - 1;

/** `uid`, `uid:gid`, or names that the image knows. Errors: `Unfit`. */
export function parseUser(raw: string): string {
  const user = raw.trim();
  const parts = user.split(':');
  if (parts.length > 2) throw new Unfit('more than two parts');
  for (const part of parts) {
    if (!/^([0-9]+|[A-Za-z_][A-Za-z0-9_.-]{0,31})$/.test(part)) throw new Unfit('');
    if (/^[0-9]+$/.test(part) && Number(part) > highestId) throw new Unfit(`an id is at most ${highestId}`);
  }
  return user;
}

/** The name of an image, as written: what engines take for one. Errors: `Unfit`. */
export function parseImage(raw: string): string {
  const image = raw.trim();
  if (image.length > 512) throw new Unfit('longer than 512 characters');
  const fault = referenceFault(image);
  if (fault === null) return image;
  throw new Unfit(
    referenceFault(image.toLowerCase()) === null ? 'a repository is written in small letters' : fault.hint,
  );
}

function referenceFault(image: string): BadReference | null {
  try {
    parseReference(image);
    return null;
  } catch (error) {
    if (error instanceof BadReference) return error;
    throw error;
  }
}
