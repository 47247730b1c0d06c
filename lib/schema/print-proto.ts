// A file descriptor as .proto source again: declarations in the order of the original where source info tells it,
// with comments, options and custom options. What is printed means the same when it is loaded. Options are
// print-proto-options.ts's, names print-proto-names.ts's.

import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
  MethodDescriptorProto,
  ServiceDescriptorProto,
} from './descriptor.ts';
import { jsonNameOf, lastPart, qualify } from './names.ts';
import type { ProtoNames } from './print-proto-names.ts';
import type { OptionPrinter } from './print-proto-options.ts';
import { SourceComments } from './source-comments.ts';
import { stringLiteral } from './text-literal.ts';

// Field numbers of descriptor.proto, which source info's paths are made of.
const FILE = { package: 2, message: 4, enum: 5, service: 6, extension: 7, syntax: 12 } as const;
const MESSAGE = { field: 2, nested: 3, enum: 4, extension: 6, oneof: 8 } as const;
const ENUM_VALUE = 2;
const SERVICE_METHOD = 2;

const INDENT = '  ';
const MAX_FIELD_NUMBER = 536870911;
const MAX_INT32 = 2147483647;
/** An edition's name in source. */
const EDITION = /^EDITION_(\d+)$/;
const EDITION_NAMES: ReadonlyMap<number, string> = new Map([
  [1000, '2023'],
  [1001, '2024'],
  [1002, '2026'],
]);

type Path = readonly number[];

/** One declaration, printed when its turn has come. */
interface Part {
  readonly path: Path;
  print(): void;
}

export class ProtoPrinter {
  readonly #file: FileDescriptorProto;
  readonly #names: ProtoNames;
  readonly #options: OptionPrinter;
  readonly #comments: SourceComments;
  readonly #syntax: string;
  /** One text a line: a text as long as the file would be copied whenever its end is looked at. */
  readonly #lines: string[] = [];
  #indent = '';

  constructor(file: FileDescriptorProto, names: ProtoNames, options: OptionPrinter) {
    this.#file = file;
    this.#names = names;
    this.#options = options;
    this.#comments = new SourceComments(file);
    this.#syntax = file.syntax === undefined || file.syntax === '' ? 'proto2' : file.syntax;
  }

  file(): string {
    const file = this.#file;
    const edition = String(file.edition ?? '');
    const syntax =
      this.#syntax === 'editions'
        ? `edition = "${EDITION.exec(edition)?.[1] ?? EDITION_NAMES.get(Number(edition)) ?? edition}"`
        : `syntax = "${this.#syntax}"`;
    this.#statement([FILE.syntax], `${syntax};`);
    if (file.package !== undefined && file.package !== '') {
      this.#gap();
      this.#statement([FILE.package], `package ${file.package};`);
    }
    this.#imports();
    const options = this.#options.statements(file.options, 'FileOptions');
    if (options.length > 0) this.#gap();
    for (const option of options) this.#line(`option ${option};`);
    this.#parts(this.#fileParts(), true);
    return `${this.#lines.join('\n')}\n`;
  }

  /** The declaration at the path alone, with its comments. */
  declaration(path: Path): string {
    let proto: unknown = this.#file;
    let scope = this.#file.package ?? '';
    const [kind, index, ...rest] = path;
    if (kind === FILE.service) this.#service(this.#file.service?.[index] as ServiceDescriptorProto, path);
    else if (kind === FILE.enum) this.#enum(this.#file.enumType?.[index] as EnumDescriptorProto, path);
    else if (kind === FILE.extension) {
      this.#extend(
        [[path, this.#file.extension?.[index] as FieldDescriptorProto]],
        scope,
        this.#file.messageType,
      );
    } else {
      let message = this.#file.messageType?.[index] as DescriptorProto;
      let at: Path = [FILE.message, index];
      proto = message;
      for (let i = 0; i < rest.length; i += 2) {
        const [what, which] = rest.slice(i, i + 2);
        at = [...at, what, which];
        scope = qualify(scope, message.name);
        if (what === MESSAGE.nested) {
          message = message.nestedType?.[which] as DescriptorProto;
          proto = message;
          continue;
        }
        if (what === MESSAGE.enum) this.#enum(message.enumType?.[which] as EnumDescriptorProto, at);
        else
          this.#extend([[at, message.extension?.[which] as FieldDescriptorProto]], scope, message.nestedType);
        proto = undefined;
      }
      if (proto !== undefined) this.#message(message, at, scope);
    }
    return `${this.#lines.join('\n')}\n`;
  }

  #imports(): void {
    const { dependency = [], publicDependency = [], weakDependency = [], optionDependency = [] } = this.#file;
    if (dependency.length + optionDependency.length > 0) this.#gap();
    dependency.forEach((name, i) => {
      const kind = publicDependency.includes(i) ? 'public ' : weakDependency.includes(i) ? 'weak ' : '';
      this.#line(`import ${kind}${stringLiteral(name)};`);
    });
    for (const name of optionDependency) this.#line(`import option ${stringLiteral(name)};`);
  }

  #fileParts(): Part[] {
    const file = this.#file;
    const scope = file.package ?? '';
    return [
      ...each(file.enumType, [FILE.enum], (one, path) => this.#enum(one, path)),
      ...this.#messageParts(file.messageType, [FILE.message], scope, groupsOf(file.extension)),
      ...this.#extendParts(file.extension, [FILE.extension], scope, file.messageType),
      ...each(file.service, [FILE.service], (one, path) => this.#service(one, path)),
    ];
  }

  #messageParts(
    messages: readonly DescriptorProto[] | undefined,
    path: Path,
    scope: string,
    groups: ReadonlySet<string>,
  ): Part[] {
    const parts = each(messages, path, (one, at) => this.#message(one, at, scope));
    return parts.filter((_, i) => {
      const message = messages?.[i];
      return message?.options?.['mapEntry'] !== true && !groups.has(qualify(scope, message?.name ?? ''));
    });
  }

  /** In the order of the source where it is known, with a blank line between those that have bodies. */
  #parts(parts: readonly Part[], isFile: boolean): void {
    const spans = parts.map(({ path }) => this.#comments.start(path));
    const sorted = parts.map((part, i) => ({ part, at: spans[i] }));
    if (spans.every((span) => span !== undefined)) sorted.sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
    for (const { part } of sorted) {
      if (isFile) this.#gap();
      part.print();
    }
  }

  #message(message: DescriptorProto, path: Path, scope: string): void {
    const keyword = `${visibilityOf(message.visibility)}message ${message.name}`;
    this.#block(keyword, path, () => this.#messageBody(message, path, qualify(scope, message.name)));
  }

  #messageBody(message: DescriptorProto, path: Path, scope: string): void {
    for (const option of this.#options.statements(message.options, 'MessageOptions')) {
      if (!option.startsWith('map_entry ')) this.#line(`option ${option};`);
    }
    const synthetic = new Set<number>();
    for (const field of message.field ?? []) {
      if (field.proto3Optional === true && field.oneofIndex !== undefined) synthetic.add(field.oneofIndex);
    }
    const fields = each(message.field, [...path, MESSAGE.field], (one, at) => {
      this.#field(one, at, scope, message.nestedType, false);
    });
    const oneofs = each(message.oneofDecl, [...path, MESSAGE.oneof], (oneof, at) => {
      this.#block(`oneof ${oneof.name}`, at, () => {
        for (const option of this.#options.statements(oneof.options, 'OneofOptions'))
          this.#line(`option ${option};`);
        const index = at[at.length - 1];
        message.field?.forEach((field, i) => {
          if (field.oneofIndex !== index) return;
          this.#field(field, [...path, MESSAGE.field, i], scope, message.nestedType, true);
        });
      });
    });
    // A oneof stands where its first member would.
    const printed = new Set(synthetic);
    const members = fields.flatMap((part, i) => {
      const index = message.field?.[i].oneofIndex;
      if (index === undefined || synthetic.has(index)) return [part];
      if (printed.has(index)) return [];
      printed.add(index);
      return [oneofs[index]];
    });
    const groups = new Set([...groupsOf(message.field), ...groupsOf(message.extension)]);
    this.#parts(
      [
        ...this.#messageParts(message.nestedType, [...path, MESSAGE.nested], scope, groups),
        ...each(message.enumType, [...path, MESSAGE.enum], (one, at) => this.#enum(one, at)),
        ...members,
        ...this.#extendParts(message.extension, [...path, MESSAGE.extension], scope, message.nestedType),
      ],
      false,
    );
    for (const range of message.extensionRange ?? []) {
      const options = this.#options.list(range.options, 'ExtensionRangeOptions');
      this.#line(`extensions ${rangeText(range.start, range.end - 1, MAX_FIELD_NUMBER)}${options};`);
    }
    const reserved = (message.reservedRange ?? []).map(({ start, end }) =>
      rangeText(start, end - 1, MAX_FIELD_NUMBER),
    );
    this.#reserved(reserved, message.reservedName);
  }

  #reserved(ranges: readonly string[], names: readonly string[] | undefined): void {
    if (ranges.length > 0) this.#line(`reserved ${ranges.join(', ')};`);
    if (names === undefined || names.length === 0) return;
    const isQuoted = this.#syntax !== 'editions';
    this.#line(`reserved ${names.map((name) => (isQuoted ? stringLiteral(name) : name)).join(', ')};`);
  }

  #extendParts(
    extensions: readonly FieldDescriptorProto[] | undefined,
    path: Path,
    scope: string,
    messages: readonly DescriptorProto[] | undefined,
  ): Part[] {
    const blocks: [Path, FieldDescriptorProto][][] = [];
    extensions?.forEach((extension, i) => {
      const last = blocks.at(-1);
      if (last !== undefined && last[0][1].extendee === extension.extendee)
        last.push([[...path, i], extension]);
      else blocks.push([[[...path, i], extension]]);
    });
    return blocks.map((block) => ({ path: block[0][0], print: () => this.#extend(block, scope, messages) }));
  }

  #extend(
    fields: readonly (readonly [Path, FieldDescriptorProto])[],
    scope: string,
    messages: readonly DescriptorProto[] | undefined,
  ): void {
    const target = this.#names.type(fields[0][1].extendee ?? '', scope);
    this.#block(`extend ${target}`, undefined, () => {
      for (const [path, field] of fields) this.#field(field, path, scope, messages, false);
    });
  }

  #field(
    field: FieldDescriptorProto,
    path: Path,
    scope: string,
    nested: readonly DescriptorProto[] | undefined,
    inOneof: boolean,
  ): void {
    const { name, number } = field;
    const options = this.#options.list(field.options, 'FieldOptions', this.#fieldPseudoOptions(field));
    const typeName = (field.typeName ?? '').replace(/^\./, '');
    const body = nested?.findIndex((one) => qualify(scope, one.name) === typeName) ?? -1;
    const message = body < 0 ? undefined : nested?.[body];
    if (message?.options?.['mapEntry'] === true) {
      const [key, value] = message.field ?? [];
      const inside = qualify(scope, message.name);
      const type = `map<${this.#type(key, inside)}, ${this.#type(value, inside)}>`;
      this.#statement(path, `${type} ${name} = ${number}${options};`);
      return;
    }
    const label = inOneof ? '' : this.#label(field);
    if (field.type === 'TYPE_GROUP' && message !== undefined) {
      const isExtension = field.extendee !== undefined;
      const at = isExtension ? path.slice(0, -2) : path.slice(0, -2);
      const nestedKind = at.length === 0 ? FILE.message : MESSAGE.nested;
      const head = `${label}group ${message.name} = ${number}${options}`;
      const bodyPath = [...at, nestedKind, body];
      this.#block(head, bodyPath, () => this.#messageBody(message, bodyPath, qualify(scope, message.name)));
      return;
    }
    this.#statement(path, `${label}${this.#type(field, scope)} ${name} = ${number}${options};`);
  }

  #label(field: FieldDescriptorProto): string {
    if (field.label === 'LABEL_REPEATED') return 'repeated ';
    if (field.label === 'LABEL_REQUIRED') return 'required ';
    return this.#syntax === 'proto2' || field.proto3Optional === true ? 'optional ' : '';
  }

  #type(field: FieldDescriptorProto, scope: string): string {
    if (field.typeName !== undefined && field.typeName !== '') return this.#names.type(field.typeName, scope);
    return (field.type ?? '').replace('TYPE_', '').toLowerCase();
  }

  /** What stands among the options without being one. */
  #fieldPseudoOptions(field: FieldDescriptorProto): string[] {
    const found: string[] = [];
    const { defaultValue, jsonName } = field;
    if (defaultValue !== undefined) {
      const isText = field.type === 'TYPE_STRING';
      // A default of bytes is escaped already.
      const bytes = field.type === 'TYPE_BYTES' ? `"${defaultValue}"` : defaultValue;
      found.push(`default = ${isText ? stringLiteral(defaultValue) : bytes}`);
    }
    if (jsonName !== undefined && field.extendee === undefined && jsonName !== jsonNameOf(field.name)) {
      found.push(`json_name = ${stringLiteral(jsonName)}`);
    }
    return found;
  }

  #enum(element: EnumDescriptorProto, path: Path): void {
    this.#block(`${visibilityOf(element.visibility)}enum ${element.name}`, path, () => {
      for (const option of this.#options.statements(element.options, 'EnumOptions'))
        this.#line(`option ${option};`);
      element.value?.forEach((value, i) => {
        const options = this.#options.list(value.options, 'EnumValueOptions');
        this.#statement([...path, ENUM_VALUE, i], `${value.name} = ${value.number}${options};`);
      });
      const ranges = (element.reservedRange ?? []).map(({ start, end }) => rangeText(start, end, MAX_INT32));
      this.#reserved(ranges, element.reservedName);
    });
  }

  #service(service: ServiceDescriptorProto, path: Path): void {
    this.#block(`service ${service.name}`, path, () => {
      for (const option of this.#options.statements(service.options, 'ServiceOptions'))
        this.#line(`option ${option};`);
      const scope = qualify(this.#file.package ?? '', service.name);
      service.method?.forEach((method, i) => {
        this.#method(method, [...path, SERVICE_METHOD, i], scope);
      });
    });
  }

  #method(method: MethodDescriptorProto, path: Path, scope: string): void {
    const request = `${method.clientStreaming === true ? 'stream ' : ''}${this.#names.type(method.inputType, scope)}`;
    const reply = `${method.serverStreaming === true ? 'stream ' : ''}${this.#names.type(method.outputType, scope)}`;
    const head = `rpc ${method.name}(${request}) returns (${reply})`;
    const options = this.#options.statements(method.options, 'MethodOptions');
    if (options.length === 0) this.#statement(path, `${head};`);
    else {
      this.#block(head, path, () => {
        for (const option of options) this.#line(`option ${option};`);
      });
    }
  }

  /** The method at the path alone. */
  method(method: MethodDescriptorProto, path: Path, scope: string): string {
    this.#method(method, path, scope);
    return `${this.#lines.join('\n')}\n`;
  }

  /** The field at the path alone. */
  field(
    field: FieldDescriptorProto,
    path: Path,
    scope: string,
    nested: readonly DescriptorProto[] | undefined,
  ): string {
    this.#field(field, path, scope, nested, field.oneofIndex !== undefined && field.proto3Optional !== true);
    return `${this.#lines.join('\n')}\n`;
  }

  #block(head: string, path: Path | undefined, content: () => void): void {
    const comments = path === undefined ? undefined : this.#comments.at(path);
    this.#leading(comments?.detached ?? [], comments?.leading);
    this.#line(`${head} {`);
    const outer = this.#indent;
    this.#indent += INDENT;
    if (comments?.trailing !== undefined) this.#trailing(comments.trailing);
    const inside = this.#lines.length;
    content();
    this.#indent = outer;
    if (this.#lines.length > inside || comments?.trailing !== undefined) this.#line('}');
    else this.#lines[inside - 1] += '}';
  }

  #statement(path: Path, text: string): void {
    const comments = this.#comments.at(path);
    this.#leading(comments.detached, comments.leading);
    this.#line(text);
    if (comments.trailing !== undefined) this.#trailing(comments.trailing);
  }

  #leading(detached: readonly string[], leading: string | undefined): void {
    for (const text of detached) {
      this.#gap();
      this.#comment(text);
      this.#lines.push('');
    }
    if (leading === undefined) return;
    if (this.#lines.at(-1)?.endsWith('{') === false) this.#gap();
    this.#comment(leading);
  }

  /** Of one line: behind the declaration. Longer: below it, with a blank line after, so that it leads nothing. */
  #trailing(text: string): void {
    const lines = commentLines(text);
    if (lines.length === 1) this.#lines.push(`${this.#lines.pop() ?? ''} //${lines[0]}`);
    else {
      this.#comment(text);
      this.#lines.push('');
    }
  }

  #comment(text: string): void {
    for (const line of commentLines(text)) this.#line(`//${line}`);
  }

  #gap(): void {
    if (this.#lines.length > 0 && this.#lines.at(-1) !== '') this.#lines.push('');
  }

  #line(text: string): void {
    for (const line of text.split('\n')) this.#lines.push(this.#indent + line);
  }
}

function each<T>(items: readonly T[] | undefined, path: Path, print: (item: T, path: Path) => void): Part[] {
  return (items ?? []).map((item, i) => {
    const at = [...path, i];
    return { path: at, print: () => print(item, at) };
  });
}

/** Full names of the messages that groups define where they stand. */
function groupsOf(fields: readonly FieldDescriptorProto[] | undefined): ReadonlySet<string> {
  const groups = (fields ?? []).filter(({ type, name, typeName }) => {
    return type === 'TYPE_GROUP' && lastPart(typeName ?? '').toLowerCase() === name;
  });
  return new Set(groups.map(({ typeName }) => (typeName ?? '').replace(/^\./, '')));
}

function visibilityOf(visibility: string | number | undefined): string {
  if (visibility === 'VISIBILITY_EXPORT' || visibility === 2) return 'export ';
  return visibility === 'VISIBILITY_LOCAL' || visibility === 1 ? 'local ' : '';
}

function rangeText(start: number, last: number, max: number): string {
  if (last === start) return String(start);
  return `${start} to ${last >= max ? 'max' : last}`;
}

function commentLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => line.replace(/\r$/, ''));
}
