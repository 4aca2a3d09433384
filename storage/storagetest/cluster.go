package storagetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"gatehouse/errors"
)

// keeper runs a PostgreSQL server for as long as its standard input is open,
// which is as long as the test process lives, however that ends. Then it stops
// the server at once and removes its files.
//
// $0 is the server, $1 the directory of the cluster, the rest its options.
const keeper = `
dir=$1
shift
"$0" -D "$dir/data" "$@" >"$dir/log" 2>&1 &
read -r _
kill -QUIT $!
wait $!
rm -rf "$dir"
`

// cluster is a throw-away PostgreSQL server on loopback.
type cluster struct {
	dsn    string
	dir    string
	keeper *exec.Cmd
	alive  io.Closer
}

// startCluster starts a server. Without durable it does not wait for the disk.
// It tries again, for another process may take the free port first.
func startCluster(durable bool) (*cluster, error) {
	bin, err := findPostgres()
	if err != nil {
		return nil, err
	}
	var failed error
	for range 3 {
		c, err := newCluster(bin)
		if err != nil {
			return nil, err
		}
		if err = c.start(filepath.Join(bin, "postgres"), durable); err == nil {
			return c, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// newCluster makes the files of a server.
func newCluster(bin string) (*cluster, error) {
	dir, attr, err := privateDir()
	if err != nil {
		return nil, err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata", filepath.Join(dir, "data"),
		"--username=gatehouse", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = dir, attr
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out)), os.RemoveAll(dir))
	}
	c := &cluster{dir: dir, keeper: exec.Command("/bin/sh", "-c", keeper)}
	c.keeper.Dir, c.keeper.SysProcAttr = dir, attr
	return c, nil
}

// start starts the server and waits until it answers.
func (c *cluster) start(postgres string, durable bool) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	c.dsn = fmt.Sprintf("postgres://gatehouse@127.0.0.1:%d/postgres?sslmode=disable", port)
	c.keeper.Args = append(c.keeper.Args, postgres, c.dir,
		"-c", "listen_addresses=127.0.0.1", "-c", "port="+strconv.Itoa(port), "-c", "unix_socket_directories=",
		"-c", "max_connections=400", "-c", "shared_buffers=64MB", "-c", "autovacuum=off")
	if !durable {
		c.keeper.Args = append(c.keeper.Args,
			"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
	}
	if c.alive, err = c.keeper.StdinPipe(); err != nil {
		return err
	}
	if err := c.keeper.Start(); err != nil {
		return err
	}
	if err := c.await(); err != nil {
		return errors.Join(err, c.stop())
	}
	return nil
}

// await returns when the server answers, or has said why it cannot.
func (c *cluster) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		db, err := pgx.Connect(ctx, c.dsn)
		if err == nil {
			return db.Close(ctx)
		}
		log, _ := os.ReadFile(filepath.Join(c.dir, "log")) // not there yet at first
		if ctx.Err() != nil || bytes.Contains(log, []byte("FATAL:  could not create")) {
			return fmt.Errorf("start postgres: %w: %s", err, bytes.TrimSpace(log))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// stop stops the server at once and removes its files.
func (c *cluster) stop() error {
	return errors.Join(c.alive.Close(), c.keeper.Wait())
}

var errNotInstalled = errors.New("PostgreSQL is not installed: there is no initdb in PATH or /usr/lib/postgresql/*/bin")

// findPostgres returns the directory of the server's programs.
func findPostgres() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errNotInstalled
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// privateDir makes a directory for the user that the server runs as: this one
// or, for PostgreSQL refuses to be run by root, one that may do less.
func privateDir() (string, *syscall.SysProcAttr, error) {
	dir, err := os.MkdirTemp("", "gatehouse-postgres-")
	if err != nil {
		return "", nil, err
	}
	attr := &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is for the test alone
	if os.Getuid() != 0 {
		return dir, attr, nil
	}
	uid, gid, err := unprivileged()
	if err == nil {
		err = os.Chown(dir, uid, gid)
	}
	if err != nil {
		return "", nil, errors.Join(err, os.Remove(dir))
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return dir, attr, nil
}

func unprivileged() (uid, gid int, err error) {
	who, err := user.Lookup("postgres")
	if err != nil {
		who, err = user.Lookup("nobody")
	}
	if err != nil {
		return 0, 0, err
	}
	uid, err = strconv.Atoi(who.Uid)
	if err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(who.Gid)
	return uid, gid, err
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
