package widget

// Window adds lines of another buffer to this one, from line first on, at most
// n of them: the part in sight of something taller.
func (b *Buf) Window(from *Buf, first, n int) {
	rest := from.Bytes()
	for row := 0; len(rest) > 0 && row < first+n; row++ {
		var line []byte
		line, rest = firstLine(rest)
		if row < first {
			continue
		}
		b.b = append(append(b.b, line...), '\n')
		b.row++
	}
}
