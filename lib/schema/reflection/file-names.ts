// Names in a file from a server, before anything is made of them: bounded, since each is part of the full names of
// all that is inside it, and fit to be shown in an error. Whether they are identifiers is checked when they are loaded.

import type { DescriptorProto, FieldDescriptorProto, FileDescriptorProto } from '../descriptor.ts';

/** Longer than any name that people write, with its package and all that it is in. */
export const MAX_NAME_LENGTH = 512;

// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal would act on them
const CONTROL_CHARACTER = /[\0-\x1f\x7f]/;

/** Whether a text may be a file's name. */
export function isFileName(name: unknown): name is string {
  return (
    typeof name === 'string' && name !== '' && name.length <= MAX_NAME_LENGTH && !CONTROL_CHARACTER.test(name)
  );
}

/** What is wrong with the names of a file, or undefined. */
export function problemOfNames(file: FileDescriptorProto): string | undefined {
  if (!isFileName(file.name)) return 'the server sent a file without a name that could be one';
  const around = lengthOf(file.package);
  const tooLong = [
    ...(file.messageType ?? []).map((message) => longestInMessage(message, around)),
    ...(file.enumType ?? []).map(({ name }) => around + lengthOf(name)),
    ...(file.extension ?? []).map((extension) => longestInField(extension, around)),
    ...(file.service ?? []).map(({ name, method }) => {
      const inside = (method ?? []).map((one) =>
        Math.max(lengthOf(one.name), lengthOf(one.inputType), lengthOf(one.outputType)),
      );
      return around + lengthOf(name) + largest(inside);
    }),
  ];
  if (Math.max(around, largest(tooLong)) <= MAX_NAME_LENGTH) return undefined;
  return `${file.name} has names of more than ${MAX_NAME_LENGTH} characters`;
}

/** The longest full name in a message, its own included. */
function longestInMessage(message: DescriptorProto, around: number): number {
  const own = around + lengthOf(message.name);
  let longest = own;
  for (const field of message.field ?? []) longest = Math.max(longest, longestInField(field, own));
  for (const extension of message.extension ?? [])
    longest = Math.max(longest, longestInField(extension, own));
  for (const { name } of message.enumType ?? []) longest = Math.max(longest, own + lengthOf(name));
  for (const nested of message.nestedType ?? []) longest = Math.max(longest, longestInMessage(nested, own));
  return longest;
}

function longestInField({ name, typeName, extendee }: FieldDescriptorProto, around: number): number {
  return Math.max(around + lengthOf(name), lengthOf(typeName), lengthOf(extendee));
}

const lengthOf = (text: string | undefined): number => text?.length ?? 0;

/** Not by Math.max(...lengths): there may be more than a call can have arguments. */
function largest(lengths: readonly number[]): number {
  return lengths.reduce((most, length) => Math.max(most, length), 0);
}
