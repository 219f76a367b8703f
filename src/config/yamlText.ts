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
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    logLevel: 'silent',
  });
  const faults = document.errors.map((error) =>
    problem(error.pos[0], explainFault(error.code, error.message)),
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
  const warnings = document.warnings.map((warning) =>
    problem(
      warning.pos[0],
      warning.code === 'TAG_RESOLVE_FAILED' ? 'an unknown tag (!…) is ignored' : warning.message,
    ),
  );
  return {
    mapping: (value ?? {}) as Record<string, unknown>,
    problems: [],
    warnings,
    placeOf: (path) => at(offsetOf(document, path)),
    placeOfKey: (path) => at(offsetOfKey(document, path)),
    sourceOf: (path) => {
      const node = document.getIn(path, true);
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

/** The parser's own words quote the file, which may hold a password: only those that cannot are passed on. */
function explainFault(code: string, message: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'this key is there already: remove one of the two';
    case 'MULTIPLE_DOCS':
      return 'a second document begins here (---): a configuration is one';
    case 'TAB_AS_INDENT':
      return 'a tab indents this line: YAML takes spaces only';
    case 'UNEXPECTED_TOKEN':
      return 'not YAML: this is unexpected here (a colon or a quote that is missing or too many?)';
    case 'BAD_INDENT':
      return 'not YAML: this line is indented otherwise than its neighbours';
    case 'RESOURCE_EXHAUSTION':
      return 'this is nested too deeply to be a configuration';
    default:
      return `not YAML: ${message.replace(/["'`:].*$/s, '').trim()}`;
  }
}

function findStrayAlias(document: Document.Parsed): number | null {
  let offset: number | null = null;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      offset = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

function offsetOf(document: Document.Parsed, path: KeyPath): number {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isNode(node) && node.range) return node.range[0];
  return path.length === 0 ? 0 : offsetOfKey(document, path);
}

/** The key of a pair; for an entry of a list, or what came through an alias or `<<`, the nearest thing around it. */
function offsetOfKey(document: Document.Parsed, path: KeyPath): number {
  const parentPath = path.slice(0, -1);
  const parent = parentPath.length === 0 ? document.contents : document.getIn(parentPath, true);
  if (isMap(parent)) {
    const name = path.at(-1);
    const pair = parent.items.find(({ key }) => (isScalar(key) ? String(key.value) : key) === name);
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
