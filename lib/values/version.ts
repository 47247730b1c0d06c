/** The version of this package, for its user agent, telemetry and `--version`; a spec compares it with package.json. */
export const VERSION = '0.1.0';
