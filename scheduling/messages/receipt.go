package messages

// Receipt is what is known of whether a message arrived.
type Receipt string

// The states of a receipt.
const (
	ReceiptAwaited   Receipt = ""          // nothing was heard yet
	ReceiptNone      Receipt = "none"      // nothing was heard within a day
	ReceiptFailed    Receipt = "failed"    // the carrier could not deliver it
	ReceiptDelivered Receipt = "delivered" // it arrived
)

// Final says whether nothing that comes later changes the receipt.
func (r Receipt) Final() bool { return r == ReceiptFailed || r == ReceiptDelivered }

// After says whether r may take the place of old, so that pushes that come
// late, twice or in another order never move a receipt backwards. A final one
// stays; none may still be followed by a final one.
func (r Receipt) After(old Receipt) bool {
	switch old {
	case ReceiptAwaited:
		return r == ReceiptNone || r.Final()
	case ReceiptNone:
		return r.Final()
	}
	return false
}
