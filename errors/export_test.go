package errors

// HelpCount is how many codes have help, whether or not they are in the catalogue.
func HelpCount() int { return len(help()) }
