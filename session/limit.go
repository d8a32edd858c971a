package session

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// DefaultMemory is the limit for a session where nobody names one: three
// quarters of the machine's memory, or of what the process's control group may
// have. It is 0, no limit, where that is not known.
func DefaultMemory() int64 { return machineMemory() / 4 * 3 }

// ParseMemory reads a number of bytes such as "800MiB", "1.5G" or "none" (0),
// in powers of 1024 whatever the unit's spelling.
func ParseMemory(text string) (int64, error) {
	s := strings.ToLower(strings.TrimSpace(text))
	if s == "none" {
		return 0, nil
	}
	digits := strings.TrimRight(s, "bi")
	unit := 1.0
	if i := strings.IndexByte("kmgt", lastByte(digits)); i >= 0 {
		unit = math.Pow(1024, float64(i+1))
		digits = digits[:len(digits)-1]
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if err != nil || !(n*unit >= 1 && n*unit < math.MaxInt64) {
		return 0, fmt.Errorf("%q is no amount of memory: want a number of bytes such as 4GiB or 800MiB, or none", text)
	}
	return int64(n * unit), nil
}

func lastByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[len(s)-1]
}
