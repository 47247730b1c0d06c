/** The version of this package, as its user agent, telemetry and `--version` tell it; a spec holds it against package.json. */
export const VERSION = '0.1.0';
