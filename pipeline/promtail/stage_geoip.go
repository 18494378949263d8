package promtail

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/oschwald/maxminddb-golang"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline"
)

// geoIPStage looks an address up in a database of MaxMind's format and makes labels of
// what it finds. The database is mapped into memory until the stage is collected.
type geoIPStage struct {
	source string
	asn    bool
	db     *maxminddb.Reader
}

// geoCity is what the stage reads of a city's record, geoASN of an autonomous system's.
type geoCity struct {
	City        geoNamed     `maxminddb:"city"`
	Country     geoNamed     `maxminddb:"country"`
	Continent   geoContinent `maxminddb:"continent"`
	Subdivision []geoNamed   `maxminddb:"subdivisions"`
	Postal      struct {
		Code string `maxminddb:"code"`
	} `maxminddb:"postal"`
	Location struct {
		Latitude  *float64 `maxminddb:"latitude"`
		Longitude *float64 `maxminddb:"longitude"`
		TimeZone  string   `maxminddb:"time_zone"`
	} `maxminddb:"location"`
}

type geoNamed struct {
	Names struct {
		English string `maxminddb:"en"`
	} `maxminddb:"names"`
	ISOCode string `maxminddb:"iso_code"`
}

type geoContinent struct {
	Names struct {
		English string `maxminddb:"en"`
	} `maxminddb:"names"`
	Code string `maxminddb:"code"`
}

type geoASN struct {
	Number       uint   `maxminddb:"autonomous_system_number"`
	Organization string `maxminddb:"autonomous_system_organization"`
}

func (cfg *config) geoIP() pipeline.Stage {
	var settings struct {
		DB     string `yaml:"db"`
		Source *string
		DBType string `yaml:"db_type"`
	}
	if cfg.empty() || !cfg.decode(&settings) || !cfg.source(settings.Source) {
		return nil
	}
	ok := true
	if settings.Source == nil {
		cfg.problem("", "the stage needs a source", "the name of an extracted value that is an address")
		ok = false
	}
	kinds := []string{"city", "asn"}
	if settings.DBType != "city" && settings.DBType != "asn" {
		cfg.problem("db_type", fmt.Sprintf("expected city or asn, found %q", settings.DBType), strictyaml.Suggest(settings.DBType, kinds))
		ok = false
	}
	if settings.DB == "" {
		cfg.problem("db", "the stage needs a database", "the path of a .mmdb file, such as GeoLite2-City.mmdb")
		return nil
	}
	db, err := maxminddb.Open(settings.DB)
	if err != nil {
		cfg.problem("db", err.Error(), "MaxMind's databases are not part of Pharos: download one and give its path")
		return nil
	}
	if !ok {
		return nil
	}
	return &geoIPStage{source: *settings.Source, asn: settings.DBType == "asn", db: db}
}

func (s *geoIPStage) Process(e *pipeline.Event, out pipeline.Output) {
	if in, ok := input(e, &s.source); ok {
		if addr, err := netip.ParseAddr(in); err == nil && addr.Zone() == "" {
			s.lookUp(e, addr.AsSlice())
		}
	}
	out.Emit(e)
}

// lookUp leaves the event as it is when the database does not know the address or is
// damaged there.
func (s *geoIPStage) lookUp(e *pipeline.Event, ip net.IP) {
	set := func(name, value string) {
		if value != "" {
			setLabel(e, "geoip_"+name, value)
		}
	}
	if s.asn {
		var r geoASN
		if s.db.Lookup(ip, &r) == nil {
			if r.Number != 0 {
				set("autonomous_system_number", strconv.FormatUint(uint64(r.Number), 10))
			}
			set("autonomous_system_organization", r.Organization)
		}
		return
	}
	var r geoCity
	if s.db.Lookup(ip, &r) != nil {
		return
	}
	set("city_name", r.City.Names.English)
	set("country_name", r.Country.Names.English)
	set("continent_name", r.Continent.Names.English)
	set("continent_code", r.Continent.Code)
	set("postal_code", r.Postal.Code)
	set("timezone", r.Location.TimeZone)
	if l := r.Location; l.Latitude != nil && l.Longitude != nil {
		set("location_latitude", coordinate(*l.Latitude))
		set("location_longitude", coordinate(*l.Longitude))
	}
	if n := len(r.Subdivision); n > 0 {
		set("subdivision_name", r.Subdivision[n-1].Names.English)
		set("subdivision_code", r.Subdivision[n-1].ISOCode)
	}
}

// coordinate writes degrees as Go's fmt does.
func coordinate(degrees float64) string { return strconv.FormatFloat(degrees, 'g', -1, 64) }
