package app

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	amconfig "github.com/prometheus/alertmanager/config"
	promcommon "github.com/prometheus/common/config"

	"github.com/pharosd/pharos/api/v1"
	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/dashboards/render"
	"github.com/pharosd/pharos/dashboards/reports"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// buildReports wires dashboards that are sent by e-mail.
func (a *App) buildReports(library *dashboards.Library, renderer *render.Renderer) {
	var smtp atomic.Pointer[dashboards.SMTPConfig]
	smtp.Store(&a.cfg.Dashboards.Reports.SMTP)
	a.onReload("reports", func(c *config.Config) error {
		smtp.Store(&c.Dashboards.Reports.SMTP)
		return nil
	})
	service := reports.New(reports.Deps{
		Library: library, Owner: a.reportOwner, BaseURL: a.cfg.BaseURL(), Log: a.log.With("component", "reports"), Now: time.Now,
		Mail: func(t tenant.ID) (reports.Mail, error) { return a.reportMail(t, smtp.Load()) },
		Render: func(ctx context.Context, t tenant.ID, who dashboards.Actor, r dashboards.MailedReport) ([]byte, error) {
			return renderer.Render(ctx, render.Request{Tenant: t, Who: who, UID: r.DashboardUID, Format: render.Format(r.Format), Data: render.Data(r.Data), Time: r.Time,
				Timezone: r.Timezone, Variables: reports.Variables(r)})
		},
	}, a.registry)
	a.part("reports", service.Run)
	a.routes = append(a.routes, v1.NewReports(library, service).Routes()...)
}

// reportOwner is who a report belongs to, with what they may do now.
func (a *App) reportOwner(ctx context.Context, t tenant.ID, owner string) (dashboards.Actor, error) {
	gone := fmt.Errorf("%s, whose report it is, is not there any more: save the report again to make it yours", owner)
	if a.cfg.Auth.Mode == auth.Off {
		return dashboards.Actor{Owner: owner, Role: string(auth.Admin)}, nil
	}
	if name, isToken := strings.CutPrefix(owner, "token:"); isToken {
		tokens, err := a.meta.Tokens(ctx, t)
		if err != nil {
			return dashboards.Actor{}, err
		}
		for _, token := range tokens {
			if token.Name == name && token.CanRead && token.Selector == "" && (token.ExpiresAt.IsZero() || time.Now().Before(token.ExpiresAt)) {
				return dashboards.Actor{Owner: owner, Role: token.Role}, nil
			}
		}
		return dashboards.Actor{}, gone
	}
	u, err := a.meta.User(ctx, owner)
	if errors.Is(err, metastore.ErrNotFound) || err == nil && u.Tenant != t {
		return dashboards.Actor{}, gone
	}
	return dashboards.Actor{Owner: owner, User: owner, Role: u.Role}, err
}

// reportMail is how a tenant's reports are mailed: dashboards.reports.smtp, or else what
// the tenant's alertmanager.yml says for all its mails.
func (a *App) reportMail(t tenant.ID, c *dashboards.SMTPConfig) (reports.Mail, error) {
	if c.Smarthost != "" {
		m := reports.Mail{Smarthost: c.Smarthost, From: c.From, Hello: c.Hello, Username: c.Username, RequireTLS: c.RequireTLS, ImplicitTLS: c.ImplicitTLS}
		err := readPassword(c.PasswordFile, &m.Password)
		return m, err
	}
	g, err := a.alerts.Global(t)
	if err != nil {
		return reports.Mail{}, err
	}
	if g.SMTPSmarthost.Host == "" || g.SMTPFrom == "" {
		return reports.Mail{}, fmt.Errorf("%w: set dashboards.reports.smtp, or smtp_smarthost and smtp_from in alertmanager.yml", reports.ErrNoMail)
	}
	return alertmanagerMail(g)
}

func alertmanagerMail(g *amconfig.GlobalConfig) (reports.Mail, error) {
	m := reports.Mail{Smarthost: g.SMTPSmarthost.String(), From: g.SMTPFrom, Hello: g.SMTPHello, Username: g.SMTPAuthUsername,
		Password: cmp.Or(string(g.SMTPAuthPassword), string(g.SMTPAuthSecret)), RequireTLS: g.SMTPRequireTLS, ImplicitTLS: g.SMTPSmarthost.Port == "465"}
	if g.SMTPForceImplicitTLS != nil {
		m.ImplicitTLS = *g.SMTPForceImplicitTLS
	}
	if g.SMTPTLSConfig != nil {
		own, err := promcommon.NewTLSConfig(g.SMTPTLSConfig)
		if err != nil {
			return m, fmt.Errorf("smtp_tls_config of alertmanager.yml: %w", err)
		}
		m.TLS = own
		m.TLS.MinVersion = max(m.TLS.MinVersion, tls.VersionTLS12)
	}
	if m.Password == "" {
		err := readPassword(cmp.Or(g.SMTPAuthPasswordFile, g.SMTPAuthSecretFile), &m.Password)
		return m, err
	}
	return m, nil
}

func readPassword(file string, into *string) error {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the mail server's password: %w", err)
	}
	*into = strings.TrimSpace(string(text))
	return nil
}
