package scheduling

import (
	"slices"
	"time"

	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// The edits that pages are made of. What is put takes the place of what has the
// same code, username or date, and is new otherwise; it is checked with the
// whole file afterwards. What is removed and is not there is not_found.

// Edits makes one edit of several.
func Edits(edits ...OfficeEdit) OfficeEdit {
	return func(o *Office) error {
		for _, edit := range edits {
			if err := edit(o); err != nil {
				return err
			}
		}
		return nil
	}
}

// SetHours sets the office's opening hours.
func SetHours(hours []Hours) OfficeEdit {
	return func(o *Office) error {
		o.Hours = slices.Clone(hours)
		return nil
	}
}

// SetStaffHours sets the hours of a member of staff.
func SetStaffHours(username string, hours []Hours) OfficeEdit {
	return func(o *Office) error {
		i := slices.IndexFunc(o.Staff, func(m Staff) bool { return m.Username == username })
		if i < 0 {
			return NotFound()
		}
		o.Staff[i].Hours = slices.Clone(hours)
		return nil
	}
}

// SetRelease sets when a new day opens.
func SetRelease(at calendar.Clock) OfficeEdit {
	return func(o *Office) error {
		o.Release = at
		return nil
	}
}

// SetHolidays sets which holidays the office keeps, "cn" or "none", and whose
// hours a make-up workday takes.
func SetHolidays(holidays string, makeupAs time.Weekday) OfficeEdit {
	return func(o *Office) error {
		o.Holidays, o.MakeupHoursAs = holidays, makeupAs
		return nil
	}
}

// PutException makes a day closed, or open for other hours.
func PutException(e Exception) OfficeEdit {
	return func(o *Office) error {
		o.Exceptions = put(o.Exceptions, e, func(x Exception) bool { return x.Date == e.Date })
		slices.SortStableFunc(o.Exceptions, func(a, b Exception) int { return int(a.Date - b.Date) })
		return nil
	}
}

// RemoveException makes a day as its weekday again.
func RemoveException(d calendar.Date) OfficeEdit {
	return func(o *Office) (err error) {
		o.Exceptions, err = without(o.Exceptions, func(x Exception) bool { return x.Date == d })
		return err
	}
}

// PutRoom adds or changes a room.
func PutRoom(r Room) OfficeEdit {
	return func(o *Office) error {
		o.Rooms = put(o.Rooms, r, func(x Room) bool { return x.Code == r.Code })
		return nil
	}
}

// CloseRoom closes a room for some days more.
func CloseRoom(code string, c Closure) OfficeEdit {
	return changeRoom(code, func(r *Room) error {
		r.Closed = append(slices.Clone(r.Closed), c)
		return nil
	})
}

// ReopenRoom takes a closure of a room back.
func ReopenRoom(code string, from, to calendar.Date) OfficeEdit {
	return changeRoom(code, func(r *Room) (err error) {
		r.Closed, err = without(r.Closed, func(c Closure) bool { return c.From == from && c.To == to })
		return err
	})
}

func changeRoom(code string, change func(r *Room) error) OfficeEdit {
	return func(o *Office) error {
		i := slices.IndexFunc(o.Rooms, func(r Room) bool { return r.Code == code })
		if i < 0 {
			return NotFound()
		}
		return change(&o.Rooms[i])
	}
}

// RemoveRoom removes a room.
func RemoveRoom(code string) OfficeEdit {
	return func(o *Office) (err error) {
		o.Rooms, err = without(o.Rooms, func(x Room) bool { return x.Code == code })
		return err
	}
}

// PutService adds or changes a service.
func PutService(v Service) OfficeEdit {
	return func(o *Office) error {
		o.Services = put(o.Services, v, func(x Service) bool { return x.Code == v.Code })
		return nil
	}
}

// RemoveService removes a service, from whoever gives it too.
func RemoveService(code string) OfficeEdit {
	return func(o *Office) (err error) {
		is := func(s string) bool { return s == code }
		for i := range o.Staff {
			o.Staff[i].Services = slices.DeleteFunc(slices.Clone(o.Staff[i].Services), is)
		}
		o.ReplyCancels = slices.DeleteFunc(slices.Clone(o.ReplyCancels), is)
		o.Services, err = without(o.Services, func(x Service) bool { return x.Code == code })
		return err
	}
}

// PutStaff adds or changes a member of staff.
func PutStaff(m Staff) OfficeEdit {
	return func(o *Office) error {
		o.Staff = put(o.Staff, m, func(x Staff) bool { return x.Username == m.Username })
		return nil
	}
}

// RemoveStaff removes a member of staff, and ends their log-ins.
func RemoveStaff(username string) OfficeEdit {
	return func(o *Office) (err error) {
		o.Staff, err = without(o.Staff, func(x Staff) bool { return x.Username == username })
		return err
	}
}

// PutText gives the office a text of its own; an empty body the built-in one.
func PutText(t messages.Template) OfficeEdit {
	return func(o *Office) error {
		is := func(x messages.Template) bool { return x.Key == t.Key }
		if t.Body == "" {
			o.Texts.Templates = slices.DeleteFunc(slices.Clone(o.Texts.Templates), is)
			return nil
		}
		o.Texts.Templates = put(o.Texts.Templates, t, is)
		return nil
	}
}

// put takes the place of the entry that is the same, or adds one.
func put[T any](list []T, entry T, same func(T) bool) []T {
	out := slices.Clone(list)
	if i := slices.IndexFunc(out, same); i >= 0 {
		out[i] = entry
		return out
	}
	return append(out, entry)
}

func without[T any](list []T, is func(T) bool) ([]T, error) {
	i := slices.IndexFunc(list, is)
	if i < 0 {
		return list, NotFound()
	}
	return slices.Delete(slices.Clone(list), i, i+1), nil
}
