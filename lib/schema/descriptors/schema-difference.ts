// Where a server's schema differs from what was loaded, in words that tell which of the two to bring up to date.

import { shortenedList } from '../../values/text/shortened-text.ts';
import type { FieldDescriptorProto, MethodDescriptorProto } from './descriptor-types.ts';
import { withArticle } from './names.ts';
import type { Definition } from './symbol-table.ts';

/** A loaded definition that differs from the server's. The loaded one is in force. */
export interface SchemaDifference {
  /** Full name of the message, enum, service or extension. */
  readonly symbol: string;
  /** The file that was loaded, and where it came from. */
  readonly loaded: string;
  /** The file as the server calls it. */
  readonly reflected: string;
  /** What differs: `field 3 'age' is only the server's`. */
  readonly difference: string;
}

const MAX_PHRASES = 5;

/** The difference between two definitions of a symbol; `loaded` is undefined when only the server has it. */
export function differenceOf(
  loaded: Definition | undefined,
  reflected: Definition,
  owner: Definition,
): SchemaDifference {
  const { file } = loaded ?? owner;
  return {
    symbol: reflected.fullName,
    loaded: `${file.proto.name} (from ${file.origin})`,
    reflected: reflected.file.proto.name,
    difference: loaded === undefined ? "only the server's schema has it" : phrasesOf(loaded, reflected),
  };
}

function phrasesOf(loaded: Definition, reflected: Definition): string {
  const phrases = [...differing(loaded, reflected)];
  if (phrases.length === 0) return 'options or syntax differ';
  return shortenedList(phrases, MAX_PHRASES, String, '; ');
}

function differing(loaded: Definition, reflected: Definition): Iterable<string> {
  if (loaded.kind === 'message' && reflected.kind === 'message') {
    return compare('field', byNumber(loaded.proto.field), byNumber(reflected.proto.field));
  }
  if (loaded.kind === 'enum' && reflected.kind === 'enum') {
    return compare('value', valuesOf(loaded.proto.value), valuesOf(reflected.proto.value));
  }
  if (loaded.kind === 'service' && reflected.kind === 'service') {
    return compare('method', methodsOf(loaded.proto.method), methodsOf(reflected.proto.method));
  }
  if (loaded.kind === 'extension' && reflected.kind === 'extension') {
    return compare('extension', byNumber([loaded.proto]), byNumber([reflected.proto]));
  }
  return [`it is ${withArticle(loaded.kind)} here and ${withArticle(reflected.kind)} there`];
}

function* compare(
  what: string,
  loaded: ReadonlyMap<string, string>,
  reflected: ReadonlyMap<string, string>,
): Generator<string> {
  for (const [key, text] of loaded) {
    const other = reflected.get(key);
    if (other === undefined) yield `${what} ${key} '${text}' is only in what was loaded`;
    else if (other !== text) yield `${what} ${key} is '${text}' here and '${other}' there`;
  }
  for (const [key, text] of reflected)
    if (!loaded.has(key)) yield `${what} ${key} '${text}' is only the server's`;
}

function byNumber(fields: readonly FieldDescriptorProto[] | undefined): Map<string, string> {
  return new Map((fields ?? []).map((field) => [String(field.number), fieldText(field)]));
}

function fieldText(field: FieldDescriptorProto): string {
  const label =
    field.label === 'LABEL_OPTIONAL' ? '' : (field.label ?? '').replace('LABEL_', '').toLowerCase();
  const type = field.typeName?.replace(/^\./, '') ?? (field.type ?? '').replace('TYPE_', '').toLowerCase();
  return `${label} ${type} ${field.name}`.trim();
}

function valuesOf(
  values: readonly { readonly name: string; readonly number: number }[] | undefined,
): Map<string, string> {
  return new Map((values ?? []).map(({ name, number }) => [name, String(number ?? 0)]));
}

function methodsOf(methods: readonly MethodDescriptorProto[] | undefined): Map<string, string> {
  return new Map((methods ?? []).map((method) => [method.name, methodText(method)]));
}

function methodText(method: MethodDescriptorProto): string {
  const { inputType, outputType, clientStreaming, serverStreaming } = method;
  const side = (type: string, isStream: boolean | undefined): string =>
    `${isStream === true ? 'stream ' : ''}${type.replace(/^\./, '')}`;
  return `(${side(inputType, clientStreaming)}) returns (${side(outputType, serverStreaming)})`;
}
