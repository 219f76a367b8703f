import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { type IncomingMessage, request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { join } from 'node:path';
import type { EngineEndpoint } from '../../src/engine/endpoint.ts';
import { findProgram, run } from './programs.ts';
import { Advice } from './say.ts';

const importMs = 60_000;

/** Makes the image `repository:latest` of a static busybox: the machine's, else the distribution's package, unpacked. */
export async function importBusybox(
  endpoint: EngineEndpoint,
  repository: string,
  folder: string,
): Promise<void> {
  const busybox = staticBusybox() ?? (await unpackBusybox(join(folder, 'package')));
  const root = join(folder, 'image');
  mkdirSync(join(root, 'bin'), { recursive: true });
  mkdirSync(join(root, 'tmp'));
  copyFileSync(busybox, join(root, 'bin', 'busybox'));
  const applets = (await run(busybox, ['--list'])).trim().split('\n');
  for (const applet of applets.filter((name) => name !== 'busybox'))
    symlinkSync('busybox', join(root, 'bin', applet));
  const query = new URLSearchParams({ fromSrc: '-', repo: repository, tag: 'latest' });
  await sendTar(endpoint, `/images/create?${query.toString()}`, root);
}

function staticBusybox(): string | null {
  const program = findProgram('busybox');
  return program !== null && isStatic(readFileSync(program)) ? program : null;
}

/** A 64-bit ELF program without an interpreter (PT_INTERP, elf(5)). */
function isStatic(file: Buffer): boolean {
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2) return false;
  const start = Number(file.readBigUInt64LE(32));
  const [size, count] = [file.readUInt16LE(54), file.readUInt16LE(56)];
  const types = Array.from({ length: count }, (_, index) => file.readUInt32LE(start + index * size));
  return !types.includes(3);
}

/** Fetches the package without installing it: it would push out the distribution's other busybox. */
async function unpackBusybox(folder: string): Promise<string> {
  const advice = `Give the engine an image (docker pull busybox, or docker load), or install a static busybox (Debian, Ubuntu: busybox-static)`;
  if (findProgram('apt-get') === null || findProgram('dpkg') === null) throw new Advice(advice);
  mkdirSync(folder);
  const download = ['-c', `cd '${folder}' && apt-get -q download busybox-static`];
  try {
    await run('sh', download, 120_000).catch(async () => {
      // The lists may be missing, or of yesterday.
      await run('apt-get', ['-q', 'update'], 300_000);
      return run('sh', download, 120_000);
    });
    const [file = ''] = readdirSync(folder);
    await run('dpkg', ['-x', join(folder, file), join(folder, 'unpacked')]);
  } catch (error) {
    throw new Advice(`The package busybox-static cannot be fetched: ${(error as Error).message}. ${advice}`);
  }
  const places = ['bin/busybox', 'usr/bin/busybox'].map((path) => join(folder, 'unpacked', path));
  const found = places.find((path) => findProgram(path) !== null || isReadable(path));
  if (found === undefined) throw new Advice(`The package busybox-static has no busybox. ${advice}`);
  return found;
}

function isReadable(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}

/** Sends a folder as a tar archive in the body of a request; rejects with what the engine says when it refuses. */
async function sendTar(endpoint: EngineEndpoint, path: string, folder: string): Promise<void> {
  const tar = spawn('tar', ['-C', folder, '--owner=0', '--group=0', '-c', '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const options: RequestOptions = {
    ...whereIs(endpoint),
    method: 'POST',
    path,
    headers: { 'Content-Type': 'application/x-tar', Host: 'engine' },
    signal: AbortSignal.timeout(importMs),
  };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const isSecure = endpoint.kind === 'tcp' && endpoint.tls !== null;
    const outgoing = isSecure ? requestHttps(options, resolve) : requestHttp(options, resolve);
    outgoing.on('error', reject);
    tar.on('error', reject);
    tar.stdout.pipe(outgoing);
  });
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk as string;
  if ((answer.statusCode ?? 0) >= 400 || text.includes('"error"'))
    throw new Error(`the engine does not take the image: ${text.trim()}`);
}

function whereIs(endpoint: EngineEndpoint): Record<string, unknown> {
  if (endpoint.kind === 'unix') return { socketPath: endpoint.socketPath };
  const { host, port, tls } = endpoint;
  if (tls === null) return { host, port };
  return { host, port, ca: tls.ca, cert: tls.cert, key: tls.key?.reveal(), rejectUnauthorized: tls.verify };
}
