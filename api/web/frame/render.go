package frame

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"

	"github.com/labstack/echo/v4"
)

//go:embed layout.html
var layout string

// Template is a page, inside the frame or bare.
type Template struct{ template *template.Template }

// NewTemplate reads the template of a page in the frame, which defines "main". It panics where that
// cannot be read: templates are part of the program.
func NewTemplate(source string) Template {
	return NewTemplateIn(layout, functions, source)
}

// NewBareTemplate reads a page that has no frame around it.
func NewBareTemplate(source string) Template {
	return Template{template.Must(template.New("bare").Parse(source))}
}

var functions = template.FuncMap{
	"style": func() string { return Style.Path }, "script": func() string { return script.Path }, "icon": func() string { return Icon.Path },
	"mark": func() template.HTML { return Mark },
}

// NewTemplateIn reads a page whose frame is another one: layout, with functions of
// its own.
func NewTemplateIn(layout string, functions template.FuncMap, source string) Template {
	t := template.Must(template.New("layout").Funcs(functions).Parse(layout))
	return Template{template.Must(t.Parse(source))}
}

// Show answers with the page. It is made whole before the first byte is
// written, so that one that cannot be made is an error and not half a page.
func (s Template) Show(c echo.Context, status int, page any) error {
	var out bytes.Buffer
	if err := s.template.Execute(&out, page); err != nil {
		return fmt.Errorf("make the page: %w", err)
	}
	SetHeaders(c.Response().Header())
	if c.Request().Method == http.MethodHead {
		return c.NoContent(status)
	}
	return c.HTMLBlob(status, out.Bytes())
}

// policy lets a page load from its own server alone, and run nothing that is
// written into it.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// SetHeaders sets what every page has beside the server's own headers.
func SetHeaders(h http.Header) {
	h.Set(echo.HeaderContentSecurityPolicy, policy)
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Add(echo.HeaderVary, "Cookie, Accept-Language")
}
