package check

import (
	"slices"

	"magpie/api/web/keeping"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// Booking is what the draft asks for.
func Booking(r *visit.Request) scheduling.Booking {
	d := r.Draft
	b := scheduling.Booking{
		Actor: r.Actor, Idempotency: r.Key("book"), Office: d.Office, Service: d.Service, Start: d.Start, Hold: d.Hold,
		Wish: keeping.Wish(d), Locale: r.Page.Locale, Title: d.Title, Silent: d.Reach == visit.Silent, CodeWord: scheduling.NewPrivate(d.CodeWord),
	}
	for _, n := range d.Needs {
		b.Needs = append(b.Needs, scheduling.Need(n))
	}
	first := scheduling.PartyRequest{Name: scheduling.NewPrivate(d.Name)}
	phone := scheduling.NewPrivate(number(r))
	if d.Who == visit.Family {
		b.Contact = &scheduling.ContactRequest{Name: first.Name, Phone: phone, Relation: scheduling.NewPrivate(d.Relation)}
		first.Name = scheduling.NewPrivate(d.Visitor)
	} else {
		first.Phone = phone
	}
	b.Parties = append(b.Parties, first)
	for len(b.Parties) < keeping.Heads(r) {
		b.Parties = append(b.Parties, scheduling.PartyRequest{Name: scheduling.NewPrivate(r.Page.Say("同来的人", "Companion"))})
	}
	return b
}

// number is the proved number, or what was typed where none has to be proved.
func number(r *visit.Request) string {
	if r.SignedIn() {
		return r.Actor.Person.Phone.Reveal()
	}
	return r.Draft.Phone
}

// answers are the draft, as somebody reads it over. The service is not among
// them: whoever looks over the shoulder need not know.
func answers(r *visit.Request) []row {
	p, d := r.Page, r.Draft
	rows := []row{
		{Name: p.Say("时间", "Time"), Lines: when(p, d.Start, d.End), Change: r.To(visit.Day)},
		{Name: p.Say("希望谁接待", "To see"), Lines: []string{whom(r)}, Change: r.To(visit.Time)},
		{Name: p.Say("称呼", "Name"), Lines: []string{called(r)}, Change: r.To(visit.Who)},
		{Name: p.Say("谁来", "Who comes"), Lines: []string{who(r)}, Change: r.To(visit.Who)},
	}
	if len(d.Needs) > 0 || d.Accessible {
		rows = append(rows, row{Name: p.Say("需要", "Needs"), Lines: needs(r), Change: r.To(visit.Who)})
	}
	if n := number(r); n != "" {
		rows = append(rows, row{Name: p.Say("手机号", "Number"), Lines: []string{scheduling.NewPrivate(n).Masked()}, Change: r.To(visit.Number)})
	}
	return append(rows, row{Name: p.Say("怎么联系您", "Messages"), Lines: []string{reach(r)}, Change: r.To(visit.Safe)})
}

func whom(r *visit.Request) string {
	p, d := r.Page, r.Draft
	if c, known := r.Office.StaffMember(d.Counsellor); known {
		return p.Text(c.Name)
	}
	switch d.Gender {
	case "female":
		return p.Say("女老师", "A woman")
	case "male":
		return p.Say("男老师", "A man")
	}
	return p.Say("谁都可以", "Anybody")
}

func called(r *visit.Request) string {
	title := map[string]string{"ms": r.Page.Say("女士", "Ms "), "mr": r.Page.Say("先生", "Mr ")}[r.Draft.Title]
	if r.Page.English() {
		return title + r.Draft.Name
	}
	return r.Draft.Name + title
}

func who(r *visit.Request) string {
	switch r.Draft.Who {
	case visit.Together:
		return r.Page.Say("两个人一起", "Two together")
	case visit.Family:
		return r.Draft.Visitor + r.Page.Say("（%s）", " (%s)", r.Draft.Relation)
	}
	return r.Page.Say("我一个人", "I alone")
}

func needs(r *visit.Request) []string {
	p, d := r.Page, r.Draft
	var out []string
	if d.Accessible || slices.Contains(d.Needs, "step_free") {
		out = append(out, p.Say("无障碍房间", "A room without steps"))
	}
	if slices.Contains(d.Needs, "hearing") {
		out = append(out, p.Say("听力不便", "Hard of hearing"))
	}
	if slices.Contains(d.Needs, "child") {
		out = append(out, p.Say("带小孩", "A child comes along"))
	}
	return out
}

func reach(r *visit.Request) string {
	if r.Draft.Reach == visit.Silent {
		return r.Page.Say("不发短信", "No texts")
	}
	return r.Page.Say("短信", "Texts")
}
