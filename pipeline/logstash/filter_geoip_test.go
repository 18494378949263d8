package logstash

import (
	"encoding/binary"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mmdb writes a database in MaxMind's form, of IPv4 networks, as its specification at
// maxmind.github.io/MaxMind-DB has it: a search tree, the data, the metadata.
func mmdb(kind string, networks map[string]map[string]any) []byte {
	type node [2]int // below 0: -1-index of data; 0: nothing; else a node
	tree := []node{{}}
	var data []byte
	for _, cidr := range slices.Sorted(mapKeys(networks)) {
		prefix := netip.MustParsePrefix(cidr)
		offset := len(data)
		data = mmdbValue(data, networks[cidr])
		at, addr := 0, prefix.Addr().As4()
		for bit := range prefix.Bits() {
			side := int(addr[bit/8] >> (7 - bit%8) & 1)
			if bit == prefix.Bits()-1 {
				tree[at][side] = -1 - offset
				break
			}
			if tree[at][side] == 0 {
				tree = append(tree, node{})
				tree[at][side] = len(tree) - 1
			}
			at = tree[at][side]
		}
	}
	var out []byte
	for _, n := range tree {
		for _, v := range n {
			switch {
			case v == 0:
				v = len(tree)
			case v < 0:
				v = len(tree) + 16 + -1 - v
			}
			out = append(out, byte(v>>16), byte(v>>8), byte(v))
		}
	}
	out = append(append(out, make([]byte, 16)...), data...)
	out = append(out, "\xab\xcd\xefMaxMind.com"...)
	return mmdbValue(out, map[string]any{
		"node_count": uint32(len(tree)), "record_size": uint16(24), "ip_version": uint16(4), "database_type": kind,
		"binary_format_major_version": uint16(2), "binary_format_minor_version": uint16(0), "build_epoch": uint32(1),
		"languages": []any{"en"}, "description": map[string]any{"en": "test"},
	})
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func mmdbValue(b []byte, v any) []byte {
	control := func(kind, size int) {
		if kind > 7 {
			b = append(b, byte(size), byte(kind-7))
			return
		}
		if size >= 29 {
			b = append(b, byte(kind<<5|29), byte(size-29))
			return
		}
		b = append(b, byte(kind<<5|size))
	}
	switch v := v.(type) {
	case string:
		control(2, len(v))
		b = append(b, v...)
	case float64:
		control(3, 8)
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(v))
	case uint16:
		control(5, 2)
		b = binary.BigEndian.AppendUint16(b, v)
	case uint32:
		control(6, 4)
		b = binary.BigEndian.AppendUint32(b, v)
	case []any:
		control(11, len(v))
		for _, x := range v {
			b = mmdbValue(b, x)
		}
	case map[string]any:
		control(7, len(v))
		for _, k := range slices.Sorted(mapKeys(v)) {
			b = mmdbValue(mmdbValue(b, k), v[k])
		}
	}
	return b
}

func TestGeoIP(t *testing.T) {
	name := func(s string) map[string]any { return map[string]any{"names": map[string]any{"en": s}} }
	country := name("Sweden")
	country["iso_code"] = "SE"
	region := name("Östergötland County")
	region["iso_code"] = "E"
	continent := name("Europe")
	continent["code"] = "EU"
	dir := t.TempDir()
	for file, db := range map[string][]byte{
		"city.mmdb": mmdb("GeoLite2-City", map[string]map[string]any{
			"89.160.20.112/28": {"city": name("Linköping"), "country": country, "continent": continent, "subdivisions": []any{region},
				"location": map[string]any{"latitude": 58.4167, "longitude": 15.6167, "time_zone": "Europe/Stockholm"}, "postal": map[string]any{"code": "580 02"}},
			"10.0.0.0/8": {"country": country}, // a place that is nowhere
		}),
		"asn.mmdb": mmdb("GeoLite2-ASN", map[string]map[string]any{
			"1.128.0.0/11": {"autonomous_system_number": uint32(1221), "autonomous_system_organization": "Telstra"},
		}),
	} {
		if err := os.WriteFile(filepath.Join(dir, file), db, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ config, event, want string }{
		{`geoip { source => "[client][ip]" database => "DIR/city.mmdb" add_tag => "found" }`, `{"client":{"ip":"89.160.20.120"}}`,
			`{"client":{"geo":{"city_name":"Linköping","continent_code":"EU","country_iso_code":"SE","country_name":"Sweden","location":{"lat":58.4167,"lon":15.6167},"postal_code":"580 02","region_iso_code":"SE-E","region_name":"Östergötland County","timezone":"Europe/Stockholm"},"ip":"89.160.20.120"},"tags":["found"]}`},
		{`geoip { source => "ip" database => "DIR/city.mmdb" ecs_compatibility => "disabled" fields => ["city_name", "location", "region_code"] }`, `{"ip":["89.160.20.112"]}`,
			`{"geoip":{"city_name":"Linköping","location":{"lat":58.4167,"lon":15.6167},"region_code":"E"},"ip":["89.160.20.112"]}`},
		{`geoip { source => "[source][ip]" database => "DIR/asn.mmdb" }`, `{"source":{"ip":"1.130.2.3"}}`,
			`{"source":{"as":{"number":1221,"organization":{"name":"Telstra"}},"ip":"1.130.2.3"}}`},
		{`geoip { source => "[source][ip]" target => "x" database => "DIR/asn.mmdb" fields => ["network"] }`, `{"source":{"ip":"1.130.2.3"}}`,
			`{"source":{"ip":"1.130.2.3"},"x":{"ip_traits":{"network":"1.128.0.0/11"}}}`},
		{`geoip { source => "ip" target => "x" database => "DIR/city.mmdb" tag_on_failure => ["none"] }`, `{"ip":"8.8.8.8"}`, `{"ip":"8.8.8.8","tags":["none"],"x":{}}`},
		{`geoip { source => "ip" target => "x" database => "DIR/city.mmdb" }`, `{"ip":"10.1.1.1"}`, `{"ip":"10.1.1.1","tags":["_geoip_lookup_failure"],"x":{}}`},
		{`geoip { source => "ip" target => "x" database => "DIR/city.mmdb" }`, `{"ip":"not an address"}`, `{"ip":"not an address","tags":["_geoip_lookup_failure"],"x":{}}`},
		{`geoip { source => "ip" target => "x" database => "DIR/city.mmdb" }`, `{"other":1}`, `{"other":1,"tags":["_geoip_lookup_failure"]}`},
		{`geoip { source => "ip" target => "x" }`, `{"ip":"10.1.1.1"}`, `{"ip":"10.1.1.1","tags":["_geoip_expired_database"]}`},
	} {
		c.config = "filter { " + strings.ReplaceAll(c.config, "DIR", dir) + " }"
		t.Run(c.config, func(t *testing.T) {
			runScript(t, scriptCase{"geoip", map[string]string{"config": c.config, "events": c.event, "expect": c.want}})
		})
	}
	for config, want := range map[string]string{
		`geoip { source => "ip" database => "` + dir + `/city.mmdb" }`:                                     "a target has to be named",
		`geoip { source => "ip" target => "x" database => "` + dir + `/no.mmdb" }`:                         "open database",
		`geoip { source => "ip" target => "x" database => "` + dir + `/city.mmdb" fields => ["nowhere"] }`: `"nowhere" is no field`,
	} {
		runScript(t, scriptCase{"geoip", map[string]string{"config": "filter { " + config + " }", "error": want}})
	}
}
