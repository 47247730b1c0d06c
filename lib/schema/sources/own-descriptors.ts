// Which definitions are descriptor.proto's: sources that carry some edition of it, for their custom options, get ours
// instead.

import { bundledDescriptorProto } from '../proto/bundled-protos.ts';

export const DESCRIPTOR_PROTO = 'google/protobuf/descriptor.proto';

export function isOfDescriptorProto(fullName: string): boolean {
  if (!fullName.startsWith('google.protobuf.')) return false;
  const { messageType = [], enumType = [] } = bundledDescriptorProto();
  return [...messageType, ...enumType].some(({ name }) => fullName === `google.protobuf.${name}`);
}
