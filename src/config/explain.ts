import type { Bind, Device } from '../model/kind.ts';
import type { InfluxTarget, Settings } from '../model/settings.ts';
import { writeKept, writePercent } from './amounts.ts';
import type { LoadResult } from './load.ts';
import { formatKey, formatProblem, type KeyPath } from './problem.ts';
import { absentFingerprint } from './readFile.ts';
import { writeTimeWindow } from './schedule.ts';
import { writeYamlValue } from './yamlWriter.ts';

type Loaded = Extract<LoadResult, { ok: true }>;

/**
 * The configuration in force, as YAML that loads to the same settings: each key with its value and where that came
 * from. Passwords are `***`. `label` names the file in the remarks.
 */
export function explainSettings(label: string, loaded: Loaded): string {
  const heading =
    loaded.fingerprint === absentFingerprint
      ? `# ${label} is not there: every value is a default`
      : `# in force from ${label}`;
  return `${[heading, ...explainMapping(valuesInForce(loaded.settings), [], label, loaded)].join('\n')}\n`;
}

function explainMapping(mapping: object, path: KeyPath, label: string, loaded: Loaded): string[] {
  return Object.entries(mapping).flatMap(([name, value]: [string, unknown]) => {
    const place = [...path, name];
    const origin = loaded.origins.get(formatKey(place)) ?? 'default';
    const remark = origin === 'default' ? '# default' : `# ${label}:${origin.line}`;
    const indent = '  '.repeat(path.length);
    const isSection = typeof value === 'object' && value !== null && !Array.isArray(value);
    const [first = '', ...rest] = isSection
      ? [`${name}:`, ...explainMapping(value, place, label, loaded)]
      : writeYamlValue(name, value).map((line) => indent + line);
    return [`${(isSection ? indent + first : first).padEnd(36)}  ${remark}`, ...rest];
  });
}

/** The settings in the file's own terms. */
function valuesInForce(settings: Settings): Record<string, unknown> {
  const { kind } = settings;
  return {
    max_docks: settings.pilotLimit.text,
    docker_image: kind.image,
    docker_cmd: kind.command,
    docker_privileged: kind.privileged,
    cpus_per_dock: kind.cpus,
    max_dock_mem: kind.memoryBytes,
    max_dock_swap: kind.swapBytes,
    pids_limit: kind.pidsLimit,
    max_ttl: kind.ttlMs / 1000,
    stop_grace: kind.stopGraceMs / 1000,
    user_group: kind.user,
    network_mode: kind.networkMode,
    binds: kind.binds.map(writeBind),
    devices: kind.devices.map(writeDevice),
    capabilities: [...kind.capabilitiesAdded, ...kind.capabilitiesDropped.map((name) => `-${name}`)],
    security_opts: kind.securityOptions,
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
    influxdb_url: settings.influxdb.map(writeInfluxUrl),
    log_format: settings.logFormat,
    syslog: settings.syslog,
    engine: settings.engine,
  };
}

function writeBind({ source, target, mode }: Bind): string {
  return mode === null ? `${source}:${target}` : `${source}:${target}:${mode}`;
}

function writeDevice({ source, target, permissions }: Device): string {
  return `${source}:${target}:${permissions}`;
}

function writeInfluxUrl(target: InfluxTarget): string {
  const scheme = target.verifyCertificate ? target.protocol : 'insecure_https';
  const user = target.username === null ? '' : encodeURIComponent(target.username);
  const password = target.password === null ? '' : `:${target.password.toString()}`;
  const login = user + password === '' ? '' : `${user}${password}@`;
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return `${scheme}://${login}${host}:${target.port}${target.path}#${encodeURIComponent(target.database)}`;
}

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
