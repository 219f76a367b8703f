/*
 * What is for nobody's eyes, in texts that are written for other things: passwords in URLs, and values that are called as
 * secrets. `Secret` is for values that are known to be one.
 */

/** What is said of text in its stead. */
export const notShown = 'text that is not shown, as it may contain a password';

/** Whether a value of the file, or anything in it, looks like a URL with somebody's name, and perhaps a password. */
export function mayHoldPassword(value: unknown): boolean {
  if (typeof value === 'string') return /\/\/.*@/s.test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(mayHoldPassword);
}

/** Whether the name of a variable or option tells that its value is for nobody's eyes. */
export function smellsOfSecret(name: string): boolean {
  return /TOKEN|PASS|SECRET|KEY|CREDENTIAL/i.test(name);
}

/**
 * Text with `***` for passwords of URLs. What is not encoded in a password may be anything, so that all up to the last `@`
 * counts; `//host:5000/image@sha256:…` has none.
 */
export function withoutPasswords(text: string): string {
  return text.replaceAll(/(\/\/[^\s/?#@:]*:)(?!\d{1,5}\/)\S*@/g, '$1***@');
}

/** The same for every text in a value that is a scalar or a list. */
export function valueWithoutPasswords(value: unknown): unknown {
  if (typeof value === 'string') return withoutPasswords(value);
  return Array.isArray(value) ? value.map(valueWithoutPasswords) : value;
}

/**
 * The words of a command, with `***` for what follows options and variables that are called as secrets: `--token=…`,
 * `--token …`, `TOKEN=…`, also where a word is a whole script.
 */
export function commandWithoutSecrets(words: readonly string[]): string[] {
  return words.map((word, index) => {
    const before = words[index - 1] ?? '';
    const isValue = /^--?[\w.-]+$/.test(before) && smellsOfSecret(before) && !word.startsWith('--');
    return isValue ? '***' : wordWithoutSecrets(word);
  });
}

function wordWithoutSecrets(word: string): string {
  const [, option = '', name = ''] = /^((?:--?)?([\w.-]+)=)/.exec(word) ?? [];
  if (smellsOfSecret(name)) return `${option}***`;
  return word.replaceAll(
    /(?<![\w.-])([\w.-]+)(=|(?<=--[\w.-]+)\s+(?!--))("[^"]*"|'[^']*'|[^\s"']\S*)/g,
    (whole, called: string, sign: string) => (smellsOfSecret(called) ? `${called}${sign}***` : whole),
  );
}
