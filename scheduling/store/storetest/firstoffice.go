package storetest

import (
	"time"

	"magpie/scheduling"
	"magpie/scheduling/office"
)

var firstOfficeTests = []test{
	aFirstOfficeIsSetUpByALink,
	whatIsWrongWithAFirstOfficeIsNamed,
	ofManyLinksAtOnceOneSetsUp,
	whereThereIsAnOfficeNoneIsSetUp,
}

func first() scheduling.FirstOffice {
	return scheduling.FirstOffice{
		Code: "taojiang", Region: "430922", Name: scheduling.Text{ZH: "桃江县民政局婚姻登记处"}, Address: scheduling.Text{ZH: "桃花江镇"},
		Phone: "0737-8880000", SMSSignature: "桃江民政", Username: "zhuren", Director: scheduling.Text{ZH: "主任", EN: "Director"},
		Password: scheduling.NewPrivate(password),
	}
}

func (b *Bundle) setUpLink(t tb, s *scheduling.Scheduler) string {
	t.Helper()
	link, err := s.SetUpLink(background)
	if err != nil || !link.ExpiresAt.Equal(b.Clock.Now().Add(24*time.Hour)) {
		t.Fatalf("the link lives until %s, %v", link.ExpiresAt, err)
	}
	return link.Token
}

// nothing empties the database, and lets its servers see it.
func (b *Bundle) nothing(t tb) {
	t.Helper()
	b.empty(t)
	b.Clock.Pass(2 * time.Second)
}

func aFirstOfficeIsSetUpByALink(t tb, b *Bundle) {
	b.nothing(t)
	token := b.setUpLink(t, b.Scheduler)
	if err := b.Scheduler.CheckSetUpLink(background, token); err != nil {
		t.Errorf("the link is answered %v", err)
	}
	o, err := b.Scheduler.SetUp(background, token, first())
	if err != nil || o.Code != "taojiang" || o.Name.EN != "桃江县民政局婚姻登记处" || len(o.Services) != 4 || o.Staff[0].ID == 0 {
		t.Fatalf("the office is %+v, %v", o, err)
	}
	if _, err := b.Scheduler.Login(background, scheduling.Login{Office: "taojiang", Username: "zhuren", Password: scheduling.NewPrivate(password), Address: "192.0.2.1"}); err != nil {
		t.Errorf("the director cannot sign in: %v", err)
	}
	refused(t, b.Scheduler.CheckSetUpLink(background, token), scheduling.CodeNotFound)
	_, err = b.Scheduler.SetUp(background, token, first())
	refused(t, err, scheduling.CodeNotFound)
	_, err = b.Scheduler.SetUpLink(background)
	refused(t, err, scheduling.CodeWrongState)
	same(t, "versions", [][]string{{"1", "zhuren"}}, b.rows(t, "SELECT number, author FROM office_versions"))
	// Its file makes the same office in an empty database.
	document, err := b.Store.Document(background, "taojiang")
	if err != nil {
		t.Fatal(err)
	}
	again, err := office.Parse("export.yaml", document)
	if err != nil || len(office.Diff(o, again)) != 0 {
		t.Fatalf("the export is another office: %v", err)
	}
	b.nothing(t)
	if _, err := b.Scheduler.Apply(background, again, office.Write(again)); err != nil {
		t.Fatalf("applying the export: %v", err)
	}
	back, err := b.Store.Document(background, "taojiang")
	if err != nil || string(back) != string(document) {
		t.Errorf("applied it is %s, %v", back, err)
	}
}

func whatIsWrongWithAFirstOfficeIsNamed(t tb, b *Bundle) {
	b.nothing(t)
	token := b.setUpLink(t, b.Scheduler)
	before := b.state(t)
	for field, change := range map[string]func(f *scheduling.FirstOffice){
		"code":          func(f *scheduling.FirstOffice) { f.Code = "Táo" },
		"region":        func(f *scheduling.FirstOffice) { f.Region = "43" },
		"name.zh":       func(f *scheduling.FirstOffice) { f.Name = scheduling.Text{EN: "Office"} },
		"address.en":    func(f *scheduling.FirstOffice) { f.Address.EN = "two\nlines" },
		"phone":         func(f *scheduling.FirstOffice) { f.Phone = "none" },
		"sms_signature": func(f *scheduling.FirstOffice) { f.SMSSignature = "一" },
		"username":      func(f *scheduling.FirstOffice) { f.Username = "主任" },
		"director":      func(f *scheduling.FirstOffice) { f.Director = scheduling.Text{EN: "Director"} },
		"password":      func(f *scheduling.FirstOffice) { f.Password = scheduling.NewPrivate("short") },
	} {
		f := first()
		change(&f)
		_, err := b.Scheduler.SetUp(background, token, f)
		refusedField(t, err, field)
	}
	b.unchanged(t, before)
	_, err := b.Scheduler.SetUp(background, "mpl_unknown", first())
	refused(t, err, scheduling.CodeNotFound)
	refused(t, b.Scheduler.UsePasswordLink(background, token, scheduling.NewPrivate(password)), scheduling.CodeNotFound)
	b.Clock.Pass(24 * time.Hour)
	_, err = b.Scheduler.SetUp(background, token, first())
	refused(t, err, scheduling.CodeNotFound)
}

func ofManyLinksAtOnceOneSetsUp(t tb, b *Bundle) {
	b.nothing(t)
	servers := b.replicas(t)
	tokens := make([]string, len(servers))
	for i, s := range servers {
		tokens[i] = b.setUpLink(t, s)
	}
	errs := together(len(servers), func(i int) error {
		f := first()
		f.Code += itoa(int64(i))
		_, err := servers[i].SetUp(background, tokens[i], f)
		return err
	})
	if n := outcomes(t, errs, scheduling.CodeNotFound); n != 1 {
		t.Errorf("%d of three set an office up", n)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM offices"); n != 1 {
		t.Errorf("there are %d offices", n)
	}
}

func whereThereIsAnOfficeNoneIsSetUp(t tb, b *Bundle) {
	b.nothing(t)
	token := b.setUpLink(t, b.Scheduler)
	o, err := office.Parse("suite.yaml", []byte(officeFile))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Scheduler.Apply(background, o, office.Write(o)); err != nil {
		t.Fatal(err)
	}
	before := b.state(t)
	_, err = b.Scheduler.SetUp(background, token, first())
	refused(t, err, scheduling.CodeWrongState)
	b.unchanged(t, before)
	// The link of a member of staff's password sets nothing up.
	link, err := b.Scheduler.PasswordLink(background, b.Staff(t, "chief"), "suite", "anna")
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Scheduler.SetUp(background, link.Token, first())
	refused(t, err, scheduling.CodeNotFound)
}
