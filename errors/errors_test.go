package errors_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
)

func TestFromFindsTheOutermostCode(t *testing.T) {
	t.Parallel()
	plain := errors.New("disk full")
	tests := []struct {
		name  string
		err   error
		want  errors.Code
		cause string
	}{
		{"a bare code", errors.InvalidClient, errors.InvalidClient, ""},
		{"a wrapped code", fmt.Errorf("refresh: %w", errors.InvalidClient), errors.InvalidClient, "refresh: AUT-1004 Invalid Client"},
		{"a fault", errors.InvalidClient.Because(plain), errors.InvalidClient, "disk full"},
		{"a wrapped fault", fmt.Errorf("refresh: %w", errors.InvalidClient.Because(plain)), errors.InvalidClient, "disk full"},
		{"a code because of a code", errors.InvalidClient.Because(errors.ApplicationNotFound), errors.InvalidClient, "IDE-1001 Application ID Not Found"},
		{"joined", errors.Join(plain, errors.SessionNotFound), errors.SessionNotFound, "disk full\nAUT-2017 Session Not Found"},
		{"no code", plain, errors.Internal, "disk full"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fault := errors.From(tt.err)
			if fault.Code != tt.want {
				t.Errorf("From(%v) = %s, want %s", tt.err, fault.ID, tt.want.ID)
			}
			if got := fmt.Sprint(fault.Cause()); got != tt.cause && (tt.cause != "" || fault.Cause() != nil) {
				t.Errorf("cause = %q, want %q", got, tt.cause)
			}
		})
	}
}

func TestAFaultIsItsCodeAndItsCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk full")
	fault := errors.Unavailable.After(time.Second).Because(cause)
	for _, target := range []error{errors.Unavailable, cause} {
		if !errors.Is(fault, target) {
			t.Errorf("%v is not %v", fault, target)
		}
	}
	if errors.Is(fault, errors.Internal) {
		t.Errorf("%v is %v", fault, errors.Internal)
	}
	if got, want := fault.Error(), "AUT-2007 Service Unavailable: disk full"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if strings.Contains(fault.Text(), "disk") {
		t.Errorf("Text() tells the cause: %q", fault.Text())
	}
}

func TestAFaultIsNeverChanged(t *testing.T) {
	t.Parallel()
	first := errors.MissingFields.On(map[string]string{"a": "is required"})
	second := first.On(map[string]string{"b": "is required"}).After(time.Minute).Because(errors.New("x"))
	if diff := cmp.Diff(map[string]string{"a": "is required"}, first.Fields); diff != "" || first.RetryAfter != 0 || first.Cause() != nil {
		t.Errorf("the first fault changed: %+v %s", first, diff)
	}
	if diff := cmp.Diff(map[string]string{"a": "is required", "b": "is required"}, second.Fields); diff != "" || second.RetryAfter != time.Minute {
		t.Errorf("the second fault: %+v %s", second, diff)
	}
}

func TestTextFillsTheVerbs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault *errors.Fault
		want  string
	}{
		{"one value", errors.UnknownGrant.With("magic"), "The provided 'grantType' magic is not valid."},
		{"two values", errors.MetadataKeyTooLong.With("key", 100), "The metadata key key exceeds the maximum allowed length of 100 characters."},
		{"too few values", errors.From(errors.MetadataKeyTooLong), "The metadata key  exceeds the maximum allowed length of  characters."},
		{"too many values", errors.InvalidClient.With("x"), "The provided 'clientId' or 'clientSecret' is incorrect."},
		{"a value with a verb", errors.UnknownGrant.With("%d%!"), "The provided 'grantType' %d%! is not valid."},
		{"a value that is no text", errors.UnknownGrant.With("\xff"), "The provided 'grantType' \uFFFD is not valid."},
		{"a long value", errors.UnknownGrant.With(strings.Repeat("é", 101)), "The provided 'grantType' " + strings.Repeat("é", 100) + "... is not valid."},
		{"values and fields", errors.UnknownGrant.With("magic").On(map[string]string{"grantType": "is unknown"}), "The provided 'grantType' magic is not valid."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.fault.Text(); !strings.HasPrefix(got, tt.want) {
				t.Errorf("Text() = %q, want %q…", got, tt.want)
			}
		})
	}
}
