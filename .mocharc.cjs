// mocha's options for every kind of run. Which files are run is said by the npm script, because a `spec`
// here would be added to the files named on the command line.

const { availableParallelism } = require('node:os');

// The specs say themselves what they want of the environment: whom the machine trusts, its proxies and locale, and what
// its user likes are no matter of theirs.
const FOREIGN =
  /^(?:(?:https?|all|no|grpc|no_grpc)_proxy|GRPC_.*|SSL_CERT_(?:FILE|DIR)|SSLKEYLOGFILE|NODE_DEBUG|(?:FORCE|NO)_COLOR|CLICOLOR.*|XDG_.*|LC_.*|LANG|LANGUAGE)$/i;
for (const name of Object.keys(process.env)) if (FOREIGN.test(name)) delete process.env[name];

module.exports = {
  // Of `mocha --parallel`, as `npm test` runs it: each core takes the next file when it is done with one. A file then has
  // no say over others, and `.only` is refused; it works without --parallel. One more than there are cores has the time in
  // which a file waits. Files start in the order in which they are named, and `npm test` names the longest first; the
  // simulated worlds before all others, in a process that nothing has happened in yet.
  jobs: availableParallelism() + 1,
  // Long enough for two seconds of work on a machine that has ten times as much to do, and that stands still for half a
  // minute meanwhile: one did, and what ran then was failed for it.
  timeout: 120_000,
  slow: 1_000,
  forbidOnly: Boolean(process.env.CI),
  // After each spec: nobody is left waiting. And what assertions need not do.
  require: ['./.build/spec/support/waits-hook.js', './.build/spec/support/assertions-hook.js'],
};
