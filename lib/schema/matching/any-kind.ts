// google.protobuf.Any: a pattern names the type, and then the fields of that type, as ProtoJSON does. Types are compared by
// name, without what stands before it in the URL.

import { isBuiltIn } from '../../values/realm.ts';
import { holdsRawBytes, isRawAny } from '../codec/message-class.ts';
import type { Fields, Plan } from '../codec/plan.ts';
import { anyOf } from '../codec/well-known/well-known-encode.ts';
import { typeNameOfUrl } from '../descriptors/names.ts';
import { NOT_WELL_KNOWN } from '../descriptors/well-known-kind.ts';
import type { Check, Comparison } from './comparison.ts';
import type { Compiler } from './compiler.ts';
import { ComposedKind, type Kind } from './kind.ts';
import { compileAt } from './operators.ts';
import { scalarKindOf } from './scalar-kinds.ts';
import { shownValue } from './shown-value.ts';
import { ValueKind } from './value-kind.ts';

/** What is compared inside an Any of one type. */
type Content = (c: Comparison, any: Fields) => void;

export class AnyKind extends ComposedKind {
  readonly word = 'a google.protobuf.Any';
  readonly #plan: Plan;
  readonly #kindOfType: (plan: Plan) => Kind;

  constructor(plan: Plan, kindOfType: (plan: Plan) => Kind) {
    super();
    this.#plan = plan;
    this.#kindOfType = kindOfType;
  }

  literal(c: Compiler, pattern: unknown): Check {
    const plan = this.#plan;
    if (typeof pattern !== 'object' || pattern === null || isBuiltIn(pattern)) c.w.notAMessage(plan, pattern);
    const given = anyOf(c.w, plan, pattern);
    if (given === undefined) {
      const [key] = Object.keys(pattern);
      if (key === undefined) return new AnyCheck('', undefined, pattern);
      return c.w.unknownField(plan, key);
    }
    const { typeUrl, payload, record } = given;
    const rest: Fields = Object.fromEntries(Object.entries(record).filter(([key]) => key !== '@type'));
    const typeName = typeNameOfUrl(typeUrl);
    const content =
      payload === undefined || isRawAny(record)
        ? this.#rawContent(c, rest, typeUrl)
        : this.#content(c, payload, rest);
    return new AnyCheck(typeName, content, pattern);
  }

  #content(c: Compiler, payload: Plan, rest: Fields): Content {
    const kind = this.#kindOfType(payload);
    if (payload.wellKnown === NOT_WELL_KNOWN) {
      const fields = kind.literal(c, rest);
      return (comparison, any) => {
        if (holdsRawBytes(any, payload)) {
          comparison.report(fields, () => `bytes that are not a ${payload.typeName}`);
        } else fields.run(comparison, any);
      };
    }
    const other = Object.keys(rest).find((key) => key !== 'value');
    if (other !== undefined) c.refuse(`an Any of ${payload.typeName} takes only '@type' and 'value'`);
    return this.#value(c, kind, rest);
  }

  /** All that is known of a type that is not loaded is its bytes. */
  #rawContent(c: Compiler, rest: Fields, typeUrl: string): Content {
    const other = Object.keys(rest).find((key) => key !== 'value');
    if (other !== undefined) {
      c.w.refuseUnloaded(
        `'${typeUrl}' is not loaded; load its schema, or give { '@type', value: bytes }`,
        typeNameOfUrl(typeUrl),
      );
    }
    const bytes = scalarKindOf(this.#plan.fields[1]);
    return bytes === undefined ? () => {} : this.#value(c, new ValueKind(bytes), rest);
  }

  #value(c: Compiler, kind: Kind, rest: Fields): Content {
    const { value } = rest;
    if (value === undefined) return () => {};
    const check = c.atField('value', 'value', () => compileAt(c, { kind }, value));
    return (comparison, any) => comparison.runAt('value', check, any['value']);
  }
}

class AnyCheck implements Check {
  readonly needsValue = true;
  /** Empty for any. */
  readonly #typeName: string;
  readonly #content: Content | undefined;
  readonly #pattern: unknown;

  constructor(typeName: string, content: Content | undefined, pattern: unknown) {
    this.#typeName = typeName;
    this.#content = content;
    this.#pattern = pattern;
  }

  get wanted(): string {
    return shownValue(this.#pattern);
  }

  run(c: Comparison, actual: unknown): void {
    if (!c.spend()) return;
    if (typeof actual !== 'object' || actual === null) {
      c.report(this, () => shownValue(actual));
      return;
    }
    const any = actual as Fields;
    const typeUrl = any['@type'];
    if (this.#typeName === '') return;
    if (typeof typeUrl !== 'string' || typeNameOfUrl(typeUrl) !== this.#typeName) {
      c.reportAt('@type', { wanted: this.#typeName }, () => shownValue(typeUrl));
      return;
    }
    this.#content?.(c, any);
  }
}
