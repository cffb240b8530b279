package sms

// masTaken is the rspcod of a request whose data were right.
const masTaken = "success"

// masCodes are the rspcod with which 云MAS refuses a request: those that the
// HTTP interface's document lists, and those that its SDK (Err) and its clients
// know beside. A code that is not here is RetryLater.
//
// Three are Uncertain: they name a part that broke behind the interface, and
// not that the message was refused.
var masCodes = map[string]verdict{
	// The document's: 无效 mac, 无效的签名编码, 非法消息, 非法用户名/密码,
	// 未匹配到对应的签名信息, 手机号数量超限. We send one number at a time, and
	// every message in the same form, so that each is a matter of the set-up.
	"IllegalMac":      {SetUp, 0},
	"IllegalSignId":   {SetUp, 0},
	"InvalidMessage":  {SetUp, 0},
	"InvalidUsrOrPwd": {SetUp, 0},
	"NoSignId":        {SetUp, 0},
	"TooManyMobiles":  {SetUp, 0},

	"InvalidMobile": {WrongNumber, 0},

	"IllegalIpAddress":   {SetUp, 0},
	"NOT_WHITE_IP":       {SetUp, 0},
	"IllegalUseTemplate": {SetUp, 0},
	"NotLoadedSign":      {SetUp, 0},
	"IllegalMsgfmt":      {SetUp, 0},
	"IllegalProtocol":    {SetUp, 0},

	"OverDailyMax": {NoMoney, 0},

	"SystemBusy":      {RetryLater, 0},
	"QueueOverLimit":  {RetryLater, 0},
	"FlowOverLimit":   {RetryLater, 0},
	"RequestTooOften": {RetryLater, 0},

	"InternalError":  {Uncertain, 0},
	"RequestTimeout": {Uncertain, 0},
	"TransportError": {Uncertain, 0},
}
