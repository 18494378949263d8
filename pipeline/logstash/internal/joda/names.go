package joda

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones are named in configurations, whatever the system knows of them
)

// names are the words of a language; each has its variants.
type names struct {
	months, days, halves [][]string
}

// Words by language: twelve months and seven days from Monday on; variants, long and
// short, with | between. Short ones are those of older and of newer Java.
var languages = map[string][3]string{
	"en": {
		"January|Jan,February|Feb,March|Mar,April|Apr,May,June|Jun,July|Jul,August|Aug,September|Sep|Sept,October|Oct,November|Nov,December|Dec",
		"Monday|Mon,Tuesday|Tue,Wednesday|Wed,Thursday|Thu,Friday|Fri,Saturday|Sat,Sunday|Sun", "AM,PM",
	},
	"fr": {
		"janvier|janv.|janv,février|févr.|févr,mars,avril|avr.|avr,mai,juin,juillet|juil.|juil,août,septembre|sept.|sept,octobre|oct.|oct,novembre|nov.|nov,décembre|déc.|déc",
		"lundi|lun.|lun,mardi|mar.|mar,mercredi|mer.|mer,jeudi|jeu.|jeu,vendredi|ven.|ven,samedi|sam.|sam,dimanche|dim.|dim", "AM,PM",
	},
	"de": {
		"Januar|Jan.|Jan|Jänner|Jän.,Februar|Feb.|Feb|Feber,März|Mrz|Mär,April|Apr.|Apr,Mai,Juni|Jun,Juli|Jul,August|Aug.|Aug,September|Sept.|Sep,Oktober|Okt.|Okt,November|Nov.|Nov,Dezember|Dez.|Dez",
		"Montag|Mo.|Mo,Dienstag|Di.|Di,Mittwoch|Mi.|Mi,Donnerstag|Do.|Do,Freitag|Fr.|Fr,Samstag|Sa.|Sa,Sonntag|So.|So", "AM|vorm.,PM|nachm.",
	},
	"es": {
		"enero|ene.|ene,febrero|feb.|feb,marzo|mar.|mar,abril|abr.|abr,mayo|may.|may,junio|jun.|jun,julio|jul.|jul,agosto|ago.|ago,septiembre|sept.|sept|sep,octubre|oct.|oct,noviembre|nov.|nov,diciembre|dic.|dic",
		"lunes|lun.|lun,martes|mar.|mar,miércoles|mié.|mié,jueves|jue.|jue,viernes|vie.|vie,sábado|sáb.|sáb,domingo|dom.|dom", "AM|a. m.,PM|p. m.",
	},
	"ru": {
		"января|январь|янв.|янв,февраля|февраль|февр.|фев.|фев,марта|март|мар.|мар,апреля|апрель|апр.|апр,мая|май,июня|июнь|июн.|июн,июля|июль|июл.|июл,августа|август|авг.|авг,сентября|сентябрь|сент.|сен.|сен,октября|октябрь|окт.|окт,ноября|ноябрь|нояб.|ноя.|ноя,декабря|декабрь|дек.|дек",
		"понедельник|пн,вторник|вт,среда|ср,четверг|чт,пятница|пт,суббота|сб,воскресенье|вс", "AM,PM",
	},
	"it": {
		"gennaio|gen,febbraio|feb,marzo|mar,aprile|apr,maggio|mag,giugno|giu,luglio|lug,agosto|ago,settembre|set,ottobre|ott,novembre|nov,dicembre|dic",
		"lunedì|lun,martedì|mar,mercoledì|mer,giovedì|gio,venerdì|ven,sabato|sab,domenica|dom", "AM,PM",
	},
	"pt": {
		"janeiro|jan.|jan,fevereiro|fev.|fev,março|mar.|mar,abril|abr.|abr,maio|mai.|mai,junho|jun.|jun,julho|jul.|jul,agosto|ago.|ago,setembro|set.|set,outubro|out.|out,novembro|nov.|nov,dezembro|dez.|dez",
		"segunda-feira|seg.|seg,terça-feira|ter.|ter,quarta-feira|qua.|qua,quinta-feira|qui.|qui,sexta-feira|sex.|sex,sábado|sáb.|sáb,domingo|dom.|dom", "AM,PM",
	},
	"nl": {
		"januari|jan.|jan,februari|feb.|feb,maart|mrt.|mrt,april|apr.|apr,mei,juni|jun.|jun,juli|jul.|jul,augustus|aug.|aug,september|sep.|sep,oktober|okt.|okt,november|nov.|nov,december|dec.|dec",
		"maandag|ma,dinsdag|di,woensdag|wo,donderdag|do,vrijdag|vr,zaterdag|za,zondag|zo", "AM|a.m.,PM|p.m.",
	},
}

var (
	eras      = variants("AD,BC")
	zoneNames = variants("UTC|UT|GMT,EST|EDT,CST|CDT,MST|MDT,PST|PDT")
	zoneIDs   = []string{"UTC", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"}
)

// Locales are the languages whose names are known.
func Locales() []string { return []string{"en", "fr", "de", "es", "ru", "it", "pt", "nl"} }

// Known reports whether names of a locale are known; English ones are used otherwise.
func Known(locale string) bool {
	_, ok := languages[language(locale)]
	return ok
}

func language(locale string) string {
	lang, _, _ := strings.Cut(strings.ReplaceAll(locale, "_", "-"), "-")
	if lang == "" {
		return "en"
	}
	return strings.ToLower(lang)
}

func namesOf(locale string) *names {
	words, ok := languages[language(locale)]
	if !ok {
		words = languages["en"]
	}
	return &names{variants(words[0]), variants(words[1]), variants(words[2])}
}

func variants(list string) [][]string {
	var out [][]string
	for _, word := range strings.Split(list, ",") {
		var all []string
		for _, v := range strings.Split(word, "|") {
			all = append(all, v, strings.ToLower(v), strings.ToUpper(v))
		}
		out = append(out, all)
	}
	return out
}

// zones remembers loaded zones, as loading reads a file. It is bounded because names
// may come from events.
var zones = struct {
	sync.RWMutex
	byName map[string]*time.Location
}{byName: map[string]*time.Location{}}

const maxZones = 2000

// zone returns a zone by its name in the IANA database, nil without one.
func zone(name string) *time.Location {
	zones.RLock()
	l, ok := zones.byName[name]
	zones.RUnlock()
	if ok {
		return l
	}
	l, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		l = nil
	}
	zones.Lock()
	if len(zones.byName) < maxZones {
		zones.byName[name] = l
	}
	zones.Unlock()
	return l
}

// Zone returns a zone by what Joda takes as its identifier: a name as Europe/Paris, UTC,
// or an offset as +02:00.
func Zone(id string) (*time.Location, bool) {
	if l, n := offset(id); n > 0 && n == len(id) && id[0] != 'Z' && id[0] != 'z' {
		return l, true
	}
	l := zone(id)
	return l, l != nil
}
