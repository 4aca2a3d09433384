package templates

// What tests look at of what pages are made of.
var (
	Squeeze  = squeeze
	Shown    = shown
	SourceOf = sourceOf
	Files    = files
)

// Messages is the type of all texts.
type Messages = messages
