// TypeScript declarations of what is loaded, as one .d.ts: for each message the type of replies and the looser one of
// requests, for enums their names, and `Services`, the map of methods that types a client. Types follow the value options
// in force. types-field.ts has the type of one field.

import { escapeLines, escapeText } from '../../values/text/escaped-text.ts';
import { type FieldPlan, type Plan, PlanSet } from '../codec/plan.ts';
import { isIdentifier, lastPart } from '../descriptors/names.ts';
import { placeIn } from '../descriptors/place-in.ts';
import { LINE_END, SourceComments } from '../descriptors/source-comments.ts';
import { pathOf } from '../descriptors/source-path.ts';
import type { Definition, EnumDefinition } from '../descriptors/symbol-table.ts';
import { NOT_WELL_KNOWN } from '../descriptors/well-known-kind.ts';
import type { MethodInfo } from '../registry/loaded-method.ts';
import type { Registry } from '../registry/registry.ts';
import { fieldType, valueType } from './types-field.ts';
import { framed } from './types-frame.ts';
import { TypeNames } from './types-names.ts';

/** A message whose oneofs allow more combinations than this has plain optional fields instead of a union. */
const MAX_COMBINATIONS = 24;
const FIELD = 2;
const ENUM_VALUE = 2;
const METHOD = 2;

/** The declarations. */
export function typesOf(registry: Registry): string {
  return new TypeWriter(registry).text();
}

class TypeWriter {
  readonly #registry: Registry;
  /** Plans of our own: the registry would keep its plans for good. */
  readonly #plans: PlanSet;
  readonly #names: TypeNames;
  readonly #comments: WeakMap<object, SourceComments> = new WeakMap();
  readonly #out: string[] = [];

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#plans = new PlanSet(registry.model, registry.shape, () => {});
    const named: string[] = [];
    for (const { kind, fullName, proto } of registry.model.table.symbols.values()) {
      const isEntry = kind === 'message' && proto.options?.['mapEntry'] === true;
      if ((kind === 'message' || kind === 'enum') && !isEntry) named.push(fullName);
    }
    this.#names = new TypeNames(named);
  }

  text(): string {
    const messages: string[] = [];
    for (const definition of this.#registry.model.table.symbols.values()) {
      if (definition.kind === 'enum') this.#enum(definition);
      else if (definition.kind === 'message' && definition.proto.options?.['mapEntry'] !== true) {
        const plan = this.#plans.find(definition.fullName);
        if (plan === undefined) continue;
        messages.push(definition.fullName);
        if (plan.wellKnown === NOT_WELL_KNOWN) this.#message(plan, definition);
        else this.#wellKnown(plan, definition);
      }
    }
    const entries = (suffix: string): string =>
      messages.map((fullName) => `  ${quoted(fullName)}: ${this.#names.of(fullName)}${suffix};\n`).join('');
    return framed(this.#out, entries(''), entries('Input'), this.#services());
  }

  #enum(definition: EnumDefinition): void {
    const { fullName } = definition;
    const type = this.#registry.model.enumeration(fullName);
    if (type === undefined) return;
    const name = this.#names.of(fullName);
    const path = pathOf(definition);
    const comments = this.#commentsOf(definition);
    const values = (definition.proto.value ?? []).map((value, i) => {
      const notes = comments.text([...path, ENUM_VALUE, i]);
      return `${jsdoc(notes, value.options?.['deprecated'] === true, '  ')}  | ${quoted(value.name)}`;
    });
    // An open enum can have numbers without a name: a newer server may send one.
    this.#declare(definition, `export type ${name}Input =\n${values.join('\n')}\n  | number;`);
    const first = [...type.names.values()].map((one) => quoted(one));
    const open = type.isClosed ? [] : ['number'];
    const reply = this.#registry.shape.enumNames ? [...first, ...open].join(' | ') : 'number';
    this.#out.push(`export type ${name} = ${reply === '' ? 'number' : reply};\n`);
  }

  #message(plan: Plan, definition: Definition): void {
    const name = this.#names.of(plan.typeName);
    this.#declare(definition, this.#body(name, plan, definition, false));
    this.#out.push(`${this.#body(`${name}Input`, plan, definition, true)}\n`);
  }

  #wellKnown(plan: Plan, definition: Definition): void {
    const name = this.#names.of(plan.typeName);
    this.#declare(definition, `export type ${name} = ${valueType(plan, false, this.#names)};`);
    this.#out.push(`export type ${name}Input = ${valueType(plan, true, this.#names)};\n`);
  }

  #body(name: string, plan: Plan, definition: Definition, isInput: boolean): string {
    const path = pathOf(definition);
    const comments = this.#commentsOf(definition);
    const proto = definition.kind === 'message' ? definition.proto : undefined;
    const notes = (field: FieldPlan): string => {
      const index = placeIn(proto?.field, field.field.proto);
      const text = field.index < 0 ? '' : comments.text([...path, FIELD, index]);
      return jsdoc(text, field.field.proto.options?.['deprecated'] === true, '  ');
    };
    const filled = new Set(plan.filled);
    const property = (field: FieldPlan, isSet: boolean): string => {
      const type = fieldType(field, isInput, this.#names);
      const isAlways = isSet || (isInput ? field.isRequired : field.isRequired || filled.has(field));
      const undefinedToo = isInput && !isAlways ? ' | undefined' : '';
      return `${notes(field)}  ${keyOf(field.key)}${isAlways ? '' : '?'}: ${type}${undefinedToo};`;
    };
    const extensions = this.#extensionsOf(plan);
    const unions = oneofsOf(plan);
    const combinations = unions.reduce((product, members) => product * (members.length + 1), 1);
    const asUnions = unions.length > 0 && combinations <= MAX_COMBINATIONS;
    const lines: string[] = [];
    for (const field of [...plan.fields, ...extensions]) {
      if (asUnions && field.oneof >= 0 && field.index >= 0) continue;
      lines.push(property(field, false));
    }
    if (!asUnions && !isInput) {
      for (const [i, members] of unions.entries()) {
        const key = plan.oneofKeys[i];
        if (members[0]?.oneofKey !== '') lines.push(`  ${keyOf(key)}?: ${namesOf(members)};`);
      }
    }
    if (!asUnions) {
      // An empty interface would accept anything.
      if (lines.length === 0 && isInput) lines.push("  '@type'?: undefined;");
      return lines.length === 0
        ? `export interface ${name} {}`
        : `export interface ${name} {\n${lines.join('\n')}\n}`;
    }
    const alternatives = unions.map((members, i) => {
      const one = (set: FieldPlan | undefined): string => {
        const all = members.map((field) => {
          if (field !== set) return `  ${keyOf(field.key)}?: undefined;`;
          return property(field, true);
        });
        const oneof = plan.oneofKeys[i];
        const setName = set === undefined ? 'undefined' : quoted(set.key);
        if (members[0].oneofKey !== '') {
          const isOptional = set === undefined || isInput;
          all.push(
            `  ${keyOf(oneof)}${isOptional ? '?' : ''}: ${isInput ? `${setName} | undefined` : setName};`,
          );
        }
        return `{\n${all.join('\n')}\n}`;
      };
      return `(${[...members.map(one), one(undefined)].join(' | ')})`;
    });
    const own = lines.length === 0 ? [] : [`{\n${lines.join('\n')}\n}`];
    return `export type ${name} = ${[...own, ...alternatives].join(' & ')};`;
  }

  #extensionsOf(plan: Plan): FieldPlan[] {
    const numbers = this.#registry.model.table.extensions.get(plan.typeName)?.keys() ?? [];
    return [...numbers].map((number) => plan.find(number)).filter((field) => field !== undefined);
  }

  /** Types by their full names. */
  #services(): string {
    const { services } = this.#registry;
    const keys = methodKeys(services.flatMap(({ methods }) => methods));
    const lines: string[] = [];
    for (const service of services) {
      const definition = this.#registry.find(service.fullName);
      // A service of a module without descriptors has names and nothing else.
      const comments = definition === undefined ? undefined : this.#commentsOf(definition);
      const path = definition === undefined ? [] : pathOf(definition);
      for (const [i, method] of service.methods.entries()) {
        const proto = definition?.kind === 'service' ? definition.proto.method?.[i] : undefined;
        const isDeprecated = proto?.options?.['deprecated'] === true;
        const request = this.#names.input(method.requestType);
        const types = `{ request: ${request}; reply: ${this.#names.of(method.replyType)}; cardinality: '${method.cardinality}' }`;
        const notes = jsdoc(comments?.text([...path, METHOD, i]) ?? '', isDeprecated, '  ');
        lines.push(`${notes}  ${quoted(method.fullName)}: ${types};`);
        for (const key of keys.get(method) ?? []) {
          // The notes are repeated for names that people write; paths are for programs.
          const isPath = key.includes('/');
          lines.push(`${isPath ? '' : notes}  ${quoted(key)}: Services[${quoted(method.fullName)}];`);
        }
      }
    }
    return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
  }

  #declare(definition: Definition, text: string): void {
    const { fullName, proto } = definition;
    const isDeprecated = proto.options?.['deprecated'] === true;
    const comment = this.#commentsOf(definition).text(pathOf(definition));
    this.#out.push(
      `${jsdoc(comment === '' ? fullName : `${fullName}: ${comment}`, isDeprecated, '')}${text}`,
    );
  }

  #commentsOf({ file }: Definition): SourceComments {
    let comments = this.#comments.get(file.proto);
    if (comments === undefined) {
      comments = new SourceComments(file.proto);
      this.#comments.set(file.proto, comments);
    }
    return comments;
  }
}

function oneofsOf(plan: Plan): FieldPlan[][] {
  const oneofs: FieldPlan[][] = plan.oneofKeys.map(() => []);
  for (const field of plan.fields) if (field.oneof >= 0) oneofs[field.oneof].push(field);
  return oneofs;
}

function namesOf(fields: readonly FieldPlan[]): string {
  return fields.map(({ key }) => quoted(key)).join(' | ');
}

/**
 * The names under which each method is found. A short one that several services share is not one, unless the others are
 * gRPC's own.
 */
function methodKeys(methods: readonly MethodInfo[]): ReadonlyMap<MethodInfo, readonly string[]> {
  const isOwn = ({ fullName }: MethodInfo): boolean => fullName.startsWith('grpc.');
  const shortNames = ({ name, path }: MethodInfo): string[] => {
    const service = path.slice(1, path.lastIndexOf('/'));
    return [name, `${lastPart(service)}/${name}`];
  };
  /** What each short name means; undefined if several methods have it. */
  const meant = new Map<string, MethodInfo | undefined>();
  for (const group of [methods.filter((method) => !isOwn(method)), methods.filter(isOwn)]) {
    const own = new Map<string, MethodInfo | undefined>();
    for (const method of group) {
      for (const name of shortNames(method)) own.set(name, own.has(name) ? undefined : method);
    }
    for (const [name, method] of own) if (!meant.has(name)) meant.set(name, method);
  }
  const keys = new Map<MethodInfo, string[]>();
  const full = new Set(methods.flatMap(({ fullName, path }) => [fullName, path, path.slice(1)]));
  for (const method of methods) {
    const short = shortNames(method).filter((name) => meant.get(name) === method && !full.has(name));
    keys.set(
      method,
      [...new Set([...short, method.path.slice(1), method.path])].filter((key) => key !== method.fullName),
    );
  }
  return keys;
}

/** A text as a literal, on one line: JSON names may be any text that a server sends. */
function quoted(text: string): string {
  return `'${escapeText(text.replaceAll('\\', '\\\\').replaceAll("'", "\\'"))}'`;
}

function keyOf(key: string): string {
  return isIdentifier(key) ? key : quoted(key);
}

function jsdoc(text: string, isDeprecated: boolean, indent: string): string {
  const notes = isDeprecated ? [...(text === '' ? [] : [text]), '@deprecated'].join('\n\n') : text;
  if (notes === '') return '';
  const lines = notes.replaceAll('*/', '*\\/').split(LINE_END).map(escapeLines);
  if (lines.length === 1) return `${indent}/** ${lines[0].trim()} */\n`;
  const body = lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n');
  return `${indent}/**\n${body}\n${indent} */\n`;
}
