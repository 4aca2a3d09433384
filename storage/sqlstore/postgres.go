package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"gorm.io/driver/postgres"

	"gatehouse/errors"
)

// postgresConns is how many connections there are unless the configuration says so.
const postgresConns = 16

// postgresGrown compares with what tables had when they were last analyzed; small
// ones do not matter.
const postgresGrown = `SELECT relname FROM pg_class
	WHERE oid IN ('users'::regclass, 'user_terms'::regclass, 'memberships'::regclass, 'ranks'::regclass)
		AND pg_relation_size(oid) / current_setting('block_size')::int > 2 * greatest(relpages, 50)`

func openPostgres(ctx context.Context, config Config) (*Store, error) {
	parsed, required, err := parsePostgres(config.DSN)
	if err != nil {
		return nil, fmt.Errorf("read the database address: %w", err)
	}
	if parsed.RuntimeParams["application_name"] == "" {
		parsed.RuntimeParams["application_name"] = "gatehouse"
	}
	db := stdlib.OpenDB(*parsed, stdlib.OptionAfterConnect(withoutJIT))
	conns := config.MaxConns
	if conns == 0 {
		conns = postgresConns
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	// After a failover the connections find their way to the new server.
	db.SetConnMaxLifetime(30 * time.Minute)
	if err := db.PingContext(ctx); err != nil {
		if required {
			err = plaintextHint(err)
		}
		return nil, errors.Join(postgresFault(ctx, fmt.Errorf("open postgres: %w", err)), db.Close())
	}
	pool := &conn{
		db: db, writer: db, reader: db,
		fault: postgresFault, observe: config.Observe, close: db.Close,
	}
	store, err := newStore(dialect{
		name:         "postgres",
		goose:        goose.DialectPostgres,
		alone:        migrationLock{parsed}.hold,
		migrations:   "migrations/postgres",
		array:        "json_agg",
		set:          "array_agg",
		setArray:     "array_to_json(%s)",
		counts:       "SELECT decode(key, 'hex'), value::bigint, $2::timestamptz FROM json_each_text($1::json)",
		lockKeys:     "LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE",
		useProducts:  "LOCK TABLE products IN ROW SHARE MODE",
		lockProducts: "LOCK TABLE products IN EXCLUSIVE MODE",
		share:        " FOR SHARE OF users",
		shareAccount: " FOR KEY SHARE OF browser_accounts",
		skip:         " FOR UPDATE SKIP LOCKED",
		lockRanks:    "SELECT set_config('idle_in_transaction_session_timeout', '5s', TRUE), pg_advisory_xact_lock(7161746570)",
		patience:     "SELECT set_config('idle_in_transaction_session_timeout', '0', TRUE)",
		repeatable:   true,
		grown:        postgresGrown,
		hold:         " FOR NO KEY UPDATE",
		keep:         " FOR KEY SHARE",
		elements:     "jsonb_array_elements($%d::jsonb)",
		amongFew:     "= ANY (ARRAY(SELECT value ->> 0 FROM jsonb_array_elements($%d::jsonb)))",
		termUser:     "substr(%[1]s, strpos(%[1]s, chr(1)) + 1)",
		writesInWith: true,
	}, postgres.New(postgres.Config{Conn: pool}), pool, config)
	if err != nil {
		return nil, err
	}
	store.listen = listener{config: parsed, log: config.Log}.run
	return store, nil
}

// withoutJIT keeps PostgreSQL from compiling a statement whose cost it takes for
// great: of a page it reads no more than the page, and compiling takes far
// longer. A pooler may not know the setting as one to connect with.
func withoutJIT(ctx context.Context, db *pgx.Conn) error {
	_, err := db.Exec(ctx, "SET jit = off")
	return err
}

// migrationLock is what a node holds while it migrates.
type migrationLock struct{ config *pgx.ConnConfig }

// hold waits for the lock and calls f. The lock belongs to a connection of its
// own and goes with it, however the process ends.
func (l migrationLock) hold(ctx context.Context, f func() error) error {
	db, err := pgx.ConnectConfig(ctx, l.config.Copy())
	if err != nil {
		return err
	}
	defer hangUp(db)
	if _, err := db.Exec(ctx, "SELECT pg_advisory_lock(7161746569)"); err != nil {
		return err
	}
	return f()
}

// hangUp closes a connection, without much waiting for a server that is gone.
func hangUp(db *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = db.Close(ctx) // it is over either way
}
