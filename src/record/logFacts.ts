import type { LogFacts } from '../model/log.ts';
import { errorLine } from './oneLine.ts';

const longestText = 4_000;
const deepest = 4;
const mostEntries = 200;
/** What every line has already; a fact of the same name would stand in for it. */
const reserved = new Set(['level', 'time', 'pid', 'hostname', 'msg']);

/** Names whose values are nobody's business, at any depth. */
const secretNames = new Set(['password', 'passwd', 'secret', 'token', 'authorization', 'auth']);

/** Facts as plain data that any format can print: bounded, errors as their one line, no password in an address. */
export function plainFacts(facts: LogFacts): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(facts)) {
    const fact = namedValue(name, value, 0);
    if (fact !== undefined) plain[reserved.has(name) ? `${name}_` : name] = fact;
  }
  return plain;
}

/** Foreign text cut to a bearable length, and without what stands before the `@` of an address. */
export function plainText(text: string): string {
  const bounded =
    text.length > longestText ? `${text.slice(0, longestText)}… (${text.length} characters)` : text;
  return bounded.replace(/:\/\/[^\s/]+@/g, '://***@');
}

function plainValue(value: unknown, depth: number): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return plainText(value);
  if (typeof value === 'number' || typeof value === 'bigint') {
    return Number.isFinite(value) ? value : String(value);
  }
  if (typeof value !== 'object') return undefined;
  if (value instanceof Error) return plainText(withCauses(value));
  if ('toJSON' in value && typeof value.toJSON === 'function') return plainValue(value.toJSON(), depth + 1);
  if (depth >= deepest) return '…';
  if (Array.isArray(value)) {
    return value.slice(0, mostEntries).map((each) => plainValue(each, depth + 1) ?? null);
  }
  const entries = Object.entries(value).slice(0, mostEntries);
  return Object.fromEntries(entries.map(([name, each]) => [name, namedValue(name, each, depth + 1)]));
}

function namedValue(name: string, value: unknown, depth: number): unknown {
  return secretNames.has(name.toLowerCase()) ? '***' : plainValue(value, depth);
}

/** An error's line and, behind it, those of its causes that it does not repeat itself. */
function withCauses(error: Error): string {
  let line = errorLine(error);
  let cause = error.cause;
  for (let depth = 0; cause instanceof Error && depth < deepest; depth += 1, cause = cause.cause) {
    const text = errorLine(cause);
    if (!line.includes(text)) line += `: ${text}`;
  }
  return line;
}
