// The thirty days of a divorce application: until when it may be withdrawn,
// and from when to when the certificate may be applied for.

package calendar

import (
	"errors"
	"fmt"
	"time"
)

// Practice says which of the two periods of thirty days moves to the next
// working day when it would end on a day of rest. The sources read do not
// agree, so an office chooses.
type Practice int

const (
	// RollBoth moves both periods (Civil Code art. 203, as registration
	// offices commonly apply it).
	RollBoth Practice = iota
	// RollSecond moves the second alone, at which the sentence stands in the
	// ministry's order (民发〔2020〕116号).
	RollSecond
)

// Errors of [ThirtyDays], to be asked for with errors.Is.
var (
	ErrRestDay         = errors.New("an application is not received on a day of rest")
	ErrBeforeCivilCode = errors.New("the thirty days exist since 2021-01-01")
)

// Step is one step of the computation: a rule in words a clerk understands, in
// English and in Chinese, where it stands, and the date it leads to.
type Step struct {
	Rule, RuleZH, Source string
	Date                 Date
}

// Thirty holds the dates of one application, each lasting until the office
// closes (Civil Code art. 203). The receipt that the office gave out goes
// before them.
type Thirty struct {
	WithdrawUntil    Date // last day on which either party may withdraw
	CertificateFrom  Date // first day on which both may apply for the certificate; a working day
	CertificateUntil Date // last such day, a working day; after it the application counts as withdrawn
	Provisional      bool // a year that the computation touches has no holiday notice yet
	Steps            []Step
}

const (
	sourceStart   = "民法典第二百零一条 (Civil Code art. 201)"
	sourceRoll    = "民法典第二百零三条 (Civil Code art. 203)"
	sourceFirst   = "民法典第一千零七十七条第一款 (Civil Code art. 1077 para. 1)"
	sourceSecond  = "民法典第一千零七十七条第二款 (Civil Code art. 1077 para. 2)"
	sourceOrder   = "民发〔2020〕116号 (Ministry of Civil Affairs, 2020, no. 116)"
	sourceNotices = "国务院办公厅节假日安排通知 (State Council holiday notices)"
)

// civilCode is the day on which the Civil Code came into force (art. 1260).
var civilCode = NewDate(2021, time.January, 1)

// ParsePractice reads roll_both or roll_second.
func ParsePractice(s string) (Practice, error) {
	for _, p := range []Practice{RollBoth, RollSecond} {
		if s == p.String() {
			return p, nil
		}
	}
	return 0, fmt.Errorf("%q is neither roll_both nor roll_second", s)
}

// String writes the practice as in the office file.
func (p Practice) String() string {
	switch p {
	case RollBoth:
		return "roll_both"
	case RollSecond:
		return "roll_second"
	default:
		return fmt.Sprintf("Practice(%d)", int(p))
	}
}

// ThirtyDays computes the dates of an application received on a date (Civil
// Code art. 201, 203 and 1077). Days are counted, not a month: art. 202 is
// about months. The dates are civil dates of the place of the office.
//
// Receiving on a day of rest is [ErrRestDay], in a year not loaded too, where
// [Statutory.WorkingDay] can only presume one; before the Civil Code it is
// [ErrBeforeCivilCode].
func ThirtyDays(received Date, p Practice, s *Statutory) (Thirty, error) {
	if received < civilCode {
		return Thirty{}, fmt.Errorf("received on %s: %w", received, ErrBeforeCivilCode)
	}
	if working, _ := s.WorkingDay(received); !working {
		return Thirty{}, fmt.Errorf("received on %s: %w", received, ErrRestDay)
	}
	var t Thirty
	t.step(received, sourceStart,
		"The office received the application; this day is not counted.",
		"婚姻登记机关收到离婚登记申请，当日不计入。")
	t.first(received, p, s)
	t.second(s)
	t.warn(received, s)
	return t, nil
}

// first finds the end of the period in which the application may be withdrawn.
func (t *Thirty) first(received Date, p Practice, s *Statutory) {
	thirtieth := received.Add(30)
	t.step(thirtieth, sourceFirst,
		"Day thirty, counted from the day after.",
		"自收到申请次日起算的第三十日。")
	t.WithdrawUntil = thirtieth
	if last := s.nextWorking(thirtieth); last != thirtieth && p == RollBoth {
		t.WithdrawUntil = last
		t.step(last, sourceRoll,
			"Day thirty is a day of rest, so the period ends on the next working day.",
			"第三十日是法定休假日，顺延至休假日结束的次日。")
	} else if last != thirtieth {
		t.step(thirtieth, sourceOrder,
			"Day thirty is a day of rest; by this office's practice the first period does not move.",
			"第三十日是法定休假日；本机关的做法是第一个期限不顺延。")
	}
	t.step(t.WithdrawUntil, sourceFirst,
		"The last day on which either party may withdraw the application, until the office closes.",
		"任何一方可以撤回离婚登记申请的最后一日，至当日停止办公时止。")
}

// second finds the period in which both may apply for the certificate: thirty
// days from the end of the first, moved or not.
func (t *Thirty) second(s *Statutory) {
	t.CertificateFrom = s.nextWorking(t.WithdrawUntil.Add(1))
	t.step(t.CertificateFrom, sourceSecond,
		"The first working day after the first period: from this day both may apply for the certificate, in person.",
		"第一个期限届满后的第一个工作日：自该日起，双方可以亲自申请发给离婚证。")
	end := t.WithdrawUntil.Add(30)
	t.step(end, sourceSecond,
		"Day thirty of the second period.",
		"第二个期限的第三十日。")
	t.CertificateUntil = s.nextWorking(end)
	if t.CertificateUntil != end {
		t.step(t.CertificateUntil, sourceRoll,
			"That is a day of rest, so the period ends on the next working day.",
			"该日是法定休假日，顺延至休假日结束的次日。")
	}
	t.step(t.CertificateUntil, sourceSecond,
		"The last day on which both may apply for the certificate, until the office closes; after it the application counts as withdrawn.",
		"双方申请发给离婚证的最后一日，至当日停止办公时止；逾期视为撤回离婚登记申请。")
}

// warn marks the result provisional if a year from the first date to the last
// is not loaded, with the first date that may be wrong for it.
func (t *Thirty) warn(received Date, s *Statutory) {
	for year := received.Year(); year <= t.CertificateUntil.Year(); year++ {
		if s.Loaded(year) {
			continue
		}
		t.Provisional = true
		t.step(max(received, NewDate(year, time.January, 1)), sourceNotices,
			fmt.Sprintf("The holiday notice for %d is not loaded: dates from this day on are provisional.", year),
			fmt.Sprintf("%d年节假日安排尚未录入：该日起的日期仅为暂定。", year))
	}
}

func (t *Thirty) step(d Date, source, rule, ruleZH string) {
	t.Steps = append(t.Steps, Step{Rule: rule, RuleZH: ruleZH, Source: source, Date: d})
}

// nextWorking returns the first legal working day on or after a date.
func (s *Statutory) nextWorking(d Date) Date {
	for {
		if working, _ := s.WorkingDay(d); working {
			return d
		}
		d++
	}
}
