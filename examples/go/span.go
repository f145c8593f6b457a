// Package span reads and writes durations as people write them: "1h30m", "2d 4h", "45 s".
package span

import (
	"errors"
	"fmt"
	"strings"
)

// ErrEmpty is returned for a text without any amount.
var ErrEmpty = errors.New("empty duration")

// Span is a duration in whole seconds.
type Span int64

// Units in seconds.
const (
	Second Span = 1
	Minute      = 60 * Second
	Hour        = 60 * Minute
	Day         = 24 * Hour
)

// Parse reads amounts with their units, largest unit first; each unit may come once.
func Parse(text string) (Span, error) {
	rest := strings.TrimSpace(strings.ToLower(text))
	if rest == "" {
		return 0, ErrEmpty
	}
	negative := strings.HasPrefix(rest, "-")
	if negative {
		rest = rest[1:]
	}
	var total Span
	last := Day + 1
	for rest != "" {
		amount, after := number(rest)
		if after == rest {
			return 0, fmt.Errorf("no amount at %q", rest)
		}
		after = strings.TrimLeft(after, " ")
		if after == "" {
			return 0, fmt.Errorf("no unit after %d", amount)
		}
		unit, err := unitOf(after[0])
		if err != nil {
			return 0, err
		}
		if unit >= last {
			return 0, fmt.Errorf("unit %q out of order", after[:1])
		}
		last = unit
		total += amount * unit
		rest = strings.TrimLeft(after[1:], " ")
	}
	if negative {
		total = -total
	}
	return total, nil
}

// String writes a span as Parse reads it, without zero amounts.
func (s Span) String() string {
	if s == 0 {
		return "0s"
	}
	var out strings.Builder
	if s < 0 {
		out.WriteByte('-')
		s = -s
	}
	for _, unit := range []Span{Day, Hour, Minute, Second} {
		if amount := s / unit; amount > 0 {
			fmt.Fprintf(&out, "%d%c", int64(amount), letter(unit))
			s %= unit
		}
	}
	return out.String()
}

// number splits a text into its leading digits and what comes after them.
func number(text string) (Span, string) {
	var value Span
	i := 0
	for i < len(text) && text[i] >= '0' && text[i] <= '9' {
		value = value*10 + Span(text[i]-'0')
		i++
	}
	return value, text[i:]
}

func unitOf(letter byte) (Span, error) {
	switch letter {
	case 's':
		return Second, nil
	case 'm':
		return Minute, nil
	case 'h':
		return Hour, nil
	case 'd':
		return Day, nil
	}
	return 0, fmt.Errorf("unknown unit %q", letter)
}

func letter(unit Span) byte {
	switch unit {
	case Day:
		return 'd'
	case Hour:
		return 'h'
	case Minute:
		return 'm'
	}
	return 's'
}
