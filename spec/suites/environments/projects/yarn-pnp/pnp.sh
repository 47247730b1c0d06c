# A project of Yarn's without node_modules: packages stay in their archives.
set -e
yarn="$PWD/node_modules/@yarnpkg/cli-dist/bin/yarn.js"
cp clock.proto calls.mjs calls.cjs program.mjs program.cjs same.mjs "$ELSEWHERE"
cd "$ELSEWHERE"
echo "{ \"name\": \"pnp\", \"private\": true, \"dependencies\": { \"stubless\": \"file:$TARBALL\" } }" > package.json
printf 'nodeLinker: pnp\nenableGlobalCache: false\nenableTelemetry: false\nenableImmutableInstalls: false\n' > .yarnrc.yml
: > yarn.lock
export YARN_IGNORE_PATH=1 COREPACK_ENABLE_STRICT=0
node "$yarn" install
test ! -e node_modules
node "$yarn" node "$1"
