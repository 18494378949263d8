package reports

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/pharosd/pharos/dashboards"
)

// maxAttachment bounds what is sent in bytes: servers refuse more.
const maxAttachment = 20 << 20

// Mail is how mail is sent.
type Mail struct {
	Smarthost          string // host:port
	From               string
	Hello              string // "" is this machine's name
	Username, Password string // "" sends without signing in
	// RequireTLS refuses to send in the clear; ImplicitTLS speaks TLS from the beginning
	// (port 465) instead of STARTTLS.
	RequireTLS, ImplicitTLS bool
	TLS                     *tls.Config // nil is the system's
}

// ErrNoMail says that nothing tells how to send mail. Test with errors.Is.
var ErrNoMail = errors.New("no mail server is configured")

// send hands a message to the mail server.
func (m Mail) send(ctx context.Context, message *mail.Msg) error {
	host, portText, err := net.SplitHostPort(m.Smarthost)
	if err != nil {
		return fmt.Errorf("mail server %q: %w", m.Smarthost, err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return fmt.Errorf("mail server %q: %w", m.Smarthost, err)
	}
	policy := mail.TLSOpportunistic
	if m.RequireTLS {
		policy = mail.TLSMandatory
	}
	options := []mail.Option{mail.WithPort(port), mail.WithTLSPolicy(policy), mail.WithTimeout(30 * time.Second)}
	if m.Hello != "" {
		options = append(options, mail.WithHELO(m.Hello))
	}
	if m.ImplicitTLS {
		options = append(options, mail.WithSSL())
	}
	if m.TLS != nil {
		own := m.TLS.Clone()
		if own.ServerName == "" {
			own.ServerName = host
		}
		options = append(options, mail.WithTLSConfig(own))
	}
	if m.Username != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.Username), mail.WithPassword(m.Password))
	}
	client, err := mail.NewClient(host, options...)
	if err != nil {
		return fmt.Errorf("mail server %s: %w", m.Smarthost, err)
	}
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		return fmt.Errorf("send mail by %s: %w", m.Smarthost, err)
	}
	return nil
}

// body is the message as HTML.
var body = template.Must(template.New("report").Parse(`<!doctype html><html><body style="font-family:sans-serif;color:#1c2024">
<h2 style="margin:0 0 4px">{{.Title}}</h2>
<p style="margin:0 0 12px;color:#60646c">{{.When}} &middot; <a href="{{.Link}}">open the dashboard</a></p>
{{if .Image}}<img src="cid:{{.Image}}" alt="{{.Title}}" style="max-width:100%">{{else}}<p>The {{.Format}} is attached.</p>{{end}}
<p style="color:#80838d;font-size:12px">Report "{{.Name}}" of {{.Owner}}, sent by Pharos.</p>
</body></html>
`))

// compose writes the message with what was rendered.
func compose(m Mail, r dashboards.MailedReport, title, baseURL string, now time.Time, out []byte) (*mail.Msg, error) {
	if len(out) > maxAttachment {
		return nil, fmt.Errorf("the %s has %d bytes, more than mail servers take (%d): choose a shorter time", r.Format, len(out), maxAttachment)
	}
	zone, err := time.LoadLocation(r.Timezone)
	if err != nil {
		zone = time.UTC
	}
	message := mail.NewMsg()
	if err := errors.Join(message.From(m.From), message.To(r.Recipients...)); err != nil {
		return nil, fmt.Errorf("address the report: %w", err)
	}
	message.Subject(fmt.Sprintf("%s: %s", r.Name, title))
	message.SetDate()
	message.SetMessageID()
	from, _ := dashboards.ParseTime(r.Time.From, now)
	to, _ := dashboards.ParseTime(r.Time.To, now)
	const layout = "2006-01-02 15:04"
	data := map[string]any{
		"Title": title, "Name": r.Name, "Owner": r.Owner, "Format": strings.ToUpper(r.Format), "Link": link(r, baseURL, from, to),
		"When": fmt.Sprintf("%s to %s %s", from.In(zone).Format(layout), to.In(zone).Format(layout), zone),
	}
	name := r.DashboardUID + now.In(zone).Format("-20060102-1504.") + r.Format
	if r.Format == "png" {
		data["Image"] = name
		err = message.EmbedReader(name, bytes.NewReader(out), mail.WithFileContentID(name))
	} else {
		err = message.AttachReader(name, bytes.NewReader(out))
	}
	if err != nil {
		return nil, fmt.Errorf("attach the %s: %w", r.Format, err)
	}
	var html bytes.Buffer
	if err := body.Execute(&html, data); err != nil {
		return nil, fmt.Errorf("write the report's message: %w", err)
	}
	message.SetBodyString(mail.TypeTextPlain, fmt.Sprintf("%s\n%s\n\n%s\n\nReport \"%s\" of %s, sent by Pharos.\n", title, data["When"], data["Link"], r.Name, r.Owner))
	message.AddAlternativeString(mail.TypeTextHTML, html.String())
	return message, nil
}

// link opens the dashboard at the time of the report.
func link(r dashboards.MailedReport, baseURL string, from, to time.Time) string {
	q := Variables(r)
	q.Set("from", strconv.FormatInt(from.UnixMilli(), 10))
	q.Set("to", strconv.FormatInt(to.UnixMilli(), 10))
	return baseURL + "/dashboards/" + url.PathEscape(r.DashboardUID) + "?" + q.Encode()
}

// Variables are a report's variables as a page's address has them.
func Variables(r dashboards.MailedReport) url.Values {
	q := url.Values{}
	for name, values := range r.Variables {
		q["var-"+strings.TrimPrefix(name, "var-")] = values
	}
	return q
}
