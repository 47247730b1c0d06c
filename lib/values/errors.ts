// The errors about a schema and about how a method is called. (A call that ended with a status is an RpcError, in
// rpc-error.ts; a wrong argument or value is a TypeError or RangeError.)

/** A schema cannot be loaded, or a name cannot be found in it. The message names file, line and symbol. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/** The method exists, but does not have the cardinality that the caller asked for. */
export class CardinalityError extends Error {
  override readonly name = 'CardinalityError';
}
