package audit

import (
	"time"

	"gatehouse/storage"
)

// Event is an audit event as the API and the log show it. What is empty is left out.
type Event struct {
	ID        string         `json:"id"`
	Time      time.Time      `json:"time"` // UTC
	Actor     Party          `json:"actor"`
	Action    string         `json:"action"`
	Subject   Party          `json:"subject"`
	Address   string         `json:"address,omitempty"`
	RequestID string         `json:"requestId,omitempty"`
	Code      string         `json:"code,omitempty"` // why it was refused
	Before    map[string]any `json:"before,omitempty"`
	After     map[string]any `json:"after,omitempty"`
}

// Party is who did a thing, or whom or what it was done to.
type Party struct {
	Type string `json:"type,omitempty"`
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// From is a stored event as others see it.
func From(e storage.AuditEvent) Event {
	return Event{
		ID:        e.ID,
		Time:      e.At.UTC(),
		Actor:     Party{e.ActorType, e.ActorID, e.ActorName},
		Action:    e.Action,
		Subject:   Party{e.SubjectType, e.SubjectID, e.SubjectName},
		Address:   e.Address,
		RequestID: e.RequestID,
		Code:      e.Code,
		Before:    e.Before,
		After:     e.After,
	}
}
