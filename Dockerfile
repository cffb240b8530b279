# The server by itself, without a shell or a system beside it. The SQLite
# database lies in the volume /data; with MySQL nothing is kept here. Settings
# come from the environment, see deploy/magpie.env.example; without a secret
# "serve" refuses to start. Time zones are built in: there is no system to ask.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY api api
COPY cmd cmd
COPY config config
COPY notify notify
COPY scheduling scheduling
RUN CGO_ENABLED=0 go build -trimpath -tags timetzdata -ldflags=-s -o /out/magpie ./cmd/magpie && mkdir /out/data /out/tmp

FROM scratch
COPY --from=build /out/magpie /magpie
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV MAGPIE_LISTEN=:8080
EXPOSE 8080
ENTRYPOINT ["/magpie"]
CMD ["serve"]
