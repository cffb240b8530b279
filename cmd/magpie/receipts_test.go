package main

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

// batches keeps every batch that was written.
type batches struct {
	mu   sync.Mutex
	all  map[string][]int
	wait chan struct{}
	err  error
}

func (b *batches) TakeReceipts(ctx context.Context, gateway string, receipts []store.DeliveryReceipt) error {
	if b.wait != nil {
		select {
		case <-b.wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all[gateway] = append(b.all[gateway], len(receipts))
	return b.err
}

func one(id int64) []store.DeliveryReceipt {
	return []store.DeliveryReceipt{{MessageID: id, Receipt: messages.ReceiptDelivered}}
}

func TestReceiptsThatComeTogetherAreWrittenTogetherByGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		into := &batches{all: make(map[string][]int)}
		w := newReceiptWriter(into)
		var calls sync.WaitGroup
		const n = receiptBatch + receiptBatch/2
		for i := range n {
			for _, gateway := range []string{"kannel", "aliyun"} {
				calls.Go(func() {
					if err := w.write(t.Context(), gateway, one(int64(i+1))); err != nil {
						t.Error(err)
					}
				})
			}
		}
		calls.Wait()
		for _, gateway := range []string{"kannel", "aliyun"} {
			if got := into.all[gateway]; len(got) != 2 || got[0]+got[1] != n || max(got[0], got[1]) != receiptBatch {
				t.Errorf("%s: batches of %v, want %d and the rest", gateway, got, receiptBatch)
			}
		}
		if len(w.open) != 0 {
			t.Errorf("%d batches are still open", len(w.open))
		}
	})
}

func TestACallIsAnsweredWhenItsReceiptsAreWrittenAndNotBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		into := &batches{all: make(map[string][]int), wait: make(chan struct{})}
		w := newReceiptWriter(into)
		answered := make(chan error, 1)
		go func() { answered <- w.write(t.Context(), "kannel", one(1)) }()
		synctest.Wait()
		select {
		case err := <-answered:
			t.Fatalf("answered before it was written: %v", err)
		default:
		}
		close(into.wait)
		if err := <-answered; err != nil {
			t.Error(err)
		}
	})
}

func TestWhoeverLeavesDoesNotTakeTheBatchAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		into := &batches{all: make(map[string][]int), wait: make(chan struct{})}
		w := newReceiptWriter(into)
		leaving, leave := context.WithCancel(t.Context())
		left, stayed := make(chan error, 1), make(chan error, 1)
		go func() { left <- w.write(leaving, "kannel", one(1)) }()
		synctest.Wait()
		go func() { stayed <- w.write(t.Context(), "kannel", one(2)) }()
		synctest.Wait()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("whoever left: %v", err)
		}
		close(into.wait)
		if err := <-stayed; err != nil {
			t.Errorf("whoever stayed: %v", err)
		}
		if got := into.all["kannel"]; len(got) != 1 || got[0] != 2 {
			t.Errorf("written: %v, want both together", got)
		}
	})
}

func TestABatchThatCannotBeWrittenFailsEveryCallInIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("the database is away")
		w := newReceiptWriter(&batches{all: make(map[string][]int), err: broken})
		failures := make(chan error, 3)
		for i := range 3 {
			go func() { failures <- w.write(t.Context(), "kannel", one(int64(i+1))) }()
		}
		for range 3 {
			if err := <-failures; !errors.Is(err, broken) {
				t.Errorf("a call was answered %v", err)
			}
		}
	})
}
