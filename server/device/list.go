package device

import (
	"slices"
	"strings"
)

// MaxDevices is how many tokens a browser keeps, each of another user.
const MaxDevices = 10

// separator is no character of a token.
const separator = "."

// ReadAll reads the tokens that a browser keeps, leaving out those that are worth
// nothing.
func (d Devices) ReadAll(list string) []Device {
	var all []Device
	for _, token := range d.sound(list) {
		all = append(all, token.device)
	}
	return all
}

// Remember adds a token to those that a browser keeps. It takes the place of the
// one of the same user, or of the oldest where there are too many.
func (d Devices) Remember(list, token string) string {
	added, ok := d.Read(token)
	if !ok {
		return list
	}
	kept := []string{token}
	for _, other := range d.sound(list) {
		if other.device.UserID != added.UserID && len(kept) < MaxDevices {
			kept = append(kept, other.text)
		}
	}
	return strings.Join(kept, separator)
}

type sound struct {
	text   string
	device Device
}

// sound returns the tokens of a list that can be read, the newest first, one a user
// and at most MaxDevices.
func (d Devices) sound(list string) []sound {
	if list == "" || len(list) > MaxDevices*(TokenLength+len(separator)) {
		return nil
	}
	var all []sound
	for text := range strings.SplitSeq(list, separator) {
		device, ok := d.Read(text)
		known := slices.ContainsFunc(all, func(s sound) bool { return s.device.UserID == device.UserID })
		if ok && !known && len(all) < MaxDevices {
			all = append(all, sound{text, device})
		}
	}
	return all
}
