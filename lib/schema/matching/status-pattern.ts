// Patterns for how a call ended: its code, its text, and the details of google.rpc by their types and fields.

import { suggestion } from '../../values/nearest-names.ts';
import { isObject, isPlainObject } from '../../values/realm.ts';
import type { RpcError } from '../../values/rpc-error.ts';
import { type Status, StatusCode, statusCodeName } from '../../values/status.ts';
import type { Encoder } from '../codec/encoder.ts';
import { planOf } from '../codec/message-class.ts';
import { missingSymbol } from '../codec/missing-symbol.ts';
import type { Plan } from '../codec/plan.ts';
import { typeNameOfUrl } from '../descriptors/names.ts';
import { ANY } from '../descriptors/well-known-kind.ts';
import { detailPlan } from '../registry/error-details.ts';
import { Registry } from '../registry/registry.ts';
import { AnyKind } from './any-kind.ts';
import { ListKind } from './collection-kinds.ts';
import type { Check, Comparison } from './comparison.ts';
import type { Compiler } from './compiler.ts';
import { ComposedKind, type Kind } from './kind.ts';
import { ContainsCheck } from './list-checks.ts';
import { kindOfType } from './message-kinds.ts';
import { compileAt, isOperator } from './operators.ts';
import { compileKind, type Pattern, type PatternOptions } from './pattern.ts';
import { PatternError } from './pattern-error.ts';
import { PlainScalar, type Scalar } from './scalar-kinds.ts';
import { shownText, shownValue } from './shown-value.ts';
import { TEXT_KIND } from './text-kind.ts';
import { AnyOfCheck } from './value-checks.ts';
import { ValueKind } from './value-kind.ts';

/** How a call ended: the error that it failed with, or its status, which has no details. */
export type Ending = RpcError | Status;

/**
 * Compiles a pattern for the end of a call: a code or its name (`'NOT_FOUND'`, 5), a list of those of which it is to be
 * one, or `{ code, message, details }`. `details` is a list of `{ '@type': 'google.rpc.BadRequest', …fields }`, each of
 * which is to be among those that came; `$exactly` wants no others. `registry` is what is loaded; the types of google.rpc
 * are known in any case. Throws PatternError.
 */
export function compileStatusPattern(
  registry: Registry,
  pattern: unknown,
  options?: PatternOptions,
): Pattern<Ending> {
  return compileKind(new StatusKind(detailPlan(registry)), pattern, options);
}

let builtIn: Registry | undefined;

/** The same for an error that is there, with the types of details that its client had loaded. */
export function compileErrorPattern(
  error: RpcError,
  pattern: unknown,
  options?: PatternOptions,
): Pattern<Ending> {
  const [detail] = error.errorDetails;
  const own = detail === undefined ? undefined : planOf(detail);
  if (own?.wellKnown === ANY) return compileKind(new StatusKind(own), pattern, options);
  builtIn ??= new Registry();
  try {
    return compileStatusPattern(builtIn, pattern, options);
  } catch (mistake) {
    // The error has no details, and its schema might have the type.
    const { details, ...others } = (isObject(pattern) ? pattern : {}) as { readonly details?: unknown };
    if (!(mistake instanceof PatternError) || missingSymbol(mistake.cause) === undefined) throw mistake;
    const rest = compileStatusPattern(builtIn, others, options);
    const missing = { path: 'details', expected: shownValue(details), actual: NO_DETAILS };
    return { differences: (ending) => [...rest.differences(ending), missing] };
  }
}

const NO_DETAILS = 'no details';

const NAMES = Object.keys(StatusCode);

class CodeKind extends PlainScalar {
  readonly word = 'a status code';

  read(w: Encoder, value: unknown): Scalar {
    if (typeof value === 'string' && Object.hasOwn(StatusCode, value)) {
      return StatusCode[value as keyof typeof StatusCode];
    }
    if (typeof value === 'number' && NAMES[value] !== undefined) return value;
    const near = typeof value === 'string' ? suggestion(value, NAMES) : '';
    return w.refuse(`expected a status code from 0 to 16 or its name, got ${shownValue(value)}${near}`);
  }

  show(value: Scalar): string {
    return typeof value === 'number' ? NAMES[value] : shownValue(value);
  }
}

/** Several codes are a list, of which it is to be one. */
class CodesKind extends ValueKind {
  override literal(c: Compiler, pattern: unknown): Check {
    if (!Array.isArray(pattern)) return super.literal(c, pattern);
    if (pattern.length === 0) c.refuse('expected a status code, got an empty list');
    const checks = pattern.map((code, i) => c.atKey(i, () => super.literal(c, code)));
    return new AnyOfCheck(this, checks);
  }
}

const CODE_KIND: Kind = new CodesKind(new CodeKind());

/** Details are looked for by their types, among whatever a server adds. */
class DetailsKind extends ListKind {
  override literal(c: Compiler, pattern: unknown): Check {
    if (c.isExact || !Array.isArray(pattern)) return super.literal(c, pattern);
    const checks = pattern.map((item, i) => c.atElement(i, () => compileAt(c, { kind: this.element }, item)));
    return new DetailsCheck(this.element, checks, pattern.map(typeOf));
  }
}

function typeOf(detail: unknown): string {
  return isObject(detail) ? typeNameOfUrl(String((detail as { '@type'?: unknown })['@type'])) : '';
}

/** Where one detail is missing and another of its type is there, what differs in that. */
class DetailsCheck implements Check {
  readonly needsValue = true;
  readonly #kind: Kind;
  readonly #checks: readonly Check[];
  readonly #types: readonly string[];

  constructor(kind: Kind, checks: readonly Check[], types: readonly string[]) {
    this.#kind = kind;
    this.#checks = checks;
    this.#types = types;
  }

  get wanted(): string {
    return this.#checks.map((check) => check.wanted).join(' and ');
  }

  run(c: Comparison, actual: unknown): void {
    const list: readonly unknown[] = Array.isArray(actual) ? actual : [];
    const all = new ContainsCheck(this.#kind, this.#checks);
    if (this.#checks.length === 0 || c.try(all, list)) return;
    for (const [i, check] of this.#checks.entries()) {
      if (list.some((item) => c.try(check, item))) continue;
      const same = list.findIndex((item) => typeOf(item) === this.#types[i]);
      if (same < 0) {
        const types = list.map(typeOf).join(', ');
        c.report({ wanted: `a detail ${check.wanted}` }, () =>
          types === '' ? 'no details' : shownValue(types),
        );
        continue;
      }
      c.runAt(same, check, list[same]);
    }
  }
}

const PARTS = ['code', 'message', 'details'] as const;

class StatusKind extends ComposedKind {
  readonly word = 'a status';
  readonly #details: Kind;

  constructor(any: Plan) {
    super();
    this.#details = new DetailsKind(new AnyKind(any, kindOfType));
  }

  literal(c: Compiler, pattern: unknown): Check {
    if (!isObject(pattern) || Array.isArray(pattern)) {
      const code = compileAt(c, { kind: CODE_KIND }, pattern);
      return new StatusCheck(code, undefined, undefined);
    }
    if (!isPlainObject(pattern)) c.refuse(`expected { code, message, details }, got ${shownValue(pattern)}`);
    const given = pattern as Readonly<Record<string, unknown>>;
    for (const key of Object.keys(given)) {
      if (!isOperator(key) && !(PARTS as readonly string[]).includes(key)) {
        const near = suggestion(key, PARTS) || `; it has ${PARTS.join(', ')}`;
        c.refuse(`a status has no '${key}'${near}`);
      }
    }
    const part = (key: string, kind: Kind): Check | undefined => {
      const item = Object.hasOwn(given, key) ? given[key] : undefined;
      return item === undefined ? undefined : c.atField(key, key, () => compileAt(c, { kind }, item));
    };
    return new StatusCheck(
      part('code', CODE_KIND),
      part('message', TEXT_KIND),
      part('details', this.#details),
    );
  }

  override show(actual: unknown): string {
    return shownEnding(actual as Ending);
  }
}

/** Its text is what a server sends as its message; RpcError.message has the code before it. */
const textOf = (ending: Ending): string => ending.details;

function detailsOf(ending: Ending): readonly unknown[] {
  return 'errorDetails' in ending ? ending.errorDetails : [];
}

function shownEnding(ending: Ending): string {
  const name = statusCodeName(ending.code);
  const text = textOf(ending);
  return text === '' || text === name ? name : `${name} ${shownText(text)}`;
}

/** What a server says of a failure beside its text, as the end of a line that shows that; empty if it says nothing. */
export function shownDetails(ending: Ending): string {
  const details = detailsOf(ending);
  return details.length === 0 ? '' : `, details ${shownValue(details)}`;
}

class StatusCheck implements Check {
  readonly needsValue = true;
  readonly #code: Check | undefined;
  readonly #message: Check | undefined;
  readonly #details: Check | undefined;

  constructor(code: Check | undefined, message: Check | undefined, details: Check | undefined) {
    this.#code = code;
    this.#message = message;
    this.#details = details;
  }

  get wanted(): string {
    const parts = [this.#code, this.#message, this.#details].flatMap((check) => check?.wanted ?? []);
    return parts.join(' ');
  }

  run(c: Comparison, actual: unknown): void {
    const ending = actual as Ending;
    this.#runCode(c, ending);
    if (this.#message !== undefined) c.runAt('message', this.#message, textOf(ending));
    if (this.#details !== undefined) c.runAt('details', this.#details, detailsOf(ending));
    const problem = 'errorDetailsProblem' in ending ? ending.errorDetailsProblem : undefined;
    if (this.#details !== undefined && problem !== undefined && c.differences.length > 0) {
      c.reportAt('details', { wanted: 'details that can be read' }, () => problem);
    }
  }

  /** Another code is shown with its text, which says why, and with details that are not compared themselves. */
  #runCode(c: Comparison, ending: Ending): void {
    const code = this.#code;
    if (code === undefined || c.try(code, ending.code)) return;
    const details = this.#details === undefined ? shownDetails(ending) : '';
    c.reportAt('code', code, () => `${shownEnding(ending)}${details}`);
  }
}
