// What may stand where a service, a method, a symbol or a request's field is typed, from what a client has loaded.
// Shells and the REPL offer it.

import type { Client, FieldDescription } from '../../index.ts';
import { scalarType } from '../../schema/descriptors/scalar-types.ts';
import { mapTypes, valueType } from '../command/map-type.ts';
import { described, fieldNamed } from '../requests/field-lookup.ts';
import { pathOf } from '../requests/field-words.ts';

/** The names of services that begin with what was typed. */
export function completeService(client: Client, typed: string): string[] {
  return startingWith(
    typed,
    client.services.map(({ fullName }) => fullName),
  );
}

/** Methods that begin with what was typed: `SayHello` where that is clear, `helloworld.Greeter/SayHello`. */
export function completeMethod(client: Client, typed: string): string[] {
  const methods = client.services.flatMap(({ methods }) => methods);
  const full = methods.map(({ path }) => path.slice(1));
  // What is inside of `grpc.*` is rarely meant.
  const short = methods
    .filter(({ name, fullName }) => {
      return !fullName.startsWith('grpc.') && methods.filter((other) => other.name === name).length === 1;
    })
    .map(({ name }) => name);
  return startingWith(typed, /[./]/.test(typed) ? full : [...short, ...full]);
}

/** How many symbols are offered: beyond this nobody reads them. */
const MAX_SYMBOLS = 5000;

/** Services, methods, and the messages and enums that they use. */
export function completeSymbol(client: Client, typed: string): string[] {
  const names = new Set<string>();
  const pending: string[] = [];
  for (const service of client.services) {
    names.add(service.fullName);
    for (const method of service.methods) {
      names.add(method.fullName);
      pending.push(method.requestType, method.replyType);
    }
  }
  for (let type = pending.pop(); type !== undefined && names.size < MAX_SYMBOLS; type = pending.pop()) {
    if (names.has(type)) continue;
    names.add(type);
    const description = described(client, type);
    if (description?.kind === 'message') {
      for (const field of description.fields) {
        const value = valueType(field);
        if (scalarType(value) === undefined) pending.push(value);
      }
    }
  }
  return startingWith(typed, [...names]);
}

/**
 * Words that set a field and begin with what was typed: `rect.lo.` gives `rect.lo.latitude=`, `by[key].` the fields of a
 * map's value, `kind=` an enum's values. A message's name ends with a dot, since its fields follow.
 * @param type full name of the request's type
 */
export function completeField(client: Client, type: string, typed: string): string[] {
  const assignment = /^([^=]*)=(.*)$/s.exec(typed);
  if (assignment !== null) {
    const [, path, text] = assignment;
    const values = valuesOf(client, placeOf(client, type, pathOf(path)));
    return startingWith(text, values).map((value) => `${path}=${value}`);
  }
  // A key or an index whose bracket is open is the user's own.
  const [, before = '', last] = /^(.*[.\]])?([^.[\]]*)$/s.exec(typed) ?? [];
  if (last === undefined || before.lastIndexOf('[') > before.lastIndexOf(']')) return [];
  const place = placeOf(client, type, pathOf(before));
  if (place === undefined) return [];
  if (before.endsWith(']')) return last === '' ? [before + endOf(client, place)] : [];
  return membersOf(client, place)
    .filter((member) => member.startsWith(last))
    .map((member) => before + member);
}

/** Where the steps of a path lead: a message, an entry or an element have only a type. */
interface Place {
  readonly type: string;
  /** A map, or a list whose element is not chosen yet. */
  readonly several?: FieldDescription;
}

function placeOf(client: Client, type: string, steps: readonly string[]): Place | undefined {
  let at: Place = { type };
  for (const step of steps) {
    if (at.several !== undefined) {
      if (!at.several.isMap && !/^\[?\d+\]?$/.test(step)) return undefined;
      at = { type: at.type };
      continue;
    }
    const message = scalarType(at.type) === undefined ? described(client, at.type) : undefined;
    const field = message?.kind === 'message' ? fieldNamed(client, message, step) : undefined;
    if (field === undefined) return undefined;
    at = placeOfField(field);
  }
  return at;
}

const placeOfField = (field: FieldDescription): Place =>
  field.isMap || field.isRepeated ? { type: valueType(field), several: field } : { type: field.type };

/** What may follow a place and its dot. */
function membersOf(client: Client, { type, several }: Place): readonly string[] {
  if (several?.isMap === true) {
    const isBoolean = mapTypes(several.type)?.[0] === 'bool';
    return isBoolean ? ['false', 'true'].map((key) => key + endOf(client, { type })) : [];
  }
  const description =
    several === undefined && scalarType(type) === undefined ? described(client, type) : undefined;
  if (description?.kind !== 'message') return [];
  return description.fields.map((field) => field.name + endOf(client, placeOfField(field)));
}

/** What stands behind a place, on the way to a value. */
function endOf(client: Client, { type, several }: Place): string {
  if (several?.isMap === true) return '.';
  const isMessage = scalarType(type) === undefined && described(client, type)?.kind === 'message';
  if (!isMessage || isText(type)) return '=';
  return several === undefined ? '.' : '[0].';
}

/** The messages that are written as one text. */
function isText(type: string): boolean {
  return /^google\.protobuf\.(?:Timestamp|Duration|FieldMask|Value|\w+Value)$/.test(type);
}

function valuesOf(client: Client, place: Place | undefined): readonly string[] {
  if (place === undefined || place.several?.isMap === true) return [];
  if (place.type === 'bool') return ['true', 'false'];
  const description = scalarType(place.type) === undefined ? described(client, place.type) : undefined;
  return description?.kind === 'enum' ? description.values.map(({ name }) => name) : [];
}

function startingWith(typed: string, names: readonly string[]): string[] {
  return names.filter((name) => name.startsWith(typed)).sort();
}
