module.exports = {
  mode: 'production',
  target: 'node20',
  entry: './program.mjs',
  output: { filename: 'out.cjs' },
  // Names of classes are part of what the program prints.
  optimization: { minimize: false },
  // A warning is a fault here.
  plugins: [
    (compiler) =>
      compiler.hooks.done.tap('no-warnings', (stats) => {
        if (stats.hasWarnings()) throw new Error(stats.toString('errors-warnings'));
      }),
  ],
};
