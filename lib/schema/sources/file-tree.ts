// Puts definitions that have lost their files, and are known only by full name, into files again: one for each package
// and syntax, nested types inside their parents, imports determined by what is used.

import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
  ServiceDescriptorProto,
} from '../descriptors/descriptor-types.ts';
import { withImports } from '../descriptors/needed-imports.ts';
import { symbolsOf } from '../descriptors/symbol-table.ts';

/** A file in the making. */
export interface FileDraft {
  readonly name: string;
  readonly package: string;
  syntax: string;
  readonly edition?: string;
  readonly messageType: DescriptorProto[];
  readonly enumType: EnumDescriptorProto[];
  readonly service: ServiceDescriptorProto[];
  readonly extension: FieldDescriptorProto[];
}

/** Its name comes from the package and the syntax: one that no file on disk has, and the same each time. */
export function fileDraft(packageName: string, syntax: string, edition?: string): FileDraft {
  const directory = packageName === '' ? '' : `${packageName.replaceAll('.', '/')}/`;
  const kind = edition === undefined ? syntax : edition.toLowerCase();
  const lists = { messageType: [], enumType: [], service: [], extension: [] };
  const start = { name: `${directory}generated.${kind}.proto`, package: packageName, syntax };
  return edition === undefined ? { ...start, ...lists } : { ...start, edition, ...lists };
}

/** The files with their imports, imports first; an import that would close a cycle is left out. */
export function linkDrafts(drafts: readonly FileDraft[]): FileDescriptorProto[] {
  const files = new Map<string, FileDescriptorProto>(drafts.map((draft) => [draft.name, draft]));
  const owners = new Map<string, string>();
  for (const proto of files.values()) {
    for (const symbol of symbolsOf(proto)) owners.set(symbol, proto.name);
  }
  const lookup = {
    file: (name: string) => files.get(name),
    fileOf: (symbol: string) => owners.get(symbol),
  };
  const linked = new Map(drafts.map((draft) => [draft.name, withImports(draft, lookup)]));
  const done = new Map<string, FileDescriptorProto>();
  const onPath = new Set<string>();
  const visit = (file: FileDescriptorProto): void => {
    onPath.add(file.name);
    const dependency: string[] = [];
    for (const name of file.dependency ?? []) {
      const imported = linked.get(name);
      if (imported === undefined || onPath.has(name)) continue;
      if (!done.has(name)) visit(imported);
      dependency.push(name);
    }
    onPath.delete(file.name);
    done.set(file.name, { ...file, dependency });
  };
  for (const file of linked.values()) if (!done.has(file.name)) visit(file);
  return [...done.values()];
}
