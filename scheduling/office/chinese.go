// What is wrong with a file, in Chinese: for those who set an office up by
// pages. The command speaks English.

package office

import (
	"fmt"
	"strings"
)

// chinese has every form of a message, and every part that is put into one. A
// test finds one that is missing.
var chinese = map[string]string{
	"the file is larger than %d KiB":                      "文件超过%d KiB。",
	"not plain UTF-8 text":                                "不是UTF-8文本。",
	"the file is empty":                                   "文件是空的。",
	"not valid YAML: %s":                                  "YAML格式不对：%s。",
	"a second document begins; one file is one office":    "这里开始了第二个文档；一个文件只写一个登记处。",
	"aliases (*%s) are not allowed; write the value out":  "不能用别名（*%s），请直接写出内容。",
	"anchors (&%s) are not allowed":                       "不能用锚点（&%s）。",
	"tags (%s) are not allowed":                           "不能用标签（%s）。",
	"merge keys (<<) are not allowed; write the keys out": "不能用合并键（<<），请逐项写出。",
	"%s is wanted, not %s":                                "这里要写%s，不是%s。",
	"a word is wanted as a key, not %s":                   "键要写一个词，不是%s。",
	"unknown key; known are %s":                           "没有这一项；可以写的有：%s。",
	"given twice, first in line %d":                       "写了两次，第一次在第%d行。",
	"is missing":                                          "没有写。",
	"at least %d is wanted":                               "至少要有%d项。",
	"%s is before valid_from %s":                          "%s早于valid_from的%s。",
	"2w needs valid_from, whose week is the first one":    "单双周（2w）要写valid_from，从那一周算起。",
	"%s is before %s":                                     "%s早于%s。",
	"%s %s overlaps %s of line %d":                        "%[1]s %[2]s和第%[4]d行的%[3]s有重叠。",
	"%s is not after %s":                                  "%s不晚于%s。",
	"is either closed or open from … to …, not both":      "要么写closed，要么写from和to，不能都写。",
	"neither closed nor from and to are given":            "closed、from和to都没有写。",
	"%q is not a known time zone, such as Asia/Shanghai":  "%q不是时区，应如Asia/Shanghai。",
	"%q is not 2 to 12 characters without brackets or spaces; the brackets 【】 are added when it is sent": "%q应是2到12个字，不带括号和空格；发送时会自动加上【】。",
	"%q is not the address of a page, beginning with %s://":                                              "%q不是网址，应以%s://开头。",
	"%d numbers are too many, at most %d":                                                                "%d个号码太多，最多%d个。",
	"min %d is more than max %d":                                                                         "最少%d人多于最多%d人。",
	"no room is of kind %q":                                                                              "没有%q这一类的房间。",
	"no room of kind %q seats %d; the largest seats %d":                                                  "%q这一类的房间没有能坐%d人的，最大的坐%d人。",
	"there is no service %q":                                                                             "没有%q这项服务。",
	"%s ends when %s begins":                                                                             "%s结束，正好是%s开始的时候。",
	"%d are more than %d":                                                                                "%d个超过了%d个。",
	"%q has neither letters nor digits":                                                                  "%q里没有字。",
	"the built-in text %s says %q; it needs one of your own":                                             "自带的文案%s里有%q，请先换成自己的文案。",
	"%s is there twice, first in line %d":                                                                "%s写了两次，第一次在第%d行。",
	"text is wanted, not %s; write it in quotes":                                                         "这里要写文字，不是%s；请加上引号。",
	"is empty": "是空的。",
	"must be one line, without control characters":                   "要写在一行里，不能有控制字符。",
	"is longer than %d characters":                                   "超过%d个字。",
	"%q is not %s":                                                   "%q不对，应是%s。",
	"%q is none of %s":                                               "%q不对，只能是其中之一：%s。",
	"%s is not a whole number from %d to %d":                         "%s不是%d到%d的整数。",
	"%q is none of mon, tue, wed, thu, fri, sat, sun":                "%q不对，星期要写mon、tue、wed、thu、fri、sat或sun。",
	"%s is not a multiple of five minutes":                           "%s不是五分钟的倍数。",
	"24:00 ends a day and begins none; the next day begins at 00:00": "24:00是一天的结束，不能作开始；第二天从00:00开始。",
	"%v":    "%v。",
	"%s %s": "%s%s。",

	"six digits (GB/T 2260)":                                                                 "六位数字（GB/T 2260）",
	"a telephone number of 3 to 20 digits, with - between them":                              "3到20位数字的电话号码，中间可以有-",
	"a telephone number of 3 to 20 digits, with - or a space between them and + before them": "3到20位数字的电话号码，中间可以有-或空格，前面可以有+",
	"an approval code of letters, digits, _ and -":                                           "由字母、数字、_和-组成的模板编号",
	"1 to 32 of a–z, 0–9 and -, not beginning with -":                                        "1到32个小写字母、数字或-，不能以-开头",
	"a share of 0% to 100%":                                                                  "0%到100%的比例",
	"a mapping":                                                                              "分项的内容", "a list": "列表", "nothing": "空白", "text": "文字", "true or false": "true或false",
	"a date": "日期", "a number": "数字", "a whole number": "整数",
	"is not a multiple of five minutes": "不是五分钟的倍数", "must be longer than nothing": "要长于零", "is longer than a day": "超过一天",
	"is not a number of whole minutes": "不是整分钟", "is not a number of whole days": "不是整天数",
}

// endings are those of errors that other packages word.
var endings = []struct{ en, zh string }{
	{" is not a date of the form YYYY-MM-DD", "不是日期，要写成2027-01-31这样"},
	{" is not a time of the form HH:MM, 00:00 to 24:00", "不是时间，要写成08:30这样，00:00到24:00"},
	{" is not a duration such as 90s, 10m, 2h or 30d", "不是时长，要写成90s、10m、2h、30d这样"},
	{" is longer than a hundred years", "超过一百年"},
}

// inChinese is a message in Chinese; one that has no form here stays as it is.
func inChinese(format string, args []any) string {
	form, ok := chinese[format]
	if !ok {
		return fmt.Sprintf(format, args...)
	}
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = partInChinese(a)
	}
	return fmt.Sprintf(form, out...)
}

// partInChinese is what is put into a message: a word of ours, a mapping with
// its keys, an error, or something from the file, which stays.
func partInChinese(a any) any {
	var s string
	switch a := a.(type) {
	case string:
		s = a
	case error:
		s = a.Error()
	default:
		return a
	}
	if zh, ok := chinese[s]; ok {
		return zh
	}
	if keys, ok := strings.CutPrefix(s, "a mapping ("); ok {
		return "分项的内容（" + strings.TrimSuffix(keys, ")") + "）"
	}
	for _, e := range endings {
		if start, ok := strings.CutSuffix(s, e.en); ok {
			return start + e.zh
		}
	}
	return a
}
