package action

// The actions of the set-up, of a test sync and of what they lead to.
const (
	WizardNext, WizardBack                         ID = "wizard-next", "wizard-back"
	WizardLess, WizardMore, WizardToggle           ID = "wizard-less", "wizard-more", "wizard-toggle"
	WizardNextField                                ID = "wizard-field"
	WizardCopy, WizardCopyURL                      ID = "wizard-copy", "wizard-copy-url"
	WizardConsole, WizardOpenURL                   ID = "wizard-console", "wizard-open-url"
	WizardConsent, WizardEdit, WizardWhy           ID = "wizard-consent", "wizard-edit", "wizard-why"
	WizardForget                                   ID = "wizard-forget"
	TestGo, TestRepeat, TestAllOfIt, TestReconnect ID = "test-go", "test-repeat", "test-all-here", "test-reconnect"
)

// wizard is the keys of the set-up; while a field is typed in, its own come first.
var wizard = []Action{
	{ID: WizardNext, Keys: []string{"enter"}, Label: "next", Title: "next step", Group: Here, Scopes: []Scope{Wizard},
		Quiet: true},
	{ID: WizardBack, Keys: []string{"shift+tab"}, Label: "step back", Title: "the step before", Group: Here,
		Scopes: []Scope{Wizard}, Quiet: true},
	{ID: WizardNextField, Keys: []string{"tab"}, Label: "next field", Title: "next field", Group: Here,
		Scopes: []Scope{Wizard}, Quiet: true},
	{ID: WizardLess, Keys: []string{"left", "h"}, Label: "other", Title: "the choice before", Group: Here,
		Scopes: []Scope{Wizard}, Quiet: true},
	{ID: WizardMore, Keys: []string{"right", "l"}, Label: "other", Title: "the next choice", Group: Here,
		Scopes: []Scope{Wizard}, Quiet: true},
	{ID: WizardToggle, Keys: []string{"space"}, Label: "change", Title: "change, or check", Group: Here,
		Scopes: []Scope{Wizard}, Quiet: true},
	{ID: WizardCopy, Keys: []string{"ctrl+y"}, Label: "copy the URI", Title: "copy the redirect URI", Group: Here,
		Scopes: []Scope{Wizard}, Quiet: true},
	{ID: WizardConsole, Keys: []string{"ctrl+o"}, Label: "open the console", Title: "open the provider's console",
		Group: Here, Scopes: []Scope{Wizard}, Quiet: true},
	{ID: WizardCopyURL, Keys: []string{"y"}, Label: "copy", Title: "copy the address of the consent", Group: Here,
		Scopes: []Scope{Wizard}, Quiet: true},
	{ID: WizardOpenURL, Keys: []string{"o"}, Label: "open again", Title: "open the browser again", Group: Here,
		Scopes: []Scope{Wizard}, Quiet: true},
	{ID: WizardConsent, Keys: []string{"i"}, Label: "let the simulated person consent",
		Title: "let the simulated person consent", Group: Here, Scopes: []Scope{Wizard}, Demo: true, Quiet: true},
	{ID: WizardEdit, Keys: []string{"e"}, Label: "rename", Title: "name, owner, environment", Group: Here,
		Scopes: []Scope{Wizard}, Quiet: true},
	{ID: WizardWhy, Keys: []string{"w"}, Label: "weights", Title: "all criteria and their weights", Group: Here,
		Scopes: []Scope{Wizard}, Quiet: true},
	{ID: WizardForget, Keys: []string{"D"}, Label: "forget the draft", Title: "forget a draft", Group: Here,
		Scopes: []Scope{Wizard}, Quiet: true},
}

// testing is the keys of a test sync.
var testing = []Action{
	{ID: TestGo, Keys: []string{"enter"}, Label: "read it all", Title: "go on", Group: Here, Scopes: []Scope{TestSync},
		Quiet: true},
	{ID: TestRepeat, Keys: []string{"t"}, Label: "repeat the test", Title: "repeat the test", Group: Here,
		Scopes: []Scope{TestSync}, Quiet: true},
	{ID: TestAllOfIt, Keys: []string{"T"}, Label: "all of it", Title: "test sync, everything", Group: Here,
		Scopes: []Scope{TestSync}, Quiet: true},
	{ID: TestReconnect, Keys: []string{"c"}, Label: "reconnect", Title: "reconnect: consent again", Group: Here,
		Scopes: []Scope{TestSync}, Quiet: true},
}
