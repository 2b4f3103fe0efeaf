package records

import "strconv"

// HubSpotDefaults are the properties that HubSpot sends when none are asked for.
func HubSpotDefaults(k Kind) []string {
	switch k {
	case Company:
		return []string{"name", "domain"}
	case Deal:
		return []string{"dealname", "amount", "dealstage", "pipeline", "closedate"}
	default:
		return []string{"email", "firstname", "lastname"}
	}
}

// AppendHubSpot writes record i with the given properties, which have to be
// valid names. Unknown ones are left out, as HubSpot leaves them.
func (g *Gen) AppendHubSpot(b []byte, s Set, k Kind, i int, props []string) []byte {
	b = append(b, `{"id":"`...)
	b = strconv.AppendInt(b, HubSpotID(k, i), 10)
	b = append(b, `","properties":{"createdate":"`...)
	// Each instant is worked out once and copied: dates cost more than all the rest.
	made := len(b)
	b = g.iso(b, i)
	b = append(b, `","hs_object_id":"`...)
	b = strconv.AppendInt(b, HubSpotID(k, i), 10)
	b = append(b, `","lastmodifieddate":"`...)
	changed := len(b)
	b = g.iso(b, i+7)
	size := len(b) - changed
	b = append(b, '"')
	for _, p := range props {
		b = g.hubspotProperty(b, s, k, i, p)
	}
	b = append(b, `},"createdAt":"`...)
	b = append(b, b[made:made+size]...)
	b = append(b, `","updatedAt":"`...)
	b = append(b, b[changed:changed+size]...)
	return append(b, `","archived":false}`...)
}

// HubSpotID is the id of record i.
func HubSpotID(k Kind, i int) int64 { return int64(101+i) + int64(k)*10_000_000_000 }

func (g *Gen) hubspotProperty(b []byte, s Set, k Kind, i int, p string) []byte {
	start := len(b)
	b = append(b, `,"`...)
	b = append(b, p...)
	b = append(b, `":"`...)
	mark := len(b)
	switch k {
	case Contact:
		b = g.hubspotContact(b, s, i, p)
	case Company:
		switch p {
		case "name":
			b = g.appendHouse(b, s, i)
		case "domain":
			b = append(b, "house-"...)
			b = append(strconv.AppendInt(b, int64(i), 10), ".example"...)
		}
	case Deal:
		b = g.hubspotDeal(b, s, i, p)
	}
	if len(b) == mark {
		return b[:start]
	}
	return append(b, '"')
}

func (g *Gen) hubspotContact(b []byte, s Set, i int, p string) []byte {
	w := g.person(s, i)
	switch p {
	case "email":
		b = appendEmail(b, w)
	case "firstname":
		b = append(b, w.first...)
	case "lastname":
		b = append(b, w.last...)
	case "company":
		b = g.appendHouse(b, s, i/4)
	case "phone":
		b = appendPhone(b, s, i)
	}
	return b
}

func (g *Gen) hubspotDeal(b []byte, s Set, i int, p string) []byte {
	switch p {
	case "dealname":
		b = append(b, "Order of "...)
		b = g.appendHouse(b, s, i/2)
	case "amount":
		b = strconv.AppendInt(b, amount(s, i), 10)
	case "dealstage":
		b = append(b, stage(s, i)...)
	case "pipeline":
		b = append(b, "default"...)
	case "closedate":
		b = g.iso(b, i+90_000)
	}
	return b
}

func stage(s Set, i int) string {
	switch mix(s.Seed+3, uint64(i)) % 4 {
	case 0:
		return "appointmentscheduled"
	case 1:
		return "contractsent"
	case 2:
		return "closedwon"
	default:
		return "closedlost"
	}
}

// appendPhone writes a number of the range that is reserved for fiction.
func appendPhone(b []byte, s Set, i int) []byte {
	b = append(b, "+1-202-555-01"...)
	return append2(b, int(mix(s.Seed+4, uint64(i))%100))
}
