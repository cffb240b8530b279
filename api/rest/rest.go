package rest

import (
	"context"
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// Offices is what anyone may read.
type Offices interface {
	OfficeList(ctx context.Context) ([]*scheduling.Office, error)
	OfficeByCode(ctx context.Context, code string) (*scheduling.Office, error)
	Counsellors(ctx context.Context, office, service string) ([]scheduling.Staff, error)
	Find(ctx context.Context, q scheduling.Search) ([]scheduling.Day, error)
	ThirtyDays(ctx context.Context, received calendar.Date, practice calendar.Practice) (calendar.Thirty, error)
}

// Accounts proves who somebody is.
type Accounts interface {
	RequestCode(ctx context.Context, c scheduling.CodeRequest) (scheduling.Verification, error)
	ConfirmCode(ctx context.Context, id, code, address string) (scheduling.Token, error)
	SignIn(ctx context.Context, phone, word scheduling.Private, address string) (scheduling.Token, error)
	SetCodeWord(ctx context.Context, actor scheduling.Actor, word scheduling.Private) error
	Login(ctx context.Context, l scheduling.Login) (scheduling.Token, error)
	EndSession(ctx context.Context, actor scheduling.Actor) error
}

// Factors is one's own second factor, and a colleague's who has lost theirs.
type Factors interface {
	SecondFactor(ctx context.Context, actor scheduling.Actor) (scheduling.FactorView, error)
	BeginFactor(ctx context.Context, actor scheduling.Actor, shown scheduling.Shown) (scheduling.NewFactor, error)
	ConfirmFactor(ctx context.Context, actor scheduling.Actor, otp scheduling.Private) ([]string, error)
	RenewRecovery(ctx context.Context, actor scheduling.Actor, shown scheduling.Shown) ([]string, error)
	RemoveFactor(ctx context.Context, actor scheduling.Actor, shown scheduling.Shown) error
	ResetFactor(ctx context.Context, actor scheduling.Actor, office, username string) error
}

// Passkeys are added, named and removed by their owners.
type Passkeys interface {
	OwnPasskeys(ctx context.Context, actor scheduling.Actor) ([]scheduling.Passkey, error)
	BeginPasskey(ctx context.Context, actor scheduling.Actor, shown scheduling.Shown) (scheduling.Ceremony, error)
	FinishPasskey(ctx context.Context, actor scheduling.Actor, n scheduling.NewPasskey) (scheduling.Passkey, []string, error)
	RenamePasskey(ctx context.Context, actor scheduling.Actor, id int64, name scheduling.Private) (scheduling.Passkey, error)
	RemovePasskey(ctx context.Context, actor scheduling.Actor, id int64, shown scheduling.Shown) error
}

// SignIns are the ways of staff to log in without a password, and who has which.
type SignIns interface {
	BeginPasskeyLogin(ctx context.Context, address string) (scheduling.Ceremony, error)
	FinishPasskeyLogin(ctx context.Context, l scheduling.PasskeyLogin) (scheduling.Token, error)
	SignIns(ctx context.Context, actor scheduling.Actor, office string) ([]scheduling.SignIn, error)
	BeginIdentityLogin(ctx context.Context, office, address string) (scheduling.IdentityStart, error)
	FinishIdentityLogin(ctx context.Context, l scheduling.IdentityLogin) (scheduling.Token, error)
}

// Logins are where staff are logged in, and as what.
type Logins interface {
	OwnSession(ctx context.Context, actor scheduling.Actor) (scheduling.SignedIn, error)
	Act(ctx context.Context, actor scheduling.Actor, role account.Role) (scheduling.SignedIn, error)
	OwnLogins(ctx context.Context, actor scheduling.Actor) ([]scheduling.StaffLogin, error)
	EndOwnLogin(ctx context.Context, actor scheduling.Actor, id string) error
	EndOtherLogins(ctx context.Context, actor scheduling.Actor) error
	EndLoginsOf(ctx context.Context, actor scheduling.Actor, office, username string) error
}

// Holds keeps times.
type Holds interface {
	Hold(ctx context.Context, r scheduling.HoldRequest) (scheduling.Hold, error)
	RenewHold(ctx context.Context, r scheduling.HoldChange) (scheduling.Hold, error)
	ReleaseHold(ctx context.Context, r scheduling.HoldChange) error
}

// Bookings books and changes, for citizens and for the desk.
type Bookings interface {
	Book(ctx context.Context, b scheduling.Booking) (scheduling.Appointment, error)
	Appointment(ctx context.Context, actor scheduling.Actor, reference string) (scheduling.Appointment, error)
	Appointments(ctx context.Context, actor scheduling.Actor, page scheduling.Page) ([]scheduling.Appointment, string, error)
	Cancel(ctx context.Context, r scheduling.Change) (scheduling.Appointment, error)
	Move(ctx context.Context, r scheduling.Change) (scheduling.Appointment, error)
}

// Desk is the day at the office.
type Desk interface {
	OfficeAppointments(ctx context.Context, f scheduling.Filter) ([]scheduling.Appointment, string, error)
	CheckIn(ctx context.Context, r scheduling.Change) (scheduling.Appointment, error)
	Start(ctx context.Context, r scheduling.Change) (scheduling.Appointment, error)
	Complete(ctx context.Context, r scheduling.Change) (scheduling.Appointment, error)
	NoShow(ctx context.Context, r scheduling.Change) (scheduling.Appointment, error)
}

// Moves is where appointments could lie, and taking changes back.
type Moves interface {
	CheckMove(ctx context.Context, r scheduling.Change) (scheduling.MoveCheck, error)
	Targets(ctx context.Context, actor scheduling.Actor, reference string, d calendar.Date, length time.Duration) (scheduling.MoveTargets, error)
	Undo(ctx context.Context, r scheduling.Change) (scheduling.Appointment, error)
}

// Handing is what changes would do, and handing sessions over.
type Handing interface {
	Impact(ctx context.Context, q scheduling.ImpactQuery) (items []scheduling.Affected, more bool, err error)
	HandOver(ctx context.Context, r scheduling.HandOverRequest) ([]scheduling.Outcome, error)
	TimeOffWithPlan(ctx context.Context, r scheduling.TimeOffRequest) (scheduling.TimeOff, []scheduling.Outcome, error)
}

// Courses is courses, and who came to them.
type Courses interface {
	BookSeries(ctx context.Context, r scheduling.SeriesRequest) (scheduling.Series, error)
	SeriesOf(ctx context.Context, actor scheduling.Actor, reference string) (scheduling.Series, error)
	CancelRest(ctx context.Context, r scheduling.Change) (scheduling.Series, error)
	SetAttendance(ctx context.Context, r scheduling.AttendanceChange) (scheduling.Appointment, error)
}

// AtDesk is the lists that the desk works from.
type AtDesk interface {
	Today(ctx context.Context, actor scheduling.Actor, office string, d calendar.Date) (scheduling.DayAtDesk, error)
	FindAtDesk(ctx context.Context, q scheduling.DeskSearch) ([]scheduling.Row, error)
	WalkIns(ctx context.Context, actor scheduling.Actor, office string) ([]scheduling.WalkIn, error)
	TryTask(ctx context.Context, t scheduling.TaskTried) error
}

// Offers is times that are offered instead of others.
type Offers interface {
	OfferTimes(ctx context.Context, r scheduling.OfferRequest) (scheduling.Offer, error)
	OfferOf(ctx context.Context, actor scheduling.Actor, reference string) (scheduling.Appointment, scheduling.Offer, error)
	WithdrawOffer(ctx context.Context, actor scheduling.Actor, reference string) error
	TakeOffer(ctx context.Context, r scheduling.Change) (scheduling.Appointment, error)
}

// Records is leave, and who did what.
type Records interface {
	TimeOff(ctx context.Context, actor scheduling.Actor, office, username string, page scheduling.Page) ([]scheduling.TimeOff, string, error)
	AddTimeOff(ctx context.Context, r scheduling.TimeOffRequest) (scheduling.TimeOff, error)
	RemoveTimeOff(ctx context.Context, actor scheduling.Actor, office, username string, id int64) error
	Audit(ctx context.Context, actor scheduling.Actor, office string, page scheduling.Page) ([]scheduling.AuditEntry, string, error)
}

// Ledger is what people were told, what they will be, and the switch.
type Ledger interface {
	Messages(ctx context.Context, f scheduling.MessageFilter) ([]scheduling.LedgerEntry, string, error)
	Preview(ctx context.Context, actor scheduling.Actor, reference string) ([]scheduling.ComingMessage, error)
	Resolve(ctx context.Context, r scheduling.Resolution) error
	SendingOf(ctx context.Context, actor scheduling.Actor, office string) (*scheduling.Office, scheduling.Sending, error)
	SetSending(ctx context.Context, actor scheduling.Actor, office string, stopped bool) (*scheduling.Office, scheduling.Sending, error)
}

// Texts are an office's words for its messages.
type Texts interface {
	OfficeTexts(ctx context.Context, actor scheduling.Actor, office string) ([]scheduling.TextView, error)
	SetText(ctx context.Context, c scheduling.TextChange) (scheduling.TextView, error)
	TextVersions(ctx context.Context, actor scheduling.Actor, office string, k messages.Key) ([]scheduling.TextVersion, error)
}

// Tasks is what the desk is to do.
type Tasks interface {
	DeskTasks(ctx context.Context, f scheduling.TaskFilter) ([]scheduling.Task, string, error)
	FinishTask(ctx context.Context, d scheduling.TaskDone) error
	Restore(ctx context.Context, r scheduling.Change) (scheduling.Appointment, error)
}

// Contacts is how people want to be reached, and what is kept of them.
type Contacts interface {
	ContactWishOf(ctx context.Context, actor scheduling.Actor, reference string) (scheduling.ContactWish, error)
	SetContactWish(ctx context.Context, c scheduling.WishChange) (scheduling.ContactWish, error)
	OwnData(ctx context.Context, actor scheduling.Actor) (scheduling.OwnData, error)
	AskErasure(ctx context.Context, actor scheduling.Actor, verification, code string) (time.Time, error)
	KeepData(ctx context.Context, actor scheduling.Actor) error
}

// Setup is an office's file, by whole or by part, and what it was.
type Setup interface {
	OfficeFile(ctx context.Context, actor scheduling.Actor, office string) ([]byte, int64, error)
	PreviewOffice(ctx context.Context, c scheduling.OfficeChange) (scheduling.OfficePreview, error)
	ApplyOffice(ctx context.Context, c scheduling.OfficeChange) (scheduling.OfficePreview, error)
	UndoOffice(ctx context.Context, c scheduling.OfficeChange, version int64) (scheduling.OfficeChange, error)
	OfficeVersions(ctx context.Context, actor scheduling.Actor, office string, page scheduling.Page) ([]scheduling.OfficeVersion, string, error)
	OfficeVersion(ctx context.Context, actor scheduling.Actor, office string, version int64) (scheduling.OfficeVersion, error)
}

// Links are addresses with which somebody sets their own password, or the first
// office up.
type Links interface {
	PasswordLink(ctx context.Context, actor scheduling.Actor, office, username string) (scheduling.Token, error)
	UsePasswordLink(ctx context.Context, token string, password scheduling.Private) error
	SetUp(ctx context.Context, token string, f scheduling.FirstOffice) (*scheduling.Office, error)
}

// Holidays are the tables of years, and what a director should see to.
type Holidays interface {
	HolidayYears(ctx context.Context, actor scheduling.Actor, office string) ([]scheduling.HolidayYear, error)
	PreviewHolidays(ctx context.Context, in scheduling.HolidayImport) (scheduling.HolidayPreview, error)
	ImportHolidays(ctx context.Context, in scheduling.HolidayImport) (scheduling.HolidayPreview, error)
	RemoveHolidays(ctx context.Context, actor scheduling.Actor, office string, year int) error
	Warnings(ctx context.Context, actor scheduling.Actor, office string) ([]scheduling.Warning, error)
}

// API is the handlers. Each field but Hooks is a part of the use cases; one
// value can be all of them.
type API struct {
	Offices   Offices
	Accounts  Accounts
	Factors   Factors
	Logins    Logins
	Holds     Holds
	Bookings  Bookings
	Desk      Desk
	Moves     Moves
	Records   Records
	Ledger    Ledger
	Texts     Texts
	Tasks     Tasks
	Contacts  Contacts
	Calendars Calendars
	Setup     Setup
	Links     Links
	Handing   Handing
	Passkeys  Passkeys
	SignIns   SignIns
	Holidays  Holidays
	Courses   Courses
	AtDesk    AtDesk
	Offers    Offers
	Outsides  Outsides
	// Hooks may be nil: no gateway tells anything.
	Hooks Hooks
}

// Register serves the API's routes, each behind its guard and, but for those of
// gateways, its check.
func (a *API) Register(e *echo.Echo, spec *Spec, guard *session.Guard) error {
	before := make(map[string][]echo.MiddlewareFunc)
	for _, o := range spec.Operations() {
		if o.ID == "" {
			return fmt.Errorf("%s has no operationId", o.Key)
		}
		before[o.ID] = []echo.MiddlewareFunc{
			guard.Middleware(session.Route{Key: o.Key, Citizen: o.Citizen, Staff: o.Staff}),
			newChecker(o.operation).middleware,
		}
	}
	RegisterHandlersWithOptions(e, handlers{a}, RegisterHandlersOptions{OperationMiddlewares: before})
	a.registerHooks(e, guard)
	a.registerFeeds(e, guard)
	return nil
}

// handlers has the generated interface, whose names are not for callers of the
// package.
type handlers struct{ *API }

var _ ServerInterface = handlers{}

// idempotency names a request that may come again. The address it came to is
// the route: one key serves for two offices.
func idempotency(c echo.Context, key *string) scheduling.Idempotency {
	if key == nil {
		return scheduling.Idempotency{}
	}
	r := c.Request()
	return scheduling.Idempotency{Key: *key, Route: r.Method + " " + r.URL.Path, Body: rawBody(c)}
}

// defaultLimit is the length of a page where none is asked for.
const defaultLimit = 50

func page(limit *Limit, after *After) scheduling.Page {
	out := scheduling.Page{Limit: defaultLimit}
	if limit != nil {
		out.Limit = *limit
	}
	if after != nil {
		out.After = *after
	}
	return out
}

// cut takes a page out of a list that is whole in memory; the mark is the key
// of the last item given.
func cut[T any](all []T, key func(T) string, p scheduling.Page) (items []T, next *string, err error) {
	from := 0
	if p.After != "" {
		for from < len(all) && key(all[from]) != p.After {
			from++
		}
		if from == len(all) {
			return nil, nil, scheduling.Invalid("after", "没有这一页。", "is not a mark that this list gave")
		}
		from++
	}
	to := min(from+p.Limit, len(all))
	if to < len(all) {
		mark := key(all[to-1])
		next = &mark
	}
	return all[from:to], next, nil
}

// list turns a page of values into its wire form; items is never null.
func list[From, To any](items []From, wire func(From) To) []To {
	out := make([]To, 0, len(items))
	for _, item := range items {
		out = append(out, wire(item))
	}
	return out
}

// optional leaves out what is empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// given is the value of an optional member, or its zero.
func given[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
