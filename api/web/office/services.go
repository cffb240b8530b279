package office

import (
	"context"
	"slices"
	"time"

	"magpie/api/web/frame"
	"magpie/scheduling"
)

// soonDays is how far a search for the first free time looks at first, in days:
// most often something is found there, and what lies behind is not read.
const soonDays = 14

// card is a service as it is offered.
type card struct {
	Code, Name string
	Words      string // what it is, as people say it
	Caution    string // what to know before one asks the other to come
	Facts      []string
	First      string // when it is free next
}

func cards(ctx context.Context, p frame.Page, use Use, now time.Time) ([]card, error) {
	var out []card
	for _, s := range p.Office.Services {
		first, err := firstFree(ctx, p, use, s, now)
		if err != nil {
			return nil, err
		}
		out = append(out, card{
			Code: s.Code, Name: p.Text(s.Name), Words: words(p, s.Kind), Caution: caution(p, s.Kind),
			Facts: facts(p, s), First: first,
		})
	}
	return out, nil
}

// words say what a kind of service is.
func words(p frame.Page, kind string) string {
	switch kind {
	case "premarital":
		return p.Say("准备结婚，想聊聊以后的日子", "You are getting married and would like to talk about the life ahead")
	case "family":
		return p.Say("夫妻之间、家里有烦心事，想找人说说", "Something troubles you at home or between the two of you, and you would like to talk")
	case "mediation":
		return p.Say("两个人想好好谈一谈，请人在中间帮忙", "The two of you want to talk things over, with somebody in between")
	case "legal":
		return p.Say("财产、孩子、手续上的事，请律师给您讲讲", "Property, children, paperwork: a lawyer explains")
	}
	return ""
}

// caution is said where two people come who may not want the same: mediation
// needs the will of both (人民调解法 art. 17), and nobody has to sit opposite
// somebody they are afraid of.
func caution(p frame.Page, kind string) string {
	if kind != "mediation" {
		return ""
	}
	i := slices.IndexFunc(p.Office.Services, func(s scheduling.Service) bool { return s.Kind == "family" && s.Parties.Min == 1 })
	if i < 0 {
		return p.Say("两个人都愿意才安排；如果您怕对方，请先打12338", "Only if both agree. If you are afraid of the other, please call 12338 first")
	}
	return p.Say("两个人都愿意才安排；如果您怕对方，请先单独约“%s”，或打12338",
		"Only if both agree. If you are afraid of the other, please book \"%s\" alone first, or call 12338", p.Text(p.Office.Services[i].Name))
}

// facts are how long it takes and whom it is for.
func facts(p frame.Page, s scheduling.Service) []string {
	out := []string{p.Say("%d分钟", "%d minutes", int(s.Duration.Minutes())), people(p, s)}
	if s.Places > 1 {
		out = append(out, p.Say("和别人一起听，一场%d个名额", "together with others, %d places", s.Places))
	}
	return out
}

// people say who may come.
func people(p frame.Page, s scheduling.Service) string {
	least, most := s.Parties.Min, s.Parties.Max
	switch {
	case most == 1:
		return p.Say("一个人来", "for one person")
	case least == most:
		return p.Say("%d个人一起来", "%d people together", most)
	case least == 1 && most == 2:
		return p.Say("一个人、两个人来都行", "alone or as two")
	}
	return p.Say("%d到%d个人", "%d to %d people", least, most)
}

// firstFree says when a service is free next.
func firstFree(ctx context.Context, p frame.Page, use Use, s scheduling.Service, now time.Time) (string, error) {
	today := p.DayOf(now)
	last, full := today.Add(s.HorizonDays()), false
	for from, span := today, soonDays; from <= last; from, span = from.Add(span), scheduling.MaxSearchDays {
		days, err := use.Find(ctx, scheduling.Search{Office: p.Office.Code, Service: s.Code, From: from, To: min(last, from.Add(span-1))})
		if err != nil {
			return "", err
		}
		for _, d := range days {
			if len(d.Slots) > 0 {
				return p.Say("最早 %s", "first free: %s", p.Moment(d.Slots[0].Start)), nil
			}
			full = full || d.Closed != nil && d.Closed.Code == scheduling.DayFull
		}
	}
	if full {
		return p.Say("约满了，请打电话", "fully booked, please call"), nil
	}
	return p.Say("网上暂时约不了，请打电话", "not to be booked online for now, please call"), nil
}

// access says where one gets without steps.
type access struct {
	All     bool // every service has such a room
	None    bool // no service has
	Rooms   int  // how many there are
	With    string
	Without string
}

// accessOf counts the rooms of the services; those of registration itself are
// not booked here.
func accessOf(p frame.Page) access {
	var with, without []string
	rooms := map[string]bool{}
	for _, s := range p.Office.Services {
		stepFree := p.Office.RoomsFor(s, s.Parties.Min, true)
		for _, r := range stepFree {
			rooms[r.Code] = true
		}
		if len(stepFree) > 0 {
			with = append(with, p.Text(s.Name))
		} else {
			without = append(without, p.Text(s.Name))
		}
	}
	return access{
		All: len(without) == 0 && len(with) > 0, None: len(with) == 0, Rooms: len(rooms),
		With: listed(p, with), Without: listed(p, without),
	}
}

func listed(p frame.Page, names []string) string {
	out := ""
	for i, name := range names {
		if i > 0 {
			out += p.Say("、", ", ")
		}
		out += name
	}
	return out
}
