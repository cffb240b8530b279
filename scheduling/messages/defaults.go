package messages

// bodies are the words that are built in: courteous, and no more than the
// person needs. A Chinese one is one segment without its sections. The neutral
// ones are as from an acquaintance: nothing in them says that an office writes,
// and they ask for no reply, since 2 never cancels for whoever wants them and
// an acquaintance offers no way to stop reminders.
var bodies = map[Key]string{
	{Code, ZH, false}:      "您好，验证码{code}，{minutes}分钟内有效，请勿告诉他人。如非本人操作，请不必理会。",
	{Booked, ZH, false}:    "您好，{start}已为您约好，编号{reference}。改期或取消请致电{phone}。",
	{Moved, ZH, false}:     "您好，已为您改到{start}，编号{reference}。如有疑问请致电{phone}。",
	{Cancelled, ZH, false}: "您好，{start}的预约已取消，编号{reference}。再约请致电{phone}。",
	{Reminder, ZH, false}:  "您好，请记得{start}的预约，编号{reference}。[1:能来请回复1，]不能来请[2:回复2或]致电{phone}。[T:不再提醒请回复T。]",
	{Offer, ZH, false}:     "您好，{start}要换时间，编号{reference}。请上网另选，或致电{phone}。",

	{Code, EN, false}:      "Hello, your code {code} holds {minutes} minutes. Please tell nobody.",
	{Booked, EN, false}:    "Hello, you are booked for {start}, number {reference}. To change or cancel, please call {phone}.",
	{Moved, EN, false}:     "Hello, your appointment on {old_day} is now on {start}, number {reference}. Questions? Call {phone}.",
	{Cancelled, EN, false}: "Hello, your appointment on {start}, number {reference}, is cancelled. To book again, call {phone}.",
	{Reminder, EN, false}:  "Hello, a reminder of your appointment on {start}, number {reference}. [1:Reply 1 if you come. ]If you cannot come, [2:reply 2 or ]call {phone}.[T: Reply T to stop reminders.]",
	{Offer, EN, false}:     "Hello, your time on {start}, number {reference}, must change. Please choose online or call {phone}.",

	{Code, ZH, true}:      "您好，验证码{code}，{minutes}分钟内有效，请勿告诉他人。如非本人操作，请不必理会。",
	{Booked, ZH, true}:    "您好，{start}已为您留好，编号{reference}。如需改动请致电{phone}。",
	{Moved, ZH, true}:     "您好，已为您改到{start}，编号{reference}。如有疑问请致电{phone}。",
	{Cancelled, ZH, true}: "您好，{start}的安排已取消，编号{reference}。另约时间请致电{phone}。",
	{Reminder, ZH, true}:  "您好，请记得{start}的安排，编号{reference}。时间不便请致电{phone}。",
	{Offer, ZH, true}:     "您好，{start}要换时间，编号{reference}。请上网另选，或致电{phone}。",

	{Code, EN, true}:      "Hello, your code {code} holds {minutes} minutes. Please tell nobody.",
	{Booked, EN, true}:    "Hello, {start} is kept for you, number {reference}. If it does not suit you, please call {phone}.",
	{Moved, EN, true}:     "Hello, your time is now {start}, number {reference}. Questions? Please call {phone}.",
	{Cancelled, EN, true}: "Hello, your time on {start}, number {reference}, is cancelled. For another time, please call {phone}.",
	{Reminder, EN, true}:  "Hello, please keep {start} in mind, number {reference}. If you cannot make it, please call {phone}.",
	{Offer, EN, true}:     "Hello, your time on {start}, number {reference}, must change. Please choose online or call {phone}.",
}

// Default is the template that is built in. A language there is none in is
// Chinese; a kind that does not exist has no words, and a message without words
// is refused where it would be sent.
func Default(k Key) Template {
	body, ok := bodies[k]
	if !ok && k.Locale != EN {
		body = bodies[Key{Kind: k.Kind, Locale: ZH, Neutral: k.Neutral}]
	}
	return Template{Key: k, Body: body}
}

// Defaults lists every template that is built in: the ordinary ones first, of
// these the Chinese, by kind.
func Defaults() []Template {
	out := make([]Template, 0, len(bodies))
	for _, neutral := range []bool{false, true} {
		for _, l := range []Locale{ZH, EN} {
			for _, k := range Kinds() {
				out = append(out, Default(Key{Kind: k, Locale: l, Neutral: neutral}))
			}
		}
	}
	return out
}
