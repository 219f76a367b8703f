import type { NodeFacts } from '../model/settings.ts';
import {
  type BinaryOperator,
  calculate,
  type Comparison,
  compare,
  type PythonNumber,
  pythonNumber,
  truth,
  wholeOrFloat,
} from './arithmetic.ts';
import { didYouMean } from './nearest.ts';
import { expressionFunctions } from './expressionFunctions.ts';
import {
  comparisons,
  ExpressionError,
  expressionNames,
  keywords,
  type Token,
  tokensOf,
} from './expressionTokens.ts';

/** Works a part of an expression out for one node. */
export type Compute = (node: NodeFacts) => PythonNumber;

/** Deeper nesting than anyone writes; together with the length it bounds the stack. */
const deepestNesting = 50;
/** One method for each level of Python's grammar, loosest first. Errors: `ExpressionError`. */
export class ExpressionParser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  parseAll(): Compute {
    const compute = this.#conditional();
    if (this.#token.kind !== 'end') throw this.#expected('an operator or the end');
    return compute;
  }

  #conditional(): Compute {
    const value = this.#or();
    if (this.#take('if') === null) return value;
    const condition = this.#or();
    this.#demand('else');
    const otherwise = this.#conditional();
    return (node) => (condition(node).value !== 0 ? value(node) : otherwise(node));
  }

  #or(): Compute {
    return this.#firstThat('or', true, () => this.#and());
  }

  #and(): Compute {
    return this.#firstThat('and', false, () => this.#not());
  }

  /** The first operand that is as true as `wanted`, else the last; none after it is looked at. */
  #firstThat(word: 'or' | 'and', wanted: boolean, operand: () => Compute): Compute {
    let left = operand();
    while (this.#take(word) !== null) {
      const [first, second] = [left, operand()];
      left = (node) => {
        const value = first(node);
        return (value.value !== 0) === wanted ? value : second(node);
      };
    }
    return left;
  }

  #not(): Compute {
    if (this.#take('not') === null) return this.#comparison();
    const operand = this.#nested(() => this.#not());
    return (node) => truth(operand(node).value === 0);
  }

  #comparison(): Compute {
    const first = this.#sum();
    const signs = Object.keys(comparisons);
    const rest: { operator: Comparison; operand: Compute }[] = [];
    for (let token = this.#take(...signs); token !== null; token = this.#take(...signs)) {
      rest.push({ operator: comparisons[token.text] ?? '==', operand: this.#sum() });
    }
    if (rest.length === 0) return first;
    return (node) => {
      let left = first(node);
      return truth(
        rest.every(({ operator, operand }) => {
          const right = operand(node);
          const holds = compare(operator, left, right);
          left = right;
          return holds;
        }),
      );
    };
  }

  #sum(): Compute {
    return this.#leftToRight(['+', '-'], () => this.#product());
  }

  #product(): Compute {
    return this.#leftToRight(['*', '/', '//', '%'], () => this.#signed());
  }

  #leftToRight(operators: readonly BinaryOperator[], operand: () => Compute): Compute {
    let left = operand();
    for (let token = this.#take(...operators); token !== null; token = this.#take(...operators)) {
      left = this.#binary(token, left, operand());
    }
    return left;
  }

  #signed(): Compute {
    const sign = this.#take('-', '+');
    if (sign === null) return this.#power();
    const operand = this.#nested(() => this.#signed());
    if (sign.text === '+') return operand;
    return (node) => {
      const { value, isInteger } = operand(node);
      return { value: value === 0 ? 0 : -value, isInteger };
    };
  }

  /** `**` binds tighter than a sign on its left and looser than one on its right, and from the right. */
  #power(): Compute {
    const base = this.#atom();
    const token = this.#take('**');
    return token === null
      ? base
      : this.#binary(
          token,
          base,
          this.#nested(() => this.#signed()),
        );
  }

  #atom(): Compute {
    const token = this.#token;
    if (token.kind === 'number') return this.#number(token);
    if (token.text === '(') {
      this.#next += 1;
      const inner = this.#nested(() => this.#conditional());
      this.#demand(')');
      return inner;
    }
    if (token.kind === 'name' && !keywords.has(token.text)) return this.#named(token);
    throw this.#expected('a number, a name or "("');
  }

  #number(token: Token): Compute {
    this.#next += 1;
    const value = this.#blaming(token, () => pythonNumber(token.text));
    return () => value;
  }

  #named(token: Token): Compute {
    this.#next += 1;
    if (this.#token.text === '(') return this.#call(token);
    if (token.text === 'True' || token.text === 'False') {
      const value = truth(token.text === 'True');
      return () => value;
    }
    const fact = expressionNames.find((name) => name === token.text);
    if (fact === undefined)
      throw this.#unknown(token, `${token.text} is not known here`, [...expressionNames, 'True', 'False']);
    return (node) => this.#blaming(token, () => wholeOrFloat(node[fact]));
  }

  #call(name: Token): Compute {
    const called = expressionFunctions.get(name.text);
    if (called === undefined)
      throw this.#unknown(name, `there is no function ${name.text}`, [...expressionFunctions.keys()]);
    this.#next += 1;
    const parameters: Compute[] = [];
    while (this.#token.text !== ')') {
      parameters.push(this.#nested(() => this.#conditional()));
      if (this.#take(',') === null) break;
    }
    this.#demand(')');
    const [first, ...rest] = parameters;
    const { least, most, takes } = called;
    if (first === undefined || parameters.length < least || parameters.length > most) {
      throw this.#fault(name, `${name.text} takes ${takes}, found ${parameters.length}`);
    }
    return (node) =>
      this.#blaming(name, () => called.call(first(node), ...rest.map((parameter) => parameter(node))));
  }

  #binary(token: Token, left: Compute, right: Compute): Compute {
    const operator = token.text as BinaryOperator;
    return (node) => {
      const [a, b] = [left(node), right(node)];
      return this.#blaming(token, () => calculate(operator, a, b));
    };
  }

  get #token(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: this.#text.length };
  }

  #take(...texts: readonly string[]): Token | null {
    const token = this.#token;
    if (token.kind === 'end' || !texts.includes(token.text)) return null;
    this.#next += 1;
    return token;
  }

  #demand(text: string): void {
    if (this.#take(text) === null) throw this.#expected(`"${text}"`);
  }

  #nested(parse: () => Compute): Compute {
    if (this.#depth >= deepestNesting) throw this.#fault(this.#token, 'nested too deeply');
    this.#depth += 1;
    const compute = parse();
    this.#depth -= 1;
    return compute;
  }

  #expected(what: string): ExpressionError {
    const found = this.#token.kind === 'end' ? 'the end' : `"${this.#token.text}"`;
    return this.#fault(this.#token, `expected ${what}, found ${found}`);
  }

  #unknown(token: Token, what: string, known: readonly string[]): ExpressionError {
    return this.#fault(token, `${what}${didYouMean(token.text, known)}; there is ${known.join(', ')}`);
  }

  #fault(token: Token, what: string): ExpressionError {
    return new ExpressionError(this.#text, token.at, what);
  }

  /** Runs a step whose Error lacks the place, and gives it one. */
  #blaming<T>(token: Token, step: () => T): T {
    try {
      return step();
    } catch (error) {
      if (error instanceof ExpressionError) throw error;
      throw new ExpressionError(this.#text, token.at, error instanceof Error ? error.message : String(error));
    }
  }
}
