// Files of several sources before they are added: each definition is checked, and compared with those of the same name
// that are already there. All or nothing.

import { SchemaError } from '../../values/errors.ts';
import { isDescriptorEdition } from '../descriptors/bundled-descriptor-proto.ts';
import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import { withOwnNames } from '../descriptors/own-file-names.ts';
import { meaningOf } from '../descriptors/same-definition.ts';
import {
  type Definition,
  definitionsOf,
  type FileDefinition,
  SymbolStage,
  type SymbolTable,
} from '../descriptors/symbol-table.ts';
import { checkDefinition, checkFile } from '../descriptors/validate.ts';
import { isGenuine } from '../descriptors/well-known-kind.ts';
import type { CodecService } from './codec-service.ts';
import type { FileIndex } from './unread-files.ts';

/** What a schema source provides: files with all that they import, and where they came from, for errors. */
export interface DescriptorSource {
  readonly files: readonly FileDescriptorProto[];
  readonly origin: string;
  /** Where each file was read, by its name, if that says more than the origin. */
  readonly places?: ReadonlyMap<string, string> | undefined;
  /** Services without descriptors. */
  readonly services?: readonly CodecService[] | undefined;
  /**
   * Everything that the files were made of: their texts, names and places, or a digest of their octets. Where all of it
   * is equal, so are the files. Undefined for what is not known to be so, such as objects of a user's, which may change.
   */
  readonly madeOf?: readonly string[] | undefined;
  /** Further files, of which only an index was read. */
  readonly index?: FileIndex | undefined;
}

/** What is new in the sources, to be committed to the table. Throws SchemaError, naming file and symbol. */
export function stageSources(
  sources: readonly DescriptorSource[],
  table: SymbolTable,
): { readonly stage: SymbolStage; readonly added: readonly Definition[] } {
  const stage = new SymbolStage(table);
  const added: Definition[] = [];
  const repeated: [Definition, Definition][] = [];
  for (const source of sources) stageSource(source, stage, added, repeated);
  refuseImportCycles(stage);
  for (const definition of added) {
    checkDefinition(definition, stage);
    if (definition.kind === 'message' && !isGenuine(definition.fullName, definition.proto)) {
      const { file, fullName } = definition;
      throw new SchemaError(
        `${file.proto.name}: ${fullName} is not the well-known type of that name (from ${file.origin})`,
      );
    }
  }
  for (const [present, definition] of repeated) {
    const same =
      present.kind === definition.kind && meaningOf(present, stage) === meaningOf(definition, stage);
    if (!same) refuseContradiction(present.file, definition);
  }
  return { stage, added };
}

function stageSource(
  { files, origin, places }: DescriptorSource,
  stage: SymbolStage,
  added: Definition[],
  repeated: [Definition, Definition][],
): void {
  for (const proto of files) checkFile({ proto, origin });
  for (const { proto, givenName, isRepeated } of withOwnNames(files, stage)) {
    const file: FileDefinition = { proto, origin: places?.get(givenName) ?? origin };
    const twin = stage.file(proto.name);
    if (twin !== undefined && twin.proto === proto) continue;
    if (isRepeated && isDescriptorEdition(proto)) continue;
    if (twin === undefined && !isRepeated) stage.files.set(proto.name, file);
    for (const definition of definitionsOf(file)) {
      const present = stage.get(definition.fullName);
      if (present !== undefined) {
        if (present.file === file) refuseTwice(definition);
        repeated.push([present, definition]);
      } else {
        if (twin !== undefined && definition.parent === undefined) refuseContradiction(twin, definition);
        stage.symbols.set(definition.fullName, definition);
        added.push(definition);
      }
    }
  }
}

function refuseTwice({ file, fullName }: Definition): never {
  throw new SchemaError(`${file.proto.name}: ${fullName} is defined twice (from ${file.origin})`);
}

function refuseContradiction(present: FileDefinition, { file, fullName }: Definition): never {
  throw new SchemaError(
    `${file.proto.name}: ${fullName} (from ${file.origin}) contradicts its definition in ` +
      `${present.proto.name} (from ${present.origin})`,
  );
}

/** Refuses imports that lead back to their own file. Iterative: a chain of imports can be long. */
function refuseImportCycles(stage: SymbolStage): void {
  const done = new Set<string>();
  for (const start of stage.files.keys()) {
    const path: string[] = [];
    const onPath = new Set<string>();
    const pending: { name: string; leave: boolean }[] = [{ name: start, leave: false }];
    for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
      const { name, leave } = step;
      if (leave) {
        path.pop();
        onPath.delete(name);
        done.add(name);
        continue;
      }
      if (onPath.has(name)) {
        const cycle = [...path.slice(path.indexOf(name)), name];
        throw new SchemaError(`${name}: imports itself: ${cycle.join(' imports ')}`);
      }
      if (done.has(name)) continue;
      path.push(name);
      onPath.add(name);
      pending.push({ name, leave: true });
      for (const next of stage.files.get(name)?.proto.dependency ?? [])
        pending.push({ name: next, leave: false });
    }
  }
}
