package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// jsonLines N: what a script reads has nothing in it but objects.
func jsonLines(ts *testscript.TestScript, args []string) {
	if got := len(objects(ts)); strconv.Itoa(got) != strings.Join(args, "") {
		ts.Fatalf("stdout has %d lines, want %q", got, args)
	}
}

// objects reads stdout, strictly.
func objects(ts *testscript.TestScript) []map[string]any {
	var all []map[string]any
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.UseNumber()
		var one map[string]any
		if err := decoder.Decode(&one); err != nil || decoder.More() {
			ts.Fatalf("stdout line %d is not one JSON object (%v): %s", len(all)+1, err, line)
		}
		all = append(all, one)
	}
	return all
}

// jsonCheck is json WHICH PATH OP VALUE on the lines of stdout. WHICH is a number
// from 1, "last", or KEY=VALUE for the one line that has it. PATH names keys and
// indices with dots between; "." is the whole line, and a last part "len" counts.
// OP is == or != (as text), ~ (a pattern), > (a number), or keys: the object has
// exactly these keys, given with commas between.
func jsonCheck(ts *testscript.TestScript, args []string) {
	if len(args) != 4 {
		ts.Fatalf("usage: json WHICH PATH OP VALUE")
	}
	which, path, op, want := args[0], args[1], args[2], args[3]
	value, err := follow(choose(ts, which), path)
	if err == nil {
		err = hold(value, op, want)
	}
	if err != nil {
		ts.Fatalf("line %s, %s: %v", which, path, err)
	}
}

func choose(ts *testscript.TestScript, which string) map[string]any {
	all := objects(ts)
	key, value, byKey := strings.Cut(which, "=")
	n, err := strconv.Atoi(which)
	switch {
	case which == "last":
		n = len(all)
	case byKey:
		all = slices.DeleteFunc(all, func(o map[string]any) bool { return show(o[key]) != value })
		if n = len(all); n > 1 {
			ts.Fatalf("%d lines have %s", n, which)
		}
	case err != nil:
		ts.Fatalf("%q is neither a number, last nor KEY=VALUE", which)
	}
	if n < 1 || n > len(all) {
		ts.Fatalf("there is no line %s", which)
	}
	return all[n-1]
}

func follow(value any, path string) (any, error) {
	if path == "." {
		return value, nil
	}
	for part := range strings.SplitSeq(path, ".") {
		list, isList := value.([]any)
		object, isObject := value.(map[string]any)
		i, err := strconv.Atoi(part)
		switch {
		case part == "len" && isList:
			value = json.Number(strconv.Itoa(len(list)))
		case isList && err == nil && i >= 0 && i < len(list):
			value = list[i]
		case isObject:
			var there bool
			if value, there = object[part]; !there {
				return nil, fmt.Errorf("there is no %q in %s", part, show(object))
			}
		default:
			return nil, fmt.Errorf("there is no %q in %s", part, show(value))
		}
	}
	return value, nil
}

// show writes a value as a script writes it: text without quotes.
func show(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

func hold(value any, op, want string) error {
	got := show(value)
	var holds bool
	switch op {
	case "==":
		holds = got == want
	case "!=":
		holds = got != want
	case "~":
		var err error
		if holds, err = regexp.MatchString(want, got); err != nil {
			return err
		}
	case ">":
		a, err := strconv.ParseFloat(got, 64)
		b, err2 := strconv.ParseFloat(want, 64)
		holds = err == nil && err2 == nil && a > b
	case "keys":
		got, holds = sameKeys(value, want)
	default:
		return fmt.Errorf("unknown operator %s", op)
	}
	if !holds {
		return fmt.Errorf("got %s, want %s %s", got, op, want)
	}
	return nil
}

func sameKeys(value any, want string) (string, bool) {
	object, ok := value.(map[string]any)
	var have []string
	for key := range object {
		have = append(have, key)
	}
	wanted := strings.Split(want, ",")
	sort.Strings(have)
	sort.Strings(wanted)
	return strings.Join(have, ","), ok && slices.Equal(have, wanted)
}
