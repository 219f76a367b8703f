import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** What the image of the virtual machine is made of; Plancton is not among it. */
export interface Recipe {
  /** The Debian release. */
  readonly suite: string;
  readonly packages: readonly string[];
  /** Files that are not a package's, by their path. */
  readonly files: Readonly<Record<string, string>>;
  /** Links to make, by their path. */
  readonly links: Readonly<Record<string, string>>;
  readonly diskSize: string;
}

/** The label of the disk that each run makes anew, and where the image mounts it. */
export const seedLabel = 'seed';
export const seedFolder = '/seed';

const packages = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'docker.io',
  // What docker.io recommends: without it the engine starts nothing on a kernel that has AppArmor.
  'apparmor',
  'linux-image-cloud-amd64',
  'busybox-static',
  'kmod',
  'iproute2',
  'procps',
  'libstdc++6',
];

/** Work that Debian does now and then by itself, and that would be somebody's load during a check. */
const disturbers = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
];

const files: Recipe['files'] = {
  '/etc/hostname': 'owner\n',
  // There is no network; what the machine outside asks for names is its own affair.
  '/etc/resolv.conf': '',
  '/etc/hosts': '127.0.0.1 localhost owner\n::1 localhost\n',
  // A fixed one: an empty file has systemd take each boot for the first one ever.
  '/etc/machine-id': `${createHash('md5').update('the virtual machine of the tests').digest('hex')}\n`,
  '/etc/fstab': `/dev/vda / ext4 defaults 0 0\nLABEL=${seedLabel} ${seedFolder} ext4 ro 0 0\n`,
  // Whatever becomes of the scenario, the machine goes off after it.
  '/etc/systemd/system/scenario.service': `[Unit]
Description=The scenario of a test
Wants=docker.service
After=docker.service multi-user.target
RequiresMountsFor=${seedFolder}
SuccessAction=poweroff-force
FailureAction=poweroff-force

[Service]
ExecStart=/bin/sh ${seedFolder}/start
StandardError=journal+console

[Install]
WantedBy=graphical.target multi-user.target
`,
  // An initrd with nothing but what it takes to mount the disk: it is unpacked by emulation.
  '/etc/initramfs-tools/conf.d/plancton': 'MODULES=list\n',
  '/usr/share/initramfs-tools/modules.d/plancton': 'virtio_pci\nvirtio_blk\next4\n',
};

const links: Recipe['links'] = {
  '/etc/systemd/system/multi-user.target.wants/scenario.service': '../scenario.service',
  ...Object.fromEntries(disturbers.map((unit) => [`/etc/systemd/system/${unit}`, '/dev/null'])),
};

/** The recipe for this machine: on Debian its own release, so that its Node.js runs there; else the newest stable one. */
export function recipeHere(): Recipe {
  return { suite: suiteHere(), packages, files, links, diskSize: '4G' };
}

/** Two recipes with the same key make the same image. */
export function keyOf(recipe: Recipe): string {
  const hash = createHash('sha256').update(JSON.stringify(recipe)).digest('hex');
  return `${recipe.suite}-${hash.slice(0, 16)}`;
}

function suiteHere(): string {
  const facts = readFileSync('/etc/os-release', 'utf8');
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(facts)?.[1];
  return /^ID=debian$/m.test(facts) && codename !== undefined ? codename : 'trixie';
}
