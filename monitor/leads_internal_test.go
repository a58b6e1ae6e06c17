package monitor

import (
	"fmt"
	"slices"
	"testing"

	"pasban/render"
)

// Which links are followed: those of menus, to pages of the site that a visitor can look
// at without doing anything; and in which order.
func TestLeads(t *testing.T) {
	const home = "https://www.office.example/"
	inNav := func(links ...render.Link) *render.Page {
		p := &render.Page{FinalURL: home, Nodes: []render.Node{{Parent: -1, Name: "#document"}, {Parent: 0, Name: "div", Attrs: []render.Attr{{Name: "class", Value: "main-menu"}}}, {Parent: 0, Name: "p"}}}
		for _, l := range links {
			if l.Node == 0 {
				l.Node = 1
			}
			p.Nodes = append(p.Nodes, render.Node{Parent: l.Node, Name: "a"})
			l.Node = int32(len(p.Nodes) - 1)
			p.Links = append(p.Links, l)
		}
		return p
	}
	for address, followed := range map[string]bool{
		home + "about": true, "https://office.example/about": true, home + "index.php?option=com_contact&view=form&Itemid=7": true, home + "?page_id=12": true,
		home + "%D8%B1%D8%A7%D8%A8%D8%B7%DB%81": true, home + "voter-registration": true, home + "add-your-complaint.aspx": false,
		home: false, home + "#top": false, "https://www.office.example": false, "https://portal.office.example/login": false, "https://office.example:8443/": false,
		"https://elsewhere.example/contact": false, "javascript:send()": false, "mailto:a@office.example": false, "ftp://office.example/form": false,
		"https://admin:secret@www.office.example/": false, home + "Log-Out": false, home + "user/logout": false, home + "signoff.php": false,
		home + "items/7/delete": false, home + "about?action=edit": false, home + "about?t%61sk=x": false, home + "index.php?task=user.logout": false,
		home + "index.php?page=delet%65": false, home + "?token=1": false, home + "?p=1&p=%3Cscript%3E": false, home + "form.pdf": false, home + "downloads/a": false, home + "watched": false,
	} {
		got := leadsOf(inNav(render.Link{URL: address, Text: "A page"}), []Target{{URL: "https://office.example/watched/"}})
		if followed != (len(got) == 1) {
			t.Errorf("%s: followed are %q", address, got)
		}
	}
	if got := leadsOf(inNav(render.Link{URL: home + "a", Text: "لاگ آؤٹ"}, render.Link{URL: home + "b", Node: 2}), nil); len(got) != 0 {
		t.Errorf("by its name, or outside of a menu, followed are %q", got)
	}
	var many []render.Link
	for i := range 20 {
		many = append(many, render.Link{URL: fmt.Sprintf("%s%d", home, i), Text: "Page"})
	}
	many = append(many, render.Link{URL: home + "x#form", Text: "شکایات"}, render.Link{URL: home + "darkhwast"}, render.Link{URL: home + "x"})
	if got := leadsOf(inNav(many...), nil); len(got) != maxLeads || !slices.Equal(got[:3], []string{home + "x", home + "darkhwast", home + "0"}) {
		t.Errorf("of many followed are %q", got)
	}
}
