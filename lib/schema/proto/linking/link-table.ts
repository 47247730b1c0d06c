// Every name that the files of one load define, and who defines it. One table per load, so that a name defined twice
// is found wherever its definitions are (repeated-definitions.ts says whether that is an error); each file keeps a
// list of its own names.

import type { SchemaError } from '../../../values/errors.ts';
import { parentScope, withArticle } from '../../descriptors/names.ts';
import type {
  ElementDraft,
  EnumDraft,
  FieldDraft,
  FileDraft,
  MessageDraft,
  MethodDraft,
  ServiceDraft,
} from '../syntax/draft.ts';
import type { ParsedFile } from '../syntax/parsed-file.ts';
import { quoted } from '../syntax/source-text.ts';

interface SymbolOf<Kind extends string, Element extends ElementDraft> {
  readonly kind: Kind;
  readonly fullName: string;
  /** The full name of the enclosing scope; '' at the top of a file without a package. */
  readonly scope: string;
  readonly element: Element;
  readonly file: LinkedFile;
  readonly isNested: boolean;
}

export type MessageSymbol = SymbolOf<'message', MessageDraft>;
export type EnumSymbol = SymbolOf<'enum', EnumDraft>;
export type FieldSymbol = SymbolOf<'field' | 'extension', FieldDraft>;
export type MethodSymbol = SymbolOf<'method', MethodDraft>;
export type NamedSymbol =
  | MessageSymbol
  | EnumSymbol
  | FieldSymbol
  | MethodSymbol
  | SymbolOf<'service', ServiceDraft>
  | SymbolOf<'oneof' | 'value', ElementDraft>
  | SymbolOf<'package', FileDraft>;
export type SymbolKind = NamedSymbol['kind'];

/** A file and what it can see. */
export interface LinkedFile {
  readonly parsed: ParsedFile;
  readonly descriptor: FileDraft;
  /** What it imports, except by `import option`. */
  readonly dependencies: readonly LinkedFile[];
  readonly optionDependencies: readonly LinkedFile[];
  /** Those of its dependencies that its importers see as well. */
  readonly publicImports: readonly LinkedFile[];
  /** In order of declaration; packages are not among them. */
  readonly symbols: NamedSymbol[];
}

/** The most steps along public imports that one load may take; honest files need a few each. */
export const MAX_PUBLIC_IMPORT_STEPS: number = 5_000_000;

export class LinkTable {
  readonly #symbols: Map<string, NamedSymbol> = new Map();
  /** Further definitions of a name, in other files. */
  readonly #again: Map<string, NamedSymbol[]> = new Map();
  readonly #repeated: Map<LinkedFile, Repetition[]> = new Map();
  #publicImportSteps = 0;
  /** `extendee number` → the extension that has it. */
  readonly #extensions: Map<string, FieldSymbol> = new Map();

  get(fullName: string): NamedSymbol | undefined {
    return this.#symbols.get(fullName);
  }

  values(): Iterable<NamedSymbol> {
    return this.#symbols.values();
  }

  /** What other files define under the name of a known symbol. */
  others(fullName: string): readonly NamedSymbol[] {
    return this.#again.get(fullName) ?? [];
  }

  /** What a file defines that another file had already defined. */
  repeatedBy(file: LinkedFile): readonly Repetition[] {
    return this.#repeated.get(file) ?? [];
  }

  /** Counts a step along public imports on behalf of a file. */
  countPublicImport({ parsed }: LinkedFile): true {
    if (++this.#publicImportSteps <= MAX_PUBLIC_IMPORT_STEPS) return true;
    const limit = `MAX_PUBLIC_IMPORT_STEPS ${MAX_PUBLIC_IMPORT_STEPS}`;
    throw parsed.source.error(0, `finding names through chains of public imports takes more than ${limit}`);
  }

  /** Adds the names of a file that was linked before, in another load. */
  adopt(file: LinkedFile): void {
    this.addPackage(file);
    for (const symbol of file.symbols) {
      this.add(symbol);
      if (symbol.kind === 'extension') this.addExtension(symbol);
    }
  }

  /**
   * Throws when the name is taken; `symbol` itself may be added again. Another file may define the same name: whether
   * both definitions mean the same is known only once they are linked.
   */
  add(symbol: NamedSymbol): void {
    const other = this.#symbols.get(symbol.fullName);
    if (other === undefined) this.#symbols.set(symbol.fullName, symbol);
    else if (other.file !== symbol.file && other.kind === symbol.kind) this.#repeat(other, symbol);
    else if (other !== symbol) throw redefinition(symbol, other);
  }

  #repeat(present: NamedSymbol, symbol: NamedSymbol): void {
    const { file, fullName } = symbol;
    const again = this.#again.get(fullName);
    if (again === undefined) this.#again.set(fullName, [symbol]);
    else again.push(symbol);
    const repeated = this.#repeated.get(file);
    if (repeated === undefined) this.#repeated.set(file, [{ present, symbol }]);
    else repeated.push({ present, symbol });
  }

  addPackage(file: LinkedFile): void {
    const name = file.descriptor.package;
    if (name === undefined) return;
    for (let dot = name.indexOf('.'); ; dot = name.indexOf('.', dot + 1)) {
      const fullName = dot < 0 ? name : name.slice(0, dot);
      const other = this.#symbols.get(fullName);
      if (other === undefined) {
        const scope = parentScope(fullName);
        const element = file.descriptor;
        this.#symbols.set(fullName, { kind: 'package', fullName, scope, element, file, isNested: false });
      } else if (other.kind !== 'package') {
        const at = file.parsed.statements.get('package')?.name ?? 0;
        const what = `the package ${quoted(fullName)} has the same name as ${withArticle(other.kind)} in ${placeOf(other)}`;
        throw file.parsed.source.error(at, what);
      }
      if (dot < 0) return;
    }
  }

  /** Throws when the message already has an extension with this number. */
  addExtension(symbol: FieldSymbol): void {
    const { extendee, number } = symbol.element;
    const key = `${extendee} ${number}`;
    const other = this.#extensions.get(key);
    // An extension of the same name is compared along with the other definitions of its file.
    if (other !== undefined && other.fullName === symbol.fullName) return;
    if (other !== undefined) {
      const { marks, source } = symbol.file.parsed;
      const at = marks.of(symbol.element)?.second ?? 0;
      const message = `number ${number} of ${extendee?.slice(1)} is taken by the extension ${other.fullName}`;
      throw source.error(at, `${message} (${placeOf(other)})`);
    }
    this.#extensions.set(key, symbol);
  }

  /** The extension of a MessageSet whose type is `typeName`, by which text format names it. */
  extensionOfType(extendee: string, typeName: string): FieldSymbol | undefined {
    for (const symbol of this.#extensions.values()) {
      if (symbol.element.extendee === extendee && symbol.element.typeName === typeName) return symbol;
    }
    return undefined;
  }
}

/** A definition that another file had already made. */
export interface Repetition {
  readonly present: NamedSymbol;
  readonly symbol: NamedSymbol;
}

/** Where a symbol is defined, in the form that editors jump to. */
function placeOf({ file, element }: NamedSymbol): string {
  const { marks, source } = file.parsed;
  const { line, column } = source.position(marks.of(element)?.name ?? 0);
  return `${source.displayName}:${line}:${column}`;
}

/** The error for a symbol that has the name of another one. */
export function redefinition(symbol: NamedSymbol, other: NamedSymbol, as: string = other.kind): SchemaError {
  const { marks, source } = symbol.file.parsed;
  const where = other.file === symbol.file ? '' : ` in ${placeOf(other)}`;
  const hint =
    symbol.kind === 'value' && other.kind === 'value'
      ? ' (the values of an enum belong to the scope around the enum)'
      : '';
  const text = `${quoted(symbol.fullName)} is already defined${where}, as ${withArticle(as)}${hint}`;
  return source.error(marks.of(symbol.element)?.name ?? 0, text);
}
