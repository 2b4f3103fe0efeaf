package demo

import (
	"time"

	"crmdeck/store"
)

const day = 24 * time.Hour

// part is one connection of the demo: how it is set up, and what happens to it.
type part struct {
	name, provider string
	account        string
	env, owner     string
	login          string
	app            string        // OAuth: parts with the same app share a client registration
	rotate         bool          // the app's refresh tokens are single use
	kind           string        // API key: its kind
	key            string        // parts with the same key share it
	made           int           // days since the key or client secret was made; -1: nobody knows
	scopes         string        // scope set; empty: the least
	drop           []string      // scopes that are not granted
	params         store.Params  //
	ago            time.Duration // when it was set up
	tags           []string
	then           []moment
}

// moment is something that happens to a part after it was set up.
type moment struct {
	ago   time.Duration // before the curtain rises
	do    deed
	fault Fault  // for deed fault
	job   string // for deed token
}

// deed is what happens.
type deed int

// The deeds.
const (
	refresh deed = iota
	token
	test
	pause
	fault
	uninstall // at the provider
	deleteKey // at the provider
	revoke
	workOff
)

// Invented customers; the simulated CRMs know them by these names.
const (
	kettle    = "Amber Kettle Works"
	kettleSbx = "Amber Kettle Works (sandbox)"
	lantern   = "Paper Lantern Supply"
	whistle   = "Tin Whistle Freight"
	anvil     = "Velvet Anvil Foundry"
	light     = "Quiet Lighthouse Media"
	pigeon    = "Copper Pigeon Post"
)

// address is a login's address at its customer; a sandbox has users of its own.
func address(account, login string) string {
	return login + "@" + map[string]string{
		kettle: "amber-kettle.example", kettleSbx: "amber-kettle.example.test", lantern: "paper-lantern.example",
		whistle: "tin-whistle.example", anvil: "velvet-anvil.example", light: "quiet-lighthouse.example", pigeon: "copper-pigeon.example",
	}[account]
}

const minute = time.Minute

// hubspotOAuth are HubSpot connections by OAuth: access lasts 30 minutes.
func hubspotOAuth() []part {
	return []part{
		{name: "hubspot-prod", provider: "hubspot", account: kettle, env: "prod", owner: "ops", login: "crm-admin",
			app: "Kettle Sync", made: 83, ago: 31 * day, tags: []string{"core"}, then: []moment{
				{ago: 16 * minute, do: refresh}, {ago: 14 * minute, do: test},
				{ago: 12 * minute, do: token, job: "nightly-contacts"}, {ago: 3 * minute, do: token, job: "web-forms"}}},
		{name: "hubspot-crm", provider: "hubspot", account: lantern, env: "prod", owner: "sales", login: "sales-ops",
			app: "Lantern Bridge", made: 30, ago: 12 * day, then: []moment{
				{ago: 8 * minute, do: refresh}, {ago: 5 * time.Hour, do: test}, {ago: 7 * minute, do: token, job: "deal-mirror"}}},
		{name: "hubspot-crm-jobs", provider: "hubspot", account: lantern, env: "prod", owner: "data", login: "sales-ops",
			app: "Lantern Bridge", made: 30, ago: 11 * day, then: []moment{{ago: 9 * time.Hour, do: test}}},
		{name: "hubspot-finance", provider: "hubspot", account: anvil, env: "prod", owner: "fin", login: "integration",
			app: "Anvil Ledger", made: 31, ago: 31 * day, then: []moment{
				{ago: 26 * minute, do: refresh}, {ago: 25 * minute, do: test},
				{ago: 2 * minute, do: token, job: "invoices"}, {ago: minute, do: pause}}},
		{name: "hubspot-marketing", provider: "hubspot", account: whistle, env: "prod", owner: "mktg", login: "sales-ops",
			app: "Whistle Campaigns", made: 61, ago: 12 * day, drop: []string{"crm.schemas.contacts.read"}, then: []moment{
				{ago: 3 * minute, do: refresh}, {ago: 3 * day, do: test}, {ago: 2 * minute, do: token, job: "campaigns-hourly"}}},
		{name: "hubspot-events", provider: "hubspot", account: light, env: "prod", owner: "mktg", login: "crm-admin",
			app: "Lighthouse Events", made: 139, ago: 40 * day, scopes: "read_write", then: []moment{
				{ago: 33 * minute, do: refresh}, {ago: 32 * minute, do: test}, {ago: 31 * minute, do: pause}}},
		{name: "hubspot-partner", provider: "hubspot", account: pigeon, env: "prod", owner: "ptnr", login: "integration",
			app: "Pigeon Partner", made: 161, ago: 39 * day, scopes: "read_write", then: []moment{
				{ago: 38 * minute, do: refresh}, {ago: day, do: test},
				{ago: 9 * minute, do: fault, fault: Fault{Endpoint: "token", Kind: "invalid_client"}}, {ago: 8 * minute, do: refresh}}},
		{name: "hubspot-webshop", provider: "hubspot", account: light, env: "prod", owner: "shop", login: "integration",
			app: "Lighthouse Shop", made: 30, ago: 30 * day, then: []moment{
				{ago: 20 * minute, do: refresh}, {ago: 19 * minute, do: test},
				{ago: minute, do: fault, fault: Fault{Endpoint: "token", Kind: "429", RetryAfter: 120}}, {ago: 40 * time.Second, do: refresh}}},
		{name: "hubspot-agency", provider: "hubspot", account: whistle, env: "prod", owner: "ptnr", login: "integration",
			app: "Whistle Agency", made: 41, ago: 41 * day, then: []moment{
				{ago: 6 * day, do: test}, {ago: 25 * minute, do: refresh},
				{ago: 3 * minute, do: fault, fault: Fault{Endpoint: "revoke", Kind: "503"}}, {ago: 2 * minute, do: revoke}}},
		{name: "hubspot-old", provider: "hubspot", account: anvil, env: "test", owner: "it", login: "crm-admin",
			app: "Anvil Trial", made: 120, ago: 40 * day, then: []moment{
				{ago: 6 * time.Hour, do: refresh}, {ago: 6*time.Hour - minute, do: revoke}, {ago: 5 * time.Hour, do: workOff}}},
	}
}

// salesforce are Salesforce connections: a session of two hours, told by nobody.
func salesforce() []part {
	return []part{
		{name: "salesforce-prod", provider: "salesforce", account: kettle, env: "prod", owner: "ops", login: "integration",
			app: "Kettle Forecast", made: 23, ago: 23 * day, tags: []string{"core"}, then: []moment{
				{ago: 9 * minute, do: refresh}, {ago: 8 * minute, do: test}, {ago: 4 * minute, do: token, job: "forecast"}}},
		{name: "salesforce-sbx", provider: "salesforce", account: kettleSbx, env: "sbx", owner: "ops", login: "integration",
			app: "Kettle Forecast (sandbox)", made: 64, ago: 23 * day, params: store.Params{"login_host": "test.salesforce.com"},
			then: []moment{{ago: 52 * minute, do: refresh}, {ago: day, do: test}}},
		{name: "salesforce-emea", provider: "salesforce", account: lantern, env: "prod", owner: "sales", login: "sales-ops",
			app: "Lantern EMEA", made: 112, ago: 38 * day, then: []moment{
				{ago: 6 * time.Hour, do: refresh}, {ago: 6*time.Hour - minute, do: test},
				{ago: 6*time.Hour - 2*minute, do: token, job: "nightly-emea"}, {ago: 6*time.Hour - 3*minute, do: token, job: "forecast"},
				{ago: 3 * time.Hour, do: uninstall}, {ago: 2 * time.Hour, do: refresh}}},
		{name: "salesforce-field", provider: "salesforce", account: anvil, env: "prod", owner: "desk", login: "sales-ops",
			app: "Anvil Field", made: 40, rotate: true, ago: 20 * day, then: []moment{
				{ago: 4 * time.Hour, do: refresh}, {ago: 4*time.Hour - minute, do: test}, {ago: 2*time.Hour + 4*minute, do: pause},
				{ago: 2 * minute, do: fault, fault: Fault{Endpoint: "token", Kind: "drop_after_rotate", Count: 1}}, {ago: minute, do: refresh}}},
		{name: "salesforce-apac", provider: "salesforce", account: whistle, env: "prod", owner: "sales", login: "crm-admin",
			app: "Whistle APAC", made: 88, ago: 29 * day, then: []moment{
				{ago: 82 * minute, do: refresh}, {ago: day, do: test},
				{ago: 3 * minute, do: fault, fault: Fault{Endpoint: "token", Kind: "503", RetryAfter: 45}}, {ago: 20 * time.Second, do: refresh}}},
		{name: "salesforce-desk", provider: "salesforce", account: pigeon, env: "prod", owner: "desk", login: "crm-admin",
			app: "Pigeon Desk", made: 55, rotate: true, ago: 25 * day, then: []moment{
				{ago: 70 * minute, do: refresh}, {ago: 2 * day, do: test},
				{ago: 2 * minute, do: fault, fault: Fault{Endpoint: "token", Kind: "busy"}}, {ago: minute, do: refresh}}},
		{name: "salesforce-nightly", provider: "salesforce", account: light, env: "prod", owner: "data", login: "integration",
			app: "Lighthouse Nightly", made: 71, ago: 28 * day, then: []moment{
				{ago: 20 * minute, do: refresh}, {ago: 19 * minute, do: test}, {ago: 18 * minute, do: pause}}},
	}
}

// keys are connections by API key: they do not end by time, so their age counts.
func keys() []part {
	return []part{
		{name: "hubspot-etl", provider: "hubspot", account: kettle, env: "prod", owner: "data",
			kind: "service_key", key: "etl", made: 143, ago: 39 * day, then: []moment{
				{ago: 2 * time.Hour, do: test}, {ago: 40 * minute, do: token, job: "warehouse-load"}}},
		{name: "close-nightly", provider: "close", account: kettle, env: "prod", owner: "ops",
			kind: "api_key", key: "night", made: 78, ago: 35 * day, then: []moment{
				{ago: 9 * time.Hour, do: test}, {ago: 14 * minute, do: token, job: "nightly-close"}}},
		{name: "close-reports", provider: "close", account: kettle, env: "prod", owner: "sales",
			kind: "api_key", key: "night", made: 78, ago: 20 * day, then: []moment{{ago: 2 * day, do: token, job: "board-report"}}},
		{name: "close-sales", provider: "close", account: lantern, env: "prod", owner: "sales",
			kind: "api_key", key: "sales", made: 12, ago: 12 * day, then: []moment{{ago: 5 * time.Hour, do: test}}},
		{name: "close-support", provider: "close", account: whistle, env: "prod", owner: "desk",
			kind: "api_key", key: "support", made: -1, ago: 9 * day, then: []moment{{ago: day, do: test}}},
		{name: "close-exports", provider: "close", account: anvil, env: "prod", owner: "it",
			kind: "api_key", key: "exports", made: 60, ago: 33 * day, then: []moment{
				{ago: 4 * day, do: test}, {ago: 5 * time.Hour, do: deleteKey}, {ago: 4 * time.Hour, do: test}}},
		{name: "hubspot-sbx", provider: "hubspot", account: kettleSbx, env: "sbx", owner: "it",
			kind: "private_app_token", key: "sandbox", made: 21, ago: 21 * day, then: []moment{{ago: 6 * time.Hour, do: test}}},
	}
}

// cast is everybody.
func cast() []part {
	var out []part
	out = append(out, hubspotOAuth()...)
	out = append(out, salesforce()...)
	return append(out, keys()...)
}
