// Turns a file descriptor back into .proto source: declarations in their original order if source info tells it, with
// comments, options and custom options. What is printed means the same when it is loaded. Options are in
// print-proto-options.ts, names in print-proto-names.ts.

import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
  MethodDescriptorProto,
  Options,
  ServiceDescriptorProto,
} from '../descriptors/descriptor-types.ts';
import { MAX_FIELD_NUMBER } from '../descriptors/field-numbers.ts';
import { qualify } from '../descriptors/names.ts';
import { type Comments, NONE, SourceComments } from '../descriptors/source-comments.ts';
import { ENUM, FILE, MESSAGE, METHOD, ONEOF, type Path, SERVICE } from '../descriptors/source-path.ts';
import { stringLiteral } from '../text/text-literal.ts';
import type { ProtoNames } from './print-proto-names.ts';
import type { OptionPrinter } from './print-proto-options.ts';
import { ProtoLines } from './proto-lines.ts';
import {
  groupsOf,
  labelOf,
  MAX_INT32,
  nestedPlace,
  oneofMembers,
  pseudoOptions,
  rangeText,
  syntaxName,
  syntaxOf,
  visibilityOf,
} from './proto-syntax.ts';

/** One declaration, printed when its turn comes. */
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
  readonly #lines: ProtoLines;

  constructor(file: FileDescriptorProto, names: ProtoNames, options: OptionPrinter) {
    this.#file = file;
    this.#names = names;
    this.#options = options;
    this.#comments = new SourceComments(file);
    this.#lines = new ProtoLines(this.#comments);
    this.#syntax = syntaxName(file);
  }

  file(): string {
    const file = this.#file;
    this.#lines.statement([FILE.syntax], `${syntaxOf(file)};`);
    if (file.package !== undefined && file.package !== '') {
      this.#lines.gap();
      this.#lines.statement([FILE.package], `package ${file.package};`);
    }
    this.#imports();
    if (file.options !== undefined) this.#lines.gap();
    this.#optionStatements(file.options, 'FileOptions', [FILE.options]);
    this.#parts(this.#fileParts(), true);
    return this.#lines.text;
  }

  /** Only the declaration at the path, with its comments. */
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
    return this.#lines.text;
  }

  #imports(): void {
    const { dependency = [], optionDependency = [] } = this.#file;
    const publicly = new Set(this.#file.publicDependency);
    const weakly = new Set(this.#file.weakDependency);
    if (dependency.length + optionDependency.length > 0) this.#lines.gap();
    dependency.forEach((name, i) => {
      const kind = publicly.has(i) ? 'public ' : weakly.has(i) ? 'weak ' : '';
      this.#import([FILE.dependency, i], `import ${kind}${stringLiteral(name)};`);
    });
    optionDependency.forEach((name, i) => {
      this.#import([FILE.optionDependency, i], `import option ${stringLiteral(name)};`);
    });
  }

  /** The source may have had two such imports, which led to the same file. */
  #import(path: Path, text: string): void {
    this.#lines.commented(this.#comments.ofShared(path, 0, 1), text);
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

  /** In the order of the source if it is known; at the top level with blank lines in between. */
  #parts(parts: readonly Part[], isFile: boolean): void {
    const spans = parts.map(({ path }) => this.#comments.start(path));
    const sorted = parts.map((part, i) => ({ part, at: spans[i] }));
    if (spans.every((span) => span !== undefined)) sorted.sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
    for (const { part } of sorted) {
      if (isFile) this.#lines.gap();
      part.print();
    }
  }

  #message(message: DescriptorProto, path: Path, scope: string): void {
    const keyword = `${visibilityOf(message.visibility)}message ${message.name}`;
    this.#lines.block(keyword, path, () => this.#messageBody(message, path, qualify(scope, message.name)));
  }

  #messageBody(message: DescriptorProto, path: Path, scope: string): void {
    this.#optionStatements(message.options, 'MessageOptions', [...path, MESSAGE.options]);
    const { membersOf, synthetic } = oneofMembers(message);
    const fields = each(message.field, [...path, MESSAGE.field], (one, at) => {
      this.#field(one, at, scope, message.nestedType, false);
    });
    const oneofs = each(message.oneofDecl, [...path, MESSAGE.oneof], (_, at) => {
      this.#oneof(message, at, membersOf.get(at[at.length - 1]) ?? [], scope);
    });
    // A oneof is printed where its first member would be.
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
    this.#extensionRanges(message, path);
    const reserved = (message.reservedRange ?? []).map(({ start, end }) =>
      rangeText(start, end - 1, MAX_FIELD_NUMBER),
    );
    this.#reserved(
      reserved,
      message.reservedName,
      [...path, MESSAGE.reservedRange],
      [...path, MESSAGE.reservedName],
    );
  }

  #extensionRanges({ extensionRange = [] }: DescriptorProto, path: Path): void {
    extensionRange.forEach((range, i) => {
      const options = this.#options.list(range.options, 'ExtensionRangeOptions');
      const comments = this.#comments.ofShared([...path, MESSAGE.extensionRange], i, extensionRange.length);
      this.#lines.commented(
        comments,
        `extensions ${rangeText(range.start, range.end - 1, MAX_FIELD_NUMBER)}${options};`,
      );
    });
  }

  /** `members` are the indices of its fields. */
  #oneof(message: DescriptorProto, path: Path, members: readonly number[], scope: string): void {
    const oneof = message.oneofDecl?.[path[path.length - 1]];
    if (oneof === undefined) return;
    const messagePath = path.slice(0, -2);
    this.#lines.block(`oneof ${oneof.name}`, path, () => {
      this.#optionStatements(oneof.options, 'OneofOptions', [...path, ONEOF.options]);
      for (const i of members) {
        const field = message.field?.[i];
        if (field !== undefined)
          this.#field(field, [...messagePath, MESSAGE.field, i], scope, message.nestedType, true);
      }
    });
  }

  #reserved(
    ranges: readonly string[],
    names: readonly string[] | undefined,
    rangePath: Path,
    namePath: Path,
  ): void {
    if (ranges.length > 0) {
      this.#lines.commented(this.#comments.ofShared(rangePath, 0, 1), `reserved ${ranges.join(', ')};`);
    }
    if (names === undefined || names.length === 0) return;
    const isQuoted = this.#syntax !== 'editions';
    const shown = names.map((name) => (isQuoted ? stringLiteral(name) : name));
    this.#lines.commented(this.#comments.ofShared(namePath, 0, 1), `reserved ${shown.join(', ')};`);
  }

  /** `option name = value;`, one per line; `path` is that of the options. */
  #optionStatements(options: Options | undefined, type: string, path: Path): void {
    for (const setting of this.#options.statements(options, type)) {
      if (setting.text.startsWith('map_entry ')) continue;
      this.#lines.statement([...path, ...setting.path], `option ${setting.text};`);
    }
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
    return blocks.map((block, i) => {
      const comments = this.#comments.ofShared(path, i, blocks.length);
      return { path: block[0][0], print: () => this.#extend(block, scope, messages, comments) };
    });
  }

  #extend(
    fields: readonly (readonly [Path, FieldDescriptorProto])[],
    scope: string,
    messages: readonly DescriptorProto[] | undefined,
    comments: Comments = NONE,
  ): void {
    const target = this.#names.type(fields[0][1].extendee ?? '', scope);
    this.#lines.block(`extend ${target}`, comments, () => {
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
    const options = this.#options.list(field.options, 'FieldOptions', pseudoOptions(field));
    const typeName = (field.typeName ?? '').replace(/^\./, '');
    const body = nestedPlace(nested, scope, typeName);
    const message = body < 0 ? undefined : nested?.[body];
    if (message?.options?.['mapEntry'] === true) {
      const [key, value] = message.field ?? [];
      const inside = qualify(scope, message.name);
      const type = `map<${this.#type(key, inside)}, ${this.#type(value, inside)}>`;
      this.#lines.statement(path, `${type} ${name} = ${number}${options};`);
      return;
    }
    const label = inOneof ? '' : labelOf(field, this.#syntax);
    if (field.type === 'TYPE_GROUP' && message !== undefined) {
      const at = path.slice(0, -2);
      const nestedKind = at.length === 0 ? FILE.message : MESSAGE.nested;
      const head = `${label}group ${message.name} = ${number}${options}`;
      const bodyPath = [...at, nestedKind, body];
      this.#lines.block(head, bodyPath, () =>
        this.#messageBody(message, bodyPath, qualify(scope, message.name)),
      );
      return;
    }
    this.#lines.statement(path, `${label}${this.#type(field, scope)} ${name} = ${number}${options};`);
  }

  #type(field: FieldDescriptorProto, scope: string): string {
    if (field.typeName !== undefined && field.typeName !== '') return this.#names.type(field.typeName, scope);
    return (field.type ?? '').replace('TYPE_', '').toLowerCase();
  }

  #enum(element: EnumDescriptorProto, path: Path): void {
    this.#lines.block(`${visibilityOf(element.visibility)}enum ${element.name}`, path, () => {
      this.#optionStatements(element.options, 'EnumOptions', [...path, ENUM.options]);
      element.value?.forEach((value, i) => {
        const options = this.#options.list(value.options, 'EnumValueOptions');
        this.#lines.statement([...path, ENUM.value, i], `${value.name} = ${value.number}${options};`);
      });
      const ranges = (element.reservedRange ?? []).map(({ start, end }) => rangeText(start, end, MAX_INT32));
      this.#reserved(
        ranges,
        element.reservedName,
        [...path, ENUM.reservedRange],
        [...path, ENUM.reservedName],
      );
    });
  }

  #service(service: ServiceDescriptorProto, path: Path): void {
    this.#lines.block(`service ${service.name}`, path, () => {
      this.#optionStatements(service.options, 'ServiceOptions', [...path, SERVICE.options]);
      const scope = qualify(this.#file.package ?? '', service.name);
      service.method?.forEach((method, i) => {
        this.#method(method, [...path, SERVICE.method, i], scope);
      });
    });
  }

  #method(method: MethodDescriptorProto, path: Path, scope: string): void {
    const request = `${method.clientStreaming === true ? 'stream ' : ''}${this.#names.type(method.inputType, scope)}`;
    const reply = `${method.serverStreaming === true ? 'stream ' : ''}${this.#names.type(method.outputType, scope)}`;
    const head = `rpc ${method.name}(${request}) returns (${reply})`;
    // A method that was declared with a body has options, even if none is set.
    if (method.options === undefined) this.#lines.statement(path, `${head};`);
    else {
      this.#lines.block(head, path, () => {
        this.#optionStatements(method.options, 'MethodOptions', [...path, METHOD.options]);
      });
    }
  }

  /** Only the method at the path. */
  method(method: MethodDescriptorProto, path: Path, scope: string): string {
    this.#method(method, path, scope);
    return this.#lines.text;
  }

  /** Only the oneof at the path. */
  oneof(message: DescriptorProto, path: Path, scope: string): string {
    const index = path[path.length - 1];
    this.#oneof(message, path, oneofMembers(message).membersOf.get(index) ?? [], scope);
    return this.#lines.text;
  }

  /** Only the field at the path. */
  field(
    field: FieldDescriptorProto,
    path: Path,
    scope: string,
    nested: readonly DescriptorProto[] | undefined,
  ): string {
    this.#field(field, path, scope, nested, field.oneofIndex !== undefined && field.proto3Optional !== true);
    return this.#lines.text;
  }
}

function each<T>(items: readonly T[] | undefined, path: Path, print: (item: T, path: Path) => void): Part[] {
  return (items ?? []).map((item, i) => {
    const at = [...path, i];
    return { path: at, print: () => print(item, at) };
  });
}
