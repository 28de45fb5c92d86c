# The static program and nothing else: no shell, no libraries, no network client.
#
#   docker build --tag poollint . && docker run --rm --volume "$PWD:/src:ro" poollint
#
# Without git in it, --base, --staged and --git-tracked have nobody to ask.
FROM docker.io/library/rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /build
COPY . .
RUN cargo build --release --locked && mv target/release/poollint /poollint

FROM scratch
COPY --from=build /poollint /poollint
USER 65532:65532
WORKDIR /src
ENTRYPOINT ["/poollint"]
CMD ["check"]
