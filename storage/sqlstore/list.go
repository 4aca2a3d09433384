package sqlstore

import (
	"fmt"
	"strings"

	"gatehouse/identity"
)

// The lists that ranks are kept of.
const (
	usersList    = "users"
	usernameList = "username"
	emailList    = "email"
	lastNameList = "lastname"
	termList     = "term"
	memberList   = "member/" // and the id of a group
)

// list is where the keys of a list are.
type list struct {
	name   string
	table  string
	key    string // column of the table
	kind   string // column of the table, or 0
	where  string // which rows of the table
	args   []any  // of where
	listed string // which of them are listed: not those that an earlier release created
	user   string // joins users with page.key
}

// listNamed returns a list of which ranks are kept.
func (d dialect) listNamed(name string) list {
	ofUsers := func(column string) list {
		return list{
			name: name, table: "users", key: column, kind: "0", where: "TRUE", listed: "last_name_order IS NOT NULL",
			user: "users." + column + " = page.key",
		}
	}
	switch name {
	case usersList:
		return ofUsers("id")
	case usernameList:
		return ofUsers("username_key")
	case emailList:
		return ofUsers("email_key")
	case lastNameList:
		return ofUsers("last_name_order")
	case termList:
		return list{
			name: name, table: "user_terms", key: "entry", kind: "shared", where: "TRUE", listed: "TRUE",
			user: "users.id = " + d.userIn("page.key"),
		}
	default:
		return list{
			name: name, table: "memberships", key: "user_id", kind: "0",
			where: "group_id = $1", args: []any{strings.TrimPrefix(name, memberList)},
			listed: "user_id IN (SELECT id FROM users WHERE last_name_order IS NOT NULL)", user: "users.id = page.key",
		}
	}
}

// userIn is the user's id in the entry of a term.
func (d dialect) userIn(entry string) string { return fmt.Sprintf(d.termUser, entry) }

// placesOf returns where a user is listed but for its groups.
func placesOf(u identity.User, terms []term) []place {
	places := []place{
		{list: usersList, key: u.ID},
		{list: usernameList, key: identity.UsernameKey(u.Username)},
		{list: emailList, key: identity.EmailKey(u.Email)},
		{list: lastNameList, key: lastNameOrder(u)},
	}
	for _, t := range terms {
		places = append(places, place{list: termList, key: entryOf(t.value, u.ID), kind: min(t.shared, maxKind)})
	}
	return places
}

// placeIn returns where a member of a group is listed.
func placeIn(groupID, userID string) place { return place{list: memberList + groupID, key: userID} }
