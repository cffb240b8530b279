package messages

import (
	"strings"
	"unicode"
)

// fold makes texts comparable by what a reader sees in them: full-width forms
// are ASCII, capitals are small, traditional characters simplified, and
// everything that is neither letter nor digit is gone, so that 调 解, Ｄivorce
// and d-i-v-o-r-c-e are what they say.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		r = foldRune(r)
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

// narrow is fold with spaces and punctuation left, for what these are part of:
// addresses of pages. What is invisible goes.
func narrow(text string) string {
	return strings.Map(func(r rune) rune {
		r = foldRune(r)
		if unicode.IsSpace(r) || unicode.IsGraphic(r) && !unicode.Is(unicode.M, r) {
			return r
		}
		return -1
	}, text)
}

func foldRune(r rune) rune {
	if r >= '！' && r <= '～' {
		r -= '！' - '!'
	}
	if simple, ok := simplified[r]; ok {
		return simple
	}
	return unicode.ToLower(r)
}

// traditional are the traditional characters that a word of this trade, or the
// name of an office, a room or a service is likely to have, each followed by
// the simplified one.
const traditional = "離离調调導导輔辅諮咨詢询親亲議议協协訴诉訟讼護护權权關关係系產产孫孙養养撫抚贍赡兒儿婦妇聯联愛爱戀恋結结緣缘記记證证檔档" +
	"館馆樓楼東东區区縣县鄉乡鎮镇辦办務务處处會会談谈課课學学習习溝沟療疗醫医驗验專专員员師师對对雙双們们與与將将來来見见約约" +
	"時时間间點点話话號号電电請请謝谢變变動动應应為为爲为廳厅場场諒谅勸劝糾纠紛纷託托監监閨闺繫系絡络復复複复覆复確确認认訂订" +
	"預预還还開开門门問问題题說说講讲語语讀读寫写實实際际現现輕轻輩辈達达遠远進进過过運运選选邊边鏈链鍵键網网頁页線线級级紀纪" +
	"綜综編编緊紧總总續续維维緒绪繼继納纳組组細细終终給给統统經经繪绘綠绿絕绝絲丝織织繳缴衛卫術术規规覺觉觀观計计討讨訊讯訓训" +
	"設设許许診诊詞词試试該该詳详誠诚誤误誰谁論论識识譯译財财責责貼贴費费資资賠赔賴赖贈赠車车軍军轉转輸输農农郵邮鐘钟錢钱錯错" +
	"長长閱阅陽阳陰阴難难靈灵靜静項项順顺須须領领頭头願愿類类顧顾風风飯饭體体麗丽黃黄齊齐龍龙"

var simplified = func() map[rune]rune {
	m := make(map[rune]rune)
	runes := []rune(traditional)
	for i := 0; i < len(runes); i += 2 {
		m[runes[i]] = runes[i+1]
	}
	return m
}()
