package rest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
)

const (
	// OfficeFilePath is where an office is changed by its file.
	OfficeFilePath = "/api/v1/staff/offices/:office/file"

	// MaxOfficeFile bounds a request with an office file, in bytes.
	MaxOfficeFile = 1 << 20
)

// GetOfficeFile answers GET /api/v1/staff/offices/{office}/file.
func (h handlers) GetOfficeFile(c echo.Context, office OfficePath) error {
	file, revision, err := h.Setup.OfficeFile(c.Request().Context(), session.Actor(c), office)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, OfficeFile{Revision: revision, File: string(file)})
}

// PutOfficeFile answers PUT /api/v1/staff/offices/{office}/file.
func (h handlers) PutOfficeFile(c echo.Context, office OfficePath, params PutOfficeFileParams) error {
	in, err := body[OfficeFileRequest](c)
	if err != nil {
		return err
	}
	return h.change(c, scheduling.OfficeChange{
		Actor: session.Actor(c), Office: office, Revision: in.Revision, File: []byte(in.File), Note: given(in.Note),
	}, given(params.DryRun))
}

// ListOfficeVersions answers GET /api/v1/staff/offices/{office}/versions.
func (h handlers) ListOfficeVersions(c echo.Context, office OfficePath, params ListOfficeVersionsParams) error {
	all, next, err := h.Setup.OfficeVersions(c.Request().Context(), session.Actor(c), office, page(params.Limit, params.After))
	if err != nil {
		return err
	}
	zone, err := h.zone(c, office)
	if err != nil {
		return err
	}
	view := func(v scheduling.OfficeVersion) OfficeVersion { return officeVersion(v, zone) }
	return c.JSON(http.StatusOK, OfficeVersionList{Items: list(all, view), Next: optional(next)})
}

// GetOfficeVersion answers GET /api/v1/staff/offices/{office}/versions/{version}.
func (h handlers) GetOfficeVersion(c echo.Context, office OfficePath, version VersionPath) error {
	v, err := h.Setup.OfficeVersion(c.Request().Context(), session.Actor(c), office, number(version))
	if err != nil {
		return err
	}
	zone, err := h.zone(c, office)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, officeVersion(v, zone))
}

// UndoOfficeVersion answers POST
// /api/v1/staff/offices/{office}/versions/{version}/undo.
func (h handlers) UndoOfficeVersion(c echo.Context, office OfficePath, version VersionPath, params UndoOfficeVersionParams) error {
	in, err := body[UndoRequest](c)
	if err != nil {
		return err
	}
	wanted := scheduling.OfficeChange{Actor: session.Actor(c), Office: office, Revision: in.Revision, Note: given(in.Note)}
	if wanted, err = h.Setup.UndoOffice(c.Request().Context(), wanted, number(version)); err != nil {
		return err
	}
	return h.change(c, wanted, given(params.DryRun))
}

// MakePasswordLink answers POST
// /api/v1/staff/offices/{office}/staff/{username}/password-link.
func (h handlers) MakePasswordLink(c echo.Context, office OfficePath, username UsernamePath) error {
	link, err := h.Links.PasswordLink(c.Request().Context(), session.Actor(c), office, username)
	if err != nil {
		return err
	}
	zone, err := h.zone(c, office)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, Token{Token: link.Token, ExpiresAt: link.ExpiresAt.In(zone)})
}

// SetPasswordByLink answers POST /api/v1/staff/password.
func (h handlers) SetPasswordByLink(c echo.Context) error {
	in, err := body[PasswordRequest](c)
	if err != nil {
		return err
	}
	if err := h.Links.UsePasswordLink(c.Request().Context(), in.Token, scheduling.NewPrivate(in.Password)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// SetUp answers POST /api/v1/setup.
func (h handlers) SetUp(c echo.Context) error {
	in, err := body[SetUpRequest](c)
	if err != nil {
		return err
	}
	both := func(t Text) scheduling.Text { return scheduling.Text{ZH: t.Zh, EN: t.En} }
	made, err := h.Links.SetUp(c.Request().Context(), in.Token, scheduling.FirstOffice{
		Code: in.Code, Region: in.Region, Name: both(in.Name), Address: both(in.Address), Phone: in.Phone, SMSSignature: in.SmsSignature,
		Username: in.Username, Director: both(in.Director), Password: scheduling.NewPrivate(in.Password),
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, office(made))
}

// change makes a change of an office, or says what it would do.
func (h handlers) change(c echo.Context, wanted scheduling.OfficeChange, dryRun bool) error {
	do := h.Setup.ApplyOffice
	if dryRun {
		do = h.Setup.PreviewOffice
	}
	p, err := do(c.Request().Context(), wanted)
	if err != nil {
		return err
	}
	differences := p.Differences
	if differences == nil {
		differences = []string{}
	}
	return c.JSON(http.StatusOK, OfficeChange{
		Revision: p.Revision, Applied: p.Revision > wanted.Revision, Differences: differences,
		Outside: list(p.Outside, bookedTime), InUse: list(p.InUse, bookedTime),
		Problems: list(p.Problems, fileProblem),
	})
}

// number is a version's, whose form the checker has let through.
func number(version VersionPath) int64 {
	n, _ := strconv.ParseInt(version, 10, 64)
	return n
}

func bookedTime(a scheduling.Appointment) BookedTime {
	return BookedTime{
		Reference: a.Reference, Service: a.Service.Code, Room: a.Room.Code, Counsellor: a.Counsellor.Username,
		Start: a.Start.In(a.Office.Location), End: a.End.In(a.Office.Location),
	}
}

func fileProblem(f scheduling.FileProblem) FileProblem {
	return FileProblem{Line: f.Line, Key: f.Key, Message: text(f.What)}
}

func officeVersion(v scheduling.OfficeVersion, zone *time.Location) OfficeVersion {
	return OfficeVersion{
		Number: v.Number, Author: optional(v.Author), Note: optional(v.Note), CreatedAt: v.CreatedAt.In(zone), File: optional(string(v.File)),
	}
}
