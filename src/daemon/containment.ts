import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The kind of container that this process runs in, by the marks that its engine left below `root`; null without any. */
export function containmentOf(root: string): string | null {
  if (existsSync(join(root, '.dockerenv'))) return 'a Docker container';
  if (existsSync(join(root, 'run/.containerenv'))) return 'a Podman container';
  try {
    // systemd tells its services so (systemd.io, "The Container Interface").
    const kind = readFileSync(join(root, 'run/systemd/container'), 'utf8').trim();
    return kind === '' ? null : `a container (${kind})`;
  } catch {
    return null;
  }
}
