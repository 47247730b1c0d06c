// Environment variables, as far as they may be read: Deno without --allow-env throws on access, and for such a program
// they count as not set.

/** Environment variables by name; those that may not be read are undefined. */
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
