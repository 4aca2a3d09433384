package wire

import (
	"time"

	"gatehouse/identity/permissions"
)

// Decision is the JSON form of an answer to a question about permissions.
type Decision struct {
	Authorized bool      `json:"authorized"`
	Timestamp  time.Time `json:"timestamp"`
	Reason     *Reason   `json:"reason,omitempty"`
}

// Reason says what a decision follows from.
type Reason struct {
	Subject    Subject     `json:"subject"`
	Groups     []string    `json:"groups"` // that counted
	Group      string      `json:"group,omitempty"`
	Permission *Permission `json:"permission,omitempty"`
	Missing    string      `json:"missing,omitempty"`
}

// Subject is whom a question was about.
type Subject struct {
	Type string `json:"type"` // a permissions.Kind
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Permission is one that a group gives, as it is written there.
type Permission struct {
	Resource string `json:"resource"`
	Action   string `json:"action"`
}

// ReasonOf is the reason of an answer.
func ReasonOf(a permissions.Answer) *Reason {
	out := &Reason{
		Subject: Subject{string(a.Subject.Kind), a.Subject.ID, a.Subject.Name},
		Groups:  listed(a.Considered()), Group: a.Group, Missing: a.Missing(),
	}
	if a.Allowed {
		out.Permission = &Permission{a.Resource, a.Action}
	}
	return out
}

// Able is the JSON form of all who may do something.
type Able struct {
	Groups       []AbleGroup       `json:"groups"`
	UserCount    int               `json:"userCount"`
	Users        []string          `json:"users"` // usernames, some of them
	Applications []AbleApplication `json:"applications"`
}

// AbleGroup is a group whose members may do it.
type AbleGroup struct {
	Group      string     `json:"group"`
	Role       string     `json:"role,omitempty"`
	Permission Permission `json:"permission"`
	UserCount  int        `json:"userCount"`
}

// AbleApplication is an application that may do it.
type AbleApplication struct {
	ClientID string `json:"clientId"`
	Name     string `json:"name"`
}

// FromAble is the JSON form of who is able.
func FromAble(able permissions.Able) Able {
	out := Able{
		Groups: make([]AbleGroup, len(able.Groups)), UserCount: able.Users.Count,
		Users: listed(able.Users.Usernames), Applications: make([]AbleApplication, len(able.Applications)),
	}
	for i, g := range able.Groups {
		out.Groups[i] = AbleGroup{g.Group, g.Role, Permission{g.Resource, g.Action}, g.Users}
	}
	for i, a := range able.Applications {
		out.Applications[i] = AbleApplication{a.ID, a.Name}
	}
	return out
}

// Simulation is the JSON form of what a proposal would flip.
type Simulation struct {
	Flips     []Flip `json:"flips"`
	Truncated bool   `json:"truncated"`
}

// Flip is a question whose answer would be another one.
type Flip struct {
	Resource     string   `json:"resource"`
	Action       string   `json:"action"`
	Allowed      bool     `json:"allowed"` // what the answer would be
	UserCount    int      `json:"userCount"`
	Users        []string `json:"users"` // usernames, some of them
	Roles        []string `json:"roles"`
	Applications []string `json:"applications"` // client ids
}

// FromSimulation is the JSON form of a simulation.
func FromSimulation(s permissions.Simulation) Simulation {
	out := Simulation{Flips: make([]Flip, len(s.Flips)), Truncated: s.Truncated}
	for i, f := range s.Flips {
		out.Flips[i] = Flip{
			f.Resource, f.Action, f.Allowed, f.Users.Count, listed(f.Users.Usernames), listed(f.Roles), listed(f.Applications),
		}
	}
	return out
}

// listed is a list that is shown, though it be empty.
func listed(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}
