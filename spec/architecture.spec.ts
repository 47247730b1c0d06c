// Which folder of lib may import what (DESIGN.md, section 2): reads the import statements of every file and
// holds them against one table. .dependency-cruiser.json says the same to `npm run layers`, and forbids cycles.

import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { expect } from 'chai';

interface Layer {
  /** The files it governs, as paths below lib. The first layer that matches a file is its layer. */
  readonly files: RegExp;
  /** Files below lib that it may import, besides its own. */
  readonly imports: RegExp;
  /** Modules from outside lib that it may import. */
  readonly modules: RegExp;
}

const NOTHING = /^$/;
const ANY_BUILTIN = /^node:/;
/** Files at the top of lib that depend on no layer: every layer above http2 may use them. */
const VALUES = 'errors|status|metadata|metadata-entries|rpc-error|diagnostics';

const layers: Readonly<Record<string, Layer>> = {
  'http2: RFC 9113 and RFC 7541, sans-I/O': { files: /^http2\//, imports: NOTHING, modules: NOTHING },
  'rpc: gRPC on one stream, no sockets and no HTTP/2': {
    files: /^rpc\//,
    imports: new RegExp(`^(?:(?:${VALUES})|schema/method)\\.ts$`),
    modules: /^node:(?:zlib|buffer)$/,
  },
  'channel: which connection, no schema and no messages': {
    files: /^channel\//,
    imports: new RegExp(`^(?:rpc/transport\\.ts|http2/.+|(?:${VALUES})\\.ts)$`),
    modules: ANY_BUILTIN,
  },
  'schema: what can be called, no calls': {
    files: /^schema\//,
    imports: new RegExp(`^(?:${VALUES})\\.ts$`),
    modules: /^node:(?:fs|fs\/promises|path|url|buffer|util|module)$/,
  },
  'telemetry: sees calls through one interface': {
    files: /^telemetry\//,
    imports: /^(?:observed-call|rpc\/metadata-fields)\.ts$/,
    modules: /^node:module$/,
  },
  'testing: a server for tests, on everything that the client is made of': {
    files: /^testing\//,
    imports: /^(?!index\.ts|cli\/|call)/,
    modules: /^node:(?:net|tls)$/,
  },
  'cli: a user of the library like any other': {
    files: /^cli\//,
    imports: /^index\.ts$/,
    modules: /./,
  },
  'values: known to every layer, knowing none': {
    files: new RegExp(`^(?:${VALUES})\\.ts$`),
    imports: new RegExp(`^(?:${VALUES})\\.ts$`),
    modules: /^node:(?:diagnostics_channel|buffer)$/,
  },
  'the client: wires schema, rpc and channel': {
    files: /^(?:[^/]+|options\/.+)\.ts$/,
    imports: /^(?:[^/]+|(?:schema|rpc|channel|telemetry)\/.+)\.ts$/,
    modules: ANY_BUILTIN,
  },
};

/** The module specifiers of a file's import and export statements, and of its dynamic imports and type imports. */
function specifiers(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const found = code.matchAll(/(?:^|[\s;}])(?:from|import)\s*\(?\s*(['"])([^'"\n]+)\1/g);
  return Array.from(found, (match) => match[2]).filter((specifier) => !specifier.includes('${'));
}

function layerOf(file: string): [string, Layer] | undefined {
  return Object.entries(layers).find(([, layer]) => layer.files.test(file));
}

const files = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'))
  .sort();

/** What a file imports and must not, in words. */
function violations(file: string, source: string): string[] {
  const found = layerOf(file);
  if (found === undefined) return [`${file} is in no layer: give its folder a row in this spec`];
  const [name, layer] = found;
  const wrong: string[] = [];
  for (const specifier of specifiers(source)) {
    if (specifier.startsWith('.')) {
      const target = posix.join(posix.dirname(file), specifier);
      if (!layer.files.test(target) && !layer.imports.test(target)) {
        wrong.push(`${file} imports ${target} (${name})`);
      }
    } else if (isBuiltin(specifier) && !specifier.startsWith('node:')) {
      wrong.push(`${file} imports ${specifier} without node:`);
    } else if (!layer.modules.test(specifier)) {
      wrong.push(`${file} imports ${specifier} (${name})`);
    }
  }
  return wrong;
}

describe('the layers of lib (docs/architecture.md)', () => {
  for (const name of Object.keys(layers)) {
    it(`hold for ${name}`, () => {
      const own = files.filter((file) => layerOf(file)?.[0] === name);
      expect(own.flatMap((file) => violations(file, readFileSync(`lib/${file}`, 'utf8')))).to.deep.equal([]);
    });
  }

  it('take in every file', () => {
    expect(files).to.include('rpc/transport.ts');
    expect(files.filter((file) => layerOf(file) === undefined)).to.deep.equal([]);
  });

  const forbidden: [string, string][] = [
    ['http2/x.ts', "import { connect } from 'node:net';"],
    ['http2/x.ts', "import type { Transport } from '../rpc/transport.ts';"],
    ['rpc/x.ts', "export * from '../http2/frame.ts';"],
    ['rpc/x.ts', "const net = await import('node:net');"],
    ['channel/x.ts', "import { Exchange } from '../rpc/exchange.ts';"],
    ['channel/x.ts', "import {\n  Registry,\n} from '../schema/registry.ts';"],
    ['schema/x.ts', "type T = import('../rpc/transport.ts').Transport;"],
    ['client.ts', "import protobuf from 'protobufjs';"],
    ['client.ts', "import '../lib/http2/connection.ts';"],
    ['cli/x.ts', "import { Client } from '../client.ts';"],
    ['channel/x.ts', "import net from 'net';"],
    ['elsewhere/x.ts', ''],
  ];
  for (const [file, source] of forbidden) {
    it(`would not let ${file} say ${source.replace(/\s+/g, ' ') || 'anything'}`, () => {
      expect(violations(file, source)).to.have.length(1);
    });
  }

  it('overlook comments', () => {
    expect(violations('http2/x.ts', "// import 'node:net';\n/* import 'node:tls'; */")).to.deep.equal([]);
  });
});
