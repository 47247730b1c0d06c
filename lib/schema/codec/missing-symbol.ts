// Marks errors that occur only because a symbol is not loaded with the symbol's name, for code that can ask a server for
// it. The mark is not visible on the error.

const missing: WeakMap<object, string> = new WeakMap();

/** The error, marked with the full name of the message type or extension that is not loaded. */
export function lacking<E extends Error>(error: E, fullName: string): E {
  missing.set(error, fullName);
  return error;
}

/** The full name of what an error says is not loaded; undefined for any other error. */
export function missingSymbol(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null ? missing.get(error) : undefined;
}
