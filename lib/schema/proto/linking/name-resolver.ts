// Finds what a name in a .proto file means: scopes from the innermost outwards, the first component deciding
// (protobuf.dev "Name resolution"), and only what the file itself defines or imports.

import type { SchemaError } from '../../../values/errors.ts';
import { nearestNames } from '../../../values/nearest-names.ts';
import { lastPart, parentScope } from '../../descriptors/names.ts';
import { VisibleFiles } from '../../descriptors/public-imports.ts';
import { SCALAR_NAMES } from '../../descriptors/scalar-types.ts';
import { quoted } from '../syntax/source-text.ts';
import type { LinkedFile, LinkTable, NamedSymbol } from './link-table.ts';
import { wellKnownFile } from './well-known-files.ts';

const VISIBILITY_EDITIONS: ReadonlySet<unknown> = new Set(['EDITION_2024', 'EDITION_2026']);

export class NameResolver {
  readonly #file: LinkedFile;
  readonly #table: LinkTable;
  readonly #visible: VisibleFiles<LinkedFile>;
  /** Packages of visible files, with the packages around them. */
  readonly #packages: Set<string> = new Set();
  /** Visible files whose packages are not in `#packages` yet. */
  #filesLeft: Iterator<LinkedFile> | undefined;
  /** What the last search found in a file that is not imported. */
  #notImported: NamedSymbol | undefined;
  /** The name that the last search settled on, although nothing is defined under it. */
  #settled: string | undefined;
  // By the package that they are used in. While one file is linked, the table does not change.
  readonly #knownTypes: Map<string, Map<string, NamedSymbol>> = new Map();
  readonly #knownNames: Map<string, Map<string, NamedSymbol>> = new Map();

  constructor(file: LinkedFile, table: LinkTable, imports: readonly LinkedFile[]) {
    this.#file = file;
    this.#table = table;
    const step = (): boolean => table.countPublicImport(file);
    this.#visible = new VisibleFiles([file, ...imports], ({ publicImports }) => publicImports, step);
  }

  #seesPackage(fullName: string): boolean {
    this.#filesLeft ??= this.#visible[Symbol.iterator]();
    while (!this.#packages.has(fullName)) {
      const { value: file, done } = this.#filesLeft.next();
      if (done === true) return false;
      let name = file.descriptor.package ?? '';
      while (name !== '' && !this.#packages.has(name)) {
        this.#packages.add(name);
        name = parentScope(name);
      }
    }
    return true;
  }

  /** A message or an enum. */
  type(name: string, scope: string): NamedSymbol | undefined {
    return this.#resolve(name, scope, true);
  }

  any(name: string, scope: string): NamedSymbol | undefined {
    return this.#resolve(name, scope, false);
  }

  /** Why the last search found nothing. */
  unresolved(name: string, offset: number): SchemaError {
    const { source } = this.#file.parsed;
    const shown = quoted(name);
    if (this.#notImported !== undefined) {
      const { fullName, file } = this.#notImported;
      return source.error(
        offset,
        `${quoted(fullName)} is defined in ${file.descriptor.name}, which is not imported`,
      );
    }
    const bundled = wellKnownFile(name.replace(/^\./, ''));
    if (bundled !== undefined && !this.#sees(bundled)) {
      return source.error(offset, `${shown} is defined in ${bundled}, which is not imported`);
    }
    if (this.#settled !== undefined && this.#settled !== name) {
      const hint = `the innermost scope is searched first; write '.${name}' to start from the outermost`;
      return source.error(
        offset,
        `${shown} is resolved to ${quoted(this.#settled)}, which is not defined (${hint})`,
      );
    }
    const near = this.#nearest(name);
    return source.error(
      offset,
      `${shown} is not defined${near === undefined ? '' : `; did you mean ${quoted(near)}?`}`,
    );
  }

  #sees(fileName: string): boolean {
    for (const file of this.#visible) if (file.descriptor.name === fileName) return true;
    return false;
  }

  /** By the last part of the name, since the rest varies with the scope. */
  #nearest(name: string): string | undefined {
    const byLastPart = new Map<string, string>();
    for (const symbol of this.#table.values()) {
      if (symbol.kind !== 'message' && symbol.kind !== 'enum') continue;
      if (this.#visible.has(symbol.file)) byLastPart.set(lastPart(symbol.fullName), symbol.fullName);
    }
    const wanted = lastPart(name);
    if (wanted === name) for (const scalar of SCALAR_NAMES) byLastPart.set(scalar, scalar);
    return byLastPart.get(wanted) ?? byLastPart.get(nearestNames(wanted, byLastPart.keys(), 1)[0] ?? '');
  }

  #resolve(name: string, scope: string, typesOnly: boolean): NamedSymbol | undefined {
    this.#notImported = undefined;
    this.#settled = undefined;
    if (name.startsWith('.')) return this.#find(name.slice(1));
    const dot = name.indexOf('.');
    const first = dot < 0 ? name : name.slice(0, dot);
    let around = scope;
    for (;;) {
      const owner = this.#table.get(around);
      if (owner === undefined || owner.kind === 'package') break;
      if (owner.file !== this.#file || (dot < 0 && !typesOnly) || hasTypes(owner)) {
        const found = this.#inScope(around, name, first, typesOnly);
        if (found !== undefined || this.#settled !== undefined) return found;
      }
      around = owner.scope;
    }
    const known = this.#knownIn(around, typesOnly);
    let found = known.get(name);
    if (found !== undefined) return found;
    found = this.#fromPackage(around, name, first, typesOnly);
    if (found !== undefined) known.set(name, found);
    return found;
  }

  /** What names mean in a package, outside all messages: the same for the whole file. */
  #knownIn(packageName: string, typesOnly: boolean): Map<string, NamedSymbol> {
    const byPackage = typesOnly ? this.#knownTypes : this.#knownNames;
    let known = byPackage.get(packageName);
    if (known === undefined) {
      known = new Map();
      byPackage.set(packageName, known);
    }
    return known;
  }

  #fromPackage(
    packageName: string,
    name: string,
    first: string,
    typesOnly: boolean,
  ): NamedSymbol | undefined {
    for (let around = packageName; around !== ''; around = parentScope(around)) {
      const found = this.#inScope(around, name, first, typesOnly);
      if (found !== undefined || this.#settled !== undefined) return found;
    }
    return this.#find(name);
  }

  /** Undefined also when the search is settled: the scope has the first component, but not the rest. */
  #inScope(scope: string, name: string, first: string, typesOnly: boolean): NamedSymbol | undefined {
    const symbol = this.#find(`${scope}.${first}`);
    if (symbol === undefined) return undefined;
    if (first.length === name.length) {
      return !typesOnly || symbol.kind === 'message' || symbol.kind === 'enum' ? symbol : undefined;
    }
    if (!isScope(symbol)) return undefined;
    const fullName = `${scope}.${name}`;
    const found = this.#find(fullName);
    if (found === undefined) this.#settled = fullName;
    return found;
  }

  #find(fullName: string): NamedSymbol | undefined {
    const symbol = this.#table.get(fullName);
    if (symbol === undefined || symbol.file === this.#file) return symbol;
    if (symbol.kind === 'package') return this.#seesPackage(fullName) ? symbol : undefined;
    if (this.#visible.has(symbol.file)) return symbol;
    for (const other of this.#table.others(fullName)) if (this.#visible.has(other.file)) return other;
    this.#notImported ??= symbol;
    return undefined;
  }

  /**
   * Why the symbol may not be used here: from edition 2024 on, a file can keep types to itself. Undefined when it may.
   */
  hiddenReason(symbol: NamedSymbol): string | undefined {
    if (symbol.kind !== 'message' && symbol.kind !== 'enum') return undefined;
    const { descriptor } = symbol.file;
    if (symbol.file === this.#file || !VISIBILITY_EDITIONS.has(descriptor.edition)) return undefined;
    const { visibility } = symbol.element;
    if (visibility === 'VISIBILITY_EXPORT') return undefined;
    const isLocal = visibility === 'VISIBILITY_LOCAL' || !isExportedByDefault(symbol);
    return isLocal ? `${quoted(symbol.fullName)} is local to ${descriptor.name}` : undefined;
  }
}

function isExportedByDefault({ file, isNested }: NamedSymbol): boolean {
  const features = file.descriptor.options?.['features'];
  const chosen =
    typeof features === 'object' && features !== null && 'defaultSymbolVisibility' in features
      ? features.defaultSymbolVisibility
      : 'EXPORT_TOP_LEVEL';
  return chosen === 'EXPORT_ALL' || (chosen === 'EXPORT_TOP_LEVEL' && !isNested);
}

/** Whether types are defined in it: most messages have none, and then no name can begin there. */
function hasTypes({ kind, element }: NamedSymbol): boolean {
  if (kind !== 'message') return false;
  return element.nestedType !== undefined || element.enumType !== undefined;
}

function isScope({ kind }: NamedSymbol): boolean {
  return kind === 'message' || kind === 'package' || kind === 'enum' || kind === 'service';
}
