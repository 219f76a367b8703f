import * as z from 'zod/mini';
import { daemonKeys, paceKeys } from './daemonKeys.ts';
import { engineSection } from './engineKeys.ts';
import { fleetKeys } from './fleetKeys.ts';
import { influxListKeys } from './influxKeys.ts';
import { kindListKeys } from './kindKeys.ts';
import { kindsGuide } from './kindsGuide.ts';
import { learnKeys } from './learnKeys.ts';
import { type Key, type Keys, type Parsed, withPreset } from './key.ts';
import { ownerKeys } from './ownerKeys.ts';
import { pageKeys } from './pageKeys.ts';
import { pilotKeys } from './pilotKeys.ts';
import { signKeys } from './signKeys.ts';
import { tellingKeys } from './tellingKeys.ts';

// zod would else try to compile its checks by `new Function`: nothing here is ever run from text
z.config({ jitless: true });

/*
 * The one source of the configuration file's shape: validation, defaults, the printed configuration, the documentation
 * and the JSON Schema for editors all come from these tables.
 */

/** The keys of the file in groups, in the order of the documentation. */
export const keyGroups: readonly {
  readonly title: string;
  /** What the documentation says before the keys. */
  readonly intro?: string;
  readonly keys: Keys;
}[] = [
  { title: 'Pilots', keys: pilotKeys },
  { title: 'Kinds of pilots', intro: kindsGuide, keys: kindListKeys },
  { title: 'What pilots are told and leave', keys: tellingKeys },
  { title: 'Pace and patience', keys: paceKeys },
  { title: 'The owner’s share', keys: ownerKeys },
  { title: 'Learning', keys: learnKeys },
  { title: 'Signs of the owner', keys: signKeys },
  { title: 'Daemon and reports', keys: { ...daemonKeys, ...influxListKeys } },
  { title: 'Page, metrics and fleet', keys: { ...pageKeys, ...fleetKeys } },
  { title: 'Engine', keys: engineSection },
];

/** Every key of the file. */
export const keys = {
  ...pilotKeys,
  ...kindListKeys,
  ...tellingKeys,
  ...paceKeys,
  ...ownerKeys,
  ...learnKeys,
  ...signKeys,
  ...daemonKeys,
  ...influxListKeys,
  ...pageKeys,
  ...fleetKeys,
  ...engineSection,
} as const satisfies Keys;

/** A whole file, checked. */
export type ParsedFile = Parsed<typeof keys>;

/** Checks a whole file, from which unknown keys and nulls have been taken out. */
export const fileSchema = z.strictObject(
  Object.fromEntries(Object.entries<Key<unknown>>(keys).map(([name, key]) => [name, withPreset(key)])),
);
