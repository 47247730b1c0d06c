// Which files define the types that people use without importing them, for the error that says so.

import { wellKnownTypeFile } from '../../descriptors/well-known-kind.ts';

/** Those of google.protobuf that have no form of their own in JavaScript and JSON. */
const FILES: Readonly<Record<string, string>> = {
  api: 'Api Method Mixin',
  empty: 'Empty',
  struct: 'NullValue',
  type: 'Type Field Enum EnumValue Option Syntax',
  descriptor:
    'FileOptions MessageOptions FieldOptions OneofOptions EnumOptions EnumValueOptions ServiceOptions MethodOptions',
};

const OTHERS: ReadonlyMap<string, string> = new Map([
  ['google.rpc.Status', 'google/rpc/status.proto'],
  ['google.api.http', 'google/api/annotations.proto'],
  ['google.api.method_signature', 'google/api/client.proto'],
  ['google.api.default_host', 'google/api/client.proto'],
  ['google.api.oauth_scopes', 'google/api/client.proto'],
  ['google.api.field_behavior', 'google/api/field_behavior.proto'],
  ['google.api.resource', 'google/api/resource.proto'],
  ['google.api.resource_reference', 'google/api/resource.proto'],
  ['google.api.HttpBody', 'google/api/httpbody.proto'],
  ['google.longrunning.Operation', 'google/longrunning/operations.proto'],
  ['buf.validate.field', 'buf/validate/validate.proto'],
  ['buf.validate.message', 'buf/validate/validate.proto'],
  ['buf.validate.oneof', 'buf/validate/validate.proto'],
]);

const PACKAGE = 'google.protobuf.';

/** The file that defines a well-known name, or undefined. */
export function wellKnownFile(fullName: string): string | undefined {
  if (!fullName.startsWith(PACKAGE)) return OTHERS.get(fullName);
  const name = fullName.slice(PACKAGE.length);
  for (const [file, names] of Object.entries(FILES)) {
    if (names.split(' ').includes(name)) return `google/protobuf/${file}.proto`;
  }
  return wellKnownTypeFile(fullName);
}
