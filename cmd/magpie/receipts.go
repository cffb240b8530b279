// Receipts come one by one and are written together.

package main

import (
	"context"
	"sync"
	"time"

	"magpie/scheduling/store"
)

const (
	// receiptBatch and receiptDelay: receipts are written as soon as there are so
	// many of a gateway, or the first has waited so long. Kannel, as we ship it,
	// has so many calls under way at the most; and a carrier that is quicker than
	// the writing of what it was handed, which takes less than that, would have
	// its receipts kept as early ones and written twice.
	receiptBatch = 64
	receiptDelay = 100 * time.Millisecond
	// receiptWriting bounds the writing of one batch.
	receiptWriting = 10 * time.Second
)

// receiptStore is the store's part.
type receiptStore interface {
	TakeReceipts(ctx context.Context, gateway string, receipts []store.DeliveryReceipt) error
}

// receiptWriter gathers the receipts of calls that come together into one
// transaction; each call is answered when its own are written.
type receiptWriter struct {
	store receiptStore

	mu   sync.Mutex
	open map[string]*batch // by gateway
}

// batch is what will be written together.
type batch struct {
	receipts []store.DeliveryReceipt
	full     chan struct{}
	written  chan struct{}
	err      error
}

func newReceiptWriter(st receiptStore) *receiptWriter {
	return &receiptWriter{store: st, open: make(map[string]*batch)}
}

// write returns when the receipts are written, or with why they are not. Once
// they are in a batch they are written whether ctx ends or not.
func (w *receiptWriter) write(ctx context.Context, gateway string, receipts []store.DeliveryReceipt) error {
	if len(receipts) == 0 {
		return nil
	}
	b := w.join(ctx, gateway, receipts)
	select {
	case <-b.written:
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *receiptWriter) join(ctx context.Context, gateway string, receipts []store.DeliveryReceipt) *batch {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.open[gateway]
	if b == nil {
		b = &batch{full: make(chan struct{}), written: make(chan struct{})}
		w.open[gateway] = b
		go w.finish(context.WithoutCancel(ctx), gateway, b)
	}
	b.receipts = append(b.receipts, receipts...)
	if len(b.receipts) >= receiptBatch {
		w.close(gateway, b)
	}
	return b
}

// close lets no more into a batch. The lock is the caller's.
func (w *receiptWriter) close(gateway string, b *batch) {
	if w.open[gateway] == b {
		delete(w.open, gateway)
		close(b.full)
	}
}

func (w *receiptWriter) finish(ctx context.Context, gateway string, b *batch) {
	timer := time.NewTimer(receiptDelay)
	defer timer.Stop()
	select {
	case <-b.full:
	case <-timer.C:
		w.mu.Lock()
		w.close(gateway, b)
		w.mu.Unlock()
	}
	ctx, cancel := context.WithTimeout(ctx, receiptWriting)
	defer cancel()
	b.err = w.store.TakeReceipts(ctx, gateway, b.receipts)
	close(b.written)
}
