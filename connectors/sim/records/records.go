// Package records generates the contacts, companies and deals of simulated
// CRMs. A record is a pure function of (account seed, kind, index): nothing is
// held in memory, and page 10,000 costs what page 1 costs. All people and
// companies are invented; addresses end in .example.
//
// The Append functions write JSON in each provider's shape straight into a
// buffer, because the simulated CRMs are also what throughput is measured
// against.
package records

import (
	"strconv"
	"time"
)

// Kind is a sort of record.
type Kind int

// The three kinds that every CRM has under its own names.
const (
	Contact Kind = iota
	Company
	Deal
)

// Set is one account's records.
type Set struct {
	Seed     uint64 // differs between accounts
	Contacts int
}

// Count is how many records of a kind the account holds: one company for four
// contacts, one deal for three.
func (s Set) Count(k Kind) int {
	switch k {
	case Company:
		return (s.Contacts + 3) / 4
	case Deal:
		return (s.Contacts + 2) / 3
	default:
		return s.Contacts
	}
}

func firstNames() []string {
	return []string{
		"Aldo", "Bela", "Cosma", "Dorit", "Elwin", "Fenna", "Gerlo", "Hanka", "Imre", "Jorun", "Kaspar", "Liv",
		"Mirko", "Nelda", "Orsin", "Petra", "Quirin", "Runa", "Silvan", "Tilda", "Ulf", "Vesna", "Wanja", "Ylva",
	}
}

func lastNames() []string {
	return []string{
		"Applegrove", "Birchwhistle", "Candlewick", "Dovecote", "Emberly", "Fernhollow", "Gableford", "Hazelnook",
		"Inkwell", "Junipers", "Kettlebrook", "Larkspire", "Mossgate", "Nettleby", "Oakenshaw", "Pebbleton",
		"Quillfeather", "Rushmere", "Saltmarsh", "Thimblewood", "Umberfield", "Velvetine", "Willowmere", "Yarrowby",
	}
}

func houseNames() []string {
	return []string{
		"Brass Teapot", "Crooked Compass", "Drowsy Badger", "Elder Orchard", "Flying Inkpot", "Glass Acorn",
		"Humming Anvil", "Ivory Snail", "Jolly Kite", "Lost Umbrella", "Marble Otter", "Northern Spoon",
	}
}

// Gen writes the records of one set. It is safe for concurrent use.
type Gen struct {
	first, last, house []string
	born               time.Time
}

// New prepares the word lists.
func New() *Gen {
	return &Gen{
		first: firstNames(), last: lastNames(), house: houseNames(),
		born: time.Date(2024, 1, 8, 8, 0, 0, 0, time.UTC),
	}
}

// mix is splitmix64: a well spread number for each index, not a secret.
func mix(seed, i uint64) uint64 {
	z := seed*0x9e3779b97f4a7c15 + i*0xbf58476d1ce4e5b9
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// who is a person by index.
type who struct {
	first, last string
	n           int
}

func (g *Gen) person(s Set, i int) who {
	h := mix(s.Seed, uint64(i))
	return who{g.first[h%uint64(len(g.first))], g.last[h>>8%uint64(len(g.last))], i}
}

// appendEmail writes first.last.n@house-n.example, in lower case.
func appendEmail(b []byte, w who) []byte {
	b = appendLower(b, w.first)
	b = append(b, '.')
	b = appendLower(b, w.last)
	b = append(b, '.')
	b = strconv.AppendInt(b, int64(w.n), 10)
	b = append(b, "@house-"...)
	b = strconv.AppendInt(b, int64(w.n/4), 10)
	return append(b, ".example"...)
}

func appendLower(b []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

func (g *Gen) appendHouse(b []byte, s Set, i int) []byte {
	h := mix(s.Seed+1, uint64(i))
	b = append(b, g.house[h%uint64(len(g.house))]...)
	b = append(b, ' ')
	return strconv.AppendInt(b, int64(i), 10)
}

// amount of a deal in whole currency units.
func amount(s Set, i int) int64 { return int64(500 + mix(s.Seed+2, uint64(i))%2_000*25) }

// iso writes an instant such as 2024-01-08T08:00:00.000Z, by hand because
// layouts are slow. Record i is made i minutes after the first, modulo two years.
func (g *Gen) iso(b []byte, i int) []byte {
	t := g.born.Add(time.Duration(i%1_051_200) * time.Minute)
	y, m, d := t.Date()
	b = strconv.AppendInt(b, int64(y), 10)
	b = append2(append(b, '-'), int(m))
	b = append2(append(b, '-'), d)
	b = append2(append(b, 'T'), t.Hour())
	b = append2(append(b, ':'), t.Minute())
	return append(b, ":00.000Z"...)
}

func append2(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
