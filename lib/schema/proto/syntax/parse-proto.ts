// The parser alone: one file's syntax as a descriptor, nothing resolved, as protoc's parser hands it to its linker. For
// callers that do not have the imports; schema/proto/load-proto.ts gives a schema.

import type { FileDescriptorProto } from '../../descriptors/descriptor-types.ts';
import { bytesOf } from '../../text/token-stream.ts';
import type { OptionStatement } from './option-statement.ts';
import { parseFile } from './parse-file.ts';
import { attachSourceInfo } from './source-info.ts';

/**
 * Type names are as written, message and enum types are not told apart, and options are in `uninterpretedOption`.
 * `fileName` is the name in the descriptor and in errors. Throws SchemaError for wrong syntax.
 */
export function parseProto(source: string, fileName: string): FileDescriptorProto {
  const parsed = parseFile(source, fileName, fileName);
  for (const [element, statements] of parsed.options) {
    const uninterpretedOption = statements.map((statement) => uninterpreted(statement, source));
    element.options = { ...element.options, uninterpretedOption };
  }
  attachSourceInfo(parsed);
  return parsed.descriptor;
}

/** UninterpretedOption of descriptor.proto; the text of an aggregate is the source's. */
function uninterpreted(
  { name, value }: OptionStatement,
  source: string,
): { readonly [key: string]: unknown } {
  const parts = name.map((part) => ({ namePart: part.name, isExtension: part.isExtension }));
  switch (value.kind) {
    case 'identifier':
      if (!value.isNegative) return { name: parts, identifierValue: value.name };
      return { name: parts, doubleValue: value.name === 'nan' ? Number.NaN : Number.NEGATIVE_INFINITY };
    case 'integer':
      return { name: parts, [value.value < 0n ? 'negativeIntValue' : 'positiveIntValue']: value.value };
    case 'float':
      return { name: parts, doubleValue: value.value };
    case 'string':
      return { name: parts, stringValue: bytesOf(value.value) };
    case 'message':
      return { name: parts, aggregateValue: source.slice(value.offset + 1, value.end - 1) };
    default:
      return value satisfies never;
  }
}
