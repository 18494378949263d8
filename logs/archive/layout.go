package archive

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// Hour is the begin of an hour in UTC, in nanoseconds since the Unix epoch.
type Hour int64

const hourLength = int64(time.Hour)

// HourOf returns the hour that a time in nanoseconds is in.
func HourOf(ns int64) Hour {
	h := ns / hourLength * hourLength
	if h > ns {
		h -= hourLength
	}
	return Hour(h)
}

// End is the begin of the next hour.
func (h Hour) End() int64 { return int64(h) + hourLength }

// Time is the hour's begin.
func (h Hour) Time() time.Time { return time.Unix(0, int64(h)).UTC() }

func (h Hour) String() string { return h.Time().Format("2006-01-02T15Z") }

// root is the folder of all logs below the storage's prefix.
const root = "logs/"

const manifestName = "manifest.json"

func tenantDir(t tenant.ID) string { return root + string(t) + "/" }

// hourDir is where an hour's objects are: logs/<tenant>/<YYYY>/<MM>/<DD>/<HH>/.
func hourDir(t tenant.ID, h Hour) string {
	return tenantDir(t) + h.Time().Format("2006/01/02/15") + "/"
}

func partName(n int) string { return fmt.Sprintf("part-%d.parquet", n) }

// parsePartName is the reverse of partName.
func parsePartName(s string) (n int, ok bool) {
	s, isPart := strings.CutPrefix(s, "part-")
	s, isFile := strings.CutSuffix(s, ".parquet")
	n, err := strconv.Atoi(s)
	return n, isPart && isFile && err == nil && n >= 0 && partName(n) == "part-"+s+".parquet"
}

// parseManifestName returns the hour of a manifest below a tenant's folder.
func parseManifestName(t tenant.ID, name string) (Hour, bool) {
	rest, ok := strings.CutPrefix(name, tenantDir(t))
	if !ok {
		return 0, false
	}
	rest, ok = strings.CutSuffix(rest, "/"+manifestName)
	if !ok {
		return 0, false
	}
	at, err := time.Parse("2006/01/02/15", rest)
	if err != nil || at.Year() < 1970 || at.Year() > 2200 {
		return 0, false
	}
	return Hour(at.UnixNano()), true
}
