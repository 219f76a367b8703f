import { bytesText, counted, percentText, spanText } from '../decide/numbers.ts';
import type { Status } from '../model/status.ts';
import { type Paint, plain, type Style } from './terminal.ts';

/** A broken engine may refuse every pilot for the same reason. */
const mostTroubles = 3;

/** A status in a few lines for a person. `nowMs` is wall time. */
export function statusText(status: Status, nowMs: number, paint: Paint = plain): string {
  return statusRows(status, nowMs)
    .map(([name, text]) => {
      const style = rowStyle(status, name);
      return `${paint('bold', name.padEnd(9))} ${style === undefined ? text : paint(style, text)}`;
    })
    .join('\n');
}

/** The colour of a line of a status: what is not as it should be is red. */
export function rowStyle({ state, engine, config }: Status, name: string): Style | undefined {
  switch (name) {
    case 'State':
      return state === 'active' ? 'green' : state === 'draining' ? 'yellow' : 'red';
    case 'Engine':
      return engine.answering ? undefined : 'red';
    case 'Config':
      return config.state === 'bad' ? 'red' : undefined;
    case 'Trouble':
      return 'red';
    default:
      return undefined;
  }
}

/** What cannot be done to which pilot, each in a sentence. */
export function troublesOf(status: Status): string[] {
  return status.pilots.list.flatMap(({ trouble }) => trouble ?? []);
}

/** The same, each line as its name and its text. */
export function statusRows(status: Status, nowMs: number): readonly (readonly [string, string])[] {
  const rows: [string, string][] = [
    [
      'Plancton',
      `${status.version} on ${status.hostname}, PID ${status.pid}, for ${ago(status.since, nowMs)}`,
    ],
    ['State', status.dryRun ? `${stateText(status)} (dry_run: nothing is done)` : stateText(status)],
    ['Pilots', pilotsText(status)],
    ['Node', nodeText(status)],
    ['Account', accountText(status, nowMs)],
    ['Engine', engineText(status)],
    ['Kernel', kernelText(status)],
    ...folderRows(status),
    ...imageRows(status, nowMs),
    ['Config', configText(status)],
    [
      'Last',
      status.lastDecision === null
        ? 'nothing yet'
        : `${status.lastDecision.text} (${ago(status.lastDecision.at, nowMs)} ago)`,
    ],
    ['Page', pageText(status)],
    ['InfluxDB', influxText(status)],
  ];
  const why = status.refusals[0];
  if (why !== undefined) rows.splice(3, 0, ['Why', why.text]);
  const troubles = troublesOf(status);
  rows.push(...troubles.slice(0, mostTroubles).map((text): [string, string] => ['Trouble', text]));
  if (troubles.length > mostTroubles) rows.push(['', `and ${troubles.length - mostTroubles} more like this`]);
  return rows;
}

function ago(stamp: string, nowMs: number): string {
  return spanText(nowMs - Date.parse(stamp));
}

function stateText(status: Status): string {
  if (status.control.forceStop) return 'force-stop: removing every pilot';
  if (status.state === 'waiting') return 'waiting for the container engine';
  if (status.state === 'draining')
    return status.control.stop ? 'draining, ends with its last pilot (drain-stop)' : 'draining';
  return 'active';
}

/** What pilots may write is worth a line where nothing but our looking bounds it. */
function folderRows({ folders }: Status): [string, string][] {
  if (folders.bound === 'mounted') return [];
  return [['Folders', `what pilots write into theirs is only watched: ${folders.why}`]];
}

function pilotsText(status: Status): string {
  const others =
    status.pilots.unmanaged === 0
      ? ''
      : `, and ${counted(status.pilots.unmanaged, 'container')} without a proof of being ours`;
  const { running, paused, limit } = status.pilots;
  return paused === 0
    ? `${running} running of at most ${limit}${others}`
    : `${running} of at most ${limit}, ${paused} paused${others}`;
}

function nodeText(status: Status): string {
  const { node } = status;
  const cpus = (value: number | null): string => (value === null ? 'unknown' : value.toFixed(2));
  const memory =
    node.memoryAvailableBytes === null || node.memoryTotalBytes === null
      ? 'memory unknown'
      : `${bytesText(node.memoryAvailableBytes)} of ${bytesText(node.memoryTotalBytes)} memory available`;
  return `${counted(node.cpus, 'CPU')}: owner ${cpus(node.ownerCpus)}, pilots ${cpus(node.pilotsCpus)}; ${memory}`;
}

/** What pilots have had, and what it cost. */
function accountText({ account }: Status, nowMs: number): string {
  const { since, harvestedSeconds, wastedSeconds, ownerDelaySeconds, ownerDelayShare } = account;
  if (since === null) return 'nothing yet';
  const span = (seconds: number): string => spanText(seconds * 1000);
  const had = `pilots had ${span(harvestedSeconds)} of CPU time in ${ago(since, nowMs)}`;
  const lost = `${span(wastedSeconds)} of it lost with evicted ones`;
  if (ownerDelaySeconds === null || ownerDelayShare === null)
    return `${had}, ${lost}; what the owner waited is not told`;
  return `${had}, ${lost}; the owner waited ${span(ownerDelaySeconds)} (${percentText(ownerDelayShare)})`;
}

function engineText(status: Status): string {
  const { engine } = status;
  if (!engine.answering) return `${engine.endpoint || 'none found'} does not answer: ${engine.reason}`;
  return `${engine.product} ${engine.version} at ${engine.endpoint} (API ${engine.apiVersion})`;
}

/** What the kernel does for the owner by itself, and what is left to us. */
function kernelText({ engine, parent }: Status): string {
  if (engine.product === null) return 'nothing is known before an engine has answered';
  const { cpuClass, ioWeight, oomScoreAdj, pidsLimit, can, fallback } = parent;
  const { asked, had } = cpuClass;
  const relief = Object.entries(can).flatMap(([verb, isThere]) => (isThere ? [verb] : []));
  const facts = [
    `CPU class ${had}${had === asked ? '' : ` (${asked} was asked for)`}`,
    ioWeight.had ? 'smallest I/O weight' : 'no I/O weight',
    oomScoreAdj === null ? 'not marked for the out-of-memory killer' : `out-of-memory score ${oomScoreAdj}`,
    `${pidsLimit} processes each`,
    `can ${relief.join(', ') || 'only be ended by the engine'}`,
  ];
  return `${facts.join(', ')}${fallback === '' ? '' : `; ${fallback}`}`;
}

/** A line for each image; which kinds are made of it, where there is more than one. */
function imageRows({ images }: Status, nowMs: number): [string, string][] {
  return images.map((image, index) => {
    const whose = images.length === 1 ? '' : ` (${image.kinds.join(', ')})`;
    return [index === 0 ? 'Image' : '', `${image.reference}${whose}: ${imageText(image, nowMs)}`];
  });
}

function imageText({ reference, id, pulledAt, error }: Status['images'][number], nowMs: number): string {
  const failed = error === '' ? '' : `; last pull: ${error}`;
  if (id === null) return `not there${failed}`;
  const short = id.replace(/^sha256:/, '').slice(0, 12);
  if (pulledAt !== null) return `${short}, pulled ${ago(pulledAt, nowMs)} ago${failed}`;
  const tried = error === '' ? '' : ` (last try: ${withoutName(error, reference)})`;
  return `${short}, local image, never pulled${tried}`;
}

/** What is told beside an image need not name it again. */
function withoutName(error: string, reference: string): string {
  const known = `cannot pull image ${reference}: `;
  return error.startsWith(known) ? error.slice(known.length) : error;
}

function configText(status: Status): string {
  const { config } = status;
  if (config.state === 'defaults') return `${config.file} is not there: defaults`;
  if (config.state === 'good') {
    return config.warnings.length === 0
      ? config.file
      : `${config.file} with ${counted(config.warnings.length, 'warning')}`;
  }
  return `${config.file} has faults, the last good one is in force: ${config.problems[0] ?? ''}`;
}

function pageText({ page }: Status): string {
  if (page.url !== null) return page.url;
  return page.error === '' ? 'none (listen: none)' : `none: ${page.error}`;
}

function influxText(status: Status): string {
  if (status.influxdb.length === 0) return 'none configured';
  return status.influxdb
    .map((sink) => {
      const waiting = sink.waitingPoints === 0 ? '' : `, ${counted(sink.waitingPoints, 'point')} waiting`;
      const lost = sink.droppedPoints === 0 ? '' : `, ${sink.droppedPoints} dropped`;
      return `${sink.target} ${sink.state}${sink.error === '' ? '' : ` (${sink.error})`}, ${sink.sentPoints} sent${waiting}${lost}`;
    })
    .join('; ');
}
