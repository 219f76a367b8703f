// What the real tests need from the machine, and how it gets there.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Programs that tests start, with the Debian package that brings each. */
const programs = {
  dockerd: 'docker.io',
  'docker-registry': 'docker-registry',
  influxd: 'influxdb',
  podman: 'podman',
  runc: 'runc',
  rootlesskit: 'rootlesskit',
  newuidmap: 'uidmap',
  busybox: 'busybox-static',
  ip: 'iproute2',
  openssl: 'openssl',
  git: 'git',
  chattr: 'e2fsprogs',
  flock: 'util-linux',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  script: 'bsdutils',
  logger: 'bsdutils',
  mount: 'mount',
  pgrep: 'procps',
  tar: 'tar',
};

function folderOf(program) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.find((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Debian's other busybox is linked with libraries that an image made of it alone would lack. */
function isStaticBusybox() {
  const folder = folderOf('busybox');
  return folder !== undefined && spawnSync('ldd', [join(folder, 'busybox')]).status !== 0;
}

function missing() {
  return Object.keys(programs).filter((program) =>
    program === 'busybox' ? !isStaticBusybox() : folderOf(program) === undefined,
  );
}

function isDebianLike() {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** Installs what is missing, where that can be done; gives why the real tests cannot run, or null when they can. */
export function setUpMachine() {
  if (process.getuid() !== 0)
    return 'they start engines of their own, which takes root: run `make test` as root';
  const lacking = missing();
  if (lacking.length === 0) return null;
  const packages = [...new Set(lacking.map((program) => programs[program]))];
  if (!isDebianLike()) {
    return `they need ${lacking.join(', ')}: install them (on Debian and Ubuntu the packages are ${packages.join(' ')})`;
  }
  console.log(`==> Installing ${packages.join(' ')} (services are not started)`);
  const install = resolve(import.meta.dirname, '../install-packages');
  spawnSync(install, packages, { stdio: ['ignore', 'inherit', 'inherit'] });
  const still = missing();
  return still.length === 0 ? null : `${still.join(', ')} could not be installed`;
}
