// Package trouble is an error as a page: what happened in plain words, what to
// do next, and when to come back. It asks nothing of anybody, so that it can be
// shown when nothing else works.
package trouble

import (
	_ "embed"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/problem"
	"magpie/api/web/frame"
	"magpie/scheduling"
)

// told is how much of a request's id is told on the telephone: 40 random bits,
// which find its line in the log of a day.
const told = 8

//go:embed trouble.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Heading, Words string
	Again          string // the address to try again; empty: that would not help
	Number         string // of the request, for the telephone; empty: not needed
	Call           bool   // the telephone may help
	Home           string
}

// Show answers with the page of a problem. again is the address at which the
// same may work later; empty: there is none.
func Show(c echo.Context, p frame.Page, of problem.Problem, again string) error {
	out := page{Page: p, Home: "/"}
	if p.Office != nil {
		out.Home = "/o/" + p.Office.Code
	}
	out.Heading, out.Words = words(p, of)
	switch of.Code {
	case scheduling.CodeInternal:
		out.Again, out.Call = again, true
		id := c.Response().Header().Get(echo.HeaderXRequestID)
		out.Number = grouped(id[:min(len(id), told)])
	case scheduling.CodeOverloaded, scheduling.CodeRateLimited, scheduling.CodeMalformed, scheduling.CodeTooLarge:
		out.Again = again
	case scheduling.CodeNotFound, scheduling.CodeForbidden, scheduling.CodeUnauthenticated, scheduling.CodeMethodNotAllowed:
	default:
		out.Again, out.Call = again, true
	}
	return template.Show(c, of.Status, out)
}

// words say what a problem is, and what to do.
func words(p frame.Page, of problem.Problem) (heading, what string) {
	switch of.Code {
	case scheduling.CodeNotFound:
		return p.Say("没有找到这一页", "This page cannot be found"),
			p.Say("网址可能少抄了几个字，或者这一页已经没有了。从首页都能找到。", "The address may be incomplete, or the page is gone. You can find everything from the start.")
	case scheduling.CodeForbidden:
		return p.Say("请从我们的网页进来", "Please come in through our pages"),
			p.Say("刚才的请求是从别的网站发来的，为了安全没有办。请从首页重新来。", "That request came from another website. For your safety nothing was done. Please begin from the start.")
	case scheduling.CodeUnauthenticated:
		return p.Say("请重新验证一次", "Please prove your number again"),
			p.Say("为了您的安全，验证过一段时间就失效。请从首页重新来，约好的时间不受影响。", "For your safety a proof lasts only a while. Please begin from the start; what you have booked is not affected.")
	case scheduling.CodeMethodNotAllowed:
		return p.Say("这一页不能这样打开", "This page does not open like that"),
			p.Say("请从首页重新来。", "Please begin from the start.")
	case scheduling.CodeMalformed:
		return p.Say("刚才没有收全", "That did not arrive whole"),
			p.Say("可能是网络断了一下。请回去再按一次，不会约重。", "The connection may have broken for a moment. Please go back and press again: nothing is booked twice.")
	case scheduling.CodeTooLarge:
		return p.Say("内容太长了", "That is too long"),
			p.Say("请回去写短一点再试。", "Please go back and write less.")
	case scheduling.CodeRateLimited:
		return p.Say("试的次数太多了，请歇一会儿", "Too many tries, please wait a little"),
			p.Say("为了大家的安全，试的次数有限。请过%s再来。", "For everybody's safety the number of tries is limited. Please come back in %s.", wait(p, of.Wait()))
	case scheduling.CodeOverloaded:
		return p.Say("现在人有点多", "Very busy just now"),
			p.Say("请等%s，再试一次。再按一次没关系，不会约重。", "Please wait %s and try again. Pressing again does no harm: nothing is booked twice.", wait(p, of.Wait()))
	case scheduling.CodeInternal:
		return of.Title, p.Say("不是您的错。请过几分钟再试一次，不会约重。", "It is not your fault. Please try again in a few minutes: nothing is booked twice.")
	case scheduling.CodeTooLate:
		return of.Title, p.Say("网上改不了了，请打电话给我们。", "It cannot be changed here any more: please call us.")
	}
	return of.Title, p.Say("请回到刚才那一页看看最新情况。", "Please go back to the page before and look at how things stand.")
}

// wait is a time to wait, in words and rounded up: whoever comes back then is
// not too early.
func wait(p frame.Page, d time.Duration) string {
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch {
	case d <= time.Second:
		return p.Say("1秒", "a second")
	case d <= time.Minute:
		return p.Say("%d秒", "%d seconds", up(time.Second))
	case d <= time.Hour:
		return p.Say("%d分钟", "%d minutes", up(time.Minute))
	}
	return p.Say("%d小时", "%d hours", up(time.Hour))
}

func grouped(id string) string {
	if len(id) < told {
		return id
	}
	return id[:told/2] + " " + id[told/2:]
}
