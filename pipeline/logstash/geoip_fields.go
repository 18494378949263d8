package logstash

import "strings"

// geoipRecord is what a database may say of an address: the union of MaxMind's kinds.
type geoipRecord struct {
	City      geoipNamed `maxminddb:"city"`
	Continent struct {
		Code  string     `maxminddb:"code"`
		Names geoipNames `maxminddb:"names"`
	} `maxminddb:"continent"`
	Country  geoipNamed `maxminddb:"country"`
	Location struct {
		Latitude  *float64 `maxminddb:"latitude"`
		Longitude *float64 `maxminddb:"longitude"`
		MetroCode *uint    `maxminddb:"metro_code"`
		TimeZone  string   `maxminddb:"time_zone"`
	} `maxminddb:"location"`
	Postal struct {
		Code string `maxminddb:"code"`
	} `maxminddb:"postal"`
	Subdivisions []geoipNamed `maxminddb:"subdivisions"`
	Traits       geoipTraits  `maxminddb:"traits"`

	top         geoipTraits
	ip, network string
}

// geoipNamed is a place.
type geoipNamed struct {
	ISOCode string     `maxminddb:"iso_code"`
	Names   geoipNames `maxminddb:"names"`
}

type geoipNames struct {
	EN string `maxminddb:"en"`
}

// geoipTraits are at the top in databases of providers and within traits in others.
type geoipTraits struct {
	ASN          *uint  `maxminddb:"autonomous_system_number"`
	ASOrg        string `maxminddb:"autonomous_system_organization"`
	ISP          string `maxminddb:"isp"`
	Organization string `maxminddb:"organization"`
	Domain       string `maxminddb:"domain"`
	Hosting      bool   `maxminddb:"is_hosting_provider"`
	Tor          bool   `maxminddb:"is_tor_exit_node"`
	VPN          bool   `maxminddb:"is_anonymous_vpn"`
	Anonymous    bool   `maxminddb:"is_anonymous"`
	PublicProxy  bool   `maxminddb:"is_public_proxy"`
	Residential  bool   `maxminddb:"is_residential_proxy"`
}

func (r *geoipRecord) located() bool {
	return r.Location.Latitude != nil || r.Location.Longitude != nil
}

// geoipKind is what a kind of database adds by default.
type geoipKind struct {
	fields string
	city   bool
}

func geoipKindOf(databaseType string) geoipKind {
	switch {
	case strings.Contains(databaseType, "Enterprise"):
		return geoipKind{fields: "ip country_code2 country_name continent_name region_iso_code region_name city_name location"}
	case strings.Contains(databaseType, "City"):
		return geoipKind{"ip city_name continent_code country_name country_code2 country_code3 postal_code dma_code region_name region_iso_code timezone location latitude longitude", true}
	case strings.Contains(databaseType, "Country"):
		return geoipKind{fields: "ip country_code2 country_name continent_name"}
	case strings.Contains(databaseType, "ASN"):
		return geoipKind{fields: "ip autonomous_system_number autonomous_system_organization"}
	case strings.Contains(databaseType, "ISP"):
		return geoipKind{fields: "ip autonomous_system_number autonomous_system_organization isp organization"}
	case strings.Contains(databaseType, "Domain"):
		return geoipKind{fields: "domain"}
	case strings.Contains(databaseType, "Anonymous"):
		return geoipKind{fields: "hosting_provider tor_exit_node anonymous_vpn anonymous public_proxy residential_proxy"}
	}
	return geoipKind{}
}

// geoipField is one field: its names with and without the Elastic Common Schema ("":
// not there) and its value, nil without one.
type geoipField struct {
	ecs, old string
	value    func(r *geoipRecord) any
}

func textOrNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func geoipFields() map[string]geoipField {
	traits := func(of func(t *geoipTraits) any) func(r *geoipRecord) any {
		return func(r *geoipRecord) any {
			if v := of(&r.top); v != nil && v != false {
				return v
			}
			return of(&r.Traits)
		}
	}
	all := geoipPlaces()
	all["autonomous_system_number"] = geoipField{"as.number", "asn", traits(func(t *geoipTraits) any {
		if t.ASN == nil {
			return nil
		}
		return int64(*t.ASN)
	})}
	all["autonomous_system_organization"] = geoipField{"as.organization.name", "as_org", traits(func(t *geoipTraits) any { return textOrNil(t.ASOrg) })}
	all["isp"] = geoipField{"mmdb.isp", "isp", traits(func(t *geoipTraits) any { return textOrNil(t.ISP) })}
	all["organization"] = geoipField{"mmdb.organization", "organization", traits(func(t *geoipTraits) any { return textOrNil(t.Organization) })}
	all["domain"] = geoipField{"domain", "domain", traits(func(t *geoipTraits) any { return textOrNil(t.Domain) })}
	for name, of := range map[string]func(t *geoipTraits) any{
		"hosting_provider":  func(t *geoipTraits) any { return t.Hosting },
		"tor_exit_node":     func(t *geoipTraits) any { return t.Tor },
		"anonymous_vpn":     func(t *geoipTraits) any { return t.VPN },
		"anonymous":         func(t *geoipTraits) any { return t.Anonymous },
		"public_proxy":      func(t *geoipTraits) any { return t.PublicProxy },
		"residential_proxy": func(t *geoipTraits) any { return t.Residential },
	} {
		all[name] = geoipField{"ip_traits." + name, name, traits(of)}
	}
	return all
}

func geoipPlaces() map[string]geoipField {
	return map[string]geoipField{
		"ip":             {"ip", "ip", func(r *geoipRecord) any { return r.ip }},
		"network":        {"ip_traits.network", "network", func(r *geoipRecord) any { return textOrNil(r.network) }},
		"city_name":      {"geo.city_name", "city_name", func(r *geoipRecord) any { return textOrNil(r.City.Names.EN) }},
		"continent_code": {"geo.continent_code", "continent_code", func(r *geoipRecord) any { return textOrNil(r.Continent.Code) }},
		"continent_name": {"geo.continent_name", "continent_name", func(r *geoipRecord) any { return textOrNil(r.Continent.Names.EN) }},
		"country_name":   {"geo.country_name", "country_name", func(r *geoipRecord) any { return textOrNil(r.Country.Names.EN) }},
		"country_code2":  {"geo.country_iso_code", "country_code2", func(r *geoipRecord) any { return textOrNil(r.Country.ISOCode) }},
		"country_code3":  {"", "country_code3", func(r *geoipRecord) any { return textOrNil(r.Country.ISOCode) }},
		"postal_code":    {"geo.postal_code", "postal_code", func(r *geoipRecord) any { return textOrNil(r.Postal.Code) }},
		"timezone":       {"geo.timezone", "timezone", func(r *geoipRecord) any { return textOrNil(r.Location.TimeZone) }},
		"dma_code": {"mmdb.dma_code", "dma_code", func(r *geoipRecord) any {
			if r.Location.MetroCode == nil {
				return nil
			}
			return int64(*r.Location.MetroCode)
		}},
		"region_name":     {"geo.region_name", "region_name", func(r *geoipRecord) any { name, _ := r.region(); return textOrNil(name) }},
		"region_code":     {"geo.region_code", "region_code", func(r *geoipRecord) any { _, code := r.region(); return textOrNil(code) }},
		"region_iso_code": {"geo.region_iso_code", "region_iso_code", regionISOCode},
		"location":        {"geo.location", "location", location},
		"latitude":        {"geo.location.lat", "latitude", func(r *geoipRecord) any { return floatOrNil(r.Location.Latitude) }},
		"longitude":       {"geo.location.lon", "longitude", func(r *geoipRecord) any { return floatOrNil(r.Location.Longitude) }},
	}
}

func floatOrNil(f *float64) any {
	if f == nil {
		return nil
	}
	return *f
}

// region is the smallest part of the country that is known.
func (r *geoipRecord) region() (name, code string) {
	if n := len(r.Subdivisions); n > 0 {
		return r.Subdivisions[n-1].Names.EN, r.Subdivisions[n-1].ISOCode
	}
	return "", ""
}

func regionISOCode(r *geoipRecord) any {
	if _, code := r.region(); code != "" && r.Country.ISOCode != "" {
		return r.Country.ISOCode + "-" + code
	}
	return nil
}

func location(r *geoipRecord) any {
	if r.Location.Latitude == nil || r.Location.Longitude == nil {
		return nil
	}
	return map[string]any{"lat": *r.Location.Latitude, "lon": *r.Location.Longitude}
}
