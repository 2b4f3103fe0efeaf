package action

import "strings"

// Map finds actions by scope and key. It is made once, from what this program
// run can do, and never changes.
type Map struct {
	list []Action
	byID map[ID]int
}

// NewMap indexes a table of actions; keep says which are there at all.
func NewMap(table []Action, keep func(*Action) bool) *Map {
	m := &Map{byID: make(map[ID]int, len(table))}
	for i := range table {
		if keep != nil && !keep(&table[i]) {
			continue
		}
		m.byID[table[i].ID] = len(m.list)
		m.list = append(m.list, table[i])
	}
	return m
}

// All lists every action, in the order of the table.
func (m *Map) All() []Action { return m.list }

// Get finds an action by id.
func (m *Map) Get(id ID) (*Action, bool) {
	i, ok := m.byID[id]
	if !ok {
		return nil, false
	}
	return &m.list[i], true
}

// Lookup finds what a key, or a chord so far ("g", "g s"), means in a scope.
// more is true while a longer chord begins with it.
func (m *Map) Lookup(in Scope, keys string) (a *Action, more bool) {
	for i := range m.list {
		x := &m.list[i]
		if !x.Alive(in) {
			continue
		}
		for _, k := range x.Keys {
			if k == keys {
				return x, false
			}
			more = more || strings.HasPrefix(k, keys+" ")
		}
	}
	return nil, more
}

// In lists the actions that are alive in a scope, in the order of the table.
func (m *Map) In(scope Scope) []*Action {
	var in []*Action
	for i := range m.list {
		if m.list[i].Alive(scope) {
			in = append(in, &m.list[i])
		}
	}
	return in
}
