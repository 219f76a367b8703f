import type { Decision } from '../decide/types.ts';
import { bytesText, cpusText } from '../decide/numbers.ts';
import { withheldTexts } from '../decide/withheld.ts';
import type { ActionResult, EndReport } from '../model/action.ts';
import type { Log } from '../model/log.ts';
import type { Reason } from '../model/reason.ts';
import { unreachable } from '../model/unreachable.ts';
import { Pace } from './pace.ts';
import { PullStory, type Told } from './pullStory.ts';
import { RecentWords } from './recentWords.ts';
import type { Tick } from './tick.ts';

/** How long a refusal stands before it is told. */
const standsMs = 2000;

/** Writes the daemon's story: a line for each action that ended, and for each change of mind. */
export class Narrator {
  readonly #log: Log;
  readonly words = new RecentWords();
  #refusal: { rule: string; sinceMs: number; said: boolean } = { rule: '', sinceMs: 0, said: true };
  readonly #drainPace = new Pace();
  readonly #pulls = new PullStory();
  #drains = false;
  #stopSaid = false;
  #thoughts: readonly string[] = [];
  #forceStopSaid = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Tells what became of an action; `imageIsThere` says whether a pull that failed leaves one to run. */
  result(result: ActionResult, imageIsThere: boolean, wallMs: number): void {
    const told = describe(result, this.#pulls, imageIsThere);
    if (told.level === 'debug') {
      this.#log.debug(told.text);
      return;
    }
    this.words.did(told.text, wallMs);
    if (told.level === 'warn') this.#log.warn(told.text);
    else this.#log.info(told.text);
  }

  /** Tells the end of a pilot that somebody else removed. */
  vanished(report: EndReport, how: string, wallMs: number): void {
    const text = `${describeEnd(report).text}: ${how}`;
    this.words.did(text, wallMs);
    this.#log.warn(text);
  }

  /** Tells the beginning of what takes long or ends somebody's work, and why. */
  decided(decision: Decision, nowMs: number, wallMs: number): void {
    for (const action of decision.actions) {
      if (action.do === 'stop')
        this.#say(`giving notice to ${action.name} (${action.outcome}): ${action.why.text}`, wallMs);
      if (action.do === 'pull' && this.#pulls.isNews(action))
        this.#say(`pulling image ${action.reference}: ${action.why}`, wallMs);
    }
    this.#thought(withheldTexts(decision.withheld));
    this.#refused(decision.refusals, nowMs, wallMs);
  }

  /** The phrases that scripts look for: at once, and then once in each `main_sleep` while draining. */
  control(
    control: { drain: boolean; stop: boolean; forceStop: boolean },
    nowMs: number,
    loopMs: number,
  ): void {
    if (control.forceStop && !this.#forceStopSaid)
      this.#log.warn('force-stop requested: not starting containers, killing existing');
    this.#forceStopSaid = control.forceStop;
    if (control.stop && control.drain && !this.#stopSaid)
      this.#log.info('drain-stop requested: the daemon ends with its last pilot');
    this.#stopSaid = control.stop && control.drain;
    if (!control.drain) {
      if (this.#drains) this.#log.info('drain is over: containers will be started again');
      this.#drainPace.restart();
    } else if (this.#drainPace.isDue(nowMs, loopMs)) {
      this.#log.info('draining: no new containers will be started');
    }
    this.#drains = control.drain;
  }

  /** One line of what the node looks like, at each `main_sleep`. */
  glance({ decision, policy, seen, sample }: Tick): void {
    const owner = seen.ownerCpus.known ? cpusText(seen.ownerCpus.value) : 'unknown';
    const pilots = seen.pilotsCpus.known ? cpusText(seen.pilotsCpus.value) : 'unknown';
    const counts = `${decision.running} of ${policy.limit} pilots`;
    this.#log.info(`${counts}; of ${sample.host.cpuCount} CPUs the owner uses ${owner}, pilots ${pilots}`);
  }

  /** What a dry run would do is told when it is another thing: it is decided anew at each tick. */
  #thought(texts: readonly string[]): void {
    const sorts = texts.map((text) => text.split(':', 1)[0] ?? '');
    const news = texts.filter((_, index) => !this.#thoughts.includes(sorts[index] ?? ''));
    for (const text of news) this.#log.info(`dry run: ${text}`);
    this.#thoughts = sorts;
  }

  #say(text: string, wallMs: number): void {
    this.words.did(text, wallMs);
    this.#log.info(text);
  }

  /**
   * A refusal is worth a line when it stands for a while: those of a start that is under way come and go. Its numbers
   * alone change all the time, so only another rule is another refusal.
   */
  #refused(refusals: readonly Reason[], nowMs: number, wallMs: number): void {
    const first = refusals[0];
    const rule = first?.rule ?? '';
    if (rule !== this.#refusal.rule) this.#refusal = { rule, sinceMs: nowMs, said: first === undefined };
    if (this.#refusal.said || nowMs - this.#refusal.sinceMs < standsMs) return;
    this.#refusal.said = true;
    const isToldElsewhere = rule === 'drain' || rule === 'force-stop';
    if (first === undefined || isToldElsewhere) return;
    const text = `no further pilot: ${first.text}`;
    this.words.decided(text, wallMs);
    this.#log.info(text);
  }
}

function describe(result: ActionResult, pulls: PullStory, imageIsThere: boolean): Told {
  const { action, fact } = result;
  const took = `${Math.round(result.tookMs)} ms`;
  if (action.do === 'pull') return pulls.tell(action, result, imageIsThere);
  // The error says itself what could not be done, and to what.
  if (!result.ok) return { level: 'warn', text: result.error };
  switch (action.do) {
    case 'start':
      return {
        level: 'info',
        text: `started ${action.name}${ofKind(action.kind)} (${action.why}) in ${took}`,
      };
    case 'prepare':
      return { level: 'debug', text: `prepared ${action.name} in ${took}` };
    case 'discard':
      return { level: 'debug', text: `discarded ${action.name}, prepared and not started: ${action.why}` };
    case 'stop':
      return { level: 'info', text: `${action.name} has heeded its notice or was killed, after ${took}` };
    case 'shrink': {
      const limit = action.cpus === null ? 'all of its CPUs again' : `${cpusText(action.cpus)} now`;
      return { level: 'info', text: `${action.name} may use ${limit}: ${action.why.text}` };
    }
    case 'pause':
      return { level: 'info', text: `paused ${action.name}: ${action.why.text}` };
    case 'thaw':
      return { level: 'info', text: `thawed ${action.name}: ${action.why.text}` };
    case 'reclaim': {
      const what = `up to ${bytesText(action.bytes)} of ${action.name}`;
      return { level: 'info', text: `asked the kernel to swap out ${what}: ${action.why.text}` };
    }
    case 'kill':
      return { level: 'warn', text: `killed ${action.name} through its cgroup: ${action.why.text}` };
    case 'reap':
    case 'remove':
      return fact?.of === 'end'
        ? describeEnd(fact.report)
        : { level: 'info', text: `removed ${action.name}` };
    case 'remove-image': {
      const gone = fact?.of === 'remove-image' && fact.gone;
      return {
        level: 'info',
        text: `superseded image ${action.imageId} ${gone ? 'removed' : 'kept: something else uses it'}`,
      };
    }
    default:
      return unreachable(action);
  }
}

/** What the pilot said of its end, and why it is lost; why we ended it was told when we did. */
function wordsOf({ record, outcome }: EndReport): string {
  const said = record === undefined || record.said === '' ? '' : `; it said: ${record.said}`;
  return outcome === 'lost' && record?.reason ? `${said}: ${record.reason.text}` : said;
}

/** The kind that the original's keys make needs no name: it is the only one. */
function ofKind(kind: string): string {
  return kind === 'default' ? '' : ` of kind ${kind}`;
}

function describeEnd(report: EndReport): { level: 'info' | 'warn'; text: string } {
  if (!report.started)
    return {
      level: 'warn',
      text: `${report.name} never started: ${report.startError || 'the engine gives no reason'}`,
    };
  const code = report.exitCode === null ? '' : `, exit code ${report.exitCode}`;
  const memory = report.outOfMemory ? ', out of memory' : '';
  const lived = `${(report.livedMs / 1000).toFixed(1)} s`;
  const text = `${report.name} ${report.outcome} after ${lived}${code}${memory}${wordsOf(report)}`;
  return { level: report.outcome === 'failed' || report.outcome === 'lost' ? 'warn' : 'info', text };
}
