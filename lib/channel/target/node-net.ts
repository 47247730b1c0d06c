// node:net, fetched when it is first used: importing it, and the streams behind it, takes a tenth of the time that importing
// this package takes, and no program needs it before it connects.

export function nodeNet(): typeof import('node:net') {
  return process.getBuiltinModule('node:net');
}
