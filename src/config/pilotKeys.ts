import * as z from 'zod/mini';
import {
  describeDevice,
  parseBind,
  parseCapability,
  parseDevice,
  parseImage,
  parseSecurityOption,
  parseUser,
} from './entries.ts';
import { parseExpression } from './expression.ts';
import { ExpressionError } from './expressionTokens.ts';
import { amount, duration, field, list, size, text, Unfit, yesOrNo } from './fields.ts';
import type { Keys } from './key.ts';
import { anyLength, day } from './lengths.ts';

/** What pilots are, and how many. */
export const pilotKeys = {
  max_docks: {
    schema: field(
      'a number of pilots, 0 or more, or an expression',
      (error) =>
        z.union([z.number({ error }).check(z.minimum(0, { error })), z.string({ error })], {
          error,
        }),
      (raw) => {
        try {
          return parseExpression(String(raw).trim());
        } catch (error) {
          if (error instanceof ExpressionError) {
            throw new Unfit(error.message, `not understood at column ${error.column}`);
          }
          throw error;
        }
      },
    ),
    preset: 'max(1, ncpus - 2)',
    type: 'number or expression',
    help: 'The most pilots at a time. See [Expressions](#expressions).',
    examples: ['4', 'ncpus - 2', 'min(ncpus / 2, ram_bytes // max_dock_mem)'],
    formerly: ['max_pilots', 'max_containers'],
    noIsZero: true,
  },
  docker_image: {
    schema: text('an image as in host:port/name:tag@digest', parseImage),
    preset: 'busybox',
    type: 'text',
    help: 'The image that pilots run: `[host[:port]/]name[:tag][@digest]`.',
    examples: ['busybox', 'registry.example.org:5000/grid/pilot:2.1'],
    formerly: ['pilot_dock', 'image'],
  },
  docker_cmd: {
    schema: field(
      'a command, as text or as a list of words',
      (error) =>
        z.union(
          [
            z.string({ error }),
            z.array(z.union([z.string(), z.number(), z.boolean()], { error }), { error }),
          ],
          {
            error,
          },
        ),
      (raw) => (typeof raw === 'string' ? raw.split(/\s+/).filter((word) => word !== '') : raw.map(String)),
    ),
    preset: '/bin/sleep 60',
    type: 'text or list',
    help: 'What a pilot runs. Text is split at spaces, and quotes mean nothing in it: write a list where a word has a space. An empty list runs what the image itself says. `planctonctl config` prints `***` for what follows options that are called as secrets (`--token …`); what is really secret is better kept in an `env_file`, as the node’s users see the command.',
    examples: ['/bin/sleep 60', '[/bin/sh, -c, "echo ready; exec pilot"]'],
    formerly: ['cmd', 'command'],
    asWritten: 'entries',
  },
  docker_privileged: {
    schema: yesOrNo(),
    preset: false,
    type: 'yes or no',
    help: 'Whether pilots run privileged: with every device and capability of the node.',
    examples: ['false', 'true'],
    formerly: ['pilot_privileged', 'privileged'],
  },
  cpus_per_dock: {
    schema: amount('a number of CPUs', { least: 0.01, most: 10_000, words: 'from 0.01 to 10000' }, false),
    preset: 1,
    type: 'number of CPUs',
    help: 'CPUs that one pilot may use; a fraction is allowed.',
    examples: ['1', '0.5'],
  },
  max_dock_mem: {
    schema: size({
      least: 6 * 2 ** 20,
      most: 2 ** 50,
      words: 'of 6 MiB (the least an engine takes) to 1 PiB',
      orZero: true,
    }),
    preset: 2_000_000_000,
    type: 'size',
    help: 'Memory that one pilot may use.',
    examples: ['2000000000', '2GB', '1.5GiB'],
  },
  max_dock_swap: {
    schema: size({ least: 0, most: 2 ** 50, words: 'of 0 to 1 PiB' }),
    preset: 0,
    type: 'size',
    help: 'Swap that one pilot may use beyond its memory.',
    examples: ['0', '1GB'],
    noIsZero: true,
  },
  pids_limit: {
    schema: amount(
      'a whole number of processes',
      { least: 16, most: 4_194_304, words: 'from 16 to 4194304' },
      true,
    ),
    preset: 4096,
    type: 'number of processes',
    help: 'The most processes and threads that one pilot may have, so that one that runs wild does not take those of the node.',
    examples: ['4096', '512'],
  },
  max_ttl: {
    schema: duration(anyLength),
    preset: 43_200,
    type: 'time',
    help: 'How long one pilot may run; then it is stopped, with `stop_grace` between notice and end. A change reaches the pilots that run, too, where they are of the kind that the top of the file makes.',
    examples: ['43200', '12h', '2d'],
  },
  stop_grace: {
    schema: duration({ least: 0, most: day, words: 'of 0 s to 1 day' }),
    preset: 10,
    type: 'time',
    help: 'Time between the notice that a pilot is given (SIGTERM, or the stop signal of its image) and its end by SIGKILL.',
    examples: ['10', '30s'],
  },
  user_group: {
    schema: field(
      'a user and group such as 0:0',
      (error) => z.union([z.string({ error }), z.number({ error })], { error }),
      (raw) => parseUser(String(raw)),
    ),
    preset: '0:0',
    type: 'text',
    help: 'The user and group that pilots run as: `uid:gid`, or names that the image knows.',
    examples: ['0:0', '1000:1000'],
    asWritten: 'value',
  },
  network_mode: {
    schema: text('a network such as bridge, host or none', (raw) => {
      if (!/^[A-Za-z0-9][\w.:=,+/-]*$/.test(raw)) throw new Unfit();
      return raw;
    }),
    preset: 'bridge',
    type: 'text',
    help: 'The network of pilots: `bridge`, `host`, `none`, or the name of a network that the engine has.',
    examples: ['bridge', 'host', 'none'],
    formerly: ['network'],
  },
  binds: {
    schema: list(
      'a list of binds such as /host:/container',
      text('a bind such as /host:/container or /host:/container:ro', parseBind),
    ),
    preset: [],
    type: 'list of `host:container[:mode]`',
    help: 'Folders and files of the node that pilots see. Without a mode it is `rw`, with `shared` where the source’s mount is shared and `Z` where SELinux is on; a mode that is written is taken as it is (`ro`, `rw`, `z`, `Z`, `shared`, `slave`, `private`, …, separated by commas).',
    examples: ['[/cvmfs:/cvmfs]', '[/data:/data:ro]'],
    formerly: ['volumes', 'mounts'],
    aloneIsList: true,
  },
  devices: {
    schema: list(
      'a list of devices such as /dev/fuse:/dev/fuse:rwm',
      field(
        'a device such as /dev/fuse:/dev/fuse:rwm, or a mapping with PathOnHost, PathInContainer, CgroupPermissions',
        (error) =>
          z.union(
            [
              z.string({ error }),
              z.strictObject(
                {
                  PathOnHost: z.string({ error }),
                  PathInContainer: z.optional(z.string({ error })),
                  CgroupPermissions: z.optional(z.string({ error })),
                },
                { error },
              ),
            ],
            { error },
          ),
        parseDevice,
        describeDevice,
      ),
    ),
    preset: [],
    type: 'list of `host[:container][:rwm]`',
    help: 'Devices of the node that pilots may use; each also as a mapping with `PathOnHost`, `PathInContainer`, `CgroupPermissions`.',
    examples: ['[/dev/fuse]', '[/dev/fuse:/dev/fuse:rw]'],
    aloneIsList: true,
  },
  capabilities: {
    schema: list(
      'a list of capabilities such as SYS_ADMIN',
      text('a capability such as SYS_ADMIN, or -NET_RAW to drop one', parseCapability),
    ),
    preset: [],
    type: 'list',
    help: 'Linux capabilities beyond the engine’s usual ones: `SYS_ADMIN` or `+SYS_ADMIN` adds, `-NET_RAW` drops.',
    examples: ['[SYS_ADMIN]', '[SYS_PTRACE, -NET_RAW]'],
    formerly: ['caps', 'cap_add'],
    aloneIsList: true,
  },
  security_opts: {
    schema: list(
      'a list of security options such as apparmor=docker-default',
      text('a security option such as apparmor=docker-default', parseSecurityOption),
    ),
    preset: [],
    type: 'list',
    help: 'Security options of the engine, such as AppArmor profiles. `apparmor` entries are left out where AppArmor is off.',
    examples: ['[apparmor=docker-cvmfs]', '[label=disable]'],
    formerly: ['secopt', 'security_opt'],
    aloneIsList: true,
  },
} as const satisfies Keys;
