import { writeKept, writePercent } from './amounts.ts';
import { valueWithoutPasswords } from './hidden.ts';
import { kindInFileTerms, topLevelInFileTerms } from './kindText.ts';
import { influxInFileTerms, writeInfluxUrl } from './influxTargets.ts';
import type { Origin } from './knownKeys.ts';
import { fleetInFileTerms } from './fleetSource.ts';
import { writeListen } from './listen.ts';
import type { LoadResult } from './load.ts';
import { formatKey, formatProblem, type KeyPath } from './problem.ts';
import { absentFingerprint } from './readFile.ts';
import { writeTimeWindow } from './schedule.ts';
import { writeYamlKey, writeYamlValue } from './yamlWriter.ts';

type Loaded = Extract<LoadResult, { ok: true }>;

/**
 * The configuration in force, as YAML that loads to the same settings: each key with its value and where that came
 * from. Passwords are `***`, also in URLs anywhere, and so are variables and options of pilots that are called as secrets.
 * `label` names the file in the remarks.
 */
export function explainSettings(label: string, loaded: Loaded): string {
  const heading =
    loaded.fingerprint === absentFingerprint
      ? `# ${label} is not there: every value is a default`
      : `# in force from ${label}`;
  return `${[heading, ...explainMapping(valuesInForce(loaded), [], label, loaded)].join('\n')}\n`;
}

/** `outer` is where the mapping itself came from, for what is not told apart in it. */
function explainMapping(
  mapping: object,
  path: KeyPath,
  label: string,
  loaded: Loaded,
  outer: Origin = 'default',
): string[] {
  const indent = '  '.repeat(path.length);
  return Object.entries(mapping).flatMap(([name, value]: [string, unknown]) => {
    const place = [...path, name];
    const origin = loaded.origins.get(formatKey(place)) ?? outer;
    const key = writeYamlKey(name);
    const [first = '', ...rest] = isFilledMapping(value)
      ? [`${indent}${key}:`, ...explainMapping(value, place, label, loaded, origin)]
      : isListOfMappings(value)
        ? [`${indent}${key}:`, ...explainEntries(value, place, label, loaded)]
        : writeYamlValue(key, valueWithoutPasswords(value)).map((line) => indent + line);
    const remark = origin === 'default' ? '# default' : `# ${label}:${origin.line}`;
    return [`${first.padEnd(36)}  ${remark}`, ...rest];
  });
}

function explainEntries(entries: readonly object[], path: KeyPath, label: string, loaded: Loaded): string[] {
  return entries.flatMap((entry, index) => {
    const place = [...path, index];
    const [first = '', ...rest] = explainMapping(entry, place, label, loaded);
    // the dash takes the place of the first key's indent
    return [`${'  '.repeat(path.length)}- ${first.trimStart()}`, ...rest];
  });
}

function isFilledMapping(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.keys(value).length > 0;
}

function isListOfMappings(value: unknown): value is readonly object[] {
  return Array.isArray(value) && value.length > 0 && value.every(isFilledMapping);
}

/** The settings in the file's own terms. */
function valuesInForce({ settings, origins }: Loaded): Record<string, unknown> {
  const { topLevelKind, kinds } = settings;
  const isWritten = (key: string): boolean => (origins.get(key) ?? 'default') !== 'default';
  const isOnly = !isWritten('pilots');
  const isKind = isOnly || isWritten('docker_image') || isWritten('docker_cmd');
  const listed = kinds.slice(isKind ? 1 : 0).filter((_, index) => origins.has(`pilots[${index}].name`));
  return {
    max_docks: settings.pilotLimit.text,
    ...topLevelInFileTerms(topLevelKind),
    // what is written of these makes a kind
    ...(isKind ? {} : { docker_image: null, docker_cmd: null }),
    pilots: isOnly ? null : listed.map(kindInFileTerms),
    hs06: settings.hs06,
    host_rundir: settings.hostRunFolder,
    pilot_logs: {
      per_pilot: settings.logRetention.perPilotBytes,
      all: settings.logRetention.allBytes,
      age: settings.logRetention.ageMs / 1000,
    },
    main_sleep: settings.mainSleepMs / 1000,
    docks_per_loop: settings.startsPerLoop,
    grace_kill: settings.graceKillMs / 1000,
    grace_spawn: settings.graceSpawnMs / 1000,
    image_expiration: settings.imageExpirationMs / 1000,
    reserve: {
      cpus: writeKept(settings.reserve.cpus),
      memory: writeKept(settings.reserve.memory),
      disk: writeKept(settings.reserve.disk),
    },
    owner_slowdown: writePercent(settings.ownerSlowdown),
    max_pause: settings.maxPauseMs / 1000,
    dry_run: settings.dryRun,
    learn: settings.learn,
    yield_to_user: settings.signs.user,
    user_away: settings.signs.userAwayMs / 1000,
    yield_on_battery: settings.signs.battery,
    yield_to_programs: settings.signs.programs,
    schedule: settings.signs.schedule.map(writeTimeWindow),
    max_temperature: settings.signs.maxTemperatureC,
    updateconfig: settings.updateConfigMs / 1000,
    adopt_unlabelled: settings.adoptUnlabelled,
    cpu_class: settings.cpuClass,
    influxdb_url: settings.influxdb.filter(({ key }) => key === 'influxdb_url').map(writeInfluxUrl),
    log_format: settings.logFormat,
    syslog: settings.syslog,
    influxdb: settings.influxdb.filter(({ key }) => key === 'influxdb').map(influxInFileTerms),
    listen: writeListen(settings.listen),
    listen_names: settings.listenNames,
    listen_logs: logReaders[settings.listenLogs],
    fleet: isWritten('fleet') ? fleetInFileTerms(settings.fleet) : null,
    engine: settings.engine,
  };
}

/** As the file has them. */
const logReaders = { local: 'local', all: 'yes', none: 'no' } as const;

/** All that a check found, a line each, and a line that sums it up. */
export function explainCheck(label: string, result: LoadResult): string {
  const errors = result.ok ? [] : result.problems;
  const lines = [
    ...errors.map((problem) => `error: ${formatProblem(label, problem)}`),
    ...result.warnings.map((problem) => `warning: ${formatProblem(label, problem)}`),
  ];
  return `${[...lines, summary(label, result, errors.length)].join('\n')}\n`;
}

function summary(label: string, result: LoadResult, errorCount: number): string {
  const warnings = countOf(result.warnings.length, 'warning');
  if (!result.ok) {
    const also = result.warnings.length === 0 ? '' : `, ${warnings}`;
    return `${label}: ${countOf(errorCount, 'error')}${also}: it would not be put in force`;
  }
  if (result.fingerprint === absentFingerprint) return `${label} is not there: every value is a default`;
  return result.warnings.length === 0 ? `${label}: good` : `${label}: good, with ${warnings}`;
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
