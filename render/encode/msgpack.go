package encode

import (
	"strings"

	"github.com/tinylib/msgp/msgp"

	"graphited/render"
)

// AppendMsgpack appends as MessagePack what AppendPickle appends as a pickle. Nulls are nil.
func AppendMsgpack(dst []byte, series []*render.Series) []byte {
	dst = msgp.AppendArrayHeader(dst, uint32(len(series)))
	for _, s := range series {
		dst = msgp.AppendMapHeader(dst, 9)
		dst = appendPackedText(dst, "name", s.Name)
		dst = AppendPackedInt(msgp.AppendString(dst, "start"), s.From)
		dst = AppendPackedInt(msgp.AppendString(dst, "end"), s.Until)
		dst = AppendPackedInt(msgp.AppendString(dst, "step"), s.Step)
		dst = msgp.AppendString(dst, "values")
		dst = msgp.AppendArrayHeader(dst, uint32(len(s.Values)))
		for _, v := range s.Values {
			switch i, ok := wholeOf(v, s.Int); {
			case v != v:
				dst = msgp.AppendNil(dst)
			case ok:
				dst = AppendPackedInt(dst, i)
			default:
				dst = msgp.AppendFloat64(dst, v)
			}
		}
		dst = appendPackedText(dst, "pathExpression", s.Path)
		dst = AppendPackedInt(msgp.AppendString(dst, "valuesPerPoint"), 1)
		dst = appendPackedText(dst, "consolidationFunc", consolidationName(s))
		dst = msgp.AppendFloat64(msgp.AppendString(dst, "xFilesFactor"), s.XFilesFactor)
	}
	return dst
}

// AppendPackedInt appends i in MessagePack's shortest form, unsigned if it is not negative, like
// u-msgpack-python.
func AppendPackedInt(dst []byte, i int64) []byte {
	if i >= 0 {
		return msgp.AppendUint64(dst, uint64(i))
	}
	return msgp.AppendInt64(dst, i)
}

func appendPackedText(dst []byte, key, s string) []byte {
	return msgp.AppendString(msgp.AppendString(dst, key), strings.ToValidUTF8(s, "\uFFFD"))
}
