package templates

// Squeeze, Shown and Read let tests look at what pages are made of.
var (
	Squeeze = squeeze
	Shown   = shown
	Files   = files
)
