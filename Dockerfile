# syntax=docker/dockerfile:1

# .git comes along: the binary takes its version from it.
FROM golang:1.26.9-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/gatehouse ./cmd/gatehouse
# Where SQLite lives when no other database is set, and where it spills to.
RUN install -d -m 0700 /out/data && install -d -m 1777 /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/tmp /tmp
COPY --from=build /out/gatehouse /gatehouse
USER 65532:65532
ENV GATEHOUSE_DATA_DIR=/data
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 CMD ["/gatehouse", "healthcheck"]
ENTRYPOINT ["/gatehouse"]
CMD ["serve"]
