package identity

// ParseHash reads a hash without comparing it, which may be slow.
func ParseHash(hash string) (memory int, err error) {
	parsed, err := parseHash(hash)
	return parsed.memory, err
}
