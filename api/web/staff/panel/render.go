package panel

import (
	_ "embed"
	"html/template"

	"github.com/labstack/echo/v4"

	"magpie/api/web/frame"
)

var (
	//go:embed panel.html
	layout string
	//go:embed assets/panel.css
	styleFile []byte
	//go:embed assets/panel.js
	scriptFile []byte

	style  = frame.NewAsset("panel", "css", styleFile)
	script = frame.NewAsset("panel", "js", scriptFile)
)

// Assets are those of every page of the staff's, beside the frame's.
func Assets() []frame.Asset { return []frame.Asset{style, script} }

var functions = template.FuncMap{
	"tokens": func() string { return frame.Style.Path }, "style": func() string { return style.Path },
	"script": func() string { return script.Path }, "icon": func() string { return frame.Icon.Path },
	"mark": func() template.HTML { return frame.Mark },
}

// Template is a page in the frame.
type Template struct{ inner frame.Template }

// NewTemplate reads the template of a page, which defines "main". It panics
// where that cannot be read: templates are part of the program.
func NewTemplate(source string) Template {
	return Template{frame.NewTemplateIn(layout, functions, source)}
}

// Show answers with the page.
func (t Template) Show(c echo.Context, status int, page any) error {
	return t.inner.Show(c, status, page)
}
