/**
 * A value that must never be printed: a password, a token, a key. It turns into `***` wherever it is turned into text
 * (template, JSON, console, structured log); only `reveal` gives it, at the place that sends it.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the wire only. */
  reveal(): string {
    return this.#value;
  }

  /**
   * Text of others with `***` in its place, also where it is written as in a URL. A value of fewer than 4 characters is
   * taken out only where it stands by itself: it would tear apart words that have nothing to do with it.
   */
  hideIn(text: string): string {
    if (this.#value === '') return text;
    const forms = [this.#value, encodeURIComponent(this.#value.replaceAll(/\p{Cs}/gu, '\uFFFD'))];
    return forms.reduce((kept, form) => kept.replaceAll(patternOf(form, this.#value.length), '***'), text);
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***';
  }
}

const shortest = 4;

function patternOf(form: string, length: number): RegExp {
  const literal = form.replaceAll(/[$()*+./?[\\\]^{|}]/g, '\\$&');
  return new RegExp(length < shortest ? `(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])` : literal, 'gu');
}
