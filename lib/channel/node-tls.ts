// node:tls and node:crypto, fetched when TLS is first spoken: importing them takes a fifth of the time that importing
// this package takes, and plaintext needs neither.

/** node:tls. */
export function nodeTls(): typeof import('node:tls') {
  return process.getBuiltinModule('node:tls');
}

/** node:crypto. */
export function nodeCrypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}
