package export

import (
	"encoding/hex"
	"io"
	"strconv"

	"crmdeck/store"
)

// ocsfVersion is the schema's version, https://schema.ocsf.io/1.3.0/.
const ocsfVersion = "1.3.0"

// The two classes that events are told in: opening the store is Authentication [3002],
// everything else API Activity [6003].
const (
	categoryIdentity    = 3
	categoryApplication = 6
	classAuthentication = 3002
	classAPI            = 6003
)

// The activities of API Activity; those of Authentication have only Logon.
const (
	activityLogon  = 1
	activityCreate = 1
	activityRead   = 2
	activityUpdate = 3
	activityDelete = 4
	activityOther  = 99
)

// activities are what the acts are in API Activity.
var activities = map[store.Act]int{
	store.ActInit: activityCreate, store.ActAdd: activityCreate, store.ActConsent: activityCreate, store.ActClient: activityCreate,
	store.ActToken: activityRead, store.ActTest: activityRead, store.ActProbe: activityRead,
	store.ActReconnect: activityUpdate, store.ActEdit: activityUpdate, store.ActRename: activityUpdate, store.ActRefresh: activityUpdate,
	store.ActPause: activityUpdate, store.ActResume: activityUpdate,
	store.ActRemove: activityDelete, store.ActRevoke: activityDelete,
}

// names are the captions of activities.
var names = map[int]string{
	activityCreate: "Create", activityRead: "Read", activityUpdate: "Update", activityDelete: "Delete", activityOther: "Other",
}

// Severities and states of OCSF.
const (
	severityInformational = 1
	severityLow           = 2
	severityMedium        = 3
	severityHigh          = 4
	statusUnknown         = 0
	statusSuccess         = 1
	statusFailure         = 2
	statusOther           = 99
)

// statuses are what outcomes are; what is not here is told as it is.
var statuses = map[string]int{
	"": statusUnknown, "done": statusSuccess, "ok": statusSuccess, "dead": statusSuccess, "failed": statusFailure, "alive": statusFailure,
	"refused": statusFailure, "denied": statusFailure,
}

type ocsfEvent struct {
	ActivityID   int            `json:"activity_id"`
	ActivityName string         `json:"activity_name"`
	CategoryUID  int            `json:"category_uid"`
	ClassUID     int            `json:"class_uid"`
	TypeUID      int            `json:"type_uid"`
	Time         int64          `json:"time"` // milliseconds since 1970
	SeverityID   int            `json:"severity_id"`
	StatusID     int            `json:"status_id"`
	Status       string         `json:"status,omitempty"`
	StatusDetail string         `json:"status_detail,omitempty"`
	Metadata     ocsfMetadata   `json:"metadata"`
	Actor        ocsfActor      `json:"actor"`
	SrcEndpoint  ocsfEndpoint   `json:"src_endpoint"`
	User         *ocsfUser      `json:"user,omitempty"`
	Service      *ocsfService   `json:"service,omitempty"`
	API          *ocsfAPI       `json:"api,omitempty"`
	Resources    []ocsfResource `json:"resources,omitempty"`
	Unmapped     ocsfUnmapped   `json:"unmapped"`
}

type ocsfMetadata struct {
	Version        string      `json:"version"`
	Product        ocsfProduct `json:"product"`
	UID            string      `json:"uid"`
	Sequence       uint64      `json:"sequence"`
	CorrelationUID string      `json:"correlation_uid,omitempty"`
	EventCode      string      `json:"event_code"`
}

type ocsfProduct struct {
	Name       string `json:"name"`
	VendorName string `json:"vendor_name"`
	Version    string `json:"version,omitempty"`
}

type ocsfUser struct {
	Name string `json:"name"`
}

type ocsfActor struct {
	User ocsfUser `json:"user"`
}

type ocsfEndpoint struct {
	Hostname string `json:"hostname"`
}

type ocsfService struct {
	Name string `json:"name"`
}

type ocsfAPI struct {
	Operation string      `json:"operation"`
	Service   ocsfService `json:"service"`
}

type ocsfResource struct {
	Type string `json:"type"`
	Name string `json:"name,omitempty"`
	UID  string `json:"uid,omitempty"`
}

type ocsfUnmapped struct {
	Chain string `json:"chain"`
}

// product is how crmdeck is named there.
const product = "crmdeck"

// ocsf writes one OCSF event a line.
type ocsf struct {
	w       io.Writer
	line    lineWriter
	version string
}

func (o *ocsf) flush() error { return nil }

func (o *ocsf) encode(e *store.Event) error {
	x := ocsfEvent{
		Time: e.At.UnixMilli(), SeverityID: severity(e), StatusDetail: e.Evidence, Actor: ocsfActor{ocsfUser{e.Actor}}, SrcEndpoint: ocsfEndpoint{e.Host},
		Metadata: ocsfMetadata{
			Version: ocsfVersion, Product: ocsfProduct{product, product, o.version}, UID: strconv.FormatUint(e.Seq, 10), Sequence: e.Seq,
			CorrelationUID: string(e.Op), EventCode: string(e.Act),
		},
		Unmapped: ocsfUnmapped{hex.EncodeToString(e.Chain)},
	}
	x.status(e)
	if e.Act == store.ActUnlock || e.Act == store.ActUnlockMiss {
		x.CategoryUID, x.ClassUID, x.ActivityID, x.ActivityName = categoryIdentity, classAuthentication, activityLogon, "Logon"
		x.User, x.Service = &ocsfUser{e.Actor}, &ocsfService{product}
	} else {
		x.CategoryUID, x.ClassUID, x.ActivityID = categoryApplication, classAPI, activityOther
		if a, ok := activities[e.Act]; ok {
			x.ActivityID = a
		}
		x.ActivityName = names[x.ActivityID]
		if x.ActivityID == activityOther {
			x.ActivityName = string(e.Act) // what it is instead
		}
		x.API = &ocsfAPI{string(e.Act), ocsfService{product}}
		if e.Connection != "" || e.ConnectionID != "" {
			x.Resources = []ocsfResource{{"connection", e.Connection, string(e.ConnectionID)}}
		}
	}
	x.TypeUID = x.ClassUID*100 + x.ActivityID
	return o.line.write(o.w, x)
}

// status is what it came to; the source's word stays beside it.
func (x *ocsfEvent) status(e *store.Event) {
	id, ok := statuses[e.Outcome]
	if !ok {
		id = statusOther
	}
	if e.Act == store.ActUnlockMiss {
		id = statusFailure
	}
	x.StatusID, x.Status = id, e.Outcome
}

// severity is for the reader who sorts by it.
func severity(e *store.Event) int {
	switch {
	case e.Act == store.ActSuspicious:
		return severityHigh
	case e.Act == store.ActGap, e.Act == store.ActUnlockMiss, e.Outcome == "alive":
		return severityMedium
	case statuses[e.Outcome] == statusFailure:
		return severityLow
	}
	return severityInformational
}
