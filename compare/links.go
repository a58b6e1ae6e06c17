package compare

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// spamTerms are what promotional infections advertise: words that are out of
// place on a ministry's, a court's or a bank's page (the semantic gap of Liao et
// al., "Seeking Nonsense, Looking for Trouble", IEEE S&P 2016). They are judged
// only where they are new, and next to a link.
var spamTerms = slices.Concat(sellersTerms, foldAll("slot online", "judi online", "judi bola", "situs judi",
	"togel", "poker online", "casino", "online casino", "kasino", "sportsbook", "1xbet", "bahis",
	"viagra", "cialis", "levitra", "tadalafil", "sildenafil", "online pharmacy", "tramadol", "xanax", "essay writing service", "write my essay", "buy essay", "cheap essay", "payday loan", "payday loans",
	"payday advance", "cash advance loans", "bad credit loans", "title loans", "car title loans", "personal loans", "loans near me", "guaranteed approval", "no credit check", "essay writers", "professional essay writers", "term paper writing", "buy term paper", "custom essays", "buy cheap pills", "generic viagra", "no prescription", "weight loss pills",
	"toto togel", "keluaran hk", "data sgp",
	"hacklink", "hacklink satin al", "c99 shell", "威尼斯人娱乐", "新葡京", "金沙娱乐", "体育投注", "obat kuat", "pinjaman online cepat", "satta matka", "satta king", "teen patti", "deneme bonusu veren", "kumarhane", "canli casino", "rulet oyna", "cassino online", "jogo do tigrinho", "tragaperras online", "casino sin licencia", "prestamos rapidos",
	"сиалис", "левитра", "дженерики", "без рецепта", "купить виагру", "микрозайм", "займ на карту", "слоты онлайн", "интим услуги", "диплом с занесением", "tai xiu", "tài xỉu", "keo nha cai", "kèo nhà cái", "đánh bài đổi thưởng", "オンカジ", "时时彩", "棋牌游戏", "真人娱乐", "彩票平台", "代开发票", "澳门赌场", "开元棋牌",
	"replica watches", "replica handbags", "replica rolex", "louis vuitton outlet", "cheap jerseys", "escort", "escorts", "porn", "xxx videos", "sex cam", "hentai", "crypto giveaway", "казино", "онлайн казино", "ставки на спорт",
	"виагра", "カジノ", "バカラ", "激安", "ブランドコピー", "kaçak iddaa", "bahis sitesi", "escort bayan", "купить диплом", "букмекерская контора", "игровые автоматы", "nhà cái", "cá cược", "casas de apuestas online", "casino en ligne", "apostas online",
	"สล็อต", "บาคาร่า", "เว็บพนัน", "แทงบอล", "كازينو اون لاين", "مراهنات", "آن لائن کیسینو", "شرط بندی", "オンラインカジノ", "スーパーコピー", "博彩", "赌场", "百家乐", "娱乐城", "六合彩", "바카라", "카지노", "토토사이트"))

// sellersTerms are those of them by which players look for a game that pays, and which
// those who warn of gambling leave to the sellers. Two of them are no news.
var sellersTerms = foldAll("slot gacor", "situs slot", "link slot", "daftar slot", "slot deposit", "slot dana", "slot pulsa", "slot qris", "slot demo", "slot terpercaya", "slot resmi", "slot thailand", "slot88", "slot777",
	"agen slot", "bandar slot", "rtp slot", "rtp live", "maxwin", "gacor", "situs toto", "toto slot", "toto macau", "agen judi", "scatter hitam", "mahjong ways", "gates of olympus", "starlight princess",
	"bonus new member", "anti rungkad", "prediksi togel", "bandar togel", "live draw", "deneme bonusu", "bonus veren siteler", "bahis siteleri", "casino siteleri", "canlı bahis", "kacak bahis", "slot oyna", "sbobet", "bandarq")

func foldAll(terms ...string) []string {
	out := make([]string, len(terms))
	for i, t := range terms {
		out[i] = " " + joinWords(foldWords(t)) + " "
		if hasHan(t) || strings.ContainsFunc(t, func(r rune) bool { return r >= 0x3040 && r <= 0x30ff || unicode.Is(unicode.Thai, r) }) {
			out[i] = strings.TrimSpace(out[i])
		}
	}
	return out
}

// How many different terms in new text make an infection of it. News write about
// one of them.
const (
	fewTerms  = 2
	manyTerms = 4
)

// spamIn lists the terms in a text, without those that are part of a longer one.
func spamIn(text string) []string {
	joined := " " + joinWords(foldWords(text)) + " "
	var out []string
	for _, t := range spamTerms {
		if strings.Contains(joined, t) {
			out = append(out, strings.TrimSpace(t))
		}
	}
	return slices.DeleteFunc(out, func(t string) bool {
		return slices.ContainsFunc(out, func(o string) bool { return len(o) > len(t) && strings.Contains(o, t) })
	})
}

// linkHits judges links to hosts that are new to the site.
func linkHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	var hidden, spam []Link
	for _, l := range c.look.View.Links {
		host := hostOf(l.URL)
		if !c.foreign(host) {
			continue
		}
		if len(spamIn(l.Text+" "+linkWords(l.URL))) > 0 {
			if l.Hidden != "" {
				return []hit{{rule: "injection.hidden_link", strength: decisive, evidence: excerpt(l.Text + " → " + host)}}
			}
			spam = append(spam, l)
		}
		if l.Hidden != "" && l.Hidden != "display-none" {
			hidden = append(hidden, l)
		}
	}
	var hits []hit
	if len(spam) > 0 {
		h := hit{rule: "injection.spam_link", strength: vote, evidence: excerpt(spam[0].Text + " → " + hostOf(spam[0].URL)), region: boxRegion(spam[0].Box)}
		if len(spam) >= 3 || slices.ContainsFunc(spam, isShop) {
			h.strength = decisive
		}
		hits = append(hits, h)
	}
	if len(hidden) >= 3 {
		hits = append(hits, hit{rule: "injection.hidden_links", strength: vote,
			evidence: fmt.Sprintf("%d links, such as %s", len(hidden), hostOf(hidden[0].URL))})
	}
	return hits
}

// shopHost are parts of the names of hosts that sell what no office links to.
var shopHost = regexp.MustCompile(`casino|kasino|kumar|slot|togel|judi|gacor|maxwin|poker|bahis|viagra|cialis|payday|escort|porn|1xbet|hacklink`)

// isShop reports a link of which the host sells what its text advertises, or has no
// name at all: whoever reports about such things links to those who watch over them.
func isShop(l Link) bool {
	host := hostOf(l.URL)
	_, err := netip.ParseAddr(host)
	return len(spamIn(l.Text)) > 0 && !isState(host) && (err == nil || shopHost.MatchString(host))
}

// linkWords are the words in the host and path of a URL.
func linkWords(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return strings.NewReplacer(".", " ", "-", " ", "_", " ", "/", " ").Replace(u.Hostname() + " " + u.Path)
}

// spamHits judges new text and the title, wherever their links lead: infected
// sites also host the advertised pages themselves.
func spamHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	var hits []hit
	title := c.look.View.Title
	if terms := spamIn(title); len(terms) > 0 && len(spamIn(strings.Join(c.base.Titles, " "))) == 0 {
		hits = append(hits, hit{rule: "injection.spam_title", strength: decisive, evidence: excerpt(title)})
	}
	terms := map[string]bool{}
	var where *block
	if len(spamIn(c.base.Newest.Meta.Description)) == 0 { // what search engines show
		for _, t := range spamIn(c.look.View.Meta.Description) {
			terms[t] = true
		}
	}
	for _, b := range c.newBlocks {
		if len(b.text) > maxFold {
			continue
		}
		for _, t := range spamIn(b.text) {
			terms[t] = true
			where = b
		}
	}
	if len(terms) >= fewTerms {
		h := hit{rule: "injection.spam_text", strength: vote, evidence: excerpt(strings.Join(sortedKeys(terms), ", ")), region: regionOf(where)}
		if len(terms) >= manyTerms || c.advertises() || sells(terms) {
			h.strength = decisive
		}
		hits = append(hits, h)
	}
	return hits
}

// sells reports at least two terms of sellers.
func sells(terms map[string]bool) bool {
	n := 0
	for t := range terms {
		if slices.ContainsFunc(sellersTerms, func(s string) bool { return strings.TrimSpace(s) == t }) {
			n++
		}
	}
	return n >= fewTerms
}

// advertises reports a link to a host new to the site that advertises: together with
// text that does, it is no news about it.
func (c *comparison) advertises() bool {
	return slices.ContainsFunc(c.look.View.Links, func(l Link) bool {
		return c.foreign(hostOf(l.URL)) && len(spamIn(l.Text+" "+linkWords(l.URL))) > 0
	})
}

func boxRegion(b Box) *Box {
	if b.W <= 0 || b.H <= 0 {
		return nil
	}
	return &b
}

// frameHits judges documents inside the page from hosts new to it.
func frameHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	var hits []hit
	for _, f := range c.look.View.Frames {
		host := hostOf(f.URL)
		if !c.foreign(host) || slices.Contains(c.base.Frames, siteOf(host)) {
			continue
		}
		h := hit{rule: "injection.frame", strength: note, evidence: host, region: boxRegion(f.Box)}
		if c.frameAsks(host) {
			h.strength, h.severity, h.evidence = vote, High, host+" asks for secrets"
			if nobodys(host) || c.fillsScreen(f.Box) {
				h.strength, h.severity = decisive, Critical // no bank and no office takes payments there, or in place of its page
			}
		}
		if unseen(f) {
			h.rule, h.strength, h.region = "injection.hidden_frame", decisive, nil
			if h.severity != "" {
				h.severity = Critical // what asks for secrets and is not seen lies over what is
			}
			if c.showsAds() {
				h.strength = note // advertisers match their visitors through such frames
			}
		}
		hits = append(hits, h)
	}
	return hits
}

// nobodys reports a host under which nobody answers for what he asks: an address, a
// corner that anybody can rent, a name that is made to be mistaken for another.
func nobodys(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil || isOpen(host) || imitates(host)
}

// fillsScreen reports a box that leaves little of the first screen.
func (c *comparison) fillsScreen(b Box) bool {
	return c.look.Picture != nil && !c.look.Picture.Bounds().Empty() && fills(b, screen(c.look.Picture), 60)
}

// unseen reports a frame that no visitor can see: 2 pixels are none.
func unseen(f Frame) bool { return f.Hidden != "" || f.Box.W <= 2 || f.Box.H <= 2 }

// showsAds reports a page that carried a large advertising network when approved.
func (c *comparison) showsAds() bool {
	return slices.Contains(c.base.Sites, "doubleclick.net") || slices.Contains(c.base.Sites, "googlesyndication.com")
}
