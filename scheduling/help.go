package scheduling

// HelpLine is a number to call in danger or for advice.
type HelpLine struct {
	Name  Text // without the number
	Phone string
}

// DefaultExit is where the quick exit leads unless an office says otherwise: an
// ordinary page that anybody may have open.
const DefaultExit = "https://www.weather.com.cn/"

// DefaultHelp are the numbers that every page shows unless an office says
// otherwise. They are the same in all of mainland China.
func DefaultHelp() []HelpLine {
	return []HelpLine{
		{Text{ZH: "报警", EN: "Police"}, "110"},
		{Text{ZH: "妇联", EN: "Women's Federation"}, "12338"},
		{Text{ZH: "法律援助", EN: "Legal aid"}, "12348"},
		{Text{ZH: "政务热线", EN: "Government hotline"}, "12345"},
	}
}
