package records

import "strconv"

// CloseKind finds a kind by its object type.
func CloseKind(object string) (Kind, bool) {
	switch object {
	case "contact":
		return Contact, true
	case "lead":
		return Company, true
	case "opportunity":
		return Deal, true
	}
	return 0, false
}

// CloseFields are the fields of a kind, in the order in which they are sent.
func CloseFields(k Kind) []string {
	switch k {
	case Company:
		return []string{"id", "display_name", "name", "url", "status_label", "organization_id", "date_created", "date_updated"}
	case Deal:
		return []string{"id", "lead_id", "lead_name", "value", "value_formatted", "value_currency", "value_period", "status_label", "status_type", "organization_id", "date_created", "date_updated"}
	default:
		return []string{"id", "name", "title", "emails", "phones", "lead_id", "organization_id", "date_created", "date_updated"}
	}
}

// AppendClose writes record i with fields of CloseFields, and __object_type
// where a search asks for it. The organization id is written as it is.
func (g *Gen) AppendClose(b []byte, s Set, k Kind, i int, fields []string, org string) []byte {
	b = append(b, '{')
	for n, f := range fields {
		if n > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, f...)
		b = append(b, `":`...)
		b = g.closeValue(b, s, k, i, f, org)
	}
	return append(b, '}')
}

func (g *Gen) closeValue(b []byte, s Set, k Kind, i int, field, org string) []byte {
	switch field {
	case "value":
		return strconv.AppendInt(b, amount(s, i)*100, 10) // Close counts cents
	case "emails":
		b = append(b, `[{"type":"office","email":"`...)
		return append(appendEmail(b, g.person(s, i)), `"}]`...)
	case "phones":
		b = append(b, `[{"type":"office","phone":"`...)
		return append(appendPhone(b, s, i), `"}]`...)
	}
	b = append(b, '"')
	switch field {
	case "id":
		b = appendCloseID(b, k, i)
	case "lead_id":
		b = appendCloseID(b, Company, i/4)
	case "lead_name":
		b = g.appendHouse(b, s, i/4)
	case "name", "display_name":
		if k == Company {
			b = g.appendHouse(b, s, i)
			break
		}
		w := g.person(s, i)
		b = append(append(append(b, w.first...), ' '), w.last...)
	case "value_formatted":
		b = strconv.AppendInt(append(b, "€"...), amount(s, i), 10)
	case "title":
		b = append(b, "Keeper of lists"...)
	case "url":
		b = append(b, "https://house-"...)
		b = append(strconv.AppendInt(b, int64(i), 10), ".example"...)
	case "organization_id":
		b = append(b, org...)
	case "__object_type":
		b = append(b, []string{"contact", "lead", "opportunity"}[k]...)
	default:
		b = g.closeWord(b, s, i, field)
	}
	return append(b, '"')
}

func (g *Gen) closeWord(b []byte, s Set, i int, field string) []byte {
	switch field {
	case "status_label":
		return append(b, "Potential"...)
	case "value_currency":
		return append(b, "EUR"...)
	case "value_period":
		return append(b, "one_time"...)
	case "status_type":
		switch stage(s, i) {
		case "closedwon":
			return append(b, "won"...)
		case "closedlost":
			return append(b, "lost"...)
		}
		return append(b, "active"...)
	case "date_created":
		return g.closeTime(b, i)
	case "date_updated":
		return g.closeTime(b, i+7)
	}
	return b
}

// closeTime has microseconds and an offset with a colon.
func (g *Gen) closeTime(b []byte, i int) []byte {
	b = g.iso(b, i)
	return append(b[:len(b)-1], "000+00:00"...)
}

func appendCloseID(b []byte, k Kind, i int) []byte {
	b = append(b, []string{"cont_sim", "lead_sim", "oppo_sim"}[k]...)
	for div := 1_000_000_000; div > 0; div /= 10 {
		b = append(b, byte('0'+i/div%10))
	}
	return append(b, "Example"...)
}
