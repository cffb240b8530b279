// What is different between two offices.

package office

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"magpie/scheduling"
)

// Diff lists what must change for the old office to become the new one, a line
// each, in the order of the file. A line begins with "+" for what is new, "-"
// for what is removed and "~" for what is another value, as in
//
//	~ services.premarital.duration: 60m → 90m
//	+ rooms.tiaojie
//	- staff.fudao-a
//
// Rooms, services and staff are the same if their code or username is,
// exceptions if their date is, and templates of messages if they are for the
// same, as in office.texts.reminder.zh. The order of rooms, services and staff
// is that of pages and is compared; that of exceptions, closures of rooms,
// templates, words, roles, reminders, reply_cancels, second_factor and a person's
// services means nothing and is not. An old office of nil is one of which
// everything is new.
func Diff(old, new *scheduling.Office) []string {
	var before outline
	if old != nil {
		before = outlineOf(old)
	}
	after := outlineOf(new)
	out := compare(before.office, after.office)
	for i, section := range after.sections {
		var was part
		if old != nil {
			was = before.sections[i]
		}
		out = append(out, section.against(was)...)
	}
	return out
}

// outline is an office cut into what a clerk would name.
type outline struct {
	office   []line
	sections []part
}

// part is the section rooms, services or staff.
type part struct {
	name    string
	codes   []string
	entries map[string][]line
}

// line is one value: what is shown of it, and what of it counts. Nothing is
// shown of a value that is none.
type line struct {
	path, shown, counts string
}

func outlineOf(o *scheduling.Office) outline {
	var out outline
	root := document(o).Content
	for i := 0; i < len(root); i += 2 {
		name, n := root[i].Value, root[i+1]
		if n.Kind == yaml.MappingNode {
			out.office = lines(name, n)
			continue
		}
		p := part{name: name, entries: make(map[string][]line, len(n.Content))}
		for _, item := range n.Content {
			// The first key of an entry is the one that names it.
			code := item.Content[1].Value
			p.codes = append(p.codes, code)
			p.entries[code] = lines(name+"."+code, item)
		}
		out.sections = append(out.sections, p)
	}
	return out
}

// against compares a section with what it was.
func (p part) against(was part) []string {
	var out []string
	for _, code := range p.codes {
		if old, ok := was.entries[code]; ok {
			out = append(out, compare(old, p.entries[code])...)
		} else {
			out = append(out, "+ "+p.name+"."+code)
		}
	}
	for _, code := range was.codes {
		if _, ok := p.entries[code]; !ok {
			out = append(out, "- "+p.name+"."+code)
		}
	}
	stayed, stay := common(was, p), common(p, was)
	if !slices.Equal(stayed, stay) {
		out = append(out, "~ "+p.name+", their order: "+strings.Join(stayed, ", ")+" → "+strings.Join(stay, ", "))
	}
	return out
}

// common lists the codes of p that are in q too, in the order of p.
func common(p, q part) []string {
	var out []string
	for _, code := range p.codes {
		if _, ok := q.entries[code]; ok {
			out = append(out, code)
		}
	}
	return out
}

func compare(old, new []line) []string {
	var out []string
	was := make(map[string]line, len(old))
	for _, l := range old {
		was[l.path] = l
	}
	for _, l := range new {
		before := was[l.path]
		delete(was, l.path)
		switch {
		case l.counts == before.counts:
		case before.shown == "":
			out = append(out, "+ "+l.path+": "+l.shown)
		case l.shown == "":
			out = append(out, "- "+l.path+": "+before.shown)
		default:
			out = append(out, "~ "+l.path+": "+before.shown+" → "+l.shown)
		}
	}
	for _, l := range old {
		if _, left := was[l.path]; left && l.shown != "" {
			out = append(out, "- "+l.path+": "+l.shown)
		}
	}
	return out
}

// lines are the values of a tree, each with its path.
func lines(path string, n *yaml.Node) []line {
	switch {
	case n.Kind == yaml.MappingNode:
		var out []line
		for i := 0; i < len(n.Content); i += 2 {
			out = append(out, lines(path+"."+n.Content[i].Value, n.Content[i+1])...)
		}
		return out
	case n.Kind == yaml.SequenceNode && strings.HasSuffix(path, ".exceptions"):
		var out []line
		for _, e := range n.Content {
			shown := exceptionWords(e)
			out = append(out, line{path: path + "." + e.Content[1].Value, shown: shown, counts: shown})
		}
		return out
	case n.Kind == yaml.SequenceNode && strings.HasSuffix(path, ".templates"):
		var out []line
		for _, t := range n.Content {
			out = append(out, templateLines(strings.TrimSuffix(path, ".templates"), t)...)
		}
		return out
	case n.Kind == yaml.SequenceNode:
		return []line{listLine(path, n)}
	case n.Tag == "!!null":
		return []line{{path: path}}
	}
	return []line{{path: path, shown: n.Value, counts: n.Value}}
}

// templateLines are the body of a template, by what it is for, and its codes.
func templateLines(path string, n *yaml.Node) []line {
	path += "." + n.Content[1].Value + "." + n.Content[3].Value
	if n.Content[5].Value == "true" {
		path += ".neutral"
	}
	body := n.Content[7].Value
	return append([]line{{path: path, shown: body, counts: body}}, lines(path+".codes", n.Content[9])...)
}

// listLine is a list in one line. Hours count as they are grouped, numbers to
// call in the order in which they are shown, words and durations in whatever
// order.
func listLine(path string, n *yaml.Node) line {
	words := make([]string, len(n.Content))
	for i, item := range n.Content {
		words[i] = item.Value
		if item.Kind == yaml.MappingNode {
			words[i] = mappingWords(path, item)
		}
	}
	l := line{path: path, shown: strings.Join(words, ", ")}
	if len(words) == 0 {
		l.shown = "none"
	}
	if !strings.HasSuffix(path, ".hours") && !strings.HasSuffix(path, ".help") {
		slices.Sort(words)
	}
	l.counts = "[" + strings.Join(words, ", ") + "]"
	return l
}

// mappingWords writes an entry of a list: a number to call, or hours.
func mappingWords(path string, n *yaml.Node) string {
	if strings.HasSuffix(path, ".help") {
		name := n.Content[1]
		return name.Content[1].Value + " (" + name.Content[3].Value + ") " + n.Content[3].Value
	}
	if strings.HasSuffix(path, ".closed") {
		return n.Content[1].Value + "–" + n.Content[3].Value + ", " + textWords(n.Content[5])
	}
	return hoursWords(n)
}

// hoursWords writes the node of hours as mon tue 08:30–12:00, and when they
// hold where that is not always.
func hoursWords(n *yaml.Node) string {
	var days []string
	for _, d := range n.Content[1].Content {
		days = append(days, d.Value)
	}
	out := strings.Join(days, " ") + " " + n.Content[3].Value + "–" + n.Content[5].Value
	for i, said := range []string{" from ", " until "} {
		if date := n.Content[7+2*i]; date.Tag != "!!null" {
			out += said + date.Value
		}
	}
	if every := n.Content[11].Value; every != "1w" {
		out += " every " + every
	}
	return out
}

// textWords writes the node of a text whose English may be empty.
func textWords(n *yaml.Node) string {
	if en := n.Content[3].Value; en != "" {
		return n.Content[1].Value + " (" + en + ")"
	}
	return n.Content[1].Value
}

// exceptionWords writes the node of an exception without its date.
func exceptionWords(n *yaml.Node) string {
	if reason := n.Content[3]; reason.Kind == yaml.MappingNode {
		return "closed, " + textWords(reason)
	}
	return n.Content[3].Value + "–" + n.Content[5].Value
}
