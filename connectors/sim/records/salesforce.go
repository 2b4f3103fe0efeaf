package records

import (
	"strconv"
	"strings"
)

// SalesforceKind finds a kind by its sObject name.
func SalesforceKind(object string) (Kind, bool) {
	switch strings.ToLower(object) {
	case "contact":
		return Contact, true
	case "account":
		return Company, true
	case "opportunity":
		return Deal, true
	}
	return 0, false
}

func salesforceObject(k Kind) (name, prefix string) {
	switch k {
	case Company:
		return "Account", "001"
	case Deal:
		return "Opportunity", "006"
	default:
		return "Contact", "003"
	}
}

func salesforceFields(k Kind) []string {
	switch k {
	case Company:
		return []string{"Id", "Name", "Website", "Phone", "CreatedDate", "LastModifiedDate"}
	case Deal:
		return []string{"Id", "Name", "Amount", "StageName", "CloseDate", "AccountId", "CreatedDate", "LastModifiedDate"}
	default:
		return []string{"Id", "FirstName", "LastName", "Name", "Email", "Phone", "AccountId", "CreatedDate", "LastModifiedDate"}
	}
}

// SalesforceField finds a field's own spelling; SOQL ignores case.
func SalesforceField(k Kind, name string) (string, bool) {
	for _, f := range salesforceFields(k) {
		if strings.EqualFold(f, name) {
			return f, true
		}
	}
	return "", false
}

// AppendSalesforce writes record i with fields that SalesforceField has found.
// The version is that of the request's path.
func (g *Gen) AppendSalesforce(b []byte, s Set, k Kind, i int, fields []string, version string) []byte {
	object, prefix := salesforceObject(k)
	b = append(b, `{"attributes":{"type":"`...)
	b = append(b, object...)
	b = append(b, `","url":"/services/data/`...)
	b = append(b, version...)
	b = append(b, `/sobjects/`...)
	b = append(b, object...)
	b = append(b, '/')
	b = appendSalesforceID(b, prefix, i)
	b = append(b, `"}`...)
	for _, f := range fields {
		b = append(b, `,"`...)
		b = append(b, f...)
		b = append(b, `":`...)
		b = g.salesforceValue(b, s, k, i, f, prefix)
	}
	return append(b, '}')
}

func (g *Gen) salesforceValue(b []byte, s Set, k Kind, i int, field, prefix string) []byte {
	if field == "Amount" {
		return append(strconv.AppendInt(b, amount(s, i), 10), ".0"...)
	}
	b = append(b, '"')
	w := g.person(s, i)
	switch field {
	case "Id":
		b = appendSalesforceID(b, prefix, i)
	case "FirstName":
		b = append(b, w.first...)
	case "LastName":
		b = append(b, w.last...)
	case "Email":
		b = appendEmail(b, w)
	case "Phone":
		b = appendPhone(b, s, i)
	case "AccountId":
		b = appendSalesforceID(b, "001", i/4)
	case "Website":
		b = append(b, "https://house-"...)
		b = append(strconv.AppendInt(b, int64(i), 10), ".example"...)
	case "StageName":
		b = append(b, salesforceStage(s, i)...)
	case "CloseDate":
		b = g.iso(b, i+90_000)
		b = b[:len(b)-len("T08:00:00.000Z")]
	case "CreatedDate":
		b = g.salesforceTime(b, i)
	case "LastModifiedDate":
		b = g.salesforceTime(b, i+7)
	case "Name":
		switch k {
		case Contact:
			b = append(append(append(b, w.first...), ' '), w.last...)
		case Company:
			b = g.appendHouse(b, s, i)
		case Deal:
			b = g.appendHouse(append(b, "Order of "...), s, i/2)
		}
	}
	return append(b, '"')
}

// salesforceTime spells the offset as +0000.
func (g *Gen) salesforceTime(b []byte, i int) []byte {
	b = g.iso(b, i)
	return append(b[:len(b)-1], "+0000"...)
}

func salesforceStage(s Set, i int) string {
	switch stage(s, i) {
	case "closedwon":
		return "Closed Won"
	case "closedlost":
		return "Closed Lost"
	case "contractsent":
		return "Negotiation/Review"
	default:
		return "Prospecting"
	}
}

// appendSalesforceID writes an 18 character id.
func appendSalesforceID(b []byte, prefix string, i int) []byte {
	b = append(append(b, prefix...), "5e"...)
	for div := 1_000_000_000; div > 0; div /= 10 {
		b = append(b, byte('0'+i/div%10))
	}
	return append(b, "AAA"...)
}
