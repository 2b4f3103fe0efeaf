package ui

import (
	"crmdeck/ui/action"
	"crmdeck/ui/words"
)

// why says why an action can't work now; "" if it can. The program's own
// reasons come before the page's.
func (a *App) why(x *action.Action) string {
	switch {
	case x.Changes && a.deps.Snapshot != nil:
		return words.WhySnapshot
	case x.ID == action.Unlock && a.deps.Snapshot != nil:
		return words.WhySnapshotOpen
	case x.Changes && a.env.ReadOnly():
		return words.WhyReadOnly
	case x.ID == action.Unlock && a.env.ReadOnly():
		return words.WhyReadOnlyUnlock
	case x.ID == action.Lock && a.deps.Demo != nil:
		return words.WhyDemoLock
	case x.ID == action.Lock && a.env.Locked:
		return words.WhyLocked
	case x.ID == action.CopyToken && a.deps.Settings.Remote:
		return words.WhyRemote
	case x.ID == action.Unlock && !a.env.Locked:
		return words.WhyUnlocked
	}
	if p := a.top(); p != nil && x.Alive(p.Scope()) {
		return p.Why(a.env, x.ID)
	}
	return ""
}
