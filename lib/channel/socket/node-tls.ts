// node:tls, node:crypto and node:fs, fetched when they are first used: importing the first two takes a fifth of the time that
// importing this package takes, node:fs reads in all of its streams as an ES module, and plaintext needs none of them.

/** node:tls. */
export function nodeTls(): typeof import('node:tls') {
  return process.getBuiltinModule('node:tls');
}

/** node:crypto. */
export function nodeCrypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}

/** node:fs. */
export function nodeFs(): typeof import('node:fs') {
  return process.getBuiltinModule('node:fs');
}
