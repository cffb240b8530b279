// Package kannel gives tests a real Kannel: bearerbox and smsbox with the
// configuration that deploy/kannel ships, on free ports, over Kannel's own fake
// centre or bound by SMPP to the centre of .ci/smsc.
//
// It promises that what it started does not outlive the test binary, however
// that ends; that nothing of the configuration is changed but ports, folders,
// passwords and limits; and that [Kannel.Sent] is what the centre was given,
// long messages put together again, each as often as it came.
//
// It does not promise Kannel itself: the programs are looked up, not installed.
// Where one is absent, the tests that ask for it are left out, or fail if
// MAGPIE_TEST_KANNEL says so, see [Start].
//
// It does not promise either that Kannel hands a message on once: what bearerbox
// had submitted and not yet seen answered when it was killed goes out again.
//
// How fast it is: smsbox listens with a queue of ten, so that of more than ten
// workers that connect for each message some wait a second, as long as TCP takes
// to ask again; and bearerbox writes to smsbox in small pieces, which wait for
// TCP's delayed acknowledgements where nothing else is under way. On two cores
// ten workers reach about 1,000 messages a second over SMPP with receipts, and
// 400 over Fake, whose receipts come at the worst moment; 32 workers that keep
// their connections, two to three thousand over either.
package kannel
