package smtptest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	_ "github.com/emersion/go-message/charset" // mails in any character set
	"github.com/emersion/go-message/mail"
)

// Mail is a received mail, taken apart.
type Mail struct {
	From      string   // envelope sender
	To        []string // envelope recipients
	Received  time.Time
	File      string // path of the .eml file, "" if none is kept
	Subject   string // decoded
	MessageID string // without <>
	InReplyTo string // without <>
	Date      time.Time
	Header    mail.Header // all of it, as sent
	Text      string      // text/plain
	HTML      string      // text/html
	// Pictures are the inline images by their Content-ID, without <>.
	Pictures map[string]Picture
}

// Picture is an image inside a mail.
type Picture struct {
	MIME string
	Data []byte
}

// Parse takes a mail apart. It is strict where mail programs are lenient: a
// part that cannot be decoded is an error.
func Parse(r io.Reader) (Mail, error) {
	reader, err := mail.CreateReader(r)
	if err != nil {
		return Mail{}, fmt.Errorf("reading the header of a mail: %w", err)
	}
	m := Mail{Header: reader.Header, Pictures: map[string]Picture{}}
	if m.Subject, err = reader.Header.Subject(); err != nil {
		return m, fmt.Errorf("reading the subject: %w", err)
	}
	if m.MessageID, err = reader.Header.MessageID(); err != nil {
		return m, fmt.Errorf("reading the Message-ID: %w", err)
	}
	replies, err := reader.Header.MsgIDList("In-Reply-To")
	if err != nil {
		return m, fmt.Errorf("reading In-Reply-To: %w", err)
	}
	m.InReplyTo = strings.Join(replies, " ")
	if m.Date, err = reader.Header.Date(); err != nil {
		return m, fmt.Errorf("reading the date: %w", err)
	}
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return m, fmt.Errorf("reading a part of a mail: %w", err)
		}
		if err := m.add(part); err != nil {
			return m, err
		}
	}
}

// add files one part where it belongs; attachments of other kinds are left out.
func (m *Mail) add(part *mail.Part) error {
	body, err := io.ReadAll(part.Body)
	if err != nil {
		return fmt.Errorf("decoding a part of a mail: %w", err)
	}
	header, ok := part.Header.(*mail.InlineHeader)
	if !ok {
		return nil
	}
	kind, _, err := header.ContentType()
	if err != nil {
		return fmt.Errorf("reading the type of a part: %w", err)
	}
	switch {
	case kind == "text/plain" || kind == "":
		m.Text += string(body)
	case kind == "text/html":
		m.HTML += string(body)
	case strings.HasPrefix(kind, "image/"):
		id := strings.Trim(header.Get("Content-Id"), "<> ")
		m.Pictures[id] = Picture{MIME: kind, Data: body}
	}
	return nil
}
