// The package's version, as `--version` prints it; a spec holds it against package.json.

export const VERSION = '0.1.0';
