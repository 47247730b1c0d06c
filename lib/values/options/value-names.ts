// The names of the value options. They stand apart from the schema room, so that foreign-options.ts can use them.

export const VALUE_NAMES: readonly string[] = [
  'keepCase',
  'longs',
  'enums',
  'bytes',
  'defaults',
  'arrays',
  'objects',
  'oneofs',
  'strictWireTypes',
  'maxDecodedBytes',
  'maxJsonCharacters',
];
