// The environment's variables, as far as they may be read: Deno without --allow-env throws when one is asked for, and a
// program that is given no variables is one in which none are set.

/** Environment variables by name; what may not be read is undefined. */
export const environment: Readonly<Record<string, string | undefined>> = new Proxy(
  {},
  { get: (_, name) => (typeof name === 'string' ? variable(name) : undefined) },
);

function variable(name: string): string | undefined {
  try {
    return process.env[name];
  } catch {
    return undefined;
  }
}
