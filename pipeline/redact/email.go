package redact

import "strings"

// findEmails finds addresses: a name, @, and a domain with a dot and a last part of
// letters. Texts beyond ASCII are letters.
func findEmails(s string, spans []span) []span {
	for at := 0; ; {
		i := strings.IndexByte(s[at:], '@')
		if i < 0 {
			return spans
		}
		i += at
		from := i
		for from > at && isLocal(s[from-1]) {
			from--
		}
		from = escapeEnd(s, from)
		for from < i && (s[from] == '.' || s[from] == '-') {
			from++
		}
		to := domainEnd(s, i+1)
		if from >= i || to == 0 {
			at = i + 1
			continue
		}
		spans = append(spans, span{from, to})
		at = to
	}
}

// isLocal are the signs of an address' name that people use. Those that the standard
// has beyond them separate addresses from other text.
func isLocal(c byte) bool {
	return isAlnum(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-' || c >= 0x80
}

// domainEnd is where the domain that begins at from ends, 0 if it is none.
func domainEnd(s string, from int) int {
	end, part := 0, from // part is where the last part begins
	i := from
	for ; i <= len(s); i++ {
		if i < len(s) && (isAlnum(s[i]) || s[i] == '-' || s[i] >= 0x80) {
			continue
		}
		if i == part {
			break // two dots, or nothing
		}
		if part > from && isTop(s[part:i]) {
			end = i
		}
		if i == len(s) || s[i] != '.' {
			break
		}
		part = i + 1
	}
	return end
}

// isTop reports whether a domain may end in part.
func isTop(part string) bool {
	for i := range len(part) {
		if !isLetter(part[i]) && part[i] < 0x80 && !strings.HasPrefix(part, "xn--") {
			return false
		}
	}
	return len(part) >= 2
}
