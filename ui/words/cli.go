package words

// What the commands are, one line each, as the help and the man page list them.
const (
	CmdRoot       = "See, set up, prove and revoke connections to CRMs"
	CmdDemo       = "Open the deck on simulated CRMs"
	CmdInit       = "Make a store"
	CmdConfig     = "Show and check the settings"
	CmdConfigPath = "Print the path of the settings file"
	CmdConfigShow = "Show every setting and where it comes from"
	CmdConfigTest = "Check the settings file"
	CmdVersion    = "Print the version"
	CmdProviders  = "List the CRMs, or show one"
	CmdLint       = "Check provider definitions"
	CmdAdd        = "Set up a connection"
	CmdReconnect  = "Renew the credential of a connection"
	CmdEdit       = "Change what is noted about a connection"
	CmdRename     = "Give a connection another name"
	CmdRemove     = "Remove a connection whose credential is dead"
	CmdList       = "List the connections"
	CmdShow       = "Show one connection"
	CmdAudit      = "List what was done, newest last"
	CmdTest       = "Read pages of contacts, companies and deals to prove that a connection works"
	CmdRefresh    = "Refresh the access token now"
	CmdToken      = "Print an access token that works"
	CmdRevoke     = "Revoke connections at the provider, and prove it"
	CmdSim        = "Run the simulated CRMs"
)

// Longer texts of the commands whose use needs a word.
const (
	LongRoot = `crmdeck is a terminal connection manager for CRMs. Without a command it opens the deck.

Secrets are sealed; a passphrase or an identity file opens them. Looking needs neither.
No flag takes a secret: give a file, or - for the standard input.`
	LongAdd = `Sets up a connection, step by step, from flags, from --answers FILE, or by asking at a terminal.

What consent needs is an address to open in a browser; with --no-browser it is printed.
With --refresh-token-file an existing grant is taken over, with --key-file a key is used.

An answers file is TOML, or JSON if its name ends in .json. Its fields are those of the flags:
name, provider, method, client_id, client_secret_file, key_file, key_kind, key_created,
refresh_token_file, scopes (a list), scope_set, owner, environment, tags (a list), purpose,
sensitive, unattended, consents, redirect_port, yes, and a table params. A flag goes before the file.`
	LongEdit = `Changes what is noted about a connection: owner, environment, purpose, tags, the date of its key
or client secret, its policy, a pause. Scopes, the client secret, the key and the account are changed
by a new consent or key: crmdeck reconnect NAME. Another CRM, method or app is another connection.`
	LongReconnect = `Renews the credential of the same connection with the same app: by consent, by --key-file,
or by --refresh-token-file. Another account than before is refused, unless --other-account is given.`
	LongToken = `Prints the access token and a newline, and nothing else. It is refreshed first if less than
--min-ttl of its life is left. With --json it is one object; that is the only JSON that holds a secret.`
	LongRevoke = `Revokes at the provider, then calls with the old credential and says what that proved.
Everything that shares the credential dies with it. At a terminal the name has to be typed;
elsewhere --yes is needed. What only the provider's console can revoke ends with exit code 10
unless --wait is given.`
	LongRemove = `Removes a connection that is revoked or whose credential is refused. With --forget a living
one is removed too: its credential goes on working at the provider, and nobody here can revoke it.`
	LongTest = `Reads pages of contacts, companies and deals, and nothing else. Without --all it is a sample:
at most 10 pages an object and 5 % of the quota that is left.`
)

// What the flags mean.
const (
	FlagHome         = "directory in which everything lies"
	FlagIdentity     = "age identity FILE that opens the store"
	FlagPassphrase   = "FILE that holds the passphrase, - for standard input"
	FlagReadOnly     = "look only: no key, no change"
	FlagJSON         = "write JSON"
	FlagTheme        = "NAME of a theme"
	FlagASCII        = "glyphs from ASCII only"
	FlagNoAuto       = "do not refresh ahead"
	FlagSpeed        = "how many times faster the clock runs, up to 3,600"
	FlagKeep         = "keep the store in DIR"
	FlagProvider     = "ID of the CRM, see crmdeck providers"
	FlagMethod       = "how it authenticates, e.g. authorization_code or api_key"
	FlagParam        = "answer about the instance, as KEY=VALUE; may be repeated"
	FlagClientID     = "client ID of the app at the provider"
	FlagClientSecret = "FILE with the client secret, - for standard input"
	FlagKeyFile      = "FILE with the API key, - for standard input"
	FlagKeyKind      = "KIND of key, where a provider has several"
	FlagKeyCreated   = "DATE when the key was made, as 2006-01-02, or unknown"
	FlagRefreshToken = "FILE with a refresh token to take over, - for standard input"
	FlagScopes       = "scopes to ask for, separated by commas"
	FlagScopeSet     = "NAME of a preset of scopes"
	FlagOwner        = "who answers for it"
	FlagEnvironment  = "prod, sbx, test or dev"
	FlagTag          = "a tag; may be repeated"
	FlagPurpose      = "what it is for"
	FlagSensitive    = "the data is personal"
	FlagUnattended   = "jobs use it without a person"
	FlagConsents     = "a person consents at the provider"
	FlagRedirectPort = "PORT of the redirect URI as registered"
	FlagNoBrowser    = "print the address to open instead of opening a browser"
	FlagAnswers      = "FILE with the answers, TOML or JSON"
	FlagYes          = "do not ask"
	FlagNoTest       = "leave out the first test sync"
	FlagOtherAccount = "accept another account than before"
	FlagForget       = "remove it although its credential lives"
	FlagAll          = "read everything"
	FlagAttempt      = "spend the one try of an uncertain grant"
	FlagMinTTL       = "how long the token must live at least, e.g. 10m"
	FlagAs           = "JOB that asks, for the record"
	FlagWait         = "how long to wait for the console, e.g. 10m"
	FlagPending      = "work off what is queued, dying or waits for a console"
	FlagPause        = "stop refreshing ahead and for jobs"
	FlagResume       = "end a pause"
	FlagKeyDays      = "how old its key or secret may become, in DAYS"
	FlagLimit        = "at most N events"
	FlagAct          = "only events of this act; may be repeated"
	FlagConnection   = "only events of this connection"
	FlagAddr         = "HOST:PORT to listen on; further CRMs take the next ports"
	FlagContacts     = "contacts in each account, up to 1,000,000"
	FlagAccessTTL    = "lifetime of access tokens, instead of the provider's own"
	FlagLatency      = "what every answer takes longer"
	FlagFault        = "NAME of a fault; may be repeated"
	FlagQuota        = "real, off, or a factor on every limit"
	FlagWriteDir     = "write provider files that point here into DIR"
)

// What commands say when all is well.
const (
	SayCreated     = "A store is made in {home}."
	SayIdentity    = "It opens with {path}. Keep that file: without it no secret can be read."
	SayNext        = "Next: crmdeck add NAME --provider ID, or crmdeck to see the deck."
	SayNone        = "No connections yet. Next: crmdeck add NAME --provider ID"
	SayNoEvents    = "No events yet: the first act writes the first."
	SayNoneFits    = "No event fits."
	SayStored      = "{name} is set up."
	SayReconnected = "{name} is reconnected."
	SayEdited      = "{name} is changed."
	SayUnchanged   = "Nothing to change: no flag says what."
	SayRenamed     = "It is called {name} now."
	SayRemoved     = "{name} is removed."
	SayForgotten   = "{name} is forgotten. Its credential may still work at the provider."
	SayRefreshed   = "{name} is refreshed."
	SayAdopted     = "{name} was refreshed by somebody else just now."
	SayOpen        = "Open this address where you are signed in:"
	SayOpened      = "The browser is open. If it is the wrong one, open this address where you are signed in:"
	SayWaiting     = "Waiting for consent until {time}; ctrl+c ends it, and nothing is stored."
	SayRegister    = "Register this redirect URI, exactly: {uri}"
	SayLintGood    = "{path}: good"
	SayConfigGood  = "{path}: good"
	SayNoConfig    = "{path}: not there, so the defaults hold"
	SayNothingLeft = "No revocation is waiting."
	SayWhatHangs   = "What hangs on it:"
	SayNothingElse = "Nothing else hangs on it."
	SayConsole     = "Its provider has no call that revokes it. Open this page and delete it there:"
	SayFinishing   = "Finishing what cannot be left half done; ctrl+c again leaves it uncertain."
	SayBroken      = "{path} is not used, it has mistakes. See them with: crmdeck providers lint {path}"
	SayProbing     = "Asking whose grant it is."
	AskPassphrase  = "Passphrase: "
	AskNewPhrase   = "New passphrase, at least 15 characters: "
	AskAgain       = "The same again: "
	NoJob          = "a job without a name"
	AskEmpty       = ", empty for none"
	AskName        = "Type {name} to revoke it: "
	AskNameForget  = "Type {name} to forget it without revoking: "
	AskYes         = "Is this right? yes or no: "
)

// Usage errors.
const (
	UseUnknownCommand = "There is no command called {word}."
	UseArgs           = "{command} takes {want}."
	UseOneKey         = "Give either --identity or --passphrase-file, not both."
	UseTwoSecrets     = "Only one file can be - : there is one standard input."
	UseYes            = "Without a terminal nobody can confirm: give --yes."
	UseNotTyped       = "The name was not typed, so nothing was revoked."
	UseSecretEmpty    = "{path} is empty."
	UseSecretLarge    = "{path} is too large to hold one secret."
	UseSecretMode     = "{path} can be read by others; chmod 600 takes that away."
	UseSecretRead     = "{path} cannot be read."
	UseNewKey         = "A new store needs a key: give --passphrase-file or --identity."
	UseDiffer         = "The two passphrases differ."
	UsePause          = "Give either --pause or --resume."
	UseBrowser        = "Consent is given in a browser. With --no-browser the address is printed, and the command waits for the answer."
	UseShell          = "completion takes bash, zsh, fish or powershell."
	UseHome           = "No home directory is known: neither --home nor a variable names one."
	UseOneCredential  = "Give one of --key-file and --refresh-token-file."
	UseOneScopes      = "Give either --scopes or --scope-set."
	UseKeyScopes      = "Scopes are asked for with consent; what a key may do is decided where it is made. Leave --scopes and --scope-set out."
	UseTokenScopes    = "Scopes are asked for with consent; a refresh token that is taken over has those that it has. Leave --scopes and --scope-set out."
	UseKeyFlags       = "--key-kind and --key-created are for a key; when a client secret was made is noted with edit --key-created."
	UseForget         = "Without a terminal nobody can confirm that a living credential is forgotten: give --yes."
	KeyMissing        = "there is no such file or directory"
	KeyUnreadable     = "it cannot be read"
	UseParam          = "--param needs KEY=VALUE."
	UseDumb           = "TERM=dumb: this terminal can't show the deck. There are commands: crmdeck list"
	UseTerminal       = "The deck needs a terminal. Without one there are commands: crmdeck list --json"
)
