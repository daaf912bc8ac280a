# docker build -t aceso:0.1.0 .
#
# BUILD_IMAGE: any image with Node 20 or newer and npm; it brings the Node that ends up in the image (see package.json).
# BASE_IMAGE: any glibc image. For fence agents or programs of the exec provider give one that has them.
ARG BUILD_IMAGE=docker.io/library/node:24-bookworm-slim
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# What the bundle is made of and with; not what tests and linters need.
RUN npm install --no-save --save-prod --omit=dev --no-audit --no-fund --loglevel=error \
    $(node -p "['esbuild', 'node'].map((name) => name + '@' + require('./package.json').devDependencies[name]).join(' ')")
COPY tsconfig.json build.ts ./
COPY src src
COPY plugins plugins
RUN node_modules/node/bin/node build.ts && rm dist/*.map

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="Aceso" org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /build/node_modules/node/bin/node /usr/local/bin/node
COPY --from=build /build/dist /app
COPY LICENSE /app/LICENSE
USER 65532:65532
WORKDIR /app
# Nothing is written to the root file system; run it read-only.
# The heap limits hold for clusters of up to 5,000 nodes within 192 MiB. Larger: put
# `command: [/usr/local/bin/node, --max-semi-space-size=1, --max-old-space-size=192, --v8-pool-size=1, /app/main.js]` and a
# higher memory limit into the DaemonSet. NODE_OPTIONS stays free for you.
ENTRYPOINT ["/usr/local/bin/node", "--max-semi-space-size=1", "--max-old-space-size=64", "--v8-pool-size=1", "/app/main.js"]
