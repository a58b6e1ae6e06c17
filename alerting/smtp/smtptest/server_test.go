package smtptest_test

import (
	"context"
	"errors"
	"net"
	netsmtp "net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pasban/alerting/smtp/smtptest"
)

const example = "From: a@a.test\r\nTo: b@b.test\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\nMessage-ID: <../../x@a.test>\r\n" +
	"Date: Sun, 01 Mar 2026 04:05:06 +0000\r\n\r\nhello\r\n..dot\r\n"

func start(t *testing.T, options smtptest.Options) *smtptest.Server {
	t.Helper()
	server, err := smtptest.Start(t.Context(), "127.0.0.1:0", options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func send(server *smtptest.Server) error {
	return netsmtp.SendMail(server.Addr(), nil, "a@a.test", []string{"b@b.test"}, []byte(example))
}

// A mail is on disk, as it was sent and under a name of ours, when the client is
// told that it was taken.
func TestKeeps(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mails")
	server := start(t, smtptest.Options{Dir: dir})
	for range 2 {
		if err := send(server); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("files are %v, %v; want two", files, err)
	}
	mail := server.Mails()[0]
	raw, err := os.ReadFile(mail.File)
	if err != nil || !strings.HasSuffix(string(raw), "hello\r\n..dot\r\n") {
		t.Errorf("the file %s holds %q, %v", mail.File, raw, err)
	}
	if mail.Subject != "café" || mail.MessageID != "../../x@a.test" || mail.From != "a@a.test" || mail.To[0] != "b@b.test" {
		t.Errorf("the mail is %+v", mail)
	}
}

// What the handler refuses is not kept.
func TestHandlerRefuses(t *testing.T) {
	dir := t.TempDir()
	server := start(t, smtptest.Options{Dir: dir, Handler: func(smtptest.Mail) error { return errors.New("not today") }})
	if err := send(server); err == nil || !strings.Contains(err.Error(), "not today") {
		t.Errorf("sending: got %v, want the handler's words", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 || len(server.Mails()) != 0 {
		t.Errorf("kept are %v, %v and %d mails, want nothing", files, err, len(server.Mails()))
	}
}

// Wait returns when the mail is there, and gives up with its context.
func TestWait(t *testing.T) {
	server := start(t, smtptest.Options{})
	sent := make(chan error, 1)
	go func() { sent <- send(server) }()
	if mails, err := server.Wait(t.Context(), 1); err != nil || len(mails) != 1 {
		t.Errorf("Wait: %d mails, %v", len(mails), err)
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := server.Wait(ctx, 2); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait for more: got %v, want DeadlineExceeded", err)
	}
}

// The server ends with its context.
func TestEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server, err := smtptest.Start(ctx, "127.0.0.1:0", smtptest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if conn, err := net.Dial("tcp", server.Addr()); err == nil {
		t.Error("the server still answers", conn.Close())
	}
}

// Bytes that are no mail are an error, never a panic.
func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Add("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: image/png\r\nContent-ID: <a>\r\n\r\nAAAA\r\n--x--\r\n")
	f.Add("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n--x\r\n")
	f.Add("Content-Transfer-Encoding: base64\r\nContent-Type: text/html; charset=x\r\n\r\n!!!")
	f.Fuzz(func(t *testing.T, raw string) {
		mail, err := smtptest.Parse(strings.NewReader(raw))
		if err == nil && len(mail.Text)+len(mail.HTML) > 4*len(raw)+16 {
			t.Errorf("%d bytes became %d", len(raw), len(mail.Text)+len(mail.HTML))
		}
	})
}
