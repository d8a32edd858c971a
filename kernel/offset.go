package kernel

import "unicode/utf8"

// The protocol counts cursor positions in Unicode code points, evaluators in
// bytes.

// byteOffset returns the byte offset of the code point with this number,
// within the text whatever the number is.
func byteOffset(text string, points int) int {
	for i := range text {
		if points <= 0 {
			return i
		}
		points--
	}
	return len(text)
}

// codePoints returns how many code points stand before a byte offset.
func codePoints(text string, offset int) int {
	return utf8.RuneCountInString(text[:max(0, min(offset, len(text)))])
}
