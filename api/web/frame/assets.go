package frame

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

var (
	//go:embed assets/style.css
	styleFile []byte
	//go:embed assets/magpie.js
	scriptFile []byte
	//go:embed assets/magpie.svg
	iconFile []byte
)

// Their addresses hold a digest of their bytes, so that a browser may keep them
// for ever and never shows an old one.
var (
	stylePath  = named("style", "css", styleFile)
	scriptPath = named("magpie", "js", scriptFile)
	iconPath   = named("magpie", "svg", iconFile)
)

// mark is the magpie in the colour of the text, to stand in a page.
var mark = template.HTML(strings.Replace(string(iconFile), "#1f2933", "currentColor", 2)) //nolint:gosec // G203: our own file

// AddAssets serves the style, the script and the mark, through what packs pages.
func AddAssets(e *echo.Echo, through ...echo.MiddlewareFunc) {
	for path, file := range map[string]struct {
		kind string
		data []byte
	}{
		stylePath:  {"text/css; charset=utf-8", styleFile},
		scriptPath: {"text/javascript; charset=utf-8", scriptFile},
		iconPath:   {"image/svg+xml", iconFile},
	} {
		e.GET(path, func(c echo.Context) error {
			c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
			return c.Blob(http.StatusOK, file.kind, file.data)
		}, through...)
	}
}

func named(name, extension string, data []byte) string {
	sum := sha256.Sum256(data)
	return "/assets/" + name + "-" + hex.EncodeToString(sum[:6]) + "." + extension
}
