package identity

import "strings"

// Validate says whether the group can be stored: nil, errors.IdentityMissingFields
// when it has no id or no name, errors.IdentityMalformed naming the fields that
// are not as they should be, or a metadata code.
func (g Group) Validate() error { return g.validate(faults{}) }

// ValidateNew is Validate for a group that is to be created: nobody could tell one
// with the name of a role from the role.
func (g Group) ValidateNew() error {
	var f faults
	f.want("id", !isRole(g.ID), "reads as the name of a role, which its group has: name the group otherwise")
	return g.validate(f)
}

func isRole(name string) bool {
	_, is := RoleGroup(name)
	return is
}

func (g Group) validate(f faults) error {
	f.need("id", g.ID != "")
	f.need("name", g.Name != "")
	f.want("id", isSlug(g.ID), "must have at most 100 characters: words of a-z and 0-9 with '-' between them")
	f.want("name", isText(g.Name, 255), "must have at most 255 characters and no control characters")
	f.want("product", g.Product == "" || isSlug(g.Product), "must be the name of a product")
	f.want("permissions", len(g.Permissions) <= mostResources, "must have at most 1000 resources")
	for resource, actions := range g.Permissions {
		f.want("permissions", isPermissionWord(resource) && len(actions) > 0 && each(actions, isPermissionWord),
			"must map each resource to its actions, words of at most 100 printable ASCII characters, each of them once")
	}
	if err := f.err(); err != nil {
		return err
	}
	if fault := ValidateMetadata(g.Metadata); fault != nil {
		return fault.Identity()
	}
	return nil
}

// mostResources is how many resources the permissions of a group may name.
const mostResources = 1000

// isSlug says whether s can be the id of a group.
func isSlug(s string) bool {
	if s == "" || len(s) > 100 {
		return false
	}
	for word := range strings.SplitSeq(s, "-") {
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return !isASCIILetterOrDigit(r) || 'A' <= r && r <= 'Z' }) {
			return false
		}
	}
	return true
}

// isPermissionWord says whether s can name a resource or an action.
func isPermissionWord(s string) bool { return len(s) <= 100 && isVisible(s) }

// isVisible says whether s has characters, all of them ASCII that can be seen
// (VSCHAR without the space, RFC 6749 appendix A).
func isVisible(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}
