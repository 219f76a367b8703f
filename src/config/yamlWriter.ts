/** Where a list is written in one line. */
const longestFlow = 70;

/** Writes `name: value` for a scalar or a list of scalars; a list that is long takes a line for each entry. */
export function writeYamlValue(name: string, value: unknown): string[] {
  if (!Array.isArray(value)) return [`${name}: ${writeScalar(value, plainAlone)}`];
  const entries = value.map((entry: unknown) => writeScalar(entry, plainInList));
  const flow = `${name}: [${entries.join(', ')}]`;
  return flow.length <= longestFlow ? [flow] : [`${name}:`, ...entries.map((entry) => `  - ${entry}`)];
}

/** A key as it is written, in quotes where it would else be read as something else than text. */
export function writeYamlKey(name: string): string {
  return writeScalar(name, plainInList);
}

/** Text that needs no quotes: nothing in it that YAML reads as more than letters. */
const plainInList = /^[A-Za-z/_][\w./=+@-]*(?::[\w./=+@-]+)*$/;
const plainAlone = /^[A-Za-z/_][\w./=+@-]*(?::[\w./=+@-]+)*$|^[A-Za-z][\w ()+*/%.,<>=-]*[\w)]$/;
/** Words that YAML 1.2 or 1.1 takes for something else than text. */
const notText = /^(true|false|null|yes|no|on|off|y|n)$/i;
const wholeNumber = /^(0|[1-9]\d{0,14})$/;

function writeScalar(value: unknown, plain: RegExp): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  if (plain === plainAlone && wholeNumber.test(value)) return value;
  if (plain.test(value) && !notText.test(value)) return value;
  // JSON's strings are YAML's double-quoted ones, but for what no YAML text holds as it is
  return JSON.stringify(value).replaceAll(unprintable, (sign) => `\\u${hexOf(sign)}`);
}

// oxlint-disable-next-line no-control-regex
const unprintable = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

function hexOf(sign: string): string {
  return sign.charCodeAt(0).toString(16).padStart(4, '0');
}
