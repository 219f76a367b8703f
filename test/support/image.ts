import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineApi } from './engineApi.ts';
import { requireProgram } from './programs.ts';

/** Makes an image of the machine's static busybox in the engine at `socketPath`; `changes` are Dockerfile lines such as `VOLUME /data`. Gives its id. */
export async function importBusybox(
  socketPath: string,
  reference: string,
  changes: readonly string[] = [],
): Promise<string> {
  return importFolder(socketPath, reference, putBusybox, changes);
}

/** Puts the machine's static busybox with all of its names into the folder of an image to be, and `/tmp`. */
export function putBusybox(folder: string): void {
  const busybox = requireProgram('busybox', 'busybox-static');
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  mkdirSync(join(folder, 'tmp'));
  copyFileSync(busybox, join(bin, 'busybox'));
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const applet of applets.filter((name) => name !== 'busybox')) {
    symlinkSync('busybox', join(bin, applet));
  }
}

/** Makes an image of what `fill` puts into an empty folder. Gives its id. */
export async function importFolder(
  socketPath: string,
  reference: string,
  fill: (folder: string) => void,
  changes: readonly string[] = [],
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'plancton-image-'));
  try {
    fill(folder);
    // Podman heeds no tag beside the name; both take it within.
    const query = new URLSearchParams([
      ['fromSrc', '-'],
      ['repo', reference],
      ...changes.map((change): [string, string] => ['changes', change]),
    ]);
    const tar = spawn('tar', ['-C', folder, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await engineApi(socketPath, `/images/create?${query.toString()}`, {
      method: 'POST',
      stream: tar.stdout,
      headers: { 'Content-Type': 'application/x-tar' },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const path = `/images/${encodeURIComponent(reference)}/json`;
  return ((await engineApi(socketPath, path)) as { Id: string }).Id;
}

/** Pushes an image from an engine to the registry that its name says; `credentials` for a registry that asks for them. */
export async function pushImage(
  socketPath: string,
  reference: string,
  credentials: { readonly username: string; readonly password: string } = { username: '', password: '' },
): Promise<void> {
  const colon = reference.lastIndexOf(':');
  const path = `/images/${encodeURIComponent(reference.slice(0, colon))}/push?tag=${reference.slice(colon + 1)}`;
  const { username, password } = credentials;
  const json = JSON.stringify({ username, password });
  const header = Buffer.from(json).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  const told = await engineApi(socketPath, path, { method: 'POST', headers: { 'X-Registry-Auth': header } });
  if (JSON.stringify(told).includes('errorDetail')) {
    throw new Error(`cannot push ${reference}: ${JSON.stringify(told)}`);
  }
}

/** Gives an image of an engine another name. */
export async function tagImage(socketPath: string, image: string, reference: string): Promise<void> {
  const colon = reference.lastIndexOf(':');
  const query = new URLSearchParams({ repo: reference.slice(0, colon), tag: reference.slice(colon + 1) });
  await engineApi(socketPath, `/images/${encodeURIComponent(image)}/tag?${query.toString()}`, {
    method: 'POST',
  });
}

/** Removes a name of an image, and the image with its last name. */
export async function removeTag(socketPath: string, reference: string): Promise<void> {
  await engineApi(socketPath, `/images/${encodeURIComponent(reference)}`, { method: 'DELETE' });
}
