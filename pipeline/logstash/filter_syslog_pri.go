package logstash

import (
	"strings"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/ruby"
)

const (
	syslogFacilities = "kernel,user-level,mail,daemon,security/authorization,syslogd,line printer,network news,uucp,clock,security/authorization,ftp,ntp,log audit,log alert,clock,local0,local1,local2,local3,local4,local5,local6,local7"
	syslogSeverities = "emergency,alert,critical,error,warning,notice,informational,debug"
)

// newSyslogPri splits a syslog priority into facility and severity.
func newSyslogPri(s *Settings, env *Env) (any, error) {
	names := [5]string{"syslog_pri", "syslog_facility_code", "syslog_severity_code", "syslog_facility", "syslog_severity"}
	if env.ECS {
		names = [5]string{"[log][syslog][priority]", "[log][syslog][facility][code]", "[log][syslog][severity][code]",
			"[log][syslog][facility][name]", "[log][syslog][severity][name]"}
	}
	source := s.Ref("syslog_pri_field_name", names[0])
	labels := s.Bool("use_labels", true)
	facilities := stringsOr(s, "facility_labels", strings.Split(syslogFacilities, ",")...)
	severities := stringsOr(s, "severity_labels", strings.Split(syslogSeverities, ",")...)
	facilityCode, severityCode, facility, severity := mustRef(names[1]), mustRef(names[2]), mustRef(names[3]), mustRef(names[4])
	return Func(func(e *pipeline.Event) bool {
		priority := int64(13) // user-level, notice
		if v, _ := source.Get(e); v != nil {
			if list, ok := v.([]any); ok {
				v = nil
				if len(list) > 0 {
					v = list[0]
				}
			}
			priority = ruby.ParseInt(Text(v))
		}
		s, f := priority&7, priority>>3
		severityCode.Set(e, s)
		facilityCode.Set(e, f)
		switch {
		case !labels:
		case f < 0 || f >= int64(len(facilities)):
			Tag(e, "_syslogpriparsefailure")
		default:
			facility.Set(e, facilities[f])
			if s < int64(len(severities)) {
				severity.Set(e, severities[s])
			}
		}
		return true
	}), nil
}
