package office

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzParse looks for a file that panics, gives an office along with an error,
// reports a line that the file does not have or a problem of several lines, or
// is not read back from its export.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"testdata/contract.yaml", "testdata/shortest.yaml", "testdata/messages.yaml"} {
		o, err := Parse(name, read(f, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(read(f, name)))
		f.Add(string(Write(o)))
	}
	for _, s := range []string{
		"", "---\n---\n", "&a [*a]", "{<<: *a}", "office: !!binary a", "? [a]\n: b\n", "a: |\n  b", "\xef\xbb\xbfoffice: {}", "%YAML 1.2\n---\n",
		"office: {code: [", "- - - - -", "a: 'b\n\nc'", "!<tag:yaml.org,2002:int> 1", "rooms: [{code: {zh: 1}}]",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, file string) {
		o, err := Parse("f", []byte(file))
		if err == nil {
			back, err := Parse("export", Write(o))
			if err != nil {
				t.Fatalf("the export is not read: %v", err)
			}
			if diff := cmp.Diff(o, back, sameZone); diff != "" {
				t.Fatalf("(-read +exported)\n%s", diff)
			}
			return
		}
		var problems *Errors
		if o != nil || !errors.As(err, &problems) || len(problems.Problems) == 0 {
			t.Fatalf("office %v with error %v", o, err)
		}
		last := lineCount([]byte(file))
		for _, p := range problems.Problems {
			if p.Line < 1 || p.Line > last || strings.ContainsFunc(p.What, breaksLine) {
				t.Fatalf("%q in a file of %d lines", p, last)
			}
		}
	})
}
