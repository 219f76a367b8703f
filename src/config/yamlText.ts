import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import { findExcess } from './yamlBounds.ts';
import { formatKey, type KeyPath, type Problem } from './problem.ts';
import { yaml11Number } from './yamlNumbers.ts';
import { findRepeats, nodeAt, pairOf, type Repeat, valueNodeAt } from './yamlRepeats.ts';

/** A place in a text, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML text as plain values, with the places they stand at. */
export interface YamlText {
  /** The file's one mapping; empty where the file is, or where there are problems. */
  readonly mapping: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Where the value stands, or the nearest thing around it. */
  placeOf(path: KeyPath): Place;
  /** Where the key stands. */
  placeOfKey(path: KeyPath): Place;
  /** A scalar as it is written, without quotes; null where there is none. */
  sourceOf(path: KeyPath): string | null;
}

/** YAML allows none of these, and the kernel none in a path; its parser lets them through. */
// oxlint-disable-next-line no-control-regex
const controlCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/** The most values that anchors may multiply into ("billion laughs"). */
const mostAliases = 100;

/** Reads a YAML text that should hold one mapping. Never throws, and never quotes the text in a problem. */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problem = (offset: number, message: string): Problem => ({ ...at(offset), key: '', message });
  const excess = findExcess(text);
  if (excess !== null) return failed([{ ...placeIn(text, excess.offset), key: '', message: excess.message }]);
  const control = text.search(controlCharacter);
  if (control >= 0) {
    return failed([
      { ...placeIn(text, control), key: '', message: 'a control character: this is not a text file' },
    ]);
  }
  const document = parseDocument(text, {
    logLevel: 'error',
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    uniqueKeys: false,
    customTags: (tags) => [yaml11Number, ...tags],
  });
  const faults = document.errors.map((error) =>
    problem(error.pos[0], `not YAML: ${faultWords[error.code] ?? 'this is not understood'}`),
  );
  if (faults.length > 0) return failed(faults);
  const strayAlias = findStrayAlias(document);
  if (strayAlias !== null)
    return failed([problem(strayAlias, 'this alias (*…) has no anchor (&…) before it')]);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: mostAliases });
  } catch {
    return failed([problem(0, 'its aliases (*…) multiply into far more than a configuration holds')]);
  }
  const contents = document.contents;
  if (contents !== null && value !== null && !isMap(contents)) {
    const found = isSeq(contents) ? 'a list' : 'text';
    return failed([
      problem(contents.range[0], `expected keys with values, as in "max_docks: 4", found ${found}`),
    ]);
  }
  const repeated = ({ names, earlier, last }: Repeat): Problem => {
    const lines = earlier.map((offset) => `line ${at(offset).line}`).join(', ');
    // What is no plain word may be a URL with a password.
    const key = names.every((name) => /^[\w.-]{1,60}$/.test(name)) ? formatKey(names) : '';
    return { ...problem(last, `also given in ${lines}: what stands here, the last, is taken`), key };
  };
  const warnings = [
    ...document.warnings.map(({ pos, code }) => problem(pos[0], warningWords[code] ?? 'not understood')),
    ...findRepeats(document).map(repeated),
  ];
  return {
    mapping: (value ?? {}) as Record<string, unknown>,
    problems: [],
    warnings,
    placeOf: (path) => at(offsetOf(document, path)),
    placeOfKey: (path) => at(offsetOfKey(document, path)),
    sourceOf: (path) => {
      const node = valueNodeAt(document, path);
      return isScalar(node) && typeof node.source === 'string' ? node.source : null;
    },
  };
}

function placeIn(text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function failed(problems: readonly Problem[]): YamlText {
  const start = { line: 1, column: 1 };
  return {
    mapping: {},
    problems,
    warnings: [],
    placeOf: () => start,
    placeOfKey: () => start,
    sourceOf: () => null,
  };
}

/** The parser's own words may quote the file, which may hold a password: these say what matters without it. */
const faultWords: Readonly<Record<string, string>> = {
  BAD_DQ_ESCAPE: 'a \\ in double quotes begins no escape that YAML has (single quotes take it as it is)',
  BAD_INDENT: 'this line is indented otherwise than its neighbours',
  BAD_SCALAR_START: 'a value cannot begin with this sign: put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second colon in this line: put the value in quotes',
  BLOCK_IN_FLOW: 'this cannot stand within brackets',
  MISSING_CHAR: 'a quote, bracket, colon, comma or space is missing here',
  MULTILINE_IMPLICIT_KEY: 'a key is one line, with a colon and a space behind it',
  MULTIPLE_DOCS: 'a second document begins here (---): a configuration is one',
  RESOURCE_EXHAUSTION: 'nested too deeply to be a configuration',
  TAB_AS_INDENT: 'a tab indents this line: YAML takes spaces only',
  UNEXPECTED_TOKEN: 'this is unexpected here (a colon or a quote that is missing or too many?)',
};

/** The only two things that the parser warns of. */
const warningWords: Readonly<Record<string, string>> = {
  BAD_DIRECTIVE: 'an unknown directive (%…) is ignored',
  TAG_RESOLVE_FAILED: 'an unknown tag (!…) is ignored',
};

/** In one pass: an alias that looks for its anchor itself goes through the whole document. */
function findStrayAlias(document: Document.Parsed): number | null {
  const anchors = new Set<string>();
  let offset: number | null = null;
  visit(document, {
    Node(_, node) {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.add(node.anchor);
        return undefined;
      }
      if (anchors.has(node.source)) return undefined;
      offset = node.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

function offsetOf(document: Document.Parsed, path: KeyPath): number {
  const node = nodeAt(document, path);
  if (isNode(node) && node.range) return node.range[0];
  return path.length === 0 ? 0 : offsetOfKey(document, path);
}

/** The key of a pair; for an entry of a list, or what came through an alias or `<<`, the nearest thing around it. */
function offsetOfKey(document: Document.Parsed, path: KeyPath): number {
  const parentPath = path.slice(0, -1);
  const parent = nodeAt(document, parentPath);
  if (isMap(parent)) {
    const pair = pairOf(parent, path.at(-1));
    if (isNode(pair?.key) && pair.key.range) return pair.key.range[0];
    if (parent.range) return parent.range[0];
  }
  if (isAlias(parent) && parent.range) return parent.range[0];
  return parentPath.length === 0 ? 0 : offsetOf(document, parentPath);
}

/** A problem at a value of the file. */
export function problemAt(yaml: YamlText, path: KeyPath, message: string): Problem {
  return { ...yaml.placeOf(path), key: formatKey(path), message };
}
