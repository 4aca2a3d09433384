package storagetest

import (
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

func testCodes(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"what is created is read back":  testCode,
		"an unknown code is not found":  testCodeUnknown,
		"a code is spent once":          testSpendCode,
		"one of many spends a code":     testSpendCodeRace,
		"the same code is not kept two": testCodeTwice,
		"a deleted code is not found":   testDeleteCode,
	})
}

func newCode() storage.Code {
	return storage.Code{Kind: "code", Hash: []byte(newID()), Payload: []byte{0, 255}, ExpiresAt: kept(now.Add(time.Minute))}
}

func testCode(t *testing.T, s Store) {
	for _, code := range []storage.Code{newCode(), {Kind: "par", Hash: []byte(newID()), SessionID: newID(), ExpiresAt: kept(now), SpentAt: kept(now)}} {
		noError(t, s.CreateCode(t.Context(), code))
		got, err := s.Code(t.Context(), code.Kind, code.Hash)
		noError(t, err)
		same(t, "Code()", got, code)
	}
}

func testCodeUnknown(t *testing.T, s Store) {
	code := newCode()
	noError(t, s.CreateCode(t.Context(), code))
	for name, ask := range map[string]storage.Code{
		"another hash": {Kind: code.Kind, Hash: []byte(newID())},
		"another kind": {Kind: "device", Hash: code.Hash},
	} {
		if _, err := s.Code(t.Context(), ask.Kind, ask.Hash); !errors.Is(err, errors.InvalidAuthorizationCode) {
			t.Errorf("Code() of %s = %v, want InvalidAuthorizationCode", name, err)
		}
		if ok, err := s.SpendCode(t.Context(), ask.Kind, ask.Hash, "", now); ok || err != nil {
			t.Errorf("SpendCode() of %s = %v, %v, want false", name, ok, err)
		}
	}
}

func testSpendCode(t *testing.T, s Store) {
	code := newCode()
	noError(t, s.CreateCode(t.Context(), code))
	sessionID := newID()
	if ok, err := s.SpendCode(t.Context(), code.Kind, code.Hash, sessionID, now); !ok || err != nil {
		t.Fatalf("SpendCode() = %v, %v, want true", ok, err)
	}
	if ok, err := s.SpendCode(t.Context(), code.Kind, code.Hash, newID(), now.Add(time.Second)); ok || err != nil {
		t.Errorf("SpendCode() again = %v, %v, want false", ok, err)
	}
	got, err := s.Code(t.Context(), code.Kind, code.Hash)
	noError(t, err)
	code.SessionID, code.SpentAt = sessionID, kept(now)
	same(t, "Code()", got, code)
}

func testSpendCodeRace(t *testing.T, s Store) {
	code := newCode()
	noError(t, s.CreateCode(t.Context(), code))
	won := race(t, func(int) (bool, error) {
		return s.SpendCode(t.Context(), code.Kind, code.Hash, newID(), now)
	})
	if won != 1 {
		t.Errorf("%d of %d spent the code, want 1", won, racers)
	}
}

func testCodeTwice(t *testing.T, s Store) {
	code := newCode()
	noError(t, s.CreateCode(t.Context(), code))
	if err := s.CreateCode(t.Context(), code); err == nil {
		t.Error("CreateCode() again = nil")
	}
}

func testDeleteCode(t *testing.T, s Store) {
	code, other := newCode(), newCode()
	noError(t, s.CreateCode(t.Context(), code))
	noError(t, s.CreateCode(t.Context(), other))
	for range 2 {
		noError(t, s.DeleteCode(t.Context(), code.Kind, code.Hash))
	}
	noError(t, s.DeleteCode(t.Context(), "device", other.Hash))
	if _, err := s.Code(t.Context(), code.Kind, code.Hash); !errors.Is(err, errors.InvalidAuthorizationCode) {
		t.Errorf("Code() = %v, want InvalidAuthorizationCode", err)
	}
	_, err := s.Code(t.Context(), other.Kind, other.Hash)
	noError(t, err)
}
