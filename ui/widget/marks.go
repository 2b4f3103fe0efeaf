package widget

// marked reports whether a key is marked.
func (t *Table) marked(key string) bool {
	_, ok := t.marks[key]
	return ok
}

// ToggleMark marks the row in focus or takes its mark away.
func (t *Table) ToggleMark() {
	if t.rows.Len() == 0 {
		return
	}
	if t.marked(t.key) {
		delete(t.marks, t.key)
		return
	}
	t.marks[t.key] = struct{}{}
}

// MarkRange marks all rows from the key anchor to the one in focus.
func (t *Table) MarkRange(anchor string) {
	from := t.find(anchor)
	if from < 0 || t.rows.Len() == 0 {
		return
	}
	for i := min(from, t.focus); i <= max(from, t.focus); i++ {
		t.marks[t.rows.Key(i)] = struct{}{}
	}
}

// MarkAll marks every row that the source has now.
func (t *Table) MarkAll() {
	for i := range t.rows.Len() {
		t.marks[t.rows.Key(i)] = struct{}{}
	}
}

// ClearMarks takes all marks away.
func (t *Table) ClearMarks() { clear(t.marks) }

// Marked is the keys that are marked and still there, in the order of rows.
func (t *Table) Marked() []string {
	if len(t.marks) == 0 {
		return nil
	}
	keys := make([]string, 0, len(t.marks))
	for i := range t.rows.Len() {
		if k := t.rows.Key(i); t.marked(k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// MarkCount is how many keys are marked, hidden by a filter or not.
func (t *Table) MarkCount() int { return len(t.marks) }
