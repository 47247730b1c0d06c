// Every name that the files of one load define, and who defines it. One table a load, so that a name defined
// twice is found wherever its definitions are; each file keeps the list of its own.

import type { ElementDraft, EnumDraft, FieldDraft, FileDraft, MessageDraft, MethodDraft } from './draft.ts';
import type { ParsedFile } from './parsed-file.ts';
import { quoted } from './token-stream.ts';

interface SymbolOf<Kind extends string, Element extends ElementDraft> {
  readonly kind: Kind;
  readonly fullName: string;
  /** The full name of what is around it; '' at the top of a file without a package. */
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
  | SymbolOf<'oneof' | 'value' | 'service', ElementDraft>
  | SymbolOf<'package', FileDraft>;
export type SymbolKind = NamedSymbol['kind'];

/** A file and what it can see. */
export interface LinkedFile {
  readonly parsed: ParsedFile;
  readonly descriptor: FileDraft;
  /** What it imports, but for `import option`. */
  readonly dependencies: readonly LinkedFile[];
  readonly optionDependencies: readonly LinkedFile[];
  /** What whoever imports it sees: itself and, all the way, its public imports. */
  readonly exported: readonly LinkedFile[];
  /** In order of declaration; packages are not among them. */
  readonly symbols: NamedSymbol[];
}

export class SymbolTable {
  readonly #symbols: Map<string, NamedSymbol> = new Map();
  /** `extendee number` → the extension that has it. */
  readonly #extensions: Map<string, FieldSymbol> = new Map();

  get(fullName: string): NamedSymbol | undefined {
    return this.#symbols.get(fullName);
  }

  values(): Iterable<NamedSymbol> {
    return this.#symbols.values();
  }

  /** Adds the names of a file that was linked before, in another load. */
  adopt(file: LinkedFile): void {
    this.addPackage(file);
    for (const symbol of file.symbols) {
      this.add(symbol);
      if (symbol.kind === 'extension') this.addExtension(symbol);
    }
  }

  /** Throws when the name is taken; `symbol` itself may be added again. */
  add(symbol: NamedSymbol): void {
    const other = this.#symbols.get(symbol.fullName);
    if (other === undefined) {
      this.#symbols.set(symbol.fullName, symbol);
      return;
    }
    if (other === symbol) return;
    const { marks, source } = symbol.file.parsed;
    const mark = marks.of(symbol.element);
    throw source.error(mark?.name ?? 0, redefinition(symbol, other));
  }

  addPackage(file: LinkedFile): void {
    const name = file.descriptor.package;
    if (name === undefined) return;
    for (let dot = name.indexOf('.'); ; dot = name.indexOf('.', dot + 1)) {
      const fullName = dot < 0 ? name : name.slice(0, dot);
      const other = this.#symbols.get(fullName);
      if (other === undefined) {
        const scope = fullName.slice(0, Math.max(0, fullName.lastIndexOf('.')));
        const element = file.descriptor;
        this.#symbols.set(fullName, { kind: 'package', fullName, scope, element, file, isNested: false });
      } else if (other.kind !== 'package') {
        const at = file.parsed.statements.get('package')?.name ?? 0;
        const what = `the package ${quoted(fullName)} has the name of a ${other.kind} in ${other.file.descriptor.name}`;
        throw file.parsed.source.error(at, what);
      }
      if (dot < 0) return;
    }
  }

  /** Throws when the message is extended with the number already. */
  addExtension(symbol: FieldSymbol): void {
    const { extendee, number } = symbol.element;
    const key = `${extendee} ${number}`;
    const other = this.#extensions.get(key);
    if (other !== undefined && other !== symbol) {
      const { marks, source } = symbol.file.parsed;
      const at = marks.of(symbol.element)?.second ?? 0;
      const message = `number ${number} of ${extendee?.slice(1)} is taken by the extension ${other.fullName}`;
      throw source.error(at, `${message} (${other.file.descriptor.name})`);
    }
    this.#extensions.set(key, symbol);
  }

  /** A MessageSet's extension whose type is `typeName`, which text formats name by its type. */
  extensionOfType(extendee: string, typeName: string): FieldSymbol | undefined {
    for (const symbol of this.#extensions.values()) {
      if (symbol.element.extendee === extendee && symbol.element.typeName === typeName) return symbol;
    }
    return undefined;
  }
}

function redefinition(symbol: NamedSymbol, other: NamedSymbol): string {
  const name = quoted(symbol.fullName);
  const where = other.file === symbol.file ? '' : ` in ${other.file.descriptor.name}`;
  const hint =
    symbol.kind === 'value' && other.kind === 'value'
      ? ' (the values of an enum belong to the scope around the enum)'
      : '';
  return `${name} is already defined${where}, as a ${other.kind}${hint}`;
}
