//go:build unix

package sms

import (
	"net"
	"syscall"
)

// ended says whether the other end has closed a connection that has been lying
// idle, or has sent what nobody asked for: a look at what has arrived, without
// taking it.
func ended(conn net.Conn) bool {
	if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secure.NetConn()
	}
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return true
	}
	over := false
	err = raw.Control(func(fd uintptr) {
		var first [1]byte
		n, _, err := syscall.Recvfrom(int(fd), first[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		quiet := n < 0 && (err == syscall.EAGAIN || err == syscall.EINTR)
		over = !quiet
	})
	return over || err != nil
}
