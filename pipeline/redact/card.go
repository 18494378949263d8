package redact

import "strings"

const (
	shortestCard = 13
	longestCard  = 19
)

// findCards finds payment card numbers: 13 to 19 digits with the begin and length of a
// card scheme's (ISO/IEC 7812), alone or in groups of 4 to 6 (the last may be shorter)
// with a blank or dash between each two, and whose check digit is right.
func findCards(s string, spans []span) []span {
	// Each card covers shortestCard bytes at least of nothing but digits, blanks and
	// dashes: looking at every such many bytes finds all of them.
	for p := shortestCard - 1; p < len(s); {
		if !isCardByte(s[p]) {
			p += shortestCard
			continue
		}
		from, to := p, p+1
		low := 0
		if n := len(spans); n > 0 {
			low = spans[n-1].to
		}
		for from > low && isCardByte(s[from-1]) {
			from--
		}
		for to < len(s) && isCardByte(s[to]) {
			to++
		}
		if to-from >= shortestCard {
			spans = findCardsIn(s, from, to, spans)
		}
		p = to + shortestCard
	}
	return spans
}

func isCardByte(c byte) bool { return isDigit(c) || c == ' ' || c == '-' }

// findCardsIn finds the cards in a run of digits, blanks and dashes.
func findCardsIn(s string, from, to int, spans []span) []span {
	for i := from; i < to; {
		if !isDigit(s[i]) {
			i++
			continue
		}
		if end := cardEnd(s, i, to); end > 0 && boundary(s, i) && !isWord(s, end) && !isFraction(s, i) {
			spans = append(spans, span{i, end})
			i = end
			continue
		}
		for i < to && isDigit(s[i]) {
			i++ // the next group
		}
	}
	return spans
}

// isWord reports whether a word goes on at i: digits before letters are part of it, or
// of a hexadecimal number.
func isWord(s string, i int) bool { return i < len(s) && (isAlnum(s[i]) || s[i] == '_') }

// isFraction reports whether the digits at i are the decimals of a number.
func isFraction(s string, i int) bool { return i >= 2 && s[i-1] == '.' && isDigit(s[i-2]) }

// cardEnd is where the card ends that begins with the group of digits at i, 0 if none
// does; the longest counts.
func cardEnd(s string, i, to int) int {
	var digits [longestCard]byte
	n, end := 0, 0
	for {
		group := i
		for i < to && isDigit(s[i]) {
			if n == longestCard {
				return end
			}
			digits[n] = s[i] - '0'
			n++
			i++
		}
		size := i - group
		if n >= shortestCard && isIssuer(digits[:n]) && isLuhn(digits[:n]) {
			end = i
		}
		// A further group follows only groups as cards have them.
		if size < 4 || size > 6 || i+1 >= to || isDigit(s[i]) || !isDigit(s[i+1]) {
			return end
		}
		i++
	}
}

// isIssuer reports whether a number begins as those of a card scheme do and has a length
// that these have. Other numbers with right check digits, such as one of ten timestamps
// in nanoseconds, are no cards.
func isIssuer(digits []byte) bool {
	n := len(digits)
	four := int(digits[0])*1000 + int(digits[1])*100 + int(digits[2])*10 + int(digits[3])
	switch two := four / 100; {
	case two >= 40 && two <= 49: // Visa
		return n == 13 || n == 16 || n == 19
	case two >= 51 && two <= 55, four >= 2221 && four <= 2720: // Mastercard
		return n == 16
	case two == 34, two == 37: // American Express
		return n == 15
	case four >= 3528 && four <= 3589, four >= 2200 && four <= 2204: // JCB, Mir
		return n >= 16
	case two == 30, two == 36, two == 38, two == 39: // Diners Club
		return n >= 14
	case two == 50, two >= 56 && two <= 69: // Maestro, Discover, UnionPay and others
		return true
	}
	return false
}

// isLuhn reports whether the check digit is right (ISO/IEC 7812-1, annex B).
func isLuhn(digits []byte) bool {
	sum := 0
	for i, d := range digits {
		if (len(digits)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += int(d)
	}
	return sum%10 == 0
}

func digitsOnly(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, s)
}
