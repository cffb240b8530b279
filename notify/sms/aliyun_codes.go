package sms

// aliyunFlowControl is the code of the limits for one number; its message says
// which of them, see aliyunWait.
const aliyunFlowControl = "isv.BUSINESS_LIMIT_CONTROL"

// aliyunCodes are the codes with which Alibaba Cloud refuses a SendSms: those of
// the SMS service (help.aliyun.com, document 101346, and those of 101347 that
// the platform itself gives) and those of the API gateway in front of it
// (document 2593177 and the list of common codes). A code that is not here is
// RetryLater.
//
// Four are Uncertain. isp.GATEWAY_ERROR, InternalError and ServiceUnavailable
// name a part that broke, not a decision; and a nonce that was used already says
// that the same request has come before, and may have been taken then.
var aliyunCodes = map[string]verdict{
	// One number is asked too often.
	aliyunFlowControl:   {RetryLater, afterHour},
	"MOBILE_SEND_LIMIT": {RetryLater, afterDay},

	// The platform cannot now.
	"isp.SYSTEM_ERROR":   {RetryLater, 0},
	"IS_CLOSE":           {RetryLater, 0},
	"Throttling":         {RetryLater, 0},
	"Throttling.Api":     {RetryLater, 0},
	"Throttling.User":    {RetryLater, 0},
	"isp.GATEWAY_ERROR":  {Uncertain, 0},
	"InternalError":      {Uncertain, 0},
	"ServiceUnavailable": {Uncertain, 0},
	"SignatureNonceUsed": {Uncertain, 0},

	// The number.
	"isv.MOBILE_NUMBER_ILLEGAL":   {WrongNumber, 0},
	"isv.BLACK_KEY_CONTROL_LIMIT": {WrongNumber, 0},
	"isv.CUSTOMER_REFUSED":        {WrongNumber, 0},
	"MOBILE_IN_BLACK":             {WrongNumber, 0},
	"MOBILE_NOT_ON_SERVICE":       {WrongNumber, 0},
	"MOBILE_ACCOUNT_ABNORMAL":     {WrongNumber, 0},
	"INVALID_NUMBER":              {WrongNumber, 0},
	"USER_REJECT":                 {WrongNumber, 0},

	// Money, and the ceilings that the county itself set at the vendor's.
	"isv.OUT_OF_SERVICE":      {NoMoney, 0},
	"isv.AMOUNT_NOT_ENOUGH":   {NoMoney, 0},
	"isv.DAY_LIMIT_CONTROL":   {NoMoney, 0},
	"isv.MONTH_LIMIT_CONTROL": {NoMoney, 0},

	// The text.
	"isv.SMS_CONTENT_ILLEGAL":                {Content, 0},
	"isv.UNSUPPORTED_CONTENT":                {Content, 0},
	"isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE": {Content, 0},
	"CONTENT_KEYWORD":                        {Content, 0},
	"CONTENT_ERROR":                          {Content, 0},

	// The signature.
	"isv.SMS_SIGNATURE_ILLEGAL":       {SetUp, 0},
	"isv.SMS_SIGNATURE_SCENE_ILLEGAL": {SetUp, 0},
	"isv.SMS_SIGN_ILLEGAL":            {SetUp, 0},
	"isv.SMS_SIGN_NAME_ILLEGAL":       {SetUp, 0},
	"isv.SIGN_NAME_ILLEGAL":           {SetUp, 0},
	"isv.SIGN_STATE_ILLEGAL":          {SetUp, 0},
	"isv.SIGN_SOURCE_ILLEGAL":         {SetUp, 0},
	"isv.EXTEND_CODE_ERROR":           {SetUp, 0},
	"isv.ONE_CODE_MULTIPLE_SIGN":      {SetUp, 0},
	"isv.CODE_EXCEED_LIMIT":           {SetUp, 0},
	"isv.CODE_ERROR":                  {SetUp, 0},
	"SIGNATURE_BLACKLIST":             {SetUp, 0},
	"PORT_NOT_REGISTERED":             {SetUp, 0},

	// The template and what fills it.
	"isv.SMS_TEMPLATE_ILLEGAL":             {SetUp, 0},
	"isv.TEMPLATE_MISSING_PARAMETERS":      {SetUp, 0},
	"isv.TEMPLATE_PARAMS_ILLEGAL":          {SetUp, 0},
	"isv.INVALID_JSON_PARAM":               {SetUp, 0},
	"isv.INVALID_PARAMETERS":               {SetUp, 0},
	"isv.PARAM_LENGTH_LIMIT":               {SetUp, 0},
	"isv.PARAM_NOT_SUPPORT_URL":            {SetUp, 0},
	"isv.MOBILE_COUNT_OVER_LIMIT":          {SetUp, 0},
	"isv.DOMESTIC_NUMBER_NOT_SUPPORTED":    {SetUp, 0},
	"isv.SMS_TEST_NUMBER_LIMIT":            {SetUp, 0},
	"isv.SMS_TEST_SIGN_TEMPLATE_LIMIT":     {SetUp, 0},
	"isv.SMS_TEST_TEMPLATE_PARAMS_ILLEGAL": {SetUp, 0},
	"template_parameter_count_illegal":     {SetUp, 0},
	"PARAMS_ILLEGAL":                       {SetUp, 0},
	"NO_ROUTE":                             {SetUp, 0},

	// The account.
	"isv.ACCOUNT_NOT_EXISTS":      {SetUp, 0},
	"isv.ACCOUNT_ABNORMAL":        {SetUp, 0},
	"isv.SECURITY_FROZEN_ACCOUNT": {SetUp, 0},
	"isv.PRODUCT_UN_SUBSCRIPT":    {SetUp, 0},
	"isv.PRODUCT_UNSUBSCRIBE":     {SetUp, 0},
	"isv.DENY_IP_RANGE":           {SetUp, 0},
	"isp.RAM_PERMISSION_DENY":     {SetUp, 0},
	"Forbidden":                   {SetUp, 0},
	"Forbidden.RAM":               {SetUp, 0},
	"Forbidden.RiskControl":       {SetUp, 0},
	"Forbidden.UserVerification":  {SetUp, 0},

	// The request, its key and its date: this machine's clock counts here.
	"MissingAccessKeyId":          {SetUp, 0},
	"InvalidAccessKeyId.NotFound": {SetUp, 0},
	"InvalidAccessKeyId.Inactive": {SetUp, 0},
	"SignatureDoesNotMatch":       {SetUp, 0},
	"IncompleteSignature":         {SetUp, 0},
	"InvalidSignatureMethod":      {SetUp, 0},
	"InvalidTimeStamp.Expired":    {SetUp, 0},
	"InvalidTimeStamp.Format":     {SetUp, 0},
	"IllegalTimestamp":            {SetUp, 0},
	"InvalidAction":               {SetUp, 0},
	"InvalidAction.NotFound":      {SetUp, 0},
	"InvalidApi.NotFound":         {SetUp, 0},
	"InvalidVersion":              {SetUp, 0},
	"NoSuchVersion":               {SetUp, 0},
	"UnsupportedHTTPMethod":       {SetUp, 0},
	"UnsupportedOperation":        {SetUp, 0},
	"MissingParameter":            {SetUp, 0},
	"InvalidParameter":            {SetUp, 0},
	"InvalidParameter.Format":     {SetUp, 0},
}
