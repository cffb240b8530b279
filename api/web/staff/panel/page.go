package panel

import (
	"magpie/api/web/frame"
	"magpie/scheduling"
	"magpie/scheduling/account"
)

// Page is what the frame needs to know. Templates embed it, and say every
// sentence with Say.
type Page struct {
	frame.Page

	// Heading is the page's, and its title: a staff's browser is the office's own.
	Heading string
	// Member is who is signed in; zero on the page for signing in.
	Member scheduling.Staff
	// Links is the way between the pages, for the roles at hand.
	Links []Link
	// Said is what was done, with the way to take it back; zero: nothing.
	Said Said
	// Key makes the page's forms safe to be sent twice.
	Key string
	// Fresh says that the page shows what others do, without being loaded anew.
	Fresh bool
	// Scripts are loaded beside the frame's own.
	Scripts []frame.Asset
	Styles  []frame.Asset
}

// Link is one page of the way.
type Link struct {
	To, Said string
	Here     bool
}

// Said is a sentence for the next page.
type Said struct {
	Text string `json:"text"`
	// Undo is where a POST takes it back; empty: it cannot be.
	Undo string `json:"undo,omitempty"`
	// Wrong says that it was refused.
	Wrong bool `json:"wrong,omitempty"`
}

// Title names the page.
func (p Page) Title() string {
	if p.Office == nil {
		return p.Heading
	}
	return p.Heading + " · " + p.Sender()
}

// Roles are the roles of whoever is signed in, in words.
func (p Page) Roles(all []account.Role) string {
	out := ""
	for i, r := range all {
		if i > 0 {
			out += p.Say("、", ", ")
		}
		out += p.Role(r)
	}
	return out
}

// Role is a role in words.
func (p Page) Role(r account.Role) string {
	switch r {
	case account.Counsellor:
		return p.Say("老师", "Counsellor")
	case account.Desk:
		return p.Say("前台", "Front desk")
	case account.Director:
		return p.Say("主任", "Director")
	case account.Auditor:
		return p.Say("审计", "Auditor")
	}
	return string(r)
}
