package jsonscan

import "strconv"

// Lookup reads one string or number out of a record; empty if it is not there. Path
// parts are names, or indexes of an array.
func Lookup(body []byte, path string) string {
	w := walker{b: body, spec: &Spec{}}
	for _, part := range split(path) {
		w.space()
		if w.i >= len(w.b) || !w.enter(part) {
			return ""
		}
	}
	w.space()
	start := w.i
	if !w.skip(0) {
		return ""
	}
	return Text(w.b[start:w.i])
}

// enter moves to the member or element that part names.
func (w *walker) enter(part string) bool {
	switch w.b[w.i] {
	case '{':
		return w.member(part)
	case '[':
		n, err := strconv.Atoi(part)
		return err == nil && w.element(n)
	}
	return false
}

func (w *walker) member(name string) bool {
	w.i++
	for {
		w.space()
		start := w.i
		if !w.text() {
			return false
		}
		found := Text(w.b[start:w.i]) == name
		w.space()
		if w.i >= len(w.b) || w.b[w.i] != ':' {
			return false
		}
		w.i++
		w.space()
		if found {
			return true
		}
		if !w.skip(0) {
			return false
		}
		if end, ok := w.after('}'); !ok || end {
			return false
		}
	}
}

func (w *walker) element(n int) bool {
	w.i++
	for ; n > 0; n-- {
		w.space()
		if !w.skip(0) {
			return false
		}
		if end, ok := w.after(']'); !ok || end {
			return false
		}
	}
	w.space()
	return w.i < len(w.b) && w.b[w.i] != ']'
}
