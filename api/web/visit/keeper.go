package visit

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/scheduling"
)

// Keeper opens visits by their cookie and writes them down.
type Keeper struct {
	Visits scheduling.Visits
	Now    func() time.Time
	// Secure is whether citizens come over https.
	Secure bool
}

// Open is the visit of a request; nil: there is none, or it has ended.
func (k *Keeper) Open(c echo.Context) (*Visit, error) {
	secret := k.secretOf(c)
	if secret == nil {
		return nil, nil //nolint:nilnil // a request without a visit is the ordinary case
	}
	id := scheduling.Digest(sha256.Sum256(secret))
	stored, err := k.Visits.Visit(c.Request().Context(), id, k.now())
	if scheduling.CodeOf(err) == scheduling.CodeNotFound {
		return nil, nil //nolint:nilnil // it has ended
	}
	if err != nil {
		return nil, fmt.Errorf("open the visit: %w", err)
	}
	v := &Visit{}
	if err := json.Unmarshal([]byte(stored.Data.Reveal()), v); err != nil {
		return nil, fmt.Errorf("read the visit: %w", err)
	}
	v.secret, v.id, v.version = secret, id, stored.Version
	return v, nil
}

// secretOf is the secret in a request's cookie; nil: there is none.
func (k *Keeper) secretOf(c echo.Context) []byte {
	cookie, err := c.Cookie(k.name())
	if err != nil {
		return nil
	}
	secret, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(secret) != secretBytes {
		return nil
	}
	return secret
}

// Save writes a visit down, for another twenty minutes, and gives the browser
// its cookie. ErrLost: another request wrote it meanwhile, and nothing was
// saved.
func (k *Keeper) Save(c echo.Context, v *Visit) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write the visit: %w", err)
	}
	stored := scheduling.Visit{Version: v.version, Data: scheduling.NewPrivate(string(data)), ExpiresAt: k.now().Add(Life)}
	if err := k.Visits.SaveVisit(c.Request().Context(), v.id, stored); err != nil {
		return fmt.Errorf("save the visit: %w", err)
	}
	v.version++
	c.SetCookie(k.cookie(base64.RawURLEncoding.EncodeToString(v.secret), 0))
	return nil
}

// End forgets a visit, here and in the browser.
func (k *Keeper) End(ctx context.Context, c echo.Context, v *Visit) error {
	c.SetCookie(k.cookie("", -1))
	if v == nil {
		return nil
	}
	if err := k.Visits.EndVisit(ctx, v.id); err != nil {
		return fmt.Errorf("end the visit: %w", err)
	}
	return nil
}

func (k *Keeper) now() time.Time { return k.Now().UTC().Truncate(time.Second) }

// name of the cookie. With the prefix a browser takes it from this very host
// over https alone (RFC 6265bis, section 4.1.3).
func (k *Keeper) name() string { return CookieName("visit", k.Secure) }

// CookieName is a cookie's name: neutral, and with __Host- over https.
func CookieName(name string, secure bool) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

// cookie is one of the session; Lax, so that a link in a chat leads back into
// the visit.
func (k *Keeper) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // G124: Secure wherever citizens come over https; the demonstration does not
		Name: k.name(), Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: k.Secure, SameSite: http.SameSiteLaxMode,
	}
}
