import { nodeResolve } from '@rollup/plugin-node-resolve';

export default {
  input: 'program.mjs',
  plugins: [nodeResolve({ preferBuiltins: true })],
  output: { inlineDynamicImports: true },
};
