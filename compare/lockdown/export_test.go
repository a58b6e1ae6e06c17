package lockdown

// Ends is the table of ends of support.
func Ends() []End { return ends }

// Opened is the sentence about the open door.
func (c Control) Opened() string { return c.open }
