package receive

import (
	"graphited/carbon/conf"
	"graphited/carbon/listen"
	"graphited/carbon/wire"
)

// kind is a way on which points come over TCP.
type kind struct {
	receiver wire.Receiver
	address  func(o conf.Options) listen.Address
	decoder  func(o conf.Options) wire.Decoder
	packed   bool // LINE_RECEIVER_COMPRESSION is about it
}

// kinds returns all of them. CONTRIBUTING.md lists what else a new receiver needs.
func kinds() []kind {
	return []kind{
		{
			receiver: wire.ByLine, packed: true,
			address: func(o conf.Options) listen.Address { return o.LineAddr },
			decoder: func(conf.Options) wire.Decoder { return wire.NewLineDecoder() },
		},
		{
			receiver: wire.ByPickle,
			address:  func(o conf.Options) listen.Address { return o.PickleAddr },
			decoder:  func(o conf.Options) wire.Decoder { return wire.NewPickleDecoder(o.PickleMaxLength) },
		},
		{
			receiver: wire.ByProtobuf,
			address:  func(o conf.Options) listen.Address { return o.ProtobufAddr },
			decoder:  func(conf.Options) wire.Decoder { return wire.NewProtobufDecoder(wire.MaxProtobuf) },
		},
	}
}
