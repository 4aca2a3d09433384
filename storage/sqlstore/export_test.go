package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
)

// SetBlock makes the blocks of lists so small that a test fills several.
func (s *Store) SetBlock(keys int) { s.block = keys }

// CheckRanks compares what the ranks say with what is there. It returns how
// many blocks there are of how many lists.
func (s *Store) CheckRanks(ctx context.Context) (blocks, lists int, err error) {
	counted := make(map[string]map[string]map[int]int) // by list, start and kind
	err = s.each(ctx, func(rows *sql.Rows) error {
		var list, start string
		var kind, n int
		if err := rows.Scan(&list, &start, &kind, &n); err != nil {
			return err
		}
		if n <= 0 {
			return fmt.Errorf("%d of kind %d from %q of list %s", n, kind, start, list)
		}
		if counted[list] == nil {
			counted[list] = make(map[string]map[int]int)
		}
		if counted[list][start] == nil {
			counted[list][start] = make(map[int]int)
		}
		counted[list][start][kind] = n
		return nil
	}, `SELECT list, start, kind, n FROM ranks`)
	if err != nil {
		return 0, 0, err
	}
	wanted := []string{usersList, usernameList, emailList, lastNameList, termList}
	err = s.each(ctx, func(rows *sql.Rows) error {
		var group string
		err := rows.Scan(&group)
		wanted = append(wanted, memberList+group)
		return err
	}, `SELECT DISTINCT group_id FROM memberships`)
	if err != nil {
		return 0, 0, err
	}
	for _, list := range wanted {
		if err := s.checkList(ctx, list, counted[list]); err != nil {
			return 0, 0, err
		}
		blocks += len(counted[list])
		delete(counted, list)
	}
	if len(counted) > 0 {
		return 0, 0, fmt.Errorf("ranks of what is not there: %v", counted)
	}
	return blocks, len(wanted), nil
}

func (s *Store) checkList(ctx context.Context, list string, counted map[string]map[int]int) error {
	l := s.dialect.listNamed(list)
	all, sum := 0, 0
	var total int
	if err := s.one(ctx, []any{&total}, `SELECT count(*) FROM `+l.table+` WHERE `+l.where, l.args...); err != nil {
		return err
	}
	for start, kinds := range counted {
		keys, err := s.keysOf(ctx, l, start)
		if err != nil {
			return err
		}
		found := make(map[int]int)
		for _, key := range keys {
			found[key.kind]++
		}
		if fmt.Sprint(found) != fmt.Sprint(kinds) {
			return fmt.Errorf("list %s counts %v from %q, there are %v", list, kinds, start, found)
		}
		all += len(keys)
		for _, n := range kinds {
			sum += n
		}
	}
	if all != total || sum != total {
		return fmt.Errorf("list %s counts %d, there are %d, of which %d in blocks", list, sum, total, all)
	}
	return nil
}

// Unencrypted are the hosts that a database's address has connections go to in plaintext.
func Unencrypted(dsn string) (hosts []string) {
	config, _, err := parsePostgres(dsn)
	if err != nil {
		return nil
	}
	for _, a := range unencrypted(config) {
		hosts = append(hosts, a.host)
	}
	return hosts
}
