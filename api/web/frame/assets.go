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

// Asset is a file that pages load. Its address holds a digest of its bytes, so
// that a browser may keep it for ever and never shows an old one.
type Asset struct {
	Path string
	kind string
	data []byte
}

// NewAsset gives a file its address: name, digest and extension (css, js, svg).
func NewAsset(name, extension string, data []byte) Asset {
	sum := sha256.Sum256(data)
	return Asset{"/assets/" + name + "-" + hex.EncodeToString(sum[:6]) + "." + extension, kinds[extension], data}
}

var kinds = map[string]string{"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}

// The assets of every page: Style has the tokens, which other styles use.
var (
	Style  = NewAsset("style", "css", styleFile)
	script = NewAsset("magpie", "js", scriptFile)
	Icon   = NewAsset("magpie", "svg", iconFile)
)

// Mark is the magpie in the colour of the text, to stand in a page.
var Mark = template.HTML(strings.Replace(string(iconFile), "#1f2933", "currentColor", 2)) //nolint:gosec // G203: our own file

// AddAssets serves the style, the script and the mark, through what packs pages.
func AddAssets(e *echo.Echo, through ...echo.MiddlewareFunc) {
	Serve(e, []Asset{Style, script, Icon}, through...)
}

// Serve serves assets, through what packs pages.
func Serve(e *echo.Echo, all []Asset, through ...echo.MiddlewareFunc) {
	for _, a := range all {
		e.GET(a.Path, func(c echo.Context) error {
			c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
			return c.Blob(http.StatusOK, a.kind, a.data)
		}, through...)
	}
}
