package action

// The actions of the audit log.
const (
	GoAudit, AuditFilter, AuditVerify, AuditExport ID = "audit", "audit-filter", "audit-verify", "audit-export"
)

// auditing is the keys of the audit log, and the one that leads there.
var auditing = []Action{
	{ID: GoAudit, Keys: []string{"g a"}, Title: "go to the audit log", Group: Any, Scopes: []Scope{Everywhere}, Opens: PageAudit},
	{ID: AuditFilter, Keys: []string{"/"}, Label: "filter", Title: "filter the events", Group: Here, Scopes: []Scope{Audit}},
	{ID: AuditVerify, Keys: []string{"V"}, Label: "verify the chain", Title: "verify the chain of events", Group: Here,
		Scopes: []Scope{Audit}, Secret: true},
	{ID: AuditExport, Keys: []string{"E"}, Label: "export", Title: "export the events that show…", Group: Here, Scopes: []Scope{Audit}},
}
