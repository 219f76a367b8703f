import type { TimeWindow } from '../model/signSettings.ts';
import { Unfit } from './fields.ts';
import { nearest } from './nearest.ts';

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const longNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const everyDay: readonly number[] = [0, 1, 2, 3, 4, 5, 6];
const midnight = 24 * 60;

/**
 * One entry of `schedule`: `[days] [hh:mm-hh:mm] [zone]`, each part optional but not all of them. Days are `mon`,
 * `mon-fri` or `sat,sun`; hours that end at or before they begin run into the next day. Errors: `Unfit`.
 */
export function parseTimeWindow(raw: string): TimeWindow {
  const words = raw.split(/\s+/).filter((word) => word !== '');
  const days = isDays(words[0] ?? '') ? parseDays(words.shift() ?? '') : everyDay;
  const hours = /^\d/.test(words[0] ?? '') ? parseHours(words.shift() ?? '') : wholeDay;
  const zone = words.length > 0 ? parseZone(words.shift() ?? '') : null;
  if (words.length > 0) throw new Unfit(`"${words.join(' ')}" is too much: it is days, hours, time zone`);
  if (days === everyDay && hours === wholeDay) throw new Unfit('neither days nor hours');
  return { days, ...hours, zone };
}

/** The same as text that reads back the same. */
export function writeTimeWindow(window: TimeWindow): string {
  const days = window.days.length === 7 ? [] : [window.days.map((day) => dayNames[day]).join(',')];
  const isWholeDay = window.beginMinute === 0 && window.endMinute === midnight;
  const needsHours = !isWholeDay || days.length === 0;
  const hours = needsHours ? [`${clockText(window.beginMinute)}-${clockText(window.endMinute)}`] : [];
  return [...days, ...hours, ...(window.zone === null ? [] : [window.zone])].join(' ');
}

const wholeDay = { beginMinute: 0, endMinute: midnight };

/** Days begin with a letter and never hold what zones do: a capital, a slash, an underscore. `UTC` is a zone. */
function isDays(word: string): boolean {
  return /^[a-z]{3}/i.test(word) && /^[a-z,-]+$/i.test(word) && !isZone(word);
}

function parseDays(word: string): readonly number[] {
  const days = new Set<number>();
  for (const part of word.toLowerCase().split(',')) {
    const [first = '', last = first, ...more] = part.split('-');
    if (more.length > 0) throw new Unfit(`"${part}" is no range of days, such as mon-fri`);
    const [from, to] = [dayNumber(first), dayNumber(last)];
    // `sat-mon` runs over the end of the week.
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === to) break;
    }
  }
  return [...days].toSorted((a, b) => a - b);
}

function dayNumber(name: string): number {
  const number = Math.max(dayNames.indexOf(name), longNames.indexOf(name));
  if (number >= 0) return number;
  const near = nearest(name, dayNames);
  const hint = near === null ? '' : ` (did you mean ${near}?)`;
  throw new Unfit(`"${name}" is no day: they are ${dayNames.join(', ')}${hint}`);
}

function parseHours(word: string): { beginMinute: number; endMinute: number } {
  const match = /^(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)$/.exec(word);
  if (match === null) throw new Unfit(`"${word}" are no hours such as 18:00-08:00`);
  const [hour = 0, minute = 0, endHour = 0, endsAt = 0] = match.slice(1).map(Number);
  const [beginMinute, endMinute] = [hour * 60 + minute, endHour * 60 + endsAt];
  if (minute > 59 || endsAt > 59 || beginMinute >= midnight || endMinute > midnight) {
    throw new Unfit(`"${word}" has a time that is not on the clock (00:00 to 23:59, at the end 24:00)`);
  }
  if (beginMinute === endMinute) throw new Unfit(`"${word}" ends when it begins: leave the hours out`);
  return { beginMinute, endMinute: endMinute === 0 ? midnight : endMinute };
}

function parseZone(word: string): string {
  if (!isZone(word)) throw new Unfit(`"${word}" is no time zone that is known here, such as Europe/Zurich`);
  return word;
}

/** Asking for a zone takes a tenth of a millisecond, and a schedule asks for the same ones again and again. */
const askedZones = new Map<string, boolean>();
const mostAsked = 1000;

function isZone(word: string): boolean {
  // What looks like an offset would be one in some versions of Node and not in others.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(word)) return false;
  const known = askedZones.get(word) ?? isZoneOfNode(word);
  if (askedZones.size < mostAsked) askedZones.set(word, known);
  return known;
}

function isZoneOfNode(word: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: word }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function clockText(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
