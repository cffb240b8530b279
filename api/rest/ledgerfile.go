package rest

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"magpie/scheduling"
)

const (
	csvMedia = "text/csv"
	// byteOrderMark tells spreadsheets that a file is UTF-8.
	byteOrderMark = "\ufeff"
	// rowsAtOnce is how many rows of a file are read at once: as many as a list
	// gives.
	rowsAtOnce = 200
	// readWithin bounds the reading of these, takeWithin how long the caller has
	// to take them. The whole file is bounded by nothing else.
	readWithin = 10 * time.Second
	takeWithin = 30 * time.Second
)

// column is one column of the ledger's file, named as the member of
// LedgerEntry that it shows.
type column struct {
	name string
	cell func(LedgerEntry) string
}

var ledgerColumns = []column{
	{"id", func(e LedgerEntry) string { return e.Id }},
	{"kind", func(e LedgerEntry) string { return e.Kind }},
	{"channel", func(e LedgerEntry) string { return e.Channel }},
	{"status", func(e LedgerEntry) string { return e.Status }},
	{"rule", func(e LedgerEntry) string { return given(e.Rule) }},
	{"detail", func(e LedgerEntry) string { return given(e.Detail) }},
	{"locale", func(e LedgerEntry) string { return given(e.Locale) }},
	{"reference", func(e LedgerEntry) string { return given(e.Reference) }},
	{"start", func(e LedgerEntry) string { return written(e.Start) }},
	{"revision", func(e LedgerEntry) string { return counted(&e.Revision) }},
	{"lead_minutes", func(e LedgerEntry) string { return counted(e.LeadMinutes) }},
	{"to", func(e LedgerEntry) string { return given(e.To) }},
	{"due_at", func(e LedgerEntry) string { return written(&e.DueAt) }},
	{"until", func(e LedgerEntry) string { return written(&e.Until) }},
	{"attempts", func(e LedgerEntry) string { return counted(&e.Attempts) }},
	{"handed_at", func(e LedgerEntry) string { return written(e.HandedAt) }},
	{"gateway", func(e LedgerEntry) string { return given(e.Gateway) }},
	{"gateway_id", func(e LedgerEntry) string { return given(e.GatewayId) }},
	{"text_version", func(e LedgerEntry) string { return counted(e.TextVersion) }},
	{"segments", func(e LedgerEntry) string { return counted(&e.Segments) }},
	{"receipt", func(e LedgerEntry) string { return given(e.Receipt) }},
	{"receipt_at", func(e LedgerEntry) string { return written(e.ReceiptAt) }},
	{"reason", func(e LedgerEntry) string { return given(e.Reason) }},
	{"answered", func(e LedgerEntry) string { return given(e.Answered) }},
}

// written is a time as RFC 3339 has it; none is an empty cell.
func written(t *Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.RFC3339)
}

func counted(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// wantsFile says whether the answer is to be CSV: format says so or, where it
// says nothing, Accept likes it better than JSON (RFC 9110, 12.5.1).
func wantsFile(format string, accept []string) bool {
	if format != "" {
		return format == "csv"
	}
	all := strings.Join(accept, ",")
	return quality(all, csvMedia) > quality(all, echo.MIMEApplicationJSON)
}

// quality is how much a media type that is named in Accept is liked, from 0 to
// 1.
func quality(accept, media string) float64 {
	for part := range strings.SplitSeq(accept, ",") {
		name, params, err := mime.ParseMediaType(part)
		if err != nil || name != media {
			continue
		}
		if q, err := strconv.ParseFloat(cmp.Or(params["q"], "1"), 64); err == nil {
			return q
		}
	}
	return 0
}

// ledgerFile answers everything that a filter finds, written while it is read.
// What is refused is refused before the first row; an error after it breaks
// the transfer off, so that no part is taken for the whole.
func (h handlers) ledgerFile(c echo.Context, f scheduling.MessageFilter) error {
	f.Page = scheduling.Page{Limit: rowsAtOnce}
	rows, next, err := h.Ledger.Messages(c.Request().Context(), f)
	if err != nil {
		return err
	}
	zone, err := h.zone(c, f.Office)
	if err != nil {
		return err
	}
	w, err := beginFile(c)
	for ; err == nil; rows, next, err = h.moreRows(c, f) {
		if err := writeRows(c, w, rows, zone); err != nil {
			return err
		}
		if next == "" {
			return nil
		}
		f.Page.After = next
	}
	return err
}

// beginFile writes the headers and the header row.
func beginFile(c echo.Context) (*csv.Writer, error) {
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, csvMedia+"; charset=utf-8; header=present") // RFC 4180, section 3
	header.Set(echo.HeaderContentDisposition, `attachment; filename="messages.csv"`)
	c.Response().WriteHeader(http.StatusOK)
	if _, err := c.Response().Write([]byte(byteOrderMark)); err != nil {
		return nil, fmt.Errorf("begin the file: %w", err)
	}
	w := csv.NewWriter(c.Response())
	w.UseCRLF = true // RFC 4180, section 2
	names := make([]string, len(ledgerColumns))
	for i, column := range ledgerColumns {
		names[i] = column.name
	}
	return w, w.Write(names)
}

// moreRows reads on. A caller who has gone is noticed when the rows are
// written.
func (h handlers) moreRows(c echo.Context, f scheduling.MessageFilter) ([]scheduling.LedgerEntry, string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), readWithin)
	defer cancel()
	return h.Ledger.Messages(ctx, f)
}

func writeRows(c echo.Context, w *csv.Writer, rows []scheduling.LedgerEntry, zone *time.Location) error {
	// A writer that knows no deadline is that of a test.
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(monotonic().Add(takeWithin))
	cells := make([]string, len(ledgerColumns))
	for _, row := range rows {
		entry := ledgerEntry(row, zone)
		for i, column := range ledgerColumns {
			cells[i] = harmless(column.cell(entry))
		}
		if err := w.Write(cells); err != nil {
			return fmt.Errorf("write a row: %w", err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("write rows: %w", err)
	}
	return nil
}

// formula is what makes a spreadsheet take a cell for one (OWASP, CSV
// Injection), the full-width forms among it.
const formula = "=+-@\t\r\n＝＋－＠"

// harmless puts an apostrophe before what a spreadsheet would take for a
// formula.
func harmless(cell string) string {
	if first, size := utf8.DecodeRuneInString(cell); size > 0 && strings.ContainsRune(formula, first) {
		return "'" + cell
	}
	return cell
}

// monotonic is the machine's own clock, for how long a call takes.
func monotonic() time.Time { return time.Now() } //nolint:forbidigo // how long a caller may take is not by the offices' clock
