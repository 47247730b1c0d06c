// Builds dist/testing.js: the test server. Client, Channel, Metadata and the errors are those of dist/index.js, so that
// an error thrown here is an instance there; what has no identity (codecs, HTTP/2, the parser) it has a copy of.

import { build } from 'esbuild';

/** Modules of lib whose classes users of both doors meet, as they are imported from lib/testing. */
const SHARED = /\/(?:client|channel\/channel|metadata|rpc-error|errors)\.ts$/;

const library = {
  name: 'library',
  setup({ onResolve }) {
    onResolve({ filter: SHARED }, ({ kind }) =>
      kind === 'entry-point' ? undefined : { path: './index.js', external: true },
    );
  },
};

await build({
  entryPoints: { testing: 'lib/testing/index.ts' },
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [library],
});
