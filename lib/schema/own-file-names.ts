// Files of one name from different sources: the names in a set of descriptors are unique in that set only, so two
// projects may each have their common.proto. One of them is then called something else, here and where it is imported.

import type { FileDescriptorProto } from './descriptor.ts';
import { definitionsOf, type SymbolStage } from './symbol-table.ts';

/** The files of one source, renamed where a file that has nothing in common with them came under that name before. */
export function withOwnNames(
  files: readonly FileDescriptorProto[],
  stage: SymbolStage,
): readonly FileDescriptorProto[] {
  const renamed = new Map<string, string>();
  for (const proto of files) {
    if (!isStranger(proto, proto.name, stage)) continue;
    let n = 2;
    // One that was renamed when it came before is no stranger to the name that it got then.
    while (isStranger(proto, `${n}/${proto.name}`, stage)) n++;
    renamed.set(proto.name, `${n}/${proto.name}`);
  }
  if (renamed.size === 0) return files;
  return files.map((proto) => {
    const name = renamed.get(proto.name) ?? proto.name;
    const dependency = proto.dependency?.map((one) => renamed.get(one) ?? one);
    return dependency === undefined ? { ...proto, name } : { ...proto, name, dependency };
  });
}

/** Whether the file of that name is another one: it shares no definition with this. */
function isStranger(proto: FileDescriptorProto, name: string, stage: SymbolStage): boolean {
  const twin = stage.file(name);
  if (twin === undefined || twin.proto === proto) return false;
  const symbols = Array.from(definitionsOf({ proto, origin: '' }), ({ fullName }) => fullName);
  if (symbols.length === 0) return String(twin.proto.dependency) !== String(proto.dependency);
  return symbols.every((symbol) => stage.get(symbol)?.file !== twin);
}
