package rest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"magpie/scheduling"
)

// What is said of a wrong field, where it needs no number.
var (
	missing   = scheduling.Text{ZH: "请填写这一项。", EN: "is required"}
	repeated  = scheduling.Text{ZH: "这一项只能写一次。", EN: "must be given once"}
	unknown   = scheduling.Text{ZH: "没有这一项。", EN: "is not known here"}
	wrongType = scheduling.Text{ZH: "这一项的类型不对。", EN: "is not of the right type"}
	wrongForm = scheduling.Text{ZH: "这一项的格式不对。", EN: "is not of the right form"}
	wrongDate = scheduling.Text{ZH: "请写一个存在的日期，如2026-12-03。", EN: "must be a date that exists, such as 2026-12-03"}
	wrongTime = scheduling.Text{ZH: "请写带时区的时间，如2026-12-03T09:00:00+08:00。", EN: "must be a time with an offset, such as 2026-12-03T09:00:00+08:00"}
	wrongTel  = scheduling.Text{ZH: "手机号应是11位数字，或+86加11位数字。", EN: "must be 11 digits, or +86 and 11"}
	wrongCode = scheduling.Text{ZH: "验证码应是6位数字。", EN: "must be six digits"}
	wrong     = scheduling.Text{ZH: "这一项不对。", EN: "is not valid"}
)

// wholeBody names what is wrong with no field of the body but with the body.
const wholeBody = "body"

// invalid is the error for wrong fields, each named once.
func invalid(fields []scheduling.FieldError) error {
	seen := make(map[string]bool, len(fields))
	fields = slices.DeleteFunc(fields, func(f scheduling.FieldError) bool {
		again := seen[f.Field]
		seen[f.Field] = true
		return again
	})
	err := scheduling.Invalid("", "", "")
	err.Fields = fields[:min(len(fields), maxErrors)]
	return err
}

// named lists the wrong fields in what a schema's visitor found. The field of
// a parameter is its name, that of a body its path.
func named(parameter string, err error) []scheduling.FieldError {
	switch e := err.(type) { //nolint:errorlint // the schema's visitor gives these as they are, and one may hold many
	case nil:
		return nil
	case openapi3.MultiError:
		var out []scheduling.FieldError
		for _, one := range e {
			out = append(out, named(parameter, one)...)
		}
		return out
	case *openapi3.SchemaError:
		if parameter != "" {
			return []scheduling.FieldError{{Field: parameter, Message: phrase(e, parameter)}}
		}
		if members := unknownMembers(e); members != nil {
			return members
		}
		field := path(e.JSONPointer())
		return []scheduling.FieldError{{Field: field, Message: phrase(e, field)}}
	}
	return []scheduling.FieldError{{Field: parameter, Message: wrong}}
}

// unknownMembers names the members of an object that its schema does not have.
func unknownMembers(e *openapi3.SchemaError) []scheduling.FieldError {
	object, ok := e.Value.(map[string]any)
	if e.SchemaField != "properties" || !ok {
		return nil
	}
	var out []scheduling.FieldError
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if _, known := e.Schema.Properties[name]; !known {
			out = append(out, scheduling.FieldError{Field: path(append(e.JSONPointer(), name)), Message: unknown})
		}
	}
	return out
}

// path writes a JSON pointer as parties[0].name.
func path(pointer []string) string {
	var out strings.Builder
	for _, token := range pointer {
		if _, err := strconv.Atoi(token); err == nil {
			out.WriteString("[" + token + "]")
			continue
		}
		if out.Len() > 0 {
			out.WriteByte('.')
		}
		out.WriteString(token)
	}
	if out.Len() == 0 {
		return wholeBody
	}
	runes := []rune(out.String())
	return string(runes[:min(len(runes), 200)])
}

// phrase says what is wrong, without repeating what was sent.
func phrase(e *openapi3.SchemaError, field string) scheduling.Text {
	switch {
	case e.SchemaField == "required":
		return missing
	case e.SchemaField == "type" || e.SchemaField == "nullable":
		return wrongType
	case e.Schema.Format == "date":
		return wrongDate
	case e.Schema.Format == "date-time":
		return wrongTime
	case field == "phone" || field == "number" || strings.HasSuffix(field, ".phone"):
		return wrongTel
	case field == "code":
		return wrongCode
	}
	return bound(e)
}

// bound says which bound of its schema a value breaks.
func bound(e *openapi3.SchemaError) scheduling.Text {
	s := e.Schema
	switch e.SchemaField {
	case "minLength":
		if s.MinLength == 1 {
			return missing
		}
		return both("至少要%d个字。", "must have at least %d characters", s.MinLength)
	case "maxLength":
		return both("最多%d个字。", "must have at most %d characters", *s.MaxLength)
	case "minItems":
		return both("至少要%d项。", "must have at least %d items", s.MinItems)
	case "maxItems":
		return both("最多%d项。", "must have at most %d items", *s.MaxItems)
	case "minimum":
		return both("不能小于%g。", "must be at least %g", *s.Min)
	case "maximum":
		return both("不能大于%g。", "must be at most %g", *s.Max)
	case "enum":
		options := make([]string, len(s.Enum))
		for i, o := range s.Enum {
			options[i] = fmt.Sprint(o)
		}
		return scheduling.Text{ZH: "只能是：" + strings.Join(options, "、") + "。", EN: "must be one of " + strings.Join(options, ", ")}
	case "pattern":
		return wrongForm
	}
	return wrong
}

func both(zh, en string, n any) scheduling.Text {
	return scheduling.Text{ZH: fmt.Sprintf(zh, n), EN: fmt.Sprintf(en, n)}
}
