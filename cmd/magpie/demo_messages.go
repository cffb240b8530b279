// What the demonstration shows beside the pages: the text messages.

package main

import (
	"time"

	"magpie/api/web"
	"magpie/notify/sms"
)

// shownMessages lists the messages as the page shows them, with times of the
// zone. Everybody who opens it reads every code: they are for invented numbers.
func shownMessages(inbox *sms.Recorder, zone *time.Location) func() []web.ShownMessage {
	return func() []web.ShownMessage {
		var out []web.ShownMessage
		for _, m := range inbox.Messages() {
			out = append(out, web.ShownMessage{At: m.At.In(zone).Truncate(time.Second), To: m.To, Text: m.Text, Sample: invented(m.To)})
		}
		return out
	}
}
