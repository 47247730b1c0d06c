// Links parsed files: names become references to what they name, options get their meaning, and what protoc
// would refuse is refused. Files come in order, imports first. Time is linear in the size of the files.

import { withArticle } from '../../descriptors/names.ts';
import { type NumberRange, NumberRanges } from '../../descriptors/range-set.ts';
import type { FieldDraft, MessageDraft } from '../syntax/draft.ts';
import type { ParsedFile } from '../syntax/parsed-file.ts';
import { attachSourceInfo } from '../syntax/source-info.ts';
import { quoted } from '../syntax/source-text.ts';
import { checkEnum } from './check-enum.ts';
import { checkExtension } from './check-field.ts';
import { checkMessage } from './check-message.ts';
import { declareFile } from './declaration.ts';
import { type FieldSymbol, type LinkedFile, LinkTable, type MethodSymbol } from './link-table.ts';
import { NameResolver } from './name-resolver.ts';
import { interpretOptions } from './option-interpreter.ts';
import { syntaxOf } from './syntax-features.ts';

export class Linker {
  readonly #table: LinkTable = new LinkTable();

  get table(): LinkTable {
    return this.#table;
  }

  /** Takes over a file that another linker has linked; its imports were adopted before it. */
  adopt(file: LinkedFile): void {
    this.#table.adopt(file);
  }

  /** `imports[i]` is what `parsed.imports[i]` names. The descriptor of `parsed` is complete afterwards. */
  link(parsed: ParsedFile, imports: readonly LinkedFile[]): LinkedFile {
    const file = linkedFile(parsed, imports);
    declareFile(file, this.#table);
    const resolver = new NameResolver(file, this.#table, file.dependencies);
    for (const symbol of file.symbols) {
      if (symbol.kind === 'field' || symbol.kind === 'extension') this.#linkField(symbol, resolver);
      else if (symbol.kind === 'method') linkMethod(symbol, resolver);
    }
    if (parsed.options.size > 0) interpretOptions(file, this.#table);
    checkFile(file, this.#table);
    attachSourceInfo(parsed);
    return file;
  }

  #linkField(symbol: FieldSymbol, resolver: NameResolver): void {
    const { element: field, scope } = symbol;
    if (field.typeName !== undefined) linkFieldType(symbol, field.typeName, resolver);
    if (field.extendee === undefined) return;
    const { parsed } = symbol.file;
    const offset = parsed.extendees.get(field) ?? 0;
    const extendee = resolver.type(field.extendee, scope);
    if (extendee === undefined) throw resolver.unresolved(field.extendee, offset);
    if (extendee.kind !== 'message')
      throw parsed.source.error(offset, `${quoted(field.extendee)} is not a message`);
    const hidden = resolver.hiddenReason(extendee);
    if (hidden !== undefined) throw parsed.source.error(offset, hidden);
    field.extendee = `.${extendee.fullName}`;
    const { number } = field;
    if (extensionRanges(extendee.element).find(number) === undefined) {
      const what = `${number} is not in an extension range of ${quoted(extendee.fullName)}`;
      throw parsed.source.error(parsed.marks.of(field)?.second ?? offset, what);
    }
    this.#table.addExtension(symbol);
  }
}

const rangesOf: WeakMap<MessageDraft, NumberRanges<NumberRange>> = new WeakMap();

/** Sorted once per message: it may have many ranges, and many extensions. */
function extensionRanges(message: MessageDraft): NumberRanges<NumberRange> {
  let ranges = rangesOf.get(message);
  if (ranges === undefined) {
    ranges = new NumberRanges(message.extensionRange ?? []);
    rangesOf.set(message, ranges);
  }
  return ranges;
}

function linkedFile(parsed: ParsedFile, imports: readonly LinkedFile[]): LinkedFile {
  const dependencies: LinkedFile[] = [];
  const optionDependencies: LinkedFile[] = [];
  const publicImports: LinkedFile[] = [];
  parsed.imports.forEach(({ kind }, i) => {
    (kind === 'option' ? optionDependencies : dependencies).push(imports[i]);
    if (kind === 'public') publicImports.push(imports[i]);
  });
  return {
    parsed,
    descriptor: parsed.descriptor,
    dependencies,
    optionDependencies,
    publicImports,
    symbols: [],
  };
}

function linkFieldType(symbol: FieldSymbol, typeName: string, resolver: NameResolver): void {
  const { element: field, scope, file } = symbol;
  const { marks, source } = file.parsed;
  const type = resolver.type(typeName, scope);
  // Marks are looked up only to report an error: indexing them costs as much as linking.
  const offset = (): number => marks.of(field)?.type ?? 0;
  if (type === undefined) throw resolver.unresolved(typeName, offset());
  if (type.kind === 'message') field.type ??= 'TYPE_MESSAGE';
  else if (type.kind === 'enum') field.type ??= 'TYPE_ENUM';
  else {
    const found = `${quoted(typeName)} is ${withArticle(type.kind)}`;
    throw source.error(offset(), `${found}, expected a message or an enum`);
  }
  const hidden = resolver.hiddenReason(type);
  if (hidden !== undefined) throw source.error(offset(), hidden);
  field.typeName = `.${type.fullName}`;
  if (field.defaultValue !== undefined)
    checkNamedDefault(field, type, (message) => source.error(offset(), message));
  if (
    type.kind === 'message' &&
    type.element.options?.['mapEntry'] === true &&
    !isOwnMapEntry(symbol, type)
  ) {
    throw source.error(
      offset(),
      `${quoted(type.fullName)} is the entry type of a map field and cannot be used as a type`,
    );
  }
}

type Named = NonNullable<ReturnType<NameResolver['type']>>;

function isOwnMapEntry({ element, scope }: FieldSymbol, type: Named): boolean {
  return (
    element.label === 'LABEL_REPEATED' && type.scope === scope && type.file.parsed.mapFields.has(element)
  );
}

function checkNamedDefault(field: FieldDraft, type: Named, error: (message: string) => Error): void {
  if (type.kind === 'message')
    throw error(`the field ${quoted(field.name)} is a message, which cannot have a default`);
  if (type.kind === 'enum' && !type.element.value?.some(({ name }) => name === field.defaultValue)) {
    throw error(
      `the enum ${quoted(type.fullName)} has no value ${quoted(field.defaultValue ?? '')}, the default of ${quoted(field.name)}`,
    );
  }
}

function linkMethod(symbol: MethodSymbol, resolver: NameResolver): void {
  const { element: method, scope, file } = symbol;
  const mark = (): { type: number; second: number } => file.parsed.marks.of(method) ?? { type: 0, second: 0 };
  method.inputType = messageName(method.inputType, () => mark().type);
  method.outputType = messageName(method.outputType, () => mark().second);

  function messageName(name: string, offset: () => number): string {
    const type = resolver.type(name, scope);
    if (type === undefined) throw resolver.unresolved(name, offset());
    const { source } = file.parsed;
    if (type.kind !== 'message') throw source.error(offset(), `${quoted(name)} is not a message`);
    const hidden = resolver.hiddenReason(type);
    if (hidden !== undefined) throw source.error(offset(), hidden);
    return `.${type.fullName}`;
  }
}

/** What protoc refuses once a file is linked. Each kind of element has a file for its rules; this walks the elements. */
function checkFile(file: LinkedFile, table: LinkTable): void {
  for (const symbol of file.symbols) {
    if (symbol.kind === 'message') checkMessage(symbol, table);
    else if (symbol.kind === 'enum') checkEnum(symbol);
    else if (symbol.kind === 'extension') checkExtension(symbol, table);
  }
  if (syntaxOf(file.descriptor) !== 'editions') checkNoFeatures(file);
}

function checkNoFeatures({ parsed }: LinkedFile): void {
  for (const statements of parsed.options.values()) {
    for (const { name, offset } of statements) {
      if (name[0].name === 'features' && !name[0].isExtension) {
        throw parsed.source.error(offset, 'features are for editions only');
      }
    }
  }
}
