package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// object is the body of a request to the API, as the flags of a command say it:
// it has a member for each flag that was given, and no other.
type object struct {
	cmd     *cobra.Command
	members []member
}

// member is a member of an object, and how to read it once its flag was given.
type member struct {
	flag, name string
	read       func() (any, error)
}

func (o *object) add(flag, name string, read func() (any, error)) {
	o.members = append(o.members, member{flag, name, read})
}

// build reads the flags that were given.
func (o *object) build() (map[string]any, error) {
	body := map[string]any{}
	for _, m := range o.members {
		if !o.cmd.Flags().Changed(m.flag) {
			continue
		}
		value, err := m.read()
		if err != nil {
			return nil, misused("--%s: %w", m.flag, err)
		}
		body[m.name] = value
	}
	return body, nil
}

// text is a flag for a string.
func (o *object) text(flag, name, usage string) {
	text := o.cmd.Flags().String(flag, "", usage)
	o.add(flag, name, func() (any, error) { return *text, nil })
}

// is is a flag for true or false.
func (o *object) is(flag, name, usage string) {
	is := o.cmd.Flags().Bool(flag, false, usage)
	o.add(flag, name, func() (any, error) { return *is, nil })
}

// words is a flag for a list of words, which may be several in one, with commas.
func (o *object) words(flag, name, usage string) {
	words := o.cmd.Flags().StringSlice(flag, nil, usage+severalTimes)
	o.add(flag, name, func() (any, error) { return listed(*words), nil })
}

// uris is a flag for a list of texts that may hold commas.
func (o *object) uris(flag, name, usage string) {
	uris := o.cmd.Flags().StringArray(flag, nil, usage+severalTimes)
	o.add(flag, name, func() (any, error) { return listed(*uris), nil })
}

const severalTimes = `; repeatable, "" for none`

// lifetime is a flag for a duration of whole seconds.
func (o *object) lifetime(flag, name, usage string) {
	lifetime := o.cmd.Flags().Duration(flag, 0, usage)
	o.add(flag, name, func() (any, error) {
		if *lifetime%time.Second != 0 {
			return nil, misused("must be whole seconds")
		}
		return int64(*lifetime / time.Second), nil
	})
}

// metadata is the flag for metadata.
func (o *object) metadata() {
	const flag = "metadata"
	entries := o.cmd.Flags().StringArray(flag, nil, "`KEY=VALUE` to keep with it, KEY:=VALUE for a number, true or false"+severalTimes)
	o.add(flag, flag, func() (any, error) {
		metadata := map[string]any{}
		for _, entry := range listed(*entries) {
			key, value, err := keyAndValue(entry)
			if err != nil {
				return nil, err
			}
			if _, twice := metadata[key]; twice {
				return nil, misused("%q is given twice", key)
			}
			metadata[key] = value
		}
		return metadata, nil
	})
}

// keyAndValue reads KEY=VALUE, or KEY:=VALUE for JSON.
func keyAndValue(entry string) (key string, value any, err error) {
	key, text, found := strings.Cut(entry, "=")
	if !found || key == "" || key == ":" {
		return "", nil, misused("%q is not KEY=VALUE", entry)
	}
	name, isJSON := strings.CutSuffix(key, ":")
	if !isJSON {
		return key, text, nil
	}
	if value, err = readJSON([]byte(text)); err != nil {
		return "", nil, misused("%q is not KEY:=VALUE with a number, true or false", entry)
	}
	return name, value, nil
}

// permissions is the flag for what a group permits.
func (o *object) permissions() {
	entries := o.cmd.Flags().StringArray("permission", nil, "`RESOURCE:ACTION,ACTION` that it gives, * for any"+severalTimes)
	o.add("permission", "permissions", func() (any, error) {
		permissions := map[string][]string{}
		for _, entry := range listed(*entries) {
			colon := strings.LastIndexByte(entry, ':')
			if colon < 1 || colon == len(entry)-1 {
				return nil, misused("%q is not RESOURCE:ACTION,ACTION", entry)
			}
			resource := entry[:colon]
			permissions[resource] = append(permissions[resource], strings.Split(entry[colon+1:], ",")...)
		}
		return permissions, nil
	})
}

// document is a flag for a file that holds a JSON object.
func (o *object) document(flag, name, usage string) {
	path := o.cmd.Flags().String(flag, "", usage)
	o.add(flag, name, func() (any, error) {
		if *path == "" {
			return map[string]any{}, nil
		}
		content, err := os.ReadFile(*path)
		if err != nil {
			return nil, err
		}
		value, err := readJSON(content)
		if err != nil {
			return nil, misused("%s is not JSON: %w", *path, err)
		}
		return value, nil
	})
}

// readJSON reads one value, its numbers as they are written.
func readJSON(text []byte) (value any, err error) {
	var whole json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(whole))
	d.UseNumber()
	err = d.Decode(&value)
	return value, err
}

// listed is a list that a flag was given for: "" alone stands for none.
func listed(list []string) []string {
	if len(list) == 1 && list[0] == "" {
		return []string{}
	}
	return list
}
