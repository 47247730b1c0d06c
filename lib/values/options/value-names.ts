// What the options of values are called. It knows no schema, so that whoever explains another library's options can.

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
