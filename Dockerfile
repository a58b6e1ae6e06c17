# syntax=docker/dockerfile:1
#
# The images of docker-compose.yml, one stage each: pasban (the last, so the
# default), minio, egress. All run as unprivileged users.

FROM golang:1.26-bookworm AS build
ENV CGO_ENABLED=0 GOFLAGS=-buildvcs=false
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=devel
RUN go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/pasban ./cmd/pasban

# MinIO publishes source only: docs/decisions/2026-11-22-minio-from-source.md.
# The version is the one deploy/setup.sh pins; a test compares the two.
FROM golang:1.26-bookworm AS build-minio
ENV CGO_ENABLED=0
RUN go install github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c
# Its client makes the workers' key; the version is the one that MinIO itself asks for.
RUN go install github.com/minio/mc@v0.0.0-20250313080218-cf909e1063a9

FROM debian:bookworm-slim AS minio
RUN useradd --system --uid 10002 --no-create-home minio \
 && install -d -o minio -g minio /data
COPY --from=build-minio /go/bin/minio /go/bin/mc /usr/local/bin/
COPY deploy/minio-worker.json /etc/pasban/
USER 10002:10002
VOLUME /data
ENTRYPOINT ["minio"]
CMD ["server", "/data", "--address", ":9000"]

# The namespaces that workers and serve live in, and their firewalls. nft alone may
# change them.
FROM debian:bookworm-slim AS egress
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends nftables libcap2-bin \
 && setcap cap_net_admin=ep /usr/sbin/nft \
 && apt-get purge -y libcap2-bin && rm -rf /var/lib/apt/lists/*
COPY deploy/egress/*.nft /etc/pasban/
COPY deploy/egress/egress.sh /usr/local/bin/egress
USER 65534:65534
ENTRYPOINT ["egress"]

# Chrome comes from Debian's security archive: rebuild weekly, with --pull --no-cache.
FROM debian:bookworm-slim AS pasban
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      ca-certificates tzdata chromium-headless-shell fontconfig \
      fonts-noto-core fonts-noto-color-emoji fonts-dejavu-core fonts-liberation \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /nonexistent --no-create-home pasban \
 && install -d -o pasban -g pasban /var/lib/pasban
# pasban carries the same file within itself; here it serves `doctor` and fc-match.
COPY render/fonts.conf /etc/fonts/local.conf
COPY --from=build /out/pasban /usr/local/bin/pasban
USER 10001:10001
ENV PASBAN_DATA=/var/lib/pasban
VOLUME /var/lib/pasban
EXPOSE 8080 8081
ENTRYPOINT ["pasban"]
CMD ["serve"]
