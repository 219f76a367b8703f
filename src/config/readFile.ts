import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Problem } from './problem.ts';

/** What was found where the configuration file should be. */
export type ConfigFile =
  | { readonly is: 'absent' }
  | { readonly is: 'text'; readonly text: string; readonly fingerprint: string }
  /** `fingerprint` is that of the content where it could be read, else of the problem. */
  | { readonly is: 'unreadable'; readonly problem: Problem; readonly fingerprint: string };

/** The fingerprint of no file at all. */
export const absentFingerprint = 'absent';

/** The most that is read: beyond, it is something else than a configuration. */
export const largestFileBytes = 1_000_000;

/** Reads a configuration file, synchronously and without ever waiting for a pipe's other end. Never throws. */
export function readConfigFile(file: string): ConfigFile {
  let descriptor: number;
  try {
    // without O_NONBLOCK the opening of a pipe waits for a writer, perhaps for ever
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return explainOpenFault(file, error);
  }
  try {
    return readOpened(descriptor);
  } catch (error) {
    return unreadable(`cannot be read: ${codeOf(error)}`);
  } finally {
    closeSync(descriptor);
  }
}

/** What is wrong with a file of secrets that the configuration names, as far as a look from outside tells; null for nothing. */
export function faultOfSecretFile(file: string): string | null {
  try {
    const status = statSync(file);
    if (!status.isFile()) return 'this is not a regular file';
    if ((status.mode & 0o004) === 0) return null;
    return 'every user of this node may read this file, which is there for secrets (chmod 600)';
  } catch (error) {
    return codeOf(error) === 'ENOENT'
      ? 'there is no such file, and without it no pilot of this kind can be made'
      : `this file cannot be looked at: ${codeOf(error)}`;
  }
}

function readOpened(descriptor: number): ConfigFile {
  const status = fstatSync(descriptor);
  if (status.isDirectory()) return unreadable('is a folder: expected a file');
  if (!status.isFile()) return unreadable('is not a regular file');
  const bytes = Buffer.alloc(Math.min(status.size, largestFileBytes) + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length < bytes.length; length += read) {
    read = readSync(descriptor, bytes, length, bytes.length - length, null);
  }
  if (status.size > largestFileBytes || length > largestFileBytes) {
    return unreadable(`has ${status.size} bytes: a configuration has at most ${largestFileBytes}`);
  }
  return decode(bytes.subarray(0, length));
}

/** Tells one content from another. */
export function fingerprintOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

function decode(bytes: Buffer): ConfigFile {
  const fingerprint = fingerprintOf(bytes);
  const text = decodeUtf8(bytes);
  if (text !== null) return { is: 'text', text, fingerprint };
  const message = 'not UTF-8: save the file in that encoding';
  return { is: 'unreadable', problem: { ...placeOfBadByte(bytes), key: '', message }, fingerprint };
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** In UTF-8 no other character contains a line feed's byte, so lines can be looked at one by one. */
function placeOfBadByte(bytes: Buffer): { line: number; column: number } {
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const feed = bytes.indexOf(10, start);
    const end = feed < 0 ? bytes.length : feed;
    if (decodeUtf8(bytes.subarray(start, end)) === null) break;
    start = end + 1;
  }
  return { line, column: 1 };
}

function explainOpenFault(file: string, error: unknown): ConfigFile {
  const code = codeOf(error);
  if (code === 'ENOENT') return isDanglingLink(file) ? unreadable('is a link to nothing') : { is: 'absent' };
  if (code === 'EACCES' || code === 'EPERM') {
    return unreadable('cannot be read: no permission (is it readable for the user that runs Plancton?)');
  }
  if (code === 'ENOTDIR') return unreadable('cannot be read: a part of its path is not a folder');
  if (code === 'ELOOP') return unreadable('cannot be read: its links lead in a circle');
  if (code === 'ENXIO') return unreadable('is not a regular file');
  return unreadable(`cannot be read: ${code}`);
}

function isDanglingLink(file: string): boolean {
  try {
    return lstatSync(file).isSymbolicLink();
  } catch {
    return false;
  }
}

function unreadable(message: string): ConfigFile {
  return {
    is: 'unreadable',
    problem: { line: null, column: null, key: '', message },
    fingerprint: `unreadable: ${message}`,
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
