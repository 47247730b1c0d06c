# Runs what was built where there is nothing else: no node_modules, no other file of the package.
cp clock.proto "$ELSEWHERE"
cd "$ELSEWHERE" && node "$1"
