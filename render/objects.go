package render

import (
	"fmt"
	"regexp"
	"strings"
)

// blobAddress is the address of an object that a page has made itself. Chrome
// draws its last part by lot, out of reach of the page's frozen chance.
var blobAddress = regexp.MustCompile(`(blob:[^\s"'()<>]{0,300}/)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})`)

// maxObjects is how many addresses are told apart; those after them stay as
// they are.
const maxObjects = 1_000

// numberObjects numbers the addresses of a page's own objects in s in the order
// in which the tree names them, so that the same page has the same tree.
func (f *flattener) numberObjects(s string) string {
	if !strings.Contains(s, "blob:") {
		return s
	}
	return blobAddress.ReplaceAllStringFunc(s, func(address string) string {
		m := blobAddress.FindStringSubmatch(address)
		n, known := f.objects[m[2]]
		if !known && len(f.objects) == maxObjects {
			return address
		}
		if !known {
			n = len(f.objects) + 1
			f.objects[m[2]] = n
		}
		return fmt.Sprintf("%s%d", m[1], n)
	})
}
