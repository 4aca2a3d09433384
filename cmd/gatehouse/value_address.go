package main

import (
	"cmp"
	"net"
	"net/url"
	"strconv"
	"strings"

	"gatehouse/errors"
	"gatehouse/server/web"
)

// address is where to listen: a host, which may be left out, and a port.
func address(to *string) value {
	return value{
		kind: "address",
		set: func(s string) error {
			_, port, err := net.SplitHostPort(s)
			if err != nil {
				return errors.New("is not an address to listen on, which is [HOST]:PORT")
			}
			if _, err := strconv.ParseUint(port, 10, 16); err != nil {
				return errors.New("has no port between 0 and 65535")
			}
			*to = s
			return nil
		},
		get: func() string { return *to },
	}
}

// webAddress is an absolute http or https URL with nothing after its path.
func webAddress(to *string) value {
	return value{
		kind: "URL",
		set: func(s string) error {
			if err := checkWebAddress(s); err != nil {
				return err
			}
			*to = s
			return nil
		},
		get: func() string { return *to },
	}
}

func checkWebAddress(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Host == "", u.Scheme != "http" && u.Scheme != "https":
		return errors.New("is not an http or https URL")
	case u.User != nil, u.RawQuery != "", u.ForceQuery, u.Fragment != "":
		return errors.New("has a user, a query or a fragment, which it may not have")
	case strings.HasSuffix(u.Path, "/"):
		return errors.New("ends in a slash")
	}
	return nil
}

// checkOrigin says what is wrong with a browser origin (RFC 6454 §6.1).
func checkOrigin(s string) error {
	if s == "*" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || cmp.Or(u.Path, u.RawQuery, u.Fragment) != "" || checkWebAddress(s) != nil {
		return errors.New("is not an origin, which is a scheme, a host and perhaps a port")
	}
	return nil
}

// networks is a list of addresses and address ranges.
func networks(to *web.Proxies) value {
	return value{
		kind: "list of networks",
		set: func(s string) error {
			proxies, err := web.ParseProxies(splitList(s))
			if err != nil {
				return errors.New("has an entry that is neither an address nor a network")
			}
			*to = proxies
			return nil
		},
		get: func() string {
			entries := make([]string, len(*to))
			for i, prefix := range *to {
				entries[i] = prefix.String()
			}
			return strings.Join(entries, ",")
		},
	}
}
