package joda

import "time"

// fields are what was read so far.
type fields struct {
	defaultYear int

	year, month, day     int
	weekYear, week       int
	weekDay, yearDay     int
	century              int
	hour, minute, second int
	clockHalf            int // hour of a half of the day, 0 to 11
	milli                int
	has                  uint32
	bc, pm               bool
	zone                 *time.Location
}

const (
	hasYear = 1 << iota
	hasMonth
	hasDay
	hasWeekYear
	hasWeek
	hasWeekDay
	hasYearDay
	hasCentury
	hasHour
	hasHalf
	hasPM
)

func (f *fields) given(bits uint32) bool { return f.has&bits != 0 }

// time puts the fields together as Joda does: larger ones first, so that of a weekday
// and a day of the month that contradict each other the weekday of that week wins.
func (f *fields) time(loc *time.Location) (time.Time, error) {
	if f.zone != nil {
		loc = f.zone
	}
	year, month, day, ok := f.date()
	if !ok {
		return time.Time{}, ErrMismatch
	}
	hour := f.hour
	if f.given(hasHalf) {
		hour = f.clockHalf
		if f.pm {
			hour += 12
		}
	} else if f.given(hasPM) && f.given(hasHour) {
		hour %= 12
		if f.pm {
			hour += 12
		}
	}
	if f.given(hasWeekDay) && !f.given(hasWeek|hasWeekYear) {
		t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		t = t.AddDate(0, 0, f.weekDay-isoWeekday(t))
		var m time.Month
		year, m, day = t.Date()
		month = int(m)
	}
	return local(year, time.Month(month), day, hour, f.minute, f.second, f.milli*int(time.Millisecond), loc)
}

func isoWeekday(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

func (f *fields) date() (year, month, day int, ok bool) {
	year, month, day = 1970, 1, 1
	switch {
	case f.given(hasYear):
		year = f.year
	case f.given(hasCentury):
		year = f.century * 100
	case f.given(hasMonth | hasDay | hasYearDay | hasWeek | hasWeekDay):
		year = f.defaultYear
	}
	if f.bc {
		year = 1 - year
	}
	if f.given(hasWeek | hasWeekYear) {
		return f.weekDate(year)
	}
	if f.given(hasMonth) {
		month = f.month
	}
	if f.given(hasDay) {
		day = f.day
	}
	if day > daysIn(year, month) {
		return 0, 0, 0, false
	}
	if f.given(hasYearDay) {
		if f.yearDay > 366 || f.yearDay == 366 && !leap(year) {
			return 0, 0, 0, false
		}
		t := time.Date(year, 1, f.yearDay, 0, 0, 0, 0, time.UTC)
		return t.Year(), int(t.Month()), t.Day(), true
	}
	return year, month, day, true
}

func (f *fields) weekDate(year int) (int, int, int, bool) {
	week, day := 1, 1
	if f.given(hasWeekYear) {
		year = f.weekYear
	}
	if f.given(hasWeek) {
		week = f.week
	}
	if f.given(hasWeekDay) {
		day = f.weekDay
	}
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC) // always in week 1
	t := fourth.AddDate(0, 0, (week-1)*7+day-isoWeekday(fourth))
	if y, w := t.ISOWeek(); y != year || w != week {
		return 0, 0, 0, false
	}
	return t.Year(), int(t.Month()), t.Day(), true
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if leap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}
