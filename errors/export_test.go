package errors

// HelpCount is how many codes have help, whether or not they are in the catalogue.
func HelpCount() int {
	count := 0
	for _, family := range helpFamilies {
		count += len(family)
	}
	return count
}
