package rest

//go:generate go tool -modfile=../../.ci/tools/go.mod oapi-codegen -config codegen.yaml openapi.yaml
