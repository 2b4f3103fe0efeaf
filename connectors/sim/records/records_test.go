package records_test

import (
	"encoding/json"
	"testing"

	"crmdeck/connectors/sim/records"
)

var set = records.Set{Seed: 1, Contacts: 1_000_000}

// The golden records say what a change of the generator would change for every
// test and picture that was made with it.
func TestRecordsAsTheyAre(t *testing.T) {
	g := records.New()
	rows := map[string]string{
		string(g.AppendHubSpot(nil, set, records.Contact, 424, []string{"email", "firstname", "lastname", "nothing"})):     `{"id":"525","properties":{"createdate":"2024-01-08T15:04:00.000Z","hs_object_id":"525","lastmodifieddate":"2024-01-08T15:11:00.000Z","email":"ylva.quillfeather.424@house-106.example","firstname":"Ylva","lastname":"Quillfeather"},"createdAt":"2024-01-08T15:04:00.000Z","updatedAt":"2024-01-08T15:11:00.000Z","archived":false}`,
		string(g.AppendSalesforce(nil, set, records.Deal, 7, []string{"Id", "StageName", "Amount", "CloseDate"}, "v67.0")): `{"attributes":{"type":"Opportunity","url":"/services/data/v67.0/sobjects/Opportunity/0065e0000000007AAA"},"Id":"0065e0000000007AAA","StageName":"Closed Won","Amount":35350.0,"CloseDate":"2024-03-10"}`,
		string(g.AppendClose(nil, set, records.Company, 7, []string{"id", "display_name", "organization_id"}, "orga_x")):   `{"id":"lead_sim0000000007Example","display_name":"Glass Acorn 7","organization_id":"orga_x"}`,
	}
	for got, want := range rows {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// Every record of every provider is valid JSON with exactly the fields asked for.
func TestRecordsAreValid(t *testing.T) {
	g := records.New()
	for _, i := range []int{0, 1, 99, 12_345, 999_999} {
		for _, k := range []records.Kind{records.Contact, records.Company, records.Deal} {
			var hub struct {
				ID         string            `json:"id"`
				Properties map[string]string `json:"properties"`
			}
			if b := g.AppendHubSpot(nil, set, k, i, records.HubSpotDefaults(k)); json.Unmarshal(b, &hub) != nil || len(hub.Properties) != 3+len(records.HubSpotDefaults(k)) {
				t.Errorf("HubSpot %d %d: %s", k, i, b)
			}
			fields := records.CloseFields(k)
			var row map[string]any
			if b := g.AppendClose(nil, set, k, i, fields, "orga_x"); json.Unmarshal(b, &row) != nil || len(row) != len(fields) || row["organization_id"] != "orga_x" {
				t.Errorf("Close %d %d: %s", k, i, b)
			}
			for name, v := range row {
				if v == "" {
					t.Errorf("Close %d %d: %s is empty", k, i, name)
				}
			}
		}
	}
}

func TestSalesforceFields(t *testing.T) {
	g := records.New()
	for object, names := range map[string][]string{
		"contact":     {"id", "FIRSTNAME", "LastName", "Name", "Email", "Phone", "AccountId", "CreatedDate", "LastModifiedDate"},
		"Account":     {"Id", "Name", "Website", "Phone", "CreatedDate", "LastModifiedDate"},
		"Opportunity": {"Id", "Name", "Amount", "StageName", "CloseDate", "AccountId", "CreatedDate", "LastModifiedDate"},
	} {
		k, ok := records.SalesforceKind(object)
		if !ok {
			t.Fatalf("no object %s", object)
		}
		var fields []string
		for _, n := range names {
			f, ok := records.SalesforceField(k, n)
			if !ok {
				t.Fatalf("%s has no %s", object, n)
			}
			fields = append(fields, f)
		}
		var row map[string]any
		b := g.AppendSalesforce(nil, set, k, 31, fields, "v67.0")
		if json.Unmarshal(b, &row) != nil || len(row) != len(fields)+1 {
			t.Errorf("%s: %s", object, b)
		}
		for name, v := range row {
			if v == "" {
				t.Errorf("%s: %s is empty", object, name)
			}
		}
	}
	if _, ok := records.SalesforceField(records.Contact, "Amount"); ok {
		t.Error("a contact has an amount")
	}
}

func BenchmarkHubSpotRecord(b *testing.B) {
	g, props := records.New(), records.HubSpotDefaults(records.Contact)
	var buf []byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		buf = g.AppendHubSpot(buf[:0], set, records.Contact, i%1_000_000, props)
	}
}
