// biome-ignore-all lint/suspicious/noTemplateCurlyInString: files of requests have such variables
// Assertions of .gctf files, which are expressions: those that say what a pattern can say become one.

import { JsonSyntaxError, parseJson } from '../../values/text/json-text.ts';
import { type Lost, valueWithVariables, withVariables } from './imported.ts';

const PATH = String.raw`\.((?:[A-Za-z_]\w*)(?:\.[A-Za-z_]\w*)*)`;
const OPERATOR = '==|!=|>=|<=|>|<|contains|matches|startsWith|endsWith';
const COMPARED = new RegExp(String.raw`^${PATH}(?::\w+)?\s*(${OPERATOR})\s*(.+)$`);
/** As jq has it: `.name | startswith("a")`. */
const PIPED = new RegExp(String.raw`^${PATH}\s*\|\s*(startswith|endswith|contains|test)\((".*")\)$`);
const EXPRESSION = new RegExp(String.raw`^@regex\(${PATH},\s*(".*")\)$`);
const IDENTIFIER = new RegExp(String.raw`^@uuid\(${PATH}\)$`);
const LENGTH = new RegExp(String.raw`^(?:${PATH}\s*\|\s*length|@len\(${PATH}\))\s*(==|>=|<=|>|<)\s*(\d+)$`);
const FIELD = new RegExp(String.raw`^@(header|trailer)\("([^"]+)"\)\s*(${OPERATOR})\s*(null|".*")$`);
const HAS_FIELD = /^(!?)@has_(header|trailer)\("([^"]+)"\)$/;
const ELAPSED = /^@(?:total_)?elapsed_ms\(\)\s*<=?\s*(\d+)$/;
const UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';

const OPERATORS: Readonly<Record<string, string>> = {
  '!=': '$not',
  '>=': '$atLeast',
  '<=': '$atMost',
  '>': '$above',
  '<': '$below',
  contains: '$contains',
  matches: '$matches',
  test: '$matches',
};

/** Adds what an assertion says to what is expected, or tells that no pattern says it. */
export function addAssertion(
  assertion: string,
  expect: Record<string, unknown>,
  replies: unknown[],
  line: number,
  lost: Lost,
): void {
  const beside = (): void => lost(line, `the assertion ${assertion}, beside which another value is expected`);
  const elapsed = ELAPSED.exec(assertion);
  if (elapsed !== null) {
    expect['within'] = `${elapsed[1]}ms`;
    return;
  }
  const field = fieldPattern(assertion, line, lost);
  if (field !== undefined) {
    const key = `${field.kind}s`;
    const both = placed(expect[key], [field.name.toLowerCase()], field.value);
    if (both === undefined) beside();
    else expect[key] = both;
    return;
  }
  const pattern = patternOf(assertion, line, lost);
  // After several replies, which one is meant is not said.
  if (pattern === undefined || replies.length > 1) {
    lost(line, `the assertion ${assertion}`);
    return;
  }
  const both = placed(replies[0] ?? {}, pattern.path.split('.'), pattern.value);
  if (both === undefined) beside();
  else replies[0] = both;
}

/** Of a header or a trailer. */
function fieldPattern(assertion: string, line: number, lost: Lost) {
  const has = HAS_FIELD.exec(assertion);
  if (has !== null) return { kind: has[2], name: has[3], value: { $present: has[1] === '' } };
  const [, kind, name, operator, text] = FIELD.exec(assertion) ?? [];
  if (kind === undefined) return undefined;
  const value = comparison(operator, text, line, lost);
  return value === undefined ? undefined : { kind, name, value };
}

/** Of a field of the reply. */
function patternOf(assertion: string, line: number, lost: Lost) {
  const [, one, other, bound, count] = LENGTH.exec(assertion) ?? [];
  if (count !== undefined) {
    const length = bound === '==' ? Number(count) : { [OPERATORS[bound]]: Number(count) };
    return { path: one ?? other, value: { $length: length } };
  }
  const identifier = IDENTIFIER.exec(assertion);
  if (identifier !== null) return { path: identifier[1], value: { $matches: UUID } };
  const expression = EXPRESSION.exec(assertion);
  const found =
    expression === null
      ? (COMPARED.exec(assertion) ?? PIPED.exec(assertion))
      : ['', expression[1], 'matches', expression[2]];
  if (found === null) return undefined;
  const [, path, operator, text] = found;
  const value = comparison(operator, text, line, lost);
  return value === undefined ? undefined : { path, value };
}

/** What an operator and what stands behind it say as a pattern; undefined where none says it. */
function comparison(operator: string, text: string, line: number, lost: Lost): unknown {
  if (text === 'null') {
    return operator === '==' || operator === '!=' ? { $present: operator === '!=' } : undefined;
  }
  const value = literalOf(text, line, lost);
  if (operator === '==' || value === undefined) return value;
  const where = operator.toLowerCase();
  if (where !== 'startswith' && where !== 'endswith') return { [OPERATORS[operator]]: value };
  // What a variable stands for is no regular expression.
  if (typeof value !== 'string' || value.includes('${')) return undefined;
  const escaped = value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return { $matches: where === 'startswith' ? `^${escaped}` : `${escaped}$` };
}

function literalOf(text: string, line: number, lost: Lost): unknown {
  const lone = /^"?(\{\{[^{}]*\}\})"?$/.exec(text)?.[1];
  if (lone !== undefined) return withVariables(lone, line, lost);
  try {
    return valueWithVariables(parseJson(text), line, lost);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}

/** A pattern with another one at a path in it; undefined where it has a value on the way there. */
function placed(pattern: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return pattern === undefined ? value : bothOf(pattern, value);
  if (pattern !== undefined && (!isMembers(pattern) || (isOperators(pattern) && !('$exactly' in pattern)))) {
    return undefined;
  }
  const members = pattern ?? {};
  const key = '$exactly' in members ? '$exactly' : name;
  const inner = placed(members[key], key === name ? rest : [name, ...rest], value);
  return inner === undefined ? undefined : { ...members, [key]: inner };
}

/**
 * A pattern that matches what two of them do; undefined for two values, which nothing is both of. Where both have the same
 * operator, the second stands in an `$any` of one.
 */
function bothOf(one: unknown, other: unknown): unknown {
  if (isSame(one, other)) return one;
  if (!isOperators(one) && !isOperators(other)) return undefined;
  const both: Record<string, unknown> = { ...asOperators(one) };
  const rest: Record<string, unknown> = {};
  for (const [operator, operand] of Object.entries(asOperators(other))) {
    if (!(operator in both)) both[operator] = operand;
    else if (operator === '$not') both['$not'] = { $any: [...alternativesOf(both['$not']), operand] };
    else if (!isSame(both[operator], operand)) rest[operator] = operand;
  }
  if (Object.keys(rest).length === 0) return both;
  const [first] = alternativesOf(both);
  const inner = '$any' in rest ? alternativesOf(rest)[0] : rest;
  const joined = '$any' in both ? bothOf(first, inner) : inner;
  return joined === undefined ? undefined : { ...both, $any: [joined] };
}

const alternativesOf = (pattern: unknown): readonly unknown[] =>
  isMembers(pattern) && Array.isArray(pattern['$any']) ? pattern['$any'] : [pattern];

/** Numbers with all their digits. */
const isSame = (one: unknown, other: unknown): boolean => digits(one) === digits(other);
const digits = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => (item instanceof Number ? `number ${item}` : item));

/** Operators stay; a value becomes one, so that it holds beside others. */
const asOperators = (value: unknown): object => (isOperators(value) ? (value as object) : { $any: [value] });

export const isMembers = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Number);

function isOperators(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).some((key) => key.startsWith('$'));
}
