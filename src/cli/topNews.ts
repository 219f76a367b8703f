import { spanText } from '../decide/numbers.ts';
import type { Status } from '../model/status.ts';

/** What has changed from one look at the daemon to the next, a line each; `before` is null at the first look. */
export function news(before: Status | null, now: Status): string[] {
  return before === null ? firstLook(now) : [...pilotNews(before, now), ...otherNews(before, now)];
}

function firstLook(now: Status): string[] {
  return [
    `Plancton ${now.version} on ${now.hostname}, PID ${now.pid}, ${now.state}`,
    engineNews(now),
    configNews(now),
    countNews(now),
    nodeNews(now),
    ...(now.lastDecision === null ? [] : [now.lastDecision.text]),
    ...refusalNews(now),
  ];
}

/** Pilots that came and went; the last decision tells of one of them in its own words. */
function pilotNews(before: Status, now: Status): string[] {
  const decided =
    now.lastDecision?.at !== before.lastDecision?.at || now.lastDecision?.text !== before.lastDecision?.text;
  const words = decided ? (now.lastDecision?.text ?? '') : '';
  const lives = (status: Status): Map<string, Status['pilots']['list'][number]> =>
    new Map(
      status.pilots.list
        .filter(({ state }) => state === 'running' || state === 'paused')
        .map((one) => [one.name, one]),
    );
  const [past, present] = [lives(before), lives(now)];
  const ended = [...past.values()].filter(({ name }) => !present.has(name));
  const started = [...present.values()].filter(({ name }) => !past.has(name));
  const lines = [
    ...ended.map((pilot) => ({
      name: pilot.name,
      text: `${pilot.name} ended${pilot.ageSeconds === null ? '' : `, seen running for ${spanText(pilot.ageSeconds * 1000)}`}`,
    })),
    ...started.map(({ name }) => ({ name, text: `${name} started` })),
  ].filter(({ name }) => !words.includes(name));
  const texts = [...lines.map(({ text }) => text), ...(words === '' ? [] : [words])];
  if (ended.length + started.length === 0)
    return before.pilots.paused === now.pilots.paused ? texts : [...texts, countNews(now)];
  return [...texts, glance(now)];
}

/** How the node is, for who has heard nothing for a while. */
export function glance(now: Status): string {
  return `${countNews(now)}; ${nodeNews(now)}`;
}

function countNews({ pilots }: Status): string {
  const count = `${pilots.running} of at most ${pilots.limit} pilots`;
  return pilots.paused === 0 ? `${count} run` : `${count}, ${pilots.paused} paused`;
}

function otherNews(before: Status, now: Status): string[] {
  const changed = (of: (status: Status) => unknown): boolean =>
    JSON.stringify(of(before)) !== JSON.stringify(of(now));
  return [
    ...(changed(({ pid }) => pid) ? [`another daemon: PID ${now.pid}`] : []),
    ...(changed(({ state, control }) => [state, control]) ? [stateNews(now)] : []),
    ...(changed(({ engine }) => [engine.answering, engine.endpoint, engine.version])
      ? [engineNews(now)]
      : []),
    ...(changed(({ config }) => [config.state, config.loadedAt, config.problems]) ? [configNews(now)] : []),
    ...(changed(({ pilots }) => pilots.limit) ? [`at most ${now.pilots.limit} pilots now`] : []),
    ...imageNews(before, now),
    ...(changed(({ refusals }) => refusals[0]?.rule) ? refusalNews(now) : []),
    ...now.influxdb
      .filter((sink, index) => sink.state !== before.influxdb[index]?.state)
      .map((sink) => `InfluxDB ${sink.target} ${sink.state}${sink.error === '' ? '' : `: ${sink.error}`}`),
  ];
}

/** Pulls that fail, or fail in another way. */
function imageNews(before: Status, now: Status): string[] {
  const errorOf = (reference: string): string =>
    before.images.find((image) => image.reference === reference)?.error ?? '';
  return now.images
    .filter(({ reference, error }) => error !== '' && error !== errorOf(reference))
    .map(({ error }) => `image: ${error}`);
}

function stateNews({ state, control }: Status): string {
  const asked = [
    control.drain ? 'drain' : '',
    control.stop ? 'stop' : '',
    control.forceStop ? 'force-stop' : '',
  ].filter(Boolean);
  return `${state}${asked.length === 0 ? '' : ` (asked for: ${asked.join(', ')})`}`;
}

function engineNews({ engine }: Status): string {
  return engine.answering
    ? `${engine.product} ${engine.version} answers at ${engine.endpoint}`
    : `no engine answers at ${engine.endpoint || 'any of the usual places'}: ${engine.reason}`;
}

function configNews({ config }: Status): string {
  if (config.state === 'defaults') return `${config.file} is not there: defaults`;
  return config.state === 'good'
    ? `${config.file} is in force`
    : `${config.file} has faults, the last good one is in force: ${config.problems.join('; ')}`;
}

function refusalNews({ refusals }: Status): string[] {
  return refusals[0] === undefined ? [] : [`no further pilot: ${refusals[0].text}`];
}

function nodeNews({ node }: Status): string {
  const cpus = (value: number | null): string => (value === null ? 'unknown' : value.toFixed(2));
  const memory =
    node.memoryAvailableBytes === null ? 'unknown' : `${(node.memoryAvailableBytes / 1e9).toFixed(1)} GB`;
  return `of ${node.cpus} CPUs the owner uses ${cpus(node.ownerCpus)}, pilots ${cpus(node.pilotsCpus)}; memory available ${memory}`;
}
