//go:build !unix && !windows

package history

func lock(string) (unlock func()) { return func() {} }
