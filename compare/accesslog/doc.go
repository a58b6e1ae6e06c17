// Package accesslog reads what a web server wrote down about its visitors, and
// says which of it matters to somebody who looks after the site.
//
// A log is read line by line. [Unpack] undoes gzip and zstd, a [Reader] turns
// lines into entries, and a [Scanner] holds each entry against a table of rules
// and gathers what it finds:
//
//	plain, err := accesslog.Unpack(file)
//	...
//	r := accesslog.NewReader(plain)
//	s := accesslog.NewScanner(accesslog.Options{})
//	for {
//		e, err := r.Next()
//		if err == io.EOF { break }
//		...
//		s.Add(e)
//	}
//	report := s.Report()
//
// The formats are recognised line by line, so that a file may change from one
// to the other: common and combined of Apache and nginx (with or without the
// name of the virtual host in front), one JSON object a line as nginx writes it
// with escape=json, and W3C extended of IIS, whose directive #Fields says what
// the columns are.
//
// Every byte of a log may come from an attacker: he chooses the path, the
// referrer, the agent, and often the name of the user. So nothing here is
// trusted: lines, fields, tables and counts are bounded, what is shown is
// escaped, and a line that cannot be read is counted with its number and the
// reason. Memory does not grow with the log.
//
// What a site did before is in a [Memory], which the caller keeps: the scripts
// that it ran, where its administrators log in from, which uploads are usual.
// Some rules are about what was never there before, and say nothing until the
// memory covers a day.
//
// The package is pure: it opens no file, asks no clock and keeps nothing.
package accesslog
