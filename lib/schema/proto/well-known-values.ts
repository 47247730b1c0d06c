// The messages that our codec shows as plain values: Struct, Value, ListValue and the wrappers.

const WRAPPER_ZEROS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['.google.protobuf.DoubleValue', 0],
  ['.google.protobuf.FloatValue', 0],
  ['.google.protobuf.Int64Value', 0n],
  ['.google.protobuf.UInt64Value', 0n],
  ['.google.protobuf.Int32Value', 0],
  ['.google.protobuf.UInt32Value', 0],
  ['.google.protobuf.BoolValue', false],
  ['.google.protobuf.StringValue', ''],
  ['.google.protobuf.BytesValue', new Uint8Array(0)],
]);

/** The message itself, or what stands for it. Its fields are converted already. */
export function plainWellKnown(typeName: string, message: { [key: string]: unknown }): unknown {
  if (!typeName.startsWith('.google.protobuf.')) return message;
  switch (typeName) {
    case '.google.protobuf.Struct':
      return message['fields'] ?? {};
    case '.google.protobuf.ListValue':
      return message['values'] ?? [];
    case '.google.protobuf.Value': {
      const [member] = Object.entries(message);
      return member === undefined || member[0] === 'nullValue' ? null : member[1];
    }
    default: {
      const zero = WRAPPER_ZEROS.get(typeName);
      return zero === undefined ? message : (message['value'] ?? zero);
    }
  }
}
