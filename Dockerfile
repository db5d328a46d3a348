# Build the manager on the machine's own platform, for the platform asked for.
FROM --platform=${BUILDPLATFORM:-linux/amd64} golang:1.26 AS builder
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev

WORKDIR /workspace
# The modules come first: they change less often than the code, and the layer is cached.
COPY go.mod go.sum ./
RUN go mod download

COPY main.go ./
COPY api/ api/
COPY controllers/ controllers/
# GOARCH without a default lets `docker build` on an arm64 machine give an arm64 image.
RUN CGO_ENABLED=0 GOOS=${TARGETOS:-linux} GOARCH=${TARGETARCH} \
    go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o manager .

FROM gcr.io/distroless/static:nonroot
LABEL org.opencontainers.image.source="https://github.com/evenkeel/evenkeel" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /
COPY --from=builder /workspace/manager .
USER 65532:65532

ENTRYPOINT ["/manager"]
