import { bytesText } from './numbers.ts';
import { hoursInWeek, type Profile, type WeekMoment } from './profile.ts';
import { knownHours, type OwnerRoom, ownerReturns, usual } from './profileForecast.ts';

const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const minuteMs = 60_000;
/** Nine levels from nothing to all of it. */
const levels = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const notKnown = '·';

/** What the profile says of a pilot for which the owner must leave this room, in a sentence for `why`. */
export function profileSentence(
  profile: Profile,
  now: WeekMoment,
  room: OwnerRoom,
  cpuCount: number,
): string {
  const { inMs, hourOfWeek, need } = ownerReturns(profile, now, room);
  if (hourOfWeek === null) return withoutReturn(profile, room, cpuCount);
  const hour = profile.hours[hourOfWeek];
  const amount =
    need === 'memory'
      ? `${bytesText(usual(hour?.memoryBytes ?? []) ?? 0)} of memory`
      : `${cpusOf(usual(hour?.cpuShares ?? []) ?? 0, cpuCount)} of ${cpuCount} CPUs`;
  const takes = `on ${days[Math.floor(hourOfWeek / 24)]}s the owner usually takes ${amount}`;
  return inMs === 0 ? `${takes} at this hour` : `${takes} from ${clock(hourOfWeek)}: in ${aheadText(inMs)}`;
}

function withoutReturn(profile: Profile, room: OwnerRoom, cpuCount: number): string {
  const hours = knownHours(profile);
  if (hours === 0) return "the owner's week is not known yet: no hour of it was seen in two weeks";
  const known = hours === hoursInWeek ? 'all week' : `in the ${hours} of ${hoursInWeek} hours that are known`;
  return `the owner usually takes no more than ${cpusOf(room.cpuShare, cpuCount)} of ${cpuCount} CPUs ${known}`;
}

const cpusOf = (share: number, cpuCount: number): string => String(Math.round(share * cpuCount * 10) / 10);
const clock = (hourOfWeek: number): string => `${String(hourOfWeek % 24).padStart(2, '0')}:00`;

/** `20 min`, `1 h 20 min`, `2 d 3 h`. */
function aheadText(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / minuteMs));
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  if (d > 0) return h > 0 ? `${d} d ${h} h` : `${d} d`;
  if (h > 0) return m > 0 ? `${h} h ${m} min` : `${h} h`;
  return `${m} min`;
}

/** The week at a glance: a line for each day, a column for each hour; `·` is an hour that is not known yet. */
export function profileLines(profile: Profile, memoryTotalBytes: number): readonly string[] {
  return [
    ...table('owner, share of CPUs', profile, (hour) => usual(profile.hours[hour]?.cpuShares ?? [])),
    '',
    ...table('owner, share of memory', profile, (hour) => {
      const bytes = usual(profile.hours[hour]?.memoryBytes ?? []);
      return bytes === null ? null : bytes / memoryTotalBytes;
    }),
  ];
}

function table(title: string, profile: Profile, shareAt: (hour: number) => number | null): string[] {
  const name = Math.max(...days.map((day) => day.length));
  const lines = days.map((day, index) => {
    const hours = profile.hours.slice(index * 24, index * 24 + 24);
    return `${day.padEnd(name)} ${hours.map((_, hour) => level(shareAt(index * 24 + hour))).join('')}`;
  });
  return [title, `${' '.repeat(name)} 0     6     12    18    `, ...lines];
}

function level(share: number | null): string {
  if (share === null) return notKnown;
  const top = levels.length - 1;
  return levels[Math.min(top, Math.max(0, Math.round(share * top)))] ?? notKnown;
}
