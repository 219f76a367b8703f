/** One field of a series. */
interface FieldGuide {
  readonly type: 'float' | 'string';
  readonly unit: string;
  readonly help: string;
  /** It is left out where it cannot be read. */
  readonly optional?: true;
}

/** One series, as `docs/metrics.md` tells it. */
export interface SeriesGuide {
  readonly name: string;
  readonly when: string;
  readonly help: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldGuide>>;
}

const float = (unit: string, help: string): FieldGuide => ({ type: 'float', unit, help });
const known = (unit: string, help: string): FieldGuide => ({ ...float(unit, help), optional: true });
const text = (help: string): FieldGuide => ({ type: 'string', unit: 'word', help });

const hostname = 'the node, up to its first dot';
const kind =
  'name of the kind; `unknown` for pilots that bear none, or of a kind that is gone from the configuration';
const eachPace = 'each `main_sleep`';

/** Every series that is sent, those of the original first. A test holds it against the code. */
export const seriesGuide: readonly SeriesGuide[] = [
  {
    name: 'daemon',
    when: eachPace,
    help: 'What the daemon does. As the original sent it.',
    tags: { hostname },
    fields: {
      uptime: float('seconds', 'since the daemon began'),
      containers: float('pilots', 'that run or are paused, and containers that only take room'),
      status: text('`active`, `draining`, or `waiting` while the engine does not answer'),
    },
  },
  {
    name: 'measurement',
    when: eachPace,
    help: 'How much the node is used. As the original sent it; not sent while it cannot be read.',
    tags: { hostname },
    fields: {
      cpu_eff: float('per cent', 'of the CPU time of all CPUs in use since the last report, 0 to 100'),
    },
  },
  {
    name: 'container',
    when: 'each end of a pilot',
    help: 'The end of a pilot. As the original sent it.',
    tags: {
      hostname,
      started: '`True`, or `False` where it never started',
      killed: '`True` where Plancton ended it, or `False`',
    },
    fields: { uptime: float('seconds', 'that it ran; 0 where it never started') },
  },
  {
    name: 'account',
    when: eachPace,
    help: 'What pilots have had since they first had any CPU on this boot of the node: sums that only grow.',
    tags: { hostname },
    fields: {
      harvested_seconds: float('CPU-seconds', 'that pilots used'),
      wasted_seconds: float('CPU-seconds', 'that evicted pilots had used'),
      owner_delay_seconds: known('seconds', 'in which the owner waited for CPUs that pilots had'),
    },
  },
  {
    name: 'node',
    when: eachPace,
    help: 'The node’s resources and its slots. CPUs and pressures are means since the last report, all else is of the moment.',
    tags: { hostname },
    fields: {
      cpus: float('CPUs', 'of the node'),
      owner_cpus: known('CPUs', 'that everything but pilots used'),
      pilots_cpus: known('CPUs', 'that pilots used'),
      owner_cpu_seconds: known('CPU-seconds', 'that everything but pilots used since the last report'),
      pilots_cpu_seconds: known('CPU-seconds', 'that pilots used since the last report'),
      memory_total_bytes: known('bytes', 'of memory'),
      memory_available_bytes: known('bytes', 'that new work can have without swapping'),
      owner_memory_bytes: known('bytes', 'that everything but pilots uses'),
      pilots_memory_bytes: known('bytes', 'that the end of all pilots would free'),
      swap_total_bytes: known('bytes', 'of swap'),
      swap_free_bytes: known('bytes', 'of swap that are free'),
      disk_total_bytes: known('bytes', 'of the file system that holds the engine’s data'),
      disk_free_bytes: known('bytes', 'of it that are free'),
      cpu_pressure: known('share, 0 to 1', 'of the time in which a task of the owner’s waited for a CPU'),
      memory_pressure: known('share, 0 to 1', 'of the time in which one waited for memory'),
      memory_full_pressure: known('share, 0 to 1', 'of the time in which all of them waited for memory'),
      io_pressure: known('share, 0 to 1', 'of the time in which one waited for storage'),
      pilot_limit: float('pilots', 'that there may be at most (`max_docks`)'),
      slots_taken: float('pilots', 'that have a slot'),
      unmanaged: float('containers', 'that only take room'),
      refusal: text('the rule that keeps one more pilot from starting; empty for none'),
      pace_seconds: float('seconds', 'after which the next report comes (`main_sleep`)'),
      version: text('the version of Plancton that runs'),
    },
  },
  {
    name: 'pilots',
    when: `${eachPace}, for each kind`,
    help: 'Pilots by kind and state, and whether the kind waits after pilots without work.',
    tags: { hostname, kind },
    fields: {
      running: float('pilots', 'that run'),
      paused: float('pilots', 'that are frozen for the owner’s sake'),
      prepared: float('containers', 'made ahead of time'),
      starting: float('pilots', 'on their way'),
      ended: float('pilots', 'that have ended and are not removed yet'),
      fruitless: float('pilots', 'in a row that found no work'),
      back_off_seconds: float('seconds', 'that the kind still waits for that; 0 for not at all'),
    },
  },
  {
    name: 'start',
    when: 'each start of a pilot',
    help: 'A start that is over.',
    tags: { hostname, kind, result: '`started` or `failed`' },
    fields: { took_seconds: float('seconds', 'that the engine took') },
  },
  {
    name: 'end',
    when: 'each end of a pilot',
    help: 'The end of a pilot. Evictions are those with the outcome `evicted`; their reason is the rule that asked for it.',
    tags: {
      hostname,
      kind,
      outcome: '`finished`, `failed`, `no-work`, `expired`, `evicted`, `never-started` or `lost`',
      reason:
        'the rule by which it was ended, as in `planctonctl why`: `cpu`, `memory`, `user`, `ttl`, …; `none` where it ended by itself',
    },
    fields: {
      lived_seconds: float('seconds', 'that it ran; 0 where it never started'),
      cpu_seconds: known('CPU-seconds', 'that it used'),
      peak_memory_bytes: known('bytes', 'that it used at most'),
      paused_seconds: float('seconds', 'that it was frozen in all'),
    },
  },
  {
    name: 'refill',
    when: `${eachPace}, where there was one`,
    help: 'How long slots were empty between two pilots since the last report, where neither a rule nor a back-off kept them so.',
    tags: { hostname },
    fields: {
      refills: float('refills', 'of slots'),
      slow: float('refills', 'that took longer than a second'),
      mean_gap_seconds: float('seconds', 'from the end of one pilot to the start of the next, a mean'),
    },
  },
  {
    name: 'engine',
    when: `${eachPace}, for each verb that was used`,
    help: 'How the engine answered since the last report. `stop` takes as long as pilots take to end, `pull` as long as the registry.',
    tags: {
      hostname,
      verb: 'what it was asked for: `connect`, `list`, `inspect`, `create`, `start`, `stop`, `kill`, `pause`, `unpause`, `throttle`, `remove`, `find-image`, `image-digest`, `pull`, `remove-image`',
    },
    fields: {
      calls: float('calls', 'in all'),
      failed: float('calls', 'that failed'),
      slow: float('calls', 'that took longer than a second'),
      mean_seconds: float('seconds', 'that a call took, a mean'),
    },
  },
  {
    name: 'cost',
    when: eachPace,
    help: 'What the daemon itself takes.',
    tags: { hostname, version: 'of Plancton, that the node runs' },
    fields: {
      cpus: known('CPUs', 'that it used since the last report'),
      resident_bytes: float('bytes', 'of memory that are resident'),
      tick_seconds: known(
        'seconds',
        'from its look at the node to the end of all that follows from it, a mean since the last report',
      ),
      waiting_points: float('points', 'that wait to be sent, to all databases together'),
      dropped_points: float('points', 'given up since it began: refused for good, or too many to be kept'),
      spool_bytes: float('bytes', 'on the disk that wait to be sent'),
    },
  },
];
