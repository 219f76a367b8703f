// What tests need from the machine beside Node.js, and how it gets there.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Programs, or files, that each set of tests uses, with the Debian package that brings each. */
const needs = {
  real: {
    dockerd: 'docker.io',
    'docker-registry': 'docker-registry',
    influxd: 'influxdb',
    prometheus: 'prometheus',
    promtool: 'prometheus',
    'docker-compose': 'docker-compose',
    chromium: 'chromium',
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
    findmnt: 'util-linux',
    sshd: 'openssh-server',
    'ssh-keygen': 'openssh-client',
    pgrep: 'procps',
    gearmand: 'gearman-job-server',
    gearman: 'gearman-tools',
    bash: 'bash',
    zsh: 'zsh',
    fish: 'fish',
    mandoc: 'mandoc',
    ldd: 'libc-bin',
    tar: 'tar',
  },
  vm: {
    'qemu-system-x86_64': 'qemu-system-x86',
    mmdebstrap: 'mmdebstrap',
    mke2fs: 'e2fsprogs',
    setpriv: 'util-linux',
    unshare: 'util-linux',
    '/usr/share/keyrings/debian-archive-keyring.gpg': 'debian-archive-keyring',
  },
};
/** Why each of them takes root. */
const whyRoot = {
  real: 'they start engines of their own',
  vm: 'it is made of packages',
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

function isThere(need) {
  if (need.startsWith('/')) return existsSync(need);
  return need === 'busybox' ? isStaticBusybox() : folderOf(need) !== undefined;
}

function missing(set) {
  return Object.keys(needs[set]).filter((need) => !isThere(need));
}

function isDebianLike() {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function obstacleTo(set) {
  if (process.getuid() !== 0) return `${whyRoot[set]}, which takes root: run \`make test\` as root`;
  if (set === 'vm' && process.arch !== 'x64') return `it is made for x86_64, and this is ${process.arch}`;
  const lacking = missing(set);
  if (lacking.length === 0) return null;
  const packages = lacking.map((need) => needs[set][need]).join(' ');
  return `${lacking.join(', ')} cannot be had: install what has it (on Debian and Ubuntu the packages are ${packages})`;
}

/**
 * Installs what is missing for these sets of tests (`real`, `vm`), where that can be done; gives for each why it cannot
 * run, or null when it can.
 */
export function setUpMachine(sets) {
  for (const set of sets) {
    const packages = [...new Set(missing(set).map((need) => needs[set][need]))];
    if (packages.length === 0 || process.getuid() !== 0 || !isDebianLike()) continue;
    console.log(`==> Installing ${packages.join(' ')} (services are not started)`);
    const install = resolve(import.meta.dirname, '../install-packages');
    spawnSync(install, packages, { stdio: ['ignore', 'inherit', 'inherit'] });
  }
  return Object.fromEntries(sets.map((set) => [set, obstacleTo(set)]));
}
