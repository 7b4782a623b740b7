package main

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"riffle/engine/enginetest"
)

type reply = enginetest.Reply

// treatment says how two replies to the same command are compared.
type treatment struct {
	kind   treatmentKind
	within float64 // treatNumber: how far numbers may be apart
	ours   string  // treatOurs: what we print, as redis-cli does
}

type treatmentKind uint8

const (
	treatExact  treatmentKind = iota
	treatSorted               // the elements have no order
	treatPairs                // the elements are pairs without order
	treatShape                // same kinds and counts, whatever they say
	treatKind                 // same kind of reply, or both errors
	treatNumber               // numbers may differ a little
	treatAny                  // not compared
	treatOurs                 // a later version's reply is meant; the oracle's is not looked at
	treatPage                 // a cursor and a page of elements without order
	treatBegin                // the reply to MULTI
	treatWords                // the words of texts have no order
	treatExec                 // the reply to EXEC: its elements are treated as the queued commands
)

// alike reports whether our reply agrees with the oracle's.
func alike(ours, theirs reply, how treatment) bool {
	switch how.kind {
	case treatAny:
		return true
	case treatOurs:
		return enginetest.Format(ours) == how.ours
	case treatKind:
		return kindOf(ours) == kindOf(theirs)
	case treatSorted:
		return alikeItems(sortItems(ours, 1), sortItems(theirs, 1), how)
	case treatPairs:
		return alikeItems(sortItems(ours, 2), sortItems(theirs, 2), how)
	case treatPage:
		return alikePage(ours, theirs)
	}
	return alikeItems(ours, theirs, how)
}

func alikeItems(ours, theirs reply, how treatment) bool {
	if ours.Kind != theirs.Kind || ours.Null != theirs.Null || len(ours.Items) != len(theirs.Items) {
		return false
	}
	for i := range ours.Items {
		if !alikeItems(ours.Items[i], theirs.Items[i], how) {
			return false
		}
	}
	return how.kind == treatShape || alikeText(ours, theirs, how)
}

// alikeText compares leaves. Doubles may be printed with 17 digits by the oracle and the shortest way
// by us, which is what servers since 7.2 do.
func alikeText(ours, theirs reply, how treatment) bool {
	if ours.Text == theirs.Text {
		return true
	}
	if how.kind == treatWords {
		return sortedWords(ours.Text) == sortedWords(theirs.Text)
	}
	if ours.Kind == '-' {
		return slices.ContainsFunc(newerTexts, func(row struct{ theirs, ours, reason string }) bool {
			return row.theirs == theirs.Text && strings.HasPrefix(ours.Text, row.ours)
		})
	}
	x, err1 := strconv.ParseFloat(ours.Text, 64)
	y, err2 := strconv.ParseFloat(theirs.Text, 64)
	if err1 != nil || err2 != nil {
		return false
	}
	if how.kind == treatNumber && math.Abs(x-y) <= how.within {
		return true
	}
	return ours.Kind != ':' && seventeen(x) == theirs.Text
}

func sortedWords(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ()", r) })
	slices.Sort(words)
	return strings.Join(words, " ")
}

// alikePage compares replies of the SCAN family when both hold everything; otherwise pages legally differ.
func alikePage(ours, theirs reply) bool {
	if len(ours.Items) != 2 || len(theirs.Items) != 2 {
		return alikeItems(ours, theirs, treatment{})
	}
	if ours.Items[0].Text != "0" || theirs.Items[0].Text != "0" {
		return true
	}
	return alikeItems(sortItems(ours.Items[1], 1), sortItems(theirs.Items[1], 1), treatment{}) ||
		alikeItems(sortItems(ours.Items[1], 2), sortItems(theirs.Items[1], 2), treatment{})
}

// seventeen prints a double as C's %.17g does.
func seventeen(x float64) string {
	s := strconv.FormatFloat(x, 'g', 17, 64)
	mantissa, exponent, has := strings.Cut(s, "e")
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	if !has {
		return mantissa
	}
	return mantissa + "e" + exponent
}

func kindOf(r reply) string {
	switch {
	case r.Null:
		return "null"
	case r.Kind == '-':
		word, _, _ := strings.Cut(r.Text, " ")
		return "-" + word
	}
	return string(r.Kind)
}

// sortItems sorts a reply's elements, or its groups of step elements.
func sortItems(r reply, step int) reply {
	if len(r.Items)%step != 0 {
		return r
	}
	groups := make([][]reply, 0, len(r.Items)/step)
	for i := 0; i < len(r.Items); i += step {
		groups = append(groups, r.Items[i:i+step])
	}
	sort.SliceStable(groups, func(i, k int) bool { return fmt.Sprint(groups[i]) < fmt.Sprint(groups[k]) })
	sorted := make([]reply, 0, len(r.Items))
	for _, group := range groups {
		sorted = append(sorted, group...)
	}
	r.Items = sorted
	return r
}

// speaker follows one connection's transaction, so that each reply meets the treatment of its command.
type speaker struct {
	waiting []treatment // of commands whose replies have not come yet, oldest first
	queue   []treatment // of the commands queued since MULTI
}

// judge compares what both sides wrote to one connection. It returns a description of the first
// difference, or nothing.
func (s *speaker) judge(ours, theirs []byte) string {
	if string(ours) == string(theirs) {
		s.consume(theirs)
		return ""
	}
	a, restA, errA := enginetest.ParseReplies(ours)
	b, restB, errB := enginetest.ParseReplies(theirs)
	if errA != nil || errB != nil || string(restA) != string(restB) {
		return fmt.Sprintf("ours %q, theirs %q", ours, theirs)
	}
	for i := 0; i < max(len(a), len(b)); i++ {
		switch {
		case i >= len(a):
			return "ours: nothing more; theirs: " + show(b[i])
		case i >= len(b):
			return "theirs: nothing more; ours: " + show(a[i])
		}
		if !s.alike(a[i], b[i]) {
			return "ours: " + show(a[i]) + "; theirs: " + show(b[i])
		}
	}
	return ""
}

// alike takes the treatment of the next reply and applies it.
func (s *speaker) alike(ours, theirs reply) bool {
	how := s.next(theirs)
	if how.kind != treatExec {
		return alike(ours, theirs, how)
	}
	if len(theirs.Items) != len(s.queue) || len(ours.Items) != len(theirs.Items) {
		return alike(ours, theirs, treatment{})
	}
	for i, queued := range s.queue {
		if !alike(ours.Items[i], theirs.Items[i], queued) {
			return false
		}
	}
	return ours.Kind == theirs.Kind
}

// next returns the treatment for a reply and follows MULTI and EXEC. A push comes unasked.
func (s *speaker) next(theirs reply) treatment {
	if theirs.Kind == '>' || len(s.waiting) == 0 {
		return treatment{}
	}
	how := s.waiting[0]
	s.waiting = s.waiting[1:]
	switch {
	case theirs.Kind == '+' && theirs.Text == "QUEUED":
		s.queue = append(s.queue, how)
		return treatment{}
	case how.kind == treatBegin && theirs.Kind == '+':
		s.queue = nil
		return treatment{}
	case how.kind == treatExec && theirs.Kind == '*' && !theirs.Null:
		return how
	case how.kind == treatExec || how.kind == treatBegin:
		return treatment{}
	case theirs.Kind == '-' && how.kind != treatAny && how.kind != treatKind && how.kind != treatOurs:
		return treatment{}
	}
	return how
}

// consume follows replies that were equal byte for byte.
func (s *speaker) consume(p []byte) {
	replies, _, _ := enginetest.ParseReplies(p)
	for _, r := range replies {
		s.next(r)
	}
}

func show(r reply) string {
	text := strings.ReplaceAll(enginetest.Format(r), "\n", "\n      ")
	if len(text) > 1500 {
		text = text[:1500] + " ..."
	}
	return string(r.Kind) + " " + text
}
