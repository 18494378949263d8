package syslog

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/test/doortest"
)

// relays are the distribution's daemons: each takes syslog by TCP and passes it on in
// every form that it has. Arguments of a configuration are its own port, the receiver's
// UDP, TCP and TLS ports and the authority's file.
var relays = []struct {
	name, binary string
	args         func(config, dir string) []string
	config       string
	forms        int
}{
	{name: "rsyslog", binary: "rsyslogd", forms: 6,
		args: func(config, dir string) []string {
			return []string{"-n", "-f", config, "-i", filepath.Join(dir, "pid")}
		},
		config: `
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="%[1]d" ruleset="all")
template(name="t3164" type="string" string="<%%PRI%%>%%TIMESTAMP%% %%HOSTNAME%% %%syslogtag%%%%msg:::sp-if-no-1st-sp%%%%msg%% udp-3164")
template(name="f3164" type="string" string="<%%PRI%%>%%TIMESTAMP:::date-rfc3339%% %%HOSTNAME%% %%syslogtag%%%%msg:::sp-if-no-1st-sp%%%%msg%% tcp-forward")
template(name="t5424u" type="string" string="<%%PRI%%>1 %%TIMESTAMP:::date-rfc3339%% %%HOSTNAME%% %%APP-NAME%% %%PROCID%% %%MSGID%% %%STRUCTURED-DATA%% %%msg%% udp-5424")
template(name="t5424l" type="string" string="<%%PRI%%>1 %%TIMESTAMP:::date-rfc3339%% %%HOSTNAME%% %%APP-NAME%% %%PROCID%% %%MSGID%% %%STRUCTURED-DATA%% %%msg%% tcp-lines\n")
template(name="t5424c" type="string" string="<%%PRI%%>1 %%TIMESTAMP:::date-rfc3339%% %%HOSTNAME%% %%APP-NAME%% %%PROCID%% %%MSGID%% %%STRUCTURED-DATA%% %%msg%% tcp-counted")
template(name="t5424s" type="string" string="<%%PRI%%>1 %%TIMESTAMP:::date-rfc3339%% %%HOSTNAME%% %%APP-NAME%% %%PROCID%% %%MSGID%% %%STRUCTURED-DATA%% %%msg%% tls-counted")
ruleset(name="all") {
  action(type="omfwd" target="127.0.0.1" port="%[2]d" protocol="udp" template="t3164")
  action(type="omfwd" target="127.0.0.1" port="%[2]d" protocol="udp" template="t5424u")
  action(type="omfwd" target="127.0.0.1" port="%[3]d" protocol="tcp" template="f3164")
  action(type="omfwd" target="127.0.0.1" port="%[3]d" protocol="tcp" template="t5424l")
  action(type="omfwd" target="127.0.0.1" port="%[3]d" protocol="tcp" tcp_framing="octet-counted" template="t5424c")
  action(type="omfwd" target="127.0.0.1" port="%[4]d" protocol="tcp" tcp_framing="octet-counted" template="t5424s"
    StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid" StreamDriver.CAFile="%[5]s")
}
`},
	{name: "syslog-ng", binary: "syslog-ng", forms: 5,
		args: func(config, dir string) []string {
			return []string{"-F", "--no-caps", "-f", config, "-R", filepath.Join(dir, "persist"), "-p", filepath.Join(dir, "pid"), "-c", filepath.Join(dir, "ctl")}
		},
		config: `@version: 3.38
options { keep-hostname(yes); stats-freq(0); };
source in { syslog(ip("127.0.0.1") port(%[1]d) transport("tcp")); };
rewrite r1 { set("${MSG} udp-3164" value("MSG")); };
rewrite r2 { set("${MSG} tcp-3164" value("MSG")); };
rewrite r3 { set("${MSG} udp-5424" value("MSG")); };
rewrite r4 { set("${MSG} tcp-counted" value("MSG")); };
rewrite r5 { set("${MSG} tls-counted" value("MSG")); };
destination d1 { network("127.0.0.1" persist-name("d1") port(%[2]d) transport("udp")); };
destination d2 { network("127.0.0.1" persist-name("d2") port(%[3]d) transport("tcp")); };
destination d3 { syslog("127.0.0.1" persist-name("d3") port(%[2]d) transport("udp")); };
destination d4 { syslog("127.0.0.1" persist-name("d4") port(%[3]d) transport("tcp")); };
destination d5 { syslog("127.0.0.1" persist-name("d5") port(%[4]d) transport("tls") tls(ca-file("%[5]s") peer-verify(required-trusted))); };
log { source(in); rewrite(r1); destination(d1); };
log { source(in); rewrite(r2); destination(d2); };
log { source(in); rewrite(r3); destination(d3); };
log { source(in); rewrite(r4); destination(d4); };
log { source(in); rewrite(r5); destination(d5); };
`},
}

// TestRelays passes messages through rsyslog and syslog-ng, which send them on in every
// form of the protocol.
func TestRelays(t *testing.T) {
	for _, relay := range relays {
		t.Run(relay.name, func(t *testing.T) {
			binary, err := exec.LookPath(relay.binary)
			if unpacked, _ := filepath.Abs("../../test/clients/bin/" + relay.binary); err != nil {
				binary, err = exec.LookPath(unpacked)
			}
			if err != nil {
				t.Skipf("%s is not installed; test/install-deps.sh does it", relay.binary)
			}
			k := doortest.New(t, nil)
			cfg := DefaultConfig()
			cfg.UDP, cfg.TCP, cfg.TLS = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
			cfg.TLSConfig.CertFile, cfg.TLSConfig.KeyFile = doortest.Certificate(t)
			r, _ := listen(t, k, cfg)
			ports := []any{testkit.FreePort(t)}
			for _, a := range r.Addrs() {
				_, port, err := net.SplitHostPort(a.String())
				require.NoError(t, err)
				var n int
				_, err = fmt.Sscan(port, &n)
				require.NoError(t, err)
				ports = append(ports, n)
			}
			config := fmt.Sprintf(relay.config, append(ports, cfg.TLSConfig.CertFile)...)
			in := startRelay(t, binary, relay.args, config, ports[0].(int))
			const messages = 50
			for i := range messages {
				m := fmt.Sprintf("<%d>1 %s box-%d shop %d ID%d [order@1 id=\"%d\"] message %d", 8*16+i%8, time.Now().Format("2006-01-02T15:04:05.000000Z07:00"), i%3, 100+i, i, i, i)
				_, err := fmt.Fprintf(in, "%d %s", len(m), m)
				require.NoError(t, err)
			}
			seen := map[string]int{}
			for _, e := range k.Wait(t, doortest.Tenant, messages*relay.forms) {
				var i int
				var form string
				_, err := fmt.Sscanf(e.Line, "message %d %s", &i, &form)
				require.NoError(t, err, "%q %v", e.Line, e.Labels)
				seen[form]++
				require.Equal(t, map[string]string{"job": "syslog", "host": fmt.Sprintf("box-%d", i%3), "app": "shop", "level": severities[i%8],
					"facility": "local0", "service_name": "shop"}, e.Labels, form)
				require.Equal(t, fmt.Sprint(100+i), e.Metadata["proc_id"], form)
				require.WithinDuration(t, time.Now(), e.Time, time.Minute, form)
				if strings.HasSuffix(form, "5424") || strings.HasSuffix(form, "counted") {
					require.Equal(t, fmt.Sprint(i), e.Metadata["sd_order_1_id"], form)
					require.Equal(t, fmt.Sprintf("ID%d", i), e.Metadata["msg_id"], form)
				}
			}
			require.Len(t, seen, relay.forms)
			for form, n := range seen {
				require.Equal(t, messages, n, form)
			}
		})
	}
}

// startRelay runs a daemon and returns a connection to it.
func startRelay(t *testing.T, binary string, args func(config, dir string) []string, config string, port int) net.Conn {
	dir := t.TempDir()
	file := filepath.Join(dir, "relay.conf")
	require.NoError(t, os.WriteFile(file, []byte(config), 0o600))
	var out bytes.Buffer
	cmd := exec.Command(binary, args(file, dir)...)
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Start())
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
		if t.Failed() {
			t.Logf("output of %s:\n%s", binary, out.String())
		}
	})
	var in net.Conn
	require.Eventually(t, func() bool {
		var err error
		in, err = net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		return err == nil
	}, 15*time.Second, 50*time.Millisecond)
	t.Cleanup(func() { _ = in.Close() })
	return in
}
