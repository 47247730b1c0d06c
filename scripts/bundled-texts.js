// The bundled schemas as modules that are put in the place of bundled-texts.ts and descriptor-text.ts of lib/, so that
// nothing built looks for files beside itself. Each text is compressed by itself: a program needs few of them, and at
// once.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

/** Compressing takes a good part of a build, and each bundle asks for the same texts. */
const packedTexts = new Map();
/** As small as without saying that it is text, and in less time. */
const OPTIONS = { params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT } };

function packed(file) {
  const known = packedTexts.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(join('protos', file));
  const literal = JSON.stringify(brotliCompressSync(text, OPTIONS).toString('base64'));
  packedTexts.set(file, literal);
  return literal;
}

const UNPACK = `function unpacked(text) {
  const zlib = process.getBuiltinModule('node:zlib');
  return zlib.brotliDecompressSync(Buffer.from(text, 'base64')).toString('utf8');
}
`;

function bundledTexts() {
  const files = readdirSync('protos', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.proto'))
    .map((file) => file.replaceAll('\\', '/'))
    .sort();
  const entries = files.map((file) => `  ${JSON.stringify(file)}:\n    ${packed(file)},\n`);
  return `const texts = {\n${entries.join('')}};

export function bundledText(name) {
  return Object.hasOwn(texts, name) ? unpacked(texts[name]) : undefined;
}

${UNPACK}`;
}

function descriptorText() {
  return `const text =\n  ${packed('google/protobuf/descriptor.proto')};

export function descriptorText() {
  return unpacked(text);
}

${UNPACK}`;
}

const MODULES = [
  [/[\\/]bundled-texts\.ts$/, bundledTexts],
  [/[\\/]descriptor-text\.ts$/, descriptorText],
];

/** The source of the module that takes a file's place; undefined for any other file. */
export function textsModule(path) {
  return MODULES.find(([file]) => file.test(path))?.[1]();
}

/** Puts the texts into a bundle of esbuild's. */
export const embeddedTexts = {
  name: 'embedded-texts',
  setup({ onLoad }) {
    const filter = /[\\/](?:bundled-texts|descriptor-text)\.ts$/;
    onLoad({ filter }, ({ path }) => ({ contents: textsModule(path), loader: 'js' }));
  },
};
