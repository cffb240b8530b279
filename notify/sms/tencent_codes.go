package sms

// tencentCodes are the codes with which Tencent Cloud refuses a SendSms: those
// of the SMS service (cloud.tencent.com, document 382/59177, and the list of
// SendSms in the vendor's own client) and those of the API in front of it
// (document 382/52075). A code that is not here is RetryLater.
//
// Four are Uncertain: what broke, timed out or was not understood between vendor and
// carrier may have been sent, although the vendor advises to try again.
var tencentCodes = map[string]verdict{
	// One number is asked too often.
	"LimitExceeded.DeliveryFrequencyLimit":           {RetryLater, afterHour},
	"LimitExceeded.PhoneNumberThirtySecondLimit":     {RetryLater, afterHalfMinute},
	"LimitExceeded.PhoneNumberOneHourLimit":          {RetryLater, afterHour},
	"LimitExceeded.PhoneNumberDailyLimit":            {RetryLater, afterDay},
	"LimitExceeded.PhoneNumberSameContentDailyLimit": {RetryLater, afterDay},

	// The platform cannot now.
	"RequestLimitExceeded":                              {RetryLater, 0},
	"RequestLimitExceeded.IPLimitExceeded":              {RetryLater, 0},
	"RequestLimitExceeded.UinLimitExceeded":             {RetryLater, 0},
	"RequestLimitExceeded.GlobalRegionUinLimitExceeded": {RetryLater, 0},
	"ServiceUnavailable":                                {RetryLater, 0},
	"FailedOperation":                                   {RetryLater, 0},
	"FailedOperation.ParametersOtherError":              {RetryLater, 0},
	"InternalError.OtherError":                          {RetryLater, 0},
	"InternalError.UnknownError":                        {RetryLater, 0},
	"InternalError":                                     {Uncertain, 0},
	"InternalError.Timeout":                             {Uncertain, 0},
	"InternalError.SendAndRecvFail":                     {Uncertain, 0},
	"InternalError.ParseBackendResponseFail":            {Uncertain, 0},

	// The number.
	"FailedOperation.PhoneNumberInBlacklist":                    {WrongNumber, 0},
	"FailedOperation.PhoneNumberParseFail":                      {WrongNumber, 0},
	"InvalidParameterValue.IncorrectPhoneNumber":                {WrongNumber, 0},
	"UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone": {WrongNumber, 0},

	// Money, and the ceilings that the county itself set at the vendor's. The
	// clients of the vendor and its document spell one of them differently.
	"FailedOperation.InsufficientBalanceInSmsPackage":  {NoMoney, 0},
	"UnauthorizedOperation.SerivceSuspendDueToArrears": {NoMoney, 0},
	"UnauthorizedOperation.ServiceSuspendDueToArrears": {NoMoney, 0},
	"LimitExceeded":                              {NoMoney, 0},
	"LimitExceeded.DailyLimit":                   {NoMoney, 0},
	"LimitExceeded.AppDailyLimit":                {NoMoney, 0},
	"LimitExceeded.AppGlobalDailyLimit":          {NoMoney, 0},
	"LimitExceeded.AppMainlandChinaDailyLimit":   {NoMoney, 0},
	"LimitExceeded.AppCountryOrRegionDailyLimit": {NoMoney, 0},

	// The text.
	"FailedOperation.ContainSensitiveWord":         {Content, 0},
	"InvalidParameter.DirtyWordFound":              {Content, 0},
	"InvalidParameterValue.ContentLengthLimit":     {Content, 0},
	"InvalidParameterValue.TemplateWithDirtyWords": {Content, 0},

	// The signature.
	"FailedOperation.SignatureIncorrectOrUnapproved": {SetUp, 0},
	"FailedOperation.MissingSignatureList":           {SetUp, 0},
	"FailedOperation.SignIdNotExist":                 {SetUp, 0},
	"InvalidParameterValue.SignNameLengthTooLong":    {SetUp, 0},

	// The template and what fills it.
	"FailedOperation.TemplateIncorrectOrUnapproved":                   {SetUp, 0},
	"FailedOperation.TemplateUnapprovedOrNotExist":                    {SetUp, 0},
	"FailedOperation.TemplateIdNotExist":                              {SetUp, 0},
	"FailedOperation.TemplateParamSetNotMatchApprovedTemplate":        {SetUp, 0},
	"FailedOperation.MissingTemplateList":                             {SetUp, 0},
	"FailedOperation.MarketingSendTimeConstraint":                     {SetUp, 0},
	"InvalidParameterValue.InvalidTemplateFormat":                     {SetUp, 0},
	"InvalidParameterValue.MarketingTemplateWithoutUnsubscribe":       {SetUp, 0},
	"InvalidParameterValue.ProhibitedUseUrlInTemplateParameter":       {SetUp, 0},
	"InvalidParameterValue.TemplateParameterFormatError":              {SetUp, 0},
	"InvalidParameterValue.TemplateParameterLengthLimit":              {SetUp, 0},
	"UnsupportedOperation.GlobalTemplateToChineseMainlandPhone":       {SetUp, 0},
	"UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber": {SetUp, 0},

	// The account and the application.
	"FailedOperation.NotEnterpriseCertification":                     {SetUp, 0},
	"FailedOperation.ProhibitSubAccountUse":                          {SetUp, 0},
	"InvalidParameter.AppidAndBizId":                                 {SetUp, 0},
	"InvalidParameterValue.SdkAppIdNotExist":                         {SetUp, 0},
	"LimitExceeded.AppCountryOrRegionInBlacklist":                    {SetUp, 0},
	"UnauthorizedOperation":                                          {SetUp, 0},
	"UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny": {SetUp, 0},
	"UnauthorizedOperation.RequestIpNotInWhitelist":                  {SetUp, 0},
	"UnauthorizedOperation.RequestPermissionDeny":                    {SetUp, 0},
	"UnauthorizedOperation.SdkAppIdIsDisabled":                       {SetUp, 0},
	"UnauthorizedOperation.SmsSdkAppIdVerifyFail":                    {SetUp, 0},
	"UnsupportedOperation.UnsuportedRegion":                          {SetUp, 0},
	"UnsupportedOperation.UnsupportedRegion":                         {SetUp, 0},
	"UnsupportedRegion":                                              {SetUp, 0},
	"IpInBlacklist":                                                  {SetUp, 0},
	"IpNotInWhitelist":                                               {SetUp, 0},

	// The request, its key and its time: this machine's clock counts here.
	"AuthFailure.InvalidAuthorization":           {SetUp, 0},
	"AuthFailure.InvalidSecretId":                {SetUp, 0},
	"AuthFailure.MFAFailure":                     {SetUp, 0},
	"AuthFailure.SecretIdNotFound":               {SetUp, 0},
	"AuthFailure.SignatureExpire":                {SetUp, 0},
	"AuthFailure.SignatureFailure":               {SetUp, 0},
	"AuthFailure.TokenFailure":                   {SetUp, 0},
	"AuthFailure.UnauthorizedOperation":          {SetUp, 0},
	"InternalError.RequestTimeException":         {SetUp, 0},
	"InternalError.SigFieldMissing":              {SetUp, 0},
	"InternalError.SigVerificationFail":          {SetUp, 0},
	"InternalError.RestApiInterfaceNotExist":     {SetUp, 0},
	"InternalError.JsonParseFail":                {SetUp, 0},
	"FailedOperation.FailResolvePacket":          {SetUp, 0},
	"FailedOperation.JsonParseFail":              {SetUp, 0},
	"FailedOperation.OtherError":                 {SetUp, 0},
	"LimitExceeded.PhoneNumberCountLimit":        {SetUp, 0},
	"MissingParameter":                           {SetUp, 0},
	"MissingParameter.EmptyPhoneNumberSet":       {SetUp, 0},
	"InvalidParameter":                           {SetUp, 0},
	"InvalidParameter.InvalidParameters":         {SetUp, 0},
	"InvalidParameterValue":                      {SetUp, 0},
	"InvalidParameterValue.InvalidInternational": {SetUp, 0},
	"UnknownParameter":                           {SetUp, 0},
	"UnsupportedOperation":                       {SetUp, 0},
	"UnsupportedOperation.":                      {SetUp, 0},
	"UnsupportedProtocol":                        {SetUp, 0},
	"ActionOffline":                              {SetUp, 0},
	"DryRunOperation":                            {SetUp, 0},
	"InvalidAction":                              {SetUp, 0},
	"InvalidRequest":                             {SetUp, 0},
	"NoSuchProduct":                              {SetUp, 0},
	"NoSuchVersion":                              {SetUp, 0},
}
