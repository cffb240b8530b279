package main_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"magpie/cmd/magpie/e2etest"
)

// settingUp is an office changed by its director, without a file on the server.
func (o *tour) settingUp() {
	type file struct {
		Revision int64  `json:"revision"`
		File     string `json:"file"`
	}
	type change struct {
		Revision    int64
		Applied     bool
		Differences []string
		Problems    []struct {
			Line int
			Key  string
		}
	}
	const path = officeStaff + "/file"
	was := e2etest.As[file](o.T, o.chief.Get(o.T, path), http.StatusOK)
	put := func(query string, f file) e2etest.Answer {
		body, err := json.Marshal(f)
		if err != nil {
			o.Fatal(err)
		}
		return o.put(o.chief, path+query, string(body))
	}
	wrong := was
	wrong.File = strings.Replace(was.File, "display: false", "display: perhaps", 1)
	told := e2etest.As[change](o.T, put("?dry_run=true", wrong), http.StatusOK)
	if told.Applied || len(told.Problems) != 1 || told.Problems[0].Key != "office.display" || told.Problems[0].Line < 10 {
		o.Errorf("beforehand it says %+v", told)
	}
	put("", wrong).Is(o.T, http.StatusUnprocessableEntity, "invalid")
	better := was
	better.File = strings.Replace(was.File, "display: false", "display: true", 1)
	if done := e2etest.As[change](o.T, put("", better), http.StatusOK); !done.Applied || len(done.Differences) != 1 || done.Revision != was.Revision+1 {
		o.Errorf("it did %+v", done)
	}
	put("", was).Is(o.T, http.StatusConflict, "wrong_state")
	versions := e2etest.All[struct{ Number int64 }](o.T, o.chief, officeStaff+"/versions")
	if len(versions) < 2 || versions[0].Number != was.Revision+1 {
		o.Errorf("the versions are %+v", versions)
	}
	o.chief.Get(o.T, officeStaff+"/versions/1").Is(o.T, http.StatusOK, "")
	undo := map[string]any{"revision": was.Revision + 1}
	o.chief.Post(o.T, officeStaff+"/versions/1/undo", undo).Is(o.T, http.StatusConflict, "wrong_state")
	o.chief.Post(o.T, officeStaff+"/versions/"+strconv.FormatInt(was.Revision+1, 10)+"/undo", undo).Is(o.T, http.StatusOK, "")
	if now := e2etest.As[file](o.T, o.chief.Get(o.T, path), http.StatusOK); now.File != was.File {
		o.Errorf("undone the file is %s", now.File)
	}
	o.holidays()
	link := e2etest.As[struct{ Token string }](o.T, o.chief.Post(o.T, officeStaff+"/staff/c02/password-link", nil), http.StatusCreated)
	set := map[string]string{"token": link.Token, "password": "a password of one's own"}
	o.visitor.Post(o.T, "/api/v1/staff/password", set).Is(o.T, http.StatusNoContent, "")
	o.visitor.Post(o.T, "/api/v1/staff/password", set).Is(o.T, http.StatusNotFound, "not_found")
	o.visitor.Post(o.T, "/api/v1/staff/login", map[string]string{"office": "anhua", "username": "c02", "password": set["password"]}).Is(o.T, http.StatusOK, "")
}

// holidays is next year's table, which the director imports and takes back.
func (o *tour) holidays() {
	const path = officeStaff + "/holidays"
	lines := []string{
		"2027-01-01,元旦,true", "2027-02-06,春节,true", "2027-04-05,清明节,true", "2027-05-01,劳动节,true", "2027-05-02,劳动节,true",
		"2027-06-09,端午节,true", "2027-09-15,中秋节,true", "2027-10-01,国庆节,true", "2027-10-02,国庆节,true", "2027-10-03,国庆节,true",
	}
	put := func(query string, lines []string) e2etest.Answer {
		body, err := json.Marshal(map[string]string{"table": strings.Join(lines, "\n")})
		if err != nil {
			o.Fatal(err)
		}
		return o.put(o.chief, path+"/2027"+query, string(body))
	}
	type change struct {
		Applied               bool
		Differences, Problems []any
	}
	if told := e2etest.As[change](o.T, put("?dry_run=true", lines[1:]), http.StatusOK); told.Applied || len(told.Problems) != 2 {
		o.Errorf("beforehand it says %+v", told)
	}
	put("", lines[1:]).Is(o.T, http.StatusUnprocessableEntity, "invalid")
	if done := e2etest.As[change](o.T, put("", lines), http.StatusOK); !done.Applied || len(done.Differences) != 10 {
		o.Errorf("it did %+v", done)
	}
	if years := e2etest.All[struct{ Year int }](o.T, o.chief, path); len(years) != 4 || years[0].Year != 2027 {
		o.Errorf("the years are %+v", years)
	}
	o.chief.Get(o.T, officeStaff+"/warnings").Is(o.T, http.StatusOK, "")
	o.chief.Delete(o.T, path+"/2027").Is(o.T, http.StatusNoContent, "")
	o.chief.Delete(o.T, path+"/2027").Is(o.T, http.StatusNotFound, "not_found")
}
