package office

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// TestEveryMessageHasAChineseForm reads what the package's own source may say.
func TestEveryMessageHasAChineseForm(t *testing.T) {
	packages, err := parser.ParseDir(token.NewFileSet(), ".", func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0) //nolint:staticcheck // no types are needed
	if err != nil {
		t.Fatal(err)
	}
	// Which argument of a call is worded by us.
	worded := map[string]int{"failf": 0, "failAt": 2, "word": 1, "wrongType": 0}
	found := 0
	ast.Inspect(packages["office"], func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		called, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		at, ok := worded[called.Sel.Name]
		if ok && called.Sel.Name == "failf" && len(call.Args) > 0 {
			if _, text := call.Args[0].(*ast.BasicLit); !text { // of the reader: the line comes first
				at = 1
			}
		}
		if !ok || at >= len(call.Args) {
			return true
		}
		literal, ok := call.Args[at].(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		found++
		if _, ok := chinese[text]; !ok {
			t.Errorf("%q has no Chinese form", text)
		}
		return true
	})
	if found < 50 {
		t.Errorf("only %d messages were found", found)
	}
}

func TestWhatIsWrongIsSaidInBothLanguagesWithLineAndKey(t *testing.T) {
	file := strings.Replace(string(read(t, "testdata/contract.yaml")), "duration: 60m", "duration: 7m", 1)
	file = strings.Replace(file, "timezone: Asia/Shanghai", "zone: Asia/Shanghai", 1)
	file = strings.Replace(file, `from: "08:30", to: "17:30"`, `from: "8:30", to: 7`, 1)
	o, problems := Read([]byte(file))
	if o != nil || len(problems) != 5 {
		t.Fatalf("%d problems: %+v", len(problems), problems)
	}
	want := []struct {
		line    int
		key, zh string
	}{
		{2, "office.timezone", "没有写。"},
		{5, "office.zone", "没有这一项；可以写的有：code, region, name"},
		{29, "services.premarital.duration", "7m不是五分钟的倍数。"},
		{45, "staff.fudao-a.hours[0].from", `"8:30"不是时间，要写成08:30这样，00:00到24:00。`},
		{45, "staff.fudao-a.hours[0].to", "这里要写文字，不是数字；请加上引号。"},
	}
	for i, w := range want {
		p := problems[i]
		if p.Line != w.line || p.Key != w.key || !strings.HasPrefix(p.What.ZH, w.zh) {
			t.Errorf("problem %d is line %d, %s: %s", i, p.Line, p.Key, p.What.ZH)
		}
		if p.What.EN == "" || strings.ContainsFunc(p.What.EN, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || strings.HasPrefix(p.What.EN, p.Key) {
			t.Errorf("in English it is %q", p.What.EN)
		}
	}
}
