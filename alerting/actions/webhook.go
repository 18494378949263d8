package actions

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Hook posts notifications.
type Hook struct {
	cfg    Webhook
	client *http.Client
	now    func() time.Time
}

// NewHook returns a hook.
func NewHook(cfg Webhook) *Hook {
	return &Hook{cfg: cfg, now: time.Now, client: &http.Client{
		Timeout: 30 * time.Second,
		// What is signed goes to the address that was configured, nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Name tells the hook from other actions.
func (h *Hook) Name() string { return "webhook " + h.cfg.URL }

// Finished posts the notification. Any answer but 2xx is an error. The headers are
// X-Pharos-Delivery, which is the same for each try, X-Pharos-Timestamp in seconds, and
// with a secret X-Pharos-Signature: "sha256=" and the HMAC of timestamp, "." and body in
// hexadecimal digits.
func (h *Hook) Finished(ctx context.Context, o Object) error {
	body, err := Notification(o, "")
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.cfg.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(h.now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Pharos-Delivery", o.ID)
	r.Header.Set("X-Pharos-Timestamp", stamp)
	if h.cfg.Secret != "" {
		r.Header.Set("X-Pharos-Signature", "sha256="+Sign(h.cfg.Secret, stamp, body))
	}
	resp, err := h.client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("POST answers %s", resp.Status)
	}
	return nil
}

// Sign returns the signature of a body in hexadecimal digits.
func Sign(secret, timestamp string, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	_, _ = io.WriteString(h, timestamp+".")
	_, _ = h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}
