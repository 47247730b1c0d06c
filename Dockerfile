# The image of the command line: `stubless bench --kubernetes` prints Jobs for it, and it does whatever else the command does.
#
#   docker build -t stubless:0.1.0 .
#   docker buildx build --platform linux/amd64,linux/arm64 -t registry.example.com/stubless:0.1.0 --push .
#
# It runs as a numeric user that is not root, as runAsNonRoot wants it, and writes nothing: the root file system may be
# read-only. `npm run kubernetes` follows these steps, lints this file, and runs what comes of it.

ARG NODE_VERSION=24

# Nothing in the package depends on a platform: it is built on the builder's own, once for all.
FROM --platform=$BUILDPLATFORM node:${NODE_VERSION}-alpine AS package
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN mkdir /package && npm pack --pack-destination /package
RUN npm install --global --prefix /installed --omit=dev --ignore-scripts --no-audit --no-fund /package/*.tgz

FROM node:${NODE_VERSION}-alpine
LABEL org.opencontainers.image.title="stubless" \
      org.opencontainers.image.description="gRPC without stubs: calls and load tests from the command line" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=package /installed /usr/local
ENV NODE_ENV=production
# The command ends its calls, prints what it has, and exits.
STOPSIGNAL SIGTERM
USER 65532:65532
ENTRYPOINT ["stubless"]
